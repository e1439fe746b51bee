// The charts of A and B on one time axis.

import { byId, h } from '../charts/dom';
import { clock, figure, money, moneyTick, percent } from '../charts/format';
import { Group, type World } from '../charts/group';
import { MarkList } from '../charts/list';
import { whatHappened, type Mark } from '../charts/marks';
import { upTo, type Line, type Spec } from '../charts/spec';
import { startZoom } from '../charts/zoom';
import { courseOf, type Columns, type Course } from '../run/course';
import type { Outcome } from '../run/outcome';
import { badge } from './setup';

const NAMES = ['A', 'B'] as const;
const COLORS = ['c0', 'c1'] as const;
const DASHES: readonly number[][] = [[], [7, 3]];
const ROWS = ['B move', 'B scale', 'B surge', 'B alert', 'A move', 'A scale', 'A surge', 'A alert'];

/** The row of a kind of mark among those of its side. */
function rowOf(kind: string): number {
  if (kind.startsWith('Alert')) return 3;
  if (kind.startsWith('Surge')) return 2;
  return kind === 'MigrateWorkers' ? 0 : 1;
}

export interface Hooks {
  /** The window has moved; null: it shows all. */
  window: (window: readonly [number, number] | null) => void;
  hidden: (pools: string[]) => void;
}

export class Charts {
  private course: Course;
  private currency = 'USD';
  private columns: (Columns | null)[] = [null, null];
  private hidden = new Set<string>();
  private group: Group | null = null;
  private list: MarkList | null = null;
  private moved = () => {};
  private shownMarks: Mark[] = [];
  private wanted: readonly [number, number] | null = null;

  constructor(private readonly hooks: Hooks) {
    this.course = courseOf([null, null]);
  }

  /** The pools that are left out, and the window, as a link has them. */
  restore(hidden: readonly string[], window: readonly [number, number] | null): void {
    this.hidden = new Set(hidden);
    this.wanted = window;
    if (!this.group || this.course.times.length < 2) return;
    this.pick();
    this.showWindow();
  }

  /** Draws outcomes; `deciders` as `courseOf` has them. */
  show(outcomes: readonly (Outcome | null)[], deciders: readonly (string | null)[]): void {
    this.course = courseOf(outcomes, deciders);
    this.currency = outcomes.find((outcome) => outcome)?.summary.cost.currency ?? 'USD';
    if (this.course.times.length < 2) return;
    this.choose();
    const { times, bucket, end } = this.course;
    byId('figure-limit').hidden = this.course.limits.every((limit) => limit === null);
    if (!this.group) this.group = this.make();
    else this.group.setAxis({ times, bucket, start: 0, end }, true);
    if (this.wanted) this.showWindow();
    this.listPools();
    this.list?.set(this.shownMarks);
    byId('grain').textContent = 'Each point is the mean over ' + figure(bucket) + ' s.';
  }

  private showWindow(): void {
    const { end } = this.course;
    const [from, to] = this.wanted ?? [0, end];
    this.wanted = null;
    this.group?.setWindow(from, Math.min(to, end));
  }

  private choose(): void {
    const isShown = (pool: string) => !this.hidden.has(pool);
    this.columns = [0, 1].map((side) => this.course.columns(side, isShown));
    const concerns = (pool: string | null) => pool === null || isShown(pool);
    this.shownMarks = this.course.marks.filter((mark) => concerns(mark.pool) || (mark.to !== null && concerns(mark.to)));
  }

  private pick(): void {
    this.choose();
    this.group?.refresh();
    this.list?.set(this.shownMarks);
    this.listPools();
  }

  private listPools(): void {
    const box = byId('pools');
    const { pools } = this.course;
    const boxes = pools.map((pool) => {
      const input = h('input', { type: 'checkbox', checked: !this.hidden.has(pool), 'data-pool': pool });
      input.addEventListener('change', () => {
        if (input.checked) this.hidden.delete(pool);
        else this.hidden.add(pool);
        this.pick();
        this.hooks.hidden([...this.hidden]);
        byId('pools').querySelector<HTMLElement>('[data-pool="' + CSS.escape(pool) + '"]')?.focus();
      });
      return h('label', {}, input, h('bdi', { class: 'name' }, pool || '(no name)'));
    });
    box.replaceChildren(...boxes);
  }

