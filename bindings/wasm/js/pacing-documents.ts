// The documents of a pacer: their names are those of every language.

/** How a pacer paces: `takt_us`, or `available_us` and `demand`. */
export interface PacerConfig {
  /** The time between two items, in microseconds. */
  readonly takt_us?: number | null | undefined;
  /** Instead of `takt_us`: the time there is for `demand` items. The takt is the one divided by the other, exactly. */
  readonly available_us?: number | null | undefined;
  /** The sum of all weights, when it isn't there. */
  readonly demand?: number | null | undefined;
  /** The domains, at least one. Handles follow their order. */
  readonly domains: Readonly<Record<string, PacerDomainConfig>>;
  /** The most items that wait, of all domains together: 1,048,576. */
  readonly max_backlog?: number | null | undefined;
  /** How many slots that passed while nothing waited may be made up: 0. */
  readonly max_catch_up?: number | null | undefined;
  /** How many slots that passed while items waited, since nobody polled, may be made up: all. */
  readonly max_late?: number | null | undefined;
}

/** A domain of a pacer. */
export interface PacerDomainConfig {
  /** Its share of the items, against the others' weights: 1. */
  readonly weight?: number | null | undefined;
  /** The most of its items that wait: 1,000. */
  readonly max_backlog?: number | null | undefined;
}

/** A pacer's state and its lifetime counts: `accepted = released + backlog`. */
export interface PacerStatus {
  /** The latest time seen. */
  readonly now_us: number;
  /** How many times lay before the latest one seen. */
  readonly clock_regressions: number;
  /** The time between two items. */
  readonly takt_us: number;
  /** The takt's dividend. */
  readonly available_us: number;
  /** The takt's divisor. */
  readonly demand: number;
  /** Items that wait. */
  readonly backlog: number;
  /** The most that may. */
  readonly max_backlog: number;
  /** When the next item is due, which may be over; null when nothing waits. */
  readonly next_due_us: number | null;
  /** Items accepted. */
  readonly accepted: number;
  /** Items refused. */
  readonly refused: number;
  /** Items released. */
  readonly released: number;
  /** Slots that passed while items waited and that `max_late` doesn't make up for. */
  readonly lapsed_slots: number;
  /** How much later than they were due items were released, on average. */
  readonly mean_lateness_us: number;
  /** The most that an item was late. */
  readonly max_lateness_us: number;
  /** The domains, by handle. */
  readonly domains: readonly PacerDomainStatus[];
}

/** A domain of a pacer's status. */
export interface PacerDomainStatus {
  /** Its name. */
  readonly name: string;
  /** Its share, against the others' weights. */
  readonly weight: number;
  /** Its items that wait. */
  readonly backlog: number;
  /** The most that may. */
  readonly max_backlog: number;
  /** Its items accepted. */
  readonly accepted: number;
  /** Its items refused. */
  readonly refused: number;
  /** Its items released. */
  readonly released: number;
}
