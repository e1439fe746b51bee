"""The engine against slow models of its algorithms (`tests/model`), on random histories."""

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import heijunka
import make_vectors
import model_balance as balance
import model_burst as burst
import model_regulator as regulator
import model_routing as routing
import model_scaling as scaling
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_xxh3 import xxh3_64

SECOND = 1_000_000
NEVER = 10**15
QUIET = {"scaler": {"enabled": False}, "balancer": {"rebalance_every_us": NEVER}, "burst": {"enabled": False}}


@pytest.mark.parametrize(
    ("data", "seed", "digest"),
    [
        (b"", 0, 0x2D06800538D394C2),
        (b"", 42, 0xB029411FF43D84D2),
        (b"a", 0, 0xE6C632B61E964E1F),
        (b"abc", 0, 0x78AF5F94892F3950),
        (b"hello", 42, 0xBAFA072F07DB7937),
        (b"hello world", 0, 0xD447B1EA40E6988B),
        (b"x" * 100, 0, 0xC90984FFDF50CE42),
        (b"x" * 200, 42, 0x97FA58F959225AAC),
        (b"x" * 1100, 42, 0x2EA9EB7FBD312EDF),
    ],
)
def test_the_hash_gives_the_digests_of_the_reference_library(data: bytes, seed: int, digest: int) -> None:
    assert xxh3_64(data, seed) == digest


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)


@given(
    pools=st.lists(names, min_size=2, max_size=9, unique=True),
    shares=st.lists(st.integers(1, 3), min_size=9, max_size=9),
    keys=st.lists(st.binary(max_size=300), min_size=1, max_size=12),
    closed=st.sets(st.integers(0, 8)),
    seed=st.integers(0, 2**53 - 1),
    rotation=st.none() | st.integers(1, 1000),
    times=st.lists(st.integers(0, 10**7), min_size=12, max_size=12),
)
def test_routing(
    *,
    pools: list[str],
    shares: list[int],
    keys: list[bytes],
    closed: set[int],
    seed: int,
    rotation: int | None,
    times: list[int],
) -> None:
    listed = [name for name, count in zip(pools, shares, strict=False) for _ in range(count)]
    rotation_us = None if rotation is None else rotation * 1000
    config = {
        "pools": {name: {"initial_workers": 1, "min_workers": 0} for name in pools},
        "domains": {"all of them": {"pools": listed, "spill": []}},
        "balancer": {"hash_seed": seed, "affinity_rotation_us": rotation_us},
    }
    engine = heijunka.Engine(config)
    opened = [name for index, name in enumerate(pools) if index not in closed]
    for index, name in enumerate(pools):
        engine.set_pool_open(0, name, index not in closed)
    for key, now_us in zip(keys, sorted(times), strict=False):
        answer = engine.route(now_us, "all of them", key)
        if not opened:
            assert (answer.pool, answer.reason) == (None, "no_pools")
        elif len(opened) == 1:
            assert (answer.pool, answer.reason) == (opened[0], "primary")
        else:
            now_seed = seed if rotation_us is None else routing.rotated_seed(seed, now_us, rotation_us)
            candidates = [name for name in listed if name in opened]
            assert (answer.pool, answer.reason) == (routing.owner(key, candidates, now_seed), "hash")


# Mostly what leads to halves and to whole slots.
percents = st.sampled_from([0, 10, 25, 30, 50, 60, 75]).map(
    lambda percent: Fraction(percent, 100)
) | st.integers(0, 99).map(lambda percent: Fraction(percent, 100))
admissions = st.tuples(
    st.just("admit"), st.sampled_from("abc"), st.sampled_from([None, "critical", "normal", "sheddable"])
)
operations = st.one_of(
    admissions,
    admissions,
    admissions,
    st.tuples(st.just("release"), st.integers(0, 50), st.booleans()),
    st.tuples(st.just("open"), st.sampled_from("abc"), st.booleans()),
    st.tuples(st.just("soft"), st.integers(0, 12), st.none()),
    st.tuples(st.just("hard"), st.integers(0, 14), st.none()),
    st.tuples(st.just("step"), st.none(), st.none()),
    st.tuples(st.just("step"), st.none(), st.none()),
)


