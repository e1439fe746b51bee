"""The top of the page: what was leveled, the key figures, where the requests went."""

from __future__ import annotations

from .. import _format as fmt
from .._outcome import Number, at, mapping, number, number_at, sequence, share, text
from .._words import reason
from ._markup import Markup, element, join, listing


def lead(result: object) -> Markup:
    """The headline in two sentences."""
    summary = at(result, "summary")
    offered = number_at(summary, "offered")
    pools = len(mapping(at(summary, "pools")))
    admitted = share(number_at(summary, "accepted"), offered)
    requests, across = fmt.plural(offered, "request"), fmt.plural(pools, "pool")
    first = f"{requests} in {fmt.span(trace_seconds(result))}, leveled across {across}."
    if not offered:
        return element("p", first, class_="lead")
    second = f" {fmt.percent(admitted)} were admitted"
    utilization = number_at(summary, "utilization_mean")
    if utilization is not None:
        second += (
            f"; workers were busy {fmt.percent(utilization)} of the time, and utilization was between 60 and "
            f"80{fmt.NBSP}% for {fmt.percent(number_at(summary, 'time_in_band'))} of it"
        )
    return element("p", f"{first}{second}.", class_="lead")


def trace_seconds(result: object) -> float | None:
    """How long the trace is, or, where that is unknown, the replay."""
    span_us = number_at(result, "trace", "span_us")
    if span_us is None:
        span_us = number_at(result, "summary", "duration_us")
    return None if span_us is None else float(span_us) / 1e6


def notes(result: object) -> Markup | None:
    """What the reader should know before trusting the figures, if there is anything."""
    trace = at(result, "trace")
    items: list[Markup] = []
    added = [
        text(key) for key, domain in mapping(at(trace, "domains")).items() if at(domain, "added") is True
    ]
    if added:
        were = "domain isn’t" if len(added) == 1 else "domains aren’t"
        lead_in = f"{len(added):,} {were} in the configuration; {_place(result, len(added) == 1)}: "
        items.append(element("li", lead_in, listing(added), "."))
    skipped = number_at(trace, "skipped")
    if skipped:
        verb = "was" if skipped == 1 else "were"
        first = [text(line) for line in sequence(at(trace, "first_skipped"))][:1]
        why = f" {'It' if skipped == 1 else 'The first'}: {first[0]}." if first else ""
        items.append(
            element(
                "li", f"{fmt.plural(skipped, 'line')} of the trace couldn’t be read and {verb} skipped.{why}"
            )
        )
    if at(trace, "truncated") is True:
        items.append(element("li", "The gzip data ended too early: what follows was lost."))
    torn = number_at(trace, "torn", "bytes")
    if torn:
        items.append(
            element(
                "li",
                f"The last {fmt.plural(torn, 'byte')} of the journal are no whole record, and were left out.",
            )
        )
    without = number_at(trace, "without_service")
    if without:
        service_us = number_at(result, "options", "default_service_us")
        each = f"; {fmt.span(service_us / 1e6)} each were assumed" if service_us is not None else ""
        items.append(element("li", f"{fmt.plural(without, 'row')} had no service time{each}."))
    dropped = number_at(result, "marks_dropped")
    if dropped:
        items.append(
            element(
                "li",
                f"{fmt.plural(dropped, 'effect')} beyond the report’s bound aren’t marked on the charts.",
            )
        )
    if not items:
        return None
    return element("ul", *items, class_="notes", aria_label="Notes")


def _place(result: object, one: bool) -> str:
    """Where domains went that the configuration lacks, by the replay's option."""
    return {
        "shared": "it has the shared pool" if one else "they share one pool",
        "config": "it went to the configuration’s pools" if one else "they went to the configuration’s pools",
    }.get(
        text(at(result, "options", "pools")),
        "it got a pool of its own" if one else "each got a pool of its own",
    )


