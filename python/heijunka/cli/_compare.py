"""`heijunka compare`."""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

from .. import _format as fmt
from .._compare import compare
from .._outcome import number, text
from ._problem import explained
from ._progress import Progress
from ._replay import configuration
from ._requests import headline, running, source, world
from ._summary import Summary, Table
from ._terminal import show

#: The best that can be done is no contender.
LABELS = {
    "config": "the configuration",
    "fixed-mean": "fixed, for the mean",
    "fixed-peak": "fixed, for the peak",
    "hpa": "Kubernetes HPA",
    "kpa": "Knative KPA",
    "celery": "Celery",
    "clairvoyant": "(clairvoyant)",
}


def run(options: argparse.Namespace) -> int:
    """Compares policies and says how each did."""
    name, requests = source(options)
    config = configuration(options.config) if options.config else None
    with (
        explained(name, configuration="the configuration"),
        Progress(os.path.basename(name), quiet=options.quiet) as progress,
    ):
        result = compare(requests, config, policies=options.policies, progress=progress, **running(options))
    if options.json:
        print(json.dumps(result, ensure_ascii=False, allow_nan=False))
    else:
        show(summarize(result, name))
    return 0


def summarize(result: dict[str, Any], name: str) -> Summary:
    """The rows as a table."""
    rows = result["rows"]
    notes = [f"the same world for all: {world(result)}"]
    notes += [f"{text(row['name'])}: {text(row['error'])}" for row in rows if row["error"] is not None]
    in_vain = any(row["error"] is None and row["abandoned"] for row in rows)
    columns = (
        "",
        "refused",
        "expired",
        "late",
        *(("in vain",) if in_vain else ()),
        "any of these",
        "hours",
        "× clairvoyant",
        "cost",
        "surge cost",
        "surges/day",
        "changes/h",
        "in 60–80 %",
        "frontier",
    )
    explanation = (
        "late: waited over 1 s and over twice their service; changes/h: of the worker count, per hour and pool; frontier: "
        "no other has both fewer refused or late requests and fewer hours"
    )
    if any(row["bound"] for row in rows):
        explanation += "; (clairvoyant) knows the future: a bound on hours for those who let nobody wait"
    lines = [_line(row, in_vain=in_vain) for row in rows if row["error"] is None]
    return Summary(headline(name, result), notes, [Table("Policies", columns, lines, explanation)])


def _line(row: dict[str, Any], *, in_vain: bool) -> list[str]:
    times = number(row["times_clairvoyant"])
    currency = text(row["currency"])
    return [
        text(LABELS.get(row["name"], row["name"])),
        fmt.count(number(row["refused"])),
        fmt.count(number(row["expired"])),
        fmt.count(number(row["late"])),
        *([fmt.count(number(row["abandoned"]))] if in_vain else []),
        fmt.percent(number(row["refused_or_late_share"])),
        fmt.decimal(number(row["worker_hours"])),
        fmt.DASH if times is None else f"{times:.2f}",
        fmt.money(number(row["total_money"]), currency),
        fmt.money(number(row["surge_cost_money"]), currency),
        fmt.decimal(number(row["surges_per_day"])),
        fmt.decimal(number(row["scale_changes_per_hour"])),
        fmt.percent(number(row["time_in_band"])),
        "*" if row["frontier"] else "",
    ]
