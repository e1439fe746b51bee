"""Numbers as people read them. `None` reads as a dash."""

from __future__ import annotations

import math

from ._outcome import Number

DASH = "–"
NBSP = "\u00a0"
_UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"))


def count(value: Number | None) -> str:
    """A count: 46,874; from ten million on 17.3 M; beyond 10^15 in powers of ten."""
    if value is None:
        return DASH
    size = abs(value)
    if size >= 1e15:
        return f"{float(value):.2e}".replace("e+", "e")
    if size >= 1e7:
        scale, unit = next(pair for pair in _UNITS if size >= pair[0])
        return f"{significant(value / scale, 3)}{NBSP}{unit}"
    return f"{round(value):,}"


def significant(value: Number, digits: int) -> str:
    """The value with about `digits` significant digits, never in powers of ten, no trailing zeros."""
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    shown = f"{round(float(value), places):,.{max(0, min(places, 9))}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def decimal(value: Number | None, digits: int = 3) -> str:
    """A figure with about `digits` significant digits, and a count where it is large."""
    if value is None:
        return DASH
    return count(value) if abs(value) >= 10_000 else significant(value, digits)


def percent(value: Number | None) -> str:
    """A share in percent. Only what is exactly all or nothing reads as 100 % or 0 %."""
    if value is None:
        return DASH
    hundred = float(value) * 100
    if hundred > 1000:
        shown = count(hundred)
    elif 0 < hundred < 0.01:
        shown = "<0.01"
    elif 99.99 < hundred < 100:
        shown = ">99.99"
    elif hundred < 1 or 99 < hundred < 100:
        shown = f"{hundred:.2f}"
    else:
        shown = f"{hundred:.1f}"
    if "." in shown and not shown.startswith((">", "<")):
        shown = shown.rstrip("0").rstrip(".")
    return f"{shown}{NBSP}%"


def clock(seconds: Number) -> str:
    """A time of the trace as h:mm:ss."""
    whole = max(0, math.floor(min(float(seconds), 1e15)))
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def span(seconds: Number | None) -> str:
    """A length of time: 320 ms, 4.8 s, 58 min 36 s, 2 h 37 min, 3 d 4 h."""
    if seconds is None:
        return DASH
    if abs(seconds) < 1:
        return milliseconds(seconds * 1000)
    if seconds < 59.95:
        return f"{significant(seconds, 3)}{NBSP}s"
    whole = round(min(float(seconds), 1e15))
    for unit, name, small, small_name in (
        (86400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= unit:
            rest = whole % unit // small
            head = f"{whole // unit:,}{NBSP}{name}"
            return f"{head} {rest}{NBSP}{small_name}" if rest else head
    return f"{whole}{NBSP}s"


def milliseconds(value: Number | None) -> str:
    """A length of time given in milliseconds."""
    if value is None:
        return DASH
    if value == 0:
        return f"0{NBSP}ms"
    if abs(value) < 0.01:
        return f"<0.01{NBSP}ms"
    if abs(value) < 999.5:
        return f"{significant(value, 3)}{NBSP}ms"
    return span(value / 1000)


def money(value: Number | None, currency: str) -> str:
    """An amount of money: $43.30, or 43.30 EUR."""
    if value is None:
        return DASH
    size = abs(value)
    sign = "−" if value < 0 else ""
    if 0 < size < 0.005:
        sign, size = "<", 0.01
    shown = count(size) if size >= 1e7 else f"{size:,.2f}"
    return f"{sign}${shown}" if currency == "USD" else f"{sign}{shown}{NBSP}{currency}".rstrip()


def plural(value: Number | None, one: str, many: str | None = None) -> str:
    """A count with its noun: 1 pool, 3 pools."""
    noun = one if value == 1 else many or f"{one}s"
    return f"{count(value)}{NBSP}{noun}"
