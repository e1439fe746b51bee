"""The summary of a replay as facts and tables, whatever shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .. import _format as fmt
from .._outcome import Number, at, bound, mapping, number, number_at, sequence, share, text
from .._words import EFFECTS, reason

#: A terminal isn't the place for more rows; the report and `--json` have them all.
MAX_ROWS = 24


@dataclass(frozen=True)
class Fact:
    """A figure with its name, and a note."""

    label: str
    value: str
    note: str = ""
    alarm: bool = False


@dataclass(frozen=True)
class Facts:
    """Figures that belong together."""

    title: str
    facts: Sequence[Fact]


@dataclass(frozen=True)
class Table:
    """Rows of figures; the first column is their name."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True)
class Bars:
    """A figure of several things, as bars; `shares` are their lengths, 0 to 1."""

    title: str
    labels: Sequence[str]
    values: Sequence[str]
    shares: Sequence[float]


@dataclass(frozen=True)
class Summary:
    """All that the terminal says about a replay."""

    headline: str
    notes: Sequence[str]
    sections: Sequence[Facts | Table | Bars] = field(default_factory=list)


def summarize(result: dict[str, Any], title: str) -> Summary:
    """The summary of a replay's outcome."""
    trace, summary = at(result, "trace"), at(result, "summary")
    span_us = number_at(trace, "span_us")
    requests = fmt.plural(number_at(summary, "offered"), "request")
    form = text(at(trace, "format")).replace("_", " ")
    over = f" over {fmt.span(span_us / 1e6)}" if span_us else ""
    headline = f"{text(title)}: {requests}{over}{f', {form}' if form else ''}"
    sections: list[Facts | Table | Bars] = [
        _requests(summary),
        _waits(summary),
        _load(result),
        _capacity(summary),
    ]
    sections.extend(_pools(summary))
    sections.extend(_alerts(result))
    sections.extend(_checklist(result))
    domains = _domains(summary)
    if domains is not None:
        sections.append(domains)
    return Summary(headline, _notes(result), sections)


def _notes(result: dict[str, Any]) -> list[str]:
    trace = at(result, "trace")
    notes: list[str] = []
    added = [
        text(name) for name, domain in mapping(at(trace, "domains")).items() if at(domain, "added") is True
    ]
    if added:
        shown = ", ".join(added[:12]) + (f" and {len(added) - 12} more" if len(added) > 12 else "")
        where = {
            "shared": "shares the pool" if len(added) == 1 else "share the pool",
            "config": "went to the pools of the configuration",
        }.get(
            text(at(result, "options", "pools")),
            "got a pool of its own" if len(added) == 1 else "got pools of their own",
        )
        if where.endswith("the pool"):
            where += f" {text(at(trace, 'domains', added[0], 'pool'))}"
        notes.append(f"{fmt.plural(len(added), 'domain')} that the configuration lacks {where}: {shown}")
    skipped = number_at(trace, "skipped")
    if skipped:
        first = [text(line) for line in sequence(at(trace, "first_skipped"))][:1]
        why = f"; {'the first: ' if skipped > 1 else ''}{first[0]}" if first else ""
        notes.append(
            f"{fmt.plural(skipped, 'bad line')} of the trace {'was' if skipped == 1 else 'were'} skipped{why}"
        )
    if at(trace, "truncated") is True:
        notes.append("the gzip data ended too early: what follows was lost")
    torn = number_at(trace, "torn", "bytes")
    if torn:
        notes.append(
            f"the last {fmt.plural(torn, 'byte')} of the journal are no whole record, and were left out"
        )
    without = number_at(trace, "without_service")
    if without:
        service_us = number_at(result, "options", "default_service_us")
        each = f", {fmt.span(service_us / 1e6)} each assumed" if service_us is not None else ""
        notes.append(f"{fmt.plural(without, 'row')} had no service time{each}")
    return notes


