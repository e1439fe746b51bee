"""A replay's outcome in the documented shape, made up: enough like a real one to draw a report of."""

from __future__ import annotations

import math
import random
from typing import Any

POOL_NAMES = (
    "payment",
    "delivery",
    "notification",
    "search",
    "image-resize",
    "ledger",
    "export",
    "webhooks",
    "auth",
    "mail",
)


def pool_names(count: int) -> list[str]:
    """So many pool names, the first ones readable."""
    return [POOL_NAMES[i] if i < len(POOL_NAMES) else f"tenant-{i:02d}" for i in range(count)]


def _times(mean: float) -> dict[str, float]:
    return {"mean": mean, "p50": mean * 0.4, "p95": mean * 3.1, "p99": mean * 7.7, "max": mean * 31}


def _pool_series(name: str, index: int, points: int, bucket_us: int, rng: random.Random) -> dict[str, Any]:
    """A day: a lunch peak, a flash crowd at 0.62 of it, noise; workers follow with some delay."""
    scale = 14 / (1 + index * 0.7)
    columns: dict[str, list[float]] = {
        key: []
        for key in (
            "utilization",
            "demand",
            "arrivals",
            "admitted",
            "refused",
            "waiting",
            "baseline_workers",
            "surge_workers",
        )
    }
    workers = max(2.0, scale * 0.6)
    for i in range(points):
        t = i / max(points - 1, 1)
        day = 0.35 + 0.65 * math.exp(-(((t - 0.5) / 0.16) ** 2)) + 0.3 * math.exp(-(((t - 0.8) / 0.07) ** 2))
        crowd = 9 * math.exp(-(t - 0.62) / 0.012) if 0.62 <= t < 0.68 and index < 2 else 0
        arrivals = max(0.0, scale * (day + crowd) * rng.uniform(0.82, 1.18))
        surge = 5 if crowd > 0.02 else 0
        offered_work = arrivals * 0.75
        workers += 0.08 * (offered_work / 0.7 - workers)
        whole = max(2, round(workers))
        demand = offered_work / (whole + surge)
        refused = max(0.0, arrivals - (whole + surge) / 0.6)
        columns["arrivals"].append(round(arrivals, 6))
        columns["refused"].append(round(refused, 6))
        columns["admitted"].append(round(arrivals - refused, 6))
        columns["demand"].append(demand)
        columns["utilization"].append(min(1.0, demand))
        columns["waiting"].append(max(0.0, round((demand - 1) * (whole + surge), 3)))
        columns["baseline_workers"].append(whole)
        columns["surge_workers"].append(surge)
    return {"name": name, **columns}


