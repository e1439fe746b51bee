"""Reasons and effects in plain words: `_words.json`, which the page of `bindings/wasm/demo` reads as well."""

from __future__ import annotations

import json
from importlib.resources import files

_WORDS: dict[str, dict[str, str]] = json.loads(files(__package__).joinpath("_words.json").read_text("utf-8"))

# Why requests were refused, and why effects came about. A reason that isn't listed reads as its code.
REASONS: dict[str, str] = _WORDS["reasons"]

# Effects in the order of the codes, with the noun for one of them.
EFFECTS: dict[str, str] = _WORDS["effects"]


def reason(code: str) -> str:
    """The reason in words, or its code where there are none."""
    return REASONS.get(code) or code.replace("_", " ")
