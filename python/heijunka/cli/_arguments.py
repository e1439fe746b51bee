"""The arguments of every command."""

from __future__ import annotations

import argparse
import math
import re

from .. import __version__
from . import _check, _demo, _replay

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
        help="CSV (arrival_us,domain,service_us,key), JSON lines, or an Apache or nginx access log; plain or gzip; "
        "`-` for standard input",
    )
    _configuration(replay)
    replay.add_argument(
        "--pools",
        choices=["own", "shared", "config"],
        default="own",
        help="where domains go that the configuration lacks: each to a pool of its own (the default), all to one "
        "pool that they share, or to the pools of the configuration",
    )
    replay.add_argument(
        "--workers-start-delay",
        type=duration_us,
        default=0,
        metavar="SECONDS",
        help="how long a worker that is ordered takes to start (default 0)",
    )
    replay.add_argument(
        "--speed-up", type=factor, default=1.0, metavar="X", help="requests arrive X times faster (default 1)"
    )
    replay.add_argument(
        "--wait",
        type=duration_us,
        metavar="SECONDS",
        help="how long a request may wait in a line, where its pool has one (`max_waiting` above 0; default 30)",
    )
    replay.add_argument(
        "--default-service",
        type=duration_us,
        metavar="SECONDS",
        help="the service time of rows that have none (default 0.1)",
    )
    replay.add_argument(
        "--format",
        choices=["auto", "csv", "jsonl", "log"],
        default="auto",
        help="the trace's format (`auto`, the default: told by its contents)",
    )
    replay.add_argument("--skip-bad", action="store_true", help="leave bad lines out, and count them")
    replay.add_argument(
        "--json", action="store_true", help="print the whole outcome as JSON, and nothing else"
    )
    replay.add_argument(
        "--report", type=path, metavar="FILE", help="write a report, one self-contained HTML file"
    )
    replay.add_argument("--quiet", action="store_true", help="no progress bar and no summary")

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


def _configuration(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--config", type=path, metavar="FILE", help="a JSON or TOML file; `heijunka check` checks it"
    )
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
