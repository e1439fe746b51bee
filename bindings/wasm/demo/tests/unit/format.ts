import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bytes, clock, figure, many, money, moneyTick, percent } from '../../src/charts/format';

const NBSP = '\u00a0';

test('figures have about three digits', () => {
  assert.deepEqual([0, 0.01234, 0.1234, 1.234, 12.34, 1234, 1234567, 1e16, null].map(figure), [
    '0', '0.0123', '0.123', '1.23', '12.3', '1,234', '1.23M', '1.00e16', '–',
  ]);
});

test('shares, money, sizes and times read as people write them', () => {
  assert.equal(percent(0.12345), `12.3${NBSP}%`);
  assert.equal(percent(undefined), '–');
  assert.deepEqual([money(43.3, 'USD'), money(43.3, 'EUR'), money(null, 'USD')], ['$43.30', `43.30${NBSP}EUR`, '–']);
  assert.deepEqual([moneyTick(0.002, 0.001, 'USD'), moneyTick(20, 5, 'USD')], ['$0.002', '$20']);
  assert.deepEqual([0, 59.9, 3661, 360_000].map(clock), ['0:00:00', '0:00:59', '1:01:01', '100:00:00']);
  assert.deepEqual([many(1, 'worker'), many(3, 'worker')], ['1 worker', '3 workers']);
  assert.deepEqual([bytes(1), bytes(1500), bytes(2_340_000)], ['1 byte', `1.5${NBSP}kB`, `2.34${NBSP}MB`]);
});
