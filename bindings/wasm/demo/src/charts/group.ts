// Charts on one time axis, with one cursor and one window.

import uPlot from 'uplot';

import { coarse, coarseTimes, type Values } from './columns';
import { BARE_LANE, drawBackground, drawLanes, drawLevelNames, drawLevels, drawRows, LANE, type Side } from './draw';
import { clock } from './format';
import { listen, startTouch, Tip } from './tip';
import type { Mark, Surge } from './marks';
import { stretchesOf } from './marks';
import type { Spec } from './spec';
import { ink, isPrinting, onTheme, setPrinting } from './theme';

/** The time axis: as many times as the columns have values; the last one closes the axis. */
export interface Axis {
  times: number[];
  /** How long a bucket is, in seconds. */
  bucket: number;
  start: number;
  end: number;
}

export interface World {
  sides: readonly Side[];
  /** The marks that concern what is shown, in the order of time. */
  marks: () => readonly Mark[];
  /** The surges that do. */
  surges: () => readonly Surge[];
  /** Whether a mark stands above every chart, beside the bars of the surges; missing: none does. */
  inLane?: (mark: Mark) => boolean;
  /** The row of a mark in charts that have rows. */
  rowOf?: (mark: Pick<Mark, 'kind' | 'side'>) => number;
  /** How a mark reads. */
  tell: (mark: Mark) => string;
  /** Where the values under the cursor are said aloud. */
  spoken: HTMLElement;
  /** The window has moved. */
  moved?: (from: number, to: number) => void;
}

export interface Chart {
  host: HTMLElement;
  spec: Spec;
  plot: uPlot;
  /** How many points of the columns one point of the plot stands for. */
  grain: number;
  /** The mark that is pointed at, of a chart with rows. */
  pointed: Mark | null;
}

export type Zoom = 'in' | 'out' | 'left' | 'right' | 'whole';

const DAY = 86400;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 43200, DAY].concat(
  [2, 5, 10, 20, 50, 100, 200, 500, 1000].map((days) => days * DAY),
);
const HEIGHT = 212;
const PRINTED = { width: 620, height: 180 };

let groups = 0;

export class Group {
  readonly charts: Chart[] = [];
  readonly tip: Tip;
  from: number;
  to: number;
  private readonly gone = new AbortController();
  private readonly key = 'time-' + String(groups++);
  private readonly stepped = uPlot.paths.stepped?.({ align: 1 });

  constructor(
    public axis: Axis,
    readonly world: World,
  ) {
    this.from = axis.start;
    this.to = axis.end;
    this.tip = new Tip(this);
    const { signal } = this.gone;
    startTouch(this, signal);
    onTheme(() => this.charts.forEach(({ plot }) => plot.redraw(false, true)), signal);
    const print = () => {
      setPrinting(true);
      for (const { plot } of this.charts) plot.setSize(PRINTED);
    };
    const printed = () => {
      setPrinting(false);
      for (const chart of this.charts) chart.plot.setSize(sizeOf(chart.host, chart.spec));
    };
    addEventListener('beforeprint', print, { signal });
    addEventListener('afterprint', printed, { signal });
  }

  /** Takes the charts away. */
  destroy(): void {
    this.gone.abort();
    for (const { plot } of this.charts) plot.destroy();
    this.charts.length = 0;
  }

  /** Draws a chart in `host`. */
  add(host: HTMLElement, spec: Spec): Chart {
    const chart = { host, spec, grain: 1, pointed: null } as unknown as Chart;
    chart.grain = this.grainOf(chart);
    chart.plot = new uPlot(this.options(chart), this.columnsOf(chart), host);
    host.dataset['series'] = String(spec.lines.length);
    this.charts.push(chart);
    listen(this, chart, this.gone.signal);
    const resized = new ResizeObserver(() => {
      const size = sizeOf(host, spec);
      if (size.width === chart.plot.width || isPrinting() || host.clientWidth === 0) return;
      chart.plot.setSize(size);
      this.setWindow(this.from, this.to);
    });
    resized.observe(host);
    this.gone.signal.addEventListener('abort', () => resized.disconnect());
    return chart;
  }

