// The live mode: the engine at work in this tab, with its gauges, the last minutes, and what it does and why.

import type { Effect } from 'heijunka';

import { byId, h } from '../charts/dom';
import { clock, figure, percent } from '../charts/format';
import { Group } from '../charts/group';
import { surgesOf, whatHappened, type Mark } from '../charts/marks';
import { upTo, type Line, type Spec } from '../charts/spec';
import { Engine, resolved } from '../heijunka';
import { sideOf, trafficOf, type State } from '../state/state';
import { reasonOf } from '../words';
import { KEPT, Samples, sampleSeconds, type Sample } from './samples';
import { World, type Stream } from './world';

/** The domains of the default configuration, as busy as its initial workers like. */
const STREAMS: readonly Stream[] = [
  { domain: 'payment', rate: 14, serviceUs: 500_000 },
  { domain: 'delivery', rate: 9, serviceUs: 600_000 },
  { domain: 'notification', rate: 8, serviceUs: 350_000 },
  { domain: 'critical_notification', rate: 2, serviceUs: 350_000 },
];
const CROWD = { domain: 'delivery', factor: 20, seconds: 60 };
/** How long a frame may play, so that the page stays nimble. */
const FRAME_MS = 11;
/** A frame that comes later than this was not waited for: the page was hidden. */
const LONGEST_MS = 250;
const MOST_LOGGED = 200;
const SPEEDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] as const;
const TOLD = new Set(['AddWorkers', 'RemoveWorkers', 'MigrateWorkers', 'SurgeStarted', 'SurgeEnded', 'SurgeWorkersKept', 'SoftLimitExceeded', 'AlertFiring', 'AlertResolved']);

interface Play {
  engine: Engine;
  world: World;
  samples: Samples;
  marks: Mark[];
  pools: readonly string[];
  /** When the next sample is due, in microseconds. */
  nextUs: number;
  lastUs: number;
}

export class Live {
  private play: Play | null = null;
  private state: State | null = null;
  private made = '';
  private running = false;
  private frame: number | null = null;
  private lastMs = 0;
  private drawnMs = 0;
  private behind = 1;
  private group: Group | null = null;
  private logged: Mark[] = [];
  private unseen = 0;
  private readonly calm = matchMedia('(prefers-reduced-motion: reduce)');
  private readonly speed: HTMLInputElement;
  private readonly pace: HTMLInputElement;
  private readonly side: HTMLSelectElement;

  constructor(box: HTMLElement) {
    box.append(...frame());
    this.speed = byId<HTMLInputElement>('live-speed');
    this.pace = byId<HTMLInputElement>('live-pace');
    this.side = byId<HTMLSelectElement>('live-side');
    byId('live-play').addEventListener('click', () => this.toggle());
    byId('live-restart').addEventListener('click', () => this.restart());
    byId('live-crowd').addEventListener('click', () => this.crowd());
    this.speed.addEventListener('input', () => this.showSpeed());
    this.pace.addEventListener('input', () => this.showPace());
    this.side.addEventListener('change', () => this.restart());
    this.showSpeed();
    this.showPace();
  }

  /** Shows the mode with the configurations of a state. */
  open(state: State): void {
    this.state = state;
    const wanted = this.wanted();
    if (!this.play || wanted !== this.made) this.restart();
    this.go(true);
  }

  /** The mode is out of sight. */
  close(): void {
    this.go(false);
  }

  private wanted(): string {
    const side = this.side.value === 'b' ? 1 : 0;
    return JSON.stringify([side, this.state?.sides[side], this.state?.traffic['seed']]);
  }

  private restart(): void {
    const { state } = this;
    if (!state) return;
    const side = this.side.value === 'b' ? 1 : 0;
    byId('live-error').textContent = '';
    this.play?.engine.free();
    this.play = null;
    try {
      const start = Number(sideOf(state, side, 'start_s'));
      const config = resolved(state, side);
      const engine = new Engine({ ...config, worker_start: start > 0 ? 'confirmed' : 'instant' }, 0);
      const world = new World(engine, STREAMS, Number(trafficOf(state, 'seed')), start * 1e6, (effect) => this.tell(effect));
      const { pools } = engine;
      this.play = { engine, world, samples: new Samples(), marks: [], pools, nextUs: 1e6, lastUs: 0 };
      this.made = this.wanted();
    } catch (error) {
      byId('live-error').textContent = error instanceof Error ? error.message : String(error);
      this.go(false);
      return;
    }
    this.logged = [];
    byId('live-log').replaceChildren();
    byId('live-pools').replaceChildren(...this.play.pools.map(gauge));
    this.showPace();
    this.sample();
    this.group?.destroy();
    this.group = null;
    this.draw();
  }

