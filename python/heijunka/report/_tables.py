"""The tables: refusals, pools, domains, effects."""

from __future__ import annotations

from collections.abc import Sequence

from .. import _format as fmt
from .._outcome import Number, at, bound, mapping, number, number_at, sequence, share, text
from .._words import EFFECTS, reason
from ._markup import Markup, element, name
from ._series import Series

Cell = tuple["Markup | str", "Number | None"]
"""What a cell shows, and what it sorts by."""


# Tables with more rows than this scroll on their own.
_TALL = 24


def _table(
    ident: str,
    caption: str,
    heads: Sequence[str],
    rows: Sequence[tuple[Markup, Sequence[Cell]]],
    *,
    sortable: bool = False,
) -> Markup:
    """A table with a caption, in a region that scrolls sideways on its own and takes the keyboard's focus."""

    def head(index: int, label: str) -> Markup:
        shown = element("button", label, type="button", data_column=index) if sortable else label
        return element("th", shown, scope="col", class_="first" if index == 0 else None)

    def cell(value: Cell) -> Markup:
        shown, key = value
        return element("td", shown, data_sort=None if key is None or not sortable else repr(float(key)))

    body = [
        element("tr", element("th", first, scope="row"), *[cell(value) for value in cells])
        for first, cells in rows
    ]
    table = element(
        "table",
        element("caption", caption, id=ident),
        element("thead", element("tr", *[head(i, label) for i, label in enumerate(heads)])),
        element("tbody", *body),
        data_sortable=sortable,
    )
    tall = " tall" if len(rows) > _TALL else ""
    return element("div", table, class_=f"scroll{tall}", tabindex="0", role="region", aria_labelledby=ident)


def _counted(value: Number | None) -> Cell:
    return fmt.count(value), value


def refusals(result: object) -> Markup | None:
    """Why requests were refused, the most frequent reason first."""
    summary = at(result, "summary")
    found = {
        text(key): number(value) or 0 for key, value in mapping(at(summary, "refused_by_reason")).items()
    }
    if not any(found.values()):
        return None
    total = sum(found.values())
    rows: list[tuple[Markup, Sequence[Cell]]] = [
        (
            element("code", key),
            [(reason(key), None), _counted(value), (fmt.percent(share(value, total)), value)],
        )
        for key, value in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
        if value
    ]
    return _table(
        "t-refusals", "Refusals by reason", ("Reason", "Meaning", "Requests", "Share of refusals"), rows
    )


def _swatch(index: int) -> Markup:
    return element("span", class_=f"swatch {pool_class(index)}", aria_hidden="true")


def pool_class(index: int) -> str:
    """The class that gives a pool its color and, from the ninth pool on, its dashes."""
    return f"c{index % 8} d{min(index // 8, 3)}"


def pools(result: object, series: Series) -> Markup:
    """Every pool's figures, in the charts' order."""
    found = {text(key): value for key, value in mapping(at(result, "summary", "pools")).items()}
    order = [pool.name for pool in series.pools]
    rank = {key: i for i, key in reversed(list(enumerate(order)))}
    rows: list[tuple[Markup, Sequence[Cell]]] = []
    for key in sorted(found, key=lambda key: rank.get(key, len(rank))):
        pool = found[key]
        offered, refused = number_at(pool, "offered"), number_at(pool, "refused")
        low, high = number_at(pool, "workers_min"), number_at(pool, "workers_max")
        first = element("span", _swatch(rank[key]) if key in rank else None, name(key), class_="named")
        rows.append(
            (
                first,
                [
                    _counted(offered),
                    _counted(number_at(pool, "completed")),
                    _refused(refused, offered),
                    _counted(number_at(pool, "expired")),
                    _shared(number_at(pool, "utilization_mean")),
                    _shared(number_at(pool, "time_in_band")),
                    (f"{fmt.count(low)} to {fmt.count(high)}", high),
                    _counted(number_at(pool, "workers_end")),
                    _counted(number_at(pool, "surge_max")),
                    _counted(number_at(pool, "queue_max")),
                    _timed(number_at(pool, "wait_ms", "p50")),
                    _timed(number_at(pool, "wait_ms", "p95")),
                    _timed(number_at(pool, "wait_ms", "p99")),
                    _timed(number_at(pool, "latency_ms", "p95")),
                    _plain(number_at(pool, "worker_hours", "baseline")),
                    _plain(number_at(pool, "worker_hours", "surge")),
                ],
            )
        )
    heads = (
        "Pool", "Offered", "Completed", "Refused", "Expired", "Utilization", "At 60–80 %", "Workers",
        "At the end", "Surge, most", "Line, longest", "Wait p50", "Wait p95", "Wait p99", "Latency p95",
        "Hours, baseline", "Hours, surge",
    )  # fmt: skip
    return _table("t-pools", "Figures per pool", heads, rows, sortable=True)


