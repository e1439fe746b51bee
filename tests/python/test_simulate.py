from __future__ import annotations

import io
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
        ({}, {}, r"workload: expected one of `requests`, `trace` and `demo`, found none"),
        ({}, {"demo": True, "sped_up": 2}, r"workload\.sped_up: unknown field; did you mean `speed_up`\?"),
        ({"scaler": {"mode": 3}}, {"demo": True}, r"scaler\.mode"),
        ({}, {"demo": True, "speed_up": float("nan")}, r"workload\.speed_up"),
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