  private toggle(): void {
    if (!this.play) this.restart();
    this.go(!this.running);
  }

  private go(on: boolean): void {
    this.running = on && this.play !== null;
    byId('live-play').textContent = this.running ? 'Pause' : 'Play';
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.frame = null;
    if (!this.running) return;
    this.lastMs = performance.now();
    this.frame = requestAnimationFrame(() => this.tick());
  }

  private tick(): void {
    const { play } = this;
    if (!play || !this.running) return;
    const began = performance.now();
    const passed = Math.min(began - this.lastMs, LONGEST_MS);
    this.lastMs = began;
    const from = play.world.now;
    const until = Math.round(from + passed * 1000 * this.factor());
    const tired = () => performance.now() - began > FRAME_MS;
    while (play.world.now < until) {
      const came = play.world.advance(Math.min(until, play.nextUs), tired);
      if (!came) break;
      if (play.world.now >= play.nextUs) this.sample();
    }
    // How much of what was asked for was played, smoothed.
    const share = until > from ? (play.world.now - from) / (until - from) : 1;
    this.behind += 0.1 * (share - this.behind);
    const often = this.calm.matches ? 1000 : 60;
    if (began - this.drawnMs >= often) {
      this.drawnMs = began;
      this.draw();
    }
    this.frame = requestAnimationFrame(() => this.tick());
  }

  private factor(): number {
    return SPEEDS[Number(this.speed.value)] ?? 1;
  }

  private showSpeed(): void {
    const shown = figure(this.factor()) + '×';
    byId('live-speed-shown').textContent = shown;
    this.speed.setAttribute('aria-valuetext', shown);
  }

  private showPace(): void {
    const pace = Number(this.pace.value);
    byId('live-pace-shown').textContent = percent(pace);
    this.pace.setAttribute('aria-valuetext', percent(pace));
    this.play?.world.setPace(pace);
  }

  private crowd(): void {
    const { play } = this;
    if (!play) return;
    const { domain, factor, seconds } = CROWD;
    play.world.flashCrowd({ domain, factor, untilUs: play.world.now + seconds * 1e6 });
    byId('spoken').textContent = `Flash crowd: ${domain} gets ${String(factor)} times its requests for a minute`;
    this.log({ at: play.world.now / 1e6, kind: 'Crowd', pool: domain, to: null, count: factor, reason: 'you asked for it', side: 0 });
    this.go(true);
  }

  private sample(): void {
    const { play } = this;
    if (!play) return;
    const { engine, world, pools } = play;
    const seconds = (world.now - play.lastUs) / 1e6;
    const counts = world.take();
    const statuses = pools.map((pool) => engine.poolStatus(pool));
    const rate = (count: number) => (seconds > 0 ? count / seconds : 0);
    const sample: Sample = {
      at: world.now / 1e6,
      arrived: rate(counts.arrived),
      admitted: rate(counts.admitted),
      refused: rate(counts.refused),
      utilization: statuses.map(({ utilization }) => utilization),
      workers: statuses.map(({ current_workers, starting_workers }) => current_workers + starting_workers),
      waiting: statuses.map(({ queue_length }) => queue_length),
    };
    play.samples.add(sample);
    play.lastUs = world.now;
    play.nextUs = world.now + sampleSeconds(this.factor()) * 1e6;
    const oldest = play.samples.first;
    while ((play.marks[0]?.at ?? Infinity) < oldest - 600) play.marks.shift();
  }

  private tell(effect: Effect): void {
    if (!TOLD.has(effect.kind) || !this.play) return;
    const { alert } = effect;
    const rule = alert === null ? undefined : this.play.engine.config().alerts[alert];
    const mark: Mark = {
      at: effect.atUs / 1e6,
      kind: effect.kind,
      pool: effect.pool,
      to: effect.toPool,
      count: effect.count,
      reason: rule?.name ?? reasonOf(effect.reason),
      side: 0,
    };
    this.play.marks.push(mark);
    this.log(mark);
  }

  private log(mark: Mark): void {
    this.logged.push(mark);
    if (this.logged.length > MOST_LOGGED) this.logged.shift();
    this.unseen++;
  }

