"""Policies side by side, and varied configurations: in a program and from the command line."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path
from typing import Any

import heijunka
import pytest
from heijunka._compare import _judge
from heijunka.cli._whatif import variation
from test_cli import HEADER, refused, run

NAMES = ["adaptive", "classic", "fixed-mean", "fixed-peak", "hpa", "kpa", "celery", "clairvoyant"]


def rows() -> str:
    """Ten minutes of a request a second, each of 4 s; in the middle, for a minute, eight a second."""
    times = [second * 1_000_000 + part * 100_000 for second in range(600) for part in range(8)]
    lines = [
        f"{at},web,4000000,k{at % 7}" for at in times if at % 1_000_000 == 0 or 300 <= at // 1_000_000 < 360
    ]
    return HEADER + "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("compare") / "trace.csv"
    path.write_text(rows())
    return path


@pytest.fixture(scope="module")
def result(trace: Path) -> dict[str, Any]:
    return heijunka.compare(trace)


def test_every_policy_has_its_row(result: dict[str, Any]) -> None:
    assert [row["name"] for row in result["rows"]] == NAMES
    for row in result["rows"]:
        summary = row["summary"]
        assert row["error"] is None
        assert summary["offered"] == result["trace"]["rows"] == 600 + 60 * 7
        assert row["refused_or_late_share"] == summary["refused_or_late"] / summary["offered"]
        assert summary["completed"] + summary["refused"] + summary["expired"] == summary["offered"]
        outside = row["policy"] is not None
        assert not outside or (summary["surges"], summary["migrations"]) == (0, 0)
    by_name = {row["name"]: row for row in result["rows"]}
    bound = by_name["clairvoyant"]
    assert bound["bound"] and not bound["frontier"] and bound["times_clairvoyant"] == 1.0
    assert (bound["refused"], bound["late"], bound["wait_p95_ms"]) == (0, 0, 0.0)
    # Nobody who lets nobody be late has fewer hours.
    assert all(row["times_clairvoyant"] >= 1.0 for row in result["rows"] if row["refused_or_late"] == 0)
    assert {row["summary"]["scale_changes"] for name, row in by_name.items() if "fixed" in name} == {0}
    # 4 busy, and for a minute 32: 6 and 46 at 70 %.
    assert by_name["fixed-peak"]["summary"]["pools"]["web"]["workers_max"] == 46
    mean = (1020 * 4) / 603 / 0.7
    assert by_name["fixed-mean"]["summary"]["pools"]["web"]["workers_max"] == int(mean) + 1


def test_the_world_is_the_same_for_all(trace: Path, result: dict[str, Any]) -> None:
    assert result["options"]["workers_start_delay_us"] == 10_000_000
    assert result["options"]["max_waiting"] == 1000
    hpa = next(row for row in result["rows"] if row["name"] == "hpa")
    alone = heijunka.replay(trace, policy="hpa", workers_start_delay_us=10_000_000, max_waiting=1000)
    assert alone["summary"] == hpa["summary"]
    assert (alone["options"]["policy"], alone["options"]["max_waiting"]) == ("hpa", 1000)
    assert alone["config"]["pools"]["web"]["max_waiting"] == 1000
    assert not alone["config"]["scaler"]["enabled"]
    # What a pool says itself stands, and so does what is set.
    for config, settings in (({"pools": {"web": {"max_waiting": 0}}}, []), (None, ["pools.*.max_waiting=0"])):
        short = heijunka.compare(trace, config, policies=["hpa"], set=settings)
        assert short["rows"][0]["refused"] > 0 == short["rows"][0]["late"]


def test_a_workload_is_as_good_as_a_trace(trace: Path, result: dict[str, Any]) -> None:
    same = heijunka.compare({"trace": trace.read_text()})
    assert [row["summary"] for row in same["rows"]] == [row["summary"] for row in result["rows"]]
    steady = heijunka.compare({"profile": "steady", "duration_us": 60_000_000}, seed=3)
    assert [row["name"] for row in steady["rows"]] == NAMES
    # What the workload says itself stands.
    at_once = {
        "profile": "steady",
        "duration_us": 60_000_000,
        "workers_start_delay_us": 0,
        "policy": "celery",
    }
    (row,) = heijunka.compare(at_once, policies=["hpa"])["rows"]
    assert (
        row["summary"]
        == heijunka.simulate(None, {**at_once, "policy": "hpa", "max_waiting": 1000})["summary"]
    )


def test_policies_of_ones_own(trace: Path) -> None:
    mine = {"eight": {"kind": "fixed", "workers": 8}, "lazy": {"kind": "hpa", "period_us": 300_000_000}}
    rows = heijunka.compare(io.BytesIO(trace.read_bytes()), policies=mine)["rows"]
    assert [row["name"] for row in rows] == ["eight", "lazy"]
    assert rows[0]["summary"]["pools"]["web"]["workers_end"] == 8
    assert all(row["times_clairvoyant"] is None for row in rows)
    (row,) = heijunka.compare(trace, {"scaler": {"mode": "proportional"}}, policies=["config"])["rows"]
    assert row["summary"]["scale_changes"] > 0


def test_who_cannot_know_the_future_says_so() -> None:
    crashing = {"profile": "steady", "duration_us": 60_000_000, "crashes_per_worker_hour": 1.0}
    compared = heijunka.compare(crashing, policies=["hpa", "clairvoyant"])
    one, other = compared["rows"]
    assert one["frontier"] and one["times_clairvoyant"] is None
    assert other["error"].startswith(
        "policy: `clairvoyant` can't foresee a run with `crashes_per_worker_hour`"
    )
    # Any other problem is one.
    with pytest.raises(heijunka.ConfigError, match=r"^scaler\.mode"):
        heijunka.compare(crashing, {"scaler": {"mode": "none"}}, policies=["clairvoyant"])


def test_what_is_wrong_is_told(trace: Path) -> None:
    with pytest.raises(ValueError, match=r"unknown policy `hpaa`: it must be one of `adaptive`"):
        heijunka.compare(trace, policies=["hpaa"])
    with pytest.raises(TypeError, match=r"`policies` must be"):
        heijunka.compare(trace, policies="hpa")
    with pytest.raises(TypeError, match=r"`set` must be"):
        heijunka.compare(trace, set="a=b")
    with pytest.raises(heijunka.ConfigError, match=r"policy.target: expected a number from 0.01 to 1"):
        heijunka.replay(trace, policy={"kind": "hpa", "target": 7})
    with pytest.raises(TypeError, match=r"^`policy` must be a policy's name or a mapping, not int$"):
        heijunka.replay(trace, policy=5)  # type: ignore[arg-type]
    with pytest.raises(heijunka.OutOfRange, match=r"`max_waiting` = 4294967296 is out of range"):
        heijunka.replay(trace, max_waiting=2**32)
    with pytest.raises(heijunka.TraceError):
        heijunka.compare(io.BytesIO(b"what is this?\n"))
    with pytest.raises(heijunka.ConfigError, match=r"policy.workers: 99 is outside 2 to 50"):
        heijunka.compare(trace, policies={"many": {"kind": "fixed", "workers": 99}})


def test_progress_is_told(trace: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    heijunka.compare(trace, policies=["hpa", "clairvoyant"], progress=lambda *what: told.append(what))
    assert {phase for phase, _, _ in told} == {"read", "compare"}
    done = [amount for phase, amount, _ in told if phase == "compare"]
    assert done == sorted(done) and done[-1] == 2000
    assert {total for phase, _, total in told if phase == "compare"} == {2000}

    def stop(phase: str, _done: int, _total: int | None) -> None:
        if phase == "compare":
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        heijunka.compare(trace, policies=["hpa"], progress=stop)


def test_the_frontier() -> None:
    def row(bad: int, hours: float, *, bound: bool = False, error: str | None = None) -> dict[str, Any]:
        return {"refused_or_late": bad, "worker_hours": hours, "bound": bound, "error": error}

    rows = [
        row(0, 10.0),
        row(5, 8.0),
        row(6, 9.0),
        row(5, 9.0),
        row(0, 5.0, bound=True),
        row(0, 0.0, error="no"),
    ]
    _judge(rows)
    # Both fewer: the same count with more hours is still on it.
    assert [found.get("frontier") for found in rows] == [True, True, False, True, False, None]
    assert [found.get("times_clairvoyant") for found in rows[:2]] == [2.0, 1.6]


def test_compare_from_the_command_line(trace: Path, result: dict[str, Any]) -> None:
    done = run("compare", trace)
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        "the same world for all: workers take 10 s to start, pools have a waiting line of 1,000"
        in done.stdout
    )
    for label in (
        "adaptive",
        "fixed, for the peak",
        "Kubernetes HPA",
        "Knative KPA",
        "Celery",
        "(clairvoyant)",
    ):
        assert label in done.stdout
    done = run("compare", trace, "--json")
    assert json.loads(done.stdout) == json.loads(json.dumps(result))
    done = run("compare", trace, "--policies", "hpa,kpa", "--max-waiting", "0", "--workers-start-delay", "0")
    assert "workers start at once, pools have no waiting line unless they say so" in done.stdout
    assert "Celery" not in done.stdout


def test_a_profile_is_named_but_a_file_comes_first(tmp_path: Path) -> None:
    done = run("compare", "steady", "--policies", "fixed-mean", "--json", "--set", "limits.max_key_bytes=9")
    assert json.loads(done.stdout)["trace"]["format"] == "made"
    (tmp_path / "steady").write_text(rows())
    here = subprocess.run(
        [*run("--version").args[:5], "compare", "steady", "--policies", "fixed-mean", "--json"],
        capture_output=True,
        cwd=tmp_path,
        timeout=120,
        check=True,
    )
    assert json.loads(here.stdout)["trace"]["format"] == "csv"


def test_compare_tells_what_is_wrong(trace: Path, tmp_path: Path) -> None:
    refused(run("compare", trace, "--policies", "hpa,keda"), "unknown policy `keda`")
    refused(run("compare", trace, "--set", "scaler.modes=5"), "scaler.modes", "did you mean `mode`?")
    refused(run("compare", tmp_path / "none.csv"), "none.csv: no such file")
    refused(run("compare", trace, "--max-waiting", "-1"), "isn't a whole number")
    refused(run("compare", "steadyy"), "steadyy: no such file")


def test_every_combination_is_run(trace: Path) -> None:
    vary: dict[str, list[Any]] = {"pools.*.max_workers": [20, 40], "preset": ["classic", "adaptive"]}
    found = heijunka.whatif(trace, vary, set=["pools.*.max_waiting=9"], workers_start_delay_us=5_000_000)
    assert [tuple(row["set"].values()) for row in found["rows"]] == [
        (20, "classic"),
        (20, "adaptive"),
        (40, "classic"),
        (40, "adaptive"),
    ]
    alone = heijunka.replay(
        trace,
        preset="adaptive",
        set=["pools.*.max_waiting=9", "pools.*.max_workers=20"],
        workers_start_delay_us=5_000_000,
    )
    assert found["rows"][1]["summary"] == alone["summary"]
    policy = heijunka.whatif(trace, {"pools.web.max_workers": [30]}, policy="kpa", max_waiting=50)
    assert (
        policy["rows"][0]["summary"]
        == heijunka.replay(trace, policy="kpa", max_waiting=50, set=["pools.web.max_workers=30"])["summary"]
    )


def test_what_varies_is_checked_before_the_first_run(trace: Path) -> None:
    told: list[str] = []

    def progress(phase: str, _done: int, _total: int | None) -> None:
        told.append(phase)

    with pytest.raises(heijunka.ConfigError, match=r"pools.web.max_workers: expected"):
        heijunka.whatif(trace, {"pools.web.max_workers": [5, "many"]}, progress=progress)
    assert set(told) == {"read"}
    with pytest.raises(ValueError, match=r"has no values"):
        heijunka.whatif(trace, {"pools.web.max_workers": []})
    with pytest.raises(ValueError, match=r"^0 combinations"):
        heijunka.whatif(trace, {})
    with pytest.raises(ValueError, match=r"^1000000 combinations"):
        heijunka.whatif(trace, {"scaler.mode": ["step"] * 1000, "preset": ["classic"] * 1000})


def test_whatif_from_the_command_line(trace: Path, tmp_path: Path) -> None:
    plot = tmp_path / "outcome.svg"
    done = run("whatif", trace, "--vary", "pools.*.max_workers=5,20,40", "--plot", plot)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Varied: pools.*.max_workers" in done.stdout
    assert "Refused or late" in done.stdout and "####" in done.stdout
    picture = plot.read_text()
    assert picture.startswith("<svg ") and picture.count("<rect") == 1 + 4 * 3
    result = json.loads(run("whatif", trace, "--vary", "pools.*.max_workers=5,20", "--json").stdout)
    fewer, more = result["rows"]
    assert fewer["set"] == {"pools.*.max_workers": "5"}
    assert fewer["refused"] > more["refused"]
    refused(run("whatif", trace, "--vary", "pools.*.max_worker=5,20"), "max_worker", "did you mean")
    refused(run("whatif", trace, "--vary", "preset=classic", "--vary", "preset=adaptive"), "given twice")
    refused(run("whatif", trace, "--vary", "preset"), "isn't `path=value,value,…`")
    refused(run("whatif", trace), "--vary")
    refused(run("whatif", trace, "--vary", "preset=classic", "--plot", trace), "would overwrite")


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("a.b=1,2", ("a.b", ["1", "2"])),
        ("a=x", ("a", ["x"])),
        (" a = 1 , 2 ", ("a", ["1", "2"])),
        ('pools."a=b,c".queue=fifo,codel', ('pools."a=b,c".queue', ["fifo", "codel"])),
        ('d.pools=["a","b"],["c"]', ("d.pools", ['["a","b"]', '["c"]'])),
        ('cost.currency="a,b","c"', ("cost.currency", ['"a,b"', '"c"'])),
    ],
)
def test_values_are_taken_apart_at_their_commas(argument: str, expected: tuple[str, list[str]]) -> None:
    assert variation(argument) == expected
