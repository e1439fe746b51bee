// The charts of the report: one description each.

import { stacked, sum } from '../charts/columns';
import { figure, money, moneyTick, percent } from '../charts/format';
import { upTo, type Line, type Spec } from '../charts/spec';
import { DATA, POOLS, shownPools, TIMES, unpack, type Pool } from './data';

const DASHES = [[], [7, 3], [2, 3], [9, 3, 2, 3]];

function poolLines(column: (pool: Pool) => Line['column'], extra?: (pool: Pool) => Partial<Line>): Line[] {
  return POOLS.map((pool) => {
    const turn = Math.min(Math.floor(pool.index / 8), 3);
    return {
      label: pool.name,
      column: column(pool),
      color: 'c' + (pool.index % 8),
      dash: DASHES[turn] ?? [],
      shown: () => pool.shown,
      key: pool.index,
      swatch: 'd' + turn,
      ...extra?.(pool),
    };
  });
}

const of = (key: keyof Pool['columns']) => (pool: Pool) => () => pool.columns[key];
const sumOf = (key: keyof Pool['columns']) => () => sum(shownPools().map((pool) => pool.columns[key]), TIMES.length);
const perSecond = (value: number) => figure(value) + '/s';
const costs = {
  format: (value: number) => money(value, DATA.currency),
  tick: (value: number, step: number) => moneyTick(value, step, DATA.currency),
};

function workers(): Spec {
  const total = poolLines((pool) => () => pool.total, () => ({ stepped: true, dash: [3, 3], width: 1.2, silent: true }));
  const baseline = poolLines(of('b'), ({ columns }) => ({
    stepped: true,
    say: (i) => figure(columns.b[i]) + (columns.s[i] ? ' + ' + figure(columns.s[i]) + ' surge' : ''),
  }));
  const between = POOLS.map(({ index }): NonNullable<Spec['between']>[number] => ({
    lines: [index, index + POOLS.length],
    color: 'c' + (index % 8),
  }));
  return { lines: total.concat(baseline), format: figure, range: upTo(1), between, ranked: true };
}

function refused(): Spec {
  const columns = DATA.refused.map(unpack);
  const layers = stacked(columns);
  const lines = layers.map((layer, place): Line => {
    const k = columns.length - 1 - place;
    return {
      label: DATA.refused[k]?.code ?? '',
      column: () => layer,
      color: 'r' + k,
      fill: 'r' + k,
      width: 0.6,
      stepped: true,
      value: (i) => columns[k]?.[i],
      say: (i) => perSecond(columns[k]?.[i] ?? 0),
    };
  });
  return { lines, format: perSecond, tick: figure, range: upTo(0) };
}

export const SPECS: Record<string, () => Spec> = {
  utilization: () => ({
    lines: poolLines(of('u')),
    coarse: true,
    format: percent,
    range: upTo(1),
    band: [0.6, 0.8],
    ranked: true,
  }),
  demand: () => ({
    lines: poolLines(of('d')),
    format: percent,
    range: upTo(1),
    levels: DATA.thresholds.map((value) => [value, '']),
    ranked: true,
  }),
  flow: () => ({
    format: perSecond,
    tick: figure,
    range: upTo(1),
    lines: [
      { label: 'Arrivals', column: sumOf('a'), color: 'flow', fill: 'flow-soft', width: 1.2 },
      { label: 'Admitted', column: sumOf('m'), color: 'accent' },
      { label: 'Refused', column: sumOf('r'), color: 'alarm' },
    ],
  }),
  refused,
  workers,
  waiting: () => ({ lines: poolLines(of('w')), format: figure, range: upTo(1), ranked: true }),
  balance: () => ({
    lines: [{ label: 'Coefficient', column: () => unpack(DATA.balance), color: 'accent', stepped: true }],
    coarse: true,
    format: figure,
    range: () => [0, 1],
    levels: [
      [0.8, 'balanced from 0.8'],
      [0.5, 'critical below 0.5'],
    ],
  }),
  limit: () => ({
    lines: [{ label: 'Adaptive limit', column: () => (DATA.limit ? unpack(DATA.limit) : []), color: 'accent', stepped: true }],
    format: figure,
    range: upTo(1),
  }),
  cost: () => ({
    lines: [{ label: 'Cost so far', column: () => unpack(DATA.cost), color: 'accent', fill: 'accent-soft' }],
    ...costs,
    range: upTo(0),
  }),
};
