"""Reading a replay's outcome: what is missing or isn't a finite number reads as `None`, never as an error."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

Number = float | int


def number(value: object) -> Number | None:
    """The value as a finite number, else `None`."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, int):
        return value if abs(value) < 10**300 else None
    return value if math.isfinite(value) else None


def mapping(value: object) -> Mapping[str, object]:
    """The value as a mapping; anything else reads as an empty one."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: object) -> Sequence[object]:
    """The value as a list; anything else reads as an empty one."""
    return value if isinstance(value, (list, tuple)) else ()


def at(value: object, *path: str) -> object:
    """What stands at `path` in nested mappings, else `None`."""
    for key in path:
        value = mapping(value).get(key)
    return value


def number_at(value: object, *path: str) -> Number | None:
    """The finite number at `path`, else `None`."""
    return number(at(value, *path))


def text(value: object) -> str:
    """The value as text that any encoder and any browser takes: no lone surrogates, no control characters."""
    raw = value if isinstance(value, str) else "" if value is None else str(value)
    return "".join(
        "\ufffd" if ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 else c for c in raw
    )


def share(part: Number | None, whole: Number | None) -> float | None:
    """`part / whole`, or `None` when either is unknown or `whole` is 0."""
    if part is None or whole is None or whole == 0:
        return None
    return number(float(part) / float(whole))


def bound(check: object) -> str:
    """What a check of the checklist asks for, as `> 0.6, < 0.8`."""
    limits = ((">", number_at(check, "above")), ("<", number_at(check, "below")))
    return ", ".join(f"{sign} {limit:g}" for sign, limit in limits if limit is not None)