  private draw(): void {
    const { play } = this;
    if (!play) return;
    const { engine, world, samples } = play;
    this.drawGauges(play);
    const { current_load, hard_limit, recent_rejection_rate } = engine.regulatorStatus();
    const surge = engine.burstStatus();
    const crowds = world.crowdsNow();
    byId('live-clock').textContent = clock(world.now / 1e6);
    byId('live-load').textContent = `${figure(current_load)} of ${figure(hard_limit)}`;
    byId('live-refused').textContent = percent(recent_rejection_rate);
    byId('live-surge').textContent = surge.in_surge ? 'on' : 'none';
    byId('live-crowd-state').textContent = crowds.length ? clock((crowds[0]?.untilUs ?? 0) / 1e6 - world.now / 1e6) + ' left' : 'none';
    const real = this.factor() * this.behind;
    byId('live-lag').textContent = this.running && this.behind < 0.9 ? `This machine plays about ${figure(real)}×.` : '';
    if (this.unseen > 0) this.drawLog();
    if (samples.length < 2) return;
    const axis = {
      times: samples.times(),
      bucket: sampleSeconds(this.factor()),
      start: samples.first,
      end: Math.max(samples.last, samples.first + 60),
    };
    if (this.group) this.group.setAxis(axis, false);
    else this.group = this.makeCharts(axis);
  }

  private drawGauges({ engine, pools }: Play): void {
    pools.forEach((pool, index) => {
      const status = engine.poolStatus(pool);
      const node = byId('live-pools').children[index];
      if (!node) return;
      const part = (name: string) => node.querySelector('[data-part="' + name + '"]');
      part('fill')?.setAttribute('width', (100 * status.utilization).toFixed(1));
      const put = (name: string, text: string) => {
        const where = part(name);
        if (where) where.textContent = text;
      };
      put('utilization', percent(status.utilization));
      const starting = status.starting_workers ? ' + ' + figure(status.starting_workers) + ' starting' : '';
      const surge = status.surge_workers ? ', ' + figure(status.surge_workers) + ' surge' : '';
      put('workers', figure(status.current_workers) + starting + surge);
      put('waiting', figure(status.queue_length));
      put('health', status.health_status);
      node.setAttribute('data-health', status.health_status);
    });
  }

  private drawLog(): void {
    const list = byId('live-log');
    const rows = this.logged.slice(-Math.min(this.unseen, MOST_LOGGED)).map((mark) => {
      const what =
        mark.kind === 'Crowd'
          ? `Flash crowd: ${mark.pool ?? ''} gets ${String(mark.count)} times its requests`
          : whatHappened(mark);
      return h('li', { 'data-kind': mark.kind }, h('time', {}, clock(mark.at)), h('span', {}, what), h('span', { class: 'aside' }, mark.reason));
    });
    this.unseen = 0;
    list.prepend(...rows.reverse());
    while (list.children.length > MOST_LOGGED) list.lastElementChild?.remove();
  }

  private makeCharts(axis: Group['axis']): Group {
    const play = () => this.play;
    const marks = () => play()?.marks ?? [];
    const group = new Group(axis, {
      sides: [{ mark: 'ink', surge: 'surge', shade: 'surge-soft' }],
      marks,
      surges: () => surgesOf(marks(), play()?.samples.last ?? 0),
      inLane: ({ kind }) => kind === 'SurgeWorkersKept',
      tell: (mark) => clock(mark.at) + ' ' + whatHappened(mark) + ': ' + mark.reason,
      spoken: byId('spoken'),
    });
    const column = (of: (sample: Sample) => number | undefined) => () => play()?.samples.column(of) ?? [];
    const pools = (of: (sample: Sample) => number[], extra: Partial<Line> = {}): Line[] =>
      (play()?.pools ?? []).map((label, index) => ({
        label,
        column: column((sample) => of(sample)[index]),
        color: 'c' + String(index % 8),
        dash: index > 7 ? [7, 3] : [],
        ...extra,
      }));
    const perSecond = (value: number) => figure(value) + '/s';
    const specs: Record<string, Spec> = {
      utilization: { lines: pools(({ utilization }) => utilization), format: percent, range: upTo(1), band: [0.6, 0.8] },
      flow: {
        lines: [
          { label: 'Demand', column: column(({ arrived }) => arrived), color: 'flow', fill: 'flow-soft', width: 1.2 },
          { label: 'Admitted', column: column(({ admitted }) => admitted), color: 'accent' },
          { label: 'Refused', column: column(({ refused }) => refused), color: 'alarm', dash: [7, 3] },
        ],
        format: perSecond,
        tick: figure,
        range: upTo(1),
      },
      workers: { lines: pools(({ workers }) => workers, { stepped: true }), format: figure, range: upTo(1) },
      waiting: { lines: pools(({ waiting }) => waiting), format: figure, range: upTo(1) },
    };
    for (const [key, spec] of Object.entries(specs)) group.add(byId('live-chart-' + key), { ...spec, height: 180 });
    return group;
  }
}

