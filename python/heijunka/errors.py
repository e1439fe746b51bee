"""The exceptions: what was misused, with the integer code that is the same in every language.

A refusal (no capacity, a closed domain, a full line) is a normal answer, not an exception.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ConfigError",
    "HeijunkaError",
    "InvalidJournal",
    "InvalidSnapshot",
    "KeyTooLong",
    "OutOfRange",
    "TimeOutOfRange",
    "TraceError",
    "UnknownDomain",
    "UnknownPool",
    "UnknownTicket",
    "UnknownToken",
    "UnknownWaiter",
    "UnknownWorker",
]


class HeijunkaError(Exception):
    """The base of every exception. A call that raised one has changed nothing but the latest time seen."""

    #: The stable integer of the error, the same in every language; always negative.
    code: ClassVar[int] = 0
    #: The stable name of the error, the same in every language.
    name: ClassVar[str] = ""


class TimeOutOfRange(HeijunkaError, ValueError):
    """A time below 0, or of 2^53 microseconds or above."""

    code = -1
    name = "time_out_of_range"


class UnknownDomain(HeijunkaError, LookupError):
    """A domain that the configuration doesn't have."""

    code = -2
    name = "unknown_domain"


class UnknownPool(HeijunkaError, LookupError):
    """A pool that the configuration doesn't have."""

    code = -3
    name = "unknown_pool"


class UnknownToken(HeijunkaError, LookupError):
    """A token that was released, has expired or was never given out."""

    code = -4
    name = "unknown_token"


class UnknownWorker(HeijunkaError, LookupError):
    """A worker that isn't out, has left or never existed."""

    code = -5
    name = "unknown_worker"


class UnknownWaiter(HeijunkaError, LookupError):
    """A waiter that was served, has expired, was cancelled or never existed."""

    code = -6
    name = "unknown_waiter"


class UnknownTicket(HeijunkaError, LookupError):
    """A ticket that was completed, has ended or was never given out."""

    code = -7
    name = "unknown_ticket"


class KeyTooLong(HeijunkaError, ValueError):
    """A key longer than `limits.max_key_bytes`."""

    code = -8
    name = "key_too_long"


class OutOfRange(HeijunkaError, ValueError):
    """A setter's value outside what the configuration allows."""

    code = -9
    name = "out_of_range"


class InvalidSnapshot(HeijunkaError, ValueError):
    """Bytes that are no snapshot that can be restored: cut short, damaged or newer than this library."""

    code = -12
    name = "invalid_snapshot"


class InvalidJournal(HeijunkaError, ValueError):
    """Bytes that are no journal, or one that is damaged before its last record."""

    code = -13
    name = "invalid_journal"


class ConfigError(HeijunkaError, ValueError):
    """A configuration with problems: all of them at once, in the text and in `problems`."""

    code = -10
    name = "invalid_config"

    #: `(path, message)` of each problem, in the order of the configuration.
    problems: list[tuple[str, str]]

    def __init__(self, message: str, problems: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.problems = list(problems)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (*self.args, self.problems)


class TraceError(HeijunkaError, ValueError):
    """A trace that can't be read: the line, and the field if it is one field's fault."""

    code = -11
    name = "invalid_trace"

    #: The line, counted from 1; `None` when no single line is at fault.
    line: int | None
    #: The field's name; `None` when no single field is at fault.
    field: str | None

    def __init__(self, message: str, line: int | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.field = field

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (*self.args, self.line, self.field)
