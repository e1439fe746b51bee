import assert from 'node:assert/strict';
import { test } from 'node:test';

import { closed, coarse, coarseTimes, stacked, sum } from '../../src/charts/columns';

test('columns are stacked, the highest first', () => {
  const layers = stacked([
    [1, 2],
    [10, null],
  ]);
  assert.deepEqual(layers, [
    [11, 2],
    [1, 2],
  ]);
});

test('a sum takes what is missing for nothing', () => {
  assert.deepEqual(sum([[1, null, 3], [1, 1]], 3), [2, 1, 3]);
});

test('coarse columns are means of what is known, and close the axis', () => {
  const times = [0, 1, 2, 3, 4, 5];
  const values = closed([1, 3, null, 5, 7]);
  assert.deepEqual(coarse(values, 2), [2, 5, 7, 7]);
  assert.deepEqual(coarseTimes(times, 2), [0, 2, 4, 5]);
  assert.equal(coarse(values, 1), values);
  assert.deepEqual(coarse([null, null, null], 2), [null, null]);
});
