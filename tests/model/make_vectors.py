"""Writes the `model` vectors: random histories with what the models say to them. `python tests/model/make_vectors.py`.

The digests stay as they are; `cargo run -p heijunka-vectors -- record` renews them.
"""

import json
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import make_pacing
import model_balance as balance
import model_burst as burst
import model_regulator as regulator
import model_routing as routing
import model_scaling as scaling
import model_staffing as staffing
import model_workload as workload
from dice import Dice

SECOND = 1_000_000
NEVER = 10**15
FOLDER = Path(__file__).parents[1] / "vectors"
Step = dict[str, Any]


def admission(seed: int, partition: bool) -> tuple[str, Any, list[Step]]:
    """Random admissions, releases, setters and expiries."""
    dice = Dice(seed)
    domains = {
        "a": regulator.Domain("normal", "critical", 9),
        "b": regulator.Domain("critical", "critical"),
        "c": regulator.Domain("sheddable", "normal"),
    }
    ttl_us = 500_000
    model = regulator.Regulator(
        domains, 10, 16, Fraction(3, 10), Fraction(6, 10), partition=partition, ttl_us=ttl_us
    )
    config = {
        "regulator": {
            "soft_limit": 10,
            "hard_limit": 16,
            "reserved_capacity": 0.3,
            "sheddable_fraction": 0.6,
            "reservation": "partition" if partition else "headroom",
            "token_ttl_us": ttl_us,
        },
        "domains": {
            "a": {"class": "normal", "max_class": "critical", "max_concurrent": 9},
            "b": {"class": "critical"},
            "c": {"class": "sheddable", "max_class": "normal"},
        },
        "scaler": {"enabled": False},
        "balancer": {"rebalance_every_us": NEVER},
        "health": {"check_every_us": NEVER},
    }
    steps: list[Step] = []
    now_us = 0
    for _ in range(400):
        now_us += dice.number(0, 30_000)
        what = dice.number(1, 100)
        if what <= 60:
            name, cls = dice.pick("abc"), dice.pick([None, "critical", "normal", "sheddable"])
            number, answer = model.admit(now_us, name, cls)
            step = {"op": "admit", "now_us": now_us, "domain": name}
            step |= {"class": cls} if cls else {}
            step |= {"as": f"t{number}"} if number is not None else {}
            steps.append(step | {"expect": answer})
        elif what <= 82 and model.live:
            number = dice.pick(list(model.live))
            failed = dice.number(0, 3) == 0
            model.release(number, failed)
            step = {"op": "release", "now_us": now_us, "token": f"$t{number}.token"}
            steps.append(step | ({"outcome": "failed"} if failed else {}) | {"expect": {}})
        elif what <= 86:
            name, is_open = dice.pick("abc"), dice.number(0, 2) > 0
            domains[name].is_open = is_open
            steps.append(
                {"op": "set_domain_open", "now_us": now_us, "domain": name, "open": is_open, "expect": {}}
            )
        elif what <= 89:
            model.hard_limit = dice.number(model.soft_limit, 20)
            steps.append(
                {"op": "set_hard_limit", "now_us": now_us, "hard_limit": model.hard_limit, "expect": {}}
            )
        elif what <= 91:
            model.soft_limit = dice.number(1, model.hard_limit)
            steps.append(
                {"op": "set_soft_limit", "now_us": now_us, "soft_limit": model.soft_limit, "expect": {}}
            )
        elif what <= 94:
            # What the soft limit says is left to other vectors: the effects are drained before.
            steps.append({"op": "drain"})
            effects = [
                {"at_us": now_us, "kind": "TokenExpired", "reason": "token_ttl", "token": f"$t{number}.token"}
                for number in model.expire(now_us)
            ]
            steps.append({"op": "step", "now_us": now_us, "expect": {"effects": effects}})
        else:
            steps.append({"op": "regulator_status", "expect": {"status": model.status()}})
    kind = "partition" if partition else "headroom"
    return f"400 random calls of admission with reservation `{kind}`", config, steps


