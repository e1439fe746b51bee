// A world around an engine: requests that arrive, services that take their time, workers that start. It has no clock
// of its own: whoever plays it says until when.

import type { Dispatch, Effect } from 'heijunka';

import { Heap } from './heap';
import { Random } from './random';

/** What the world uses of the engine. */
export interface Machine {
  dispatch(nowUs: number, domain: string, key: string, cls?: null, waitUntilUs?: number | null): Dispatch;
  complete(nowUs: number, ticket: number, failed?: boolean): unknown;
  workerReady(nowUs: number, worker: number): void;
  step(nowUs: number): Effect[];
  pollEffect(): Effect | null;
  nextDeadline(): number | null;
}

export interface Stream {
  domain: string;
  /** Requests a second. */
  rate: number;
  /** The mean service time in microseconds. */
  serviceUs: number;
}

/** What happened since it was last asked. */
export interface Counts {
  arrived: number;
  admitted: number;
  refused: number;
  expired: number;
  completed: number;
}

export interface Crowd {
  domain: string;
  factor: number;
  untilUs: number;
}

type What = { kind: 'arrival'; stream: number; epoch: number } | { kind: 'end'; ticket: number } | { kind: 'ready'; worker: number };

/** How long a request waits in a line before it leaves, in microseconds. */
const PATIENCE_US = 30e6;
const KEYS = 100_000;

export class World {
  /** The time, in microseconds. */
  now = 0;
  /** A factor on the rates of all streams. */
  private pace = 1;
  private readonly random: Random;
  private readonly due = new Heap<What>();
  private readonly waiting = new Map<number, number>();
  private counts: Counts = none();
  private crowds: Crowd[] = [];
  private epoch = 0;

  constructor(
    private readonly engine: Machine,
    private readonly streams: readonly Stream[],
    seed: number,
    /** How long a worker takes to start. */
    private readonly startUs: number,
    /** Told of every effect. */
    private readonly told: (effect: Effect) => void,
  ) {
    this.random = new Random(seed);
    this.redraw();
  }

  /**
   * Goes on until a time, or until `tired` says so, which is asked now and then. Answers whether it has come there.
   */
  advance(toUs: number, tired: () => boolean): boolean {
    for (let done = 1; ; done++) {
      const deadline = this.engine.nextDeadline() ?? Infinity;
      const at = Math.min(this.due.next, deadline);
      if (at > toUs) break;
      this.now = Math.max(this.now, at);
      if (deadline <= this.due.next) {
        for (const effect of this.engine.step(this.now)) this.carryOut(effect);
      } else {
        const next = this.due.pop();
        if (next) this.meet(next.what);
      }
      if (done % 64 === 0 && tired()) return false;
    }
    this.now = toUs;
    return true;
  }

  /** A domain gets `factor` times its requests for a while. */
  flashCrowd(crowd: Crowd): void {
    this.crowds.push(crowd);
    this.redraw();
  }

  /** All streams at `pace` times their rates. */
  setPace(pace: number): void {
    if (pace === this.pace) return;
    this.pace = pace;
    this.redraw();
  }

  /** The flash crowds that are on. */
  crowdsNow(): Crowd[] {
    return this.crowds.filter(({ untilUs }) => untilUs > this.now);
  }

  /** What happened since the last call. */
  take(): Counts {
    const { counts } = this;
    this.counts = none();
    return counts;
  }

  /** Draws every stream's next arrival anew: the exponential distribution has no memory. */
  private redraw(): void {
    this.epoch++;
    this.streams.forEach((_, stream) => this.expect(stream));
  }

  private expect(stream: number): void {
    const of = this.streams[stream];
    if (!of) return;
    const crowds = this.crowds.filter(({ domain, untilUs }) => domain === of.domain && untilUs > this.now);
    const rate = of.rate * this.pace * crowds.reduce((factor, crowd) => factor * crowd.factor, 1);
    if (!(rate > 0)) return;
    const at = this.now + Math.round(this.random.exponential(1e6 / rate));
    const end = Math.min(...crowds.map(({ untilUs }) => untilUs));
    // A gap that reaches beyond the crowd's end is drawn anew from there.
    if (at > end) this.due.push(end, { kind: 'arrival', stream, epoch: -this.epoch });
    else this.due.push(at, { kind: 'arrival', stream, epoch: this.epoch });
  }

  private meet(what: What): void {
    switch (what.kind) {
      case 'arrival':
        if (Math.abs(what.epoch) !== this.epoch) return;
        if (what.epoch > 0) this.arrive(what.stream);
        this.expect(what.stream);
        return;
      case 'end':
        this.engine.complete(this.now, what.ticket);
        this.counts.completed++;
        break;
      case 'ready':
        this.ready(what.worker);
        break;
    }
    this.drain();
  }

  private arrive(stream: number): void {
    const of = this.streams[stream];
    if (!of) return;
    const service = Math.max(1, Math.round(this.random.exponential(of.serviceUs)));
    const key = 'c' + String(this.random.below(KEYS));
    const answer = this.engine.dispatch(this.now, of.domain, key, null, this.now + PATIENCE_US);
    this.counts.arrived++;
    if (answer.ticket === null) this.counts.refused++;
    else {
      this.counts.admitted++;
      if (answer.waiter === null) this.due.push(this.now + service, { kind: 'end', ticket: answer.ticket });
      else this.waiting.set(answer.ticket, service);
    }
    this.drain();
  }

  private ready(worker: number): void {
    try {
      this.engine.workerReady(this.now, worker);
    } catch (error) {
      // It was taken away before it had started.
      if (!(error instanceof Error) || (error as Error & { reason?: string }).reason !== 'unknown_worker') throw error;
    }
  }

  private drain(): void {
    for (let effect = this.engine.pollEffect(); effect; effect = this.engine.pollEffect()) this.carryOut(effect);
  }

  private carryOut(effect: Effect): void {
    const { kind, ticket } = effect;
    if (kind === 'WaiterReady' && ticket !== null) {
      const service = this.waiting.get(ticket);
      this.waiting.delete(ticket);
      if (service !== undefined) this.due.push(this.now + service, { kind: 'end', ticket });
    } else if (kind === 'WaiterExpired' && ticket !== null) {
      this.waiting.delete(ticket);
      this.counts.expired++;
    } else if (kind === 'AddWorkers' && this.startUs > 0 && effect.reason !== 'overflow') {
      for (const worker of effect.workers) this.due.push(this.now + this.startUs, { kind: 'ready', worker });
    }
    this.told(effect);
  }
}

function none(): Counts {
  return { arrived: 0, admitted: 0, refused: 0, expired: 0, completed: 0 };
}