@settings(max_examples=400)
@given(
    hard=st.integers(1, 12),
    soft=st.integers(1, 12),
    reserved=percents,
    sheddable=percents,
    partition=st.booleans(),
    ttl=st.none() | st.integers(1, 4),
    bulkhead=st.none() | st.integers(1, 5),
    history=st.lists(st.tuples(st.integers(0, 2), operations), min_size=10, max_size=60),
)
def test_admission(
    *,
    hard: int,
    soft: int,
    reserved: Fraction,
    sheddable: Fraction,
    partition: bool,
    ttl: int | None,
    bulkhead: int | None,
    history: list[tuple[int, tuple[Any, Any, Any]]],
) -> None:
    soft = min(soft, hard)
    classes = {"a": "normal", "b": "critical", "c": "sheddable"}
    top = {"a": "critical", "b": "critical", "c": "normal"}
    engine = heijunka.Engine(
        {
            "regulator": {
                "hard_limit": hard,
                "soft_limit": soft,
                "reserved_capacity": float(reserved),
                "sheddable_fraction": float(sheddable),
                "reservation": "partition" if partition else "headroom",
                "token_ttl_us": ttl,
            },
            "domains": {
                name: {
                    "class": classes[name],
                    "max_class": top[name],
                    "max_concurrent": bulkhead if name == "a" else None,
                }
                for name in "abc"
            },
            **QUIET,
        }
    )
    domains = {
        name: regulator.Domain(classes[name], top[name], bulkhead if name == "a" else None) for name in "abc"
    }
    model = regulator.Regulator(domains, soft, hard, reserved, sheddable, partition, ttl)
    tokens: dict[int, int] = {}
    now_us = 0
    for later_us, (kind, first, second) in history:
        now_us += later_us
        if kind == "admit":
            number, expected = model.admit(now_us, first, second)
            answer = engine.admit(now_us, first, second)
            for name, value in expected.items():
                assert getattr(answer, name) == value, name
            if number is not None:
                assert answer.token is not None
                tokens[number] = answer.token
        elif kind == "release" and model.live:
            number = list(model.live)[first % model.load]
            model.release(number, second)
            engine.release(now_us, tokens[number], second)
            with pytest.raises(heijunka.UnknownToken):
                engine.release(now_us, tokens[number], second)
        elif kind == "open":
            model.domains[first].is_open = second
            engine.set_domain_open(now_us, first, second)
        elif kind == "soft" and 1 <= first <= model.hard_limit:
            model.soft_limit = first
            engine.set_soft_limit(now_us, first)
        elif kind == "hard" and first >= model.soft_limit:
            model.hard_limit = first
            engine.set_hard_limit(now_us, first)
        elif kind == "step":
            gone = [effect.token for effect in engine.step(now_us) if effect.kind == "TokenExpired"]
            assert gone == [tokens[number] for number in model.expire(now_us)]
        status = engine.regulator_status()
        expected = model.status()
        assert {name: status[name] for name in expected} == expected


