"""The page as a whole: sections, styles, scripts and the policy that lets only them run."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files

from .. import _format as fmt
from .. import _words
from .._outcome import at, mapping, number_at, text
from . import _charts, _series, _summary, _tables
from ._markup import Markup, element, escaped
from ._series import Series

_STYLES = ("vendor/uPlot.min.css", "assets/page.css", "assets/charts.css")


def _asset(path: str) -> str:
    return files(__package__).joinpath(*path.split("/")).read_text(encoding="utf-8")


def _digest(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _json_for_script(value: object) -> str:
    """JSON that no HTML parser can take for markup: nothing but ASCII, no `<`, `>` or `&`."""
    dense = json.dumps(value, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return dense.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def page(result: object, title: str | None) -> str:
    """The whole file."""
    series = _series.read(result)
    heading = text(title).strip() if title else ""
    style = "\n".join(_asset(path) for path in _STYLES)
    errors = _asset("assets/errors.js")
    script = _asset("assets/report.js")
    library = _asset("vendor/uPlot.iife.min.js")
    policy = (
        f"default-src 'none'; style-src {_digest(style)}; "
        f"script-src {' '.join(_digest(source) for source in (errors, library, script))}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    data = _json_for_script(_series.payload(series, _summary.currency_of(result), _words.reason))
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{heading} · Heijunka" if heading else "Heijunka replay"),
        element("style", Markup(style)),
        element("script", Markup(errors)),
    )
    content = element(
        "body",
        element("a", "Skip to the charts", href="#charts", class_="skip"),
        _masthead(),
        element("main", *_sections(result, series, heading)),
        _footer(result, series),
        element("div", id="spoken", class_="unseen", aria_live="polite"),
        element("script", Markup(data), type="application/json", id="data"),
        element("script", Markup(library)),
        element("script", Markup(script)),
    )
    root = element("html", head, content, lang="en")
    return f"<!doctype html>\n{root}\n"


def _masthead() -> Markup:
    bars = [
        element("rect", x=str(x), y=str(y), width="4", height=str(20 - y), rx="1")
        for x, y in ((1, 7), (7, 7), (13, 7), (19, 7))
    ]
    logo = element(
        "svg", *bars, element("path", d="M0 3h24"), class_="logo", viewBox="0 0 24 21", aria_hidden="true"
    )
    toggle = element(
        "button", "Theme", type="button", id="theme", aria_label="Switch between light and dark", hidden=True
    )
    return element("header", element("p", logo, "Heijunka", class_="brand"), toggle, class_="masthead")


def _sections(result: object, series: Series, heading: str) -> list[Markup | None]:
    return [
        element(
            "div",
            element("p", "Replay of a trace", class_="kicker") if heading else None,
            element("h1", heading or "Replay of a trace", dir="auto"),
            _summary.lead(result),
            _summary.notes(result),
            class_="hero",
        ),
        _section(
            "overview",
            "Key figures",
            _summary.tiles(result),
            _summary.fates(result),
        ),
        _section("charts", "Over time", _over_time(result, series)),
        _section("pools", "Pools", _card(_tables.pools(result, series))),
        _section("domains", "Domains", _card(_tables.domains(result))),
        _section("checklist", "Checklist", _card(_tables.checklist(result)))
        if _tables.checklist(result)
        else None,
        _section("effects", "Effects and why", _marks(series), _card(_tables.effects(result))),
        _section("refusals", "Refusals", _card(_tables.refusals(result)))
        if _tables.refusals(result)
        else None,
        _section("configuration", "Configuration", _config(result)),
    ]


def _section(ident: str, heading: str, *children: Markup | None) -> Markup:
    return element(
        "section", element("h2", heading, id=f"{ident}-h"), *children, id=ident, aria_labelledby=f"{ident}-h"
    )


def _card(child: Markup | None) -> Markup | None:
    return None if child is None else element("div", child, class_="card")


def _over_time(result: object, series: Series) -> Markup:
    if series.points == 0:
        return element("p", "The replay has no series to draw.", class_="card")
    steps = (
        ("in", "+", "Zoom in"),
        ("out", "−", "Zoom out"),
        ("left", "←", "Earlier"),
        ("right", "→", "Later"),
    )
    buttons = [
        element("button", sign, type="button", data_zoom=key, aria_label=label, title=label)
        for key, sign, label in steps
    ]
    whole = element("button", "Whole trace", type="button", data_zoom="whole")
    zoom = element(
        "div",
        element("div", *buttons, whole, class_="buttons"),
        element("output", id="window", class_="window"),
        class_="zoom",
        role="group",
        aria_label="Time window",
    )
    marks = [
        element("li", element("span", class_=f"swatch m-{key}", aria_hidden="true"), label)
        for key, label in (("surge", "surge"), ("migration", "migration"), ("kept", "surge workers kept"))
    ]
    side = element(
        "div",
        zoom,
        _charts.legend(series),
        element(
            "div", element("h3", "Marks"), element("ul", *marks, class_="keys column"), class_="markkeys"
        ),
        element(
            "p",
            element("span", "Tap a chart to read it. ", class_="touch"),
            element(
                "span", "Drag across a chart to zoom, double-click for the whole trace. ", class_="mouse"
            ),
            element("span", "With a chart in focus: ← → move, + − zoom, Esc resets. ", class_="mouse"),
            element("span", f"Each point is the mean over {fmt.span(series.bucket_s)}.", id="grain"),
            class_="aside help",
        ),
        class_="side",
    )
    noscript = element(
        "noscript", element("p", "The charts need JavaScript; all else on this page does not.", class_="card")
    )
    return element(
        "div",
        side,
        element("div", noscript, _charts.figures(result, series), class_="figures"),
        class_="over",
    )


def _marks(series: Series) -> Markup:
    if not series.marks:
        return element(
            "div",
            element("p", "No surge, no scaling, no migration and no alert happened.", class_="none"),
            class_="card",
        )
    heads = ("Time", "What", "Why")
    table = element(
        "table",
        element("caption", "In order of time", id="t-marks"),
        element("thead", element("tr", *[element("th", head, scope="col") for head in heads])),
        element("tbody", id="marks"),
        class_="wide",
    )
    options = [
        element("option", label, value=value)
        for value, label in (
            ("", "Everything"),
            ("Surge", "Surges"),
            ("Migrate", "Migrations"),
            ("Add Remove", "Scaling"),
            ("Alert", "Alerts"),
        )
    ]
    pick = element("label", "Show ", element("select", *options, id="pick-marks"), class_="pick")
    more = element("button", "Show more", type="button", id="more-marks", hidden=True)
    region = element(
        "div", table, class_="scroll tall", tabindex="0", role="region", aria_labelledby="t-marks"
    )
    count = element("p", id="marks-count", class_="aside")
    return element(
        "div",
        element("p", "A time leads to its place on the charts.", class_="aside"),
        pick,
        region,
        element("div", count, more, class_="below"),
        class_="card",
    )


def _config(result: object) -> Markup:
    config = mapping(at(result, "config"))
    if not config:
        return element("p", "The outcome holds no configuration.", class_="card")
    shown = json.dumps(config, indent=2, ensure_ascii=False, default=str)
    pre = element("pre", escaped(shown), tabindex="0", role="region", aria_label="Configuration as JSON")
    return element(
        "details", element("summary", "The full configuration, every default filled in"), pre, class_="card"
    )


def _footer(result: object, series: Series) -> Markup:
    trace = at(result, "trace")
    rows = number_at(trace, "rows")
    parts = [] if rows is None else [f"{fmt.plural(rows, 'row')} read"]
    kind = at(trace, "format")
    if kind:
        parts.append(f"format {text(kind)}")
    parts.append(f"{series.points:,} points of {fmt.span(series.bucket_s)}")
    licence = element(
        "details", element("summary", "Licence of uPlot"), element("pre", escaped(_asset("vendor/LICENSE")))
    )
    return element(
        "footer",
        element("p", " · ".join(parts)),
        element("p", "Made by Heijunka. Charts by uPlot 1.6.32."),
        licence,
    )
