"""Misuse: the right exception, nothing changed."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import heijunka
import pytest
from heijunka import Engine

LIMIT = 2**53

#: Every exception, its code and name, and the built-in one it is too.
CLASSES: list[tuple[type[heijunka.HeijunkaError], int, str, type[Exception]]] = [
    (heijunka.TimeOutOfRange, -1, "time_out_of_range", ValueError),
    (heijunka.UnknownDomain, -2, "unknown_domain", LookupError),
    (heijunka.UnknownPool, -3, "unknown_pool", LookupError),
    (heijunka.UnknownToken, -4, "unknown_token", LookupError),
    (heijunka.UnknownWorker, -5, "unknown_worker", LookupError),
    (heijunka.UnknownWaiter, -6, "unknown_waiter", LookupError),
    (heijunka.UnknownTicket, -7, "unknown_ticket", LookupError),
    (heijunka.KeyTooLong, -8, "key_too_long", ValueError),
    (heijunka.OutOfRange, -9, "out_of_range", ValueError),
    (heijunka.ConfigError, -10, "invalid_config", ValueError),
    (heijunka.TraceError, -11, "invalid_trace", ValueError),
    (heijunka.InvalidSnapshot, -12, "invalid_snapshot", ValueError),
    (heijunka.InvalidJournal, -13, "invalid_journal", ValueError),
]


@pytest.mark.parametrize(("error", "code", "name", "base"), CLASSES)
def test_codes_and_names_are_stable(
    error: type[heijunka.HeijunkaError], code: int, name: str, base: type[Exception]
) -> None:
    assert (error.code, error.name) == (code, name)
    assert issubclass(error, base)
    assert issubclass(error, heijunka.HeijunkaError)
    raised = error("text")
    assert str(raised) == "text"
    again = pickle.loads(pickle.dumps(raised))
    assert type(again) is error
    assert str(again) == "text"


#: Every call that takes a time, with the rest of its arguments in order.
TIMED: list[Callable[[Engine, Any], object]] = [
    lambda engine, now: engine.admit(now, "payment"),
    lambda engine, now: engine.release(now, 1),
    lambda engine, now: engine.route(now, "payment", "k"),
    lambda engine, now: engine.checkout(now, "payment"),
    lambda engine, now: engine.checkin(now, 1),
    lambda engine, now: engine.cancel_wait(now, 1),
    lambda engine, now: engine.worker_ready(now, 1),
    lambda engine, now: engine.worker_failed(now, 1),
    lambda engine, now: engine.report_health(now, "payment", [], []),
    lambda engine, now: engine.dispatch(now, "payment", "k"),
    lambda engine, now: engine.complete(now, 1),
    lambda engine, now: engine.step(now),
    lambda engine, now: engine.set_soft_limit(now, 5),
    lambda engine, now: engine.set_hard_limit(now, 5000),
    lambda engine, now: engine.set_affinity_groups(now, {}),
    lambda engine, now: engine.enable_surge(now),
    lambda engine, now: engine.disable_surge(now),
    lambda engine, now: engine.set_domain_open(now, "payment", True),
    lambda engine, now: engine.set_pool_open(now, "payment", True),
    lambda engine, now: engine.set_off_peak(now, False),
    lambda engine, now: engine.scale_up(now, "payment"),
    lambda engine, now: engine.scale_down(now, "payment"),
    lambda engine, now: engine.rebalance(now),
]


def state(engine: Engine) -> list[object]:
    pools = [engine.pool_status(pool) for pool in engine.pools]
    return [
        *pools,
        engine.regulator_status(),
        engine.balance_status(),
        engine.burst_status(),
        engine.engine_status(),
    ]


@pytest.mark.parametrize("call", TIMED)
@pytest.mark.parametrize("now", [-1, LIMIT, 2**64, -(2**100), pytest.param(1 << 20_000, id="huge")])
def test_a_time_out_of_range_is_refused_everywhere(call: Callable[[Engine, Any], object], now: int) -> None:
    engine = Engine(now_us=3)
    before = state(engine)
    with pytest.raises(heijunka.TimeOutOfRange):
        call(engine, now)
    assert state(engine) == before


@pytest.mark.parametrize("call", TIMED)
@pytest.mark.parametrize("now", [1.0, "1", None])
def test_a_time_is_an_integer(call: Callable[[Engine, Any], object], now: object) -> None:
    with pytest.raises(TypeError):
        call(Engine(), now)


@pytest.mark.parametrize("now", [-1, LIMIT])
def test_the_starting_time_is_in_range(now: int) -> None:
    with pytest.raises(heijunka.TimeOutOfRange):
        Engine(now_us=now)


def test_wait_until_is_in_range() -> None:
    engine = Engine()
    for until in (-1, LIMIT, 2**70):
        with pytest.raises(heijunka.TimeOutOfRange):
            engine.dispatch(0, "payment", "k", wait_until=until)
        with pytest.raises(heijunka.TimeOutOfRange):
            engine.checkout(0, "payment", wait_until=until)
    assert engine.regulator_status()["current_load"] == 0


#: What takes an id that lives and dies, by the exception for one that doesn't live.
IDS: list[tuple[Callable[[Engine, Any], object], type[Exception]]] = [
    (lambda engine, raw: engine.release(0, raw), heijunka.UnknownToken),
    (lambda engine, raw: engine.checkin(0, raw), heijunka.UnknownWorker),
    (lambda engine, raw: engine.worker_ready(0, raw), heijunka.UnknownWorker),
    (lambda engine, raw: engine.worker_failed(0, raw), heijunka.UnknownWorker),
    (lambda engine, raw: engine.report_health(0, "payment", [], [raw]), heijunka.UnknownWorker),
    (lambda engine, raw: engine.report_health(0, "payment", [raw], []), heijunka.UnknownWorker),
    (lambda engine, raw: engine.cancel_wait(0, raw), heijunka.UnknownWaiter),
    (lambda engine, raw: engine.complete(0, raw), heijunka.UnknownTicket),
]


@pytest.mark.parametrize(("call", "error"), IDS)
@pytest.mark.parametrize(
    "raw", [0, -1, 2**53 - 1, 2**53, 2**64 - 1, 2**64, -(2**80), pytest.param(1 << 20_000, id="huge")]
)
def test_invented_ids_change_nothing(
    call: Callable[[Engine, Any], object], error: type[Exception], raw: int
) -> None:
    engine = Engine()
    engine.dispatch(0, "payment", "k")
    before = state(engine)
    with pytest.raises(error):
        call(engine, raw)
    assert state(engine) == before


@pytest.mark.parametrize(("call", "error"), IDS)
@pytest.mark.parametrize("raw", [None, "1", 1.0, b"1"])
def test_ids_are_integers(call: Callable[[Engine, Any], object], error: type[Exception], raw: object) -> None:
    with pytest.raises(TypeError):
        call(Engine(), raw)


def test_an_unknown_name_comes_with_the_nearest() -> None:
    engine = Engine()
    with pytest.raises(heijunka.UnknownDomain, match=r"^unknown domain `paymnt`; did you mean `payment`\?$"):
        engine.admit(0, "paymnt")
    with pytest.raises(
        heijunka.UnknownPool, match=r"^unknown pool `notificatio`; did you mean `notification`\?$"
    ):
        engine.checkout(0, "notificatio")
    with pytest.raises(heijunka.UnknownPool, match=r"^unknown pool `zzz`$"):
        engine.pool_status("zzz")
    with pytest.raises(heijunka.UnknownPool, match=r"^unknown pool `critical_notification`"):
        engine.pool_id("critical_notification")
    with pytest.raises(heijunka.UnknownDomain):
        engine.domain_id("")
    with pytest.raises(heijunka.UnknownDomain):
        engine.admit(0, "\ud800")
    with pytest.raises(heijunka.UnknownDomain):
        engine.admit(0, "x\n" * 1_000_000)


@pytest.mark.parametrize("handle", [-1, 4, 2**32, 2**70])
def test_an_unknown_handle(handle: int) -> None:
    with pytest.raises(heijunka.UnknownDomain, match=rf"^unknown domain {handle}: handles go from 0 to 3$"):
        Engine().admit(0, handle)
    with pytest.raises(heijunka.UnknownPool, match=rf"^unknown pool {handle}: handles go from 0 to 2$"):
        Engine().checkout(0, handle)


@pytest.mark.parametrize("name", [None, True, 1.5, b"payment", ["payment"]])
def test_a_name_is_text_or_a_handle(name: Any) -> None:
    with pytest.raises(TypeError, match="name"):
        Engine().admit(0, name)


def test_keys_are_bounded_text_or_bytes() -> None:
    engine = Engine()
    longest = engine.config["limits"]["max_key_bytes"]
    engine.route(0, "payment", b"k" * longest)
    with pytest.raises(heijunka.KeyTooLong, match="max_key_bytes"):
        engine.route(0, "payment", b"k" * (longest + 1))
    with pytest.raises(heijunka.KeyTooLong):
        engine.dispatch(0, "payment", "é" * longest)
    for key in (7, None, bytearray(b"k")):
        with pytest.raises(TypeError):
            engine.route(0, "payment", key)  # type: ignore[arg-type]
    with pytest.raises(UnicodeEncodeError):
        engine.route(0, "payment", "\ud800")


def number(value: Any) -> Any:
    """The value; where `None` is fine, something else that isn't."""
    return 1.5 if value is None else value


