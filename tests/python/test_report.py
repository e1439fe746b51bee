"""The report: whole, self-contained, escaped, and drawn by a real browser."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from heijunka import _format as fmt
from heijunka.report import _series, render
from synthetic_replay import synthetic_result

HOSTILE = [
    "</script><script>boom()</script>",
    '"><img src=x onerror=boom()>',
    "<!--<script>",
    "-->",
    "a\u2028b\u2029c",
    "\ud800lone\x00\x1b[31m",
    "\u202egnp.exe",
    "&lt;already&gt;",
    "{{7*7}}${7*7}",
    "x" * 300,
]
CHARTS = ("utilization", "demand", "flow", "refused", "workers", "waiting", "balance", "limit", "cost")
VOID = {"meta", "input"}


class Page(HTMLParser):
    """The page taken apart: elements in order, text, and whether every tag is closed in its place."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)

    def text(self) -> str:
        return " ".join(
            t for tag, found in self.texts.items() if tag not in ("script", "style") for t in found
        )

    def all(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.elements if name == tag)


def data_of(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_shows_the_figures_of_the_outcome() -> None:
    result = synthetic_result()
    page = Page(render(result, title="lunch.csv.gz"))
    text = page.text()
    summary = result["summary"]
    for figure in (summary["offered"], summary["refused"], summary["late"], summary["scale_changes"]):
        assert f"{figure:,}" in text
    for name in ("payment", "delivery", "notification"):
        assert name in page.texts["bdi"]
    assert "lunch.csv.gz" in page.texts["h1"]
    assert "every worker was busy" in text
    charts = [attributes["data-chart"] for attributes in page.all("div") if "data-chart" in attributes]
    assert charts == list(CHARTS)


def test_says_what_the_reader_must_know() -> None:
    result = synthetic_result(pools=5, points=20)
    result["marks_dropped"] = 7
    text = Page(render(result)).text()
    assert "2 domains aren’t in the configuration; each got a pool of its own" in text
    assert "3\u00a0lines of the trace couldn’t be read and were skipped" in text
    assert "41\u00a0rows had no service time" in text
    assert "7\u00a0effects beyond the report’s bound" in text


@pytest.mark.parametrize(
    ("pools", "note", "tag"),
    [
        ("own", "each got a pool of its own", "own pool added"),
        ("shared", "they share one pool", "shares a pool"),
        ("config", "they went to the configuration’s pools", "not configured"),
    ],
)
def test_says_where_domains_went_that_the_configuration_lacks(pools: str, note: str, tag: str) -> None:
    result = synthetic_result(pools=5, points=20)
    result["options"] = {"pools": pools}
    page = Page(render(result))
    assert f"2 domains aren’t in the configuration; {note}" in page.text()
    assert page.texts["span"].count(tag) == 2


def test_tells_the_adaptive_limit_over_time() -> None:
    result = synthetic_result(points=100, bucket_us=60_000_000)
    result["summary"]["refused_by_reason"]["adaptive"] = 1_234
    html = render(result)
    told = "Between 480 (at 1:02:00) and 1,200; 1,200 at the end. It refused 1,234\u00a0requests."
    assert told in Page(html).text()
    assert data_of(html)["limit"] == {"d": 0, "v": [[1200, 62], [480, 4], [1200, 34]]}
    result["series"]["adaptive_limit"] = [1200.0] * 100
    del result["summary"]["refused_by_reason"]["adaptive"]
    assert "At 1,200 all the time. It refused nobody." in Page(render(result)).text()
    # Without one there is no chart of it.
    result["series"]["adaptive_limit"] = None
    html = render(result)
    assert data_of(html)["limit"] is None
    charts = [attributes["data-chart"] for attributes in Page(html).all("div") if "data-chart" in attributes]
    assert charts == [chart for chart in CHARTS if chart != "limit"]


def test_says_what_was_lost_and_assumed() -> None:
    result = synthetic_result(pools=5, points=20)
    result["trace"].update(truncated=True, first_skipped=["line 3: `arrival_us` is `<soon>`"])
    result["options"] = {"default_service_us": 250_000}
    text = Page(render(result)).text()
    assert "were skipped. The first: line 3: `arrival_us` is `<soon>`." in text
    assert "The gzip data ended too early" in text
    assert "41\u00a0rows had no service time; 250\u00a0ms each were assumed." in text


def test_the_same_outcome_gives_the_same_bytes() -> None:
    assert render(synthetic_result(points=50)) == render(synthetic_result(points=50))


@pytest.mark.parametrize("pools", [1, 2, 10, 64])
def test_size_stays_reasonable(pools: int) -> None:
    size = len(render(synthetic_result(pools=pools)).encode("utf-8"))
    assert size < (1_500_000 if pools > 10 else 500_000)


def test_hostile_names_stay_text() -> None:
    result = synthetic_result(points=30, names=HOSTILE)
    result["trace"]["format"] = "<b>csv"
    result["summary"]["cost"]["currency"] = "<i>"
    result["summary"]["refused_by_reason"]["<u>reason"] = 5
    result["series"]["refused_by_reason"]["<u>reason"] = [1.0] * 30
    result["summary"]["effects"]["<s>effect"] = 2
    result["config"]["<h1>key"] = "</pre><script>boom()</script>"
    harmless = Page(
        render(synthetic_result(points=30, names=[f"n{i}" for i in range(len(HOSTILE))]), title="t")
    )
    html = render(result, title="</title><script>boom()</script>")
    page = Page(html)
    assert html.encode("utf-8")
    assert {tag for tag, _ in page.elements} == {tag for tag, _ in harmless.elements}
    assert len(list(page.all("script"))) == len(list(harmless.all("script")))
    assert not any(key.startswith("on") for _, attributes in page.elements for key in attributes)
    assert "<!--" not in html.replace("<!doctype", "")
    assert not re.search("[\x00-\x09\x0b-\x1f\ud800-\udfff]", html)
    shown = set(page.texts["bdi"])
    assert {HOSTILE[0], HOSTILE[1], HOSTILE[7]} <= shown
    raw = html[html.index('id="data">') + 10 :]
    raw = raw[: raw.index("</script>")]
    assert raw.isascii()
    assert not set(raw) & set("<>&")
    assert set(HOSTILE[:5]) <= set(json.loads(raw)["names"])


def test_loads_nothing_from_outside() -> None:
    html = render(synthetic_result(points=30))
    page = Page(html)
    for _, attributes in page.elements:
        assert not {"src", "style", "srcset"} & set(attributes)
        assert (attributes.get("href") or "#").startswith("#")
    assert not {tag for tag, _ in page.elements} & {
        "link",
        "iframe",
        "img",
        "object",
        "embed",
        "base",
        "form",
        "audio",
    }
    styles = "".join(page.texts["style"])
    assert "url(" not in styles
    assert "@import" not in styles
    scripts = "".join(page.texts["script"])
    for call in (
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "sendBeacon",
        "importScripts",
        "import(",
        "innerHTML",
        "eval(",
    ):
        assert call not in scripts


def test_policy_names_exactly_the_scripts_and_styles_on_the_page() -> None:
    html = render(synthetic_result(points=30))
    policy = next(
        a["content"] for a in Page(html).all("meta") if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    found = re.findall(r"<(script|style)>(.*?)</\1>", html, re.DOTALL)
    digests = {kind: set[str]() for kind in ("script", "style")}
    for kind, source in found:
        digests[kind].add(f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'")
    rules = {rule.split()[0]: set(rule.split()[1:]) for rule in policy.split("; ")}
    assert rules["default-src"] == {"'none'"}
    assert rules["script-src"] == digests["script"]
    assert len(digests["script"]) == 3
    assert rules["style-src"] == digests["style"]


def test_accessible_skeleton() -> None:
    page = Page(render(synthetic_result(pools=3)))
    tags = [tag for tag, _ in page.elements]
    assert [tags.count(tag) for tag in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
    assert tags.count("table") == tags.count("caption") >= 4
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        for key in ("aria-labelledby", "aria-describedby"):
            assert attributes.get(key) is None or attributes[key] in ids
    for attributes in page.all("th"):
        assert attributes["scope"] in ("col", "row")
    headings = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert all(b - a <= 1 for a, b in pairwise(headings))
    assert all(
        a.get("role") and a.get("aria-labelledby") for a in page.all("div") if a.get("tabindex") == "0"
    )


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_contrast(theme: int) -> None:
    css = files("heijunka.report").joinpath("assets", "page.css").read_text(encoding="utf-8")
    block = re.findall(r":root[^{]*\{(.*?)\}", css, re.DOTALL)[theme]
    colors = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    for ground in ("page", "card"):
        for text in ("ink", "soft", "accent", "alarm"):
            assert contrast(colors[text], colors[ground]) >= 4.5, (text, ground)
        for graphic in ("surge", *[f"c{i}" for i in range(8)]):
            assert contrast(colors[graphic], colors[ground]) >= 3, (graphic, ground)
    assert contrast(colors["accent"], colors["on-accent"]) >= 4.5


def test_series_survive_packing() -> None:
    values: list[Any] = [0, 0, 0, 0, 0.71234, None, None, None, 0.5, 1, 1]
    packed = _series.encode(values)
    assert packed == {"d": 3, "v": [[0, 4], 712, [None, 3], 500, 1000, 1000]}
    assert _series.encode([123456.7, 5]) == {"d": 0, "v": [123457, 5]}
    assert _series.encode([]) == {"d": 0, "v": []}
    assert _series.encode([1e300, 1]) == {"d": 0, "v": [1e300, 1.0]}


def test_time_starts_at_zero_whatever_the_trace_began_with() -> None:
    result = synthetic_result(points=10)
    result["series"]["start_us"] = 1_700_000_000_000_000
    result["marks"] = [
        {"at_us": 1_700_000_060_000_000, "kind": "SurgeStarted", "count": 5, "reason": "burst"}
    ]
    assert data_of(render(result))["marks"][0][0] == 60


@pytest.mark.parametrize(
    "result", [{}, {"summary": None, "series": [], "marks": 3}, {"series": {"pools": [{}, 5]}}]
)
def test_a_poor_outcome_still_renders(result: dict[str, Any]) -> None:
    Page(render(result))


def test_what_is_not_a_number_reads_as_a_dash() -> None:
    result = synthetic_result(points=10)
    result["summary"].update(offered=math.nan, late_share=math.inf, utilization_mean=None, worker_hours={})
    result["series"]["pools"][0]["utilization"][3] = math.nan
    result["series"]["pools"][0]["demand"] = [1.0]
    page = Page(render(result))
    assert not re.search(r"\b(nan|NaN|inf|Infinity|None|null|undefined)\b", page.text())
    assert data_of(render(result))["pools"][0]["u"]["v"][3] is None


def test_numbers_read_as_people_write_them() -> None:
    nb = "\u00a0"
    assert [fmt.count(n) for n in (0, 46874, 17_345_678, 10**12, 10**18, None)] == [
        "0", "46,874", f"17.3{nb}M", f"1{nb}T", "1.00e18", "–"
    ]  # fmt: skip
    shares = [0, 0.00001, 0.0042, 0.4, 0.99999, 0.999, 1, 25]
    assert [fmt.percent(n) for n in shares] == [
        f"{shown}{nb}%" for shown in ("0", "<0.01", "0.42", "40", ">99.99", "99.9", "100", "2,500")
    ]
    assert [fmt.milliseconds(n) for n in (0, 0.001, 8.4, 177, 4812, 200_000)] == [
        f"0{nb}ms", f"<0.01{nb}ms", f"8.4{nb}ms", f"177{nb}ms", f"4.81{nb}s", f"3{nb}min 20{nb}s"
    ]  # fmt: skip
    assert [fmt.clock(n) for n in (0, 59.9, 3661, 360_000)] == ["0:00:00", "0:00:59", "1:01:01", "100:00:00"]
    assert [fmt.money(n, "USD") for n in (0, 0.001, 43.3)] == ["$0.00", "<$0.01", "$43.30"]
    assert fmt.money(43.3, "EUR") == f"43.30{nb}EUR"


def test_the_vendored_library_is_the_one_its_readme_names() -> None:
    vendor = files("heijunka.report").joinpath("vendor")
    readme = vendor.joinpath("README.md").read_text("utf-8")
    rows = re.findall(r"\| `([\w.]+)` \| `[\w./]+` \| `([0-9a-f]{64})` \|", readme)
    assert {name for name, _ in rows} == {"uPlot.iife.min.js", "uPlot.min.css", "LICENSE"}
    for name, digest in rows:
        assert hashlib.sha256(vendor.joinpath(name).read_bytes()).hexdigest() == digest
    assert "1.6.32" in vendor.joinpath("uPlot.iife.min.js").read_text("utf-8")[:80]


def drawn(html: str, folder: Path, width: int = 1280) -> Page:
    """The page after a browser has run it."""
    browser = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if browser is None:
        pytest.skip("no browser: neither chromium-headless-shell nor chromium is installed")
    file = folder / "report.html"
    file.write_text(html, encoding="utf-8")
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=4000",
        f"--user-data-dir={folder / 'profile'}", f"--window-size={width},900", "--dump-dom", file.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    return Page(done.stdout.decode("utf-8"))


def assert_drawn(page: Page, charts: int) -> None:
    root = next(page.all("html"))
    assert root.get("data-errors") is None
    assert root.get("data-rendered") == "true"
    assert root.get("data-charts") == str(charts)
    assert sum("data-drawn" in attributes for attributes in page.all("div")) == charts
    assert len(list(page.all("canvas"))) == charts
    assert all(int(a["width"] or 0) > 100 and int(a["height"] or 0) > 100 for a in page.all("canvas"))


@pytest.mark.parametrize(("pools", "width"), [(1, 1280), (3, 360), (64, 1280)])
def test_a_browser_draws_every_chart(pools: int, width: int, tmp_path: Path) -> None:
    page = drawn(render(synthetic_result(pools=pools)), tmp_path, width)
    assert_drawn(page, len(CHARTS))
    series = {a["data-chart"]: a["data-series"] for a in page.all("div") if "data-chart" in a}
    assert series["utilization"] == str(pools)
    assert series["workers"] == str(2 * pools)
    assert any("worker" in text for text in page.texts["td"])


@pytest.mark.parametrize(("migrations", "lines"), [(5, 5), (1000, 0)])
def test_many_marks_do_not_hide_the_charts(migrations: int, lines: int, tmp_path: Path) -> None:
    result = synthetic_result(points=100, pools=3, bucket_us=100_000_000)
    migration = {"kind": "MigrateWorkers", "pool": "payment", "to_pool": "delivery", "count": 1}
    result["marks"] = [
        {**migration, "at_us": 1_000_000 * n * (5_000 // migrations), "reason": "rebalance"}
        for n in range(migrations)
    ]
    page = drawn(render(result), tmp_path)
    assert_drawn(page, len(CHARTS))
    assert {a["data-lines"] for a in page.all("div") if "data-chart" in a} == {str(lines)}


def test_a_browser_runs_no_script_of_a_name(tmp_path: Path) -> None:
    page = drawn(render(synthetic_result(points=30, names=HOSTILE), title=HOSTILE[0]), tmp_path)
    assert_drawn(page, len(CHARTS))


def test_a_browser_draws_one_point_without_refusals(tmp_path: Path) -> None:
    result = synthetic_result(points=1, pools=2, bucket_us=1_000_000)
    assert not any(result["series"]["refused_by_reason"]["busy"])
    page = drawn(render(result), tmp_path)
    assert_drawn(page, len(CHARTS) - 2)
    assert "Nothing was refused." in page.text()
    assert "Nobody waited in a line." in page.text()


def test_a_browser_draws_huge_and_missing_numbers(tmp_path: Path) -> None:
    result = synthetic_result(points=40, pools=2)
    for pool in result["series"]["pools"]:
        pool["arrivals"] = [1e300] * 40
        pool["waiting"] = [1e18 * i for i in range(40)]
        pool["utilization"] = [None] * 40
        pool["demand"] = [math.nan, 1e12] * 20
    result["series"]["cost_money"] = [1e15 * i for i in range(40)]
    result["summary"].update(offered=10**18, completed=10**18, wait_ms={"p50": 1e20})
    assert_drawn(drawn(render(result), tmp_path), len(CHARTS))


def test_a_browser_shows_an_outcome_without_series(tmp_path: Path) -> None:
    page = drawn(render({}), tmp_path)
    assert next(page.all("html")).get("data-errors") is None
    assert next(page.all("html")).get("data-rendered") == "true"
