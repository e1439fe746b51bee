"""The alert rules of a configuration as Prometheus's rules file."""

from __future__ import annotations

import json
from typing import Any

#: What an alert of each metric says; `{{ $labels.pool }}` and `{{ $value }}` are filled in by Prometheus.
_SAYS = {
    "system_load_factor": "Load factor {{ $value }}",
    "balance_coefficient": "Balance coefficient {{ $value }}",
    "admission_rate": "Admission rate {{ $value }}",
    "rejection_rate": "Rejection rate {{ $value }}",
    "recent_rejection_rate": "Rejection rate of the last minute {{ $value }}",
    "pool_utilization": "Utilization of pool {{ $labels.pool }} {{ $value }}",
    "pool_health": "Health of pool {{ $labels.pool }} {{ $value }} (1: degraded, 2: critical)",
    "pool_error_rate": "Error rate of pool {{ $labels.pool }} {{ $value }}",
    "pool_waiting": "{{ $value }} requests wait in pool {{ $labels.pool }}",
}


def rules_file(config: dict[str, Any]) -> str:
    """The rules of a full configuration, evaluated as often as the engine's own, as YAML."""
    lines = ["groups:", "  - name: heijunka", f"    interval: {_duration(config['alert_every_us'])}"]
    rules: list[dict[str, Any]] = config["alerts"]
    lines.append("    rules:" if rules else "    rules: []")
    for rule in rules:
        labels = {"severity": rule["severity"]}
        annotations = {"summary": _SAYS[rule["metric"]]}
        if rule["options"]:
            annotations["options"] = ", ".join(rule["options"])
        lines += [
            f"      - alert: {_quoted(rule['name'])}",
            f"        expr: {_quoted(expression(rule))}",
            f"        for: {_duration(rule['for_us'])}",
            "        labels:",
            *[f"          {name}: {_quoted(value)}" for name, value in labels.items()],
            "        annotations:",
            *[f"          {name}: {_quoted(value)}" for name, value in annotations.items()],
        ]
    return "\n".join(lines) + "\n"


def expression(rule: dict[str, Any]) -> str:
    """A rule's condition in PromQL."""
    selector = "" if rule["pool"] is None else f"{{pool={_quoted(rule['pool'])}}}"
    return f"heijunka_{rule['metric']}{selector} {rule['comparison']} {rule['threshold']!r}"


def _quoted(text: str) -> str:
    """Text in double quotes: what JSON escapes, YAML and PromQL read the same."""
    return json.dumps(text, ensure_ascii=False)


def _duration(us: int) -> str:
    """A duration of Prometheus: whole seconds, or milliseconds, no shorter than it is."""
    return f"{us // 1_000_000}s" if us % 1_000_000 == 0 else f"{-(-us // 1_000)}ms"
