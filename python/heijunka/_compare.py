"""Policies side by side on the same requests."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any, Literal

from ._contenders import Progress, Requests, figures, options_of, run_all, texts
from .errors import ConfigError

#: Who is compared if nothing is said: the name, and the preset or the policy that it stands for.
CONTENDERS: dict[str, tuple[str | None, Any]] = {
    "adaptive": ("adaptive", None),
    "classic": ("classic", None),
    "config": (None, None),
    "fixed-mean": (None, {"kind": "fixed", "for": "mean"}),
    "fixed-peak": (None, {"kind": "fixed", "for": "peak"}),
    "hpa": (None, "hpa"),
    "kpa": (None, "kpa"),
    "celery": (None, "celery"),
    "clairvoyant": (None, "clairvoyant"),
}
#: It knows the future: a bound to compare with, not a contender.
BOUND = "clairvoyant"


def compare(
    source: str | os.PathLike[str] | IO[bytes] | Mapping[str, Any],
    config: Any = None,
    *,
    policies: Iterable[str] | Mapping[str, Any] | None = None,
    set: Iterable[str] = (),
    seed: int = 1,
    workers_start_delay_us: int = 10_000_000,
    max_waiting: int | None = 1000,
    pools: Literal["own", "shared", "config"] = "own",
    format: Literal["auto", "csv", "jsonl", "log"] = "auto",
    skip_bad: bool = False,
    speed_up: float = 1.0,
    wait_us: int | None = None,
    default_service_us: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Runs the same requests under several policies and answers their figures, a row for each.

    `source` is a trace, as for `replay`, or a workload, as for `simulate` (made from `seed`). `policies` are names:
    `adaptive` and `classic` (the configuration with that preset), `config` (the configuration as it is), `fixed-mean`
    and `fixed-peak` (fixed capacity for the mean and for the busiest minute), `hpa` (Kubernetes), `kpa` (Knative),
    `celery`, and `clairvoyant`, a plan that knows the future: a bound, not a contender. If nothing is said all of
    them, `config` only with a configuration. Or a dict from names of your own to policies, as `simulate` takes them.

    All run in the same world: a worker takes `workers_start_delay_us` to start (10 s), and pools that don't say
    how long their waiting line is have `max_waiting` places (1,000; `None`: as the configuration has it). The other
    options are those of `replay`. What the workload says itself stands.

    The answer has `trace`, `options` and `rows`. A row has `name`, `preset`, `policy`, the figures of its run
    (`refused_or_late`, `refused_or_late_share`, `worker_hours`, `surge_cost_money`, `scale_changes_per_hour`,
    `time_in_band`, …, and the whole `summary`), `times_clairvoyant` (its worker-hours / those of the clairvoyant plan),
    `bound` and `frontier`: no other row that isn't a bound has both fewer refused or late requests and fewer
    worker-hours. Where the future can't be known (crashes), the clairvoyant row has an `error` instead of figures.

    `progress` is called now and then: with `read`, the bytes read and how many there are, then with `compare`, the
    thousandths of runs done and how many there are. Raises what `replay` does; everything is checked before the first
    run.
    """
    chosen = _chosen(policies, config)
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
    rows: list[dict[str, Any]] = []
    runs = []
    for name, (preset, policy) in chosen.items():
        row = {"name": name, "preset": preset, "policy": policy, "bound": policy == BOUND, "error": None}
        rows.append(row)
        try:
            runs.append(requests.prepare(config, preset=preset, set=settings, policy=policy))
        except ConfigError as error:
            if not row["bound"] or any(path != "policy" for path, _ in error.problems):
                raise
            row["error"] = str(error)
    outcomes = run_all(runs, "compare", progress)
    left = iter(outcomes)
    for row in rows:
        if row["error"] is None:
            row.update(figures(next(left)))
    _judge(rows)
    trace = outcomes[0]["trace"] if outcomes else {}
    return {"trace": trace, "options": {**options, "seed": seed}, "rows": rows}


def _chosen(
    policies: Iterable[str] | Mapping[str, Any] | None, config: Any
) -> dict[str, tuple[str | None, Any]]:
    """The contenders by name: preset and policy."""
    if policies is None:
        return {name: what for name, what in CONTENDERS.items() if name != "config" or config is not None}
    if isinstance(policies, (str, bytes)):
        raise TypeError("`policies` must be a list of names or a dict of policies, not text")
    if isinstance(policies, Mapping):
        return {name: (None, policy) for name, policy in policies.items()}
    chosen = {}
    for name in policies:
        if name not in CONTENDERS:
            known = ", ".join(f"`{known}`" for known in CONTENDERS)
            raise ValueError(f"unknown policy `{name}`: it must be one of {known}")
        chosen[name] = CONTENDERS[name]
    if not chosen:
        raise ValueError("`policies` is empty")
    return chosen


def _judge(rows: Sequence[dict[str, Any]]) -> None:
    """Says how the rows stand to one another."""
    ran = [row for row in rows if row["error"] is None]
    bound = next((row for row in ran if row["bound"]), None)
    least = bound["worker_hours"] if bound is not None else None
    for row in ran:
        row["times_clairvoyant"] = row["worker_hours"] / least if least else None
        row["frontier"] = not row["bound"] and not any(
            other["refused_or_late"] < row["refused_or_late"] and other["worker_hours"] < row["worker_hours"]
            for other in ran
            if not other["bound"]
        )
