"""The charts' frames: heading, what is drawn, and what it shows in words. The script draws into them."""

from __future__ import annotations

from collections.abc import Iterable

from .. import _format as fmt
from .._outcome import Number, at, mapping, number, number_at, text
from .._words import reason
from ._markup import Markup, element, join, name
from ._series import SHOWN_POOLS, PoolSeries, Series, Values
from ._summary import currency_of
from ._tables import pool_class


def figures(result: object, series: Series) -> Markup:
    """All charts, in reading order."""
    frames = [
        _frame(
            "utilization",
            "Utilization",
            "Busy workers of each pool. The band between 60 and 80 % is where a pool should be.",
            _utilization(result, series),
        ),
        _frame(
            "demand",
            "Demand",
            "Busy and waiting requests per worker. Above 100 % somebody waits."
            + (" The dashed lines are the scaler’s thresholds." if series.thresholds else ""),
            _peak(series, "demand"),
        ),
        _frame(
            "flow",
            "Arrivals, admitted, refused",
            "Requests a second, added up over the pools that are shown.",
            _flow(result, series),
            _keys((("arrivals", "Arrivals"), ("admitted", "Admitted"), ("refused", "Refused"))),
        ),
        _refused(result, series),
        _frame(
            "workers",
            "Workers",
            "Solid: baseline workers. Dashed, with the space between filled: surge workers on top of them.",
            _workers(series),
        ),
        _waiting(series),
        _frame(
            "balance",
            "Balance coefficient",
            "How evenly the pools are used: balanced from 0.8, critical below 0.5.",
            _balance(series.balance, series),
        ),
        *_limit(result, series),
        _frame("cost", "Cost so far", "Worker-time at its rate, baseline and surge.", _cost(result)),
    ]
    return join(frames)


def _frame(
    ident: str, heading: str, caption: str, summary: str, keys: Markup | None = None, *, empty: bool = False
) -> Markup:
    plot = element(
        "div",
        class_="plot",
        data_chart=ident,
        tabindex="0",
        role="group",
        aria_roledescription="chart",
        aria_labelledby=f"h-{ident}",
        aria_describedby=f"s-{ident}",
    )
    return element(
        "figure",
        element("h3", heading, id=f"h-{ident}"),
        element("p", caption, class_="what"),
        keys,
        None if empty else plot,
        element("figcaption", summary, id=f"s-{ident}"),
        class_="card chart empty" if empty else "card chart",
        id=f"chart-{ident}",
    )


def _keys(keys: Iterable[tuple[str, Markup | str]]) -> Markup:
    items = [
        element("li", element("span", class_=f"swatch k-{key}", aria_hidden="true"), label)
        for key, label in keys
    ]
    return element("ul", *items, class_="keys")


def _highest(pools: list[PoolSeries], key: str) -> tuple[Number, int, str] | None:
    """The largest value of a series over all pools: value, point, pool."""
    best: tuple[Number, int, str] | None = None
    for pool in pools:
        for i, value in enumerate(pool.values[key]):
            if value is not None and (best is None or value > best[0]):
                best = (value, i, pool.name)
    return best


def _when(series: Series, point: int) -> str:
    return f"at {fmt.clock(point * series.bucket_s)}"


def _peak(series: Series, key: str) -> str:
    best = _highest(series.pools, key)
    return (
        "No values."
        if best is None
        else f"Highest: {fmt.percent(best[0])} in {best[2]} {_when(series, best[1])}."
    )


def _utilization(result: object, series: Series) -> str:
    mean = number_at(result, "summary", "utilization_mean")
    before = "" if mean is None else f"On average {fmt.percent(mean)}. "
    return before + _peak(series, "utilization")


def _flow(result: object, series: Series) -> str:
    totals = [
        sum(float(pool.values["arrivals"][i] or 0) for pool in series.pools) for i in range(series.points)
    ]
    if not totals:
        return "No values."
    top = max(range(len(totals)), key=lambda i: totals[i])
    admitted, refused = (fmt.count(number_at(result, "summary", key)) for key in ("accepted", "refused"))
    return (
        f"Most arrivals: {fmt.decimal(totals[top])} a second {_when(series, top)}. "
        f"{admitted} admitted, {refused} refused in all."
    )


