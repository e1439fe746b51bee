"""What answers are: frozen, comparable, printable, true or false."""

from __future__ import annotations

import copy
import doctest
import pickle

import heijunka
import pytest
from heijunka import Engine


def test_an_answer_prints_as_its_fields() -> None:
    assert repr(Engine().admit(0, "payment")) == (
        "Admission(token=16777216, warning=False, reason='accepted', limit=1200, load=1, retry_after_us=0)"
    )
    assert repr(Engine().route(0, "payment", "k")) == "Route(pool='payment', reason='primary', spilled=False)"


def test_answers_are_equal_by_value_and_hash_alike() -> None:
    one, two = Engine(), Engine()
    assert one.admit(0, "payment") == two.admit(0, "payment")
    assert one.admit(0, "payment") != two.admit(0, "delivery", "sheddable")
    assert one.route(0, "payment", "k") == two.route(0, "payment", "k")
    assert one.route(0, "payment", "k") != two.route(0, "delivery", "k")
    assert (
        len({one.route(0, "payment", "k"), two.route(0, "payment", "k"), two.route(0, "delivery", "k")}) == 2
    )
    assert one.rebalance(0) == two.rebalance(0)
    assert hash(one.rebalance(0)) == hash(two.rebalance(0))
    assert one.route(0, "payment", "k") != "payment"


def test_answers_are_frozen() -> None:
    answer = Engine().admit(0, "payment")
    with pytest.raises(AttributeError):
        answer.token = 5  # type: ignore[misc]
    with pytest.raises(TypeError):
        heijunka.Admission()


def test_a_copy_of_an_answer_is_itself() -> None:
    engine = Engine()
    engine.scale_up(0, "payment")
    answers = [engine.dispatch(0, "payment", "k"), engine.route(0, "payment", "k"), *engine.step(0)]
    for answer in answers:
        assert copy.copy(answer) is answer
    assert copy.deepcopy(answers) == answers
    with pytest.raises(TypeError, match="cannot pickle"):
        pickle.dumps(answers)


def test_answers_match_patterns() -> None:
    match Engine().route(0, "payment", "k"):
        case heijunka.Route(pool, reason, spilled):
            assert (pool, reason, spilled) == ("payment", "primary", False)
        case _:
            raise AssertionError


def test_reasons_are_shared_strings() -> None:
    engine = Engine()
    assert engine.admit(0, "payment").reason is engine.admit(0, "payment").reason
    assert engine.route(0, "payment", "k").pool is engine.pools[0]


def test_an_engine_is_neither_pickled_nor_copied() -> None:
    engine = Engine()
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="can't be pickled or copied"):
            attempt(engine)


def test_an_engine_prints_what_it_is() -> None:
    assert repr(Engine(now_us=7)) == "<heijunka.Engine: 4 domains, 3 pools, now_us=7>"


def test_names_and_handles() -> None:
    engine = Engine()
    assert engine.pools == ("payment", "delivery", "notification")
    assert engine.domains == ("payment", "delivery", "notification", "critical_notification")
    for handle, name in enumerate(engine.domains):
        assert engine.domain_id(name) == handle
    for handle, name in enumerate(engine.pools):
        assert engine.pool_id(name) == handle
        assert engine.pool_status(handle) == engine.pool_status(name)
    assert engine.admit(0, 3).admitted
    assert engine.route(0, engine.domain_id("critical_notification"), "k").pool == "notification"


def test_everything_public_is_listed_and_documented() -> None:
    assert sorted(heijunka.__all__) == heijunka.__all__
    for name in heijunka.__all__:
        value = getattr(heijunka, name)
        if isinstance(value, type) or callable(value):
            assert value.__doc__, name
    for name in dir(Engine):
        if not name.startswith("_"):
            assert getattr(Engine, name).__doc__, name


def test_the_examples_are_true() -> None:
    results = doctest.testmod(heijunka)
    assert results.attempted > 3
    assert results.failed == 0
