"""Metrics, rules and dashboard against the real thing: promtool, and a Prometheus server on the loopback."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import heijunka
import pytest
from heijunka._alerts import rules_file
from heijunka._dashboard import queries

SECOND = 1_000_000
EVERY = 15
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "metrics_server.py"
RULES_TEST = Path(__file__).with_name("default_rules_test.yml")

#: What every installation can rely on.
NAMES = [
    "heijunka_pool_utilization",
    "heijunka_system_load_factor",
    "heijunka_balance_coefficient",
    "heijunka_admission_rate",
    "heijunka_rejection_rate",
    "heijunka_recent_rejection_rate",
    "heijunka_burst_count",
    "heijunka_total_surge_cost",
    "heijunka_surge_seconds_total",
    "heijunka_surge_worker_seconds_total",
    "heijunka_pool_health",
    "heijunka_pool_desired_workers",
    "heijunka_pool_workers",
    "heijunka_requests_accepted_total",
    "heijunka_pool_latency_seconds_bucket",
    "heijunka_pool_wait_seconds_bucket",
]

pytestmark = pytest.mark.skipif(
    shutil.which("promtool") is None or shutil.which("prometheus") is None,
    reason="no prometheus: `apt-get install prometheus` brings it",
)


def promtool(*arguments: str, text: str | None = None, cwd: Path | None = None) -> None:
    """Runs promtool and asks that it has nothing to say against it."""
    done = subprocess.run(
        ["promtool", *arguments],
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=cwd,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def busy_engine() -> heijunka.Engine:
    """An engine with a bit of everything: refusals, failures, a surge, names that need escaping."""
    config = {
        "pools": {'a"b\\c': {"initial_workers": 4, "max_waiting": 2}, "é {x}": {}},
        "regulator": {"soft_limit": 4, "hard_limit": 5},
    }
    engine = heijunka.Engine(config)
    tickets = [engine.dispatch(n, 'a"b\\c', "k", wait_until=9 * SECOND) for n in range(12)]
    engine.step(60 * SECOND)
    for n, ticket in enumerate(tickets):
        if ticket.worker is not None and ticket.ticket is not None:
            engine.complete(60 * SECOND + n, ticket.ticket, failed=n % 2 == 1)
    return engine


def test_promtool_takes_the_metrics() -> None:
    for engine in (heijunka.Engine(), busy_engine()):
        promtool("check", "metrics", text=engine.metrics_text())


def test_promtool_takes_the_rules(tmp_path: Path) -> None:
    odd = {
        "alerts": [
            {"name": 'é "{{x}}"', "metric": "pool_waiting", "comparison": "<=", "threshold": 1e-6,
             "pool": 'a"b\\c', "for_us": 1_500_001},
            {"name": "B", "metric": "admission_rate", "comparison": "<", "threshold": 1000000},
        ],
        "pools": {'a"b\\c': {}},
        "alert_every_us": 1_500,
    }  # fmt: skip
    configs: list[dict[str, Any] | None] = [None, {"alerts": []}, odd]
    for number, config in enumerate(configs):
        path = tmp_path / f"{number}.yml"
        path.write_text(rules_file(heijunka.resolve_config(config)))
        promtool("check", "rules", str(path))


def test_every_default_rule_fires_at_its_minute_and_not_one_earlier(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(rules_file(heijunka.resolve_config()))
    shutil.copy(RULES_TEST, tmp_path / "test.yml")
    promtool("test", "rules", "test.yml", cwd=tmp_path)
    text = RULES_TEST.read_text()
    for rule in heijunka.resolve_config()["alerts"]:
        assert f"alertname: {rule['name']}\n" in text, "a default rule without a test"


def scenario(engine: heijunka.Engine, step: Callable[[int], None]) -> None:
    """Forty minutes: a pool fills up and refuses, then half of it goes, then all is idle."""
    held = []
    for second in range(1, 40 * 60 + 1):
        now_us = second * SECOND
        minute = second // 60
        if minute < 12 and second % 2 == 0:
            answer = engine.dispatch(now_us, "payment", "k")
            if answer.ticket is not None:
                held.append(answer.ticket)
        elif minute == 14 and held:
            engine.complete(now_us, held.pop())
        if minute == 20 and second % 60 == 0:
            while held:
                engine.complete(now_us, held.pop())
        if second % EVERY == 0:
            step(now_us)


def test_the_engine_and_prometheus_fire_at_the_same_minutes(tmp_path: Path) -> None:
    """The metrics at each evaluation of the engine, as a series for the rules of `heijunka alerts`."""
    config = {
        "scaler": {"enabled": False},
        "burst": {"enabled": False},
        "balancer": {"rebalance_every_us": 10**12},
        "domains": {"payment": {"spill": []}},
        "regulator": {"soft_limit": 10, "hard_limit": 10, "reserved_capacity": 0.0},
    }
    engine = heijunka.Engine(config)
    rules = heijunka.resolve_config(config)["alerts"]
    used = {f"heijunka_{rule['metric']}" for rule in rules}
    series: dict[str, list[str]] = {}
    firing: list[list[tuple[str, str | None]]] = []

    def step(now_us: int) -> None:
        engine.step(now_us)
        firing.append([(a["name"], a["pool"]) for a in engine.alerts() if a["state"] == "firing"])
        for line in engine.metrics_text().splitlines():
            subject, _, value = line.rpartition(" ")
            if subject.split("{")[0] in used:
                series.setdefault(subject, []).append(value)

    scenario(engine, step)
    assert all(len(values) == len(firing) for values in series.values())
    fired = {name for alerts in firing for name, _ in alerts}
    assert fired == {rule["name"] for rule in rules}, "the scenario makes every default rule fire"
    # The engine's k-th evaluation, 15 s × (k + 1) after its start, is at 15 s × k in Prometheus's time.
    tests = []
    for place, alerts in enumerate(firing):
        if place % 4 and firing[place - 1] == alerts:
            continue  # whole minutes, and whatever changes in between
        for rule in rules:
            expected = [
                {"exp_labels": {"severity": rule["severity"]} | ({"pool": pool} if pool else {})}
                for name, pool in alerts
                if name == rule["name"]
            ]
            tests.append(
                {"eval_time": f"{place * EVERY}s", "alertname": rule["name"], "exp_alerts": expected}
            )
    # Annotations hold the value, which promtool would compare: the labels are what matters here.
    bare = re.sub(
        r"^        annotations:\n(          .*\n)+", "", rules_file(engine.config), flags=re.MULTILINE
    )
    (tmp_path / "rules.yml").write_text(bare)
    unit: dict[str, Any] = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": f"{EVERY}s",
        "tests": [
            {
                "interval": f"{EVERY}s",
                "input_series": [
                    {"series": subject, "values": " ".join(values)} for subject, values in series.items()
                ],
                "alert_rule_test": tests,
            }
        ],
    }
    # JSON is YAML.
    (tmp_path / "test.yml").write_text(json.dumps(unit))
    promtool("test", "rules", "test.yml", cwd=tmp_path)
    # One evaluation later would show: the comparison can fail.
    late = [{**test, "eval_time": f"{int(test['eval_time'][:-1]) + EVERY}s"} for test in tests]
    unit["tests"][0]["alert_rule_test"] = late
    (tmp_path / "late.yml").write_text(json.dumps(unit))
    with pytest.raises(AssertionError):
        promtool("test", "rules", "late.yml", cwd=tmp_path)


def test_queries_and_rules_use_exported_names_alone() -> None:
    text = busy_engine().metrics_text()
    exported = {line.split()[0].split("{")[0] for line in text.splitlines() if not line.startswith("#")}
    asked = [*queries(), rules_file(heijunka.resolve_config())]
    names = {name for query in asked for name in re.findall(r"heijunka_\w+", query)}
    assert len(names) > 20
    assert names <= exported, sorted(names - exported)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def example() -> Iterator[str]:
    """The example, running: where its metrics are."""
    server = subprocess.Popen([sys.executable, str(EXAMPLE), "0"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait(20)
        if server.stdout is not None:
            server.stdout.close()


@pytest.fixture
def prometheus(example: str, tmp_path: Path) -> Iterator[str]:
    """A Prometheus server that scrapes the example every second and has our rules."""
    (tmp_path / "rules.yml").write_text(rules_file(heijunka.resolve_config()))
    target = urllib.parse.urlsplit(example).netloc
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yml"],
        "scrape_configs": [{"job_name": "heijunka", "static_configs": [{"targets": [target]}]}],
    }
    (tmp_path / "prometheus.yml").write_text(json.dumps(config))
    address = f"127.0.0.1:{free_port()}"
    log = (tmp_path / "log").open("w")
    server = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={tmp_path / 'prometheus.yml'}",
            f"--storage.tsdb.path={tmp_path / 'data'}",
            f"--web.listen-address={address}",
        ],
        stdout=log,
        stderr=subprocess.STDOUT,
        env={**os.environ, "GOMAXPROCS": "1"},
    )
    try:
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait(30)
        log.close()


def asked(server: str, query: str) -> list[dict[str, Any]]:
    """The result of an instant query; empty while the server isn't there yet."""
    url = f"{server}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            answer: list[dict[str, Any]] = json.load(response)["data"]["result"]
            return answer
    except OSError:
        return []


