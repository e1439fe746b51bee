// Arithmetic on columns of points.

export type Values = (number | null)[];

/** Columns on top of one another, the highest first, so that each covers the one below it. */
export function stacked(columns: readonly Values[]): number[][] {
  const sums: number[][] = [];
  let below: number[] = new Array<number>(columns[0]?.length ?? 0).fill(0);
  for (const column of columns) {
    below = below.map((value, i) => value + (column[i] ?? 0));
    sums.unshift(below);
  }
  return sums;
}

/** The sum of columns, point by point; nothing counts as 0. */
export function sum(columns: readonly Values[], points: number): number[] {
  const total = new Array<number>(points).fill(0);
  for (const column of columns) {
    for (let i = 0; i < points; i++) total[i] = (total[i] as number) + (column[i] ?? 0);
  }
  return total;
}

/** Means over `grain` points each. The last point only closes the axis: it repeats the one before it. */
export function coarse(values: Values, grain: number): Values {
  if (grain === 1) return values;
  const means: Values = [];
  const points = values.length - 1;
  for (let i = 0; i < points; i += grain) {
    let total = 0;
    let known = 0;
    for (let k = i; k < Math.min(i + grain, points); k++) {
      const value = values[k];
      if (value === null || value === undefined) continue;
      total += value;
      known++;
    }
    means.push(known ? total / known : null);
  }
  return means.concat(means.slice(-1));
}

/** The times that go with `coarse`. */
export function coarseTimes(times: number[], grain: number): number[] {
  if (grain === 1) return times;
  return times.filter((_, i) => i < times.length - 1 && i % grain === 0).concat(times.slice(-1));
}

/** A column with its last value once more, since a bucket lasts until the end of the axis. */
export function closed(values: Values): Values {
  return values.length ? values.concat(values.slice(-1)) : values;
}
