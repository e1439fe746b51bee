from __future__ import annotations

import io
import signal
from typing import Any

import heijunka
import pytest

REQUESTS = [
    {"arrival_us": 0, "domain": "web", "service_us": 30_000, "key": "a"},
    {"arrival_us": 5_000, "domain": "web", "service_us": 10_000, "key": "b"},
    {"arrival_us": 9_000, "domain": "payment", "service_us": 20_000},
]


def test_requests_are_simulated_as_the_trace_of_them_is_replayed() -> None:
    outcome = heijunka.simulate(None, {"requests": REQUESTS, "workers_start_delay_us": 5_000_000})
    rows = "".join(
        f"{row['arrival_us']},{row['domain']},{row['service_us']},{row.get('key', '')}\n" for row in REQUESTS
    )
    trace = io.BytesIO(b"arrival_us,domain,service_us,key\n" + rows.encode())
    replayed = heijunka.replay(trace, workers_start_delay_us=5_000_000)
    assert outcome["summary"] == replayed["summary"]
    assert outcome["series"] == replayed["series"]
    assert outcome["summary"]["completed"] == 3


def test_the_seed_makes_the_day() -> None:
    def day(seed: int) -> Any:
        return heijunka.simulate({"preset": "adaptive"}, {"demo": True}, seed)["summary"]

    assert day(1) == day(1)
    assert day(1) != day(2)


@pytest.mark.parametrize(
    ("config", "workload", "message"),
    [
        (
            {},
            {},
            r"workload: expected one of `requests`, `trace`, `demo`, `profile` and `domains`, found none",
        ),
        ({}, {"demo": True, "sped_up": 2}, r"workload\.sped_up: unknown field; did you mean `speed_up`\?"),
        ({"scaler": {"mode": 3}}, {"demo": True}, r"scaler\.mode"),
        ({}, {"demo": True, "speed_up": float("nan")}, r"workload\.speed_up"),
        ({}, {"profile": "stedy"}, r"workload\.profile: .*; did you mean `steady`\?"),
        (
            {},
            {"domains": {"a": {}}},
            r"workload\.domains\.a\.arrivals: .*\n.*workload\.domains\.a\.service: ",
        ),
        (
            {},
            {"profile": "steady", "slow": [{"pool": "web", "from_us": 0, "to_us": 1, "factor": 2}]},
            r"workload\.slow\[0\]\.pool: unknown pool `web`",
        ),
    ],
)
def test_what_is_wrong_is_told(config: Any, workload: Any, message: str) -> None:
    with pytest.raises(heijunka.ConfigError, match=message):
        heijunka.simulate(config, workload)


def test_a_bad_request_is_named_by_its_number() -> None:
    bad = {"requests": [REQUESTS[0], {"arrival_us": -1, "domain": "web"}]}
    with pytest.raises(heijunka.TraceError, match=r"line 2: `arrival_us`"):
        heijunka.simulate(None, bad)
    with pytest.raises(TypeError, match="mapping"):
        heijunka.simulate(None, [])  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [-1, 2**64, 2**5000])
def test_a_seed_has_a_range(seed: int) -> None:
    with pytest.raises(
        heijunka.OutOfRange, match=r"^`seed` = .* is out of range: it must be from 0 to 18446744073709551615"
    ):
        heijunka.simulate(None, {"demo": True}, seed)
    with pytest.raises(TypeError, match="`seed` must be an integer, not float"):
        heijunka.simulate(None, {"demo": True}, 1.0)  # type: ignore[arg-type]


MADE = {
    "domains": {
        "web": {
            "arrivals": {"process": "poisson", "rate_per_s": 200},
            "service": {"distribution": "log_normal", "mean_us": 20_000, "variation": 1},
            "keys": 1000,
        }
    },
    "duration_us": 1_000_000_000,
}


def test_requests_are_made_in_a_hard_world() -> None:
    world = {
        "crashes_per_worker_hour": 30,
        "slow": [{"pool": "web", "from_us": 0, "to_us": 60_000_000, "factor": 3}],
        "retries": {"attempts": 3, "timeout_us": 1_000_000},
    }
    outcome = heijunka.simulate({}, {**MADE, **world, "runs": 2}, seed=3)
    summary = outcome["summary"]
    assert outcome["trace"]["format"] == "made"
    assert summary["requests"] == outcome["trace"]["rows"] > 190_000
    assert summary["offered"] == summary["requests"] + summary["retries"]
    ended = ("refused", "expired", "failed", "abandoned", "completed", "in_flight")
    assert summary["offered"] == sum(summary[key] for key in ended)
    assert summary["failed"] > 0 and summary["retries"] > 0 and summary["crashes"] >= summary["failed"]
    assert outcome["runs"]["count"] == 2
    figure = outcome["runs"]["figures"]["crashes"]
    assert figure["low"] < figure["mean"] < figure["high"]


@pytest.mark.parametrize("name", heijunka.profiles)
def test_every_profile_runs(name: str) -> None:
    outcome = heijunka.simulate({"preset": "adaptive"}, {"profile": name, "duration_us": 60_000_000})
    assert outcome["summary"]["completed"] > 500
    assert outcome["summary"]["duration_us"] >= 60_000_000


def test_progress_is_told_and_changes_nothing() -> None:
    told: list[tuple[float, int]] = []
    outcome = heijunka.simulate({}, MADE, 1, progress=lambda share, requests: told.append((share, requests)))
    assert outcome == heijunka.simulate({}, MADE, 1)
    assert told == sorted(told) and len(told) > 2
    assert told[-1] == (1.0, outcome["trace"]["rows"])


def test_what_progress_raises_ends_the_run() -> None:
    class Enough(Exception):
        pass

    def stop(share: float, requests: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        heijunka.simulate({}, MADE, progress=stop)
    with pytest.raises(TypeError):
        heijunka.simulate({}, MADE, progress=3)  # type: ignore[arg-type]


def test_an_interrupt_is_noticed() -> None:
    calls = 0

    def interrupt(share: float, requests: int) -> None:
        nonlocal calls
        calls += 1
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        heijunka.simulate({}, {"demo": True}, progress=interrupt)
    assert calls == 1
