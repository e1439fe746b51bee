import assert from 'node:assert/strict';
import { test } from 'node:test';

import { refusedOrLate, rowsOf, checkOf } from '../../src/run/figures';
import { verdictOf } from '../../src/view/summary';
import { outcome, pool, summary } from './outcomes';

const of = (more: Parameters<typeof summary>[0]) => outcome(1e6, [pool('p', [1])], [0], { summary: summary(more) });
const rowOf = (key: string, rows: ReturnType<typeof rowsOf>) => rows.find(({ figure }) => figure.key === key);

test('a row says by how much B differs, and whether that is better', () => {
  const rows = rowsOf([of({ refused: 20, goodput_per_s: 2, surges: 1 }), of({ refused: 10, goodput_per_s: 1, surges: 2 })]);
  const refused = rowOf('refused', rows);
  assert.deepEqual([refused?.values, refused?.difference, refused?.verdict], [[20, 10], '−10 (−50\u00a0%)', 'better']);
  assert.equal(rowOf('goodput_per_s', rows)?.verdict, 'worse');
  assert.equal(rowOf('surges', rows)?.verdict, 'other');
  assert.deepEqual([rowOf('late', rows)?.difference, rowOf('late', rows)?.verdict], ['the same', 'same']);
  assert.equal(rowOf('refused_or_late', rows)?.difference, '−10\u00a0points (−50\u00a0%)');
});

test('what nobody knows is left out, and one side alone has no difference', () => {
  const rows = rowsOf([of({}), null]);
  assert.equal(rowOf('retries', rows), undefined);
  assert.deepEqual([rowOf('refused', rows)?.shown, rowOf('refused', rows)?.difference], [['10', '–'], '–']);
  assert.equal(rowOf('retries', rowsOf([of({ retries: 7, gave_up: 2 }), null]))?.shown[0], '7');
});

test('several seeds show their mean and how sure it is', () => {
  const runs = { count: 5, figures: { refused: { mean: 12.5, low: 10, high: 15 } } };
  const rows = rowsOf([{ ...of({}), runs }, of({})]);
  assert.deepEqual([rowOf('refused', rows)?.values, rowOf('refused', rows)?.spread], [[12.5, 10], ['± 3', null]]);
});

test('refused or late is the core’s figure where it has one', () => {
  assert.equal(refusedOrLate(summary({ refused: 10, late: 5 })), 0.15);
  assert.equal(refusedOrLate(summary({ refused_or_late_share: 0.3 })), 0.3);
  assert.equal(refusedOrLate(summary({ offered: 0 })), null);
});

test('the comparison in a sentence', () => {
  const hours = (total: number) => ({ baseline: total, surge: 0, total });
  assert.equal(
    verdictOf([of({ worker_hours: hours(10) }), of({ refused: 5, worker_hours: hours(12) })]),
    'B refuses or delays 5\u00a0% of 100 requests, A 10\u00a0%, and B needs 20\u00a0% more worker-hours.',
  );
  assert.equal(verdictOf([of({}), of({})]), 'Both refuse or delay 10\u00a0% of 100 requests, with the same worker-hours.');
  assert.equal(verdictOf([of({}), null]), '');
});

test('a check in words', () => {
  assert.deepEqual(checkOf({ name: 'utilization', figure: 0.7, pass: true, above: 0.6, below: 0.8 }), {
    label: 'Utilization of every pool',
    found: '70\u00a0%',
    bound: 'above 60\u00a0% and below 80\u00a0%',
  });
  assert.deepEqual(checkOf({ name: 'latency', figure: 566, pass: false, above: null, below: 100 }), {
    label: 'Latency of every pool, on average',
    found: '566\u00a0ms',
    bound: 'below 100\u00a0ms',
  });
  assert.equal(checkOf({ name: 'of_tomorrow', figure: 1.5, pass: true, above: 1, below: null }).bound, 'above 1');
});
