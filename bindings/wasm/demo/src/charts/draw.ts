// What is drawn beside the lines: the band, the surges' shade, levels, and the lanes of marks above the plot.

import uPlot from 'uplot';

import type { Mark, Surge } from './marks';
import type { Spec } from './spec';
import { ink } from './theme';

/** The height of the lane above a plot that one run's marks have, and where there are only bars of surges. */
export const LANE = 14;
export const BARE_LANE = 6;

/** The colors of a run's marks and surges. */
export interface Side {
  mark: string;
  surge: string;
  shade: string;
}

function stretch(u: uPlot, from: number, to: number): [left: number, width: number] | null {
  const left = Math.max(u.valToPos(from, 'x', true), u.bbox.left);
  const right = Math.min(u.valToPos(to, 'x', true), u.bbox.left + u.bbox.width);
  return right >= left ? [left, Math.max(right - left, 2)] : null;
}

export function drawBackground(u: uPlot, spec: Spec, surges: readonly Surge[], sides: readonly Side[], lane: number): void {
  const { ctx, bbox } = u;
  const dpr = uPlot.pxRatio;
  ctx.save();
  if (spec.band) {
    const top = Math.max(u.valToPos(spec.band[1], 'y', true), bbox.top);
    const bottom = Math.min(u.valToPos(spec.band[0], 'y', true), bbox.top + bbox.height);
    ctx.fillStyle = ink('accent-soft');
    if (bottom > top) ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
  }
  for (const surge of surges) {
    const place = stretch(u, surge.start, surge.end);
    const side = sides[surge.side];
    if (!place || !side) continue;
    const [left, width] = place;
    ctx.fillStyle = ink(side.shade);
    ctx.fillRect(left, bbox.top, width, bbox.height);
    ctx.fillStyle = ink(side.surge);
    ctx.fillRect(left, laneTop(u, surge.side, sides, lane) + (lane - 4) * dpr, width, 3 * dpr);
  }
  ctx.restore();
}

function laneTop(u: uPlot, side: number, sides: readonly Side[], lane: number): number {
  return u.bbox.top - (sides.length - side) * lane * uPlot.pxRatio;
}

function levelsInView(u: uPlot, spec: Spec): [y: number, name: string][] {
  const { top, height } = u.bbox;
  return (spec.levels ?? [])
    .map(([value, name]): [number, string] => [Math.round(u.valToPos(value, 'y', true)) + 0.5, name])
    .filter(([y]) => y >= top && y <= top + height);
}

export function drawLevels(u: uPlot, spec: Spec): void {
  const { ctx, bbox } = u;
  const dpr = uPlot.pxRatio;
  ctx.save();
  ctx.lineWidth = dpr;
  ctx.strokeStyle = ink('soft');
  ctx.setLineDash([4 * dpr, 4 * dpr]);
  for (const [y] of levelsInView(u, spec)) line(ctx, bbox.left, y, bbox.left + bbox.width, y);
  ctx.restore();
}

/** On top of the lines, each name on a ground of its own: it stays readable whatever runs behind it. */
export function drawLevelNames(u: uPlot, spec: Spec): void {
  const { ctx, bbox } = u;
  const dpr = uPlot.pxRatio;
  ctx.save();
  ctx.font = 11 * dpr + 'px ' + getComputedStyle(document.body).fontFamily;
  ctx.textAlign = 'right';
  for (const [y, name] of levelsInView(u, spec)) {
    if (!name) continue;
    const x = bbox.left + bbox.width - 4 * dpr;
    const width = ctx.measureText(name).width;
    ctx.globalAlpha = 0.85;
    ctx.fillStyle = ink('card');
    ctx.fillRect(x - width - 3 * dpr, y - 16 * dpr, width + 6 * dpr, 15 * dpr);
    ctx.globalAlpha = 1;
    ctx.fillStyle = ink('soft');
    ctx.fillText(name, x, y - 4 * dpr);
  }
  ctx.restore();
}