#: Every kind of argument: its name in the message, and a call that takes it.
ARGUMENTS: list[tuple[str, Callable[[Engine, Any], object]]] = [
    ("now_us", lambda engine, value: engine.step(value)),
    ("now_us", lambda engine, value: Engine(now_us=value)),
    ("wait_until", lambda engine, value: engine.checkout(0, "payment", number(value))),
    ("domain", lambda engine, value: engine.admit(0, value)),
    ("pool", lambda engine, value: engine.pool_status(value)),
    ("token", lambda engine, value: engine.release(0, value)),
    ("worker", lambda engine, value: engine.checkin(0, value)),
    ("waiter", lambda engine, value: engine.cancel_wait(0, value)),
    ("ticket", lambda engine, value: engine.complete(0, value)),
    ("soft_limit", lambda engine, value: engine.set_soft_limit(0, value)),
    ("hard_limit", lambda engine, value: engine.set_hard_limit(0, value)),
    ("alive", lambda engine, value: engine.report_health(0, "payment", value, [])),
    ("dead", lambda engine, value: engine.report_health(0, "payment", [], value)),
    (r"dead\[1\]", lambda engine, value: engine.report_health(0, "payment", [], [7, value])),
    ("key", lambda engine, value: engine.route(0, "payment", value)),
    ("cls", lambda engine, value: engine.admit(0, "payment", number(value))),
    ("groups", lambda engine, value: engine.set_affinity_groups(0, value)),
    ("name", lambda engine, value: engine.pool_id(value)),
    ("set", lambda engine, value: heijunka.resolve_config(set=number(value))),
    (r"set\[0\]", lambda engine, value: heijunka.resolve_config(set=[value])),
    ("preset", lambda engine, value: heijunka.resolve_config(preset=number(value))),
    ("workers", lambda engine, value: heijunka.baseline_cost_per_year(value, 1.0)),
    ("price_per_hour", lambda engine, value: heijunka.baseline_cost_per_year(1, value)),
    ("surges_per_day", lambda engine, value: heijunka.surge_cost_per_year(value, 1.0)),
    ("cost_per_surge", lambda engine, value: heijunka.surge_cost_per_year(1.0, value)),
]


