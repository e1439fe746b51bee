// A program of a user, in TypeScript: a small world that follows the engine.

import {
  type Config,
  type ConfigInput,
  type Effect,
  Engine,
  HeijunkaError,
  type Progress,
  type SimulationResult,
  type Workload,
  presets,
  simulate,
  simulateAsync,
} from "heijunka";

const config: ConfigInput = {
  ...{ preset: "adaptive" },
  pools: { resize: { initial: 4, max_waiting: 10 } },
  balancer: { affinity_groups: { vip: ["resize"] } },
};

function play(engine: Engine, seconds: number): { served: number; asked: number } {
  const ends: { at: number; ticket: number }[] = [];
  let served = 0;
  let asked = 0;
  for (let nowUs = 0; nowUs < seconds * 1_000_000; nowUs += 50_000) {
    while (ends[0] !== undefined && ends[0].at <= nowUs) {
      const end = ends.shift();
      if (end !== undefined && engine.complete(end.at, end.ticket).workerReturned) served += 1;
    }
    asked += 1;
    const { ticket, worker, reason, retryAfterUs } = engine.dispatch(nowUs, "resize", `customer ${asked % 7}`);
    if (ticket !== null && worker !== null) ends.push({ at: nowUs + 120_000, ticket });
    else if (reason !== "busy" || retryAfterUs < 0) throw new Error(reason);
    const deadline = engine.nextDeadline();
    if (deadline !== null && deadline <= nowUs + 50_000) engine.step(nowUs).forEach(obey);
  }
  return { served, asked };
}

function obey(effect: Effect): void {
  switch (effect.kind) {
    case "AddWorkers":
    case "RemoveWorkers":
      console.log(effect.atUs, effect.kind, effect.pool ?? "all", effect.workers.length, effect.reason);
      break;
    default:
      break;
  }
}

const engine = new Engine(config);
const { served, asked } = play(engine, 30);
engine.free();
try {
  engine.step(0);
} catch (error) {
  if (!(error instanceof HeijunkaError) || error.reason !== "closed" || error.code >= 0) throw error;
}

const workload: Workload = {
  domains: {
    web: {
      arrivals: { process: "spike", rate_per_s: 20, factor: 10, from_us: 10_000_000, to_us: 20_000_000 },
      service: { distribution: "log_normal", mean_us: 100_000, variation: 1 },
    },
  },
  duration_us: 60_000_000,
  retries: { attempts: 3 },
};
const classic: Config = presets.classic;
const tell = ({ share }: Progress): void => void share;
const outcomes: SimulationResult[] = [simulate(classic, workload), await simulateAsync(config, workload, { onProgress: tell })];
for (const { summary } of outcomes) console.log(summary.refused_by_reason.busy ?? 0, summary.latency_ms.p99);
console.log(`done: ${served} of ${asked}`);
