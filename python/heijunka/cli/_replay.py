"""`heijunka replay`."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from .. import replay, resolve_config
from .._files import read_config
from ._problem import Problem, explained, standard_input
from ._progress import Progress
from ._summary import summarize
from ._terminal import show


def run(options: argparse.Namespace) -> int:
    """Replays a trace and says how it went."""
    if options.report:
        check_writable(options.report)
        for read in (options.trace, options.config):
            if read is not None and same_file(options.report, read):
                raise Problem(f"{options.report}: the report would overwrite what is read")
    from_stream = options.trace == "-"
    name = "standard input" if from_stream else options.trace
    config = configuration(options.config) if options.config else None
    # What is wrong with the configuration now comes of `--preset` and `--set`.
    with (
        explained(name, configuration="the configuration"),
        Progress(os.path.basename(name), quiet=options.quiet) as progress,
    ):
        result = replay(
            standard_input() if from_stream else options.trace,
            config,
            preset=options.preset,
            set=options.set,
            pools=options.pools,
            format=options.format,
            skip_bad=options.skip_bad,
            workers_start_delay_us=options.workers_start_delay,
            speed_up=options.speed_up,
            wait_us=options.wait,
            default_service_us=options.default_service,
            progress=progress,
        )
    title = os.path.basename(name)
    if options.report:
        write_report(options.report, result, title)
    if options.json:
        print(json.dumps(result, ensure_ascii=False, allow_nan=False))
    elif not options.quiet:
        show(summarize(result, title))
        if options.report:
            print(f"\nreport: {options.report}")
    return 0


def configuration(path: str) -> Path | str:
    """The configuration in a file, checked by itself, so that its problems are named as the file's.

    What isn't a regular file (a pipe) can be read only once: its text stands for it.
    """
    file = Path(path)
    with explained(path):
        config = file if file.is_file() else read_config(file)[0]
        resolve_config(config)
    return config


def same_file(one: str, two: str) -> bool:
    """Whether both paths lead to one and the same regular file."""
    return os.path.isfile(one) and os.path.exists(two) and os.path.samefile(one, two)


def check_writable(path: str) -> None:
    """A report that can't be written is better known before a long replay than after."""
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path):
        raise Problem(f"{path}: is a directory")
    if not os.path.isdir(folder):
        raise Problem(f"{path}: there is no directory `{folder}`")
    if not os.access(path if os.path.exists(path) else folder, os.W_OK):
        raise Problem(f"{path}: permission denied")


def write_report(path: str | os.PathLike[str], result: dict[str, Any], title: str) -> None:
    """Writes the report of `result`."""
    from ..report import render

    with explained(os.fspath(path)):
        Path(path).write_text(render(result, title=title), encoding="utf-8")
