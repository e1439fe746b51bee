// The course of the last minutes: samples of the world, as many as a chart can show.

import type { Values } from '../charts/columns';

/** How many samples are kept. */
export const KEPT = 300;

export interface Sample {
  /** Seconds since the start. */
  at: number;
  /** Requests a second since the sample before. */
  arrived: number;
  admitted: number;
  refused: number;
  /** Of each pool. */
  utilization: number[];
  workers: number[];
  waiting: number[];
}

export class Samples {
  private items: Sample[] = [];

  add(sample: Sample): void {
    this.items.push(sample);
    if (this.items.length > KEPT) this.items.shift();
  }

  get length(): number {
    return this.items.length;
  }

  get first(): number {
    return this.items[0]?.at ?? 0;
  }

  get last(): number {
    return this.items.at(-1)?.at ?? 0;
  }

  times(): number[] {
    return this.items.map(({ at }) => at);
  }

  column(of: (sample: Sample) => number | undefined): Values {
    return this.items.map((sample) => of(sample) ?? null);
  }
}

/** How long a sample is, in simulated seconds, at so many times the speed of a clock. */
export function sampleSeconds(speed: number): number {
  return Math.min(20, Math.max(1, speed / 10));
}
