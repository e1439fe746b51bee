"""One call for the whole way of a request."""

from __future__ import annotations

import heijunka
import pytest
from heijunka import Engine

LINE = {
    "scaler": {"enabled": False},
    "pools": {"p": {"initial_workers": 1, "min_workers": 1, "max_waiting": 1}},
}


def test_there_and_back() -> None:
    engine = Engine()
    answer = engine.dispatch(0, "payment", "customer 7")
    assert answer
    assert answer.dispatched
    assert (answer.pool, answer.stage, answer.reason) == ("payment", "checkout", "worker_idle")
    assert None not in {answer.ticket, answer.token, answer.worker}
    assert answer.waiter is None
    assert answer.ticket is not None
    done = engine.complete(25_000, answer.ticket)
    assert (done.token_released, done.worker_returned) == (True, True)
    assert engine.regulator_status()["current_load"] == 0
    status = engine.pool_status("payment")
    assert (status["available"], status["total_requests"], status["avg_latency_ms"]) == (10, 1, 25.0)
    with pytest.raises(heijunka.UnknownTicket):
        engine.complete(25_000, answer.ticket)


def test_a_refusal_leaves_nothing_taken() -> None:
    engine = Engine(LINE)
    assert engine.dispatch(0, "p", "a")
    refused = engine.dispatch(0, "p", "b")
    assert not refused
    assert (refused.ticket, refused.token, refused.worker, refused.waiter) == (None, None, None, None)
    assert (refused.stage, refused.reason) == ("checkout", "busy")
    assert refused.retry_after_us > 0
    assert engine.regulator_status()["current_load"] == 1
    engine.set_domain_open(0, "p", False)
    closed = engine.dispatch(0, "p", "c")
    assert (closed.stage, closed.reason, closed.pool) == ("admit", "domain_closed", None)
    engine.set_domain_open(0, "p", True)
    engine.set_pool_open(0, "p", False)
    nowhere = engine.dispatch(0, "p", "d")
    assert (nowhere.stage, nowhere.reason, nowhere.pool) == ("route", "no_pools", None)
    status = engine.regulator_status()
    assert (status["current_load"], status["accepted_requests"], status["rejected_requests"]) == (1, 1, 3)


def test_a_waiting_ticket_is_served() -> None:
    engine = Engine(LINE)
    first = engine.dispatch(0, "p", "a").ticket
    waiting = engine.dispatch(0, "p", "b", wait_until=1_000_000)
    assert waiting
    assert waiting.reason == "waiting"
    assert (waiting.worker, waiting.waiter is not None) == (None, True)
    assert first is not None
    engine.complete(10, first)
    ready = engine.poll_effect()
    assert ready is not None
    assert (ready.kind, ready.ticket, ready.waiter) == ("WaiterReady", waiting.ticket, waiting.waiter)
    assert waiting.ticket is not None
    assert engine.complete(20, waiting.ticket).worker_returned


def test_a_waiting_ticket_expires() -> None:
    engine = Engine(LINE)
    engine.dispatch(0, "p", "a")
    waiting = engine.dispatch(0, "p", "b", None, 1_000)
    effects = [effect for effect in engine.step(1_001) if effect.kind == "WaiterExpired"]
    assert [effect.ticket for effect in effects] == [waiting.ticket]
    assert engine.regulator_status()["current_load"] == 1
    assert waiting.ticket is not None
    with pytest.raises(heijunka.UnknownTicket):
        engine.complete(1_002, waiting.ticket)


def test_an_expired_token_leaves_the_worker_out() -> None:
    engine = Engine({"regulator": {"token_ttl_us": 1_000}})
    ticket = engine.dispatch(0, "payment", "a").ticket
    (expired,) = [effect for effect in engine.step(2_000) if effect.kind == "TokenExpired"]
    assert expired.ticket == ticket
    assert engine.pool_status("payment")["available"] == 9
    assert ticket is not None
    done = engine.complete(3_000, ticket)
    assert (done.token_released, done.worker_returned) == (False, True)


def test_the_same_inputs_give_the_same_answers() -> None:
    def run() -> list[object]:
        engine = Engine(LINE, now_us=5)
        seen: list[object] = []
        for index in range(200):
            now_us = 5 + index * 700_000
            seen.append(engine.dispatch(now_us, "p", f"key {index}", wait_until=now_us + 900_000))
            seen.extend(engine.step(now_us + 1))
            if index % 3 == 0 and (ticket := seen[0].ticket if index == 0 else None):  # type: ignore[attr-defined]
                seen.append(engine.complete(now_us + 2, ticket))
        seen.extend([engine.pool_status("p"), engine.regulator_status(), engine.balance_status()])
        return seen

    assert run() == run()
