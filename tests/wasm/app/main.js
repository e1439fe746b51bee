// A page of a user, for a bundler.

import { Engine, simulate, simulateAsync, version } from "heijunka";

const engine = new Engine();
const told = [];
const workload = { profile: "steady", duration_us: 600_000_000 };
const outcome = await simulateAsync({}, workload, { onProgress: ({ share }) => told.push(share) });
document.body.dataset.said = JSON.stringify({
  version,
  reason: engine.dispatch(0, "payment", "key").reason,
  same: JSON.stringify(outcome) === JSON.stringify(simulate({}, workload)),
  told: told.length,
});
