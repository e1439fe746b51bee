"""`heijunka alerts` and `heijunka dashboard`."""

from __future__ import annotations

import argparse
import json

from .. import resolve_config
from .._alerts import rules_file
from .._dashboard import dashboard
from ._problem import explained
from ._replay import configuration


def alerts(options: argparse.Namespace) -> int:
    """Prints the alert rules as Prometheus's rules file."""
    config = configuration(options.config) if options.config else None
    with explained(options.config or "the configuration"):
        full = resolve_config(config)
    print(rules_file(full), end="")
    return 0


def show_dashboard(_: argparse.Namespace) -> int:
    """Prints the dashboard for Grafana."""
    print(json.dumps(dashboard(), indent=2))
    return 0
