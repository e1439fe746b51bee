import assert from 'node:assert/strict';
import { test } from 'node:test';

import { courseOf } from '../../src/run/course';
import { outcome, pool } from './outcomes';

const all = () => true;

test('outcomes of other buckets and lengths stand on one axis', () => {
  const fine = outcome(1e6, [pool('p', [1, 3, 5, 7, 9])], [1, 2, 3, 4, 5]);
  const rough = outcome(2e6, [pool('p', [10, 20])], [1, 2]);
  const course = courseOf([fine, rough]);
  assert.deepEqual([course.bucket, course.end, course.times], [2, 6, [0, 2, 4, 6]]);
  assert.deepEqual(course.columns(0, all)?.arrivals, [2, 6, 9, 9]);
  // What only grows has its last value, and what is over has none.
  assert.deepEqual(course.cost, [[2, 4, 5, 5], [1, 2, null, null]]);
  assert.deepEqual(course.columns(1, all)?.arrivals, [10, 20, null, null]);
});

test('utilization is weighted by workers, the rest is added up over what is shown', () => {
  const one = outcome(
    1e6,
    [
      pool('a', [1], { utilization: [0.5], baseline_workers: [3], surge_workers: [0] }),
      pool('b', [2], { utilization: [1], baseline_workers: [0], surge_workers: [1] }),
    ],
    [0],
  );
  const course = courseOf([one, null]);
  assert.deepEqual(course.pools, ['b', 'a']);
  assert.equal(course.columns(0, all)?.utilization[0], (0.5 * 3 + 1) / 4);
  assert.deepEqual([course.columns(0, all)?.workers[0], course.columns(0, all)?.baseline[0]], [4, 3]);
  assert.equal(course.columns(0, (name) => name === 'b')?.arrivals[0], 2);
  assert.deepEqual(course.columns(0, () => false)?.arrivals, [null, null]);
  assert.equal(course.columns(1, all), null);
});

test('marks count from the start of the run, in words, in the order of time', () => {
  const mark = { kind: 'AddWorkers', pool: 'p', to_pool: null, count: 1, reason: 'demand_high', alert: null };
  const one = outcome(1e6, [pool('p', [1])], [0], { marks: [{ ...mark, at_us: 8e6 }] });
  const two = outcome(1e6, [pool('p', [1])], [0], { marks: [{ ...mark, at_us: 6e6 }] });
  const { marks } = courseOf([one, two]);
  assert.deepEqual(marks.map(({ at, side }) => [at, side]), [[1, 1], [3, 0]]);
  assert.equal(marks[0]?.reason, 'demand was above the upper threshold');
});

test('of an alert, the rule says why', () => {
  const mark = { at_us: 8e6, kind: 'AlertFiring', pool: 'p', to_pool: null, count: 0, reason: 'alert_firing', alert: 'PoolIdle' };
  const { marks } = courseOf([outcome(1e6, [pool('p', [1])], [0], { marks: [mark] }), null]);
  assert.deepEqual(marks.map(({ kind, reason }) => [kind, reason]), [['AlertFiring', 'PoolIdle']]);
});

test('the adaptive limit is a mean over the longer buckets, and none where there is none', () => {
  const limited = outcome(1e6, [pool('p', [1, 1, 1, 1])], [0, 0, 0, 0]);
  limited.series.adaptive_limit = [100, 60, 50, 50];
  const course = courseOf([limited, outcome(2e6, [pool('p', [1, 1])], [0, 0])]);
  assert.deepEqual(course.limits, [[80, 50, 50], null]);
});

test('nothing gives an empty axis', () => {
  const course = courseOf([null, null]);
  assert.deepEqual([course.times, course.pools, course.marks], [[0], [], []]);
});
