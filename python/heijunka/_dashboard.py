"""A Grafana dashboard over the metrics."""

from __future__ import annotations

from typing import Any

_POOLS = '{pool=~"$pool"}'
#: Panels: title, unit, and the queries with their legends. Two stand in a row.
_PANELS: list[tuple[str, str, list[tuple[str, str]]]] = [
    (
        "Utilization",
        "percentunit",
        [(f"heijunka_pool_utilization{_POOLS}", "{{pool}}")],
    ),
    (
        "Load factor and limits",
        "percentunit",
        [
            ("heijunka_system_load_factor", "load factor"),
            ("heijunka_soft_limit / heijunka_hard_limit", "soft limit"),
        ],
    ),
    (
        "Requests",
        "reqps",
        [
            ("rate(heijunka_requests_accepted_total[$__rate_interval])", "accepted"),
            ("rate(heijunka_rejections_total[$__rate_interval])", "{{reason}}"),
        ],
    ),
    (
        "Rejection rate",
        "percentunit",
        [
            ("heijunka_recent_rejection_rate", "last minute"),
            ("heijunka_rejection_rate", "lifetime"),
            ("1 - heijunka_admission_rate", "not admitted"),
        ],
    ),
    (
        "Workers",
        "short",
        [
            (f"heijunka_pool_workers{_POOLS}", "{{pool}}"),
            (f"heijunka_pool_desired_workers{_POOLS}", "{{pool}} desired"),
            (f"heijunka_pool_surge_workers{_POOLS}", "{{pool}} surge"),
        ],
    ),
    (
        "Waiting",
        "short",
        [(f"heijunka_pool_waiting{_POOLS}", "{{pool}}")],
    ),
    (
        "Latency",
        "s",
        [
            (
                f"histogram_quantile({quantile}, sum by (pool, le) "
                f"(rate(heijunka_pool_latency_seconds_bucket{_POOLS}[$__rate_interval])))",
                "{{pool}} " + name,
            )
            for quantile, name in ((0.5, "p50"), (0.99, "p99"))
        ],
    ),
    (
        "Wait",
        "s",
        [
            (
                "histogram_quantile(0.99, sum by (pool, le) "
                f"(rate(heijunka_pool_wait_seconds_bucket{_POOLS}[$__rate_interval])))",
                "{{pool}} p99",
            )
        ],
    ),
    (
        "Health and errors",
        "short",
        [
            (f"heijunka_pool_health{_POOLS}", "{{pool}}"),
            (f"heijunka_pool_error_rate{_POOLS}", "{{pool}} error rate"),
        ],
    ),
    (
        "Balance",
        "short",
        [
            ("heijunka_balance_coefficient", "coefficient"),
            ("increase(heijunka_migrations_total[$__rate_interval])", "migrations"),
        ],
    ),
    (
        "Bursts",
        "short",
        [
            ("heijunka_offered_load_ratio", "offered load"),
            ("heijunka_baseline_load_ratio", "baseline"),
            ("heijunka_in_surge", "surging"),
            ("heijunka_burst_count", "surges so far"),
        ],
    ),
    (
        "Surge cost",
        "short",
        [
            ("heijunka_total_surge_cost", "cost units"),
            ("heijunka_surge_money_total", "money"),
            ("heijunka_surge_worker_seconds_total / 3600", "worker-hours"),
        ],
    ),
    (
        "Alerts",
        "short",
        [("heijunka_alerts_firing", "firing")],
    ),
    (
        "Domains",
        "reqps",
        [
            (
                "sum by (domain, outcome) (rate(heijunka_domain_requests_total[$__rate_interval]))",
                "{{domain}} {{outcome}}",
            )
        ],
    ),
]
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def queries() -> list[str]:
    """Every query of the dashboard."""
    return [query for _, _, targets in _PANELS for query, _ in targets] + [_POOL_QUERY]


_POOL_QUERY = "label_values(heijunka_pool_utilization, pool)"


def dashboard() -> dict[str, Any]:
    """The dashboard, as Grafana imports it. It asks for its data source, and lets pools be chosen."""
    return {
        "title": "Heijunka",
        "uid": "heijunka",
        "tags": ["heijunka"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "15s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {
            "list": [
                {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Data source"},
                {
                    "name": "pool",
                    "type": "query",
                    "label": "Pool",
                    "datasource": _SOURCE,
                    "query": {"query": _POOL_QUERY, "refId": "pool"},
                    "definition": _POOL_QUERY,
                    "refresh": 2,
                    "multi": True,
                    "includeAll": True,
                    "current": {"text": ["All"], "value": ["$__all"]},
                },
            ]
        },
        "panels": [_panel(number, *panel) for number, panel in enumerate(_PANELS)],
    }


def _panel(number: int, title: str, unit: str, targets: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": title,
        "datasource": _SOURCE,
        "gridPos": {"x": number % 2 * 12, "y": number // 2 * 8, "w": 12, "h": 8},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}},
        "targets": [
            {"refId": chr(ord("A") + place), "expr": query, "legendFormat": legend, "datasource": _SOURCE}
            for place, (query, legend) in enumerate(targets)
        ],
    }