def synthetic_result(
    *,
    points: int = 720,
    pools: int = 3,
    bucket_us: int = 120_000_000,
    seed: int = 1,
    names: list[str] | None = None,
) -> dict[str, Any]:
    """An outcome of `points` points and `pools` pools."""
    rng = random.Random(seed)
    named = names if names is not None else pool_names(pools)
    series = [_pool_series(name, i, points, bucket_us, rng) for i, name in enumerate(named)]
    bucket_s = bucket_us / 1e6
    span_us = points * bucket_us

    def total(key: str, pool: dict[str, Any]) -> int:
        offered: int = round(sum(pool[key]) * bucket_s)
        return offered

    by_pool = {
        pool["name"]: {
            "offered": total("arrivals", pool),
            "completed": total("arrivals", pool) - total("refused", pool),
            "refused": total("refused", pool),
            "expired": 0,
            "utilization_mean": sum(pool["utilization"]) / points,
            "time_in_band": sum(0.6 <= u <= 0.8 for u in pool["utilization"]) / points,
            "workers_min": min(pool["baseline_workers"]),
            "workers_max": max(pool["baseline_workers"]),
            "workers_end": pool["baseline_workers"][-1],
            "surge_max": max(pool["surge_workers"]),
            "queue_max": math.ceil(max(pool["waiting"])),
            "worker_hours": {
                "baseline": sum(pool["baseline_workers"]) * bucket_s / 3600,
                "surge": sum(pool["surge_workers"]) * bucket_s / 3600,
                "total": (sum(pool["baseline_workers"]) + sum(pool["surge_workers"])) * bucket_s / 3600,
            },
            "wait_ms": _times(12.5 + 7 * i),
            "latency_ms": _times(320.0 + 40 * i),
        }
        for i, pool in enumerate(series)
    }
    refused_column = [sum(pool["refused"][i] for pool in series) for i in range(points)]
    by_reason = {"busy": [0.7 * r for r in refused_column], "reserved": [0.2 * r for r in refused_column]}
    by_reason["shed"] = [r - 0.9 * r for r in refused_column]
    balance, cost, spent = [], [], 0.0
    for i in range(points):
        used = [pool["utilization"][i] for pool in series]
        spread = max(used) - min(used)
        balance.append(1 - 2 * spread if spread <= 0.25 else 0.5 * (1 - spread) / 0.75)
        spent += (
            sum(pool["baseline_workers"][i] + 2 * pool["surge_workers"][i] for pool in series)
            * bucket_s
            / 3600
        )
        cost.append(spent)
    offered = sum(pool["offered"] for pool in by_pool.values())
    refused = sum(pool["refused"] for pool in by_pool.values())
    surge_hours = sum(pool["worker_hours"]["surge"] for pool in by_pool.values())
    baseline_hours = sum(pool["worker_hours"]["baseline"] for pool in by_pool.values())
    marks = _marks(span_us, named, rng)
    late = offered // 130
    return {
        "trace": {
            "format": "csv",
            "rows": offered,
            "skipped": 3,
            "span_us": span_us,
            "first_us": 0,
            "without_service": 41,
            "domains": {
                name: {"rows": by_pool[name]["offered"], "pool": name, "added": i >= 3}
                for i, name in enumerate(named)
            },
        },
        "config": _config(named),
        "summary": {
            "offered": offered,
            "accepted": offered - refused,
            "refused": refused,
            "refused_by_reason": {key: round(sum(column) * bucket_s) for key, column in by_reason.items()},
            "expired": 0,
            "completed": offered - refused,
            "in_flight": 0,
            "duration_us": span_us,
            "goodput_per_s": (offered - refused) / (span_us / 1e6),
            "wait_ms": _times(21.0),
            "latency_ms": _times(344.0),
            "late": late,
            "late_share": late / max(offered, 1),
            "utilization_mean": sum(pool["utilization_mean"] for pool in by_pool.values()) / len(by_pool),
            "time_in_band": sum(pool["time_in_band"] for pool in by_pool.values()) / len(by_pool),
            "peak_to_mean": 11.7,
            "worker_hours": {
                "baseline": baseline_hours,
                "surge": surge_hours,
                "total": baseline_hours + surge_hours,
            },
            "cost": {
                "surge_units": 10.0 * len(named),
                "surge_money": 2 * surge_hours,
                "baseline_money": baseline_hours,
                "total_money": baseline_hours + 2 * surge_hours,
                "currency": "USD",
            },
            "effects": {"AddWorkers": 210, "RemoveWorkers": 198, "MigrateWorkers": 14, "SurgeStarted": 1},
            "surges": 1,
            "migrations": sum(mark["kind"] == "MigrateWorkers" for mark in marks),
            "scale_changes": 408,
            "pools": by_pool,
            "domains": {
                name: {
                    "offered": pool["offered"],
                    "accepted": pool["completed"],
                    "refused": pool["refused"],
                    "expired": 0,
                    "completed": pool["completed"],
                }
                for name, pool in by_pool.items()
            },
        },
        "series": {
            "bucket_us": bucket_us,
            "start_us": 0,
            "points": points,
            "balance_coefficient": balance,
            "pools": series,
            "refused_by_reason": by_reason,
            "cost_money": cost,
            # Lowered in the crowd, and back an hour later.
            "adaptive_limit": [480.0 if 0.62 <= i / points < 0.66 else 1200.0 for i in range(points)],
        },
        "marks": marks,
        "marks_dropped": 0,
    }


def _marks(span_us: int, names: list[str], rng: random.Random) -> list[dict[str, Any]]:
    def mark(share: float, kind: str, reason: str, count: int, *pools: str) -> dict[str, Any]:
        pool, to_pool = (*pools, None, None)[:2]
        fields = {"kind": kind, "pool": pool, "to_pool": to_pool, "count": count, "reason": reason}
        return {"at_us": int(share * span_us), **fields}

    marks = [
        mark(0.621, "SurgeStarted", "burst", 5 * len(names)),
        mark(0.66, "SurgeWorkersKept", "hand_over", 2, names[0]),
        mark(0.675, "SurgeEnded", "surge_over", 0),
    ]
    if len(names) > 1:
        for _ in range(14):
            source, target = rng.sample(names, 2)
            marks.append(mark(rng.uniform(0.3, 0.9), "MigrateWorkers", "rebalance", 1, source, target))
    return sorted(marks, key=lambda entry: int(entry["at_us"]))


def _config(names: list[str]) -> dict[str, Any]:
    return {
        "regulator": {
            "soft_limit": 1000,
            "hard_limit": 1200,
            "reserved_capacity": 0.2,
            "adaptive": {"algorithm": "correlation", "min_limit": 20, "initial_limit": 1200},
        },
        "pools": {name: {"initial_workers": 5, "min_workers": 2, "max_workers": 50} for name in names},
        "scaler": {"mode": "step", "up_threshold": 0.8, "down_threshold": 0.5},
        "balancer": {"overload": 0.85, "clear": 0.75},
        "burst": {"scope": "system", "threshold": 10.0},
    }
