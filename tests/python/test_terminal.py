"""What a terminal shows: the same content with and without `rich`, and a progress bar only when it is due."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from heijunka.cli import _progress
from heijunka.cli._summary import MAX_ROWS, Table, summarize
from heijunka.cli._terminal import NARROWEST as MIN_NAME
from heijunka.cli._terminal import plain_lines, show_rich
from synthetic_replay import synthetic_result


def many(result: dict[str, Any], count: int) -> dict[str, Any]:
    """The same outcome with so many pools."""
    pool = next(iter(result["summary"]["pools"].values()))
    result["summary"]["pools"] = {f"pool-{index}": {**pool, "offered": index} for index in range(count)}
    return result


@pytest.mark.parametrize("pools", [3, 100])
def test_rich_and_plain_say_the_same(pools: int) -> None:
    console = pytest.importorskip("rich.console")
    summary = summarize(many(synthetic_result(points=40), pools), "trace.csv")
    shown = io.StringIO()
    show_rich(summary, console.Console(file=shown, width=200, highlight=False))
    plain = "\n".join(plain_lines(summary))
    assert shown.getvalue().split() == plain.split()
    assert "scale changes" in plain
    if pools > MAX_ROWS:
        assert f"and {pools - MAX_ROWS} more pools" in plain
        assert "pool-99" in plain
        assert "pool-5 " not in plain


@pytest.mark.parametrize("width", [40, 50, 64, 80])
@pytest.mark.parametrize("name", ["pool", "a-very-long-name-of-a-pool-" * 8, "日本語のプール名"])
def test_a_narrow_terminal_cuts_no_figure(width: int, name: str) -> None:
    console = pytest.importorskip("rich.console")
    result = many(synthetic_result(points=40), 3)
    pool = result["summary"]["pools"].pop("pool-0")
    result["summary"]["pools"][name] = {**pool, "offered": 1_234_567, "worker_hours": {"total": 98_765.0}}
    summary = summarize(result, "trace.csv")
    stream = io.StringIO()
    show_rich(summary, console.Console(file=stream, width=width, highlight=False))
    shown = stream.getvalue()
    tables = [section for section in summary.sections if isinstance(section, Table)]
    for table in tables:
        for cell in [*table.columns[1:], *(cell for row in table.rows for cell in row[1:])]:
            assert cell.replace("\u00a0", " ") in shown, cell
    folded = "".join(shown.split())
    assert name[: MIN_NAME // 2] in folded
    assert all(console_width(line) <= width for line in shown.splitlines())


def console_width(line: str) -> int:
    """The cells that a line takes in a terminal."""
    from rich.cells import cell_len

    return cell_len(line)


def test_a_usual_summary_fits_eighty_columns() -> None:
    lines = list(plain_lines(summarize(synthetic_result(points=40), "onlineboutique.csv.gz")))
    assert [line for line in lines if len(line) > 80 and "effects" not in line] == []


def test_names_from_outside_do_not_command_the_terminal() -> None:
    result = synthetic_result(points=40)
    result["summary"]["pools"]["\x1b[31mred\x07"] = next(iter(result["summary"]["pools"].values()))
    result["trace"]["domains"]["\x1b]0;title\x07"] = {"rows": 1, "pool": "p", "added": True}
    text = "\n".join(plain_lines(summarize(result, "\x1b[2Jname")))
    assert "\x1b" not in text
    assert "\x07" not in text


@pytest.mark.parametrize("result", [{}, {"summary": None, "trace": 3}, {"summary": {"pools": {"p": None}}}])
def test_a_poor_outcome_still_shows(result: dict[str, Any]) -> None:
    assert list(plain_lines(summarize(result, "x")))


class Terminal(io.StringIO):
    """A standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Standard error from here to the end of the test."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def test_quick_work_shows_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = terminal(monkeypatch)
    with _progress.Progress("trace.csv") as progress:
        for done in range(100):
            progress("read", done, 100)
    assert stream.getvalue() == ""


def test_long_work_shows_a_plain_bar_without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = terminal(monkeypatch)
    monkeypatch.setattr(_progress, "PATIENCE", -1)
    monkeypatch.setattr(_progress, "REDRAW", -1)
    for module in [name for name in sys.modules if name == "rich" or name.startswith("rich.")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "rich", None)
    with _progress.Progress("trace.csv") as progress:
        progress("read", 1_000_000, 4_000_000)
        progress("read", 2_000_000, None)
        progress("level", 30_000, 30_000)
    shown = stream.getvalue()
    assert "reading trace.csv [########......................]  25% of 4.0 MB" in shown
    assert "reading trace.csv 2.0 MB" in shown
    assert "leveling trace.csv [##############################] 100% of 30,000 requests" in shown
    assert shown.endswith("\r\x1b[K")


def test_long_work_shows_a_bar_with_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich")
    stream = terminal(monkeypatch)
    monkeypatch.setattr(_progress, "PATIENCE", -1)
    monkeypatch.setenv("TERM", "xterm")
    with _progress.Progress("trace.csv") as progress:
        progress("read", 1_000_000, 4_000_000)
        progress("level", 30_000, 60_000)
    assert "leveling trace.csv" in stream.getvalue()


@pytest.mark.parametrize("quiet", [True, False])
def test_no_bar_where_nobody_looks(quiet: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal() if quiet else io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(_progress, "PATIENCE", -1)
    with _progress.Progress("trace.csv", quiet=quiet) as progress:
        progress("read", 1, 4)
    assert stream.getvalue() == ""


def test_a_real_terminal_gets_colour(tmp_path: Path) -> None:
    pytest.importorskip("rich")
    trace = tmp_path / "trace.csv"
    trace.write_text("arrival_us,domain\n" + "".join(f"{n * 1000},payment\n" for n in range(50)))
    master, slave = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "CI"}}
    done = subprocess.run(
        [sys.executable, "-m", "heijunka", "replay", str(trace)],
        stdout=slave,
        stderr=slave,
        check=False,
        timeout=60,
        env={**environment, "TERM": "xterm-256color", "COLUMNS": "100"},
    )
    os.close(slave)
    shown = b""
    try:
        while chunk := os.read(master, 65536):
            shown += chunk
    except OSError:
        pass  # how the end of a terminal reads
    os.close(master)
    assert done.returncode == 0, shown
    assert b"\x1b[1m" in shown
    assert b"Requests" in shown
