import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Heap } from '../../src/live/heap';
import { Random } from '../../src/live/random';

test('what is due comes in order, and of the same time first in, first out', () => {
  const heap = new Heap<number>();
  const random = new Random(7);
  const put = Array.from({ length: 2000 }, (_, what) => ({ at: random.below(50), what }));
  for (const { at, what } of put) heap.push(at, what);
  const got = Array.from({ length: 2000 }, () => {
    const due = heap.pop();
    return due && { at: due.at, what: due.what };
  });
  assert.deepEqual(got, put.sort((a, b) => a.at - b.at || a.what - b.what));
  assert.deepEqual([heap.pop(), heap.next, heap.size], [undefined, Infinity, 0]);
});
