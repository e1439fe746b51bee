"""Routing, checkout, scaling, balance, health."""

from __future__ import annotations

from typing import Any

import heijunka
import pytest
from heijunka import Engine

STILL: dict[str, Any] = {"scaler": {"enabled": False}, "burst": {"enabled": False}}


def two_pools(workers: int = 20, **more: Any) -> Engine:
    """Two pools of equal size in which nothing scales."""
    sizes = {"initial_workers": workers, "min_workers": workers, "max_workers": workers}
    return Engine({**STILL, "pools": {"one": sizes, "two": sizes}, **more})


def take(engine: Engine, pool: str, count: int) -> list[int]:
    workers = []
    for _ in range(count):
        worker = engine.checkout(0, pool).worker
        assert worker is not None
        workers.append(worker)
    return workers


@pytest.mark.parametrize(
    ("busy", "coefficient", "status"),
    [
        ((0, 0), 1.0, "balanced"),
        ((16, 14), 0.8, "balanced"),
        ((14, 16), 0.8, "balanced"),
        ((5, 0), 0.5, "imbalanced"),
        ((20, 0), 0.0, "critical"),
    ],
)
def test_the_golden_coefficients(busy: tuple[int, int], coefficient: float, status: str) -> None:
    engine = two_pools()
    take(engine, "one", busy[0])
    take(engine, "two", busy[1])
    balance = engine.balance_status()
    assert balance["balance_coefficient"] == coefficient
    assert balance["balance_status"] == status
    assert balance["pool_utilization"] == {"one": busy[0] / 20, "two": busy[1] / 20}


@pytest.mark.parametrize(("busy", "coefficient"), [((0, 0), 1.0), ((20, 0), 0.0), ((10, 0), 0.5)])
def test_the_coefficient_by_standard_deviation(busy: tuple[int, int], coefficient: float) -> None:
    engine = two_pools(balancer={"coefficient": "stddev"})
    take(engine, "one", busy[0])
    take(engine, "two", busy[1])
    assert engine.balance_status()["balance_coefficient"] == coefficient


def test_the_status_of_the_balance_names_its_fields() -> None:
    status = Engine().balance_status()
    assert set(status) == {
        "pools", "balance_coefficient", "total_routed", "rebalance_count", "pool_utilization", "balance_status",
    }  # fmt: skip
    assert status["pools"] == 3


def test_ten_and_a_half_busy_workers_ask_for_exactly_fifteen() -> None:
    sizes = {"initial_workers": 12, "min_workers": 12, "max_workers": 30}
    engine = Engine({"pools": {"p": sizes}, "scaler": {"mode": "proportional"}, "burst": {"enabled": False}})
    take(engine, "p", 10)
    engine.checkout(2_500_000, "p")
    engine.step(5_000_000)
    assert engine.pool_status("p")["current_workers"] == 15


def test_lifo_and_fifo() -> None:
    for strategy, again in (("lifo", 1), ("fifo", 0)):
        engine = Engine({**STILL, "pools": {"p": {"strategy": strategy, "initial_workers": 2}}})
        first, second = take(engine, "p", 2)
        engine.checkin(1, first)
        engine.checkin(2, second)
        assert engine.checkout(3, "p").worker == [first, second][again]


def test_a_worker_is_checked_in_once() -> None:
    engine = Engine()
    (worker,) = take(engine, "payment", 1)
    assert engine.checkin(1, worker).outcome == "idle"
    with pytest.raises(heijunka.UnknownWorker):
        engine.checkin(2, worker)


def test_without_a_line_a_busy_pool_refuses_at_once() -> None:
    engine = two_pools(1)
    take(engine, "one", 1)
    for wait_until in (None, 5_000_000):
        refused = engine.checkout(0, "one", wait_until)
        assert not refused
        assert (refused.worker, refused.waiter, refused.reason) == (None, None, "busy")
        assert (refused.limit, refused.load) == (1, 1)
        assert refused.retry_after_us > 0


def line_of(places: int) -> Engine:
    return Engine({**STILL, "pools": {"p": {"initial_workers": 1, "min_workers": 1, "max_waiting": places}}})


def test_a_waiter_is_served_by_a_checkin() -> None:
    engine = line_of(2)
    (worker,) = take(engine, "p", 1)
    waiting = engine.checkout(0, "p", wait_until=1_000_000)
    assert not waiting
    assert waiting.reason == "waiting"
    assert waiting.waiter is not None
    assert engine.checkin(10, worker).outcome == "served"
    ready = engine.poll_effect()
    assert ready is not None
    assert (ready.kind, ready.waiter, ready.workers, ready.pool) == (
        "WaiterReady",
        waiting.waiter,
        (worker,),
        "p",
    )
    assert engine.poll_effect() is None


