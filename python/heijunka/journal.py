"""Journals: what an engine was asked, record by record.

An `Engine(journal=True)` records every input; append what `Engine.drain_journal` answers to a file, now and then:

    >>> import heijunka
    >>> engine = heijunka.Engine(journal=True)
    >>> token = engine.admit(1_000, "payment").token
    >>> engine.release(26_000, token)
    >>> written = engine.drain_journal()
    >>> heijunka.journal.verify(written)["equal"]
    True

A file of several journals one after another is a journal. A torn tail, of a write that was cut, is left out and told
(`torn`); damage before that raises `InvalidJournal`.
"""

from __future__ import annotations

from typing import Any

from ._heijunka import journal_records, journal_replay, journal_trace, journal_verify

__all__ = ["records", "replay", "trace", "verify"]


def records(journal: bytes | bytearray, first: int = 1, count: int = 20) -> dict[str, Any]:
    """The journal's extent, and `count` of its records from number `first` on.

    `count` (how many records there are), `headers`, `from_us` and `to_us`, `operations` (a list of name and count), `config`, `torn`,
    `records`: a list of dicts with `record` (the number), `offset`, `now_us`, `operation` and what it was about.
    """
    found: dict[str, Any] = journal_records(journal, first, count)
    return found


def trace(journal: bytes | bytearray) -> bytes:
    """The requests that a journal tells of, as a trace in CSV: recorded traffic, to be replayed on any configuration.

    A request is a `dispatch`, or an `admit` up to its `release`, which has no key. Its service time is how long a worker had it,
    or how long its token was held; one that was refused, or had not ended, gets the mean of its domain's others that ended well.
    `heijunka.replay`, `whatif` and `compare` do this by themselves when the trace is a journal. Other threads run meanwhile.
    """
    return journal_trace(journal)


def verify(journal: bytes | bytearray) -> dict[str, Any]:
    """Replays a journal with its own configuration, and compares each answer and each effect that was drained.

    `equal`, `records`, `headers`, `effects`, `now_us`, `differs` (the first record that was answered otherwise: `record`,
    `offset`, `now_us`, `operation`; or `None`), `torn` (`offset`, `bytes`; or `None`). Other threads run meanwhile.
    """
    found: dict[str, Any] = journal_verify(journal)
    return found


def replay(journal: bytes | bytearray, config: Any = None, *, limit: int = 20) -> dict[str, Any]:
    """Replays a journal with its own configuration and with `config` side by side, and tells what is decided otherwise.

    `records`, `headers`, `skipped` (inputs without a counterpart: the end of a request that was refused), `from_us`, `to_us`,
    `differ`, `operations` (a list of `operation`, `calls`, `differ`), `differences` (the first `limit`: `record`, `now_us`,
    `operation`, and what was decided: `recorded` and `other`), `recorded` and `other` (what came of it in each world:
    `granted`, `refused`, `refused_by_reason`, `errors`, `effects`, and the statuses at the end), `torn`. Other threads run
    meanwhile.

    A journal holds what was asked, when, and how long it was held. What callers would have done about another answer it
    doesn't know: requests come as they came; one that is served later ends as much later, one that is served sooner when it
    was recorded to; one that is refused no more is held for the mean time of the others.
    """
    found: dict[str, Any] = journal_replay(journal, config, limit=limit)
    return found
