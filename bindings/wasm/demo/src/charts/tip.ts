// What stands under the cursor, beside it and, for the keyboard, said aloud.

import type uPlot from 'uplot';

import { LANE } from './draw';
import { part } from './dom';
import { clock } from './format';
import type { Chart, Group, Zoom } from './group';
import { poolName, type Mark } from './marks';
import type { Line } from './spec';
import { ink } from './theme';

const MOST_ROWS = 10;
const MOST_EVENTS = 4;

/** A line's value at a point. */
interface Row {
  line: Line;
  value: number;
  shown: string;
}

/** The values at a point; of pools the largest first. */
export function readout(chart: Chart, i: number): Row[] {
  const { spec, plot } = chart;
  const rows: Row[] = [];
  spec.lines.forEach((line, k) => {
    if (line.silent || !plot.series[k + 1]?.show) return;
    const value = line.value ? line.value(i) : plot.data[k + 1]?.[i];
    if (value === null || value === undefined) return;
    rows.push({ line, value, shown: line.say ? line.say(i) : spec.format(value) });
  });
  return spec.ranked ? rows.sort((a, b) => b.value - a.value) : rows;
}

export class Tip {
  /** The chart that the pointer or the keyboard is at. */
  active: Chart | null = null;
  /** A tap's reading stays until the next tap elsewhere, whatever mouse events the browser makes of it. */
  touched = false;
  /** The mark that the keyboard goes to, whatever stands nearer to the cursor. */
  private held: Mark | null = null;
  private readonly node = part('div', 'tip');

  constructor(private readonly group: Group) {
    this.node.hidden = true;
    this.node.setAttribute('aria-hidden', 'true');
  }

  /** The time under the cursor of a chart. */
  time(chart: Chart): number | null {
    if (chart.pointed) return chart.pointed.at;
    const { idx } = chart.plot.cursor;
    return idx === null || idx === undefined ? null : (chart.plot.data[0][idx] ?? null);
  }

  follow(chart: Chart, u: uPlot): void {
    if (chart !== this.active) return;
    const { left, idx } = u.cursor;
    if (left === undefined || left < 0 || idx === null || idx === undefined) {
      this.hide();
      this.point(chart, null);
      return;
    }
    if (chart.spec.rows) this.point(chart, this.held ?? this.markNear(chart, u));
    if (this.node.parentNode !== chart.host) chart.host.append(this.node);
    if (!this.fill(chart, u)) {
      this.node.hidden = true;
      return;
    }
    this.node.hidden = false;
    const x = left + u.over.offsetLeft;
    const room = chart.host.clientWidth;
    const width = this.node.offsetWidth;
    const beside = x + 16 + width <= room ? x + 16 : x - 16 - width;
    this.node.style.left = Math.max(4, Math.min(beside, room - width - 4)) + 'px';
    // Where there is little room, below the plot instead of over it; and never over a row of marks.
    const below = room < 480 || chart.spec.rows !== undefined;
    this.node.style.top = (below ? chart.plot.height - (chart.spec.rows ? 30 : 0) : LANE + 8) + 'px';
  }

  hide(): void {
    this.node.hidden = true;
  }

  /** Takes tip and cursor away. */
  leave(): void {
    this.hide();
    const { active } = this;
    if (!active) return;
    this.point(active, null);
    active.plot.setCursor({ left: -10, top: -10 }, true);
    this.active = null;
  }

  /** Puts the cursor on a point, moves the window there if needed, and says what is there. */
  moveTo(chart: Chart, index: number): void {
    const times = chart.plot.data[0];
    const at = times[Math.max(0, Math.min(times.length - 2, index))];
    if (at !== undefined) this.moveToTime(chart, at, null);
  }

  /** Puts the cursor on a mark. */
  moveToMark(chart: Chart, mark: Mark): void {
    this.moveToTime(chart, mark.at, mark);
  }

  private moveToTime(chart: Chart, at: number, mark: Mark | null): void {
    const { group } = this;
    if (at < group.from || at > group.to) {
      const length = group.to - group.from;
      group.setWindow(at - length / 2, at + length / 2);
    }
    requestAnimationFrame(() => {
      this.active = chart;
      const { plot } = chart;
      const top = mark ? plot.valToPos(this.rowOf(mark) + 0.5, 'y') : plot.over.clientHeight / 2;
      this.held = mark;
      plot.setCursor({ left: plot.valToPos(at, 'x'), top }, true);
      this.held = null;
      group.world.spoken.textContent = mark ? group.world.tell(mark) : this.words(chart);
    });
  }

  private words(chart: Chart): string {
    const i = this.indexAt(chart.plot);
    const rows = readout(chart, i).slice(0, MOST_ROWS);
    const said = rows.map(({ line, shown }) => line.label + ' ' + shown);
    return [this.timeAt(chart, i)].concat(said, this.events(chart.plot).slice(0, MOST_EVENTS)).join('; ');
  }

  private indexAt(u: uPlot): number {
    return Math.max(0, Math.min(u.cursor.idx ?? 0, u.data[0].length - 2));
  }

  private timeAt(chart: Chart, i: number): string {
    const times = chart.plot.data[0];
    const [from, to] = [times[i] ?? 0, times[i + 1] ?? 0];
    return chart.grain === 1 ? clock(from) : clock(from) + ' to ' + clock(to);
  }

  private events(u: uPlot): string[] {
    const { world } = this.group;
    const left = u.cursor.left ?? 0;
    const [from, to, at] = [u.posToVal(left - 7, 'x'), u.posToVal(left + 7, 'x'), u.posToVal(left, 'x')];
    const near = world.marks().filter((mark) => mark.at >= from && mark.at <= to);
    const events = near.map((mark) => world.tell(mark));
    const running = world.surges().find((surge) => surge.start < from && surge.end > to && surge.start <= at);
    if (running) events.push('Surge in ' + poolName(running.pool) + ' since ' + clock(running.start));
    return events;
  }

