// Runs what the settings ask for, off the main thread: a newer wish cancels the older, what is known isn't run again.

import type { Request } from '../state/request';
import type { Outcome } from './outcome';

export interface Options {
  signal: AbortSignal;
  onProgress: (share: number, requests: number) => void;
}

export type Simulate = (request: Request, file: File | null, options: Options) => Promise<Outcome>;

export interface Wish {
  request: Request;
  /** The trace, where it is a file. */
  file: File | null;
  /** Equal for equal requests. */
  id: string;
}

export interface Hooks {
  /** Something is running or not any more; the share of all of it that is done. */
  running: (share: number | null, requests: number) => void;
  outcome: (side: number, outcome: Outcome) => void;
  failed: (side: number, error: Error) => void;
  /** All that was wished for is there, or has failed. */
  settled: () => void;
}

/** A wish; `number` tells its file from others. */
export function wishOf(request: Request, file: { file: File; number: number } | null): Wish {
  return { request, file: file?.file ?? null, id: JSON.stringify([request, file?.number ?? null]) };
}

interface Side {
  /** What is shown. */
  shown: string | null;
  running: { wish: Wish; abort: AbortController; share: number; requests: number } | null;
}

/** How long a slider has to rest. */
const REST_MS = 40;

export class Runner {
  private readonly sides: Side[];
  private wishes: (Wish | null)[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly simulate: Simulate,
    private readonly hooks: Hooks,
    sides = 2,
  ) {
    this.sides = Array.from({ length: sides }, () => ({ shown: null, running: null }));
  }

  /** What is wished for on each side; null: nothing. Runs after a moment without other wishes, or at once. */
  want(wishes: (Wish | null)[], atOnce: boolean): void {
    this.wishes = wishes;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => this.start(), atOnce ? 0 : REST_MS);
  }

  /** Whether something runs or is about to. */
  get busy(): boolean {
    return this.timer !== null || this.sides.some(({ running }) => running !== null);
  }

  /** Stops what runs; what is shown stays. */
  cancel(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    for (const side of this.sides) stop(side);
    this.tell();
  }

  private start(): void {
    this.timer = null;
    this.sides.forEach((side, index) => {
      const wish = this.wishes[index] ?? null;
      if (side.running && side.running.wish.id === wish?.id) return;
      stop(side);
      if (!wish || side.shown === wish.id) return;
      void this.run(index, side, wish);
    });
    this.tell();
    if (!this.busy) this.hooks.settled();
  }

  private async run(index: number, side: Side, wish: Wish): Promise<void> {
    const abort = new AbortController();
    const running = { wish, abort, share: 0, requests: 0 };
    side.running = running;
    const onProgress = (share: number, requests: number) => {
      running.share = share;
      running.requests = requests;
      if (side.running === running) this.tell();
    };
    try {
      const outcome = await this.simulate(wish.request, wish.file, { signal: abort.signal, onProgress });
      if (side.running !== running) return;
      side.running = null;
      side.shown = wish.id;
      this.hooks.outcome(index, outcome);
    } catch (error) {
      if (side.running !== running) return;
      side.running = null;
      side.shown = null;
      this.hooks.failed(index, error instanceof Error ? error : new Error(String(error)));
    }
    this.tell();
    if (!this.busy) this.hooks.settled();
  }

  private tell(): void {
    const running = this.sides.flatMap((side) => side.running ?? []);
    if (!running.length) this.hooks.running(null, 0);
    else {
      const total = (key: 'share' | 'requests') => running.reduce((sum, of) => sum + of[key], 0);
      this.hooks.running(total('share') / running.length, total('requests'));
    }
  }
}

function stop(side: Side): void {
  const { running } = side;
  side.running = null;
  running?.abort.abort();
}
