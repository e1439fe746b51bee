"""What comparisons are made of: requests that are run many times, and the figures of a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO, Any, Protocol

from . import _heijunka
from ._outcome import number_at, share
from ._trace import TraceFile, size_of

Progress = Callable[[str, int, "int | None"], None]


class Requests:
    """Requests to run many times: a trace that is read once, or a workload that is made anew each time."""

    def __init__(
        self,
        source: str | os.PathLike[str] | IO[bytes] | Mapping[str, Any],
        options: Mapping[str, Any],
        *,
        seed: int,
        format: str,
        skip_bad: bool,
        progress: Progress | None,
    ) -> None:
        self._options = dict(options)
        self._seed = seed
        self._trace: _heijunka.Trace | None = None
        self._workload: dict[str, Any] = {}
        if isinstance(source, Mapping):
            # What the workload says itself stands.
            self._workload = {**self._options, **source}
            return
        self._trace = _heijunka.Trace(format=format, skip_bad=skip_bad)  # type: ignore[arg-type]
        if isinstance(source, (str, os.PathLike)):
            with open(source, "rb") as file:
                self._read(file, skip_bad, progress)
        else:
            self._read(source, skip_bad, progress)

    def _read(self, file: IO[bytes], skip_bad: bool, progress: Progress | None) -> None:
        assert self._trace is not None
        trace = TraceFile(file, total=size_of(file), keep_truncated=skip_bad)
        for chunk in trace:
            self._trace.feed(chunk)
            if progress is not None:
                progress("read", trace.position, trace.total)

    def prepare(self, config: Any, *, preset: str | None, set: Sequence[str], policy: Any) -> Run:
        """A run of the requests, checked."""
        if self._trace is not None:
            given = {name: value for name, value in self._options.items() if value is not None}
            return self._trace.prepare(config, preset=preset, set=set, policy=policy, **given)
        workload = {name: value for name, value in self._workload.items() if value is not None}
        if policy is not None:
            workload["policy"] = policy
        settings = [*workload.get("set", ()), *([f"preset={preset}"] if preset is not None else []), *set]
        return Anew(lambda: _heijunka.prepare(config, {**workload, "set": settings}, self._seed))


class Run(Protocol):
    """A run that has been checked."""

    def run(self, progress: Callable[[float], object] | None = None) -> dict[str, Any]:
        """Runs it and answers the outcome."""
        ...


class Anew:
    """A run that is checked now and made when it is its turn: until then it takes no memory."""

    def __init__(self, make: Callable[[], Run]) -> None:
        make()
        self._make = make

    def run(self, progress: Callable[[float], object] | None = None) -> dict[str, Any]:
        """Runs it and answers the outcome."""
        return self._make().run(progress)


def run_all(runs: Sequence[Run], phase: str, progress: Progress | None) -> list[dict[str, Any]]:
    """The outcomes of runs, one after another. `progress` is told of thousandths of runs."""
    outcomes = []
    for place, run in enumerate(runs):

        def tell(done: float, place: int = place) -> None:
            if progress is not None:
                progress(phase, place * 1000 + int(done * 1000), len(runs) * 1000)

        outcomes.append(run.run(tell))
    return outcomes


def figures(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of a run that comparisons show, and its whole summary."""
    summary = outcome["summary"]
    hours = number_at(summary, "worker_hours", "total")
    days = share(number_at(summary, "duration_us"), 86_400_000_000)
    return {
        "offered": summary["offered"],
        "refused": summary["refused"],
        "expired": summary["expired"],
        "late": summary["late"],
        "abandoned": summary["abandoned"],
        "refused_or_late": summary["refused_or_late"],
        "refused_or_late_share": summary["refused_or_late_share"],
        "wait_p95_ms": number_at(summary, "wait_ms", "p95"),
        "utilization_mean": summary["utilization_mean"],
        "time_in_band": summary["time_in_band"],
        "worker_hours": hours,
        "surge_hours": number_at(summary, "worker_hours", "surge"),
        "surges": summary["surges"],
        "surges_per_day": share(summary["surges"], days),
        "surge_cost_units": number_at(summary, "cost", "surge_units"),
        "surge_cost_money": number_at(summary, "cost", "surge_money"),
        "total_money": number_at(summary, "cost", "total_money"),
        "currency": summary["cost"]["currency"],
        "scale_changes": summary["scale_changes"],
        "scale_changes_per_hour": summary["scale_changes_per_hour"],
        "summary": summary,
    }


def options_of(**given: Any) -> dict[str, Any]:
    """The options of a run; what isn't given stays out."""
    return {name: value for name, value in given.items() if value is not None}


def texts(set: Iterable[str]) -> list[str]:
    """The `path=value` texts, but not text by itself, which would be taken apart."""
    if isinstance(set, (str, bytes)):
        raise TypeError("`set` must be a list of `path=value` texts, not text")
    return list(set)
