"""The command line, from outside: what it prints, where, and with which exit code."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import heijunka
import pytest
from heijunka.cli import _check, main

HEADER = "arrival_us,domain,service_us,key\n"


def run(
    *arguments: object, stdin: bytes | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """`heijunka` with these arguments."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "heijunka", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        timeout=120,
        check=False,
        env={**os.environ, "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", **environment},
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def rows(count: int = 400, domains: tuple[str, ...] = ("payment", "delivery")) -> str:
    """A steady trace: a request every 50 ms, each of 200 ms."""
    lines = [f"{n * 50_000},{domains[n % len(domains)]},200000,k{n % 7}" for n in range(count)]
    return HEADER + "\n".join(lines) + "\n"


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.csv"
    path.write_text(rows())
    return path


def outcome(*arguments: object, stdin: bytes | None = None) -> dict[str, Any]:
    """The outcome that `heijunka replay … --json` prints, its books checked."""
    done = run("replay", *arguments, "--json", stdin=stdin)
    assert (done.returncode, done.stderr) == (0, "")
    result: dict[str, Any] = json.loads(done.stdout)
    balanced(result)
    return result


def balanced(result: dict[str, Any]) -> None:
    """Nothing is lost: offered = completed + refused + expired + in flight, over all and in every pool."""
    summary = result["summary"]
    assert summary["offered"] == result["trace"]["rows"]
    parts = ("completed", "refused", "expired", "in_flight")
    assert summary["offered"] == sum(summary[part] for part in parts)
    assert summary["refused"] == sum(summary["refused_by_reason"].values())
    for part in ("offered", "completed", "refused", "expired"):
        assert summary[part] == sum(domain[part] for domain in summary["domains"].values())


def refused(done: subprocess.CompletedProcess[str], *texts: str) -> None:
    """Exit code 2, a message on standard error alone, and no traceback."""
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for text in texts:
        assert text in done.stderr, done.stderr


def test_the_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"heijunka {heijunka.__version__}\n")


def test_the_help_of_every_command() -> None:
    for command in ([], ["replay"], ["check"], ["demo"]):
        done = run(*command, "--help")
        assert done.returncode == 0
        assert "usage: heijunka" in done.stdout


def test_the_installed_command() -> None:
    command = Path(sys.executable).with_name("heijunka")
    if not command.exists():
        pytest.skip("the package isn't installed with its command")
    done = subprocess.run([command, "--version"], capture_output=True, check=True, timeout=60)
    assert done.stdout.decode() == f"heijunka {heijunka.__version__}\n"


def test_a_summary(trace: Path) -> None:
    done = run("replay", trace)
    assert (done.returncode, done.stderr) == (0, "")
    for text in (
        "trace.csv: 400 requests over 19.9 s, csv", "offered", "accepted", "refused", "expired", "completed",
        "in flight", "goodput", "wait", "latency", "p50", "p95", "p99", "utilization", "time in 60–80 %",
        "peak to mean", "worker-hours", "cost", "surges", "migrations", "scale changes", "payment", "delivery",
    ):  # fmt: skip
        assert text in done.stdout, text


def test_nothing_is_lost(trace: Path) -> None:
    result = outcome(trace)
    assert result["summary"]["completed"] == 400
    assert result["trace"] == {
        **result["trace"],
        "format": "csv",
        "rows": 400,
        "skipped": 0,
        "span_us": 399 * 50_000,
        "first_us": 0,
        "without_service": 0,
    }
    assert result["trace"]["domains"] == {
        name: {"rows": 200, "pool": name, "added": False} for name in ("payment", "delivery")
    }


def test_json_is_what_replay_answers(trace: Path) -> None:
    assert outcome(trace) == heijunka.replay(trace)


