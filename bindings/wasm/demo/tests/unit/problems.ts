import assert from 'node:assert/strict';
import { test } from 'node:test';

import { problemsOf } from '../../src/view/problems';

function placed(path: string, written = false): [string | null, boolean] {
  const error = Object.assign(new Error(), { problems: [{ path, message: 'wrong' }] });
  const [problem] = problemsOf(error, written);
  const named = problem?.key === null || problem?.key === 'json' || problem?.key === 'workload';
  assert.equal(problem?.message, named ? path + ': wrong' : 'wrong');
  return [problem.key, problem.traffic];
}

test('a problem goes to the field that it is about', () => {
  assert.deepEqual(placed('scaler.up_threshold'), ['scaler.up_threshold', false]);
  assert.deepEqual(placed('pools.payment.max_workers'), ['pools.*.max_workers', false]);
  assert.deepEqual(placed('pools."a.b".max_workers'), ['pools.*.max_workers', false]);
  assert.deepEqual(placed('policy'), ['policy', false]);
  assert.deepEqual(placed('workload.policy.target'), ['policy', false]);
  assert.deepEqual(placed('workload.retries.attempts'), ['attempts', true]);
  assert.deepEqual(placed('workload.slow[0].pool'), ['workload', true]);
});

test('one without a control goes to the text, if there is one', () => {
  assert.deepEqual(placed('balancer.trigger', true), ['json', false]);
  assert.deepEqual(placed('balancer.trigger'), [null, false]);
  assert.deepEqual(problemsOf(new Error('line 2: bad'), true), []);
});