@settings(max_examples=400)
@given(
    # 17/20 and 3/4 are the overload marks.
    sizes=st.lists(st.sampled_from([0, 1, 2, 4, 20, 20, 20]), min_size=2, max_size=4),
    bounds=st.lists(st.tuples(st.integers(0, 3), st.sampled_from([4, 24, 24])), min_size=4, max_size=4),
    history=st.lists(
        st.tuples(
            st.sampled_from(["out", "out", "out", "back", "back", "rebalance", "rebalance", "open"]),
            st.sampled_from([0, 0, 0, 1, 1, 2, 3]),
            st.sampled_from([1, 1, 2, 3, 17, 17, 20]),
        ),
        min_size=10,
        max_size=60,
    ),
    stddev=st.booleans(),
)
def test_balance(
    sizes: list[int], bounds: list[tuple[int, int]], history: list[tuple[str, int, int]], stddev: bool
) -> None:
    pools = [
        balance.Pool(f"p{index}", max(low, min(size, high)), 0, low, high)
        for index, (size, (low, high)) in enumerate(zip(sizes, bounds, strict=False))
    ]
    config: dict[str, Any] = {
        "pools": {
            pool.name: {
                "initial_workers": pool.workers,
                "min_workers": pool.min_workers,
                "max_workers": pool.max_workers,
            }
            for pool in pools
        },
        "domains": {"d": {"pools": ["p0"]}},
        **QUIET,
    }
    config["balancer"] = {
        "rebalance_every_us": NEVER,
        "cooldown_us": 0,
        "coefficient": "stddev" if stddev else "spread",
    }
    engine = heijunka.Engine(config)
    out: dict[str, list[int]] = {pool.name: [] for pool in pools}
    for now_us, (kind, index, count) in enumerate(history):
        pool = pools[index % len(pools)]
        if kind == "out":
            for _ in range(min(count, pool.workers - pool.busy) if pool.is_open else 0):
                worker = engine.checkout(now_us, pool.name).worker
                assert worker is not None
                out[pool.name].append(worker)
                pool.set(pool.busy + 1)
        elif kind == "back":
            for _ in range(min(count, pool.busy)):
                engine.checkin(now_us, out[pool.name].pop())
                pool.set(pool.busy - 1)
        elif kind == "open":
            pool.is_open = count > 1
            engine.set_pool_open(now_us, pool.name, pool.is_open)
        elif not stddev:
            moved = balance.migration(pools)
            answered = engine.rebalance(now_us)
            assert answered.spread == float(balance.spread(pools))
            if moved is None:
                assert not answered.migrated
            else:
                donor, taker = moved
                assert (answered.migrated, answered.from_, answered.to) == (True, donor.name, taker.name)
                donor.set(donor.busy, donor.workers - 1)
                taker.set(taker.busy, taker.workers + 1)
        answer = engine.route(now_us, "d", b"")
        assert (answer.pool, answer.spilled) == balance.route(pools[0], pools[1:])
        status = engine.balance_status()
        if stddev:
            expected = max(0.0, 1 - math.sqrt(balance.variance(pools)) / 0.5)
            assert math.isclose(status["balance_coefficient"], expected, abs_tol=1e-12)
        else:
            coefficient = balance.coefficient(pools)
            assert status["balance_coefficient"] == pytest.approx(float(coefficient), rel=1e-15, abs=1e-300)
            assert status["balance_status"] == balance.level(coefficient)
        assert status["pool_utilization"] == {pool.name: float(pool.utilization) for pool in pools}


@settings(max_examples=600)
@given(
    initial=st.integers(1, 20) | st.integers(1, 5),
    # What a pool without any worker does isn't a matter of thresholds.
    low=st.sampled_from([1, 1, 1, 2, 4]),
    high=st.integers(5, 24),
    planned=st.booleans(),
    proactive_s=st.integers(0, 4),
    low_s=st.integers(0, 5),
    cooldown_s=st.integers(0, 4),
    interval_s=st.integers(0, 3),
    runs=st.lists(
        st.tuples(
            st.integers(0, 25) | st.integers(0, 4),
            # Whole and half windows lead to exact thresholds.
            st.sampled_from([0, 0, 2_500_000, 4_500_000, 1_000_000]) | st.integers(0, 4_999_999),
            st.integers(1, 12),
        ),
        min_size=1,
        max_size=12,
    ),
)
def test_scaling(
    *,
    initial: int,
    low: int,
    high: int,
    planned: bool,
    proactive_s: int,
    low_s: int,
    cooldown_s: int,
    interval_s: int,
    runs: list[tuple[int, int, int]],
) -> None:
    history = [(target, offset_us) for target, offset_us, times in runs for _ in range(times)]
    initial = max(low, min(initial, high))
    every_us = 5 * SECOND
    # One of the two removals at a time: when both apply, which interval counts for the other isn't fixed.
    rules = scaling.Rules(
        down=Fraction(0) if planned else Fraction(1, 2),
        planned=Fraction(3, 10) if planned else Fraction(0),
        proactive_after_us=proactive_s * every_us,
        planned_after_us=low_s * every_us,
        planned_every_us=max(1, cooldown_s) * every_us,
        down_cooldown_us=cooldown_s * every_us,
        min_interval_us=interval_s * every_us,
    )
    pool = {"initial_workers": initial, "min_workers": low, "max_workers": high}
    settings = {
        "health": False,
        "down_threshold": float(rules.down),
        "planned_threshold": float(rules.planned),
        "proactive_after_us": rules.proactive_after_us,
        "planned_after_us": rules.planned_after_us,
        "planned_every_us": rules.planned_every_us,
        "down_cooldown_us": rules.down_cooldown_us,
        "min_interval_us": rules.min_interval_us,
    }
    engine = heijunka.Engine({**QUIET, "alerts": [], "pools": {"p": pool}, "scaler": settings})
    model = scaling.Scaler(rules, initial, low, high)
    out: list[int] = []
    for number, (target, offset_us) in enumerate(history):
        start_us, change_us = number * every_us, number * every_us + offset_us
        before = len(out)
        while len(out) > target:
            engine.checkin(change_us, out.pop())
        while len(out) < target and (worker := engine.checkout(change_us, "p").worker) is not None:
            out.append(worker)
        now_us = start_us + every_us
        work_us = before * offset_us + len(out) * (every_us - offset_us)
        expected = model.evaluate(start_us, now_us, work_us)
        effects = [effect for effect in engine.step(now_us) if effect.reason != "periodic"]
        scaled = {effect.reason: effect.count for effect in effects if effect.reason != "drained"}
        workers = engine.pool_status("p")
        ordered = workers["current_workers"]
        assert ordered == model.workers, (number, expected, scaled)
        if expected is not None and scaled:
            assert set(scaled) == {expected[1]}


