"""`heijunka check`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from .. import resolve_config
from .._files import MAX_CONFIG_BYTES, config_text
from ._problem import explained, standard_input


def run(options: argparse.Namespace) -> int:
    """Checks a configuration: OK, or everything that is wrong."""
    name = "standard input" if options.config == "-" else options.config
    with explained(name):
        full = resolve_config(_standard_input() if options.config == "-" else Path(options.config))
    print(f"{name}: OK, {_counted(full['pools'], 'pool')} and {_counted(full['domains'], 'domain')}")
    return 0


def _standard_input() -> str:
    return config_text(standard_input().read(MAX_CONFIG_BYTES + 1))


def _counted(items: dict[str, Any], noun: str) -> str:
    return f"{len(items)} {noun}{'' if len(items) == 1 else 's'}"
