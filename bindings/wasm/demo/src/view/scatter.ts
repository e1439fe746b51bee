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
  const most = (of: (one: Standing) => number) => Math.max(...standings.map(of), 1e-9) * 1.12;
  const [hours, share] = [most((one) => one.hours), Math.max(most((one) => one.share), 1e-4)];
  const x = (value: number) => LEFT + (value / hours) * (WIDTH - LEFT - RIGHT);
  // Differences near nothing matter most: the root spreads them.
  const y = (value: number) => HEIGHT - BOTTOM - Math.sqrt(value / share) * (HEIGHT - TOP - BOTTOM);
  const root = svg('svg', { class: 'scatter', viewBox: `0 0 ${String(WIDTH)} ${String(HEIGHT)}`, role: 'img', 'aria-label': labelOf(standings) });
  for (const value of ticks(hours, 6)) {
    root.append(svg('line', { class: 'grid', x1: x(value), x2: x(value), y1: TOP, y2: HEIGHT - BOTTOM }));
    root.append(svg('text', { x: x(value), y: HEIGHT - BOTTOM + 18, 'text-anchor': 'middle' }, figure(value)));
  }
  for (const part of [0, 0.05, 0.25, 0.6, 1]) {
    const value = part * share;
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

interface Place {
  one: Standing;
  cx: number;
  cy: number;
  /** Whether its label stands on its left. */
  left: boolean;
  /** How far the label is moved, downwards. */
  up: number;
}

/** Labels that would stand on one another move apart. */
function spread(standings: readonly Standing[], x: (v: number) => number, y: (v: number) => number): Place[] {
  const taken: { from: number; to: number; y: number }[] = [];
  return [...standings]
    .sort((a, b) => b.share - a.share || a.hours - b.hours)
    .map((one) => {
      const [cx, cy] = [x(one.hours), y(one.share)];
      const left = cx > WIDTH * 0.72;
      // About the width of the label.
      const width = 10 + 7.5 * one.contender.label.length;
      const [from, to] = left ? [cx - width, cx + 8] : [cx - 8, cx + width];
      const free = (up: number) => taken.every((box) => box.to < from || box.from > to || Math.abs(box.y - cy - up) >= 14);
      const up = [0, -14, -28, -42, 14, 28].find(free) ?? 0;
      taken.push({ from, to, y: cy + up });
      return { one, cx, cy, left, up };
    });
}

function diamond(x: number, y: number): string {
  return `M${String(x)} ${String(y - 8)}l8 8l-8 8l-8-8z`;
}

function ticks(most: number, count: number): number[] {
  const raw = most / count;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((by) => by * size).find((by) => by >= raw) ?? raw;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}

function labelOf(standings: readonly Standing[]): string {
  const points = standings.map(({ contender, share, hours }) => `${contender.label}: ${percent(share)}, ${figure(hours)} hours`);
  return 'Refused or late against worker-hours. ' + points.join('; ');
}