def _requests(summary: Any) -> Facts:
    offered = number_at(summary, "offered")

    def part(key: str, note: str = "", *, alarm: bool = False) -> Fact:
        amount = number_at(summary, key)
        of_all = fmt.percent(share(amount, offered)) if offered else ""
        both = ", ".join(piece for piece in (of_all, note) if piece)
        return Fact(
            key.replace("_", " "), fmt.count(amount), both if amount else note, alarm and bool(amount)
        )

    found = {
        text(key): number(value) or 0 for key, value in mapping(at(summary, "refused_by_reason")).items()
    }
    facts = [
        Fact("offered", fmt.count(offered)),
        part("accepted"),
        part("refused", alarm=True),
        *[
            Fact(f"  {key}", fmt.count(amount), reason(key))
            for key, amount in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
            if amount
        ],
        part("expired", "left a waiting line unserved" if number_at(summary, "expired") else ""),
        part("completed"),
        part("in_flight", "at the end" if number_at(summary, "in_flight") else ""),
        part("late", "waited over 1 s and over twice their service" if number_at(summary, "late") else ""),
        Fact("goodput", f"{fmt.decimal(number_at(summary, 'goodput_per_s'))} /s"),
    ]
    return Facts("Requests", facts)


def _waits(summary: Any) -> Table:
    keys = ("mean", "p50", "p95", "p99", "max")
    rows = [
        [label, *[fmt.milliseconds(number_at(summary, field_name, key)) for key in keys]]
        for label, field_name in (("wait", "wait_ms"), ("latency", "latency_ms"))
    ]
    return Table("Times", ("", *keys), rows)


def _load(result: Any) -> Facts:
    summary = at(result, "summary")
    return Facts(
        "Load",
        [
            Fact("utilization", fmt.percent(number_at(summary, "utilization_mean")), "mean"),
            Fact(
                "time in 60–80 %", fmt.percent(number_at(summary, "time_in_band")), "share of the worker time"
            ),
            Fact("peak to mean", fmt.decimal(number_at(summary, "peak_to_mean")), "arrivals per second"),
            *_limit(result),
        ],
    )


def _limit(result: Any) -> list[Fact]:
    """The adaptive limit over time, if there is one."""
    limits = [
        value for value in map(number, sequence(at(result, "series", "adaptive_limit"))) if value is not None
    ]
    if not limits:
        return []
    lowest, highest, last = (fmt.count(round(limit)) for limit in (min(limits), max(limits), limits[-1]))
    over = lowest if lowest == highest else f"{lowest}–{highest}"
    algorithm = text(at(result, "config", "regulator", "adaptive", "algorithm"))
    end = "" if lowest == highest else f"{last} at the end"
    return [Fact("adaptive limit", over, ", ".join(piece for piece in (algorithm, end) if piece))]


def _capacity(summary: Any) -> Facts:
    currency = text(at(summary, "cost", "currency") or "USD")

    def hours(key: str) -> str:
        return fmt.decimal(number_at(summary, "worker_hours", key))

    def money(key: str) -> str:
        return fmt.money(number_at(summary, "cost", key), currency)

    units = fmt.decimal(number_at(summary, "cost", "surge_units"))
    return Facts(
        "Capacity",
        [
            Fact("worker-hours", hours("total"), f"baseline {hours('baseline')}, surge {hours('surge')}"),
            Fact(
                "cost",
                money("total_money"),
                f"baseline {money('baseline_money')}, surge {money('surge_money')} ({units} cost units)",
            ),
            Fact("surges", fmt.count(number_at(summary, "surges"))),
            Fact("migrations", fmt.count(number_at(summary, "migrations"))),
            Fact("scale changes", fmt.count(number_at(summary, "scale_changes"))),
            _effects(summary),
        ],
    )


def _effects(summary: Any) -> Fact:
    counts = {text(kind): number(count) or 0 for kind, count in mapping(at(summary, "effects")).items()}
    known = [(label.lower(), counts.pop(kind, 0)) for kind, label in EFFECTS.items()]
    parts = [*known, *counts.items()]
    note = ", ".join(f"{label} {fmt.count(count)}" for label, count in parts if count)
    return Fact("effects", fmt.count(sum(count for _, count in parts)), note)


