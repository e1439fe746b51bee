"""The C library as a caller without a compiler sees it."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import heijunka_abi
import heijunka_c
import pytest
from heijunka_c import Engine, Error

ABI = Path(__file__).parents[2] / "bindings/c/abi"

SMALL = {
    "regulator": {"soft_limit": 3, "hard_limit": 4, "reserved_capacity": 0},
    "pools": {
        "one": {"initial_workers": 1, "max_workers": 12, "max_waiting": 1},
        "two": {"initial_workers": 1},
    },
    "domains": {"one": {"spill": []}},
}


@pytest.fixture
def engine() -> Any:
    with Engine(SMALL) as engine:
        yield engine


def test_every_exported_function_is_declared() -> None:
    lines = (ABI / "symbols.txt").read_text().splitlines()
    exported = {line.removeprefix("T heijunka_") for line in lines if line.startswith("T ")}
    assert exported == set(heijunka_abi.FUNCTIONS)


def test_every_struct_has_the_layout_that_a_compiler_gives_it() -> None:
    declared = []
    for name, struct in heijunka_abi.STRUCTS.items():
        declared.append(f"{name}: {ctypes.sizeof(struct)} bytes")
        for field, *_ in struct._fields_:
            place = getattr(struct, field)
            declared.append(f"  {field}: {place.size} bytes at {place.offset}")
    assert sorted(declared) == sorted((ABI / "layout.txt").read_text().splitlines())


def test_a_version_of_the_interface_that_is_not_ours_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heijunka_c, "ABI_VERSION", 99)
    monkeypatch.setitem(heijunka_abi.FUNCTIONS, "of_version_99", (ctypes.c_int32, []))
    with pytest.raises(OSError, match="version 1 of the interface, and this is for 99"):
        heijunka_c.Library()


def test_numbers_are_those_of_the_header() -> None:
    header = (ABI.parents[2] / "include/heijunka.h").read_text()
    numbers = dict(re.findall(r"#define HEIJUNKA_(\w+) \(?(-?\d+)\)?\n", header))
    for prefix, names in [
        ("STAGE", heijunka_abi.STAGES),
        ("CHECKIN", heijunka_abi.CHECKINS),
        ("HEALTH", heijunka_abi.HEALTH),
    ]:
        assert {int(numbers[f"{prefix}_{name.upper()}"]): name for name in names.values()} == names
    for name, number in heijunka_abi.CLASSES.items():
        assert number == int(numbers[f"CLASS_{(name or 'default').upper()}"])
    for name in ("OK", "REFUSED", "NONE", "ERROR_BUFFER_TOO_SMALL"):
        assert getattr(heijunka_abi, name) == int(numbers[name])


def test_a_requests_way(engine: Engine) -> None:
    first = engine.dispatch(1_000, "one", "customer 7")
    assert first.pop("ticket") is not None
    assert first.pop("token") is not None
    assert first.pop("worker") is not None
    assert first == {
        "pool": "one",
        "waiter": None,
        "stage": "checkout",
        "reason": "worker_idle",
        "warning": False,
        "spilled": False,
        "overflow": False,
        "limit": 1,
        "load": 1,
        "retry_after_us": 0,
    }
    second = engine.dispatch(1_000, engine.domain_id("one"), b"\xff\x00", "critical", 5_000)
    assert second["worker"] is None
    assert second["reason"] == "waiting"
    third = engine.dispatch(1_000, "one", "", wait_until=5_000)
    assert third["ticket"] is None
    assert (third["stage"], third["reason"]) == ("checkout", "queue_full")
    assert engine.step(5_000)["effects"] == [
        {
            "at_us": 5_000,
            "kind": "WaiterExpired",
            "reason": "wait_over",
            "pool": "one",
            "to_pool": None,
            "domain": None,
            "token": None,
            "waiter": second["waiter"],
            "ticket": second["ticket"],
            "workers": [],
            "count": 0,
            "surge": False,
            "alert": None,
            "value": None,
            "options": [],
        }
    ]


def test_each_part_by_itself(engine: Engine) -> None:
    admission = engine.admit(0, "two", "sheddable")
    assert admission == {
        "admitted": True,
        "token": admission["token"],
        "warning": False,
        "reason": "accepted",
        "limit": admission["limit"],
        "load": 1,
        "retry_after_us": 0,
    }
    assert engine.release(0, admission["token"]) == {}
    assert engine.route(0, "two", "k") == {"pool": "two", "reason": "primary", "spilled": False}
    worker = engine.checkout(0, "two")["worker"]
    assert engine.checkin(0, worker, failed=True) == {"outcome": "idle"}
    waiting = (engine.checkout(0, "one"), engine.checkout(0, "one", 9))[1]
    assert engine.cancel_wait(0, waiting["waiter"]) == {}
    assert engine.health_check("one") == {"status": "critical"}
    assert engine.rebalance(0)["migrated"] is False


def test_effects_with_more_workers_than_there_is_room_for() -> None:
    with Engine({"pools": {"p": {"initial_workers": 10, "min_workers": 1, "max_workers": 40}}}) as engine:
        dead = [worker["worker"] for worker in engine.pool_workers("p")["status"]]
        assert engine.report_health(0, "p", [], dead) == {"replaced": 10}
        effects = engine.drain()["effects"]
        assert sum(len(effect["workers"]) for effect in effects) == sum(effect["count"] for effect in effects)
        added = [
            worker for effect in effects for worker in effect["workers"] if effect["kind"] == "AddWorkers"
        ]
        assert len(added) == 10
        assert not set(added) & set(dead)


def test_reports(engine: Engine) -> None:
    assert engine.config()["status"] == heijunka_c.library().resolve_config(SMALL)
    assert engine.engine_status()["status"]["tickets"] == 0
    assert engine.regulator_status()["status"]["hard_limit"] == 4
    assert engine.capacity_info()["status"]["available"] == 4
    assert engine.pool_status("two")["status"]["name"] == "two"
    assert engine.balance_status()["status"]["balance_coefficient"] == 1.0
    assert engine.burst_status()["status"]["in_surge"] is False
    assert engine.surge_metrics()["status"]["surge_start_us"] is None
    assert engine.cost_advice()["status"]["cheaper"] == "none"


def test_settings(engine: Engine) -> None:
    assert engine.set_hard_limit(0, 9) == {}
    assert engine.set_soft_limit(0, 8) == {}
    assert engine.set_affinity_groups(0, {"vip": ["two"]}) == {}
    assert engine.route(0, "one", "vip")["reason"] == "affinity"
    assert engine.set_pool_open(0, "two", False) == {}
    assert engine.set_domain_open(0, "one", False) == {}
    assert engine.admit(0, "one")["reason"] == "domain_closed"
    assert engine.set_off_peak(0, True) == {}
    assert engine.disable_surge(0) == {}
    assert engine.enable_surge(0) == {}
    assert engine.scale_up(0, "one") == {"workers": 2, "scaled": True, "reason": "manual"}
    assert engine.scale_down(0, "one")["workers"] == 1
    assert isinstance(engine.next_deadline(), int)


def test_errors_have_their_code_name_and_text(engine: Engine) -> None:
    cases: list[tuple[Callable[[], object], int, str, str]] = [
        (lambda: engine.release(0, 7), -4, "unknown_token", "unknown token 7"),
        (lambda: engine.admit(0, "nowhere"), -2, "unknown_domain", "`nowhere`"),
        (lambda: engine.pool_status(99), -3, "unknown_pool", "unknown pool 99"),
        (lambda: engine.step(1 << 60), -1, "time_out_of_range", "2^53"),
        (lambda: engine.step(-1), -1, "time_out_of_range", "2^53"),
        (lambda: engine.set_soft_limit(0, 5), -9, "out_of_range", "regulator.soft_limit"),
        (lambda: Engine({"polls": {}}), -10, "invalid_config", "pools"),
    ]
    for call, code, name, text in cases:
        with pytest.raises(Error) as caught:
            call()
        assert (caught.value.code, caught.value.name) == (code, name)
        assert text in caught.value.text


def test_a_simulation() -> None:
    library = heijunka_c.library()
    requests = [{"arrival_us": at * 1000, "domain": "payment", "service_us": 5_000} for at in range(100)]
    outcome = library.simulate(None, {"requests": requests})
    assert outcome["summary"]["offered"] == 100
    assert library.simulate(None, {"requests": requests}) == outcome
    with pytest.raises(Error, match="invalid_config"):
        library.simulate(None, {"requets": requests})


def test_costs_and_presets() -> None:
    library = heijunka_c.library()
    assert library.surge_cost_per_year(2.0, 2.5) == 1825.0
    assert library.baseline_cost_per_year(1, 1.0) == 8760.0
    assert library.preset("classic") == library.resolve_config()
