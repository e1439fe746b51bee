// How fast the page is: prints how long a slider's move and a day of 17 million requests take until they are shown.

import { test } from 'node:test';

import { control, onPage, ready, settle, unfold } from './bench';

test('measured', onPage('#source=steady', async (page) => {
  await ready(page);
  await unfold(page);
  const took = () => page.evaluate(() => Number(document.documentElement.dataset['took']));
  const slider = control(page, 'pools.*.max_workers', 1).locator('input[type=range]');
  const moves: number[] = [];
  for (let workers = 10; workers < 30; workers += 2) {
    await settle(page, () => slider.fill(String(workers)));
    moves.push(await took());
  }
  console.log(`a slider on a one-hour profile, one side: ${moves.join(', ')} ms`);
  await settle(page, () => control(page, 'seed').locator('input[type=range]').fill('7'));
  console.log(`both sides: ${String(await took())} ms`);
  page.setDefaultTimeout(120_000);
  await settle(page, () => control(page, 'source').locator('select').selectOption('day'));
  const told = await page.locator('#verdict').innerText();
  console.log(`a day at 200 requests a second, both sides: ${String((await took()) / 1000)} s (${told})`);
}));