  private make(): Group {
    const { times, bucket, end } = this.course;
    const world: World = {
      sides: [0, 1].map((side) => ({ mark: COLORS[side] ?? '', surge: COLORS[side] ?? '', shade: 'side-' + side })),
      marks: () => this.shownMarks,
      surges: () => this.course.surges.filter(({ pool }) => pool === null || !this.hidden.has(pool)),
      rowOf: ({ kind, side }) => rowOf(kind) + (side === 0 ? 4 : 0),
      tell: (mark) => (NAMES[mark.side] ?? '') + ' ' + clock(mark.at) + ' ' + whatHappened(mark) + ', because: ' + mark.reason,
      spoken: byId('spoken'),
      moved: () => {
        this.moved();
        if (!this.group) return;
        const { from, to, whole } = this.group;
        this.hooks.window(whole ? null : [from, to]);
      },
    };
    const group = new Group({ times, bucket, start: 0, end }, world);
    for (const [key, spec] of Object.entries(this.specs())) group.add(byId('chart-' + key), spec);
    this.moved = startZoom(byId('compare'), () => group, byId('window'));
    this.list = new MarkList(
      {
        body: byId<HTMLTableSectionElement>('marks'),
        more: byId<HTMLButtonElement>('more-marks'),
        count: byId('marks-count'),
        pick: byId<HTMLSelectElement>('pick-marks'),
      },
      this.shownMarks,
      (mark) => group.showAt(mark.at),
      (mark) => badge(mark.side),
    );
    group.setWindow(0, end);
    return group;
  }

  private lines(key: keyof Columns, extra: Partial<Line> = {}): Line[] {
    return NAMES.map((label, side) => ({
      label,
      column: () => this.columns[side]?.[key] ?? this.nothing(),
      color: COLORS[side] ?? '',
      dash: DASHES[side] ?? [],
      ...extra,
    }));
  }

  private nothing(): null[] {
    return this.course.times.map(() => null);
  }

  private specs(): Record<string, Spec> {
    const perSecond = (value: number) => figure(value) + '/s';
    const baseline = this.lines('baseline', { stepped: true, dash: [2, 3], width: 1, silent: true });
    const workers = this.lines('workers', { stepped: true }).map(
      (line, side): Line => ({ ...line, say: (i) => this.workersAt(side, i) }),
    );
    return {
      utilization: { lines: this.lines('utilization'), format: percent, range: upTo(1), band: [0.6, 0.8], coarse: true },
      flow: {
        lines: [
          {
            label: 'Demand',
            column: () => this.columns[0]?.arrivals ?? this.columns[1]?.arrivals ?? this.nothing(),
            color: 'flow',
            fill: 'flow-soft',
            width: 1.2,
          },
          {
            label: 'Demand of B',
            column: () => this.columns[1]?.arrivals ?? this.nothing(),
            color: 'flow',
            dash: [7, 3],
            width: 1.2,
            shown: () => this.demandDiffers(),
          },
          ...this.lines('admitted').map((line) => ({ ...line, label: line.label + ' admitted' })),
        ],
        format: perSecond,
        tick: figure,
        range: upTo(1),
      },
      workers: {
        lines: [...workers, ...baseline],
        format: figure,
        range: upTo(1),
        between: NAMES.map((_, side) => ({ lines: [side, side + 2], color: COLORS[side] ?? '' })),
      },
      timeline: { lines: [], rows: ROWS, format: figure, range: upTo(1), height: 240 },
      waiting: { lines: this.lines('waiting'), format: figure, range: upTo(1) },
      refused: { lines: this.lines('refused'), format: perSecond, tick: figure, range: upTo(1) },
      limit: {
        lines: NAMES.map((label, side) => ({
          label,
          column: () => this.course.limits[side] ?? this.nothing(),
          color: COLORS[side] ?? '',
          dash: DASHES[side] ?? [],
          stepped: true,
          shown: () => this.course.limits[side] !== null,
        })),
        format: figure,
        range: upTo(1),
      },
      cost: {
        lines: NAMES.map((label, side) => ({
          label,
          column: () => this.course.cost[side] ?? this.nothing(),
          color: COLORS[side] ?? '',
          dash: DASHES[side] ?? [],
        })),
        format: (value) => money(value, this.currency),
        tick: (value, step) => moneyTick(value, step, this.currency),
        range: upTo(0),
      },
    };
  }

  private workersAt(side: number, i: number): string {
    const columns = this.columns[side];
    const [all, baseline] = [columns?.workers[i] ?? 0, columns?.baseline[i] ?? 0];
    return figure(baseline) + (all - baseline > 1e-9 ? ' + ' + figure(all - baseline) + ' surge' : '');
  }

  /** Clients that come again make demand depend on the side. */
  private demandDiffers(): boolean {
    const [a, b] = this.columns;
    return !!a && !!b && a.arrivals.some((value, i) => value !== b.arrivals[i]);
  }
}
