"""Replaying a trace: reading, feeding, finishing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import IO, Any, Literal

from ._heijunka import Replay
from ._trace import TraceFile, size_of

#: Called with what is being done (`read` or `level`), how much of it is done, and how much there is.
Progress = Callable[[str, int, "int | None"], None]


def replay(
    trace: str | os.PathLike[str] | IO[bytes],
    config: Any = None,
    *,
    preset: str | None = None,
    set: Iterable[str] = (),
    pools: Literal["own", "shared", "config"] = "own",
    format: Literal["auto", "csv", "jsonl", "log"] = "auto",
    skip_bad: bool = False,
    workers_start_delay_us: int = 0,
    speed_up: float = 1.0,
    wait_us: int | None = None,
    default_service_us: int | None = None,
    max_waiting: int | None = None,
    policy: str | Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Levels a recorded trace in simulated time and answers the outcome (what `heijunka replay --json` prints).

    `trace` is a path or a binary file: CSV (`arrival_us,domain,service_us,key`), JSON lines, an Apache or nginx
    access log, or a journal, plain or gzip. `config` is as for `Engine`; `preset` and `set` (`path=value` texts) are applied to it.

    `pools` says what becomes of domains that the configuration lacks: `own` gives each a pool of its own, `shared`
    gives them one pool together, `config` sends them to the pools that there are. `skip_bad` counts bad lines instead
    of failing. Workers that are ordered take `workers_start_delay_us` to start; `speed_up` makes the requests arrive so many
    times faster; a request waits at most `wait_us` where the pools have a waiting line; `default_service_us` is the
    service time of rows that have none. Pools that don't say how long their waiting line is have `max_waiting` places.

    `policy` says who scales: the engine (`heijunka`, if nothing is said), or an autoscaler to compare with (`fixed`, `hpa`,
    `kpa`, `celery`, `clairvoyant`), by name or as a dict with its `kind` and its parameters; `compare` runs them side by
    side.

    `progress` is called now and then: with `read`, the bytes read and how many there are (`None`: unknown), then
    with `level`, the requests that have arrived and how many there are. Raises `TraceError` (with line and field),
    `ConfigError`, or `OSError`. Other threads run meanwhile.
    """
    machine = Replay(
        config,
        preset=preset,
        set=set if isinstance(set, str) else list(set),  # text by itself is refused, not taken apart
        pools=pools,
        format=format,
        skip_bad=skip_bad,
        workers_start_delay_us=workers_start_delay_us,
        speed_up=speed_up,
        wait_us=wait_us,
        default_service_us=default_service_us,
        max_waiting=max_waiting,
        policy=policy,
    )
    if isinstance(trace, (str, os.PathLike)):
        with open(trace, "rb") as file:
            return _feed(machine, file, skip_bad, progress)
    return _feed(machine, trace, skip_bad, progress)


def _feed(machine: Replay, file: IO[bytes], skip_bad: bool, progress: Progress | None) -> dict[str, Any]:
    source = TraceFile(file, total=size_of(file), keep_truncated=skip_bad)
    for chunk in source:
        machine.feed(chunk)
        if progress is not None:
            progress("read", source.position, source.total)
    result = machine.finish(None if progress is None else partial(progress, "level"))
    if source.truncated:
        result["trace"]["truncated"] = True
    if source.torn is not None:
        result["trace"]["torn"] = source.torn
    return result
