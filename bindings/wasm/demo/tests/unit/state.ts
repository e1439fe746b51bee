import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fieldsOf, SIDE, SIDE_DEFAULTS, TRAFFIC, TRAFFIC_DEFAULTS, type Field, type Setting } from '../../src/state/fields';
import { BadText, requestOf } from '../../src/state/request';
import { fromHash, START, toHash, withSide, withTraffic, type State } from '../../src/state/state';

/** A value of a field that isn't its default. */
function other(field: Field, usual: Setting | undefined): Setting {
  switch (field.kind) {
    case 'number':
      return usual === field.max ? field.min : field.max;
    case 'flag':
      return usual !== true;
    case 'choice':
      return field.choices.find(([value]) => value !== usual)?.[0] ?? '';
    case 'text':
      return '{"a": "ü & = # + %"}';
  }
}

function everythingSet(): State {
  let state: State = START;
  for (const field of fieldsOf(TRAFFIC)) state = withTraffic(state, field.key, other(field, TRAFFIC_DEFAULTS[field.key]));
  for (const side of [0, 1] as const) {
    for (const field of fieldsOf(SIDE)) state = withSide(state, side, field.key, other(field, SIDE_DEFAULTS[side][field.key]));
  }
  return { ...state, view: 'live', file: { name: 'a b&c.csv.gz', size: 12345 }, hidden: ['pool 1', 'ü'], window: [12.5, 99] };
}

test('a link brings everything back', () => {
  const state = everythingSet();
  const read = fromHash('#' + toHash(state));
  assert.deepEqual(read, { state, ignored: [] });
  assert.equal(toHash(read.state), toHash(state));
});

test('what is as by default is not in the link', () => {
  assert.equal(toHash(START), '');
  const set = withSide(withTraffic(START, 'seed', 9), 1, 'pools.*.max_workers', 40);
  assert.equal(toHash(set), 'seed=9&b.pools.*.max_workers=40');
  assert.deepEqual(withTraffic(set, 'seed', 1), withTraffic(set, 'seed', null));
  assert.equal(toHash(withSide(withTraffic(set, 'seed', 1), 1, 'pools.*.max_workers', null)), '');
});

test('what is not understood in a link is named and left out', () => {
  const { state, ignored } = fromHash('#seed=x&source=nonsense&a.nothing=1&b.burst.enabled=maybe&seed=3&from=5-2&view=other');
  assert.deepEqual(state.traffic, { seed: 3 });
  assert.deepEqual(ignored, ['seed', 'source', 'a.nothing', 'b.burst.enabled', 'view']);
  assert.equal(state.window, null);
});

test('settings become a configuration, a workload and a seed', () => {
  let state = withSide(START, 1, 'regulator.hard_limit', 900);
  state = withSide(state, 1, 'json', '{"balancer": {"trigger": 0.7}}');
  state = withSide(state, 1, 'policy', 'fixed');
  state = withTraffic(withTraffic(state, 'attempts', 4), 'workload', '{"speed_up": 2}');
  assert.deepEqual(requestOf(state, 1), {
    config: { preset: 'adaptive', balancer: { trigger: 0.7 } },
    workload: {
      profile: 'spike',
      duration_us: 3600e6,
      set: ['regulator.hard_limit=900'],
      workers_start_delay_us: 10e6,
      retries: { attempts: 4, backoff_us: 100_000 },
      speed_up: 2,
      policy: { kind: 'fixed', for: 'mean' },
    },
    seed: 1,
  });
  assert.deepEqual(requestOf(state, 0).config, { preset: 'classic' });
});

test('text that is no JSON object is said so, by its field', () => {
  const bad = (text: string) => () => requestOf(withSide(START, 0, 'json', text), 0);
  const isBad = (error: unknown) => error instanceof BadText && error.key === 'json';
  assert.throws(bad('{'), isBad);
  assert.throws(bad('[1]'), isBad);
  assert.throws(bad('3'), isBad);
  assert.deepEqual(requestOf(withSide(START, 0, 'json', '  '), 0).config, { preset: 'classic' });
});
