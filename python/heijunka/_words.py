"""Reasons and effects in plain words."""

from __future__ import annotations

# Why requests were refused, and why effects came about. A reason that isn't listed reads as its code.
REASONS: dict[str, str] = {
    "domain_closed": "the domain was closed",
    "domain_limit": "the domain held as many requests as it may",
    "hard_limit": "the load had reached the hard limit",
    "reserved": "what was left is reserved for critical work",
    "shed": "sheddable work is refused first",
    "tokens_full": "no more requests may be in at once",
    "no_pools": "every pool it could go to was closed or empty",
    "busy": "every worker was busy",
    "queue_full": "the waiting line was full",
    "pool_closed": "the pool was closed",
    "workers_full": "no more workers may exist",
    "wait_over": "it had waited as long as it may",
    "codel_drop": "it was too old while the line was overloaded",
    "token_ttl": "it was held too long",
    "burst": "load jumped above the burst threshold",
    "surge_over": "the surge had run its time",
    "surge_disabled": "surges were disabled",
    "hand_over": "the pool needed them beyond the surge",
    "rebalance": "from the least to the most utilized pool",
    "manual": "asked for by hand",
    "demand_high": "demand was above the upper threshold",
    "demand_low": "demand was below the lower threshold",
    "proactive": "demand stood high for a minute",
    "planned_down": "demand was low for long",
    "unhealthy": "the pool was unhealthy",
    "worker_failed": "a worker failed",
    "start_timeout": "a worker didn't start in time",
    "proportional": "the count that the demand asks for",
    "staffing": "the count that the expected wait asks for",
}

# Effects in the order of the codes, with the noun for one of them.
EFFECTS: dict[str, str] = {
    "AddWorkers": "Workers added",
    "RemoveWorkers": "Workers removed",
    "MigrateWorkers": "Migrations",
    "SurgeStarted": "Surges started",
    "SurgeEnded": "Surges ended",
    "SurgeWorkersKept": "Surge workers kept",
    "WaiterReady": "Waiters served",
    "WaiterExpired": "Waiters expired",
    "CheckHealth": "Health checks",
    "TokenExpired": "Tokens expired",
    "SoftLimitExceeded": "Soft limit crossings",
}


def reason(code: str) -> str:
    """The reason in words, or its code where there are none."""
    return REASONS.get(code) or code.replace("_", " ")
