import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Random } from '../../src/live/random';

test('the same seed gives the same numbers, and another one others', () => {
  const first = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 8 }, () => random.bits());
  };
  assert.deepEqual(first(1), first(1));
  assert.notDeepEqual(first(1), first(2));
});

test('it is xoshiro128**: the first outputs of the state 1, 2, 3, 4', () => {
  const random = new Random(0);
  (random as unknown as { s: Uint32Array }).s.set([1, 2, 3, 4]);
  // The published algorithm by hand: rotl(s[1] * 5, 7) * 9, then the state moves on.
  assert.deepEqual([random.bits(), random.bits()], [11520, 0]);
});

test('exponential gaps have the mean that is asked for', () => {
  const random = new Random(3);
  const count = 100_000;
  let total = 0;
  for (let i = 0; i < count; i++) total += random.exponential(20);
  // Five standard errors.
  assert.ok(Math.abs(total / count - 20) < (5 * 20) / Math.sqrt(count));
});
