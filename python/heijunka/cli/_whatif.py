"""`heijunka whatif`."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import _format as fmt
from .._outcome import Number, number, text
from .._whatif import MOST_RUNS, whatif
from ._plot import Chart, picture
from ._problem import Problem, explained
from ._progress import Progress
from ._replay import check_writable, configuration, same_file
from ._requests import headline, running, source, world
from ._summary import Bars, Summary, Table
from ._terminal import show

#: A terminal isn't the place for more bars.
MAX_BARS = 40
#: What is drawn of each run: its title and the figure.
DRAWN = (
    ("Refused or late", "refused_or_late_share"),
    ("Utilization", "utilization_mean"),
    ("Worker-hours", "worker_hours"),
    ("Cost", "total_money"),
)


def variation(argument: str) -> tuple[str, list[str]]:
    """A field and the values to try. A comma inside of brackets, braces or quotes belongs to its value."""
    path, equals, rest = argument.partition("=")
    while equals and path.count('"') % 2:
        more, equals, rest = rest.partition("=")
        path += f"={more}"
    values = _apart(rest)
    if not equals or not path.strip() or any(not value for value in values):
        raise argparse.ArgumentTypeError(f"`{argument}` isn't `path=value,value,…`")
    return path.strip(), values


def _apart(values: str) -> list[str]:
    parts, depth, quoted, escaped = [""], 0, False, False
    for letter in values:
        if not quoted and letter in "[{":
            depth += 1
        elif not quoted and letter in "]}":
            depth -= 1
        if letter == '"' and not escaped:
            quoted = not quoted
        escaped = quoted and letter == "\\" and not escaped
        if letter == "," and depth <= 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def run(options: argparse.Namespace) -> int:
    """Runs every combination and says what came of it."""
    if options.plot:
        check_writable(options.plot)
        for read in (options.source, options.config):
            if read is not None and same_file(options.plot, read):
                raise Problem(f"{options.plot}: the picture would overwrite what is read")
    vary: dict[str, list[str]] = {}
    count = 1
    for path, values in options.vary:
        if path in vary:
            raise Problem(f"--vary {path}: given twice")
        vary[path] = values
        count *= len(values)
    if count > MOST_RUNS:
        raise Problem(f"--vary: {count:,} combinations are more than {MOST_RUNS:,}")
    name, requests = source(options)
    config = configuration(options.config) if options.config else None
    with (
        explained(name, configuration="the configuration"),
        Progress(os.path.basename(name), quiet=options.quiet) as progress,
    ):
        result = whatif(requests, vary, config, preset=options.preset, progress=progress, **running(options))
    if options.plot:
        with explained(options.plot):
            Path(options.plot).write_text(picture(headline(name, result), charts(result)), encoding="utf-8")
    if options.json:
        print(json.dumps(result, ensure_ascii=False, allow_nan=False))
    else:
        show(summarize(result, name))
        if options.plot:
            print(f"\nplot: {options.plot}")
    return 0


def summarize(result: dict[str, Any], name: str) -> Summary:
    """The rows as a table and as bars."""
    rows = result["rows"]
    fields = list(rows[0]["set"])
    columns = (
        "",
        "refused",
        "expired",
        "late",
        "any of these",
        "wait p95",
        "utilization",
        "hours",
        "cost",
        "surges",
    )
    lines = [[label, *_figures(row)] for label, row in zip(labels(rows), rows, strict=True)]
    table = Table(f"Varied: {', '.join(map(text, fields))}", columns, lines)
    sections: list[Table | Bars] = [table]
    if len(rows) <= MAX_BARS:
        sections += [Bars(chart.title, chart.labels, chart.values, chart.shares) for chart in charts(result)]
    return Summary(headline(name, result), [world(result)], sections)


def labels(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The values of each row."""
    return [", ".join(text(value) for value in row["set"].values()) for row in rows]


def charts(result: dict[str, Any]) -> list[Chart]:
    """What is drawn of the runs."""
    rows = result["rows"]
    drawn = []
    for title, key in DRAWN:
        figures = [number(row[key]) for row in rows]
        most = max((float(figure) for figure in figures if figure is not None), default=0.0)
        shares = [float(figure) / most if figure is not None and most > 0 else 0.0 for figure in figures]
        values = [_shown(key, figure, row) for figure, row in zip(figures, rows, strict=True)]
        drawn.append(Chart(title, labels(rows), values, shares))
    return drawn


def _shown(key: str, figure: Number | None, row: dict[str, Any]) -> str:
    if key == "total_money":
        return fmt.money(figure, text(row["currency"]))
    return fmt.decimal(figure) if key == "worker_hours" else fmt.percent(figure)


def _figures(row: dict[str, Any]) -> list[str]:
    return [
        fmt.count(number(row["refused"])),
        fmt.count(number(row["expired"])),
        fmt.count(number(row["late"])),
        fmt.percent(number(row["refused_or_late_share"])),
        fmt.milliseconds(number(row["wait_p95_ms"])),
        fmt.percent(number(row["utilization_mean"])),
        fmt.decimal(number(row["worker_hours"])),
        fmt.money(number(row["total_money"]), text(row["currency"])),
        fmt.count(number(row["surges"])),
    ]
