"""Many threads on one engine: nothing is lost, nothing is doubled."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable

import heijunka
from heijunka import Engine

THREADS = 8
CALLS = 3_000


def in_threads(work: Callable[[int], None]) -> None:
    """Runs `work` in every thread at once, and raises what any of them raised."""
    failures: list[BaseException] = []
    gate = threading.Barrier(THREADS)

    def run(index: int) -> None:
        gate.wait()
        try:
            work(index)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive()
    if failures:
        raise failures[0]


def test_tokens_and_workers_are_conserved() -> None:
    engine = Engine({"limits": {"max_effects": 1000}})
    given: list[list[int]] = [[] for _ in range(THREADS)]

    def work(index: int) -> None:
        draw = random.Random(index)
        tickets: list[int] = []
        for call in range(CALLS):
            now_us = call * 1_000
            answer = engine.dispatch(now_us, draw.choice(engine.domains), str(draw.random()))
            if answer.ticket is not None:
                tickets.append(answer.ticket)
                given[index].append(answer.ticket)
            if tickets and draw.random() < 0.6:
                engine.complete(now_us, tickets.pop(draw.randrange(len(tickets))), draw.random() < 0.01)
            if call % 50 == 0:
                engine.step(now_us)
                engine.pool_status("payment")
        for ticket in tickets:
            engine.complete(CALLS * 1_000, ticket)

    in_threads(work)
    together = [ticket for tickets in given for ticket in tickets]
    assert len(together) == len(set(together)) > 0
    status = engine.regulator_status()
    assert (status["current_load"], status["live_tokens"]) == (0, 0)
    assert status["accepted_requests"] + status["rejected_requests"] == THREADS * CALLS
    assert status["issued_tokens"] == status["released_tokens"] + status["expired_tokens"]
    for pool in engine.pools:
        pool_status = engine.pool_status(pool)
        assert (pool_status["busy_workers"], pool_status["queue_length"]) == (0, 0)
    assert engine.engine_status()["tickets"] == 0


def test_no_token_is_given_twice() -> None:
    engine = Engine({"regulator": {"hard_limit": 64, "soft_limit": 64, "reserved_capacity": 0}})
    held: set[int] = set()
    lock = threading.Lock()

    def work(index: int) -> None:
        for call in range(CALLS):
            token = engine.admit(call, "payment").token
            if token is None:
                continue
            with lock:
                assert token not in held
                held.add(token)
                assert len(held) <= 64
            with lock:
                held.remove(token)
            engine.release(call, token)

    in_threads(work)
    assert engine.regulator_status()["current_load"] == 0


def test_big_steps_let_other_threads_in() -> None:
    engine = Engine({"pools": {f"pool {index}": {"initial_workers": 2} for index in range(200)}})

    def work(index: int) -> None:
        for call in range(60):
            now_us = call * 5_000_000
            if index % 2:
                engine.step(now_us)
            else:
                answer = engine.dispatch(now_us, call % 200, b"k")
                if answer.ticket is not None:
                    engine.complete(now_us, answer.ticket)

    in_threads(work)
    assert engine.regulator_status()["current_load"] == 0


def test_a_forked_child_has_an_engine_of_its_own() -> None:
    if not hasattr(os, "fork"):
        return
    engine = Engine()
    token = engine.admit(0, "payment").token
    assert token is not None
    child = os.fork()
    if child == 0:
        ok = False
        try:
            engine.release(1, token)
            ok = engine.regulator_status()["current_load"] == 0
        finally:
            os._exit(0 if ok else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert engine.regulator_status()["current_load"] == 1
    engine.release(1, token)


def test_the_exceptions_are_the_same_in_every_thread() -> None:
    engine = Engine()

    def work(index: int) -> None:
        for _ in range(200):
            try:
                engine.release(0, 5)
            except heijunka.UnknownToken:
                continue
            raise AssertionError

    in_threads(work)
