import assert from 'node:assert/strict';
import { test } from 'node:test';

import { contendersOf, standingsOf } from '../../src/run/contest';
import { START, withSide } from '../../src/state/state';
import { outcome, pool, summary } from './outcomes';

test('all contenders have the same pools and the same line', () => {
  const state = withSide(START, 0, 'pools.*.max_workers', 12);
  for (const { request } of contendersOf(state)) {
    assert.deepEqual(request.workload['set'], ['pools.*.max_workers=12', 'pools.*.max_waiting=1000']);
  }
  const own = contendersOf(withSide(state, 0, 'pools.*.max_waiting', 3))[0];
  assert.deepEqual(own?.request.workload['set'], ['pools.*.max_workers=12', 'pools.*.max_waiting=3']);
});

test('each contender is another policy', () => {
  const told = contendersOf(START).map(({ request }) => JSON.stringify([request.config, request.workload['policy']]));
  assert.equal(new Set(told).size, told.length);
  assert.equal(contendersOf(withSide(START, 0, 'policy', 'hpa'))[0]?.request.workload['policy'], undefined);
});

test('the frontier is who nobody beats in both; the clairvoyant one beats nobody', () => {
  const contenders = contendersOf(START);
  const figures: Record<string, [late: number, hours: number]> = {
    adaptive: [1, 10], classic: [5, 12], fixed: [30, 8], hpa: [1, 10], kpa: [0, 20], clairvoyant: [0, 6],
  };
  const outcomes = contenders.map(({ key }) => {
    const [late, total] = figures[key] ?? [];
    if (late === undefined || total === undefined) return null;
    const worker_hours = { baseline: total, surge: 0, total };
    return outcome(1e6, [pool('p', [1])], [0], { summary: summary({ refused: 0, late, worker_hours }) });
  });
  const standings = standingsOf(contenders, outcomes);
  const frontier = standings.filter((one) => one.frontier).map(({ contender }) => contender.key);
  assert.deepEqual(frontier, ['adaptive', 'fixed', 'hpa', 'kpa', 'clairvoyant']);
  assert.deepEqual(standings.map(({ times }) => times), [10 / 6, 2, 8 / 6, 10 / 6, 20 / 6, 1]);
});