def hashing() -> tuple[str, Any, list[Step]]:
    """Keys of all lengths over candidates of all kinds."""
    dice = Dice(3)
    names = ["alpha", "beta", "gamma", "delta", "épsilon", "平準化", "p7", "p8"]
    lists = {
        "two": names[:2],
        "four": names[:4],
        "eight": names,
        "backwards": names[::-1],
        "weighted": ["alpha", "beta", "beta", "beta"],
    }
    config = {
        "pools": {name: {"initial_workers": 1, "min_workers": 0} for name in names},
        "domains": {name: {"pools": pools, "spill": []} for name, pools in lists.items()},
        "balancer": {"hash_seed": 20_240_229, "affinity_groups": {"vip": ["gamma", "p8", "beta"]}},
        "scaler": {"enabled": False},
    }
    steps: list[Step] = []

    def ask(domain: str, key: bytes, pools: list[str], now_us: int, seed: int) -> None:
        written: Any = {"hex": key.hex()}
        if key.isascii() and key.decode().isprintable():
            written = key.decode()
        reason = "affinity" if key == b"vip" else "hash"
        pool = routing.owner(key, pools, seed)
        expect = {"pool": pool, "reason": reason, "spilled": False}
        steps.append({"op": "route", "now_us": now_us, "domain": domain, "key": written, "expect": expect})

    lengths = [*range(20), 31, 32, 33, 64, 65, 96, 97, 128, 129, 239, 240, 241, 512, 1024, 1025, 1500]
    for length in lengths:
        ask("eight", bytes(dice.number(0, 255) for _ in range(length)), names, 0, 20_240_229)
    for domain, pools in lists.items():
        for number in range(40):
            ask(domain, f"customer {number}".encode(), pools, 1, 20_240_229)
    ask("two", b"vip", ["gamma", "p8", "beta"], 1, 20_240_229)
    steps.append({"op": "set_pool_open", "now_us": 2, "pool": "gamma", "open": False})
    for number in range(40):
        ask("eight", f"customer {number}".encode(), [n for n in names if n != "gamma"], 2, 20_240_229)
    ask("two", b"vip", ["p8", "beta"], 2, 20_240_229)
    rotation_us = 3600 * SECOND
    rotating = {**config, "balancer": {"hash_seed": 5, "affinity_rotation_us": rotation_us}}
    steps.append({"op": "new", "now_us": 0, "config": rotating})
    for epoch in range(4):
        for number in range(12):
            now_us = epoch * rotation_us + (rotation_us - 1 if number % 2 else 0)
            now_us = max(now_us, steps[-1]["now_us"])
            seed = routing.rotated_seed(5, now_us, rotation_us)
            ask("eight", f"customer {number}".encode(), names, now_us, seed)
    return "which pool a key falls to: keys of all lengths, shares, closed pools, rotation", config, steps


def balancing() -> tuple[str, Any, list[Step]]:
    """Random checkouts, checkins, routes and migrations over four pools."""
    dice = Dice(4)
    pools = [
        balance.Pool(name, workers, 0, 2, 14) for name, workers in zip("abcd", (10, 8, 5, 12), strict=True)
    ]
    config = {
        "pools": {
            pool.name: {"initial_workers": pool.workers, "min_workers": 2, "max_workers": 14}
            for pool in pools
        },
        "domains": {"d": {"pools": ["a"]}},
        "balancer": {"rebalance_every_us": NEVER, "cooldown_us": 0},
        "scaler": {"enabled": False},
    }
    steps: list[Step] = []
    out: dict[str, list[str]] = {pool.name: [] for pool in pools}
    made = 0
    for now_us in range(300):
        pool = dice.pick(pools)
        what = dice.number(1, 100)
        if what <= 45 and pool.busy < pool.workers:
            made += 1
            steps.append(
                {
                    "op": "checkout",
                    "now_us": now_us,
                    "pool": pool.name,
                    "as": f"w{made}",
                    "expect": {"reason": "worker_idle"},
                }
                if pool.is_open
                else {
                    "op": "checkout",
                    "now_us": now_us,
                    "pool": pool.name,
                    "expect": {"reason": "pool_closed"},
                }
            )
            if pool.is_open:
                out[pool.name].append(f"$w{made}.worker")
                pool.set(pool.busy + 1)
        elif what <= 65 and out[pool.name]:
            worker = out[pool.name].pop(dice.number(0, pool.busy - 1))
            pool.set(pool.busy - 1)
            steps.append({"op": "checkin", "now_us": now_us, "worker": worker, "expect": {"outcome": "idle"}})
        elif what <= 75:
            name, spilled = balance.route(pools[0], pools[1:])
            expect = {"pool": name, "spilled": spilled}
            steps.append({"op": "route", "now_us": now_us, "domain": "d", "key": "k", "expect": expect})
        elif what <= 85:
            moved = balance.migration(pools)
            answer: dict[str, Any] = {"migrated": moved is not None, "spread": float(balance.spread(pools))}
            if moved is not None:
                donor, taker = moved
                answer |= {"from": donor.name, "to": taker.name}
                donor.set(donor.busy, donor.workers - 1)
                taker.set(taker.busy, taker.workers + 1)
            steps.append({"op": "rebalance", "now_us": now_us, "expect": answer})
        elif what <= 88:
            pool.is_open = dice.number(0, 2) > 0
            steps.append({"op": "set_pool_open", "now_us": now_us, "pool": pool.name, "open": pool.is_open})
        else:
            coefficient = balance.coefficient(pools)
            status = {
                "balance_coefficient": float(coefficient),
                "balance_status": balance.level(coefficient),
                "pool_utilization": {pool.name: float(pool.utilization) for pool in pools},
            }
            steps.append({"op": "balance_status", "expect": {"status": status}})
    return "300 random calls: utilization, coefficient, spill and migration", config, steps