def _refused(result: object, series: Series) -> Markup:
    heading, caption = (
        "Refused, by reason",
        "Requests a second, over all pools, one reason on top of the other.",
    )
    if not series.refused:
        refused = number_at(result, "summary", "refused")
        summary = "Nothing was refused." if not refused else "The series has no refusals by reason."
        return _frame("refused", heading, caption, summary, empty=True)
    found = {
        text(key): number(value) or 0
        for key, value in mapping(at(result, "summary", "refused_by_reason")).items()
    }
    parts = [
        f"{fmt.count(value)} {key}"
        for key, value in sorted(found.items(), key=lambda pair: -pair[1])
        if value
    ]
    keys = _keys((f"r{i}", _reason_key(code)) for i, code in enumerate(series.refused))
    return _frame("refused", heading, caption, f"In all: {', '.join(parts)}." if parts else "", keys)


def _reason_key(code: str) -> Markup:
    if code == "other":
        return Markup("all other reasons")
    return join([element("code", code), Markup(" "), element("span", reason(code), class_="aside")])


def _workers(series: Series) -> str:
    best: tuple[float, float, int] | None = None
    for i in range(series.points):
        surge = sum(float(pool.values["surge_workers"][i] or 0) for pool in series.pools)
        total = surge + sum(float(pool.values["baseline_workers"][i] or 0) for pool in series.pools)
        if best is None or total > best[0]:
            best = (total, surge, i)
    if best is None:
        return "No values."
    surge_part = f", {fmt.count(best[1])} of them surge" if best[1] else ""
    return f"At most {fmt.plural(best[0], 'worker')} at once{surge_part}, {_when(series, best[2])}."


def _waiting(series: Series) -> Markup:
    heading, caption = "Waiting line", "Requests that wait for a worker, per pool."
    best = _highest(series.pools, "waiting")
    if best is None or best[0] == 0:
        return _frame("waiting", heading, caption, "Nobody waited in a line.", empty=True)
    summary = f"Longest: {fmt.decimal(best[0])} in {best[2]} {_when(series, best[1])}."
    return _frame("waiting", heading, caption, summary)


def _balance(values: Values, series: Series) -> str:
    known = [(value, i) for i, value in enumerate(values) if value is not None]
    if not known:
        return "No values."
    lowest, point = min(known)
    balanced = sum(1 for value, _ in known if value >= 0.8) / len(known)
    critical = sum(1 for value, _ in known if value < 0.5) / len(known)
    return (
        f"Balanced {fmt.percent(balanced)} of the time, critical {fmt.percent(critical)}; "
        f"lowest {fmt.decimal(lowest, 2)} {_when(series, point)}."
    )


def _limit(result: object, series: Series) -> list[Markup]:
    if series.limit is None:
        return []
    summary = "No values."
    known = [(value, i) for i, value in enumerate(series.limit) if value is not None]
    if known:
        (lowest, point), (highest, _) = min(known), max(known)
        summary = f"At {fmt.count(round(lowest))} all the time."
        if lowest < highest:
            summary = (
                f"Between {fmt.count(round(lowest))} ({_when(series, point)}) and {fmt.count(round(highest))}; "
                f"{fmt.count(round(known[-1][0]))} at the end."
            )
    refused = number_at(result, "summary", "refused_by_reason", "adaptive") or 0
    summary += f" It refused {fmt.plural(refused, 'request')}." if refused else " It refused nobody."
    caption = "Requests that may be in at once, as the regulator finds it out from how long they take."
    return [_frame("limit", "Adaptive limit", caption, summary)]


def _cost(result: object) -> str:
    cost = mapping(at(result, "summary", "cost"))
    currency = currency_of(result)
    return (
        f"{fmt.money(number(cost.get('total_money')), currency)} in all: "
        f"{fmt.money(number(cost.get('baseline_money')), currency)} baseline and "
        f"{fmt.money(number(cost.get('surge_money')), currency)} surge."
    )


def legend(series: Series) -> Markup:
    """The pools, as checkboxes that show and hide them on every chart."""
    items = [
        element(
            "label",
            element("input", type="checkbox", data_pool=i, checked=i < _shown(series)),
            element("span", class_=f"swatch {pool_class(i)}", aria_hidden="true"),
            name(pool.name),
        )
        for i, pool in enumerate(series.pools)
    ]
    few = _shown(series)
    top = f"First {few}" if few < len(series.pools) else None
    buttons = [
        element("button", label, type="button", data_pick=pick)
        for label, pick in ((top, "top"), ("All", "all"), ("Clear", "none"))
        if label is not None
    ]
    more = None
    if few < len(series.pools):
        more = element(
            "p", f"The {few} busiest of {len(series.pools)} pools are shown at first.", class_="aside"
        )
    return element(
        "fieldset",
        element("legend", "Pools"),
        element("div", *buttons, class_="buttons") if len(series.pools) > 1 else None,
        element("div", *items, class_="pools"),
        more,
        class_="legend",
    )


def _shown(series: Series) -> int:
    return min(SHOWN_POOLS, len(series.pools))
