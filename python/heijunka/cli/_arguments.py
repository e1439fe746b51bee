"""The arguments of every command."""

from __future__ import annotations

import argparse
import math
import re

from .. import __version__
from .._compare import CONTENDERS
from . import _check, _compare, _demo, _journal, _observe, _replay, _whatif
from ._requests import PROFILES

_UNITS = {"us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "min": 60_000_000, "h": 3_600_000_000}
_DURATION = re.compile(r"\s*([0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)\s*(us|ms|s|min|m|h)?\s*")
_LIMIT_US = 2**53


def duration_us(text: str) -> int:
    """A duration in microseconds: seconds without a unit, else us, ms, s, m (or min), h."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"`{text}` isn't a duration: 10, 0.5, 10s, 500ms, 2m")
    value = float(match[1]) * _UNITS[match[2] or "s"]
    if not math.isfinite(value) or value >= _LIMIT_US:
        raise argparse.ArgumentTypeError(f"`{text}` is too long: it must be below 2^53 microseconds")
    return round(value)


def factor(text: str) -> float:
    """A finite number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value <= 0:
        raise argparse.ArgumentTypeError(f"`{text}` isn't a number above 0")
    return value


def setting(text: str) -> str:
    """A `path=value`."""
    if "=" not in text.lstrip("="):
        raise argparse.ArgumentTypeError(f"`{text}` isn't `path=value`")
    return text


def count(text: str) -> int:
    """A whole number, 0 or above."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"`{text}` isn't a whole number from 0 to 999999999")
    return int(text)


def names(text: str) -> list[str]:
    """Names of policies to compare."""
    chosen = [name.strip() for name in text.split(",")]
    for name in chosen:
        if name not in CONTENDERS:
            raise argparse.ArgumentTypeError(
                f"unknown policy `{name}`: it must be one of {', '.join(CONTENDERS)}"
            )
    return chosen


def path(text: str) -> str:
    """A path; an empty one is an unset variable of the shell, taken for nothing at all if it passed."""
    if not text:
        raise argparse.ArgumentTypeError("the path is empty")
    return text


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="heijunka",
        description="Load leveling: admission, balancing, pools, bursts.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"heijunka {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    replay = commands.add_parser(
        "replay",
        help="level a recorded trace, and say how it went",
        description="Level a recorded trace in simulated time, and say how it went. Exit code 2: the trace or the "
        "configuration is no good, and the message says where.",
        epilog="SECONDS may have another unit: 250us, 20ms, 10s, 2m, 1h.",
        allow_abbrev=False,
    )
    replay.set_defaults(run=_replay.run)
    replay.add_argument(
        "trace",
        type=path,
        metavar="TRACE",
        help="CSV (arrival_us,domain,service_us,key), JSON lines, an Apache or nginx access log, or a journal; plain or gzip; "
        "`-` for standard input",
    )
    _configuration(replay)
    _running(replay, start_delay_us=0, max_waiting=None)
    replay.add_argument(
        "--json", action="store_true", help="print the whole outcome as JSON, and nothing else"
    )
    replay.add_argument(
        "--report", type=path, metavar="FILE", help="write a report, one self-contained HTML file"
    )
    replay.add_argument("--quiet", action="store_true", help="no progress bar and no summary")

    compare = commands.add_parser(
        "compare",
        help="run the same requests under several policies, side by side",
        description="Run the same requests under the presets, fixed capacity, the autoscalers of Kubernetes, Knative and "
        "Celery, and a plan that knows the future, and show what each refuses or serves late and what it costs. All in the "
        "same world: unless told otherwise a worker takes 10 s to start, and pools that don't say how long their waiting "
        "line is have 1,000 places.",
        epilog="SECONDS may have another unit: 250us, 20ms, 10s, 2m, 1h.",
        allow_abbrev=False,
    )
    compare.set_defaults(run=_compare.run)
    _source(compare)
    _configuration(compare, presets=False)
    compare.add_argument(
        "--policies",
        type=names,
        metavar="A,B,…",
        help="some of them only: " + ", ".join(CONTENDERS) + " (`config`: the configuration as it is)",
    )
    _running(compare, start_delay_us=10_000_000, max_waiting=1000)
    compare.add_argument("--json", action="store_true", help="print all figures as JSON, and nothing else")
    compare.add_argument("--quiet", action="store_true", help="no progress bar")

    whatif = commands.add_parser(
        "whatif",
        help="run the same requests with several values of some fields",
        description="Run the same requests with each value of some fields of the configuration (of several fields: every "
        "combination), and show what comes of it. Everything is checked before the first run.",
        epilog="SECONDS may have another unit: 250us, 20ms, 10s, 2m, 1h.",
        allow_abbrev=False,
    )
    whatif.set_defaults(run=_whatif.run)
    _source(whatif)
    _configuration(whatif)
    whatif.add_argument(
        "--vary",
        action="append",
        required=True,
        type=_whatif.variation,
        metavar="PATH=A,B,…",
        help="a field and the values to try, as in pools.payment.max_workers=10,20,40; may be repeated",
    )
    _running(whatif, start_delay_us=0, max_waiting=None)
    whatif.add_argument("--plot", type=path, metavar="FILE", help="draw the outcomes as an SVG picture")
    whatif.add_argument("--json", action="store_true", help="print all figures as JSON, and nothing else")
    whatif.add_argument("--quiet", action="store_true", help="no progress bar")

    check = commands.add_parser(
        "check",
        help="check a configuration",
        description="Check a configuration: OK, or everything that is wrong with it.",
        allow_abbrev=False,
    )
    check.set_defaults(run=_check.run)
    check.add_argument(
        "config", type=path, metavar="CONFIG", help="a JSON or TOML file; `-` for standard input"
    )

    journal = commands.add_parser(
        "journal",
        help="read what an engine has recorded",
        description="Read a journal: what an engine was asked, record by record. A torn tail, of a write that was cut, is left "
        "out and told.",
        allow_abbrev=False,
    )
    _journals(journal)

    alerts = commands.add_parser(
        "alerts",
        help="print the alert rules for Prometheus",
        description="Print the alert rules of a configuration as Prometheus's rules file (YAML): with the metrics of "
        "`metrics_text`, Prometheus fires them as the engine itself does.",
        allow_abbrev=False,
    )
    alerts.set_defaults(run=_observe.alerts)
    alerts.add_argument(
        "--config", type=path, metavar="FILE", help="a JSON or TOML file (default: the default rules)"
    )

    dashboard = commands.add_parser(
        "dashboard",
        help="print a dashboard for Grafana",
        description="Print a dashboard over the metrics of `metrics_text` as JSON that Grafana imports.",
        allow_abbrev=False,
    )
    dashboard.set_defaults(run=_observe.show_dashboard)

    demo = commands.add_parser(
        "demo",
        help="make a trace, level it, and write a report",
        description="Make a trace of a day (a lunch peak, a flash crowd, a slow pool), level it, print the summary, "
        "and write a report.",
        allow_abbrev=False,
    )
    demo.set_defaults(run=_demo.run)
    demo.add_argument(
        "--dir",
        type=path,
        default="heijunka-demo",
        metavar="DIR",
        help="where to write (default: heijunka-demo)",
    )
    demo.add_argument(
        "--seed", type=_seed, default=1, metavar="N", help="another seed, another day (default 1)"
    )
    demo.add_argument("--open", action="store_true", help="open the report in the browser")
    return top


def _journals(journal: argparse.ArgumentParser) -> None:
    """The commands on journals."""
    actions = journal.add_subparsers(required=True, metavar="ACTION")

    def action(name: str, help: str, description: str, json: bool = True) -> argparse.ArgumentParser:
        command = actions.add_parser(name, help=help, description=description, allow_abbrev=False)
        command.add_argument(
            "file",
            type=path,
            metavar="FILE",
            help="a journal, or several one after another; `-`: standard input",
        )
        if json:
            command.add_argument(
                "--json", action="store_true", help="print the result as JSON, and nothing else"
            )
        return command

    show = action(
        "show", "print the records", "Print how many records of which operations there are, and the records."
    )
    show.set_defaults(run=_journal.show)
    show.add_argument("--first", type=count, default=1, metavar="N", help="from record N on (default 1)")
    show.add_argument("--count", type=count, default=20, metavar="N", help="so many records (default 20)")

    verify = action(
        "verify",
        "replay, and compare every answer",
        "Replay a journal with its own configuration, and compare each answer and effect. Exit code 1: a record is answered "
        "otherwise, and the message says which.",
    )
    verify.set_defaults(run=_journal.verify)

    trace = action(
        "trace",
        "print the requests as a trace",
        "Print the requests that a journal tells of as a trace (CSV): traffic for `heijunka replay`, `compare` and `whatif`, "
        "which also take a journal as it is.",
        json=False,
    )
    trace.set_defaults(run=_journal.trace)

    replay = action(
        "replay",
        "replay under another configuration",
        "Replay a journal under another configuration beside its own, and print what is decided otherwise. `--set` alone "
        "changes the configuration that was recorded.",
    )
    replay.set_defaults(run=_journal.replay)
    _configuration(replay)
    replay.add_argument(
        "--limit", type=count, default=20, metavar="N", help="list so many differences (default 20)"
    )


def _running(command: argparse.ArgumentParser, *, start_delay_us: int, max_waiting: int | None) -> None:
    """How requests are read and run."""
    command.add_argument(
        "--pools",
        choices=["own", "shared", "config"],
        default="own",
        help="where domains go that the configuration lacks: each to a pool of its own (the default), all to one "
        "pool that they share, or to the pools of the configuration",
    )
    command.add_argument(
        "--workers-start-delay",
        type=duration_us,
        default=start_delay_us,
        metavar="SECONDS",
        help=f"how long a worker that is ordered takes to start (default {start_delay_us // 1_000_000})",
    )
    command.add_argument(
        "--speed-up", type=factor, default=1.0, metavar="X", help="requests arrive X times faster (default 1)"
    )
    command.add_argument(
        "--wait",
        type=duration_us,
        metavar="SECONDS",
        help="how long a request may wait in a line, where its pool has one (`max_waiting` above 0; default 30)",
    )
    command.add_argument(
        "--default-service",
        type=duration_us,
        metavar="SECONDS",
        help="the service time of rows that have none (default 0.1)",
    )
    command.add_argument(
        "--format",
        choices=["auto", "csv", "jsonl", "log"],
        default="auto",
        help="the trace's format (`auto`, the default: told by its contents)",
    )
    command.add_argument("--skip-bad", action="store_true", help="leave bad lines out, and count them")
    lines = "as the configuration has it" if max_waiting is None else f"{max_waiting:,}"
    command.add_argument(
        "--max-waiting",
        type=count,
        default=max_waiting,
        metavar="N",
        help=f"the places in the waiting line of pools that don't say how many (default: {lines})",
    )


def _source(command: argparse.ArgumentParser) -> None:
    """The requests: a trace or a built-in profile."""
    command.add_argument(
        "source",
        type=path,
        metavar="TRACE|PROFILE",
        help="a trace, as for `heijunka replay`, or the name of a built-in workload: " + ", ".join(PROFILES),
    )
    command.add_argument(
        "--seed", type=_seed, default=1, metavar="N", help="what a profile is made from (default 1)"
    )


def _configuration(command: argparse.ArgumentParser, *, presets: bool = True) -> None:
    command.add_argument(
        "--config", type=path, metavar="FILE", help="a JSON or TOML file; `heijunka check` checks it"
    )
    if presets:
        command.add_argument("--preset", metavar="NAME", help="`classic` (the default) or `adaptive`")
    command.add_argument(
        "--set",
        action="append",
        default=[],
        type=setting,
        metavar="PATH=VALUE",
        help="set a field of the configuration, as in pools.payment.max_workers=40; may be repeated",
    )


def _seed(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = -1
    if not 0 <= value < 2**64:
        raise argparse.ArgumentTypeError(f"`{text}` isn't a whole number from 0 to 2^64 - 1")
    return value
