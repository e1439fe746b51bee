import assert from 'node:assert/strict';
import { test } from 'node:test';

import { control, onPage } from './bench';

test('all policies stand side by side, in a table and a picture', onPage('#view=policies&source=bursty&hours=0.3', async (page) => {
  await page.waitForFunction(() => document.documentElement.dataset['contest'] === '8');
  const rows = await page.locator('#contest tr').evaluateAll((all) => all.map((row) => row.getAttribute('data-policy')));
  assert.deepEqual(rows, ['adaptive', 'classic', 'fixed', 'fixed_peak', 'hpa', 'kpa', 'celery', 'clairvoyant']);
  assert.equal(await page.locator('#scatter .point').count(), 8);
  assert.ok((await page.locator('#contest .best').count()) >= 2);
  assert.match(await page.locator('[data-policy="clairvoyant"]').innerText(), /1×/);
  assert.equal(await page.locator('#contest-failed').innerText(), '');
}));

test('a policy that cannot run says why, and the others are there', onPage('#view=policies&source=steady&hours=0.1&crashes=1', async (page) => {
  await page.waitForFunction(() => document.documentElement.dataset['contest'] !== undefined);
  assert.match(await page.locator('#contest-failed').innerText(), /Clairvoyant: policy: `clairvoyant` can't foresee/);
  assert.ok((await page.locator('#contest tr').count()) >= 5);
}));

test('another pool size runs all of them again', onPage('#view=policies&source=steady&hours=0.1', async (page) => {
  await page.waitForFunction(() => document.documentElement.dataset['contest'] === '8');
  const before = await page.locator('[data-policy="classic"]').innerText();
  await page.evaluate(() => delete document.documentElement.dataset['contest']);
  await control(page, 'pools.*.max_workers', 0).locator('input[type=number]').fill('2');
  await page.waitForFunction(() => document.documentElement.dataset['contest'] === '8');
  assert.notEqual(await page.locator('[data-policy="classic"]').innerText(), before);
}));
