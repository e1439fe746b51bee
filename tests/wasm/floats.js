// Which members of statuses are floats: JavaScript has one kind of number, and the corpus tells two apart. Everything that
// isn't listed is an integer, so that whatever is missing here shows as a wrong digest.

const CONFIG = `
alerts.[].threshold
balancer.clear balancer.overload balancer.trigger
burst.hold_out_factor burst.min_baseline burst.min_load burst.threshold
cost.baseline_per_hour cost.surge_multiplier cost.surge_per_hour
health.critical_utilization health.degraded_utilization health.max_error_rate
regulator.reserved_capacity regulator.sheddable_fraction
regulator.adaptive.backoff_ratio regulator.adaptive.max_failures regulator.adaptive.probe regulator.adaptive.quantile
regulator.adaptive.smoothing regulator.adaptive.tolerance
scaler.down_threshold scaler.late_fraction scaler.planned_fraction scaler.planned_threshold scaler.proactive_threshold
scaler.target_utilization scaler.tolerance scaler.up_threshold
`;

const DISTRIBUTION = ["max", "mean", "p50", "p95", "p99"];
const HOURS = ["baseline", "surge", "total"];
const CHECKS = ["above", "below", "figure", "pools.[].figure"];
const under = (path, names) => names.map((name) => `${path}.${name}`).join(" ");

/** Paths by operation: `*` is any name, `[]` every item. */
const PATHS = {
  regulator_status: "admission_rate load_factor recent_rejection_rate rejection_rate",
  capacity_info: "load_percentage",
  pool_status: "avg_latency_ms avg_wait_ms error_rate utilization",
  balance_status: "balance_coefficient pool_utilization.*",
  burst_status: `baseline_load burst_threshold current_load load_ratio total_surge_cost total_surge_money
    pools.[].baseline_load pools.[].current_load`,
  surge_metrics: "avg_surge_cost total_surge_cost total_surge_money",
  cost_advice: "baseline_cost_per_year cost_per_surge saving_per_year surge_cost_per_year surges_per_day",
  alerts: "[].value",
  verify: under("checks.[]", CHECKS),
  takt: "pools.[].takt_us",
  config: CONFIG,
  pacer_status: "mean_lateness_us takt_us",
  journal_records: CONFIG.trim().split(/\s+/).map((path) => `config.${path}`).join(" "),
  journal_replay: ["recorded", "other"]
    .map((world) => `
      ${under(`${world}.regulator`, ["admission_rate", "load_factor", "recent_rejection_rate", "rejection_rate"])}
      ${under(`${world}.pools.[]`, ["avg_latency_ms", "avg_wait_ms", "error_rate", "utilization"])}
      ${under(`${world}.balance`, ["balance_coefficient", "pool_utilization.*"])}
      ${under(`${world}.burst`, ["baseline_load", "burst_threshold", "current_load", "load_ratio", "total_surge_cost"])}
      ${under(`${world}.burst`, ["total_surge_money", "pools.[].baseline_load", "pools.[].current_load"])}`)
    .join(" "),
  simulate: `
    ${CONFIG.trim().split(/\s+/).map((path) => `config.${path}`).join(" ")}
    ${under("runs.figures.*", ["high", "low", "mean"])}
    marks.[].value ${under("verify.checks.[]", CHECKS)}
    series.adaptive_limit.[] series.balance_coefficient.[] series.cost_money.[] series.refused_by_reason.*.[] series.pools.[].*.[]
    ${under("summary.cost", ["baseline_money", "surge_money", "surge_units", "total_money"])}
    summary.goodput_per_s summary.late_share summary.peak_to_mean summary.refused_or_late_share
    summary.scale_changes_per_hour
    ${["summary", "summary.pools.*"]
      .map((path) => `${path}.time_in_band ${path}.utilization_mean ${under(`${path}.wait_ms`, DISTRIBUTION)}
        ${under(`${path}.latency_ms`, DISTRIBUTION)} ${under(`${path}.worker_hours`, HOURS)}`)
      .join(" ")}
  `,
};

/** The paths as a tree. */
const TREES = new Map(
  Object.entries(PATHS).map(([op, paths]) => {
    const tree = {};
    for (const path of paths.trim().split(/\s+/)) {
      let place = tree;
      for (const part of path.split(".")) place = place[part] ??= {};
      place.float = true;
    }
    return [op, tree];
  }),
);

const NONE = {};

/** A status with bigints for its integers. */
export function told(op, status) {
  return walk(status, TREES.get(op) ?? NONE);
}

function walk(value, tree) {
  if (typeof value === "number") return tree.float === true ? value : BigInt(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, tree["[]"] ?? NONE));
  if (typeof value !== "object" || value === null) return value;
  const inside = (name) => (Object.hasOwn(tree, name) ? tree[name] : (tree["*"] ?? NONE));
  return new Map(Object.entries(value).map(([name, inner]) => [name, walk(inner, inside(name))]));
}
