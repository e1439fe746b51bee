import assert from 'node:assert/strict';
import { test } from 'node:test';

import { usualOf } from '../../src/view/controls';

test('what stands by default is found in a configuration, of pools the range', () => {
  const config = {
    scaler: { up_threshold: 0.8, mode: 'step' },
    burst: { enabled: true },
    pools: { a: { max_workers: 30, queue: 'fifo' }, b: { max_workers: 20, queue: 'codel' } },
  };
  assert.equal(usualOf(config, 'scaler.up_threshold'), 0.8);
  assert.equal(usualOf(config, 'scaler.mode'), 'step');
  assert.equal(usualOf(config, 'burst.enabled'), true);
  assert.equal(usualOf(config, 'pools.*.max_workers'), '20–30');
  assert.equal(usualOf(config, 'pools.*.queue'), undefined);
  assert.equal(usualOf(undefined, 'scaler.mode'), undefined);
});