def tiles(result: object) -> Markup:
    """The key figures."""
    summary = at(result, "summary")
    offered = number_at(summary, "offered")
    duration = number_at(summary, "duration_us")
    rate = share(offered, None if duration is None else duration / 1e6)
    peak = number_at(summary, "peak_to_mean")
    peak_note = f", peak {fmt.decimal(peak, 2)} × that" if peak else ""
    accepted, refused = number_at(summary, "accepted"), number_at(summary, "refused")
    cost = mapping(at(summary, "cost"))
    currency = currency_of(result)
    hours = at(summary, "worker_hours")
    surge_money = number(cost.get("surge_money"))
    units = number(cost.get("surge_units"))
    band = number_at(summary, "time_in_band")

    requests = [
        _tile("Offered", fmt.count(offered), f"{fmt.decimal(rate, 2)} a second on average{peak_note}"),
        _tile(
            "Admitted",
            fmt.percent(share(accepted, offered)),
            f"{fmt.count(accepted)} of {fmt.count(offered)}",
        ),
        _tile("Refused", fmt.count(refused), _refused_note(summary, refused, offered), alarm=bool(refused)),
        _tile("Expired", fmt.count(number_at(summary, "expired")), "left the waiting line unserved"),
        _tile(
            "Late",
            fmt.percent(number_at(summary, "late_share")),
            f"{fmt.count(number_at(summary, 'late'))} waited over 1 s and over twice their own service",
        ),
        _tile(
            "Goodput",
            f"{fmt.decimal(number_at(summary, 'goodput_per_s'))}{fmt.NBSP}/s",
            f"{fmt.count(number_at(summary, 'completed'))} completed",
        ),
    ]
    capacity = [
        _tile("Utilization", fmt.percent(number_at(summary, "utilization_mean")), "mean over the pools"),
        _tile("Time at 60–80 %", fmt.percent(band), _bar(band)),
        _tile(
            "Worker-hours",
            fmt.decimal(number_at(hours, "total")),
            ", ".join(f"{part} {fmt.decimal(number_at(hours, part))}" for part in ("baseline", "surge")),
        ),
        _tile(
            "Cost",
            fmt.money(number(cost.get("total_money")), currency),
            f"surge {fmt.money(surge_money, currency)}"
            + (f", {fmt.decimal(units)} cost units" if units else ""),
        ),
        _tile("Surges", fmt.count(number_at(summary, "surges")), "bursts answered with extra workers"),
        _tile(
            "Scale changes",
            fmt.count(number_at(summary, "scale_changes")),
            f"and {fmt.plural(number_at(summary, 'migrations'), 'migration')} between pools",
        ),
    ]
    return join(
        [
            element("dl", *requests, class_="tiles"),
            element(
                "dl",
                *_times(summary, "wait_ms", "Wait"),
                *_times(summary, "latency_ms", "Latency"),
                class_="tiles times",
            ),
            element("dl", *capacity, class_="tiles"),
        ]
    )


def _times(summary: object, key: str, label: str) -> list[Markup]:
    """Half, 95 and 99 of 100 completed requests had at most this wait (or latency)."""
    values = at(summary, key)
    mean, longest = (fmt.milliseconds(number_at(values, part)) for part in ("mean", "max"))
    what = "wait and service" if key == "latency_ms" else "for a worker"
    return [
        _tile(f"{label} {part}", fmt.milliseconds(number_at(values, part)), note)
        for part, note in (("p50", f"mean {mean}"), ("p95", what), ("p99", f"longest {longest}"))
    ]


def currency_of(result: object) -> str:
    """The currency that the outcome's money is in."""
    return text(at(result, "summary", "cost", "currency") or "USD")


def _refused_note(summary: object, refused: Number | None, offered: Number | None) -> str:
    if not refused:
        return "nothing was refused"
    by_reason = {key: number(value) or 0 for key, value in mapping(at(summary, "refused_by_reason")).items()}
    note = f"{fmt.percent(share(refused, offered))} of the offered"
    if not by_reason:
        return note
    most = max(by_reason, key=lambda key: by_reason[key])
    return f"{note}; {'mostly' if len(by_reason) > 1 else 'always'}: {reason(text(most))}"


def _tile(label: str, value: str, note: Markup | str, *, alarm: bool = False) -> Markup:
    return element(
        "div",
        element("dt", label),
        element("dd", value, class_="value alarm" if alarm else "value"),
        element("dd", note, class_="note"),
        class_="tile",
    )


def _bar(value: Number | None) -> Markup:
    """A share as a bar, drawn with attributes alone, for no style attribute is allowed on the page."""
    width = max(0.0, min(1.0, float(value or 0))) * 100
    return element(
        "svg",
        element("rect", width="100", height="6", rx="3", class_="track"),
        element("rect", width=f"{width:.2f}", height="6", rx="3", class_="fill"),
        class_="bar",
        viewBox="0 0 100 6",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


_FATES = (
    ("completed", "Completed"),
    ("in_flight", "In flight at the end"),
    ("expired", "Expired"),
    ("refused", "Refused"),
)


def fates(result: object) -> Markup | None:
    """Where the requests went, as one bar with a legend."""
    summary = at(result, "summary")
    offered = number_at(summary, "offered")
    if not offered:
        return None
    bars: list[Markup] = []
    keys: list[Markup] = []
    left = 0.0
    for key, label in _FATES:
        amount = number_at(summary, key) or 0
        width = max(0.0, min(1000.0 - left, float(amount) / float(offered) * 1000))
        if amount:
            bars.append(
                element(
                    "rect", x=f"{left:.2f}", width=f"{max(width, 1.5):.2f}", height="14", class_=f"fate {key}"
                )
            )
        left += width
        keys.append(
            element(
                "li",
                element("span", class_=f"swatch fate-{key}", aria_hidden="true"),
                f"{label} ",
                element("b", fmt.count(amount)),
                f" ({fmt.percent(share(amount, offered))})",
            )
        )
    picture = element(
        "svg", *bars, class_="fates", viewBox="0 0 1000 14", preserveAspectRatio="none", aria_hidden="true"
    )
    return element(
        "div",
        element("h3", "Where the requests went", id="fates"),
        picture,
        element("ul", *keys, class_="keys", aria_labelledby="fates"),
        class_="card",
    )