def test_waiters_leave_when_their_time_is_over() -> None:
    engine = line_of(1)
    take(engine, "p", 1)
    waiter = engine.checkout(0, "p", wait_until=1_000).waiter
    assert engine.checkout(0, "p", wait_until=1_000).reason == "queue_full"
    expired = [effect for effect in engine.step(1_001) if effect.kind == "WaiterExpired"]
    assert [(effect.waiter, effect.reason) for effect in expired] == [(waiter, "wait_over")]
    with pytest.raises(heijunka.UnknownWaiter):
        engine.cancel_wait(1_002, waiter or 0)


def test_a_wait_is_cancelled_once() -> None:
    engine = line_of(1)
    (worker,) = take(engine, "p", 1)
    waiter = engine.checkout(0, "p", wait_until=1_000).waiter
    assert waiter is not None
    engine.cancel_wait(1, waiter)
    with pytest.raises(heijunka.UnknownWaiter):
        engine.cancel_wait(2, waiter)
    assert engine.checkin(3, worker).outcome == "idle"


def test_overflow_workers_come_and_go() -> None:
    sizes = {"initial_workers": 1, "min_workers": 1, "max_overflow": 1}
    engine = Engine({**STILL, "pools": {"p": sizes}})
    take(engine, "p", 1)
    extra = engine.checkout(0, "p")
    assert extra.overflow
    assert extra.reason == "overflow"
    assert engine.checkout(0, "p").reason == "busy"
    assert extra.worker is not None
    assert engine.checkin(1, extra.worker).outcome == "left"
    kinds = [(effect.kind, effect.workers) for effect in engine.step(1)]
    assert ("AddWorkers", (extra.worker,)) in kinds
    assert ("RemoveWorkers", (extra.worker,)) in kinds


def test_a_closed_pool_is_never_chosen() -> None:
    engine = Engine()
    engine.set_pool_open(0, "payment", False)
    assert engine.checkout(0, "payment").reason == "pool_closed"
    route = engine.route(0, "payment", b"k")
    assert route.pool in {"delivery", "notification"}
    assert (route.spilled, route.reason) == (True, "spill_closed")
    for pool in engine.pools:
        engine.set_pool_open(0, pool, False)
    nowhere = engine.route(0, "payment", b"k")
    assert not nowhere
    assert (nowhere.pool, nowhere.reason) == (None, "no_pools")


def test_text_and_bytes_are_the_same_key() -> None:
    engine = two_pools(domains={"both": {"pools": ["one", "two"]}})
    for key in ("a", "é", "", "customer 7"):
        assert engine.route(0, "both", key) == engine.route(0, "both", key.encode())
    assert {engine.route(0, "both", str(n)).pool for n in range(50)} == {"one", "two"}


def test_affinity_groups_at_run_time() -> None:
    engine = two_pools()
    assert engine.route(0, "one", "vip") == engine.route(0, "one", "x")
    engine.set_affinity_groups(0, {"vip": "two", "list": ["one", "two"]})
    vip = engine.route(0, "one", "vip")
    assert (vip.pool, vip.reason, vip.spilled) == ("two", "affinity", False)
    with pytest.raises(heijunka.ConfigError, match=r"balancer\.affinity_groups\.vip.*`tw`.*`two`"):
        engine.set_affinity_groups(0, {"vip": "tw"})
    assert engine.route(0, "one", "vip") == vip
    engine.set_affinity_groups(0, {})
    assert engine.route(0, "one", "vip").pool == "one"


def test_scaling_by_hand() -> None:
    engine = Engine({**STILL, "pools": {"p": {"initial_workers": 2, "min_workers": 1, "max_workers": 3}}})
    up = engine.scale_up(0, "p")
    assert (up.workers, up.scaled, up.reason, bool(up)) == (3, True, "manual", True)
    top = engine.scale_up(0, "p")
    assert (top.workers, top.scaled, top.reason, bool(top)) == (3, False, "max_workers_reached", False)
    assert [engine.scale_down(0, "p").workers for _ in range(2)] == [2, 1]
    assert engine.scale_down(0, "p").reason == "min_workers_reached"
    assert [effect.kind for effect in engine.step(0)][:3] == ["AddWorkers", "RemoveWorkers", "RemoveWorkers"]


def test_demand_scales_up() -> None:
    engine = Engine()
    take(engine, "payment", 10)
    added = [
        effect
        for now_us in range(0, 6_000_000, 1_000_000)
        for effect in engine.step(now_us)
        if effect.kind == "AddWorkers"
    ]
    assert [(effect.pool, effect.count, effect.reason) for effect in added] == [("payment", 1, "demand_high")]
    assert engine.pool_status("payment")["current_workers"] == 11


