// The same seed and configuration give the same numbers in the page, in Python and in Rust, bit for bit.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { requestOf } from '../../src/state/request';
import { fromHash } from '../../src/state/state';
import { figures, onPage, ready } from './bench';

const LINKS = [
  '#source=spike&seed=42&b.pools.*.max_waiting=50',
  '#source=own&process=mmpp&distribution=pareto&hours=0.5&rate=40&seed=3&attempts=4&crashes=2&a.scaler.mode=proportional&a.start_s=0',
  '#source=retry_storm&hours=0.4&b.policy=hpa',
];

/** The programs that simulate in other languages: a command that reads a request from a file and prints the outcome. */
const FACES = ['HEIJUNKA_RUST_SIMULATE', 'HEIJUNKA_PYTHON_SIMULATE'] as const;

for (const link of LINKS) {
  test(`the page, Python and Rust agree on ${link}`, onPage(link, async (page) => {
    await ready(page);
    const download = page.waitForEvent('download');
    await page.click('#save');
    const saved = JSON.parse(readFileSync(await (await download).path(), 'utf8')) as { a: Outcome; b: Outcome };
    const { state } = fromHash(link);
    const folder = mkdtempSync(join(tmpdir(), 'heijunka-page-'));
    try {
      for (const side of [0, 1] as const) {
        const outcome = side === 0 ? saved.a : saved.b;
        const file = join(folder, 'request.json');
        writeFileSync(file, JSON.stringify(requestOf(state, side)));
        for (const face of FACES) {
          const command = process.env[face];
          assert.ok(command, `${face} isn’t set: run this by \`cargo xtask test --only page\``);
          const [program = '', ...rest] = JSON.parse(command) as string[];
          const answer = execFileSync(program, [...rest, file], { encoding: 'utf8', maxBuffer: 1e9 });
          assert.deepEqual(outcome, JSON.parse(answer), face);
        }
        // And what is shown is what was found.
        for (const [key, path] of SHOWN) {
          const shown = (await figures(page, key))[side];
          assert.equal(shown, path.split('.').reduce<unknown>((value, name) => (value as Outcome)[name], outcome.summary), key);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  }));
}

type Outcome = { summary: Record<string, unknown> } & Record<string, unknown>;

const SHOWN = [
  ['refused_or_late', 'refused_or_late_share'],
  ['refused', 'refused'],
  ['completed', 'completed'],
  ['wait_p99', 'wait_ms.p99'],
  ['latency_p50', 'latency_ms.p50'],
  ['utilization', 'utilization_mean'],
  ['worker_hours', 'worker_hours.total'],
  ['cost', 'cost.total_money'],
  ['scale_changes', 'scale_changes'],
] as const;