def _pools(summary: Any) -> list[Table]:
    pools, note = _largest(at(summary, "pools"), "pool")
    if not pools:
        return []

    def counts(pool: Any, *keys: str) -> list[str]:
        return [fmt.count(number_at(pool, key)) for key in keys]

    def workers(pool: Any) -> str:
        low, high = number_at(pool, "workers_min"), number_at(pool, "workers_max")
        return fmt.count(low) if low == high else f"{fmt.count(low)}–{fmt.count(high)}"

    requests = [
        [
            name,
            *counts(pool, "offered", "completed", "refused", "expired"),
            fmt.milliseconds(number_at(pool, "wait_ms", "p95")),
            fmt.milliseconds(number_at(pool, "latency_ms", "p50")),
            fmt.milliseconds(number_at(pool, "latency_ms", "p95")),
        ]
        for name, pool in pools
    ]
    capacity = [
        [
            name,
            fmt.percent(number_at(pool, "utilization_mean")),
            fmt.percent(number_at(pool, "time_in_band")),
            workers(pool),
            *counts(pool, "workers_end", "surge_max", "queue_max"),
            fmt.decimal(number_at(pool, "worker_hours", "total")),
        ]
        for name, pool in pools
    ]
    heads = ("pool", "offered", "done", "refused", "expired", "wait p95", "lat p50", "lat p95")
    return [
        Table("Pools: requests", heads, requests, note),
        Table(
            "Pools: capacity",
            ("pool", "utilization", "in 60–80 %", "workers", "at end", "surge", "line", "hours"),
            capacity,
            note,
        ),
    ]


def _alerts(result: dict[str, Any]) -> list[Table]:
    """The alerts that fired; of many, the first."""
    start_us = number_at(result, "series", "start_us") or 0
    fired = [mark for mark in sequence(at(result, "marks")) if at(mark, "kind") == "AlertFiring"]
    if not fired:
        return []
    rows = [
        [
            fmt.clock(((number_at(mark, "at_us") or 0) - start_us) / 1e6),
            text(at(mark, "alert")),
            text(at(mark, "pool") or ""),
            fmt.decimal(number_at(mark, "value")),
        ]
        for mark in fired[:MAX_ROWS]
    ]
    count = number_at(result, "summary", "effects", "AlertFiring") or len(fired)
    note = f"and {fmt.count(count - len(rows))} more" if count > len(rows) else ""
    return [Table("Alerts fired", ("time", "rule", "pool", "value"), rows, note)]


def _checklist(result: dict[str, Any]) -> list[Table]:
    checks = sequence(at(result, "verify", "checks"))
    if not checks:
        return []
    rows = [
        [
            text(at(check, "name")).replace("_", " "),
            fmt.decimal(number_at(check, "figure")),
            bound(check),
            "pass" if at(check, "pass") is True else "FAIL",
            _failing(check),
        ]
        for check in checks
    ]
    return [Table("Checklist at the last arrival", ("check", "figure", "bound", "", "pools"), rows)]


def _failing(check: object) -> str:
    """The pools that fail a check; of many, the first."""
    failing = [
        text(at(pool, "pool")) for pool in sequence(at(check, "pools")) if at(pool, "pass") is not True
    ]
    return ", ".join(failing[:3]) + (f" and {len(failing) - 3} more" if len(failing) > 3 else "")


def _domains(summary: Any) -> Table | None:
    """The domains, unless each is a pool of its own and all is said already."""
    if set(mapping(at(summary, "domains"))) <= set(mapping(at(summary, "pools"))):
        return None
    domains, note = _largest(at(summary, "domains"), "domain")
    keys = ("offered", "accepted", "refused", "expired", "completed")
    rows = [[name, *[fmt.count(number_at(domain, key)) for key in keys]] for name, domain in domains]
    return Table("Domains", ("domain", *keys), rows, note)


def _largest(items: Any, noun: str) -> tuple[list[tuple[str, Any]], str]:
    """The items; of many, those with the most requests, and a note on the others."""
    found = [(text(name), item) for name, item in mapping(items).items()]
    if len(found) <= MAX_ROWS:
        return found, ""

    def size(pair: tuple[str, Any]) -> Number:
        return number_at(pair[1], "offered") or 0

    largest = sorted(found, key=size, reverse=True)[:MAX_ROWS]
    return largest, f"and {len(found) - MAX_ROWS:,} more {noun}s; `--json` and the report have them all"
