"""`heijunka demo`."""

from __future__ import annotations

import argparse
import gzip
import webbrowser
from pathlib import Path

from .. import replay
from .._heijunka import demo_trace
from ._problem import explained
from ._progress import Progress
from ._replay import write_report
from ._summary import summarize
from ._terminal import show


def run(options: argparse.Namespace) -> int:
    """Makes the demo's trace, replays it and writes the report."""
    folder = Path(options.dir)
    trace, report = folder / "demo.csv.gz", folder / "report.html"
    with explained(options.dir):
        folder.mkdir(parents=True, exist_ok=True)
        # Without a time or a name inside: the same seed gives the same file.
        trace.write_bytes(gzip.compress(demo_trace(options.seed), compresslevel=6, mtime=0))
    with explained(str(trace)), Progress(trace.name) as progress:
        result = replay(trace, progress=progress)
    show(summarize(result, trace.name))
    write_report(report, result, f"A demo day (seed {options.seed})")
    print(f"\ntrace:  {trace}\nreport: {report}")
    if options.open:
        webbrowser.open(report.resolve().as_uri())
    return 0