/** Marks in the lanes of their runs, each with a line down the chart; answers how many lines were drawn. */
export function drawLanes(u: uPlot, marks: readonly Mark[], sides: readonly Side[]): number {
  const { ctx, bbox } = u;
  const dpr = uPlot.pxRatio;
  const { min = 0, max = 0 } = u.scales['x'] ?? {};
  const visible = marks.filter(({ at }) => at >= min && at <= max);
  const crowded = visible.length * 16 * dpr > bbox.width;
  const last = new Map<string, number>();
  let lines = 0;
  ctx.save();
  for (const mark of visible) {
    const x = u.valToPos(mark.at, 'x', true);
    const side = sides[mark.side];
    const key = mark.kind + mark.side;
    // Where marks stand closer than they are wide, one stands for its neighbours, and none has a line: a
    // thousand lines would hide the chart.
    if (!side || (crowded && x - (last.get(key) ?? -Infinity) < 5 * dpr)) continue;
    last.set(key, x);
    ctx.strokeStyle = ctx.fillStyle = ink(mark.kind === 'SurgeWorkersKept' ? side.surge : side.mark);
    ctx.lineWidth = dpr;
    if (!crowded) {
      ctx.globalAlpha = 0.35;
      ctx.setLineDash([2 * dpr, 3 * dpr]);
      line(ctx, x, bbox.top, x, bbox.top + bbox.height);
      lines++;
    }
    ctx.globalAlpha = crowded ? 0.6 : 0.85;
    glyph(ctx, mark.kind, x, laneTop(u, mark.side, sides, LANE) + 5 * dpr, (crowded ? 2.5 : 4) * dpr);
  }
  ctx.restore();
  return lines;
}

/** Rows of marks in the place of lines, and a ring around the one that is pointed at. */
export function drawRows(
  u: uPlot,
  marks: readonly Mark[],
  surges: readonly Surge[],
  sides: readonly Side[],
  rowOf: (mark: Pick<Mark, 'kind' | 'side'>) => number,
  pointed: Mark | null,
): void {
  const { ctx, bbox } = u;
  const dpr = uPlot.pxRatio;
  const { min = 0, max = 0 } = u.scales['x'] ?? {};
  const middle = (row: number) => u.valToPos(row + 0.5, 'y', true);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left - 6 * dpr, bbox.top, bbox.width + 12 * dpr, bbox.height);
  ctx.clip();
  for (const surge of surges) {
    const place = stretch(u, surge.start, surge.end);
    const side = sides[surge.side];
    if (!place || !side) continue;
    ctx.globalAlpha = 0.45;
    ctx.fillStyle = ink(side.mark);
    ctx.fillRect(place[0], middle(rowOf({ kind: 'SurgeStarted', side: surge.side })) - 4 * dpr, place[1], 8 * dpr);
  }
  const last = new Map<string, number>();
  for (const mark of marks) {
    const side = sides[mark.side];
    if (mark.at < min || mark.at > max || !side) continue;
    const x = u.valToPos(mark.at, 'x', true);
    const key = mark.kind + mark.side;
    if (x - (last.get(key) ?? -Infinity) < 2 * dpr) continue;
    last.set(key, x);
    ctx.globalAlpha = 0.8;
    ctx.fillStyle = ink(side.mark);
    const up = mark.kind === 'AddWorkers' ? -3 : mark.kind === 'RemoveWorkers' ? 3 : 0;
    glyph(ctx, mark.kind, x, middle(rowOf(mark)) + up * dpr, 4 * dpr);
  }
  if (pointed) {
    ctx.globalAlpha = 1;
    ctx.strokeStyle = ink('ink');
    ctx.lineWidth = 1.5 * dpr;
    ctx.beginPath();
    ctx.arc(u.valToPos(pointed.at, 'x', true), middle(rowOf(pointed)), 9 * dpr, 0, 2 * Math.PI);
    ctx.stroke();
  }
  ctx.restore();
}

type Shape = readonly (readonly [number, number])[];
const DIAMOND: Shape = [[0, -1], [1, 0], [0, 1], [-1, 0]];
const UP: Shape = [[0, -1], [1, 0.8], [-1, 0.8]];
const DOWN: Shape = [[0, 1], [1, -0.8], [-1, -0.8]];
const START: Shape = [[-0.7, -1], [1, 0], [-0.7, 1]];
const SHAPES: Record<string, Shape> = { AddWorkers: UP, RemoveWorkers: DOWN, SurgeStarted: START };

function glyph(ctx: CanvasRenderingContext2D, kind: string, x: number, y: number, r: number): void {
  ctx.beginPath();
  if (kind === 'SurgeWorkersKept') ctx.arc(x, y, r, 0, 2 * Math.PI);
  else if (kind === 'SurgeEnded') ctx.rect(x - r / 3, y - r, (2 * r) / 3, 2 * r);
  else for (const [dx, dy] of SHAPES[kind] ?? DIAMOND) ctx.lineTo(x + dx * r, y + dy * r);
  ctx.fill();
}

function line(ctx: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  ctx.stroke();
}
