"""Showing a summary: with colour where `rich` is installed and there is a terminal, else as plain text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from .._format import NBSP
from ._summary import Bars, Facts, Summary, Table

if TYPE_CHECKING:
    from rich.console import Console

#: Names of pools and domains fold into no fewer cells than this.
NARROWEST = 12
#: A bar has at most so many signs.
LONGEST_BAR = 32


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
        if isinstance(section, Facts):
            yield from _facts(section)
        elif isinstance(section, Table):
            yield from _table(section)
        else:
            yield from (f"  {line}" for line in bars(section))


def _facts(facts: Facts) -> Iterator[str]:
    label_width = max(len(fact.label) for fact in facts.facts)
    value_width = max(len(fact.value) for fact in facts.facts)
    for fact in facts.facts:
        yield f"  {fact.label:<{label_width}}  {fact.value:>{value_width}}  {fact.note}".rstrip()


def bars(section: Bars, measure: Callable[[str], int] = len) -> Iterator[str]:
    """A line for each bar: its name, its figure, and as many signs as it is long."""
    label_width = max(measure(label) for label in section.labels)
    value_width = max(measure(value) for value in section.values)
    for label, value, share in zip(section.labels, section.values, section.shares, strict=True):
        name = label + " " * (label_width - measure(label))
        # What is more than nothing shows.
        signs = "#" * max(round(share * LONGEST_BAR), 1 if share > 0 else 0)
        yield f"{name}  {' ' * (value_width - measure(value))}{value}  {signs}".rstrip()


def _table(table: Table) -> Iterator[str]:
    lines = [list(table.columns), *[list(row) for row in table.rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(table.columns))]
    for name, *figures in lines:
        cells = [f"{figure:>{width}}" for figure, width in zip(figures, widths[1:], strict=True)]
        yield f"  {'  '.join([f'{name:<{widths[0]}}', *cells])}".rstrip()
    if table.note:
        yield f"  {table.note}"


def name_width(table: Table, measure: Callable[[str], int]) -> int:
    """The width of a table's first column."""
    return max(measure(line[0]) for line in (table.columns, *table.rows))


def fitted(table: Table, width: int, measure: Callable[[str], int]) -> list[Table]:
    """The table, or where it is too wide several, each with some of the columns after the names.

    A figure is never cut, for what is left of it would be another figure.
    """
    lines = (table.columns, *table.rows)
    names = min(name_width(table, measure), NARROWEST)
    groups: list[list[int]] = [[]]
    left = width - names
    for column in range(1, len(table.columns)):
        need = 2 + max(measure(line[column]) for line in lines)
        if need > left and groups[-1]:
            groups.append([])
            left = width - names
        groups[-1].append(column)
        left -= need
    return [
        Table(
            table.title,
            [table.columns[column] for column in (0, *group)],
            [[row[column] for column in (0, *group)] for row in table.rows],
        )
        for group in groups
    ]


def show_rich(summary: Summary, console: Console) -> None:
    """Prints a summary with colour: the same content as `plain_lines`."""
    from rich.cells import cell_len
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
                plain(head),
                justify="left" if index == 0 else "right",
                no_wrap=index > 0,
                overflow="fold",
                min_width=min(name_width(rows_of, cell_len), NARROWEST) if index == 0 else None,
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
        if isinstance(section, Bars):
            for line in bars(section, cell_len):
                console.print(Padding(plain(line), (0, 0, 0, 2)))
            continue
        pieces: list[Facts | Table] = [section]
        if isinstance(section, Table):
            pieces = [*fitted(section, console.width - 2, cell_len)]
        for number, piece in enumerate(pieces):
            if number:
                console.print()
            console.print(Padding(grid(piece), (0, 0, 0, 2)))
        if isinstance(section, Table) and section.note:
            console.print(Padding(plain(section.note, style="dim"), (0, 0, 0, 2)))
