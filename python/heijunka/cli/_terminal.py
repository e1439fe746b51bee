"""Showing a summary: with colour where `rich` is installed and there is a terminal, else as plain text."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .._format import NBSP
from ._summary import Facts, Summary, Table

if TYPE_CHECKING:
    from rich.console import Console


def show(summary: Summary) -> None:
    """Prints a summary to standard output."""
    if sys.stdout is not None and sys.stdout.isatty():
        try:
            from rich.console import Console
        except ImportError:
            pass
        else:
            show_rich(summary, Console(highlight=False))
            return
    for line in plain_lines(summary):
        print(line)


def plain_lines(summary: Summary) -> Iterator[str]:
    """The summary as lines of plain text."""
    # Spaces that don't break are for pages; a terminal's user searches and cuts by plain ones.
    return (line.replace(NBSP, " ") for line in _lines(summary))


def _lines(summary: Summary) -> Iterator[str]:
    yield summary.headline
    yield from (f"note: {note}" for note in summary.notes)
    for section in summary.sections:
        yield ""
        yield section.title
        yield from _facts(section) if isinstance(section, Facts) else _table(section)


def _facts(facts: Facts) -> Iterator[str]:
    label_width = max(len(fact.label) for fact in facts.facts)
    value_width = max(len(fact.value) for fact in facts.facts)
    for fact in facts.facts:
        yield f"  {fact.label:<{label_width}}  {fact.value:>{value_width}}  {fact.note}".rstrip()


def _table(table: Table) -> Iterator[str]:
    lines = [list(table.columns), *[list(row) for row in table.rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(table.columns))]
    for name, *figures in lines:
        cells = [f"{figure:>{width}}" for figure, width in zip(figures, widths[1:], strict=True)]
        yield f"  {'  '.join([f'{name:<{widths[0]}}', *cells])}".rstrip()
    if table.note:
        yield f"  {table.note}"


def show_rich(summary: Summary, console: Console) -> None:
    """Prints a summary with colour: the same content as `plain_lines`."""
    from rich.console import RenderableType
    from rich.padding import Padding
    from rich.table import Table as Grid
    from rich.text import Text as Styled

    def plain(text: str, style: str = "") -> Styled:
        return Styled(text.replace(NBSP, " "), style=style)

    def grid(rows_of: Facts | Table) -> RenderableType:
        if isinstance(rows_of, Facts):
            table = Grid.grid(padding=(0, 2))
            table.add_column(no_wrap=True)
            table.add_column(justify="right", no_wrap=True)
            table.add_column(style="dim")
            for fact in rows_of.facts:
                style = "bold red" if fact.alarm else "bold"
                table.add_row(plain(fact.label), plain(fact.value, style=style), plain(fact.note))
            return table
        table = Grid(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
        for index, head in enumerate(rows_of.columns):
            table.add_column(
                plain(head), justify="left" if index == 0 else "right", no_wrap=index > 0, overflow="fold"
            )
        for row in rows_of.rows:
            table.add_row(*[plain(cell) for cell in row])
        return table

    console.print(plain(summary.headline, style="bold"))
    for note in summary.notes:
        console.print(plain(f"note: {note}", style="yellow"))
    for section in summary.sections:
        console.print()
        console.print(plain(section.title, style="bold cyan"))
        console.print(Padding(grid(section), (0, 0, 0, 2)))
        if isinstance(section, Table) and section.note:
            console.print(Padding(plain(section.note, style="dim"), (0, 0, 0, 2)))
