"""The command line: `heijunka replay | compare | whatif | demo | check | journal | alerts | dashboard`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from .._outcome import text
from ._arguments import parser
from ._problem import Problem

__all__ = ["main"]

#: Bad input or bad usage, as argparse has it.
BAD_INPUT = 2
FAILED = 1
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and answers the exit code.

    0, 2 for bad input, 130 when interrupted, 1 when the output can't be written.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that can't show a sign gets a substitute, never a traceback.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        if sys.stdout is not None:
            sys.stdout.flush()
    except Problem as problem:
        _complain(*problem.lines)
        return BAD_INPUT
    except BrokenPipeError:
        # Whoever read has had enough.
        _drop_output()
        return FAILED
    except OSError as error:
        _complain(f"the output can't be written: {(error.strerror or str(error)).lower()}")
        _drop_output()
        return FAILED
    except KeyboardInterrupt:
        _complain("interrupted")
        return INTERRUPTED
    return code


def _complain(*lines: str) -> None:
    if sys.stderr is not None:
        for line in lines:
            # A file's name may hold anything; it isn't to command the terminal.
            print(f"heijunka: {text(line)}", file=sys.stderr)


def _drop_output() -> None:
    """What is left in the buffer goes nowhere, so that the exit is quiet."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