  private rowOf(mark: Mark): number {
    return this.group.world.rowOf?.(mark) ?? 0;
  }

  /** The mark nearest to the cursor, if one is near. */
  private markNear(chart: Chart, u: uPlot): Mark | null {
    const { left = 0, top = 0 } = u.cursor;
    let nearest: Mark | null = null;
    let least = 14;
    for (const mark of this.group.marksInView()) {
      const dx = u.valToPos(mark.at, 'x') - left;
      if (Math.abs(dx) >= least) continue;
      const dy = u.valToPos(this.rowOf(mark) + 0.5, 'y') - top;
      const distance = Math.hypot(dx, dy) - (mark === chart.pointed ? 0.5 : 0);
      if (distance < least) {
        least = distance;
        nearest = mark;
      }
    }
    return nearest;
  }

  private point(chart: Chart, mark: Mark | null): void {
    if (chart.pointed === mark) return;
    chart.pointed = mark;
    chart.plot.redraw(false, false);
  }

  /** Whether there is anything to say. */
  private fill(chart: Chart, u: uPlot): boolean {
    if (chart.spec.rows) {
      if (chart.pointed) this.node.replaceChildren(part('div', '', this.group.world.tell(chart.pointed)));
      return chart.pointed !== null;
    }
    const i = this.indexAt(u);
    const rows = readout(chart, i);
    const nodes: Node[] = [part('div', 'time', this.timeAt(chart, i))];
    for (const { line, shown } of rows.slice(0, MOST_ROWS)) {
      const swatch = part('span', 'swatch ' + (line.swatch ?? ''));
      swatch.style.background = ink(line.color);
      const node = part('div', 'row');
      node.append(swatch, part('bdi', 'name', line.label), part('b', '', shown));
      nodes.push(node);
    }
    if (rows.length > MOST_ROWS) nodes.push(part('div', 'time', 'and ' + (rows.length - MOST_ROWS) + ' more'));
    if (!rows.length) nodes.push(part('div', 'time', 'no value'));
    const events = this.events(u);
    for (const event of events.slice(0, MOST_EVENTS)) nodes.push(part('div', 'event', event));
    if (events.length > MOST_EVENTS) {
      nodes.push(part('div', 'time', 'and ' + (events.length - MOST_EVENTS) + ' more'));
    }
    this.node.replaceChildren(...nodes);
    return true;
  }
}

/** A tap outside the chart that was tapped takes its reading away. */
export function startTouch(group: Group, signal: AbortSignal): void {
  document.addEventListener(
    'pointerdown',
    (event) => {
      const { tip } = group;
      tip.touched = event.pointerType === 'touch';
      if (tip.touched && tip.active && !tip.active.host.contains(event.target as Node)) tip.leave();
    },
    { capture: true, signal },
  );
}

/** Pointer and keyboard on a chart, until `signal` says stop. */
export function listen(group: Group, chart: Chart, signal: AbortSignal): void {
  const { over } = chart.plot;
  const { tip } = group;
  over.addEventListener('mouseenter', () => {
    tip.active = chart;
  });
  over.addEventListener('mouseleave', () => {
    if (tip.active !== chart || tip.touched) return;
    tip.leave();
  });
  over.addEventListener('pointermove', (event) => {
    if (event.pointerType !== 'touch') return;
    tip.active = chart;
    const box = over.getBoundingClientRect();
    chart.plot.setCursor({ left: event.clientX - box.left, top: event.clientY - box.top }, true);
  });
  const left = () => {
    if (tip.active === chart && !tip.touched) tip.leave();
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const zoom = ({ '+': 'in', '=': 'in', '-': 'out' } as Record<string, Zoom>)[event.key];
    if (zoom) group.zoom(zoom, chart);
    else if (event.key === 'Escape') {
      tip.leave();
      group.zoom('whole', null);
    } else if (!(chart.spec.rows ? toMark(group, chart, event.key) : toPoint(group, chart, event.key))) return;
    event.preventDefault();
  };
  chart.host.addEventListener('blur', left, { signal });
  chart.host.addEventListener('keydown', pressed, { signal });
}

function toPoint(group: Group, chart: Chart, key: string): boolean {
  const { plot } = chart;
  const first = plot.valToIdx(group.from);
  const last = plot.valToIdx(group.to);
  const now = (group.tip.active === chart ? plot.cursor.idx : null) ?? first - 1;
  const to: Record<string, number> = {
    ArrowRight: now + 1,
    ArrowLeft: now - 1,
    PageDown: now + 20,
    PageUp: now - 20,
    Home: first,
    End: last,
  };
  const index = to[key];
  if (index === undefined) return false;
  group.tip.moveTo(chart, index);
  return true;
}

/** On a chart of marks the keys go from mark to mark, beyond the window too. */
function toMark(group: Group, chart: Chart, key: string): boolean {
  const marks = group.world.marks();
  const first = marks.findIndex(({ at }) => at >= group.from);
  const now = chart.pointed ? marks.indexOf(chart.pointed) : (first < 0 ? marks.length : first) - 1;
  const to: Record<string, number> = {
    ArrowRight: now + 1,
    ArrowLeft: now - 1,
    PageDown: now + 20,
    PageUp: now - 20,
    Home: 0,
    End: marks.length - 1,
  };
  const index = to[key];
  if (index === undefined) return false;
  const mark = marks[Math.max(0, Math.min(marks.length - 1, index))];
  if (mark) group.tip.moveToMark(chart, mark);
  return true;
}
