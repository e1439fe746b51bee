"""The progress bar: on standard error, when it is a terminal and the work takes a while."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

#: Work that is done sooner shows no bar, in seconds.
PATIENCE = 0.5
#: The plain bar is redrawn no more often than this, in seconds.
REDRAW = 0.1
WIDTH = 30
#: What the phases of a replay are called.
PHASES = {"read": "reading", "level": "leveling", "compare": "comparing", "vary": "varying"}
#: Phases that are told in thousandths of runs.
RUNS = {"compare", "vary"}


class Progress:
    """Called as `heijunka.replay` does; draws a bar once the work has taken `PATIENCE`."""

    def __init__(self, title: str, *, quiet: bool = False) -> None:
        self._title = title if len(title) <= 40 else f"{title[:39]}…"
        self._active = not quiet and sys.stderr is not None and sys.stderr.isatty()
        self._start = time.monotonic()
        self._drawn = self._start
        self._bar: Any = None
        self._task: Any = None
        self._phase = ""
        self._plain = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        elif self._plain:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def __call__(self, phase: str, done: int, total: int | None) -> None:
        if not self._active:
            return
        now = time.monotonic()
        if now - self._start < PATIENCE:
            return
        if self._bar is None and not self._plain:
            self._begin()
        if self._bar is not None:
            self._update(phase, done, total)
        elif now - self._drawn >= REDRAW:
            self._drawn = now
            sys.stderr.write(f"\r{self._line(phase, done, total)}\x1b[K")
            sys.stderr.flush()

    def _begin(self) -> None:
        try:
            from rich.console import Console
            from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar
        except ImportError:
            self._plain = True
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=WIDTH),
            TaskProgressColumn(),
            TextColumn("{task.fields[amount]}"),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
        self._bar.start()

    def _update(self, phase: str, done: int, total: int | None) -> None:
        if phase != self._phase:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._phase = phase
            self._task = self._bar.add_task(self._label(phase), total=total, amount="")
        self._bar.update(self._task, completed=done, total=total, amount=_amount(phase, total or done))

    def _label(self, phase: str) -> str:
        return f"{PHASES.get(phase, phase)} {self._title}"

    def _line(self, phase: str, done: int, total: int | None) -> str:
        label = self._label(phase)
        if not total:
            return f"{label} {_amount(phase, done)}"
        share = min(done / total, 1.0)
        filled = round(share * WIDTH)
        return f"{label} [{'#' * filled}{'.' * (WIDTH - filled)}] {share:4.0%} of {_amount(phase, total)}"


def _amount(phase: str, count: int) -> str:
    if phase in RUNS:
        return f"{count // 1000:,} runs"
    return f"{count / 1e6:.1f} MB" if phase == "read" else f"{count:,} requests"