@pytest.mark.parametrize("value", [None, True, 1j, object()])
@pytest.mark.parametrize(("name", "call"), ARGUMENTS)
def test_a_wrong_type_is_named_with_its_argument(
    name: str, call: Callable[[Engine, Any], object], value: object
) -> None:
    engine = Engine()
    with pytest.raises(TypeError, match=rf"^`{name}` must be .*, not \w+(\n|$)"):
        call(engine, value)


@pytest.mark.parametrize("name", ["failed", "open", "off_peak"])
@pytest.mark.parametrize("value", [None, 1, "yes"])
def test_a_flag_is_true_or_false(name: str, value: Any) -> None:
    engine = Engine()
    calls: dict[str, list[Callable[[], object]]] = {
        "failed": [
            lambda: engine.release(0, 1, value),
            lambda: engine.checkin(0, 1, failed=value),
            lambda: engine.complete(0, 1, failed=value),
        ],
        "open": [
            lambda: engine.set_pool_open(0, "payment", value),
            lambda: engine.set_domain_open(0, "payment", value),
        ],
        "off_peak": [lambda: engine.set_off_peak(0, value)],
    }
    for call in calls[name]:
        with pytest.raises(TypeError, match=rf"^`{name}` must be True or False, not \w+(\n|$)"):
            call()


