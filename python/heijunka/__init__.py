"""Heijunka: load leveling. Admission, balancing, pools and bursts in one deterministic engine.

`Engine` is the machine itself: it reads no clock, does no I/O and starts no thread. The caller passes the time, in
microseconds, and calls `step` when `next_deadline` has come:

    >>> import heijunka
    >>> engine = heijunka.Engine()
    >>> answer = engine.dispatch(1_000, "payment", "customer 7")
    >>> answer.pool, answer.reason
    ('payment', 'worker_idle')
    >>> engine.complete(26_000, answer.ticket)
    Completion(token_released=True, worker_returned=True)

`replay` levels a recorded trace, `whatif` does so with varied configurations, `compare` with other autoscalers; the
commands `heijunka replay`, `whatif` and `compare` do the same from the terminal. `simulate` does so with requests that are
made from a description, in a world where workers crash and clients try again.

`sequence` is the leveled order of a product mix; a `Pacer` releases items at takt time, in that order.

`Engine.snapshot` and `Engine.restore` keep an engine over a restart; with `Engine(journal=True)` every input is recorded, and
`heijunka.journal` reads, verifies and replays what was.
"""

from __future__ import annotations

from . import errors as errors
from . import journal as journal
from ._compare import compare
from ._heijunka import (
    Admission,
    Checkin,
    Checkout,
    Completion,
    Dispatch,
    Effect,
    Engine,
    Offer,
    Pacer,
    Rebalance,
    Release,
    Replay,
    Route,
    Scaling,
    __version__,
    baseline_cost_per_year,
    resolve_config,
    sequence,
    simulate,
    surge_cost_per_year,
)
from ._presets import presets, profiles
from ._replay import replay
from ._whatif import whatif
from .errors import (
    ConfigError,
    HeijunkaError,
    InvalidJournal,
    InvalidSnapshot,
    KeyTooLong,
    OutOfRange,
    TimeOutOfRange,
    TraceError,
    UnknownDomain,
    UnknownPool,
    UnknownTicket,
    UnknownToken,
    UnknownWaiter,
    UnknownWorker,
)

__all__ = [
    "Admission",
    "Checkin",
    "Checkout",
    "Completion",
    "ConfigError",
    "Dispatch",
    "Effect",
    "Engine",
    "HeijunkaError",
    "InvalidJournal",
    "InvalidSnapshot",
    "KeyTooLong",
    "Offer",
    "OutOfRange",
    "Pacer",
    "Rebalance",
    "Release",
    "Replay",
    "Route",
    "Scaling",
    "TimeOutOfRange",
    "TraceError",
    "UnknownDomain",
    "UnknownPool",
    "UnknownTicket",
    "UnknownToken",
    "UnknownWaiter",
    "UnknownWorker",
    "__version__",
    "baseline_cost_per_year",
    "compare",
    "presets",
    "profiles",
    "replay",
    "resolve_config",
    "sequence",
    "simulate",
    "surge_cost_per_year",
    "whatif",
]
