// Refused or late against worker-hours: one point for each policy, and the line of those that nobody beats in both.

import { figure, percent } from '../charts/format';
import type { Standing } from '../run/contest';

const NS = 'http://www.w3.org/2000/svg';
const WIDTH = 640;
const HEIGHT = 380;
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 24, 20, 48];

function svg(tag: string, attributes: Record<string, string | number>, text?: string): SVGElement {
  const node = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  if (text !== undefined) node.textContent = text;
  return node;
}

/** The picture; the table beside it says the same in figures. */
export function scatter(standings: readonly Standing[]): SVGElement {
  const hours = range(standings.map((one) => one.hours), 1e-9);
  const share = range(standings.map((one) => one.share), 1e-4);
  const x = (value: number) => LEFT + ((value - hours.from) / (hours.to - hours.from)) * (WIDTH - LEFT - RIGHT);
  // Differences near nothing matter most: the root spreads them.
  const bend = share.from > 0 ? (part: number) => part : Math.sqrt;
  const y = (value: number) => HEIGHT - BOTTOM - bend((value - share.from) / (share.to - share.from)) * (HEIGHT - TOP - BOTTOM);
  const root = svg('svg', { class: 'scatter', viewBox: `0 0 ${String(WIDTH)} ${String(HEIGHT)}`, role: 'img', 'aria-label': labelOf(standings) });
  for (const value of ticks(hours.from, hours.to, 6)) {
    root.append(svg('line', { class: 'grid', x1: x(value), x2: x(value), y1: TOP, y2: HEIGHT - BOTTOM }));
    root.append(svg('text', { x: x(value), y: HEIGHT - BOTTOM + 18, 'text-anchor': 'middle' }, figure(value)));
  }
  for (const part of share.from > 0 ? [0, 0.25, 0.5, 0.75, 1] : [0, 0.05, 0.25, 0.6, 1]) {
    const value = share.from + part * (share.to - share.from);
    root.append(svg('line', { class: 'grid', x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value) }));
    const shown = value > 0 && value < 0.001 ? figure(value * 100) + '\u00a0%' : percent(value);
    root.append(svg('text', { x: LEFT - 8, y: y(value) + 4, 'text-anchor': 'end' }, shown));
  }
  root.append(svg('text', { x: WIDTH - RIGHT, y: HEIGHT - 8, 'text-anchor': 'end' }, 'worker-hours →'));
  root.append(svg('text', { x: LEFT, y: 12 }, '↑ refused or late'));
  const frontier = standings
    .filter((one) => one.frontier && one.contender.key !== 'clairvoyant')
    .sort((a, b) => a.hours - b.hours);
  const line = frontier.map((one) => `${x(one.hours).toFixed(1)},${y(one.share).toFixed(1)}`).join(' ');
  root.append(svg('polyline', { class: 'frontier', points: line }));
  for (const { one, cx, cy, left, up } of spread(standings, x, y)) {
    const { key, label } = one.contender;
    const kind = key === 'clairvoyant' ? 'bound' : one.frontier ? 'best' : 'rest';
    root.append(
      key === 'clairvoyant'
        ? svg('path', { class: 'point bound', d: diamond(cx, cy) })
        : svg('circle', { class: 'point ' + kind, cx, cy, r: 6 }),
    );
    const place = { x: cx + (left ? -10 : 10), y: cy + 4 + up, 'text-anchor': left ? 'end' : 'start' };
    root.append(svg('text', { class: 'label', ...place }, label));
  }
  return root;
}

/** What an axis shows: from 0, unless all values are far from it and close together. */
function range(values: readonly number[], least: number): { from: number; to: number } {
  const [low, high] = [Math.min(...values), Math.max(...values, least)];
  if (!(low > 0.4 * high && high > low)) return { from: 0, to: high * 1.12 };
  const margin = 0.15 * (high - low);
  return { from: low - margin, to: high + margin };
}

interface Place {
  one: Standing;
  cx: number;
  cy: number;
  /** Whether its label stands on its left. */
  left: boolean;
  /** How far the label is moved, downwards. */
  up: number;
}

interface Box {
  from: number;
  to: number;
  top: number;
  bottom: number;
}

/** Labels stand where they cover neither one another nor a point. */
function spread(standings: readonly Standing[], x: (v: number) => number, y: (v: number) => number): Place[] {
  const points = standings.map((one) => ({ one, cx: x(one.hours), cy: y(one.share) }));
  const taken: Box[] = points.map(({ cx, cy }) => ({ from: cx - 7, to: cx + 7, top: cy - 7, bottom: cy + 7 }));
  const covered = (box: Box) =>
    taken
      .map((other) => Math.max(0, Math.min(box.to, other.to) - Math.max(box.from, other.from)) * Math.max(0, Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top)))
      .reduce((sum, area) => sum + area, 0);
  return points
    .sort((a, b) => a.cy - b.cy || a.cx - b.cx)
    .map((point) => {
      // About the width of the label.
      const width = 7.5 * point.one.contender.label.length;
      const tried = [0, -15, 15, -30, 30, -45, 45].flatMap((up) =>
        [false, true].map((left) => {
          const from = left ? point.cx - 10 - width : point.cx + 10;
          const box = { from, to: from + width, top: point.cy + up - 7, bottom: point.cy + up + 7 };
          const outside = box.from < LEFT || box.to > WIDTH || box.top < 0 || box.bottom > HEIGHT - BOTTOM;
          return { left, up, box, cost: covered(box) + (outside ? 1e6 : 0) };
        }),
      );
      const best = tried.reduce((a, b) => (b.cost < a.cost ? b : a));
      taken.push(best.box);
      return { ...point, left: best.left, up: best.up };
    });
}

function diamond(x: number, y: number): string {
  return `M${String(x)} ${String(y - 8)}l8 8l-8 8l-8-8z`;
}

function ticks(from: number, to: number, count: number): number[] {
  const raw = (to - from) / count;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((by) => by * size).find((by) => by >= raw) ?? raw;
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) => (first + i) * step);
}

function labelOf(standings: readonly Standing[]): string {
  const points = standings.map(({ contender, share, hours }) => `${contender.label}: ${percent(share)}, ${figure(hours)} hours`);
  return 'Refused or late against worker-hours. ' + points.join('; ');
}
