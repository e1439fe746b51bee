import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fieldsOf, isIdle, SIDE, TRAFFIC, type Field } from '../../src/state/fields';
import { fromHash } from '../../src/state/state';
import { control, link, onPage, ready, settle, unfold } from './bench';

/** A value within a field's range that is neither end and no default. */
function value(field: Field & { kind: 'number' }): number {
  const { min, max, whole } = field;
  const middle = min + (max - min) * 0.37;
  return whole ? Math.round(middle) : Number(middle.toFixed(2));
}

async function change(page: Parameters<Parameters<typeof onPage>[1]>[0], field: Field, side?: 0 | 1): Promise<string> {
  const box = control(page, field.key, side);
  switch (field.kind) {
    case 'number': {
      const text = String(Number((value(field) * (field.scale ?? 1)).toPrecision(12)));
      await box.locator('input[type=number]').fill(text);
      return String(value(field));
    }
    case 'choice': {
      const select = box.locator('select');
      const now = await select.inputValue();
      const other = field.choices.map(([choice]) => choice).find((choice) => choice !== now) ?? '';
      await select.selectOption(other);
      return other;
    }
    case 'flag': {
      const input = box.locator('input');
      const now = await input.isChecked();
      await input.setChecked(!now);
      return String(!now);
    }
    case 'text':
      await box.locator('textarea').fill('{}');
      return '{}';
  }
}

for (const side of [0, 1] as const) {
  test(`every control of ${'AB'[side] ?? ''} changes the link, shows it, and can be reset`, onPage('#source=steady&hours=0.1', async (page) => {
    await ready(page);
    await unfold(page);
    const start = await link(page);
    for (const field of fieldsOf(SIDE)) {
      const expected = await change(page, field, side);
      const { state, ignored } = fromHash(await link(page));
      assert.deepEqual(ignored, []);
      assert.equal(String(state.sides[side][field.key]), expected, field.key);
      const reset = control(page, field.key, side).locator('.reset');
      await reset.click();
      assert.equal(await link(page), start, field.key);
    }
  }));
}

test('every control of the traffic changes the link, and can be reset', onPage('#source=own&hours=0.1&rate=5', async (page) => {
  await ready(page);
  await unfold(page);
  for (const field of fieldsOf(TRAFFIC)) {
    if (field.key === 'source' || isIdle(field.key, 'own')) continue;
    const expected = await change(page, field);
    assert.equal(String(fromHash(await link(page)).state.traffic[field.key]), expected, field.key);
    await control(page, field.key).locator('.reset').click();
    assert.equal(fromHash(await link(page)).state.traffic[field.key], undefined, field.key);
    if (field.key === 'hours' || field.key === 'rate') await control(page, field.key).locator('input[type=number]').fill('0.2');
  }
}));

test('every kind of traffic and of arrivals and services runs', onPage('#source=steady&hours=0.1', async (page) => {
  await ready(page);
  const runs = async (key: string, choice: string) => {
    await settle(page, () => control(page, key).locator('select').selectOption(choice));
    assert.equal(await page.locator('#errors').innerText(), '', choice);
    assert.notEqual(await page.locator('#verdict').innerText(), '', choice);
  };
  const field = (key: string) => fieldsOf(TRAFFIC).find((one) => one.key === key) as Field & { kind: 'choice' };
  for (const [source] of field('source').choices) {
    // The day is too long for a test of every control, and the file isn't there.
    if (!['steady', 'day', 'file', 'demo'].includes(source)) await runs('source', source);
  }
  assert.match(await link(page), /source=own/);
  for (const [choice] of field('process').choices.slice(1)) await runs('process', choice);
  for (const [choice] of field('distribution').choices.slice(1)) await runs('distribution', choice);
}));

test('every policy runs', onPage('#source=steady&hours=0.1', async (page) => {
  await ready(page);
  const policy = fieldsOf(SIDE).find(({ key }) => key === 'policy') as Field & { kind: 'choice' };
  for (const [choice] of policy.choices.slice(1)) {
    await settle(page, () => control(page, 'policy', 1).locator('select').selectOption(choice));
    assert.equal(await page.locator('#errors').innerText(), '', choice);
  }
}));

test('the whole page can be used by keyboard', onPage('#source=steady&hours=0.1', async (page) => {
  await ready(page);
  await unfold(page);
  const missed = await page.evaluate(async () => {
    const all = [...document.querySelectorAll<HTMLElement>('button, input, select, textarea, summary, [tabindex="0"]')];
    const usable = all.filter((node) => node.checkVisibility({ visibilityProperty: true }) && !(node as HTMLButtonElement).disabled);
    return usable.filter((node) => {
      node.focus();
      return document.activeElement !== node;
    }).map((node) => node.outerHTML.slice(0, 120));
  });
  assert.deepEqual(missed, []);
  await page.locator('body').press('Tab');
  await control(page, 'pools.*.max_workers', 0).locator('input[type=range]').focus();
  await settle(page, () => page.keyboard.press('ArrowRight'));
  assert.match(await link(page), /a\.pools\.\*\.max_workers=\d+/);
}));