  /** Other values on another axis. The window stays where it was if `keep` is set and there is still something. */
  setAxis(axis: Axis, keep: boolean): void {
    const whole = this.from <= this.axis.start && this.to >= this.axis.end;
    this.axis = axis;
    if (!keep || whole || this.from >= axis.end) {
      this.from = axis.start;
      this.to = axis.end;
    }
    for (const chart of this.charts) chart.pointed = null;
    this.refresh();
  }

  /** Draws all anew, with the columns as they are now. */
  refresh(): void {
    for (const chart of this.charts) {
      const { spec, plot } = chart;
      chart.grain = this.grainOf(chart);
      plot.batch(() => {
        spec.lines.forEach((line, i) => {
          const shown = line.shown?.() ?? true;
          if (plot.series[i + 1]?.show !== shown) plot.setSeries(i + 1, { show: shown });
        });
        plot.setData(this.columnsOf(chart), false);
      });
    }
    this.setWindow(this.from, this.to);
  }

  /** All charts show the time between `from` and `to`, never shorter than two points nor outside the axis. */
  setWindow(from: number, to: number): void {
    const { start, end, bucket } = this.axis;
    const length = Math.min(end - start, Math.max(to - from, 2 * bucket));
    this.from = Math.min(Math.max(start, from), end - length);
    this.to = this.from + length;
    for (const chart of this.charts) {
      const grain = this.grainOf(chart);
      if (grain !== chart.grain) {
        chart.grain = grain;
        chart.plot.setData(this.columnsOf(chart), false);
      }
      chart.plot.setScale('x', { min: this.from, max: this.to });
    }
    this.world.moved?.(this.from, this.to);
  }

  /** Whether the window shows all there is. */
  get whole(): boolean {
    return this.from <= this.axis.start && this.to >= this.axis.end;
  }

  /** Moves the window, or changes its length around the cursor of `chart`. */
  zoom(what: Zoom, chart: Chart | null): void {
    const { from, to } = this;
    const length = to - from;
    const cursor = chart && this.tip.active === chart ? this.tip.time(chart) : null;
    const middle = cursor ?? from + length / 2;
    const share = (middle - from) / length;
    if (what === 'in') this.setWindow(middle - (share * length) / 2, middle + ((1 - share) * length) / 2);
    else if (what === 'out') this.setWindow(middle - share * length * 2, middle + (1 - share) * length * 2);
    else if (what === 'left') this.setWindow(from - length / 2, to - length / 2);
    else if (what === 'right') this.setWindow(from + length / 2, to + length / 2);
    else this.setWindow(this.axis.start, this.axis.end);
  }

  /** Brings the lines of this key to the fore; null: all alike. */
  focus(key: number | null): void {
    for (const { spec, plot } of this.charts) {
      if (spec.lines[0]?.key === undefined) continue;
      const i = key === null ? -1 : spec.lines.findLastIndex((line) => line.key === key);
      plot.setSeries(i < 0 ? null : i + 1, { focus: true });
    }
  }

  /** Leads to a time on the first chart. */
  showAt(time: number): void {
    const half = Math.max((this.axis.end - this.axis.start) / 24, 10 * this.axis.bucket);
    this.setWindow(time - half, time + half);
    const chart = this.charts[0];
    if (!chart) return;
    (chart.host.closest('figure') ?? chart.host).scrollIntoView({ block: 'start' });
    chart.host.focus({ preventScroll: true });
    this.tip.moveTo(chart, chart.plot.valToIdx(time));
  }

  /** Marks in view of a chart with rows. */
  marksInView(): Mark[] {
    return this.world.marks().filter(({ at }) => at >= this.from && at <= this.to);
  }

  // A line between bounds that trembles more than the eye can follow gets a point for every two pixels. Lines whose
  // peaks matter keep all their points.
  private grainOf({ host, spec }: Pick<Chart, 'host' | 'spec'>): number {
    if (!spec.coarse) return 1;
    const points = (this.to - this.from) / this.axis.bucket;
    return Math.max(1, Math.ceil(points / Math.max(80, (host.clientWidth - 90) / 2)));
  }

  private columnsOf({ spec, grain }: Pick<Chart, 'spec' | 'grain'>): uPlot.AlignedData {
    const { times } = this.axis;
    const columns: Values[] = spec.lines.map((line) => coarse(line.column(), grain));
    if (spec.rows) columns.push(times.map(() => null));
    return [coarseTimes(times, grain), ...columns];
  }

