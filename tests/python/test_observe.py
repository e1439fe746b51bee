"""Alerts, the checklist, takt and the metrics text through the Python face, and what the command line makes of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import heijunka
import pytest
from heijunka import Engine
from heijunka._alerts import rules_file
from heijunka._dashboard import queries

SECOND = 1_000_000
QUIET = {"scaler": {"enabled": False}, "burst": {"enabled": False}, "health": {"check_every_us": 10**12}}
RULE = {
    "name": "Busy",
    "metric": "pool_utilization",
    "comparison": ">",
    "threshold": 0.5,
    "options": ["scale_up"],
}


def run(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "heijunka", *map(str, arguments)],
        capture_output=True,
        timeout=120,
        check=False,
        encoding="utf-8",
        env={**os.environ, "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_an_alert_and_its_effects() -> None:
    engine = Engine({**QUIET, "pools": {"a": {"initial_workers": 1, "min_workers": 1}}, "alerts": [RULE]})
    worker = engine.checkout(0, "a").worker
    assert worker is not None
    (fired,) = engine.step(15 * SECOND)
    assert (fired.kind, fired.reason, fired.pool) == ("AlertFiring", "alert_firing", "a")
    assert (fired.alert, fired.value, fired.options) == (0, 1.0, ("scale_up",))
    assert "alert=0, value=1.0, options=('scale_up',)" in repr(fired)
    assert engine.alerts() == [
        {
            "alert": 0,
            "name": "Busy",
            "pool": "a",
            "severity": "warning",
            "state": "firing",
            "since_us": 15 * SECOND,
            "value": 1.0,
        }
    ]
    engine.checkin(16 * SECOND, worker)
    (resolved,) = engine.step(30 * SECOND)
    assert (resolved.kind, resolved.value) == ("AlertResolved", 0.0)
    assert engine.alerts() == []
    assert resolved != fired
    assert hash(resolved) != hash(fired)


def test_effects_of_other_kinds_carry_no_alert() -> None:
    engine = Engine({"regulator": {"soft_limit": 1}})
    engine.admit(0, "payment")
    engine.admit(0, "payment")
    effect = engine.poll_effect()
    assert effect is not None
    assert (effect.alert, effect.value, effect.options) == (None, None, ())


def test_rules_are_checked() -> None:
    with pytest.raises(heijunka.ConfigError) as caught:
        Engine({"alerts": [RULE, {**RULE, "threshold": "high", "metric": "pool_utilisation"}]})
    text = str(caught.value)
    assert "alerts[1].metric" in text
    assert "did you mean `pool_utilization`?" in text
    assert "alerts[1].threshold" in text


def test_the_checklist() -> None:
    found = Engine().verify()
    assert found["pass"] is False
    assert {check["name"]: check["pass"] for check in found["checks"]} == {
        "utilization": False,
        "rejection_rate": True,
        "balance": True,
        "health": True,
        "latency": True,
    }


def test_takt_moves_no_time_on() -> None:
    engine = Engine()
    assert engine.takt(60 * SECOND)["window_us"] == 60 * SECOND
    assert engine.engine_status()["now_us"] == 0
    with pytest.raises(heijunka.TimeOutOfRange):
        engine.takt(2**53)


def test_the_rules_file() -> None:
    printed = run("alerts")
    assert printed == rules_file(heijunka.resolve_config())
    assert re.findall(r"alert: \"(\w+)\"\n +expr: (.*)\n +for: (.*)\n", printed) == [
        ("PoolUtilizationCritical", '"heijunka_pool_utilization > 0.95"', "60s"),
        ("SystemNearCapacity", '"heijunka_system_load_factor > 0.85"', "300s"),
        ("PoolImbalance", '"heijunka_balance_coefficient < 0.5"', "600s"),
        ("HighRejectionRate", '"heijunka_recent_rejection_rate > 0.05"', "300s"),
        ("PoolUnhealthy", '"heijunka_pool_health >= 1.0"', "60s"),
        ("PoolIdle", '"heijunka_pool_utilization < 0.2"', "600s"),
    ]
    assert 'options: "scale_up, shed_sheddable, close_non_critical"' in printed


def test_the_rules_file_of_a_configuration(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    rule = {**RULE, "name": 'é "q"', "pool": "payment", "for_us": 1_500}
    path.write_text(json.dumps({"alerts": [rule], "alert_every_us": SECOND}))
    printed = run("alerts", "--config", path)
    assert 'alert: "é \\"q\\""' in printed
    assert 'expr: "heijunka_pool_utilization{pool=\\"payment\\"} > 0.5"' in printed
    assert "for: 2ms" in printed
    assert "interval: 1s" in printed


def test_rules_and_dashboard_ask_for_names_that_are_exported() -> None:
    engine = Engine({"regulator": {"hard_limit": 1, "soft_limit": 1}})
    for _ in range(2):
        engine.admit(0, "payment")
    text = engine.metrics_text()
    exported = {line.split()[0].split("{")[0] for line in text.splitlines() if not line.startswith("#")}
    dashboard = json.loads(run("dashboard"))
    drawn = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert set(drawn) < set(queries())
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    for asked in (*queries(), run("alerts")):
        names = re.findall(r"heijunka_\w+", asked)
        assert names
        assert set(names) <= exported, asked


def test_a_replay_tells_alerts_and_the_checklist(tmp_path: Path) -> None:
    trace = tmp_path / "trace.csv"
    rows = "".join(f"{n * 250_000},a,990000,\n" for n in range(1200))
    trace.write_text("arrival_us,domain,service_us,key\n" + rows)
    config = {"pools": {"a": {"initial_workers": 4, "min_workers": 4, "max_workers": 4}},
              "alerts": [{**RULE, "for_us": 30 * SECOND}], "scaler": {"enabled": False}}  # fmt: skip
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    result = json.loads(run("replay", trace, "--config", path, "--json"))
    (fired,) = [mark for mark in result["marks"] if mark["kind"] == "AlertFiring"]
    assert (fired["alert"], fired["pool"], fired["at_us"]) == ("Busy", "a", 45 * SECOND)
    assert result["verify"]["checks"][0]["name"] == "utilization"
    report = tmp_path / "report.html"
    printed = run("replay", trace, "--config", path, "--report", report)
    assert re.search(r"0:00:45 +Busy +a", printed)
    assert "Checklist at the last arrival" in printed
    assert re.search(r"utilization .*> 0.6, < 0.8 +FAIL +a", printed)
    page = report.read_text()
    assert "Checklist" in page
    assert '"Busy"' in page