@given(
    workers=st.integers(1, 8),
    hold_s=st.integers(0, 20),
    shrink=st.integers(0, 10),
    cooldown_s=st.integers(0, 20),
    looks=st.lists(st.integers(0, 60_000_000), min_size=1, max_size=20),
)
def test_the_timeline_of_a_surge(
    workers: int, hold_s: int, shrink: int, cooldown_s: int, looks: list[int]
) -> None:
    timeline = burst.Timeline(workers, hold_s * SECOND, shrink * workers * 100_000, cooldown_s * SECOND)
    engine = heijunka.Engine(
        {
            **QUIET,
            "pools": {"p": {"initial_workers": 1, "min_workers": 1, "max_workers": 1}},
            "burst": {
                "surge_workers": workers,
                "hold_us": timeline.hold_us,
                "shrink_us": timeline.shrink_us,
                "cooldown_us": timeline.cooldown_us,
                "baseline_samples": 1,
                "window_samples": 1,
                "min_arrivals": 1,
            },
        }
    )
    worker = engine.checkout(0, "p").worker
    assert worker is not None
    engine.checkin(SECOND, worker)
    engine.step(10 * SECOND)
    for _ in range(20):
        engine.checkout(10 * SECOND + 1, "p")
    begun_us = 11 * SECOND
    assert any(effect.kind == "SurgeStarted" for effect in engine.step(begun_us))
    moments = sorted({*looks, *timeline.leaving_us(), timeline.next_us()})
    for elapsed_us in moments:
        engine.step(begun_us + elapsed_us)
        metrics = engine.surge_metrics()
        present = timeline.present(elapsed_us)
        assert engine.pool_status("p")["surge_workers"] == present
        assert metrics["in_surge"] == (elapsed_us < timeline.hold_us + timeline.shrink_us)
        assert metrics["phase"] == timeline.phase(elapsed_us)
        end_us = timeline.hold_us + timeline.shrink_us
        assert metrics["surge_time_remaining_us"] == max(0, end_us - elapsed_us)
    money = timeline.worker_us() * 2 / 3_600_000_000
    assert engine.surge_metrics()["total_surge_money"] == pytest.approx(money, rel=1e-15)
    assert engine.surge_metrics()["total_surge_cost"] == 2.0 * workers


@pytest.mark.parametrize("name", sorted(make_vectors.ALL))
def test_the_vectors_are_those_of_the_models(name: str) -> None:
    path = Path(__file__).parents[1] / "vectors" / f"{name}.json"
    assert path.is_file(), "python tests/model/make_vectors.py makes it"
    kept = path.read_text(encoding="utf-8")
    made = make_vectors.text(name, make_vectors.digest_of(kept))
    assert kept == made, "not what the model says: python tests/model/make_vectors.py"
