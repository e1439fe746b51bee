"""Replaying from Python: paths, files, progress, other threads."""

from __future__ import annotations

import io
import signal
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

import heijunka
import pytest
from heijunka._heijunka import demo_trace

HEADER = b"arrival_us,domain,service_us,key\n"


def rows(count: int) -> bytes:
    return HEADER + b"".join(b"%d,payment,50000,k%d\n" % (n * 20_000, n % 9) for n in range(count))


def test_a_path_and_a_file_give_the_same(tmp_path: Path) -> None:
    path = tmp_path / "trace.csv"
    path.write_bytes(rows(500))
    expected = heijunka.replay(path)
    assert expected["summary"]["completed"] == 500
    assert heijunka.replay(str(path)) == expected
    assert heijunka.replay(io.BytesIO(rows(500))) == expected
    with open(path, "rb") as file:
        assert heijunka.replay(file) == expected
    with open(path) as text, pytest.raises(TypeError, match="binary mode"):
        heijunka.replay(text)  # type: ignore[arg-type]


@pytest.mark.parametrize("trace", [None, 5, b"trace.csv", ["trace.csv"]])
def test_a_trace_is_a_path_or_a_file(trace: Any) -> None:
    with pytest.raises(TypeError, match=r"^`trace` must be a path"):
        heijunka.replay(trace)


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_bytes_are_fed_however_they_are_cut(size: int) -> None:
    data = rows(300)
    replay = heijunka.Replay(preset="adaptive")
    for start in range(0, len(data), size):
        replay.feed(data[start : start + size])
    assert replay.finish() == heijunka.replay(io.BytesIO(data), preset="adaptive")


def test_a_replay_ends_once() -> None:
    replay = heijunka.Replay()
    replay.feed(rows(10))
    replay.finish()
    with pytest.raises(RuntimeError, match="finished"):
        replay.feed(b"")
    with pytest.raises(RuntimeError, match="finished"):
        replay.finish()


def test_the_outcome_says_how_it_was_asked_for() -> None:
    result = heijunka.replay(
        io.BytesIO(rows(10)),
        pools="shared",
        workers_start_delay_us=5,
        speed_up=2.0,
        wait_us=7,
        default_service_us=9,
        max_waiting=3,
        policy={"kind": "celery"},
    )
    assert result["options"] == {
        "pools": "shared",
        "workers_start_delay_us": 5,
        "speed_up": 2.0,
        "wait_us": 7,
        "default_service_us": 9,
        "max_waiting": 3,
        "policy": "celery",
    }
    assert result["config"]["worker_start"] == "confirmed"
    assert list(result)[:2] == ["trace", "config"]


def test_a_trace_error_names_line_and_field() -> None:
    with pytest.raises(heijunka.TraceError) as caught:
        heijunka.replay(io.BytesIO(HEADER + b"0,a,1,\n5,a,-1,\n"))
    assert (caught.value.line, caught.value.field) == (3, "service_us")
    assert "line 3: `service_us`" in str(caught.value)
    replay = heijunka.Replay()
    for _ in range(2):
        with pytest.raises(heijunka.TraceError):
            replay.feed(HEADER + b"x,a,1,\n")


@pytest.mark.parametrize(
    ("option", "error", "message"),
    [
        ({"wait_us": -1}, heijunka.TimeOutOfRange, "^`wait_us` = -1 is out of range: it must be from 0 to"),
        (
            {"workers_start_delay_us": 2**53},
            heijunka.TimeOutOfRange,
            "^`workers_start_delay_us` = 9007199254740992",
        ),
        ({"default_service_us": 1.5}, TypeError, "`default_service_us` must be an integer, not float"),
        ({"preset": 5}, TypeError, "`preset` must be a str, not int"),
        ({"pools": b"own"}, TypeError, "`pools` must be a str, not bytes"),
        ({"format": 1}, TypeError, "`format` must be a str, not int"),
        ({"set": "a=b"}, TypeError, "`set` must be a list of `path=value` texts, not str"),
        ({"speed_up": True}, TypeError, "`speed_up` must be a number, not bool"),
        ({"speed_up": 0}, heijunka.OutOfRange, "^`speed_up` = 0 is out of range"),
        ({"skip_bad": 1}, TypeError, "`skip_bad` must be True or False, not int"),
    ],
)
def test_a_bad_option_is_named(option: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        heijunka.Replay(**option)


def test_bad_options_are_refused_before_anything_is_read() -> None:
    with pytest.raises(heijunka.OutOfRange, match="speed_up"):
        heijunka.Replay(speed_up=float("nan"))
    with pytest.raises(heijunka.TimeOutOfRange):
        heijunka.Replay(wait_us=2**53)
    with pytest.raises(heijunka.TimeOutOfRange):
        heijunka.Replay(workers_start_delay_us=-1)
    with pytest.raises(ValueError, match="unknown pools `all`"):
        heijunka.Replay(pools="all")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unknown format `xml`"):
        heijunka.Replay(format="xml")  # type: ignore[arg-type]
    with pytest.raises(heijunka.ConfigError):
        heijunka.Replay({"regulator": {"hard_limit": 0}})
    with pytest.raises(heijunka.ConfigError):
        heijunka.Replay(set=["nonsense"])


def test_progress_is_told() -> None:
    seen: list[tuple[str, int, int | None]] = []
    heijunka.replay(io.BytesIO(rows(30_000)), progress=lambda *told: seen.append(told))
    phases = [phase for phase, _, _ in seen]
    assert set(phases) == {"read", "level"}
    assert phases == sorted(phases, reverse=True)
    levelled = [done for phase, done, _ in seen if phase == "level"]
    assert levelled == sorted(levelled)
    assert seen[-1] == ("level", 30_000, 30_000)


def test_what_progress_raises_ends_the_run(capfd: pytest.CaptureFixture[str]) -> None:
    def stop(phase: str, done: int, total: int | None) -> None:
        if phase == "level" and done:
            raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        heijunka.replay(io.BytesIO(rows(30_000)), progress=stop)
    captured = capfd.readouterr()
    assert captured.err == ""


def test_a_signal_ends_the_run() -> None:
    class Stopped(Exception):
        pass

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped

    replay = heijunka.Replay()
    replay.feed(demo_trace(3))
    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(Stopped):
            replay.finish()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_other_threads_run_meanwhile() -> None:
    data = demo_trace(2)
    done = threading.Event()
    results = []

    def work() -> None:
        results.append(heijunka.replay(io.BytesIO(data)))
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    turns = 0
    while not done.wait(0.001):
        turns += 1
        time.sleep(0)
    thread.join()
    assert results[0]["summary"]["offered"] == data.count(b"\n") - 1
    assert turns > 20


def test_the_demo_is_a_function_of_its_seed() -> None:
    one = demo_trace(1)
    assert one.startswith(HEADER)
    assert demo_trace() == one != demo_trace(2)
    with pytest.raises(heijunka.OutOfRange, match="`seed` = -1"):
        demo_trace(-1)
