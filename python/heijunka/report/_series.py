"""The time series of an outcome, checked, and their compact form inside the page."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from .._outcome import Number, at, mapping, number, number_at, sequence, text

Values = list["Number | None"]

# Pools beyond this many are drawn only when asked for.
SHOWN_POOLS = 8
# Reasons beyond this many are added up in the chart.
SHOWN_REASONS = 5

# What the outcome calls a pool's series, and the page's name of it.
POOL_SERIES = {
    "utilization": "u",
    "demand": "d",
    "arrivals": "a",
    "admitted": "m",
    "refused": "r",
    "waiting": "w",
    "baseline_workers": "b",
    "surge_workers": "s",
}


@dataclass
class PoolSeries:
    """A pool's series, each as long as the time axis."""

    name: str
    values: dict[str, Values]
    offered: Number = 0


@dataclass
class Series:
    """All series of an outcome. Times are in seconds from the trace's start."""

    points: int
    bucket_s: float
    start_us: Number
    pools: list[PoolSeries]
    balance: Values
    cost: Values
    #: The adaptive limit; `None` without one.
    limit: Values | None
    refused: dict[str, Values]
    thresholds: list[Number] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    @property
    def end_s(self) -> float:
        """Where the time axis ends."""
        return max(self.points, 1) * self.bucket_s


@dataclass(frozen=True)
class Mark:
    """An effect worth seeing on the time axis."""

    at_s: float
    kind: str
    pool: str | None
    to_pool: str | None
    count: Number
    reason: str
    alert: str | None = None


def read(result: object) -> Series:
    """The series of an outcome. Pools come in the order of what was offered to them, the most first."""
    series = mapping(at(result, "series"))
    raw_pools = [mapping(pool) for pool in sequence(series.get("pools"))]
    limit = series.get("adaptive_limit")
    columns: list[object] = [series.get("balance_coefficient"), series.get("cost_money"), limit]
    columns += [pool.get(key) for pool in raw_pools for key in POOL_SERIES]
    points = max((len(sequence(column)) for column in columns), default=0)

    def aligned(column: object) -> Values:
        values = [number(value) for value in sequence(column)][:points]
        return values + [None] * (points - len(values))

    pools = [
        PoolSeries(
            name=text(pool.get("name")),
            values={key: aligned(pool.get(key)) for key in POOL_SERIES},
            offered=number_at(result, "summary", "pools", str(pool.get("name")), "offered") or 0,
        )
        for pool in raw_pools
    ]
    pools.sort(key=lambda pool: -pool.offered)
    bucket_us = number(series.get("bucket_us")) or 0
    read_series = Series(
        points=points,
        bucket_s=bucket_us / 1e6 if bucket_us > 0 else 1.0,
        start_us=number(series.get("start_us")) or 0,
        pools=pools,
        balance=aligned(series.get("balance_coefficient")),
        cost=aligned(series.get("cost_money")),
        limit=aligned(limit) if sequence(limit) else None,
        refused=_stacked(
            {text(key): aligned(column) for key, column in mapping(series.get("refused_by_reason")).items()}
        ),
    )
    read_series.thresholds = _thresholds(at(result, "config", "scaler"))
    read_series.marks = sorted(_marks(at(result, "marks"), read_series.start_us), key=lambda mark: mark.at_s)
    return read_series


def _thresholds(scaler: object) -> list[Number]:
    """The demands at which the scaler acts, where it acts by thresholds at all."""
    if at(scaler, "enabled") is False or at(scaler, "mode") not in ("step", None):
        return []
    found = (number_at(scaler, "up_threshold"), number_at(scaler, "down_threshold"))
    return [value for value in found if value is not None]


def _stacked(refused: dict[str, Values]) -> dict[str, Values]:
    """The reasons that occur, the most frequent first; past `SHOWN_REASONS` they are added up as `other`."""
    total = {key: sum(value or 0 for value in values) for key, values in refused.items()}
    ranked = sorted((key for key in refused if total[key] > 0), key=lambda key: -total[key])
    if len(ranked) <= SHOWN_REASONS:
        return {key: refused[key] for key in ranked}
    kept, rest = ranked[: SHOWN_REASONS - 1], ranked[SHOWN_REASONS - 1 :]
    stacked = {key: refused[key] for key in kept}
    stacked["other"] = [sum(refused[key][i] or 0 for key in rest) for i in range(len(refused[rest[0]]))]
    return stacked


def _marks(raw: object, start_us: Number) -> Iterable[Mark]:
    for entry in sequence(raw):
        at_us = number_at(entry, "at_us")
        if at_us is None:
            continue
        pool, to_pool = at(entry, "pool"), at(entry, "to_pool")
        yield Mark(
            at_s=max(0.0, (at_us - start_us) / 1e6),
            kind=text(at(entry, "kind")),
            pool=None if pool is None else text(pool),
            to_pool=None if to_pool is None else text(to_pool),
            count=number_at(entry, "count") or 0,
            reason=text(at(entry, "reason")),
            alert=None if at(entry, "alert") is None else text(at(entry, "alert")),
        )


def encode(values: Sequence[Number | None], digits: int = 4) -> dict[str, Any]:
    """A column as `{"d": decimals, "v": […]}`.

    The values are whole numbers in units of 10^-d, enough for `digits` significant digits of the largest;
    runs of three and more equal ones stand as `[value, times]`.
    """
    largest = max((abs(value) for value in values if value is not None), default=0)
    places = 0 if largest == 0 else max(0, min(6, digits - 1 - math.floor(math.log10(largest))))

    def scaled(value: Number | None) -> Number | None:
        if value is None:
            return None
        return float(f"{value:.4g}") if largest >= 1e15 else round(value * 10**places)

    runs: list[Any] = []
    for value, group in groupby(scaled(value) for value in values):
        times = sum(1 for _ in group)
        runs += [[value, times]] if times > 2 else [value] * times
    return {"d": places, "v": runs}


def payload(series: Series, currency: str, reason_words: Callable[[str], str]) -> dict[str, Any]:
    """What the page's script reads. Names stand in one list; pools in the charts' order come first in it."""
    names = [pool.name for pool in series.pools]
    index = {value: i for i, value in reversed(list(enumerate(names)))}
    kinds: dict[str, int] = {}
    reasons: dict[str, int] = {}

    def known(value: str | None) -> int:
        if value is None:
            return -1
        if value not in index:
            index[value] = len(names)
            names.append(value)
        return index[value]

    marks = [
        [
            round(mark.at_s, 2),
            kinds.setdefault(mark.kind, len(kinds)),
            known(mark.pool),
            known(mark.to_pool),
            mark.count,
            # Of an alert, which rule it was says why.
            reasons.setdefault(mark.alert or reason_words(mark.reason), len(reasons)),
        ]
        for mark in series.marks
    ]
    return {
        "points": series.points,
        "bucket": series.bucket_s,
        "end": series.end_s,
        "shown": SHOWN_POOLS,
        "currency": currency,
        "pools": [
            {short: encode(pool.values[key]) for key, short in POOL_SERIES.items()} for pool in series.pools
        ],
        "thresholds": series.thresholds,
        "balance": encode(series.balance),
        "cost": encode(series.cost, 6),
        "limit": None if series.limit is None else encode(series.limit),
        "refused": [{"code": code, **encode(values)} for code, values in series.refused.items()],
        "names": names,
        "kinds": list(kinds),
        "reasons": list(reasons),
        "marks": marks,
    }
