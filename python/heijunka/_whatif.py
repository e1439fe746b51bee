"""The same requests with varied configurations."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any, Literal

from ._contenders import Progress, Requests, figures, options_of, run_all, texts

#: More runs than this are taken for a mistake.
MOST_RUNS = 10_000


def whatif(
    source: str | os.PathLike[str] | IO[bytes] | Mapping[str, Any],
    vary: Mapping[str, Sequence[Any]],
    config: Any = None,
    *,
    preset: str | None = None,
    set: Iterable[str] = (),
    policy: Any = None,
    seed: int = 1,
    workers_start_delay_us: int = 0,
    max_waiting: int | None = None,
    pools: Literal["own", "shared", "config"] = "own",
    format: Literal["auto", "csv", "jsonl", "log"] = "auto",
    skip_bad: bool = False,
    speed_up: float = 1.0,
    wait_us: int | None = None,
    default_service_us: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Runs the same requests with each value of some fields, and answers the figures, a row for each.

    `vary` has the paths of fields, as in `set`, with the values to try; of several fields every combination is run,
    the last one changing fastest. They are applied after `set`. `source`, `policy` and the other options are those of
    `compare` and `replay`; here a worker starts at once, and a pool waits in line only where it says so, unless told
    otherwise.

    The answer has `trace`, `options` and `rows`; a row has `set` (the fields and their values) and the figures of
    `compare`. `progress` is called with `read`, then with `vary`, the thousandths of runs done and how many there are.
    Everything is checked before the first run. Raises what `replay` does, and `ValueError` when there is nothing to
    vary or there are more than 10,000 combinations.
    """
    fields = {path: list(values) for path, values in vary.items()}
    count = 1
    for path, values in fields.items():
        if not values:
            raise ValueError(f"`{path}` has no values to try")
        count *= len(values)
    if not fields or count > MOST_RUNS:
        raise ValueError(f"{count if fields else 0} combinations: there must be 1 to {MOST_RUNS}")
    settings = texts(set)
    options = options_of(
        workers_start_delay_us=workers_start_delay_us,
        max_waiting=max_waiting,
        pools=pools,
        speed_up=speed_up,
        wait_us=wait_us,
        default_service_us=default_service_us,
    )
    requests = Requests(source, options, seed=seed, format=format, skip_bad=skip_bad, progress=progress)
    combinations = [dict(zip(fields, values, strict=True)) for values in itertools.product(*fields.values())]
    runs = [
        requests.prepare(
            config,
            preset=preset,
            set=[*settings, *(f"{path}={_written(value)}" for path, value in combination.items())],
            policy=policy,
        )
        for combination in combinations
    ]
    outcomes = run_all(runs, "vary", progress)
    rows = [
        {"set": combination, **figures(outcome)}
        for combination, outcome in zip(combinations, outcomes, strict=True)
    ]
    return {"trace": outcomes[0]["trace"], "options": {**options, "seed": seed}, "rows": rows}


def _written(value: Any) -> str:
    """A value as `path=value` has it: JSON, or text as it is."""
    return value if isinstance(value, str) else json.dumps(value)
