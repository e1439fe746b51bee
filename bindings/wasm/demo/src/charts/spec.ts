// What a chart shows: its lines, its scale, what is drawn behind and above them.

import type uPlot from 'uplot';

import type { Values } from './columns';

export interface Line {
  /** What the reader calls it. */
  label: string;
  /** Its values, one for each time of the axis. */
  column: () => Values;
  /** The name of its color. */
  color: string;
  width?: number;
  dash?: number[];
  /** The name of the color below it. */
  fill?: string;
  /** Each value lasts until the next one. */
  stepped?: boolean;
  /** Whether it is drawn at the moment; always, where this is missing. */
  shown?: () => boolean;
  /** Lines of the same key come to the fore together. */
  key?: number;
  /** Whether it is left out of the tip. */
  silent?: boolean;
  /** The value at a point where it isn't the column's own. */
  value?: (i: number) => number | null | undefined;
  /** How the value at a point reads where it isn't the chart's way. */
  say?: (i: number) => string;
  /** A class of its swatch, beside its color. */
  swatch?: string;
}

export interface Spec {
  lines: Line[];
  /** How a value reads. */
  format: (value: number) => string;
  /** How a tick reads where it is another way. */
  tick?: (value: number, step: number) => string;
  /** The ends of the vertical scale, from the lowest and highest value in view. */
  range: uPlot.Range.Function;
  /** Where values should be. */
  band?: [number, number];
  /** Horizontal lines with a name or without. */
  levels?: [value: number, name: string][];
  /** The space between two lines, filled: their places in `lines`, and a color. */
  between?: { lines: [number, number]; color: string }[];
  /** A line between bounds may be drawn as means where its points stand closer than the eye can tell. */
  coarse?: boolean;
  /** The tip lists the largest first. */
  ranked?: boolean;
  /** No lines but marks, in rows of these names. */
  rows?: string[];
  /** The height of the plot in pixels. */
  height?: number;
}

/** From 0 to a little above the highest value, and never below `floor`. */
export function upTo(floor: number): uPlot.Range.Function {
  return (_, __, high) => [0, Math.max(floor, Number.isFinite(high) && high > 0 ? high * 1.06 : floor)];
}