def scaler(planned: bool) -> tuple[str, Any, list[Step]]:
    """Random use of one pool, judged every 5 s."""
    dice = Dice(5 + planned)
    every_us = 5 * SECOND
    rules = scaling.Rules(
        down=Fraction(0) if planned else Fraction(1, 2),
        planned=Fraction(3, 10) if planned else Fraction(0),
        proactive_after_us=20 * SECOND,
        planned_after_us=30 * SECOND,
        planned_every_us=15 * SECOND,
        down_cooldown_us=15 * SECOND,
    )
    config = {
        "alerts": [],
        "pools": {"p": {"initial_workers": 20, "min_workers": 3, "max_workers": 40}},
        "scaler": {
            "health": False,
            "down_threshold": float(rules.down),
            "planned_threshold": float(rules.planned),
            "proactive_after_us": rules.proactive_after_us,
            "planned_after_us": rules.planned_after_us,
            "planned_every_us": rules.planned_every_us,
            "down_cooldown_us": rules.down_cooldown_us,
        },
        "balancer": {"rebalance_every_us": NEVER},
        "health": {"check_every_us": NEVER},
        "burst": {"enabled": False},
    }
    model = scaling.Scaler(rules, 20, 3, 40)
    steps: list[Step] = []
    out: list[str] = []
    goal = 10
    for number in range(150):
        start_us = number * every_us
        change_us = start_us + dice.number(0, every_us - 1)
        if dice.number(0, 7) == 0:
            goal = dice.number(0, 36)
        # No more than one worker leaves while it is busy, so that nobody drains.
        target = max(0, min(model.workers - 3, goal + dice.number(-2, 2)))
        before = len(out)
        while len(out) > target:
            steps.append(
                {"op": "checkin", "now_us": change_us, "worker": out.pop(), "expect": {"outcome": "idle"}}
            )
        if len(out) < target:
            name = f"w{number}"
            steps.append(
                {
                    "op": "checkout",
                    "now_us": change_us,
                    "pool": "p",
                    "times": target - len(out),
                    "as": name,
                    "expect": {"reason": "worker_idle"},
                }
            )
            out += [f"${name}[{index}].worker" for index in range(target - len(out))]
        now_us = start_us + every_us
        work_us = before * (change_us - start_us) + len(out) * (now_us - change_us)
        change = model.evaluate(start_us, now_us, work_us)
        effects = []
        if change is not None:
            count, reason = change
            kind = "AddWorkers" if count > 0 else "RemoveWorkers"
            effects.append(
                {
                    "at_us": now_us,
                    "kind": kind,
                    "reason": reason,
                    "pool": "p",
                    "count": abs(count),
                    "surge": False,
                }
            )
        steps.append({"op": "step", "now_us": now_us, "expect": {"effects": effects}})
    which = "planned removals" if planned else "single removals"
    return f"150 evaluations of a pool under random use, with {which}", config, steps


SEEN = 12


