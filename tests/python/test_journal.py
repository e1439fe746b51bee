"""Snapshots and journals through the Python face, and `heijunka journal`."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import heijunka
import pytest
from heijunka import Engine, InvalidJournal, InvalidSnapshot, journal
from heijunka.cli import main

CONFIG = {
    "pools": {"a": {"initial_workers": 2, "min_workers": 2, "max_workers": 2}},
    "scaler": {"enabled": False},
}


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A journal of ten requests, a second each, two of which at a time are served."""
    engine = Engine(CONFIG, journal=True)
    file = tmp_path / "engine.journal"
    with file.open("wb") as out:
        for at in range(10):
            now_us = 1_000_000 + at * 300_000
            answer = engine.dispatch(now_us, "a", f"k{at}")
            if answer:
                ends_us = now_us + 900_000
                assert answer.ticket is not None
                engine.complete(ends_us, answer.ticket) if at % 2 else engine.step(now_us)
            out.write(engine.drain_journal())
    return file


def test_an_engine_goes_on_from_its_snapshot() -> None:
    engine = Engine(CONFIG)
    ticket = engine.dispatch(5, "a", b"\x00\xff").ticket
    assert ticket is not None
    other = Engine.restore(engine.snapshot())
    assert other.snapshot() == engine.snapshot()
    assert other.config == engine.config
    assert other.pools == ("a",)
    assert other.complete(9, ticket) == engine.complete(9, ticket)
    assert Engine.restore(bytearray(engine.snapshot())).engine_status() == other.engine_status()
    for wrong in (b"", b"{}", engine.snapshot()[:-1], engine.snapshot() + b"x"):
        with pytest.raises(InvalidSnapshot) as caught:
            Engine.restore(wrong)
        assert (caught.value.code, caught.value.name) == (-12, "invalid_snapshot")
    with pytest.raises(TypeError):
        Engine.restore("text")  # type: ignore[arg-type]


def test_a_journal_is_read_verified_and_replayed(recorded: Path) -> None:
    data = recorded.read_bytes()
    found = journal.verify(data)
    assert found["equal"]
    assert found["torn"] is None
    listing = journal.records(data, 1, 3)
    assert [record["record"] for record in listing["records"]] == [1, 2, 3]
    assert listing["config"]["pools"]["a"]["max_workers"] == 2
    same = journal.replay(data, CONFIG)
    assert same["differ"] == 0
    more = journal.replay(data, {**CONFIG, "pools": {"a": {"initial_workers": 9}}}, limit=1)
    assert more["other"]["refused"] == 0 < more["recorded"]["refused"]
    assert len(more["differences"]) == 1
    with pytest.raises(InvalidJournal):
        journal.verify(data[1:])
    with pytest.raises(heijunka.ConfigError):
        journal.replay(data, {"nonsense": 1})


def test_the_command_line_shows_verifies_and_replays(
    recorded: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    name = str(recorded)
    assert main(["journal", "show", name, "--count", "2"]) == 0
    printed = capsys.readouterr().out
    assert "dispatch" in printed
    assert "torn" not in printed
    assert main(["journal", "verify", name]) == 0
    assert ": OK, " in capsys.readouterr().out
    assert (
        main(
            [
                "journal",
                "replay",
                name,
                "--set",
                "pools.a.max_workers=9",
                "--set",
                "pools.a.initial_workers=9",
            ]
        )
        == 0
    )
    printed = capsys.readouterr().out
    assert "busy (a) -> worker_idle (a)" in printed
    assert main(["journal", "replay", name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["differ"] == 0

    torn = tmp_path / "torn.journal"
    torn.write_bytes(recorded.read_bytes() + b"\x09\x01")
    assert main(["journal", "verify", str(torn)]) == 0
    assert "torn: 2 bytes from byte" in capsys.readouterr().out
    torn.write_bytes(b"not a journal")
    assert main(["journal", "verify", str(torn)]) == 2
    assert "it doesn't begin as a journal does" in capsys.readouterr().err
    assert main(["journal", "verify", str(tmp_path / "none")]) == 2


def test_another_header_makes_the_first_record_differ(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, and the record is named."""
    data = recorded.read_bytes()
    first = journal.records(data, 1, 1)["records"][0]["offset"]
    # With three workers the first answer says another limit.
    other = Engine({"pools": {"a": {"initial_workers": 3, "min_workers": 2, "max_workers": 3}}}, journal=True)
    mixed = tmp_path / "mixed.journal"
    mixed.write_bytes(other.drain_journal() + data[first:])
    assert main(["journal", "verify", str(mixed)]) == 1
    assert "record 1 (dispatch at 1,000,000 µs" in capsys.readouterr().out
    assert main(["journal", "verify", str(mixed), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["differs"]["record"] == 1


def test_a_journal_is_a_trace(recorded: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    trace = journal.trace(recorded.read_bytes())
    lines = trace.decode().splitlines()
    assert lines[0] == "arrival_us,domain,service_us,key"
    assert len(lines) == 11
    assert lines[2] == "1300000,a,900000,k1"

    assert main(["journal", "trace", str(recorded)]) == 0
    assert capfd.readouterr().out.encode() == trace

    plain = tmp_path / "trace.csv"
    plain.write_bytes(trace)
    wanted = heijunka.replay(plain, CONFIG)
    packed = tmp_path / "packed.gz"
    packed.write_bytes(gzip.compress(recorded.read_bytes()))
    for path in (recorded, packed):
        found = heijunka.replay(path, CONFIG)
        assert found["summary"] == wanted["summary"]
        assert found["summary"]["offered"] == 10
        assert "torn" not in found["trace"]
    assert heijunka.compare(recorded, CONFIG, policies=["fixed-mean"]) == heijunka.compare(
        plain, CONFIG, policies=["fixed-mean"]
    )


def test_a_torn_journal_is_replayed_and_the_tear_told(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torn = tmp_path / "torn.journal"
    torn.write_bytes(recorded.read_bytes()[:-3])
    assert heijunka.replay(torn, CONFIG)["trace"]["torn"]["bytes"] > 0
    assert main(["replay", str(torn)]) == 0
    assert "of the journal are no whole record, and were left out" in capsys.readouterr().out

    damaged = bytearray(recorded.read_bytes())
    damaged[-60] ^= 1
    torn.write_bytes(damaged)
    with pytest.raises(InvalidJournal):
        heijunka.replay(torn)
    assert main(["replay", str(torn), "--quiet"]) == 2
    assert "not a journal that can be read" in capsys.readouterr().err

    idle = Engine(CONFIG, journal=True)
    idle.step(5)
    torn.write_bytes(idle.drain_journal())
    with pytest.raises(heijunka.TraceError, match="the journal has no request"):
        heijunka.replay(torn)
