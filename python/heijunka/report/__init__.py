"""The report of a replay: one HTML file that holds all it needs and loads nothing.

`render` takes what a replay answers (the dictionary that `heijunka replay --json` prints) and gives the text
of the file. It has no clock and no randomness: the same outcome gives the same bytes. Whatever is missing in
the outcome, or isn't a finite number, is left out or reads as a dash. Names in the outcome are taken for what
they are, text from outside: they are escaped wherever they appear, and the page's policy lets no script run
but its own.
"""

from __future__ import annotations

from typing import Any

from ._page import page

__all__ = ["render"]


def render(result: dict[str, Any], *, title: str | None = None) -> str:
    """The report of `result` as one self-contained HTML file, to be written as UTF-8.

    `title` is the page's heading, usually the trace's file name. The size grows with points times pools:
    about 270 kB for 720 points and 10 pools, 1.1 MB for 64.
    """
    return page(result, title)