/** The bar of a pool's utilization with the band where it should be. */
function gauge(pool: string, index: number): HTMLElement {
  const svg = (tag: string, attributes: Record<string, string | number>) => {
    const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
    return node;
  };
  const bar = svg('svg', { class: 'gauge', viewBox: '0 0 100 12', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  bar.append(
    svg('rect', { class: 'track', width: 100, height: 12 }),
    svg('rect', { class: 'inband', x: 60, width: 20, height: 12 }),
    svg('rect', { class: 'level', y: 3, width: 0, height: 6, 'data-part': 'fill' }),
  );
  const figureOf = (label: string, name: string) => h('div', {}, h('dt', {}, label), h('dd', { 'data-part': name }));
  return h(
    'li',
    { class: 'card poolgauge' },
    h('h2', {}, h('span', { class: 'swatch c' + String(index % 8) }), h('bdi', {}, pool), h('span', { class: 'big', 'data-part': 'utilization' })),
    bar as unknown as Node,
    h('dl', {}, figureOf('Workers', 'workers'), figureOf('Waiting', 'waiting'), figureOf('Health', 'health')),
  );
}

function frame(): HTMLElement[] {
  const chart = (key: string, title: string, what: string) =>
    h(
      'figure',
      { class: 'card chart' },
      h('h2', { id: 'live-h-' + key }, title),
      h('p', { class: 'what' }, what),
      h('div', { class: 'plot', id: 'live-chart-' + key, tabindex: 0, role: 'group', 'aria-roledescription': 'chart', 'aria-labelledby': 'live-h-' + key }),
    );
  const fact = (label: string, id: string) => h('div', {}, h('dt', {}, label), h('dd', { id }));
  const range = (id: string, label: string, attributes: Record<string, string | number>) =>
    h('label', { class: 'knob' }, h('span', {}, label + ' ', h('output', { id: id + '-shown', for: id })), h('input', { type: 'range', id, ...attributes }));
  return [
    h(
      'div',
      { class: 'card livebar' },
      h(
        'div',
        { class: 'buttons' },
        h('button', { type: 'button', id: 'live-play', class: 'primary' }, 'Play'),
        h('button', { type: 'button', id: 'live-crowd', class: 'crowd' }, 'Flash crowd now'),
        h('button', { type: 'button', id: 'live-restart' }, 'Restart'),
      ),
      range('live-speed', 'Speed', { min: 0, max: SPEEDS.length - 1, step: 1, value: 4 }),
      range('live-pace', 'Traffic', { min: 0.1, max: 3, step: 0.1, value: 1 }),
      h(
        'label',
        { class: 'knob' },
        h('span', {}, 'Configuration'),
        h('select', { id: 'live-side' }, h('option', { value: 'a' }, 'A'), h('option', { value: 'b', selected: true }, 'B')),
      ),
      h('dl', { class: 'facts' }, fact('Time', 'live-clock'), fact('Load', 'live-load'), fact('Refused, 60 s', 'live-refused'), fact('Surge', 'live-surge'), fact('Flash crowd', 'live-crowd-state')),
      h('p', { id: 'live-lag', class: 'aside', role: 'status' }),
      h('p', { id: 'live-error', class: 'problem', role: 'alert' }),
    ),
    h('ul', { id: 'live-pools', class: 'poolgauges' }),
    h(
      'div',
      { class: 'livegrid' },
      h(
        'div',
        { class: 'figures' },
        chart('utilization', 'Utilization', 'Each pool; the band between 60 and 80 % is where it should be.'),
        chart('flow', 'Demand, admitted, refused', 'Requests a second.'),
        chart('workers', 'Workers', 'Ready and starting, surge among them.'),
        chart('waiting', 'Waiting line', 'Requests that wait for a worker.'),
      ),
      h(
        'section',
        { class: 'card log', 'aria-labelledby': 'live-log-h' },
        h('h2', { id: 'live-log-h' }, 'What it does, and why'),
        h('ol', { id: 'live-log', tabindex: 0, 'aria-labelledby': 'live-log-h' }),
      ),
    ),
    h('p', { class: 'aside' }, `The charts show the last ${String(KEPT)} samples; the pools and limits are those of the configuration chosen.`),
  ];
}
