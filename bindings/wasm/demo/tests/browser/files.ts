import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import type { Page } from 'playwright-core';

import { control, CSV, figures, link, onPage, ready, settle, trace } from './bench';

const choose = (page: Page, name: string, text: string | Buffer) =>
  page.setInputFiles('#file', { name, mimeType: 'application/octet-stream', buffer: Buffer.from(text) });

/** Drops a file on the page as a person does. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  const data = await page.evaluateHandle(
    ([file, content]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], file));
      return transfer;
    },
    [name, text] as const,
  );
  await page.dispatchEvent('body', 'dragenter', { dataTransfer: data });
  assert.equal(await page.locator('#dropzone').isVisible(), true);
  await page.dispatchEvent('body', 'dragover', { dataTransfer: data });
  await page.dispatchEvent('body', 'drop', { dataTransfer: data });
  assert.equal(await page.locator('#dropzone').isVisible(), false);
}

test('a trace that is dropped is simulated, with pools of its own', onPage('#source=steady&hours=0.1', async (page) => {
  await ready(page);
  await settle(page, () => drop(page, 'mine.csv', trace(600)));
  assert.match(await page.locator('#file-state').innerText(), /^mine\.csv \(.*\skB\): 600 requests$/);
  assert.match(await page.locator('#verdict').innerText(), /of 600 requests/);
  assert.deepEqual(await page.locator('#pools label').allInnerTexts(), ['web', 'batch']);
  assert.match(await link(page), /source=file&hours=0\.1&file=mine\.csv&bytes=\d+/);
  await settle(page, () => control(page, 'pools').locator('select').selectOption('shared'));
  assert.deepEqual(await page.locator('#pools label').allInnerTexts(), ['shared']);
}));

test('gzip is unpacked, and gives the same figures', onPage('#source=steady&hours=0.1', async (page) => {
  await ready(page);
  const text = trace(900, 20_000);
  await settle(page, () => choose(page, 'plain.csv', text));
  const plain = await figures(page, 'worker_hours');
  await settle(page, () => choose(page, 'packed.csv.gz', gzipSync(text)));
  assert.deepEqual(await figures(page, 'worker_hours'), plain);
  assert.match(await page.locator('#file-state').innerText(), /^packed\.csv\.gz .*: 900 requests$/);
}));

test('JSON lines and access logs are read as well', onPage('#source=steady&hours=0.1', async (page) => {
  await ready(page);
  await settle(page, () => choose(page, 'a.jsonl', '{"arrival_us": 0, "domain": "a", "service_us": 5}\n{"arrival_us": 9, "domain": "b"}\n'));
  assert.match(await page.locator('#file-state').innerText(), /2 requests, 1 without a service time$/);
  const line = (second: string) => `10.0.0.1 - - [10/Oct/2025:13:55:${second} +0000] "GET /shop/x HTTP/1.1" 200 512\n`;
  await settle(page, () => choose(page, 'access.log', line('36') + line('37') + line('39')));
  assert.match(await page.locator('#file-state').innerText(), /3 requests/);
}));

/** A journal of 40 requests. */
async function journal(): Promise<Buffer> {
  // The package as Node has it, from where it is built.
  const place = new URL('../../pkg/node.js', import.meta.url).href;
  const { Engine } = (await import(/* @vite-ignore */ place)) as typeof import('heijunka');
  const engine = new Engine({ pools: { web: { initial_workers: 2 } } });
  engine.startJournal();
  for (let request = 1; request <= 40; request += 1) {
    const { ticket } = engine.dispatch(request * 100_000, 'web', `client ${request}`);
    if (ticket !== null) engine.complete(request * 100_000 + 50_000, ticket);
  }
  const written = Buffer.from(engine.drainJournal());
  engine.free();
  return written;
}

test('a journal is read as the requests that it tells of', onPage('#source=steady&hours=0.1', async (page) => {
  await ready(page);
  const written = await journal();
  await settle(page, () => choose(page, 'engine.journal', written));
  assert.match(await page.locator('#file-state').innerText(), /^engine\.journal .*: 40 requests$/);
  assert.deepEqual(await page.locator('#pools label').allInnerTexts(), ['web']);
  const plain = await figures(page, 'worker_hours');
  await settle(page, () => choose(page, 'engine.journal.gz', gzipSync(written)));
  assert.match(await page.locator('#file-state').innerText(), /^engine\.journal\.gz .*: 40 requests$/);
  assert.deepEqual(await figures(page, 'worker_hours'), plain);
  const damaged = Buffer.from(written);
  damaged[damaged.length - 60] = (damaged.at(-60) ?? 0) ^ 1;
  await settle(page, () => choose(page, 'damaged.journal', damaged));
  assert.match(await page.locator('#errors').innerText(), /damaged\.journal can’t be read as a trace[^]*at byte/);
}));

test('what is wrong with a file is shown with line and field', onPage('#source=steady&hours=0.1', async (page) => {
  await ready(page);
  await settle(page, () => choose(page, 'bad.csv', CSV + '0,web,100,k\nsoon,web,100,k\n'));
  const told = await page.locator('#errors').innerText();
  assert.match(told, /bad\.csv can’t be read as a trace/);
  assert.match(told, /line 3: `arrival_us`/);
  assert.equal(await page.locator('#errors .error').count(), 1);
  await settle(page, () => control(page, 'skip_bad').locator('input').check());
  assert.equal(await page.locator('#errors').innerText(), '');
  assert.match(await page.locator('#file-state').innerText(), /1 requests?, 1 lines? skipped \(the first: line 3: /);
}));

for (const [what, name, content, told] of [
  ['an empty file', 'empty.csv', '', /empty/],
  ['a file that is no trace', 'picture.png', '\x89PNG\r\n\x1a\n\0\0\0', /picture\.png can’t be read as a trace/],
  ['damaged gzip', 'broken.csv.gz', gzipSync(trace(5000)).subarray(0, 900), /broken\.csv\.gz can’t be read[^]*damaged or ends too early/],
] as const) {
  test(`${what} is refused in words`, onPage('#source=steady&hours=0.1', async (page) => {
    await ready(page);
    await settle(page, () => choose(page, name, content as string | Buffer));
    assert.match(await page.locator('#errors').innerText(), told);
    await settle(page, () => choose(page, 'good.csv', trace(10)));
    assert.equal(await page.locator('#errors').innerText(), '');
  }));
}

test('a link with a file says which one is needed, and takes it', onPage(`#source=file&file=mine.csv&bytes=${String(trace(50).length)}&a.pools.*.max_workers=3`, async (page) => {
  await page.waitForFunction(() => document.querySelector('#notice')?.textContent);
  assert.match(await page.locator('#notice').innerText(), /the file mine\.csv \(.*\skB\)\. Choose it, or drop it/);
  await settle(page, () => choose(page, 'mine.csv', trace(50)));
  assert.equal(await page.locator('#notice').innerText(), '');
  assert.match(await page.locator('#verdict').innerText(), /50 requests/);
  await settle(page, () => choose(page, 'other.csv', trace(60)));
  assert.match(await page.locator('#notice').innerText(), /The link was about mine\.csv .*; this is another file/);
}));