def staffed(pools: list[str], at_once: int, wait: Fraction | None, groups: int = 1) -> list[Step]:
    """A steady load on each of some pools, and what their scaler makes of it once.

    Twice a second so many requests come at once and stay for 0.4 s. The scaler looks once, and so far ahead that none of
    them is still there then. `wait` is the wait target in service times; none: nobody can wait.
    """
    fraction = Fraction(1, 100)
    initial = at_once
    limits = {"initial_workers": initial, "min_workers": 1, "max_workers": 300, "surge_max_workers": 300}
    if wait is not None:
        limits["max_waiting"] = 100
    together = Fraction(4 * at_once * len(pools), 5 * groups)
    if wait is None:
        needed = staffing.without_line(together, fraction)
    else:
        needed = staffing.with_line(together, wait, Fraction(0), fraction)
    config: dict[str, Any] = {
        "pools": dict.fromkeys(pools, limits),
        "scaler": {
            "mode": "staffing",
            "evaluate_every_us": SEEN * SECOND,
            "late_fraction": 0.01,
            "wait_target_us": int((wait or 0) * SECOND * 2 / 5),
        },
        "regulator": {"hard_limit": 100_000},
        "balancer": {"rebalance_every_us": 864 * SECOND * 1000},
        "health": {"check_every_us": 864 * SECOND * 1000},
        "burst": {"enabled": False},
    }
    if groups > 1:
        config["domains"] = {pool: {"spill": []} for pool in pools}
    together_text = "" if len(pools) == groups else f" on {len(pools)} pools together"
    how = "may wait" if wait == 0 else f"may wait for {wait} service times" if wait else "may be refused"
    note = f"{float(together)} erlangs{together_text}, 1% {how}: {needed}"
    steps: list[Step] = [{"op": "new", "now_us": 0, "config": config, "note": note}]
    for half in range(2 * SEEN):
        now_us = half * SECOND // 2
        for pool in pools:
            out = {"op": "checkout", "now_us": now_us, "pool": pool, "times": at_once}
            steps.append({**out, "as": pool})
        for pool in pools:
            back = {"op": "checkin", "now_us": now_us + 4 * SECOND // 10, "worker": f"${pool}[*].worker"}
            steps.append({**back, "times": at_once})
    # What is to be added goes to the pools by turns, the first one first.
    each, over = divmod(needed * groups - initial * len(pools), len(pools))
    adds = [each + (place < over) for place in range(len(pools))]
    effects = [
        {"kind": "AddWorkers", "reason": "staffing", "pool": pool, "count": add}
        for pool, add in zip(pools, adds, strict=True)
        if add
    ]
    steps.append({"op": "step", "now_us": SEEN * SECOND, "expect": {"effects": effects}})
    for pool, add in zip(pools, adds, strict=True):
        status = {"current_workers": initial + add}
        steps.append({"op": "pool_status", "pool": pool, "expect": {"status": status}})
    return steps


def staffing_alone() -> tuple[str, Any, list[Step]]:
    """One pool with a line, and without."""
    steps: list[Step] = []
    for at_once in (1, 2, 5, 10, 25):
        steps += staffed(["p"], at_once, Fraction(0))
    for at_once in (2, 10):
        steps += staffed(["p"], at_once, Fraction(1, 4))
    for at_once in (1, 2, 5, 10, 20):
        steps += staffed(["p"], at_once, None)
    about = "staffing: the least count with which at most that share waits for too long, or is refused, at a steady load"
    return about, {}, steps


def staffing_together() -> tuple[str, Any, list[Step]]:
    """Pools that spill into one another are staffed as one."""
    steps: list[Step] = []
    for wait in (Fraction(0), None):
        steps += staffed(["p", "q"], 5, wait)
        steps += staffed(["p", "q", "r"], 4, wait)
        steps += staffed(["p", "q"], 5, wait, groups=2)
    return "staffing: pools that spill into one another are staffed as one, others alone", {}, steps


def surge() -> tuple[str, Any, list[Step]]:
    """A surge looked at in every second."""
    timeline = burst.Timeline(7, 40 * SECOND, 21 * SECOND, 9 * SECOND)
    config = {
        "pools": {"p": {"initial_workers": 1, "min_workers": 1, "max_workers": 1}},
        "burst": {
            "surge_workers": 7,
            "hold_us": timeline.hold_us,
            "shrink_us": timeline.shrink_us,
            "cooldown_us": timeline.cooldown_us,
        },
        "scaler": {"enabled": False},
        "balancer": {"rebalance_every_us": NEVER},
        "health": {"check_every_us": NEVER},
    }
    begun_us = 201 * SECOND
    steps: list[Step] = [
        {"op": "checkout", "now_us": 0, "pool": "p", "as": "w"},
        {"op": "checkin", "now_us": SECOND, "worker": "$w.worker"},
        {"op": "step", "now_us": 200 * SECOND},
        {"op": "checkout", "now_us": begun_us - 1, "pool": "p", "times": 40},
        {"op": "step", "now_us": begun_us},
    ]
    left = 7
    for second in range(72):
        elapsed_us = second * SECOND
        present = timeline.present(elapsed_us)
        end_us = timeline.hold_us + timeline.shrink_us
        effects: list[Step] = []
        if present < left:
            effects.append({"kind": "RemoveWorkers", "reason": "surge_over", "count": left - present})
        if elapsed_us == end_us:
            effects.append({"kind": "SurgeEnded", "reason": "surge_over"})
        left = present
        if second:
            steps.append({"op": "step", "now_us": begun_us + elapsed_us, "expect": {"effects": effects}})
        status = {
            "phase": timeline.phase(elapsed_us),
            "in_surge": elapsed_us < end_us,
            "surge_time_remaining_us": max(0, end_us - elapsed_us),
            "surge_pools": ["p"] if present else [],
        }
        steps.append({"op": "surge_metrics", "expect": {"status": status}})
    money = float(Fraction(timeline.worker_us() * 2, 3_600_000_000))
    expect = {"total_surge_money": money, "total_surge_cost": 14.0}
    steps.append({"op": "surge_metrics", "expect": {"status": expect}})
    return "a surge of seven workers, looked at in every second", config, steps


def made() -> tuple[str, Any, list[Step]]:
    """Every process and every distribution, on workers that are never all busy."""
    processes: list[dict[str, Any]] = [
        {"process": "constant", "rate_per_s": 2.5},
        {"process": "poisson", "rate_per_s": 3.0},
        {"process": "ramp", "from_per_s": 0.0, "to_per_s": 6.0},
        {"process": "ramp", "from_per_s": 7.5, "to_per_s": 0.5},
        {
            "process": "diurnal",
            "mean_per_s": 3.0,
            "amplitude": 0.8,
            "period_us": 9 * SECOND,
            "peak_at_us": 2 * SECOND,
        },
        {
            "process": "diurnal",
            "mean_per_s": 3.0,
            "amplitude": 1.0,
            "period_us": 20 * SECOND,
            "peak_at_us": 15 * SECOND,
        },
        {"process": "spike", "rate_per_s": 1.0, "factor": 12.0, "from_us": 5 * SECOND, "to_us": 7_500_000},
        {"process": "spike", "rate_per_s": 4.0, "factor": 0.0, "from_us": 5 * SECOND, "to_us": 15 * SECOND},
        {
            "process": "mmpp",
            "states": [{"rate_per_s": 9.0, "mean_us": SECOND}, {"rate_per_s": 0.5, "mean_us": 3 * SECOND}],
        },
        {
            "process": "mmpp",
            "states": [
                {"rate_per_s": 0.0, "mean_us": 2 * SECOND},
                {"rate_per_s": 5.0, "mean_us": 1_500_000},
                {"rate_per_s": 20.0, "mean_us": 400_000},
            ],
        },
    ]
    distributions: list[dict[str, Any]] = [
        {"distribution": "constant", "mean_us": 1500},
        {"distribution": "exponential", "mean_us": 20_000},
        {"distribution": "log_normal", "mean_us": 20_000, "variation": 0.7},
        {"distribution": "pareto", "mean_us": 20_000, "shape": 1.8},
    ]
    workers = {"initial_workers": 50, "min_workers": 50, "max_workers": 50}
    config = {
        "pools": {"p": workers, "q": workers},
        "domains": {"p": {"pools": ["p"]}},
        "balancer": {"affinity_groups": {"k0": ["q"]}},
        "scaler": {"enabled": False},
        "burst": {"enabled": False},
    }
    seconds = 20
    steps: list[Step] = []
    cases = [(process, distributions[0]) for process in processes]
    cases += [(processes[1], distribution) for distribution in distributions[1:]]
    for number, (process, distribution) in enumerate(cases):
        seed = 2**53 - 1 - number
        arriving, serving, naming = workload.streams(seed, "p")
        times = workload.arrivals(process, seconds * SECOND, arriving)
        services = [workload.service(distribution, serving) for _ in times]
        to_q = sum(naming.below(3) == 0 for _ in times)
        end_us = max([seconds * SECOND, *(at + took for at, took in zip(times, services, strict=True))])
        counts = [float(sum(at // SECOND == second for at in times)) for second in range(seconds)]
        counts += [0.0] * (end_us > seconds * SECOND)
        summary = {
            "offered": len(times),
            "requests": len(times),
            "completed": len(times),
            "duration_us": end_us,
            "wait_ms": {"max": 0.0},
            "latency_ms": {"mean": sum(services) / len(services) / 1000, "max": max(services) / 1000},
            "pools": {"p": {"offered": len(times) - to_q}, "q": {"offered": to_q}},
        }
        expect = {
            "trace": {
                "format": "made",
                "rows": len(times),
                "first_us": times[0],
                "span_us": times[-1] - times[0],
                "without_service": 0,
            },
            "summary": summary,
            "series": {"bucket_us": SECOND, "start_us": 0},
        }
        domain = {"arrivals": process, "service": distribution, "keys": 3}
        described = {"domains": {"p": domain}, "duration_us": seconds * SECOND}
        steps.append(
            {
                "op": "simulate",
                "config": config,
                "workload": described,
                "seed": seed,
                "expect": {"outcome": expect},
            }
        )
        # All requests at one pool, so that its series has them all.
        alone = {"domains": {"p": {**domain, "keys": 0}}, "duration_us": seconds * SECOND, "pools": "config"}
        arriving_at = {"series": {"pools": [{"name": "p", "arrivals": counts}]}}
        only_p = {**config, "pools": {"p": workers}, "balancer": {}}
        steps.append(
            {
                "op": "simulate",
                "config": only_p,
                "workload": alone,
                "seed": seed,
                "expect": {"outcome": arriving_at},
            }
        )
    return "what every process and distribution makes: times of arrival and service, keys", {}, steps


ALL: dict[str, tuple[Callable[[], tuple[str, Any, list[Step]]], str]] = {
    "admission_model_headroom": (lambda: admission(1, partition=False), "regulator"),
    "admission_model_partition": (lambda: admission(2, partition=True), "regulator"),
    "routing_model": (hashing, "routing"),
    "balance_model": (balancing, "balance"),
    "scale_model_down": (lambda: scaler(planned=False), "scaling"),
    "scale_model_planned": (lambda: scaler(planned=True), "scaling"),
    "scale_staffing": (staffing_alone, "staffing"),
    "scale_staffing_together": (staffing_together, "staffing"),
    "burst_model": (surge, "burst"),
    "simulation_made_model": (made, "workload"),
    "sequence_model": (make_pacing.sequences, "pacing"),
    "pacer_model": (make_pacing.pacer, "pacing"),
}


def text(name: str, digest: str) -> str:
    """The text of a vector."""
    make, model = ALL[name]
    about, config, steps = make()

    def dump(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    head = {"name": name, "about": about, "origin": "model", "source": f"tests/model/model_{model}.py"}
    lines = [f"{dump(member)}: {dump(value)}," for member, value in head.items()]
    lines += [f'"config": {dump(config)},', '"start_us": 0,', '"steps": [']
    listed = ",\n".join(f"  {dump(step)}" for step in steps)
    return "{\n" + "\n".join(lines) + f'\n{listed}\n],\n"digest": "{digest}"\n}}\n'


def digest_of(kept: str) -> str:
    """The digest that a file holds."""
    found = re.search(r'^"digest": "([0-9a-f]*)"$', kept, re.MULTILINE)
    return found.group(1) if found else ""


def main() -> None:
    """Writes all of them."""
    for name in ALL:
        path = FOLDER / f"{name}.json"
        kept = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(text(name, digest_of(kept)), encoding="utf-8")


if __name__ == "__main__":
    main()
