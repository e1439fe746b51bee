"""Any sequence of calls: never a crash, never an unexpected exception, and the accounts balance."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import heijunka
import pytest
from heijunka import Engine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

CONFIG: dict[str, Any] = {
    "regulator": {"soft_limit": 6, "hard_limit": 9, "token_ttl_us": 40_000_000},
    "pools": {
        "a": {"initial_workers": 3, "min_workers": 1, "max_workers": 5, "max_waiting": 3},
        "b": {
            "initial_workers": 2,
            "min_workers": 1,
            "max_workers": 4,
            "max_overflow": 2,
            "strategy": "fifo",
        },
        "c": {"initial_workers": 2, "min_workers": 2, "max_workers": 6, "max_waiting": 4, "queue": "codel"},
    },
    "domains": {"both": {"pools": ["a", "b"], "class": "sheddable", "max_concurrent": 4}},
    "limits": {"max_effects": 64},
}
POOLS = ("a", "b", "c")
DOMAINS = ("a", "b", "c", "both")
IDS = st.one_of(st.integers(-5, 5), st.integers(2**24, 2**24 + 12), st.integers(), st.just(2**53))


class AnySequence(RuleBasedStateMachine):
    """Calls in any order with any ids, beside a simple account of tokens and workers."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = Engine()
        self.now_us = 0
        self.offered = 0
        self.ids: list[int] = []

    @initialize(confirmed=st.booleans(), partition=st.booleans())
    def start(self, confirmed: bool, partition: bool) -> None:
        config = {**CONFIG, "worker_start": "confirmed" if confirmed else "instant"}
        if partition:
            config["regulator"] = {**config["regulator"], "reservation": "partition"}
        self.engine = Engine(config)

    def id(self, draw: int) -> int:
        """One of the ids seen so far, or whatever was drawn."""
        return self.ids[draw % len(self.ids)] if self.ids and draw % 4 else draw

    def keep(self, *ids: int | None) -> None:
        self.ids += [raw for raw in ids if raw is not None]
        del self.ids[:-60]

    @rule(by=st.one_of(st.integers(-1_000_000, 20_000_000), st.just(365 * 86_400_000_000)))
    def time(self, by: int) -> None:
        self.now_us = min(max(0, self.now_us + by), 2**53 - 1)

    @rule(domain=st.sampled_from(DOMAINS), cls=st.sampled_from([None, "critical", "normal", "sheddable"]))
    def admit(self, domain: str, cls: Any) -> None:
        admission = self.engine.admit(self.now_us, domain, cls)
        self.offered += 1
        assert bool(admission) == admission.admitted == (admission.token is not None)
        assert admitted_or_later(admission.admitted, admission.retry_after_us)
        self.keep(admission.token)

    @rule(
        domain=st.sampled_from(DOMAINS),
        key=st.one_of(st.text(max_size=8), st.binary(max_size=8)),
        wait=st.booleans(),
    )
    def dispatch(self, domain: str, key: str | bytes, wait: bool) -> None:
        until = min(self.now_us + 3_000_000, 2**53 - 1) if wait else None
        try:
            answer = self.engine.dispatch(self.now_us, domain, key, wait_until=until)
        except UnicodeEncodeError:
            return
        self.offered += 1
        assert bool(answer) == (answer.ticket is not None) == (answer.token is not None)
        assert (answer.worker is None or answer.waiter is None) and (
            bool(answer) == (answer.worker is not None or answer.waiter is not None)
        )
        assert admitted_or_later(bool(answer), answer.retry_after_us)
        self.keep(answer.ticket, answer.token, answer.worker, answer.waiter)

    @rule(pool=st.sampled_from(POOLS), wait=st.booleans())
    def checkout(self, pool: str, wait: bool) -> None:
        answer = self.engine.checkout(
            self.now_us, pool, min(self.now_us + 1_000, 2**53 - 1) if wait else None
        )
        assert answer.worker is None or answer.waiter is None
        self.keep(answer.worker, answer.waiter)

    @rule(
        call=st.sampled_from(
            ["release", "checkin", "cancel_wait", "worker_ready", "worker_failed", "complete"]
        ),
        draw=IDS,
    )
    def with_id(self, call: str, draw: int) -> None:
        unknown = {
            "release": heijunka.UnknownToken,
            "cancel_wait": heijunka.UnknownWaiter,
            "complete": heijunka.UnknownTicket,
        }.get(call, heijunka.UnknownWorker)
        with suppress(unknown):
            getattr(self.engine, call)(self.now_us, self.id(draw))

    @rule(pool=st.sampled_from(POOLS), alive=st.lists(IDS, max_size=3), dead=st.lists(IDS, max_size=3))
    def report_health(self, pool: str, alive: list[int], dead: list[int]) -> None:
        with suppress(heijunka.UnknownWorker):
            self.engine.report_health(self.now_us, pool, map(self.id, alive), map(self.id, dead))

    @rule()
    def step(self) -> None:
        for effect in self.engine.step(self.now_us):
            self.keep(effect.waiter, effect.token, effect.ticket, *effect.workers)
        assert self.engine.poll_effect() is None

    @rule()
    def step_to_the_deadline(self) -> None:
        deadline = self.engine.next_deadline()
        if deadline is not None:
            self.now_us = deadline
            self.engine.step(deadline)
            after = self.engine.next_deadline()
            assert after is None or after > deadline

    @rule(pool=st.sampled_from(POOLS), up=st.booleans())
    def scale(self, pool: str, up: bool) -> None:
        (self.engine.scale_up if up else self.engine.scale_down)(self.now_us, pool)

    @rule()
    def rebalance(self) -> None:
        self.engine.rebalance(self.now_us)

    @rule(soft=st.integers(-2, 12), hard=st.integers(-2, 12))
    def limits(self, soft: int, hard: int) -> None:
        for setter, value in ((self.engine.set_soft_limit, soft), (self.engine.set_hard_limit, hard)):
            with suppress(heijunka.OutOfRange):
                setter(self.now_us, value)

    @rule(pool=st.sampled_from(POOLS), domain=st.sampled_from(DOMAINS), open=st.booleans())
    def doors(self, pool: str, domain: str, open: bool) -> None:
        self.engine.set_pool_open(self.now_us, pool, open)
        self.engine.set_domain_open(self.now_us, domain, open)

    @rule(enabled=st.booleans())
    def surges(self, enabled: bool) -> None:
        (self.engine.enable_surge if enabled else self.engine.disable_surge)(self.now_us)

    @rule(
        groups=st.dictionaries(
            st.sampled_from("xyz"), st.lists(st.sampled_from(POOLS), min_size=1), max_size=3
        )
    )
    def affinity(self, groups: dict[str, Any]) -> None:
        self.engine.set_affinity_groups(self.now_us, groups)

    @invariant()
    def accounts_balance(self) -> None:
        status = self.engine.regulator_status()
        live = status["issued_tokens"] - status["released_tokens"] - status["expired_tokens"]
        assert status["live_tokens"] == status["current_load"] == live >= 0
        assert status["accepted_requests"] + status["rejected_requests"] == self.offered
        for pool in POOLS:
            workers = self.engine.pool_workers(pool)
            pool_status = self.engine.pool_status(pool)
            assert len({worker["worker"] for worker in workers}) == len(workers)
            busy = sum(worker["state"] == "busy" for worker in workers)
            assert pool_status["busy_workers"] == busy
            assert pool_status["available"] == sum(worker["state"] == "idle" for worker in workers)
            assert 0.0 <= pool_status["utilization"] <= 1.0
        assert 0.0 <= self.engine.balance_status()["balance_coefficient"] <= 1.0
        deadline = self.engine.next_deadline()
        assert deadline is None or deadline > self.engine.engine_status()["now_us"]


def admitted_or_later(admitted: bool, retry_after_us: int) -> bool:
    """A refusal says when to come back, an admission doesn't."""
    return (retry_after_us == 0) == admitted


TestAnySequence = pytest.mark.filterwarnings("error")(AnySequence.TestCase)
TestAnySequence.settings = settings(
    max_examples=60,
    stateful_step_count=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)

JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), st.binary(max_size=3)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=12,
)
SECTIONS = (
    "regulator",
    "domains",
    "pools",
    "scaler",
    "balancer",
    "burst",
    "cost",
    "limits",
    "health",
    "worker_start",
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.dictionaries(st.one_of(st.sampled_from(SECTIONS), st.text(max_size=5)), JSON, max_size=4))
def test_any_dict_is_a_configuration_or_a_config_error(config: dict[str, Any]) -> None:
    try:
        Engine(config)
    except heijunka.ConfigError as error:
        assert error.problems
        assert all(message and "\n" not in message for _, message in error.problems)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text())
def test_any_text_is_a_configuration_or_a_config_error(text: str) -> None:
    try:
        Engine(text)
    except heijunka.ConfigError as error:
        assert error.problems
    except UnicodeEncodeError:
        assert any(0xD800 <= ord(letter) < 0xE000 for letter in text)
