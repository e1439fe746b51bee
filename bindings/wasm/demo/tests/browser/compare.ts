import assert from 'node:assert/strict';
import { test } from 'node:test';

import { control, figures, link, onPage, ready, settle } from './bench';

test('the page opens with two configurations, their figures and all charts', onPage('', async (page) => {
  await ready(page);
  const [a, b] = await figures(page, 'refused_or_late');
  assert.ok(a !== null && b !== null && a !== undefined && b !== undefined && a !== b);
  assert.match(await page.locator('#verdict').innerText(), /^B refuses or delays .* of .* requests, A .*worker-hours\.$/);
  const charts = await page.locator('#compare .plot').evaluateAll((all) => all.map((plot) => plot.id + ' ' + String(plot.dataset['drawn'])));
  const names = ['utilization', 'flow', 'workers', 'waiting', 'timeline', 'refused', 'limit', 'cost'];
  assert.deepEqual(charts, names.map((name) => `chart-${name} true`));
  // The preset `adaptive` has a limit that adapts; without it there is nothing to draw.
  assert.equal(await page.locator('#figure-limit').isVisible(), true);
  assert.equal(await page.locator('#pools input').count(), 3);
  assert.match(await page.locator('#marks tr').first().innerText(), /worker/);
}));

test('a slider runs its side again, and the other stays', onPage('#source=steady', async (page) => {
  await ready(page);
  const [a, b] = await figures(page, 'completed');
  const slider = control(page, 'pools.*.max_workers', 1).locator('input[type=range]');
  await settle(page, async () => {
    await slider.focus();
    await slider.fill('3');
  });
  const [sameA, lessB] = await figures(page, 'completed');
  assert.equal(sameA, a);
  assert.ok((lessB ?? 0) < (b ?? 0));
  assert.equal(await link(page), '#source=steady&b.pools.*.max_workers=3');
  assert.equal(await control(page, 'pools.*.max_workers', 1).locator('input[type=number]').inputValue(), '3');
  await settle(page, () => control(page, 'pools.*.max_workers', 1).locator('.reset').click());
  assert.deepEqual(await figures(page, 'completed'), [a, b]);
}));

test('better and worse are said in words', onPage('#source=steady&b.pools.*.max_workers=2&b.preset=classic', async (page) => {
  await ready(page);
  assert.match(await page.locator('tr[data-figure="refused"] .difference').innerText(), /✗ worse/);
  assert.match(await page.locator('tr[data-figure="worker_hours"] .difference').innerText(), /✓ better/);
}));

test('without an adaptive limit there is no chart of it', onPage('#source=steady&b.preset=classic', async (page) => {
  await ready(page);
  assert.equal(await page.locator('#figure-limit').isVisible(), false);
}));

test('a link brings everything back', onPage('#source=ramp&hours=0.5&seed=7&a.preset=adaptive&b.regulator.hard_limit=20&b.burst.enabled=false&b.json=%7B%22balancer%22%3A%7B%22trigger%22%3A0.5%7D%7D&hide=payment&from=300-900', async (page) => {
  await ready(page);
  const before = [await figures(page, 'refused_or_late'), await figures(page, 'worker_hours')];
  assert.equal(await control(page, 'seed').locator('input[type=number]').inputValue(), '7');
  assert.equal(await control(page, 'json', 1).locator('textarea').inputValue(), '{"balancer":{"trigger":0.5}}');
  assert.equal(await control(page, 'burst.enabled', 1).locator('input').isChecked(), false);
  assert.equal(await page.locator('#pools input[data-pool="payment"]').isChecked(), false);
  assert.equal(await page.locator('#window').innerText(), '0:05:00 to 0:15:00');
  const other = await page.context().newPage();
  await other.goto(page.url());
  await ready(other);
  assert.deepEqual([await figures(other, 'refused_or_late'), await figures(other, 'worker_hours')], before);
  assert.equal(other.url(), page.url());
}));

test('what a link says that is not understood is named', onPage('#nonsense=1', async (page) => {
  await ready(page);
  assert.match(await page.locator('#notice').innerText(), /nonsense/);
}));

test('swap, copy A to B and reset', onPage('#source=steady&a.regulator.hard_limit=15', async (page) => {
  await ready(page);
  const [a, b] = await figures(page, 'completed');
  await settle(page, () => page.click('#swap'));
  assert.deepEqual(await figures(page, 'completed'), [b, a]);
  assert.match(await link(page), /b\.regulator\.hard_limit=15/);
  await settle(page, () => page.click('#a-to-b'));
  assert.deepEqual(await figures(page, 'completed'), [b, b]);
  await settle(page, () => page.click('#reset'));
  assert.equal(await link(page), '#source=steady');
}));

