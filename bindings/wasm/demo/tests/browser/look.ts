import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import type { BrowserContextOptions, Page } from 'playwright-core';

import { onPage, ready, settle, unfold } from './bench';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What an accessibility checker finds, in a line each. */
async function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    interface Found {
      id: string;
      nodes: { target: string[]; failureSummary?: string }[];
    }
    const { axe: checker } = window as unknown as { axe: { run: (options: object) => Promise<{ violations: Found[] }> } };
    const { violations: found } = await checker.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return found.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary ?? ''}`));
  });
}

const LOOKS: readonly [name: string, options: BrowserContextOptions][] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['on a phone', { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }],
  ['on a phone, dark', { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, colorScheme: 'dark' }],
];

for (const [name, options] of LOOKS) {
  for (const view of ['compare', 'policies', 'live']) {
    // The checker is a script of the test: the page's policy is put aside for it.
    const context = { ...options, bypassCSP: true, reducedMotion: 'reduce' } satisfies BrowserContextOptions;
    test(`${view} ${name}: accessible, nothing wider than the window`, onPage(`#source=spike&hours=0.2&view=${view}`, async (page) => {
      if (view === 'compare') await ready(page);
      else if (view === 'policies') await page.waitForFunction(() => document.documentElement.dataset['contest'] === '8');
      else await page.waitForSelector('#live .plot[data-drawn="true"]');
      await unfold(page);
      if (view === 'live') await page.click('#live-play');
      await page.evaluate(axe);
      assert.deepEqual(await violations(page), []);
      const { scroll, width } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, width: innerWidth }));
      assert.ok(scroll <= width, `${String(scroll)} > ${String(width)}`);
    }, context));
  }
}

test('the theme follows the system until it is chosen, and the choice is kept', onPage('#source=steady&hours=0.1', async (page) => {
  await ready(page);
  const becomes = (theme: string) =>
    page.waitForFunction((name) => document.documentElement.dataset['theme'] === name, theme, { timeout: 5000 });
  await becomes('dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await becomes('light');
  await page.click('#theme');
  await becomes('dark');
  await page.reload();
  await ready(page);
  await becomes('dark');
}, { colorScheme: 'dark' }));

test('errors and a refused file are accessible too', onPage('#source=steady&hours=0.1&a.scaler.up_threshold=0.1&b.json=%7B', async (page) => {
  await ready(page);
  await settle(page, () => page.setInputFiles('#file', { name: 'x.csv', mimeType: 'text/csv', buffer: Buffer.from('x') }));
  await page.evaluate(axe);
  assert.deepEqual(await violations(page), []);
}, { bypassCSP: true }));