def _refused(refused: Number | None, offered: Number | None) -> Cell:
    if not refused:
        return _counted(refused)
    return f"{fmt.count(refused)} ({fmt.percent(share(refused, offered))})", refused


def _shared(value: Number | None) -> Cell:
    return fmt.percent(value), value


def _timed(value: Number | None) -> Cell:
    return fmt.milliseconds(value), value


def _plain(value: Number | None) -> Cell:
    return fmt.decimal(value), value


def domains(result: object) -> Markup:
    """Every domain's figures."""
    traced = {text(key): value for key, value in mapping(at(result, "trace", "domains")).items()}
    figures = {text(key): value for key, value in mapping(at(result, "summary", "domains")).items()}
    order = sorted({**figures, **traced}, key=lambda key: -(number_at(figures.get(key), "offered") or 0))
    said = {"shared": "shares a pool", "config": "not configured"}.get(
        text(at(result, "options", "pools")), "own pool added"
    )
    rows: list[tuple[Markup, Sequence[Cell]]] = []
    for key in order:
        domain, source = figures.get(key), traced.get(key)
        tag = element("span", said, class_="tag") if at(source, "added") is True else None
        pool = at(source, "pool")
        offered = number_at(domain, "offered")
        accepted = number_at(domain, "accepted")
        rows.append(
            (
                element("span", name(key), tag, class_="named"),
                [
                    (name(text(pool)) if pool is not None else fmt.DASH, None),
                    _counted(number_at(source, "rows")),
                    _counted(offered),
                    _counted(accepted),
                    _shared(share(accepted, offered)),
                    _refused(number_at(domain, "refused"), offered),
                    _counted(number_at(domain, "expired")),
                    _counted(number_at(domain, "completed")),
                ],
            )
        )
    heads = (
        "Domain",
        "Pool",
        "Rows",
        "Offered",
        "Admitted",
        "Admitted share",
        "Refused",
        "Expired",
        "Completed",
    )
    return _table("t-domains", "Figures per domain", heads, rows, sortable=True)


def checklist(result: object) -> Markup | None:
    """The checks at the last arrival, and whether they pass."""
    checks = sequence(at(result, "verify", "checks"))
    if not checks:
        return None

    def failing(check: object) -> str:
        return ", ".join(
            text(at(pool, "pool")) for pool in sequence(at(check, "pools")) if at(pool, "pass") is not True
        )

    rows: list[tuple[Markup, Sequence[Cell]]] = [
        (
            name(text(at(check, "name")).replace("_", " ")),
            [
                (fmt.decimal(number_at(check, "figure")), number_at(check, "figure")),
                (bound(check), None),
                ("✓ pass" if at(check, "pass") is True else "✗ fail", None),
                (failing(check), None),
            ],
        )
        for check in checks
    ]
    heads = ("Check", "Figure", "Bound", "Verdict", "Pools that fail")
    return _table("t-checklist", "At the last arrival", heads, rows)


def effects(result: object) -> Markup | None:
    """How many effects of each kind the engine asked for."""
    found = {
        text(key): number(value) or 0 for key, value in mapping(at(result, "summary", "effects")).items()
    }
    if not any(found.values()):
        return None
    rank = {key: i for i, key in enumerate(EFFECTS)}
    rows: list[tuple[Markup, Sequence[Cell]]] = [
        (element("code", key), [(EFFECTS.get(key, key), None), _counted(found[key])])
        for key in sorted(found, key=lambda key: (rank.get(key, len(rank)), key))
        if found[key]
    ]
    return _table("t-effects", "Effects by kind", ("Effect", "Meaning", "Times"), rows)
