// The replay's outcome as the report packs it, unpacked.

import { closed, type Values } from '../charts/columns';
import { surgesOf, type Mark } from '../charts/marks';

interface Packed {
  /** Decimals. */
  d: number;
  /** Whole numbers in units of 10^-d; `[value, times]` is a run. */
  v: (number | null | [number | null, number])[];
}

const KEYS = ['u', 'd', 'a', 'm', 'r', 'w', 'b', 's'] as const;
type Key = (typeof KEYS)[number];

interface Payload {
  points: number;
  bucket: number;
  end: number;
  shown: number;
  currency: string;
  pools: Record<Key, Packed>[];
  thresholds: number[];
  balance: Packed;
  cost: Packed;
  /** The adaptive limit; null without one. */
  limit: Packed | null;
  refused: (Packed & { code: string })[];
  names: string[];
  kinds: string[];
  reasons: string[];
  marks: [at: number, kind: number, pool: number, to: number, count: number, reason: number][];
}

export const DATA = JSON.parse(document.getElementById('data')?.textContent ?? '{}') as Payload;

/** A column, with its last value once more at the end of the axis: a bucket lasts. */
export function unpack(packed: Packed): Values {
  const scale = 10 ** packed.d;
  const values: Values = [];
  for (const item of packed.v) {
    const [value, times] = Array.isArray(item) ? item : [item, 1];
    for (let i = 0; i < times; i++) values.push(value === null ? null : value / scale);
  }
  return closed(values);
}

export interface Pool {
  index: number;
  name: string;
  shown: boolean;
  /** Baseline and surge workers together. */
  total: Values;
  columns: Record<Key, Values>;
}

export const TIMES = Array.from({ length: DATA.points + 1 }, (_, i) => Math.min(i * DATA.bucket, DATA.end));

export const POOLS = DATA.pools.map((packed, index): Pool => {
  const columns = Object.fromEntries(KEYS.map((key) => [key, unpack(packed[key])])) as Record<Key, Values>;
  const total = columns.b.map((value, i) => (value === null ? null : value + (columns.s[i] ?? 0)));
  return { index, name: DATA.names[index] || '(no name)', shown: index < DATA.shown, total, columns };
});

export function shownPools(): Pool[] {
  return POOLS.filter((pool) => pool.shown);
}

const nameOf = (index: number) => (index < 0 ? null : (DATA.names[index] ?? ''));

export const MARKS = DATA.marks.map(
  ([at, kind, pool, to, count, reason]): Mark => ({
    at,
    kind: DATA.kinds[kind] ?? '',
    pool: nameOf(pool),
    to: nameOf(to),
    count,
    reason: DATA.reasons[reason] ?? '',
    side: 0,
  }),
);

const SURGES = surgesOf(MARKS, DATA.end);
const hidden = (pool: string | null) => POOLS.some(({ name, shown }) => name === pool && !shown);

/** The marks that concern what is shown. */
export function shownMarks(): Mark[] {
  return MARKS.filter((mark) => !hidden(mark.pool) || (mark.to !== null && !hidden(mark.to)));
}

export function shownSurges(): typeof SURGES {
  return SURGES.filter((surge) => !hidden(surge.pool));
}
