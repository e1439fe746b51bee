"""Bar charts as one SVG picture, without anything to install."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 760
ROW = 22
#: Where names end and bars begin, and how long the longest bar is.
NAMES, LONGEST = 220, 400


@dataclass(frozen=True)
class Chart:
    """A figure of several things; `shares` are the lengths of their bars, 0 to 1."""

    title: str
    labels: Sequence[str]
    values: Sequence[str]
    shares: Sequence[float]


STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1c2430}.t{font-weight:600}rect{fill:#3b6ea8}"
    ".g{fill:#fff}@media(prefers-color-scheme:dark){text{fill:#e6e9ee}rect{fill:#7fb0e6}.g{fill:#14181f}}"
)


def picture(headline: str, charts: Sequence[Chart]) -> str:
    """The charts below each other, with a headline."""
    parts: list[str] = []
    y = 30

    def text(x: int, y: int, shown: str, *, kind: str = "", anchor: str = "start") -> None:
        of_kind = f' class="{kind}"' if kind else ""
        parts.append(f'<text x="{x}" y="{y}" text-anchor="{anchor}"{of_kind}>{escape(shown)}</text>')

    text(16, y, headline, kind="t")
    for chart in charts:
        y += ROW + 12
        text(16, y, chart.title, kind="t")
        for label, value, share in zip(chart.labels, chart.values, chart.shares, strict=True):
            y += ROW
            width = round(share * LONGEST, 1)
            shown = label if len(label) <= 30 else f"{label[:29]}…"
            text(NAMES - 10, y, shown, anchor="end")
            parts.append(f'<rect x="{NAMES}" y="{y - 12}" width="{width}" height="14" rx="2"/>')
            text(NAMES + round(width) + 8, y, value)
    height = y + 20
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(headline)}"><style>{STYLE}</style>'
        f'<rect class="g" width="100%" height="100%"/>{"".join(parts)}</svg>\n'
    )