def test_every_way_in_gives_the_same(trace: Path, tmp_path: Path) -> None:
    expected = outcome(trace)
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(trace.read_bytes()))
    data = trace.read_bytes()
    half = data.index(b"\n", len(data) // 2) + 1
    members = tmp_path / "members.gz"
    members.write_bytes(gzip.compress(data[:half]) + gzip.compress(data[half:]) + b"\0" * 100)
    windows = tmp_path / "windows.csv"
    windows.write_bytes(data.replace(b"\n", b"\r\n"))
    assert outcome(packed) == expected
    assert outcome(members) == expected
    assert outcome(windows) == expected
    assert outcome("-", stdin=data) == expected
    assert outcome("-", stdin=packed.read_bytes()) == expected


def test_json_lines(trace: Path, tmp_path: Path) -> None:
    lines = []
    for line in rows().splitlines()[1:]:
        arrival, domain, service, key = line.split(",")
        row = {"arrival_us": int(arrival), "domain": domain, "service_us": int(service), "key": key}
        lines.append(json.dumps(row))
    path = tmp_path / "trace.jsonl"
    path.write_text("\n".join(lines))
    result = outcome(path)
    assert result["trace"]["format"] == "jsonl"
    assert result["summary"] == outcome(trace)["summary"]


def test_an_access_log(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    line = '10.0.0.{} - - [23/Nov/2026:19:24:{:02d} +0000] "GET /{}/x?y=1 HTTP/1.1" 200 512 "-" "curl/8" {}\n'
    path.write_text(
        "".join(line.format(n % 5, n // 4, ("cart", "search")[n % 2], "0.120") for n in range(200))
    )
    result = outcome(path)
    assert result["trace"]["format"] == "access_log"
    assert set(result["trace"]["domains"]) == {"cart", "search"}
    assert result["summary"]["offered"] == 200


def test_domains_that_the_config_lacks(tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_text(rows(domains=("home", "cart", "payment")))
    own = outcome(path)
    domains = own["trace"]["domains"]
    assert {name: (domain["pool"], domain["added"]) for name, domain in domains.items()} == {
        "home": ("home", True),
        "cart": ("cart", True),
        "payment": ("payment", False),
    }
    text = run("replay", path).stdout
    assert "note: 2 domains that the configuration lacks got pools of their own: home, cart" in text
    shared = outcome(path, "--pools", "shared")["trace"]["domains"]
    assert shared["home"]["pool"] == shared["cart"]["pool"] != shared["payment"]["pool"]
    text = run("replay", path, "--pools", "shared").stdout
    assert "note: 2 domains that the configuration lacks share the pool shared: home, cart" in text
    there = outcome(path, "--pools", "config")
    assert list(there["config"]["pools"]) == ["payment", "delivery", "notification"]
    assert there["trace"]["domains"]["home"]["added"] is True


def test_settings_for_pools_that_the_trace_adds(tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_text(rows(domains=("home", "cart")))
    result = outcome(path, "--set", "pools.home.max_workers=3", "--set", "pools.*.strategy=fifo")
    pools = result["config"]["pools"]
    assert list(pools) == ["home", "cart"]
    assert (pools["home"]["max_workers"], pools["cart"]["strategy"]) == (3, "fifo")
    assert [domain["added"] for domain in result["trace"]["domains"].values()] == [True, True]
    usual = outcome(path)
    assert outcome(path, "--set", "pools.home.strategy=lifo") == usual
    shared = outcome(path, "--pools", "shared", "--set", "pools.shared.max_workers=4")
    assert {name: pool["max_workers"] for name, pool in shared["config"]["pools"].items()} == {"shared": 4}
    assert [domain["added"] for domain in shared["trace"]["domains"].values()] == [True, True]
    refused(run("replay", path, "--set", "pools.hom.max_workers=3"), "did you mean `home`")


def test_settings_change_the_outcome(trace: Path, tmp_path: Path) -> None:
    usual = outcome(trace)
    assert outcome(trace, "--preset", "classic") == usual
    adaptive = outcome(trace, "--preset", "adaptive")
    assert adaptive["config"]["scaler"]["mode"] == "staffing"
    still = outcome(trace, "--set", "scaler.enabled=false", "--set", "pools.payment.max_workers=3")
    assert still["config"]["pools"]["payment"]["initial_workers"] == 3
    assert still["summary"]["scale_changes"] == 0
    config = tmp_path / "config.toml"
    config.write_text("[scaler]\nenabled = false\n[pools.payment]\nmax_workers = 3\n[pools.delivery]\n")
    assert list(outcome(trace, "--config", config)["config"]["pools"]) == ["payment", "delivery"]
    fast = outcome(trace, "--speed-up", "10")
    assert fast["summary"]["duration_us"] < usual["summary"]["duration_us"]
    assert fast["summary"]["peak_to_mean"] > 0
    delayed = outcome(trace, "--workers-start-delay", "30")
    assert delayed["summary"]["offered"] == 400


def test_the_adaptive_limit_over_time(trace: Path, tmp_path: Path) -> None:
    assert outcome(trace)["series"]["adaptive_limit"] is None
    assert "adaptive limit" not in run("replay", trace).stdout
    # The preset has one, and with room to spare it refuses nobody.
    usual = outcome(trace, "--preset", "adaptive")
    assert set(usual["series"]["adaptive_limit"]) == {1200.0}
    assert usual["summary"]["refused"] == 0
    assert re.search(
        r"adaptive limit +1,200  correlation\n", run("replay", trace, "--preset", "adaptive").stdout
    )
    # Begun too low, it follows what the pools can do: one more for each second in which half of it is in use.
    settings = [
        part
        for setting in ("algorithm=aimd", "min_limit=2", "initial_limit=4", "min_samples=5")
        for part in ("--set", f"regulator.adaptive.{setting}")
    ]
    found = outcome(trace, *settings)
    limits = found["series"]["adaptive_limit"]
    assert limits == sorted(limits)
    assert limits[0] < 6 <= limits[-1]
    assert found["summary"]["refused_by_reason"]["adaptive"] == found["summary"]["refused"] > 0
    report = tmp_path / "out.html"
    done = run("replay", trace, *settings, "--report", report)
    first, last = (round(limit) for limit in (limits[0], limits[-1]))
    assert re.search(rf"adaptive limit +{first}–{last}  aimd, {last} at the end\n", done.stdout), done.stdout
    assert re.search(r"  adaptive +\d+ .*the load had reached the adaptive limit", done.stdout), done.stdout
    assert 'data-chart="limit"' in report.read_text(encoding="utf-8")
    refused(run("replay", trace, "--set", "regulator.adaptive.min_limit=0"), "regulator.adaptive.min_limit")


def test_waiting_in_line(tmp_path: Path) -> None:
    path = tmp_path / "rush.csv"
    path.write_text(HEADER + "".join(f"{n},p,1000000,\n" for n in range(20)))
    config = tmp_path / "config.json"
    pool = {"initial_workers": 2, "min_workers": 2, "max_workers": 2, "max_waiting": 100}
    config.write_text(
        json.dumps({"pools": {"p": pool}, "scaler": {"enabled": False}, "burst": {"enabled": False}})
    )
    at_once = outcome(path, "--config", config, "--wait", "0")
    assert at_once["summary"]["refused_by_reason"] == {"busy": 18}
    patient = outcome(path, "--config", config, "--wait", "1m")
    assert (patient["summary"]["completed"], patient["summary"]["refused"]) == (20, 0)
    assert 8_000 < patient["summary"]["wait_ms"]["max"] < 10_000
    hasty = outcome(path, "--config", config, "--wait", "3500ms")
    assert hasty["summary"]["expired"] > 0


def test_default_service(tmp_path: Path) -> None:
    path = tmp_path / "bare.csv"
    path.write_text("domain,arrival_us\n" + "".join(f"p,{n * 100000}\n" for n in range(50)))
    result = outcome(path, "--default-service", "250ms")
    assert result["trace"]["without_service"] == 50
    assert result["summary"]["latency_ms"]["mean"] == pytest.approx(250, rel=0.02)
    assert "50 rows had no service time" in run("replay", path).stdout


MALFORMED: dict[str, tuple[str, tuple[str, ...]]] = {
    "a malformed line": (HEADER + "0,a,1,k\n1,a\n", ("line 3",)),
    "an arrival that isn't a number": (
        HEADER + "0,a,1,k\nsoon,a,1,k\n",
        ("line 3", "`arrival_us`", "`soon`"),
    ),
    "a negative arrival": (HEADER + "0,a,1,k\n-5,a,1,k\n", ("line 3", "`arrival_us`")),
    "a backward arrival": (HEADER + "9,a,1,k\n5,a,1,k\n", ("line 3", "`arrival_us`")),
    "a fraction": (HEADER + "0.5,a,1,k\n", ("line 2", "`arrival_us`")),
    "a negative service": (HEADER + "0,a,-1,k\n", ("line 2", "`service_us`")),
    "a service that isn't a number": (HEADER + "0,a,fast,k\n", ("line 2", "`service_us`")),
    "a service out of range": (HEADER + "0,a,9007199254740992,k\n", ("line 2", "`service_us`")),
    "an arrival out of range": (HEADER + "99999999999999999999,a,1,k\n", ("line 2", "`arrival_us`")),
    "no domain": (HEADER + "0,,1,k\n", ("line 2", "`domain`")),
    "a missing column": ("arrival_us,service_us,key\n0,1,k\n", ("line 1", "`domain`")),
    "an open quote": (HEADER + '0,"a,1,k\n', ("line 2",)),
    "broken JSON": ('{"arrival_us": 0, "domain": "a"}\n{"arrival_us": 1, "dom\n', ("line 2",)),
    "a JSON field of a wrong type": ('{"arrival_us": "0", "domain": "a"}\n', ("line 1", "`arrival_us`")),
    "an empty file": ("", ("empty",)),
    "a header alone": (HEADER, ()),
    "something else": ("hello\nworld\n", ("line 1",)),
    "binary": ("\x00\x01\x02\n", ("line 1",)),
}


@pytest.mark.parametrize("what", MALFORMED)
def test_malformed_traces(what: str, tmp_path: Path) -> None:
    content, texts = MALFORMED[what]
    path = tmp_path / "bad.csv"
    path.write_text(content)
    done = run("replay", path)
    refused(done, str(path), *texts)
    assert len(done.stderr.splitlines()) == 1


def test_a_number_of_a_gigabyte_is_refused_early(tmp_path: Path) -> None:
    """Read as a stream: the line ends the reading long before it ends."""
    path = tmp_path / "huge.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(HEADER.encode() + b"0,a,1,k\n")
        for _ in range(64):
            file.write(b"9" * (1 << 20))
        file.write(b",a,1,k\n")
    refused(run("replay", path), "line 3")


def test_a_truncated_gz(trace: Path, tmp_path: Path) -> None:
    data = gzip.compress(rows(5_000).encode())
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(data[: len(data) // 2])
    refused(run("replay", path), "line ", "truncated")
    kept = outcome(path, "--skip-bad")
    assert 0 < kept["summary"]["offered"] < 5_000
    assert kept["trace"]["truncated"] is True
    assert "the gzip data ended too early" in run("replay", path, "--skip-bad").stdout
    path.write_bytes(data[:7])
    refused(run("replay", path), "truncated")


def test_a_damaged_gz(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(rows(5_000).encode()))
    path = tmp_path / "damaged.csv.gz"
    data[-5] ^= 0xFF
    path.write_bytes(data)
    done = run("replay", path)
    refused(done, "damaged", "incorrect data check")
    assert 4_000 < int(done.stderr.split("line ")[1].split(":")[0]) <= 5_002
    path.write_bytes(gzip.compress(rows().encode()) + b"more")
    refused(run("replay", path), "something else follows")


@pytest.mark.parametrize("magic", [b"BZh9", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"])
def test_other_compressions_are_named(magic: bytes, tmp_path: Path) -> None:
    path = tmp_path / "trace.bin"
    path.write_bytes(magic + b"12345678")
    refused(run("replay", path), "decompress it first")


def test_bad_lines_are_skipped_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text(HEADER + "0,a,1,k\nsoon,a,1,k\n5,a,-1,k\n3,a\n10,a,1,k\n7,a,1,k\n")
    result = outcome(path, "--skip-bad")
    assert (result["trace"]["rows"], result["trace"]["skipped"]) == (2, 4)
    text = run("replay", path, "--skip-bad").stdout
    assert "4 bad lines of the trace were skipped; the first: line 3: `arrival_us` is `soon`" in text


def test_unreadable_files(tmp_path: Path) -> None:
    refused(run("replay", tmp_path / "missing.csv"), "missing.csv", "no such file")
    refused(run("replay", tmp_path), "directory")
    refused(run("check", tmp_path / "missing.toml"), "missing.toml", "no such file")


def test_bad_configurations(trace: Path, tmp_path: Path) -> None:
    config = tmp_path / "bad.toml"
    config.write_text("[regulator]\nsoft_limt = 5\nhard_limit = 0\n")
    for command in (["check", config], ["replay", trace, "--config", config]):
        done = run(*command)
        refused(done, "bad.toml: 2 problems", "regulator.soft_limt", "`soft_limit`", "regulator.hard_limit")
        assert len(done.stderr.splitlines()) == 3
    refused(run("replay", trace, "--set", "scaler.mod=step"), "scaler.mod", "`mode`")
    refused(run("replay", trace, "--preset", "modern"), "modern")
    refused(run("replay", trace, "--config", tmp_path / "missing.toml"), "missing.toml")


def test_problems_of_settings_are_not_the_traces(trace: Path, tmp_path: Path) -> None:
    for setting in ("scaler.mod=step", "pools.home.max_workers=3", "regulator.hard_limit=many"):
        done = run("replay", trace, "--set", setting)
        refused(done, f"heijunka: the configuration: {setting.split('=')[0]}: ")
    refused(run("replay", trace, "--preset", "modern"), "heijunka: the configuration: preset: ")


def test_a_configuration_from_a_pipe(trace: Path, tmp_path: Path) -> None:
    for text in ('{"pools": {"payment": {"max_workers": 3}}}', "[pools.payment]\nmax_workers = 3\n"):
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        with subprocess.Popen(["sh", "-c", 'cat > "$0"', pipe], stdin=subprocess.PIPE) as writer:
            assert writer.stdin is not None
            writer.stdin.write(text.encode())
            writer.stdin.close()
            result = outcome(trace, "--config", pipe)
        pipe.unlink()
        assert result["config"]["pools"]["payment"]["max_workers"] == 3


def test_a_report_never_overwrites_what_is_read(trace: Path, tmp_path: Path) -> None:
    data = trace.read_bytes()
    link = tmp_path / "link.csv"
    link.symlink_to(trace)
    config = tmp_path / "config.toml"
    config.write_text("")
    for report in (trace, link, config):
        refused(run("replay", trace, "--config", config, "--report", report), "would overwrite")
    assert (trace.read_bytes(), config.read_bytes()) == (data, b"")


def test_names_in_complaints_do_not_command_the_terminal(tmp_path: Path) -> None:
    done = run("replay", tmp_path / "\x1b[31mred\nline")
    refused(done, "no such file")
    assert "\x1b" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--report", ""],
        ["--config", ""],
        ["--speed-up", "0"],
        ["--speed-up", "nan"],
        ["--speed-up", "-1"],
        ["--workers-start-delay", "-1"],
        ["--workers-start-delay", "soon"],
        ["--wait", "1e300"],
        ["--wait", ""],
        ["--set", "nothing"],
        ["--format", "xml"],
        ["--pools", "all"],
        ["--seed", "1"],
    ],
)
def test_bad_arguments(arguments: list[str], trace: Path) -> None:
    done = run("replay", trace, *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("usage: ")


def test_an_empty_path_is_refused() -> None:
    for arguments in (["replay", ""], ["check", ""], ["demo", "--dir", ""]):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert "the path is empty" in done.stderr


def test_no_command() -> None:
    assert run().returncode == 2
    assert run("replai").returncode == 2


def test_check(tmp_path: Path) -> None:
    config = tmp_path / "good.toml"
    config.write_text("[pools.p]\nmax_workers = 3\n")
    done = run("check", config)
    assert (done.returncode, done.stdout) == (0, f"{config}: OK, 1 pool and 1 domain\n")
    assert run("check", "-", stdin=b"{}").stdout == "standard input: OK, 3 pools and 4 domains\n"
    refused(run("check", "-", stdin=b"\xff"), "standard input", "UTF-8")


def test_the_report(trace: Path, tmp_path: Path) -> None:
    report = tmp_path / "out.html"
    done = run("replay", trace, "--report", report)
    assert done.returncode == 0
    assert f"report: {report}" in done.stdout
    html = report.read_text(encoding="utf-8")
    assert "<html" in html
    assert "trace.csv" in html
    refused(run("replay", trace, "--report", tmp_path / "none" / "out.html"), "no directory")
    refused(run("replay", trace, "--report", tmp_path), "is a directory")
    quiet = run("replay", trace, "--quiet", "--report", report)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_a_reader_that_has_had_enough(trace: Path) -> None:
    command = f'"{sys.executable}" -m heijunka replay "{trace}" --json | head -c 10'
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == (b'{"trace": ', b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_output_that_cannot_be_written(trace: Path) -> None:
    for command in ("replay {} > /dev/full", "replay {} --json > /dev/full"):
        line = f"'{sys.executable}' -m heijunka {command.format(trace)}"
        done = subprocess.run(["sh", "-c", line], capture_output=True, check=False, timeout=60)
        assert done.returncode == 1
        assert done.stderr == b"heijunka: the output can't be written: no space left on device\n"


def test_closed_streams(trace: Path) -> None:
    for command, code in (
        ("replay {} >&-", 0),
        ("replay {} 2>&-", 0),
        ("replay - <&-", 2),
        ("check - <&-", 2),
    ):
        line = f"'{sys.executable}' -m heijunka {command.format(trace)}"
        done = subprocess.run(["sh", "-c", line], capture_output=True, check=False, timeout=60)
        assert (done.returncode, b"Traceback" in done.stderr) == (code, False), (command, done.stderr)


def test_an_interrupt_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(options: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(_check, "run", interrupt)
    assert main(["check", "x"]) == 130
    assert capsys.readouterr().err == "heijunka: interrupted\n"


def test_a_terminal_without_the_signs(trace: Path) -> None:
    done = run("replay", trace, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "time in 60?80 %" in done.stdout


def test_the_demo(tmp_path: Path) -> None:
    done = run("demo", "--dir", tmp_path / "out", "--seed", "7")
    assert done.returncode == 0, done.stderr
    report = tmp_path / "out" / "report.html"
    assert str(report) in done.stdout
    assert "<html" in report.read_text(encoding="utf-8")
    result = outcome(tmp_path / "out" / "demo.csv.gz")
    assert result["summary"]["surges"] >= 1
    first = (tmp_path / "out" / "demo.csv.gz").read_bytes()
    run("demo", "--dir", tmp_path / "out", "--seed", "7")
    assert (tmp_path / "out" / "demo.csv.gz").read_bytes() == first
