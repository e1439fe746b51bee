import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Page } from 'playwright-core';

import { onPage } from './bench';

const SECONDS = (page: Page) =>
  page.evaluate(() => {
    const [hours = 0, minutes = 0, seconds = 0] = (document.querySelector('#live-clock')?.textContent ?? '').split(':').map(Number);
    return hours * 3600 + minutes * 60 + seconds;
  });

async function speed(page: Page, times: number): Promise<void> {
  const place = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].indexOf(times);
  await page.locator('#live-speed').fill(String(place));
}

const until = async (page: Page, seconds: number) => {
  for (const start = Date.now(); (await SECONDS(page)) < seconds; ) {
    assert.ok(Date.now() - start < 30_000, 'the clock stands');
    await page.waitForTimeout(50);
  }
};

test('the engine plays: clock, gauges, charts and effects with reasons', onPage('#view=live', async (page) => {
  await speed(page, 50);
  await until(page, 60);
  assert.equal(await page.locator('#live-pools > li').count(), 3);
  assert.match(await page.locator('#live-pools li').first().innerText(), /payment[^]*%[^]*Workers/);
  assert.equal(await page.locator('#live .plot[data-drawn="true"]').count(), 4);
  assert.match(await page.locator('#live-log li').first().innerText(), /\d:\d\d:\d\d\s+.*worker[^]*\w/);
  assert.match(await page.locator('#live-load').innerText(), /^\d+ of 1,200$/);
}));

test('a flash crowd: a surge comes, with its reason', onPage('#view=live', async (page) => {
  await speed(page, 100);
  await until(page, 100);
  await page.click('#live-crowd');
  assert.match(await page.locator('#spoken').innerText(), /Flash crowd: delivery gets 20 times/);
  await page.waitForFunction(() => document.querySelector('#live-log [data-kind="SurgeStarted"]'), undefined, { timeout: 30_000 });
  const surge = await page.locator('#live-log [data-kind="SurgeStarted"]').first().innerText();
  assert.match(surge, /Surge in \w+, \d+ workers added[^]*load jumped above the burst threshold/);
  assert.equal(await page.locator('#live-log [data-kind="Crowd"]').count(), 1);
}));

test('pause, speed, restart, traffic and the configuration', onPage('#view=live', async (page) => {
  await speed(page, 1000);
  assert.equal(await page.locator('#live-speed-shown').innerText(), '1,000×');
  await until(page, 300);
  await page.click('#live-play');
  assert.equal(await page.locator('#live-play').innerText(), 'Play');
  const stood = await SECONDS(page);
  await page.waitForTimeout(150);
  assert.equal(await SECONDS(page), stood);
  await page.click('#live-restart');
  assert.equal(await SECONDS(page), 0);
  await page.locator('#live-pace').fill('3');
  assert.equal(await page.locator('#live-pace-shown').innerText(), '300\u00a0%');
  await page.locator('#live-side').selectOption('a');
  await page.click('#live-play');
  await until(page, 100);
}));

test('a configuration that is refused says why', onPage('#view=live&b.scaler.up_threshold=0.1&b.scaler.down_threshold=0.9', async (page) => {
  assert.match(await page.locator('#live-error').innerText(), /scaler\.down_threshold/);
  await page.locator('#live-side').selectOption('a');
  assert.equal(await page.locator('#live-error').isVisible(), false);
}));
