"""Admission: the limits, the tokens, the status."""

from __future__ import annotations

import heijunka
import pytest
from heijunka import Engine


def admit_many(engine: Engine, domain: str, count: int, now_us: int = 0) -> tuple[list[int], int]:
    """The tokens of `count` admissions, and how many were refused."""
    tokens: list[int] = []
    refused = 0
    for _ in range(count):
        admission = engine.admit(now_us, domain)
        if admission:
            assert admission.token is not None
            tokens.append(admission.token)
        else:
            refused += 1
    return tokens, refused


def test_the_golden_figures() -> None:
    engine = Engine()
    tokens, refused = admit_many(engine, "delivery", 1300)
    assert (len(tokens), refused) == (960, 340)
    critical, refused = admit_many(engine, "payment", 300)
    assert (len(critical), refused) == (240, 60)
    status = engine.regulator_status()
    assert status["current_load"] == 1200
    assert status["load_factor"] == 1.0
    assert len(set(tokens + critical)) == 1200
    for token in (tokens + critical)[:350]:
        engine.release(1, token)
    status = engine.regulator_status()
    assert status["current_load"] == 850
    assert f"{status['load_factor']:.3f}" == "0.708"


def test_the_status_of_the_golden_figures() -> None:
    engine = Engine()
    admit_many(engine, "delivery", 1300)
    admit_many(engine, "payment", 300)
    status = engine.regulator_status()
    assert {
        "soft_limit": 1000,
        "hard_limit": 1200,
        "current_load": 1200,
        "accepted_requests": 1200,
        "rejected_requests": 400,
        "admission_rate": 0.75,
        "rejection_rate": 0.25,
        "recent_rejection_rate": 0.25,
        "load_factor": 1.0,
        "rejections_by_reason": {"hard_limit": 60, "reserved": 340},
        "rejections_by_domain": {"delivery": 340, "payment": 60},
        "expired_tokens": 0,
    }.items() <= status.items()
    assert engine.capacity_info() == {
        "total": 1200,
        "available": 0,
        "reserved": 240,
        "current_load": 1200,
        "load_percentage": 100.0,
    }


@pytest.mark.parametrize(("cls", "limit"), [("critical", 1200), ("normal", 960), ("sheddable", 720)])
def test_the_limit_of_each_class(cls: str, limit: int) -> None:
    engine = Engine()
    admitted = 0
    while True:
        admission = engine.admit(0, "payment", cls)  # type: ignore[arg-type]
        if not admission:
            break
        admitted += 1
    assert admitted == limit
    assert admission.limit == limit
    assert admission.load == limit
    assert admission.reason == {"critical": "hard_limit", "normal": "reserved", "sheddable": "shed"}[cls]
    assert admission.retry_after_us > 0
    assert admission.token is None


def test_a_request_asks_for_no_more_than_its_domain_may() -> None:
    engine = Engine()
    admit_many(engine, "delivery", 960)
    assert engine.admit(0, "delivery", "critical").reason == "reserved"
    assert engine.admit(0, "payment", cls=None).admitted


def test_the_soft_limit_warns_once() -> None:
    engine = Engine({"regulator": {"soft_limit": 2, "hard_limit": 10, "reserved_capacity": 0}})
    warnings = [engine.admit(0, "payment").warning for _ in range(4)]
    assert warnings == [False, False, True, True]
    effects = [effect for effect in engine.step(0) if effect.kind == "SoftLimitExceeded"]
    assert [(effect.reason, effect.count) for effect in effects] == [("soft_limit", 3)]


def test_a_token_is_released_once() -> None:
    engine = Engine()
    token = engine.admit(0, "payment").token
    assert token is not None
    assert 0 < token < 2**53
    engine.release(1, token, failed=True)
    with pytest.raises(heijunka.UnknownToken):
        engine.release(2, token)
    assert engine.regulator_status()["current_load"] == 0


def test_a_token_expires() -> None:
    engine = Engine({"regulator": {"token_ttl_us": 1000}})
    token = engine.admit(0, "delivery").token
    assert token is not None
    deadline = engine.next_deadline()
    assert deadline is not None
    assert deadline <= 1001
    expired = [effect for effect in engine.step(2000) if effect.kind == "TokenExpired"]
    assert [(effect.token, effect.domain, effect.reason) for effect in expired] == [
        (token, "delivery", "token_ttl")
    ]
    with pytest.raises(heijunka.UnknownToken):
        engine.release(2000, token)


def test_domains_close_and_open() -> None:
    engine = Engine()
    engine.set_domain_open(0, "payment", False)
    assert engine.admit(0, "payment").reason == "domain_closed"
    engine.set_domain_open(0, engine.domain_id("payment"), True)
    assert engine.admit(0, "payment").reason == "accepted"


def test_a_bulkhead_holds() -> None:
    engine = Engine({"domains": {"payment": {"max_concurrent": 2}}})
    assert [engine.admit(0, "payment").reason for _ in range(3)] == ["accepted", "accepted", "domain_limit"]


def test_the_partition_keeps_both_parts() -> None:
    engine = Engine({"regulator": {"reservation": "partition"}})
    assert len(admit_many(engine, "payment", 2000)[0]) == 240
    assert len(admit_many(engine, "delivery", 2000)[0]) == 960


def test_limits_move_at_run_time() -> None:
    engine = Engine()
    admit_many(engine, "payment", 100)
    engine.set_soft_limit(0, 10)
    engine.set_hard_limit(0, 50)
    assert engine.admit(0, "payment").reason == "hard_limit"
    assert engine.regulator_status()["load_factor"] == 2.0
    info = engine.capacity_info()
    assert info["current_load"] == 100
    with pytest.raises(heijunka.OutOfRange, match="soft_limit"):
        engine.set_soft_limit(0, 51)


def test_rates_before_the_first_request() -> None:
    status = Engine().regulator_status()
    assert (status["admission_rate"], status["rejection_rate"]) == (1.0, 0.0)