@pytest.mark.parametrize("time", [-1, LIMIT, 2**64 - 1, 2**64])
def test_a_time_out_of_range_is_named_with_its_argument_and_the_range(time: int) -> None:
    engine = Engine()
    span = rf"` = {time} is out of range: it must be from 0 to {LIMIT - 1} \(below 2\^53\) microseconds(\n|$)"
    with pytest.raises(heijunka.TimeOutOfRange, match="^`now_us" + span):
        engine.step(time)
    with pytest.raises(heijunka.TimeOutOfRange, match="^`wait_until" + span):
        engine.checkout(0, "payment", time)
    with pytest.raises(heijunka.TimeOutOfRange, match="^`wait_until" + span):
        engine.dispatch(0, "payment", "k", None, time)


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), -0.01, 1e300, 10**400])
def test_an_amount_of_money_is_finite_and_not_negative(amount: float) -> None:
    calls: list[Callable[[], float]] = [
        lambda: heijunka.surge_cost_per_year(amount, 1.0),
        lambda: heijunka.surge_cost_per_year(1.0, amount),
        lambda: heijunka.baseline_cost_per_year(1, amount),
    ]
    for call in calls:
        with pytest.raises(heijunka.OutOfRange, match="must be a number from 0 to 1e12"):
            call()
    assert heijunka.surge_cost_per_year(0, 2.50) == 0.0


def test_text_without_utf8_is_named() -> None:
    engine = Engine()
    for call in (
        lambda: engine.route(0, "payment", "\ud800"),
        lambda: engine.dispatch(0, "payment", "\ud800"),
    ):
        with pytest.raises(UnicodeEncodeError, match=r"in `key`$"):
            call()
    with pytest.raises(UnicodeEncodeError, match=r"in `set\[0\]`$"):
        heijunka.resolve_config(set=["\ud800"])
    with pytest.raises(UnicodeEncodeError, match=r"in the configuration$"):
        Engine("\ud800")
    with pytest.raises(ValueError, match="unknown class"):
        engine.admit(0, "payment", "\ud800")  # type: ignore[arg-type]


def test_an_unknown_class_is_shown_short_and_harmless() -> None:
    with pytest.raises(ValueError, match=r"^unknown class") as caught:
        Engine().admit(0, "payment", "\x1b[31m" + "x" * 10_000)  # type: ignore[arg-type]
    assert len(str(caught.value)) < 200
    assert str(caught.value).isprintable()


def test_classes_are_three() -> None:
    engine = Engine()
    with pytest.raises(ValueError, match="unknown class `urgent`"):
        engine.admit(0, "payment", "urgent")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        engine.admit(0, "payment", 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [0, -5, 2**32, 2**64, 10**30])
def test_a_setter_names_the_field_the_value_and_the_range(count: int) -> None:
    engine = Engine()
    expected = rf"^`regulator\.soft_limit` = {count} is out of range: .* 1 to 1200$"
    with pytest.raises(heijunka.OutOfRange, match=expected):
        engine.set_soft_limit(0, count)
    with pytest.raises(heijunka.OutOfRange, match=rf"`regulator\.hard_limit` = {count} "):
        engine.set_hard_limit(0, count)
    with pytest.raises(TypeError):
        engine.set_soft_limit(0, 1.0)  # type: ignore[arg-type]


def test_time_going_backwards_is_counted() -> None:
    engine = Engine(now_us=100)
    engine.step(50)
    engine.admit(10, "payment")
    status = engine.engine_status()
    assert (status["now_us"], status["clock_regressions"]) == (100, 2)


def test_integers_of_other_types_are_taken() -> None:
    class Index:
        def __index__(self) -> int:
            return 5

    assert Engine().admit(Index(), "payment").admitted


def test_the_codes_are_those_of_the_c_header() -> None:
    header = (Path(__file__).parents[2] / "include" / "heijunka.h").read_text(encoding="utf-8")
    numbers = re.findall(r"#define HEIJUNKA_ERROR_(\w+) \((-\d+)\)", header)
    # From -20 on they are those of the C library alone.
    declared = {name: int(number) for name, number in numbers if int(number) > -20}
    assert {name.upper(): code for _, code, name, _ in CLASSES} == declared