  private options(chart: Chart): uPlot.Options {
    const { spec, host } = chart;
    const { sides, marks, surges, inLane } = this.world;
    const isMove = (type: string) => type === 'mousemove' || type === 'mouseleave';
    const rows = spec.rows;
    const lane = inLane ? LANE : BARE_LANE;
    return {
      ...sizeOf(host, spec),
      padding: [rows ? 4 : lane * sides.length + 4, 28, 0, 0],
      legend: { show: false },
      focus: { alpha: 0.18 },
      cursor: {
        y: false,
        drag: { x: true, y: false, dist: 8, setScale: false },
        sync: { key: this.key, setSeries: false, scales: ['x', null], filters: { pub: isMove, sub: isMove } },
        points: {
          size: 9,
          width: 1.5,
          fill: (u, i) => (u.series[i]?.stroke as (u: uPlot, i: number) => string)(u, i),
          stroke: () => ink('card'),
        },
        bind: {
          dblclick: () => () => {
            this.zoom('whole', null);
            return null;
          },
          mouseleave: (_, __, leave) => (event) => (this.tip.touched ? null : leave(event)),
        },
      },
      scales: {
        x: { time: false, range: (_, low, high) => [low, high] },
        y: { range: rows ? () => [0, rows.length] : spec.range },
      },
      axes: axes(spec),
      series: [
        {},
        ...(rows ? [{ show: true, points: { show: false } }] : []),
        ...spec.lines.map((line): uPlot.Series => {
          const { fill } = line;
          return {
            show: line.shown?.() ?? true,
            stroke: () => ink(line.color),
            width: line.width ?? 1.6,
            ...(line.dash ? { dash: line.dash } : {}),
            ...(line.stepped && this.stepped ? { paths: this.stepped } : {}),
            ...(fill ? { fill: () => ink(fill) } : {}),
            points: { show: false },
            spanGaps: false,
          };
        }),
      ],
      bands: (spec.between ?? []).map(({ lines, color }) => ({
        series: [lines[0] + 1, lines[1] + 1],
        fill: () => ink(color) + '2e',
      })),
      hooks: {
        drawClear: [(u) => drawBackground(u, spec, rows ? [] : stretchesOf(surges()), sides, lane)],
        drawAxes: [(u) => drawLevels(u, spec)],
        draw: [
          (u) => {
            drawLevelNames(u, spec);
            if (rows) drawRows(u, marks(), surges(), sides, this.world.rowOf ?? (() => 0), chart.pointed);
            else host.dataset['lines'] = String(drawLanes(u, inLane ? marks().filter(inLane) : [], sides));
            host.dataset['drawn'] = 'true';
          },
        ],
        setSelect: [(u) => this.selected(u)],
        setCursor: [(u) => this.tip.follow(chart, u)],
      },
    };
  }

  private selected(u: uPlot): void {
    if (u.select.width < 4) return;
    const from = u.posToVal(u.select.left, 'x');
    const to = u.posToVal(u.select.left + u.select.width, 'x');
    u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    this.setWindow(from, to);
  }
}

function sizeOf(host: HTMLElement, spec: Spec): { width: number; height: number } {
  return { width: Math.max(host.clientWidth, 200), height: spec.height ?? HEIGHT };
}

function axes(spec: Spec): uPlot.Axis[] {
  const common: uPlot.Axis = {
    stroke: () => ink('soft'),
    ticks: { show: false },
    font: '12px ' + getComputedStyle(document.body).fontFamily,
  };
  const { rows } = spec;
  const tick = spec.tick ?? spec.format;
  return [
    {
      ...common,
      size: 34,
      space: 84,
      gap: 9,
      incrs: STEPS,
      values: (_, ticks) => ticks.map(clock),
      grid: { show: false },
    },
    {
      ...common,
      size: 58,
      space: 34,
      gap: 6,
      grid: { stroke: () => ink('grid'), width: 1 },
      ...(rows
        ? { splits: () => rows.map((_, i) => i + 0.5), values: () => rows.map((name) => name) }
        : { values: (_: uPlot, ticks: number[], __: number, ___: number, step: number) => ticks.map((v) => tick(v, step)) }),
    },
  ];
}
