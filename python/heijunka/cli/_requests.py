"""The requests of `heijunka compare` and `heijunka whatif`: a trace, standard input or a built-in profile."""

from __future__ import annotations

import argparse
import os
from typing import IO, Any

from .._format import plural, span
from .._heijunka import PROFILE_NAMES
from .._outcome import number_at, text
from ._problem import standard_input

#: The built-in workloads.
PROFILES: tuple[str, ...] = PROFILE_NAMES


def source(options: argparse.Namespace) -> tuple[str, str | IO[bytes] | dict[str, Any]]:
    """The name of the requests and what they are. A file is a trace, even if it is called like a profile."""
    name: str = options.source
    if name == "-":
        return "standard input", standard_input()
    if name in PROFILES and not os.path.exists(name):
        return name, {"profile": name}
    return name, name


def running(options: argparse.Namespace) -> dict[str, Any]:
    """How they are run, as `compare` and `whatif` take it."""
    return {
        "set": options.set,
        "seed": options.seed,
        "pools": options.pools,
        "format": options.format,
        "skip_bad": options.skip_bad,
        "workers_start_delay_us": options.workers_start_delay,
        "max_waiting": options.max_waiting,
        "speed_up": options.speed_up,
        "wait_us": options.wait,
        "default_service_us": options.default_service,
    }


def headline(name: str, result: dict[str, Any]) -> str:
    """What the requests are, in a line."""
    trace = result["trace"]
    span_us = number_at(trace, "span_us")
    over = f" over {span(span_us / 1e6)}" if span_us else ""
    return f"{text(os.path.basename(name))}: {plural(number_at(trace, 'rows'), 'request')}{over}"


def world(result: dict[str, Any]) -> str:
    """How they were run, in a line."""
    options = result["options"]
    delay_us = options["workers_start_delay_us"]
    start = f"take {span(delay_us / 1e6)} to start" if delay_us else "start at once"
    places = options.get("max_waiting")
    line = (
        "a waiting line as the configuration has it"
        if places is None
        else "no waiting line unless they say so"
        if places == 0
        else f"a waiting line of {places:,} unless they say otherwise"
    )
    return f"workers {start}, pools have {line}"
