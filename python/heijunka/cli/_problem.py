"""What ends a command with a line or two instead of a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from ..errors import ConfigError, HeijunkaError


class Problem(Exception):
    """Bad input: what to print, line by line."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = lines


def standard_input() -> IO[bytes]:
    """Standard input, as bytes."""
    if sys.stdin is None:
        raise Problem("standard input: closed")
    return sys.stdin.buffer


@contextmanager
def explained(subject: str, *, configuration: str | None = None) -> Iterator[None]:
    """Turns what can be wrong with files and their contents into a `Problem` about `subject`.

    Problems of a configuration are about `configuration`, where that is something else.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except ConfigError as error:
        lines, about = str(error).splitlines(), configuration or subject
        if len(lines) > 1:
            raise Problem(f"{about}: {len(lines)} problems", *[f"  {line}" for line in lines]) from None
        raise Problem(f"{about}: {error}") from None
    except HeijunkaError as error:
        raise Problem(f"{subject}: {error}") from None
    except IsADirectoryError:
        raise Problem(f"{subject}: is a directory") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        name = error.filename if isinstance(error.filename, str) and error.filename != subject else None
        raise Problem(f"{name or subject}: {reason}") from None
    except MemoryError:
        raise Problem(f"{subject}: not enough memory") from None
