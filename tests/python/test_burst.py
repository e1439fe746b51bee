"""Bursts: the timeline, the cost, the projections, driven through the engine's own inputs."""

from __future__ import annotations

from typing import Any

import heijunka
import pytest
from heijunka import Effect, Engine

SECOND = 1_000_000
SERVICE = 100_000
#: Nothing but surges changes the workers.
STILL: dict[str, Any] = {"scaler": {"enabled": False}}


class World:
    """Requests of 100 ms, the same number for every pool each second, and the engine stepped at its deadlines."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.engine = Engine(config)
        self.now_us = 0
        self.effects: list[Effect] = []

    def run_until(self, until_us: int) -> None:
        """Steps at every deadline up to `until_us`."""
        while (deadline := self.engine.next_deadline()) is not None and deadline <= until_us:
            assert deadline > self.now_us
            self.now_us = deadline
            self.effects += self.engine.step(deadline)
        self.now_us = until_us

    def second(self, per_pool: int) -> None:
        """A second in which every pool is asked for `per_pool` workers; what it refuses is demand too."""
        start = self.now_us
        out: list[tuple[int, int]] = []
        for index in range(per_pool):
            at = start + index * SECOND // per_pool
            self._return(out, at)
            self.run_until(at)
            for pool in self.engine.pools:
                worker = self.engine.checkout(at, pool).worker
                if worker is not None:
                    out.append((at + SERVICE, worker))
        self._return(out, start + SECOND - 1)
        self.run_until(start + SECOND)
        self._return(out, start + 2 * SECOND)

    def _return(self, out: list[tuple[int, int]], until_us: int) -> None:
        while out and out[0][0] <= until_us:
            at, worker = out.pop(0)
            self.run_until(max(self.now_us, at))
            self.engine.checkin(at, worker)

    def of_kind(self, kind: str) -> list[Effect]:
        return [effect for effect in self.effects if effect.kind == kind]


def surging(config: dict[str, Any] | None = None) -> tuple[World, int]:
    """A world in which a surge has just started, and when it did."""
    world = World({**STILL, **(config or {})})
    for _ in range(80):
        world.second(1)
    assert world.engine.burst_status()["baseline_load"] > 0
    assert world.of_kind("SurgeStarted") == []
    while not world.of_kind("SurgeStarted"):
        world.second(100)
        assert world.now_us < 90 * SECOND
    (started,) = world.of_kind("SurgeStarted")
    return world, started.at_us


def test_the_golden_timeline_and_cost() -> None:
    world, start = surging()
    added = [effect for effect in world.of_kind("AddWorkers") if effect.surge]
    assert [(effect.pool, effect.count, effect.reason) for effect in added] == [
        (pool, 5, "burst") for pool in world.engine.pools
    ]
    assert all(len(effect.workers) == 5 for effect in added)
    metrics = world.engine.surge_metrics()
    assert (metrics["in_surge"], metrics["surge_start_us"], metrics["phase"]) == (True, start, "hold")
    assert metrics["total_surge_cost"] == 30.0
    now_us = world.engine.engine_status()["now_us"]
    assert metrics["surge_time_remaining_us"] == start + 420 * SECOND - now_us

    world.run_until(start + 449 * SECOND)
    left: dict[float, int] = {}
    for effect in world.of_kind("RemoveWorkers"):
        assert effect.surge
        after = (effect.at_us - start) / SECOND
        left[after] = left.get(after, 0) + effect.count
    assert left == {324: 3, 348: 3, 372: 3, 396: 3, 420: 3}
    assert [effect.at_us - start for effect in world.of_kind("SurgeEnded")] == [420 * SECOND]
    assert [world.engine.pool_status(pool)["current_workers"] for pool in world.engine.pools] == [10, 8, 5]

    metrics = world.engine.surge_metrics()
    assert metrics["total_surge_cost"] == 30.0
    assert metrics["avg_surge_cost"] == 30.0
    assert metrics["total_surge_money"] == 3.10
    assert metrics["surge_count"] == 1
    status = world.engine.burst_status()
    assert (status["surge_count"], status["in_surge"], status["total_surge_money"]) == (1, False, 3.10)
    assert status["last_surge_us"] == 420 * SECOND


@pytest.mark.parametrize(
    ("most", "added", "cost"), [(50, 5, 10.0), (12, 2, 4.0)], ids=["a whole surge", "what there was room for"]
)
def test_a_surge_costs_two_units_for_each_worker_really_added(most: int, added: int, cost: float) -> None:
    sizes = {"initial_workers": 10, "max_workers": 10, "surge_max_workers": most}
    world, _ = surging({"pools": {"payment": sizes}})
    assert [effect.count for effect in world.of_kind("AddWorkers") if effect.surge] == [added]
    status, metrics = world.engine.burst_status(), world.engine.surge_metrics()
    assert status["total_surge_cost"] == metrics["total_surge_cost"] == metrics["avg_surge_cost"] == cost


def test_the_status_names_its_fields() -> None:
    assert {
        "enabled", "in_surge", "baseline_load", "current_load", "load_ratio", "burst_threshold",
        "surge_active", "surge_count", "total_surge_cost", "total_surge_money", "total_surge_us", "last_surge_us",
    } <= set(Engine().burst_status())  # fmt: skip
    assert {
        "in_surge", "phase", "surge_start_us", "surge_time_remaining_us", "surge_pools", "surge_count",
        "total_surge_cost", "avg_surge_cost", "total_surge_money",
    } <= set(Engine().surge_metrics())  # fmt: skip


def test_the_next_surge_is_possible_after_450_seconds() -> None:
    world, start = surging()
    world.run_until(start + 440 * SECOND)
    while world.now_us < start + 470 * SECOND:
        world.second(100)
    starts = [effect.at_us - start for effect in world.of_kind("SurgeStarted")]
    assert starts == [0, 450 * SECOND]


def test_fifteen_workers_for_five_minutes_cost_two_dollars_fifty() -> None:
    world, start = surging({"burst": {"shrink_us": 0}})
    world.run_until(start + 301 * SECOND)
    assert [effect.at_us - start for effect in world.of_kind("SurgeEnded")] == [300 * SECOND]
    assert world.engine.surge_metrics()["total_surge_money"] == 2.50


def test_the_golden_projections() -> None:
    assert heijunka.surge_cost_per_year(2, 2.50) == 1825.0
    assert heijunka.baseline_cost_per_year(1, 1.00) == 8760.0
    with pytest.raises(heijunka.OutOfRange, match="`workers` = -1"):
        heijunka.baseline_cost_per_year(-1, 1.0)


def test_the_advice_compares_the_two_bills() -> None:
    assert Engine().cost_advice()["cheaper"] == "none"
    world, start = surging()
    world.run_until(start + 86_400 * SECOND)
    advice = world.engine.cost_advice()
    assert advice["cost_per_surge"] == pytest.approx(3.10)
    assert advice["surge_cost_per_year"] == pytest.approx(365 * 3.10 * advice["surges_per_day"])
    assert advice["baseline_cost_per_year"] == 8760.0 * advice["baseline_workers"]
    assert advice["cheaper"] == "surge"
    assert advice["saving_per_year"] == advice["baseline_cost_per_year"] - advice["surge_cost_per_year"]


def test_surges_are_disabled_and_enabled() -> None:
    world, start = surging()
    world.run_until(start + 10 * SECOND)
    world.engine.disable_surge(world.now_us)
    assert world.engine.burst_status()["enabled"] is False
    world.run_until(start + 131 * SECOND)
    assert [effect.at_us - start for effect in world.of_kind("SurgeEnded")] == [130 * SECOND]
    world.engine.enable_surge(world.now_us)
    assert world.engine.burst_status()["enabled"] is True
