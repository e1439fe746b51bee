import assert from 'node:assert/strict';
import { test } from 'node:test';

import { stretchesOf, surgesOf, whatHappened, type Mark } from '../../src/charts/marks';

const mark = (at: number, kind: string, more: Partial<Mark> = {}): Mark => ({
  at, kind, pool: 'payment', to: null, count: 5, reason: 'burst', side: 0, ...more,
});

test('surges pair a start with the next end of the same pool and side', () => {
  const surges = surgesOf(
    [
      mark(1, 'SurgeStarted'),
      mark(2, 'SurgeStarted', { pool: 'delivery' }),
      mark(3, 'SurgeStarted', { side: 1 }),
      mark(4, 'SurgeEnded'),
      mark(5, 'SurgeEnded', { pool: null }),
      mark(6, 'SurgeStarted'),
    ],
    10,
  );
  assert.deepEqual(
    surges.map(({ start, end, pool, side }) => [start, end, pool, side]),
    [[1, 4, 'payment', 0], [2, 10, 'delivery', 0], [3, 10, 'payment', 1], [6, 10, 'payment', 0]],
  );
});

test('surges that overlap are one stretch, those of another side another', () => {
  const stretches = stretchesOf([
    { start: 5, end: 9, pool: 'b', side: 0 },
    { start: 1, end: 6, pool: 'a', side: 0 },
    { start: 2, end: 3, pool: 'a', side: 1 },
    { start: 10, end: 11, pool: 'a', side: 0 },
  ]);
  assert.deepEqual(stretches.map(({ start, end, side }) => [start, end, side]), [[1, 9, 0], [2, 3, 1], [10, 11, 0]]);
});

test('every kind of effect has its sentence', () => {
  const told = (kind: string, more: Partial<Mark> = {}) => whatHappened(mark(0, kind, more));
  assert.equal(told('SurgeStarted', { pool: null }), 'Surge in all pools, 5 workers added');
  assert.equal(told('SurgeEnded'), 'Surge over in payment');
  assert.equal(told('MigrateWorkers', { to: 'delivery', count: 1 }), '1 worker moved from payment to delivery');
  assert.equal(told('SurgeWorkersKept', { count: 1 }), '1 surge worker of payment stays');
  assert.equal(told('AddWorkers'), '5 workers added to payment');
  assert.equal(told('RemoveWorkers', { count: 1 }), '1 worker removed from payment');
  assert.equal(told('AlertFiring', { pool: null, count: 0 }), 'Alert in all pools');
  assert.equal(told('AlertResolved', { count: 0 }), 'Alert over in payment');
  assert.equal(told('Another', { count: 0 }), 'Another in payment');
});
