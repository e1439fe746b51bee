"""The heijunka box: the order of a mix, and the pacer, through the Python face."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import heijunka
import pytest
from heijunka import ConfigError, OutOfRange, Pacer, TimeOutOfRange, UnknownDomain
from model_pacing import sequence as slow_sequence

DOCS = Path(__file__).resolve().parents[2] / "docs" / "pacing.md"
LIMIT = 2**53


def test_the_examples_of_the_docs(capsys: pytest.CaptureFixture[str]) -> None:
    text = DOCS.read_text(encoding="utf-8")
    examples = re.findall(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        exec(compile(example, str(DOCS), "exec"), {"__name__": "__main__"})
        printed = capsys.readouterr().out.splitlines()
        assert printed == re.findall(r"print\(.*?\)  # (.*)$", example, flags=re.MULTILINE)


def test_a_sequence_is_a_list() -> None:
    assert heijunka.sequence([3, 2, 1]) == [0, 1, 0, 2, 1, 0]
    assert heijunka.sequence(iter((5, 1, 1))) == [0, 0, 1, 0, 0, 2, 0]
    counts = [37, 1, 0, 12, 5]
    assert heijunka.sequence(counts) == slow_sequence(counts)
    long = heijunka.sequence([30_000, 10_000])
    assert Counter(long) == {0: 30_000, 1: 10_000}


def test_a_bad_mix_is_told() -> None:
    for counts, message in [
        ([], "`products` = 0 is out of range: it must be from 1 to 16384"),
        ([0, 0], "`items` = 0 is out of range: it must be from 1 to "),
        ([2**24, 1], "`items` = 16777217 is out of range: it must be from 1 to 16777216"),
        ([1, -1], "`counts[1]` = -1 is out of range: it must be from 0 to 4294967295"),
        ([1 << 400], "`counts[0]` = an integer of 401 bits is out of range"),
    ]:
        with pytest.raises(OutOfRange, match=re.escape(message)):
            heijunka.sequence(counts)
    for nothing in ["321", b"321", 7, None, [1.5], [True]]:
        with pytest.raises(TypeError, match="counts"):
            heijunka.sequence(nothing)  # type: ignore[arg-type]


def pacer(**more: object) -> Pacer:
    """A pacer of two domains, an item each 100 µs."""
    return Pacer({"takt_us": 100, "domains": {"a": {"weight": 2, "max_backlog": 2}, "b": {}}, **more})


def test_an_offer_and_a_release_are_frozen_answers() -> None:
    box = pacer()
    offer = box.offer(0, "a", 7)
    assert offer
    assert offer == heijunka.Pacer({"takt_us": 9, "domains": {"z": {"max_backlog": 2}}}).offer(0, "z", 1)
    assert repr(offer) == "Offer(accepted=True, reason='accepted', limit=2, load=1, retry_after_us=0)"
    assert box.offer(0, 0, 9).load == 2
    refused = box.offer(0, "a", 10)
    assert not refused
    assert (refused.reason, refused.limit, refused.load) == ("backlog_full", 2, 2)
    assert refused.retry_after_us >= 1_000
    (release,) = box.poll(0)
    assert repr(release) == "Release(domain='a', item=7, due_us=0)"
    match release:
        case heijunka.Release(domain, item, due_us):
            assert (domain, item, due_us) == ("a", 7, 0)
    with pytest.raises(AttributeError):
        release.item = 1  # type: ignore[misc]


def test_the_loop() -> None:
    box = pacer()
    assert box.domains == ("a", "b")
    assert box.domain_id("b") == 1
    assert box.next_deadline() is None
    assert box.poll(0) == []
    for item in range(3):
        box.offer(0, "b", item)
    assert box.next_deadline() == 1
    assert [release.item for release in box.poll(100, 1)] == [0]
    assert box.next_deadline() == 101
    assert box.poll(100, 0) == []
    assert [release.due_us for release in box.poll(250)] == [100, 200]
    status = box.status()
    assert (status["released"], status["backlog"], status["max_lateness_us"]) == (3, 0, 150)
    assert status["mean_lateness_us"] == (100 + 150 + 50) / 3
    assert [domain["name"] for domain in status["domains"]] == ["a", "b"]
    assert repr(box) == "<heijunka.Pacer of 2 domains, 0 waiting, takt 100 us>"


def test_settings_at_run_time() -> None:
    box = pacer()
    for item in range(4):
        box.offer(0, "b", item)
    box.poll(0)
    box.set_takt(50, 1_000, 3)
    assert box.next_deadline() == 50 + 167
    assert box.status()["takt_us"] == 1_000 / 3
    box.set_takt(50, 100)
    box.set_weight(60, "b", 9)
    assert box.status()["domains"][1]["weight"] == 9


def test_misuse() -> None:
    box = pacer()
    unknown: list[tuple[Callable[[], object], str]] = [
        (lambda: box.offer(0, "c", 1), "unknown domain `c`"),
        (lambda: box.offer(0, 2, 1), "unknown domain 2: handles go from 0 to 1"),
        (lambda: box.set_weight(0, -1, 1), "unknown domain -1: handles go from 0 to 1"),
        (lambda: box.domain_id("A"), "did you mean `a`?"),
    ]
    for wrong, message in unknown:
        with pytest.raises(UnknownDomain, match=re.escape(message)):
            wrong()
    for item in (-1, LIMIT, 1 << 80):
        with pytest.raises(
            OutOfRange, match=f"`item` = {item} is out of range: it must be from 0 to {LIMIT - 1}"
        ):
            box.offer(0, "a", item)
    for weight in (0, 1_000_001, -1, 1 << 80):
        with pytest.raises(
            OutOfRange, match=f"`weight` = {weight} is out of range: it must be from 1 to 1000000"
        ):
            box.set_weight(0, "a", weight)
    with pytest.raises(OutOfRange, match="`demand` = 0 is out of range"):
        box.set_takt(0, 1, 0)
    with pytest.raises(OutOfRange, match="`available_us` = 6 is out of range: it must be from 7"):
        box.set_takt(0, 6, 7)
    with pytest.raises(OutOfRange, match="`available_us` = -1 is out of range"):
        box.set_takt(0, -1)
    with pytest.raises(OutOfRange, match="`max_items` = -1 is out of range"):
        box.poll(0, -1)
    for late in (LIMIT, -1):
        with pytest.raises(TimeOutOfRange, match="`now_us`"):
            box.poll(late)
        with pytest.raises(TimeOutOfRange, match="`now_us`"):
            box.offer(late, "a", 1)
        with pytest.raises(TimeOutOfRange, match="`now_us`"):
            Pacer({"takt_us": 1, "domains": {"a": {}}}, now_us=late)
    no_integers: list[Any] = ["7", 1.5, None, True]
    for nothing in no_integers:
        with pytest.raises(TypeError, match="`item` must be an integer"):
            box.offer(0, "a", nothing)
    assert box.status()["accepted"] == 0


def test_a_configuration_tells_all_that_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as failed:
        Pacer({"takt_us": 0, "domains": {"a": {"wait": 3}, "b": {"weight": 0}}})
    assert [path for path, _ in failed.value.problems] == [
        "domains.a.wait",
        "domains.b.weight",
        "takt_us",
    ]
    with pytest.raises(ConfigError):
        Pacer(None)  # type: ignore[arg-type]
    file = tmp_path / "box.toml"
    file.write_text("takt_us = 5\n[domains.web]\n")
    assert Pacer(file).domains == ("web",)
    assert Pacer("takt_us = 5\n[domains.web]\n", now_us=9).status()["now_us"] == 9


def test_threads_may_share_a_pacer() -> None:
    box = Pacer({"takt_us": 1, "domains": {name: {"max_backlog": 10_000} for name in "abcd"}})
    taken: list[list[heijunka.Release]] = [[] for _ in range(4)]

    def work(place: int) -> None:
        for item in range(2_000):
            assert box.offer(item, place, item)
            taken[place] += box.poll(item, 3)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rest = box.poll(10_000_000)
    releases = [release for part in [*taken, rest] for release in part]
    assert Counter(release.domain for release in releases) == dict.fromkeys("abcd", 2_000)
    assert box.status()["backlog"] == 0
