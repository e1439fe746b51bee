"""The command line: `heijunka replay | demo | check`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from ._arguments import parser
from ._problem import Problem

__all__ = ["main"]

#: Bad input or bad usage, as argparse has it.
BAD_INPUT = 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and answers the exit code: 0, 2 for bad input, 130 when interrupted."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that can't show a sign gets a substitute, never a traceback.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except Problem as problem:
        for line in problem.lines:
            print(f"heijunka: {line}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        # Whoever read has had enough; what is left goes nowhere, so that the exit is quiet too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("heijunka: interrupted", file=sys.stderr)
        return INTERRUPTED
    return code