def test_a_planned_shrink_waits_until_it_is_off_peak() -> None:
    config = {
        "pools": {"p": {"initial_workers": 10, "min_workers": 2, "max_workers": 20}},
        "scaler": {"off_peak_only": True, "down_threshold": 0},
    }
    engine = Engine(config)

    def removals(from_s: int, until_s: int) -> set[str]:
        effects = [effect for now_s in range(from_s, until_s, 5) for effect in engine.step(now_s * 1_000_000)]
        return {effect.reason for effect in effects if effect.kind == "RemoveWorkers"}

    assert removals(5, 700) == set()
    engine.set_off_peak(700_000_000, True)
    assert removals(705, 800) == {"planned_down"}


def test_rebalance_moves_a_worker_to_the_work() -> None:
    sizes = {"initial_workers": 5, "min_workers": 2, "max_workers": 10}
    engine = Engine({**STILL, "pools": {"idle": sizes, "busy": sizes}})
    take(engine, "busy", 5)
    moved = engine.rebalance(1_000_000)
    assert moved
    assert (moved.from_, moved.to, moved.spread, moved.reason) == ("idle", "busy", 1.0, "rebalance")
    migration = engine.poll_effect()
    assert migration is not None
    assert (migration.kind, migration.pool, migration.to_pool, migration.count) == (
        "MigrateWorkers",
        "idle",
        "busy",
        1,
    )
    again = engine.rebalance(2_000_000)
    assert not again
    assert again.reason == "cooldown"
    assert engine.pool_status("busy")["current_workers"] == 6


def test_confirmed_workers_count_when_they_are_ready() -> None:
    engine = Engine(
        {**STILL, "worker_start": "confirmed", "pools": {"p": {"initial_workers": 2, "min_workers": 1}}}
    )
    engine.scale_up(0, "p")
    (ordered,) = [effect for effect in engine.step(0) if effect.kind == "AddWorkers"]
    assert engine.pool_status("p")["current_workers"] == 2
    assert engine.pool_status("p")["starting_workers"] == 1
    (worker,) = ordered.workers
    engine.worker_ready(1, worker)
    assert engine.pool_status("p")["current_workers"] == 3
    with pytest.raises(heijunka.UnknownWorker):
        engine.worker_ready(2, worker)


def test_failed_workers_are_replaced() -> None:
    engine = Engine()
    (worker,) = take(engine, "payment", 1)
    engine.worker_failed(1, worker)
    (added,) = [effect for effect in engine.step(1) if effect.kind == "AddWorkers"]
    assert (added.pool, added.reason) == ("payment", "worker_failed")
    with pytest.raises(heijunka.UnknownWorker):
        engine.checkin(2, worker)
    assert engine.pool_status("payment")["current_workers"] == 10


def test_health_reports_replace_the_dead() -> None:
    engine = Engine()
    ids = [worker["worker"] for worker in engine.pool_workers("payment")]
    assert len(ids) == 10
    assert {worker["state"] for worker in engine.pool_workers("payment")} == {"idle"}
    assert engine.report_health(0, "payment", alive=ids[3:], dead=iter(ids[:3])) == 3
    assert engine.pool_status("payment")["current_workers"] == 10
    with pytest.raises(heijunka.UnknownWorker):
        engine.report_health(0, "payment", [], [ids[0]])
    asked = {effect.pool for effect in engine.step(30_000_000) if effect.kind == "CheckHealth"}
    assert asked == {"payment", "delivery", "notification"}


def test_health() -> None:
    engine = two_pools()
    assert engine.health_check("one") == "healthy"
    workers = take(engine, "one", 17)
    assert engine.health_check("one") == "degraded"
    workers += take(engine, "one", 3)
    assert engine.health_check("one") == "critical"
    for worker in workers:
        engine.checkin(1, worker, failed=True)
    status = engine.pool_status("one")
    assert (status["health_status"], status["error_rate"]) == ("degraded", 1.0)
    assert (status["failed_requests"], status["total_requests"]) == (20, 20)


def test_the_status_of_a_pool_names_its_fields() -> None:
    status = Engine().pool_status("payment")
    assert status["name"] == "payment"
    assert {
        "domain", "current_workers", "available", "max_workers", "surge_workers", "utilization", "queue_length",
        "avg_latency_ms", "p50_latency_us", "p95_latency_us", "p99_latency_us", "total_requests", "failed_requests", "error_rate", "health_status",
    } <= set(status)  # fmt: skip
