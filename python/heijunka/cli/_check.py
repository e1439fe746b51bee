"""`heijunka check`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from .. import resolve_config
from ._problem import explained


def run(options: argparse.Namespace) -> int:
    """Checks a configuration: OK, or everything that is wrong."""
    name = "standard input" if options.config == "-" else options.config
    with explained(name):
        config: Any = _standard_input() if options.config == "-" else Path(options.config)
        full = resolve_config(config)
    print(f"{name}: OK, {_counted(full['pools'], 'pool')} and {_counted(full['domains'], 'domain')}")
    return 0


def _standard_input() -> str:
    return sys.stdin.buffer.read().decode("utf-8-sig", errors="strict")


def _counted(items: dict[str, Any], noun: str) -> str:
    return f"{len(items)} {noun}{'' if len(items) == 1 else 's'}"
