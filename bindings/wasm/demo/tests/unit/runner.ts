import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import type { Outcome } from '../../src/run/outcome';
import { Runner, wishOf, type Options } from '../../src/run/runner';
import { outcome } from './outcomes';

interface Call {
  seed: number;
  options: Options;
  answer: (outcome: Outcome) => void;
  fail: (error: Error) => void;
}

function bench() {
  const calls: Call[] = [];
  const told: string[] = [];
  let settled = () => {};
  const runner = new Runner(
    ({ seed }, _, options) =>
      new Promise((answer, fail) => {
        calls.push({ seed, options, answer, fail });
        options.signal.addEventListener('abort', () => fail(new Error('aborted')));
      }),
    {
      running: (share) => void (share !== null && told.push('share ' + share.toFixed(2))),
      outcome: (side) => void told.push('outcome ' + String(side)),
      failed: (side, error) => void told.push(`failed ${String(side)}: ${error.message}`),
      settled: () => settled(),
    },
  );
  const wish = (seed: number) => wishOf({ config: {}, workload: {}, seed }, null);
  const settles = () => new Promise<void>((resolve) => (settled = resolve));
  return { calls, told, runner, wish, settles };
}

const made = outcome(1e6, [], [0]);

test('both sides run, and progress is that of both', async () => {
  const { calls, told, runner, wish, settles } = bench();
  runner.want([wish(1), wish(2)], true);
  await pause(5);
  assert.deepEqual(calls.map(({ seed }) => seed), [1, 2]);
  calls[0]?.options.onProgress(0.5, 10);
  assert.equal(told.at(-1), 'share 0.25');
  const done = settles();
  calls[0]?.answer(made);
  calls[1]?.answer(made);
  await done;
  assert.deepEqual(told.filter((text) => text.startsWith('outcome')), ['outcome 0', 'outcome 1']);
  assert.equal(runner.busy, false);
});

test('what is known or runs already is not run again', async () => {
  const { calls, runner, wish, settles } = bench();
  runner.want([wish(1), wish(2)], true);
  await pause(5);
  runner.want([wish(1), wish(3)], true);
  await pause(5);
  assert.deepEqual(calls.map(({ seed, options }) => [seed, options.signal.aborted]), [[1, false], [2, true], [3, false]]);
  const done = settles();
  calls[0]?.answer(made);
  calls[2]?.answer(made);
  await done;
  const again = settles();
  runner.want([wish(1), wish(3)], true);
  await again;
  assert.equal(calls.length, 3);
});

test('of many wishes in a moment only the last one runs', async () => {
  const { calls, runner, wish } = bench();
  for (let seed = 1; seed <= 5; seed++) runner.want([wish(seed), null], false);
  await pause(80);
  assert.deepEqual(calls.map(({ seed }) => seed), [5]);
});

test('after a cancel nothing is told any more, and the same can be run again', async () => {
  const { calls, told, runner, wish } = bench();
  runner.want([wish(1), null], true);
  await pause(5);
  runner.cancel();
  await pause(5);
  assert.equal(calls[0]?.options.signal.aborted, true);
  assert.ok(!told.some((text) => text.startsWith('failed') || text.startsWith('outcome')));
  runner.want([wish(1), null], true);
  await pause(5);
  assert.equal(calls.length, 2);
});

test('a failure is told, and its wish is tried again when it is made again', async () => {
  const { calls, told, runner, wish, settles } = bench();
  runner.want([wish(1), null], true);
  await pause(5);
  const done = settles();
  calls[0]?.fail(new Error('no'));
  await done;
  assert.equal(told.at(-1), 'failed 0: no');
  runner.want([wish(1), null], true);
  await pause(5);
  assert.equal(calls.length, 2);
});
