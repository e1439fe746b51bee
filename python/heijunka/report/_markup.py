"""HTML that is escaped by construction: text becomes markup only through `element`, which escapes it."""

from __future__ import annotations

from html import escape

from .._outcome import text

_VOID = frozenset({"meta", "input"})
_SHAPES = frozenset({"rect", "path"})


class Markup(str):
    """A string that is HTML already."""

    __slots__ = ()


def escaped(value: str) -> Markup:
    """Text of several lines as markup; what isn't text to a browser is replaced, line ends stay."""
    return Markup("\n".join(escape(text(line)) for line in value.split("\n")))


def join(parts: list[Markup] | tuple[Markup, ...]) -> Markup:
    """Markup after markup."""
    return Markup("".join(parts))


def element(tag: str, *children: Markup | str | None, **attributes: str | int | bool | None) -> Markup:
    """An element whose children are escaped where they aren't markup.

    What is `None` is left out, and so are attributes that are `False`. An attribute's `_` reads as `-`,
    one at its end is dropped (`class_`).
    """
    opened = [tag]
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        key = name.rstrip("_").replace("_", "-")
        opened.append(key if value is True else f'{key}="{escape(text(value))}"')
    if tag in _SHAPES:
        return Markup(f"<{' '.join(opened)}/>")
    head = f"<{' '.join(opened)}>"
    if tag in _VOID:
        return Markup(head)
    body = "".join(
        child if isinstance(child, Markup) else escape(text(child)) for child in children if child is not None
    )
    return Markup(f"{head}{body}</{tag}>")


def name(value: str) -> Markup:
    """A name from outside, set apart so that its direction and length can't disturb what is around it."""
    return element("bdi", value or "(no name)", class_="name", title=value if len(value) > 16 else None)


def listing(names: list[str], most: int = 8) -> Markup:
    """Names in a sentence: a, b and c; past `most` the rest is counted."""
    shown = [name(value) for value in names[:most]]
    rest = len(names) - len(shown)
    if rest > 0:
        shown.append(Markup(f"{rest:,} more"))
    if len(shown) < 2:
        return join(shown)
    return Markup(", ".join(shown[:-1]) + " and " + shown[-1])