def test_a_real_server_answers_for_every_name(example: str, prometheus: str) -> None:
    with urllib.request.urlopen(example.replace("/metrics", "/work"), timeout=10) as response:
        assert response.status == 200
    # As long as it takes, within reason: the server starts, and scrapes once a second.
    for _ in range(600):
        if all(asked(prometheus, name) for name in NAMES):
            break
        time.sleep(0.1)
    for name in NAMES:
        assert asked(prometheus, name), name
    pools = {sample["metric"]["pool"] for sample in asked(prometheus, "heijunka_pool_utilization")}
    assert pools == {"payment", "delivery", "notification"}
    (up,) = asked(prometheus, "up")
    assert up["value"][1] == "1"
    served = asked(prometheus, 'heijunka_pool_latency_seconds_count{pool="payment"}')
    assert [sample["value"][1] for sample in served] == ["1"]
    # The types that it has understood.
    with urllib.request.urlopen(f"{prometheus}/api/v1/metadata", timeout=10) as response:
        types = {name: entries[0]["type"] for name, entries in json.load(response)["data"].items()}
    assert types["heijunka_requests_accepted_total"] == "counter"
    assert types["heijunka_pool_latency_seconds"] == "histogram"
    assert types["heijunka_pool_utilization"] == "gauge"