test('a long run shows its progress, can be cancelled, and the earlier figures stay', onPage('#source=steady', async (page) => {
  await ready(page);
  const before = await figures(page, 'completed');
  await control(page, 'source').locator('select').selectOption('day');
  await page.waitForFunction(() => {
    const bar = document.querySelector<HTMLProgressElement>('#progress');
    return bar && bar.value > 0 && bar.value < 1 && !document.querySelector<HTMLElement>('#running')?.hidden;
  });
  assert.match(await page.locator('#progress-text').innerText(), /%, .* requests/);
  await page.click('#cancel');
  assert.equal(await page.locator('#running').isVisible(), false);
  assert.match(await page.locator('#notice').innerText(), /^Cancelled/);
  assert.deepEqual(await figures(page, 'completed'), before);
  await settle(page, () => control(page, 'source').locator('select').selectOption('ramp'));
  assert.notDeepEqual(await figures(page, 'completed'), before);
}));

test('what the core says of a wrong field stands beside it', onPage('#source=steady', async (page) => {
  await ready(page);
  const number = control(page, 'pools.*.max_workers', 0).locator('input[type=number]');
  await settle(page, async () => {
    await number.fill('-1');
    await number.press('Enter');
  });
  assert.match(await control(page, 'pools.*.max_workers', 0).locator('.problem').innerText(), /-1 is out of range/);
  assert.equal(await number.getAttribute('aria-invalid'), 'true');
  assert.match(await page.locator('#errors').innerText(), /Configuration A is refused[^]*pools\.payment\.max_workers/);
  assert.deepEqual((await figures(page, 'completed')).length, 1);
  await settle(page, () => control(page, 'pools.*.max_workers', 0).locator('.reset').click());
  assert.equal(await page.locator('#errors').innerText(), '');
  assert.equal((await figures(page, 'completed')).length, 2);
}));

test('the JSON box takes any field, and says what is wrong with it', onPage('#source=steady', async (page) => {
  await ready(page);
  await page.locator('#sides summary', { hasText: 'Anything else' }).click();
  const box = control(page, 'json', 1);
  const before = await figures(page, 'migrations');
  await settle(page, () => box.locator('textarea').fill('{"balancer": {"trigger": 0}}'));
  const [a, b] = await figures(page, 'migrations');
  assert.deepEqual([a, b], [before[0], 0]);
  await settle(page, () => box.locator('textarea').fill('{"balancer": {"triger": 0}}'));
  assert.match(await box.locator('.problem').innerText(), /balancer\.triger: unknown field; did you mean `trigger`\?/);
  await settle(page, () => box.locator('textarea').fill('{'));
  assert.match(await box.locator('.problem').innerText(), /isn’t JSON/);
}));

test('an effect says why it happened, to pointer and keyboard', onPage('#source=spike', async (page) => {
  await ready(page);
  const plot = page.locator('#chart-timeline');
  await plot.focus();
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => /because: /.test(document.querySelector('#spoken')?.textContent ?? ''));
  const first = await page.locator('#spoken').innerText();
  assert.match(first, /^[AB] \d:\d\d:\d\d .*worker.*, because: .+/);
  assert.equal(await plot.locator('.tip').innerText(), first);
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction((told) => document.querySelector('#spoken')?.textContent !== told, first);
  await page.keyboard.press('Escape');
  assert.equal(await plot.locator('.tip').isVisible(), false);
  const over = plot.locator('.u-over');
  const box = await over.boundingBox();
  assert.ok(box);
  // Along the row of A's scalings until there is one.
  for (let x = 2; x < box.width && !(await plot.locator('.tip').isVisible()); x += 6) {
    await page.mouse.move(box.x + x, box.y + box.height * (1.5 / 6));
  }
  assert.match(await plot.locator('.tip').innerText(), /because: /);
}));

test('charts share cursor, window and pools', onPage('#source=steady', async (page) => {
  await ready(page);
  const plot = page.locator('#chart-utilization');
  await plot.focus();
  await page.keyboard.press('+');
  const zoomed = await page.locator('#window').innerText();
  assert.notEqual(zoomed, '0:00:00 to 1:00:08');
  assert.match(await link(page), /from=\d/);
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => /A .*; B /.test(document.querySelector('#spoken')?.textContent ?? ''));
  const lines = await page.locator('.u-cursor-x').evaluateAll((all) => all.map((line) => (line as HTMLElement).style.transform));
  assert.ok(new Set(lines.filter((_, i) => i !== 4)).size <= 2, lines.join(' '));
  await page.keyboard.press('Escape');
  assert.doesNotMatch(await link(page), /from=/);
  for (const zoom of ['in', 'left', 'right', 'out', 'whole']) {
    const button = page.locator(`[data-zoom="${zoom}"]`);
    if (await button.isEnabled()) await button.click();
  }
  await page.locator('#pools input').first().uncheck();
  assert.match(await link(page), /hide=/);
  await page.locator('#pick-marks').selectOption('Migrate');
  assert.match(await page.locator('#marks tr').first().innerText(), /moved from/);
  await page.locator('#marks button').first().click();
  assert.match(await link(page), /from=\d/);
}));

test('several seeds show means and how sure they are', onPage('#source=steady&hours=0.2&runs=3', async (page) => {
  await ready(page);
  assert.match(await page.locator('tr[data-figure="worker_hours"] td').first().innerText(), /±/);
}));
