// A browser, the built page on loopback, and what tests do with it.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before } from 'node:test';

import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { preview, type PreviewServer } from 'vite';

let browser: Browser | undefined;
let server: PreviewServer | undefined;
let base = '';

before(async () => {
  const names = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
  const path = process.env['HEIJUNKA_BROWSER'] ?? names.find((name) => existsSync(name));
  assert.ok(path, 'no browser: install chromium-headless-shell, or name one in HEIJUNKA_BROWSER');
  server = await preview({ preview: { port: 0, host: '127.0.0.1' }, logLevel: 'warn' });
  base = server.resolvedUrls?.local[0] ?? '';
  browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/** Runs a test on a fresh page at a link; at its end nothing may have gone wrong in the console. */
export function onPage(hash: string, test: (page: Page) => Promise<void>, options: BrowserContextOptions = {}) {
  return async () => {
    assert.ok(browser);
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const wrong: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) wrong.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith(base) && !request.url().startsWith('blob:') && !request.url().startsWith('data:')) {
        wrong.push('asked for ' + request.url());
      }
    });
    try {
      await page.goto(base + hash);
      await test(page);
      assert.deepEqual(wrong, []);
    } finally {
      await context.close();
    }
  };
}

/** How often the page has shown what was asked for. */
async function settledTimes(page: Page): Promise<number> {
  return Number(await page.evaluate(() => document.documentElement.dataset['settled'] ?? 0));
}

/** Does something, and waits until the page shows what comes of it. */
export async function settle(page: Page, act: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
  const asked = await settledTimes(page);
  await act();
  await page.waitForFunction((times) => Number(document.documentElement.dataset['settled'] ?? 0) > times, asked);
}

/** Waits until the page shows anything. */
export async function ready(page: Page): Promise<void> {
  await page.waitForFunction(() => Number(document.documentElement.dataset['settled'] ?? 0) > 0);
}

/** The exact figures of a row of the summary: of A, and of B. */
export async function figures(page: Page, key: string): Promise<(number | null)[]> {
  const cells = page.locator(`#summary tr[data-figure="${key}"] td[data-value]`);
  const texts = await cells.evaluateAll((all) => all.map((cell) => cell.getAttribute('data-value')));
  return texts.map((text) => (text === null ? null : Number(text)));
}

/** The control of a field: of the traffic, or of A (0) or B (1). */
export function control(page: Page, key: string, side?: 0 | 1) {
  const box = side === undefined ? '#traffic' : `#sides .side-${String(side)}`;
  return page.locator(`${box} [data-key="${key}"]`);
}

/** Opens the part of the settings that a control is in. */
export async function unfold(page: Page): Promise<void> {
  await page.locator('#setup details').evaluateAll((all) => all.forEach((one) => one.setAttribute('open', '')));
}

/** The part of the address behind `#`. */
export async function link(page: Page): Promise<string> {
  return page.evaluate(() => location.hash);
}

export const CSV = 'arrival_us,domain,service_us,key\n';

/** Rows of a trace: `count` requests, one every `gap_us`. */
export function trace(count: number, gap_us = 100_000): string {
  const row = (_: unknown, i: number) => `${String(i * gap_us)},${i % 3 ? 'web' : 'batch'},250000,k${String(i % 7)}\n`;
  return CSV + Array.from({ length: count }, row).join('');
}
