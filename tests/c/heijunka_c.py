"""The C library through ctypes: loaded and checked, and an `Engine` over it.

`Engine` has the methods of `heijunka.Engine`, and answers plain dicts: names instead of numbers, `None` for what is
absent. The library is the file that `HEIJUNKA_LIB` names, or the one the system finds.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import os
from collections.abc import Callable, Iterable, Mapping
from ctypes import c_size_t, c_uint8, c_uint32, c_uint64
from typing import Any

from heijunka_abi import (
    ABI_VERSION,
    CHECKINS,
    CLASSES,
    ERROR_BUFFER_TOO_SMALL,
    FUNCTIONS,
    HANDLE,
    HEALTH,
    NO_ID,
    NONE,
    OK,
    OPTIONS,
    STAGES,
    Admission,
    Checkin,
    Checkout,
    Completion,
    Dispatch,
    Effect,
    Rebalance,
    Route,
    Scaling,
)


class Error(Exception):
    """What a call answers below 0: its code, its name and the text of the last error."""

    def __init__(self, code: int, name: str, text: str) -> None:
        super().__init__(f"{name} ({code}): {text}")
        self.code = code
        self.name = name
        self.text = text


class Library:
    """The loaded library: its functions by their names without `heijunka_`, as `library.call("engine_step", …)`."""

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        path = path or os.environ.get("HEIJUNKA_LIB") or ctypes.util.find_library("heijunka")
        if path is None:
            raise OSError("no libheijunka: name its file in HEIJUNKA_LIB")
        loaded = ctypes.CDLL(os.fspath(path))
        # First of all: one of another version may lack a function.
        loaded.heijunka_abi_version.restype = ctypes.c_uint32
        found = loaded.heijunka_abi_version()
        if found != ABI_VERSION:
            raise OSError(f"{path} has version {found} of the interface, and this is for {ABI_VERSION}")
        self.functions: dict[str, Callable[..., Any]] = {}
        for name, (returns, takes) in FUNCTIONS.items():
            function = getattr(loaded, f"heijunka_{name}")
            function.restype, function.argtypes = returns, takes
            self.functions[name] = function

    def error(self, status: int) -> Error:
        """The exception for a status below 0."""
        name: bytes = self.functions["status_name"](status)
        return Error(status, name.decode(), self.text("last_error"))

    def call(self, name: str, *arguments: Any) -> int:
        """Calls a function and answers its status; raises `Error` when that is below 0."""
        status: int = self.functions[name](*arguments)
        if status < 0:
            raise self.error(status)
        return status

    def answer(
        self, name: str, struct: type[ctypes.Structure], *arguments: Any
    ) -> tuple[int, ctypes.Structure]:
        """Calls a function that fills a struct, which comes last."""
        out = struct()
        return self.call(name, *arguments, ctypes.sizeof(out), ctypes.byref(out)), out

    def text(self, name: str, *arguments: Any) -> str:
        """Calls a function that writes text, which comes last: asks for its length first."""
        length = c_size_t()
        status = self.functions[name](*arguments, None, 0, ctypes.byref(length))
        while status == OK:
            buffer = ctypes.create_string_buffer(length.value + 1)
            status = self.functions[name](*arguments, buffer, len(buffer), ctypes.byref(length))
            if status == OK:
                return buffer.raw[: length.value].decode()
            if status == ERROR_BUFFER_TOO_SMALL:
                # Another thread has made it longer meanwhile.
                status = OK
        raise self.error(status)

    def name(self, function: str, code: int) -> str:
        """The text of `reason_name` or `effect_kind_name`."""
        found: bytes = self.functions[function](code)
        return found.decode()

    def resolve_config(self, config: Mapping[str, Any] | str | None = None) -> Any:
        """The full configuration that `config` stands for."""
        return json.loads(self.text("config_resolve", *_text(_config(config))))

    def preset(self, name: str) -> Any:
        """The full configuration of a preset."""
        return json.loads(self.text("preset", *_text(name)))

    def simulate(
        self, config: Mapping[str, Any] | str | None, workload: Mapping[str, Any], seed: int = 1
    ) -> Any:
        """The outcome of a workload on a configuration."""
        handle = HANDLE()
        texts = (*_text(_config(config)), *_text(json.dumps(workload)))
        self.call("simulation_new", *texts, _u64(seed), ctypes.byref(handle))
        try:
            return json.loads(self.text("simulation_result", handle))
        finally:
            self.functions["simulation_free"](handle)

    def sequence(self, counts: Iterable[int]) -> list[int]:
        """The leveled order of a product mix."""
        numbers = [_u32(count) for count in counts]
        counted, length = (c_uint32 * len(numbers))(*numbers), c_size_t()
        self.call("sequence", counted, len(numbers), None, 0, ctypes.byref(length))
        order = (c_uint32 * length.value)()
        self.call("sequence", counted, len(numbers), order, len(order), ctypes.byref(length))
        return list(order)

    def journal_verify(self, journal: bytes) -> Any:
        """Replays a journal, and compares."""
        return json.loads(self.text("journal_verify", *_text(journal)))

    def journal_replay(
        self, journal: bytes, limit: int, config: Mapping[str, Any] | str | None = None
    ) -> Any:
        """Replays a journal under another configuration."""
        return json.loads(self.text("journal_replay", *_text(journal), *_text(_config(config)), limit))

    def journal_trace(self, journal: bytes) -> bytes:
        """The requests of a journal, as a trace."""
        return self.octets("journal_trace", *_text(journal))

    def octets(self, function: str, *arguments: Any) -> bytes:
        """The bytes that a function writes, with some room more than it asks for."""
        length = c_size_t()
        self.call(function, *arguments, None, 0, ctypes.byref(length))
        # Of an engine, an effect that was drained meanwhile is one more record.
        buffer = ctypes.create_string_buffer(length.value + 64)
        self.call(function, *arguments, buffer, len(buffer), ctypes.byref(length))
        return buffer.raw[: length.value]

    def journal_records(self, journal: bytes, first: int, count: int) -> Any:
        """Some records of a journal."""
        return json.loads(self.text("journal_records", *_text(journal), _u64(first), _u64(count)))

    def surge_cost_per_year(self, surges_per_day: float, cost_per_surge: float) -> float:
        """A year's bill of surges."""
        cost: float = self.functions["surge_cost_per_year"](surges_per_day, cost_per_surge)
        return cost

    def baseline_cost_per_year(self, workers: int, price_per_hour: float) -> float:
        """A year's bill of permanent workers."""
        cost: float = self.functions["baseline_cost_per_year"](workers, price_per_hour)
        return cost


_loaded: Library | None = None


def library() -> Library:
    """The library, loaded once."""
    global _loaded  # noqa: PLW0603
    if _loaded is None:
        _loaded = Library()
    return _loaded


def _config(config: Mapping[str, Any] | str | None) -> str:
    if config is None:
        return ""
    return config if isinstance(config, str) else json.dumps(config)


def _text(text: str | bytes) -> tuple[bytes, int]:
    data = text.encode() if isinstance(text, str) else text
    return data, len(data)


def _u64(number: int) -> int:
    """As C passes it. What fits no uint64_t becomes its greatest value, which is as invalid."""
    return number if 0 <= number < 1 << 64 else (1 << 64) - 1


def _u32(number: int) -> int:
    return number if 0 <= number < 1 << 32 else (1 << 32) - 1


def _ids(ids: Iterable[int]) -> tuple[Any, int]:
    numbers = [_u64(number) for number in ids]
    return (c_uint64 * len(numbers))(*numbers), len(numbers)


class Engine:
    """`heijunka_engine`. Domains and pools are names or ids, and names in answers."""

    def __init__(self, config: Mapping[str, Any] | str | None = None, *, now_us: int = 0) -> None:
        self._library = library()
        self._make("engine_new", *_text(_config(config)), _u64(now_us))

    def _make(self, function: str, *arguments: Any) -> None:
        self._handle = HANDLE()
        self._library.call(function, *arguments, ctypes.byref(self._handle))
        self.domains = self._names("domain")
        self.pools = self._names("pool")

    @classmethod
    def restored(cls, snapshot: bytes, journal: bytes | None = None) -> Engine:
        """The engine that a snapshot was taken of, led on by what a journal has after it."""
        engine = cls.__new__(cls)
        engine._library = library()
        if journal is None:
            engine._make("engine_restore", *_text(snapshot))
        else:
            engine._make("engine_restore_with", *_text(snapshot), *_text(journal))
        return engine

    def snapshot(self) -> dict[str, Any]:
        """All that the engine holds."""
        return {"hex": self._library.octets("engine_snapshot", self._handle).hex()}

    def start_journal(self) -> dict[str, Any]:
        """Begins to record."""
        self._call("journal_start")
        return {}

    def take_journal(self) -> dict[str, Any]:
        """Takes what was recorded."""
        taken = bytearray()
        while piece := self._library.octets("engine_journal_drain", self._handle):
            taken += piece
        return {"hex": taken.hex()}

    def close(self) -> None:
        """Frees the engine."""
        self._library.functions["engine_free"](self._handle)
        self._handle = HANDLE()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            self.close()

    # Names and ids.

    def _names(self, what: str) -> tuple[str, ...]:
        count = c_uint32()
        self._call(f"{what}_count", ctypes.byref(count))
        return tuple(self._text(f"{what}_name", place) for place in range(count.value))

    def domain_id(self, name: str) -> int:
        """The id of a domain."""
        return self._id("domain_id", name)

    def pool_id(self, name: str) -> int:
        """The id of a pool."""
        return self._id("pool_id", name)

    def _id(self, function: str, name: str) -> int:
        out = c_uint32()
        self._call(function, *_text(name), ctypes.byref(out))
        return out.value

    def _domain(self, domain: str | int) -> int:
        return self.domain_id(domain) if isinstance(domain, str) else _u32(domain)

    def _pool(self, pool: str | int) -> int:
        return self.pool_id(pool) if isinstance(pool, str) else _u32(pool)

    # Calls.

    def _call(self, name: str, *arguments: Any) -> int:
        return self._library.call(f"engine_{name}", self._handle, *arguments)

    def _answer(self, name: str, struct: type[ctypes.Structure], *arguments: Any) -> dict[str, Any]:
        return self._plain(self._library.answer(f"engine_{name}", struct, self._handle, *arguments)[1])

    def _text(self, name: str, *arguments: Any) -> str:
        return self._library.text(f"engine_{name}", self._handle, *arguments)

    def _status(self, name: str, *arguments: Any) -> dict[str, Any]:
        return {"status": json.loads(self._text(name, *arguments))}

    def _plain(self, struct: ctypes.Structure) -> dict[str, Any]:
        """A struct's fields, numbers with a meaning as that."""
        plain: dict[str, Any] = {}
        for name, kind in type(struct)._fields_:  # type: ignore[misc]
            if name == "reserved":
                continue
            value = getattr(struct, name)
            if name in ("token", "worker", "waiter", "ticket"):
                value = value or None
            elif name in ("pool", "to_pool", "from", "to"):
                value = None if value == NO_ID else self.pools[value]
            elif name == "domain":
                value = None if value == NO_ID else self.domains[value]
            elif name == "alert":
                value = None if value == NO_ID else value
            elif name == "options":
                value = [word for bit, word in enumerate(OPTIONS) if value >> bit & 1]
            elif name == "reason":
                value = self._library.name("reason_name", value)
            elif name == "kind":
                value = self._library.name("effect_kind_name", value)
            elif name == "stage":
                value = STAGES[value]
            elif name == "outcome":
                value = CHECKINS[value]
            elif kind is c_uint8:
                value = bool(value)
            plain[name] = value
        if plain.get("alert", 0) is None:
            plain["value"] = None
        return plain

    # Requests.

    def admit(self, now_us: int, domain: str | int, cls: str | None = None) -> dict[str, Any]:
        """Asks to come in."""
        return self._answer("admit", Admission, _u64(now_us), self._domain(domain), CLASSES[cls])

    def release(self, now_us: int, token: int, failed: bool = False) -> dict[str, Any]:
        """Gives a token back."""
        self._call("release", _u64(now_us), _u64(token), int(failed))
        return {}

    def route(self, now_us: int, domain: str | int, key: str | bytes) -> dict[str, Any]:
        """Chooses the pool for a key."""
        return self._answer("route", Route, _u64(now_us), self._domain(domain), *_text(key))

    def checkout(self, now_us: int, pool: str | int, wait_until: int | None = None) -> dict[str, Any]:
        """Asks a pool for a worker."""
        return self._answer("checkout", Checkout, _u64(now_us), self._pool(pool), _u64(wait_until or 0))

    def checkin(self, now_us: int, worker: int, failed: bool = False) -> dict[str, Any]:
        """Gives a worker back."""
        return self._answer("checkin", Checkin, _u64(now_us), _u64(worker), int(failed))

    def cancel_wait(self, now_us: int, waiter: int) -> dict[str, Any]:
        """Leaves a waiting line."""
        self._call("cancel_wait", _u64(now_us), _u64(waiter))
        return {}

    def worker_ready(self, now_us: int, worker: int) -> dict[str, Any]:
        """Says that an ordered worker is ready."""
        self._call("worker_ready", _u64(now_us), _u64(worker))
        return {}

    def worker_failed(self, now_us: int, worker: int) -> dict[str, Any]:
        """Takes a failed worker out."""
        self._call("worker_failed", _u64(now_us), _u64(worker))
        return {}

    def report_health(
        self, now_us: int, pool: str | int, alive: Iterable[int], dead: Iterable[int]
    ) -> dict[str, Any]:
        """Answers a `CheckHealth` effect."""
        out = c_uint32()
        self._call(
            "report_health", _u64(now_us), self._pool(pool), *_ids(alive), *_ids(dead), ctypes.byref(out)
        )
        return {"replaced": out.value}

    def dispatch(
        self,
        now_us: int,
        domain: str | int,
        key: str | bytes,
        cls: str | None = None,
        wait_until: int | None = None,
    ) -> dict[str, Any]:
        """Admission, routing and checkout in one."""
        arguments = (self._domain(domain), *_text(key), CLASSES[cls], _u64(wait_until or 0))
        return self._answer("dispatch", Dispatch, _u64(now_us), *arguments)

    def complete(self, now_us: int, ticket: int, failed: bool = False) -> dict[str, Any]:
        """Ends a dispatched request."""
        return self._answer("complete", Completion, _u64(now_us), _u64(ticket), int(failed))

    # Time.

    def step(self, now_us: int) -> dict[str, Any]:
        """Runs every timer that is due, and takes all effects."""
        self._call("step", _u64(now_us))
        return {**self.drain(), "next_deadline_us": self.next_deadline()}

    def drain(self) -> dict[str, Any]:
        """Takes all effects."""
        effects = []
        while (effect := self.poll_effect()) is not None:
            effects.append(effect)
        return {"effects": effects}

    def poll_effect(self) -> dict[str, Any] | None:
        """Takes the oldest effect, or `None`."""
        room, count = 8, c_size_t()
        while True:
            workers = (c_uint64 * room)()
            try:
                status, effect = self._library.answer(
                    "engine_poll_effect", Effect, self._handle, workers, room, ctypes.byref(count)
                )
            except Error as error:
                if error.code != ERROR_BUFFER_TOO_SMALL:
                    raise
                room = count.value
                continue
            if status == NONE:
                return None
            return {**self._plain(effect), "workers": list(workers[: count.value])}

    def next_deadline(self) -> int | None:
        """When the next `step` is needed; `None` for never."""
        out = c_uint64()
        return None if self._call("next_deadline", ctypes.byref(out)) == NONE else out.value

    # Settings.

    def set_soft_limit(self, now_us: int, soft_limit: int) -> dict[str, Any]:
        """Sets the load above which admissions carry a warning."""
        self._call("set_soft_limit", _u64(now_us), _u32(soft_limit))
        return {}

    def set_hard_limit(self, now_us: int, hard_limit: int) -> dict[str, Any]:
        """Sets the load at which admission ends."""
        self._call("set_hard_limit", _u64(now_us), _u32(hard_limit))
        return {}

    def set_affinity_groups(self, now_us: int, groups: Mapping[str, Any]) -> dict[str, Any]:
        """Replaces the affinity groups."""
        self._call("set_affinity_groups", _u64(now_us), *_text(json.dumps(groups)))
        return {}

    def enable_surge(self, now_us: int) -> dict[str, Any]:
        """Lets surges start again."""
        self._call("enable_surge", _u64(now_us))
        return {}

    def disable_surge(self, now_us: int) -> dict[str, Any]:
        """Stops new surges."""
        self._call("disable_surge", _u64(now_us))
        return {}

    def set_domain_open(self, now_us: int, domain: str | int, open: bool) -> dict[str, Any]:
        """Opens or closes a domain."""
        self._call("set_domain_open", _u64(now_us), self._domain(domain), int(open))
        return {}

    def set_pool_open(self, now_us: int, pool: str | int, open: bool) -> dict[str, Any]:
        """Opens or closes a pool."""
        self._call("set_pool_open", _u64(now_us), self._pool(pool), int(open))
        return {}

    def set_off_peak(self, now_us: int, off_peak: bool) -> dict[str, Any]:
        """Says whether it is off-peak."""
        self._call("set_off_peak", _u64(now_us), int(off_peak))
        return {}

    def scale_up(self, now_us: int, pool: str | int) -> dict[str, Any]:
        """Adds a worker by hand."""
        return self._answer("scale_up", Scaling, _u64(now_us), self._pool(pool))

    def scale_down(self, now_us: int, pool: str | int) -> dict[str, Any]:
        """Removes a worker by hand."""
        return self._answer("scale_down", Scaling, _u64(now_us), self._pool(pool))

    def rebalance(self, now_us: int) -> dict[str, Any]:
        """Moves a worker now, if that helps."""
        return self._answer("rebalance", Rebalance, _u64(now_us))

    # Reports.

    def config(self) -> dict[str, Any]:
        """The full configuration."""
        return self._status("config")

    def engine_status(self) -> dict[str, Any]:
        """The engine's own state."""
        return self._status("engine_status")

    def regulator_status(self) -> dict[str, Any]:
        """The state of admission."""
        return self._status("regulator_status")

    def capacity_info(self) -> dict[str, Any]:
        """How much may be in at once, and how much is."""
        return self._status("capacity_info")

    def pool_status(self, pool: str | int) -> dict[str, Any]:
        """The state of a pool."""
        return self._status("pool_status", self._pool(pool))

    def pool_workers(self, pool: str | int) -> dict[str, Any]:
        """The workers of a pool."""
        return self._status("pool_workers", self._pool(pool))

    def health_check(self, pool: str | int) -> dict[str, Any]:
        """The health of a pool."""
        out = c_uint32()
        self._call("health_check", self._pool(pool), ctypes.byref(out))
        return {"status": HEALTH[out.value]}

    def balance_status(self) -> dict[str, Any]:
        """How evenly the pools are used."""
        return self._status("balance_status")

    def burst_status(self) -> dict[str, Any]:
        """The state of burst detection."""
        return self._status("burst_status")

    def surge_metrics(self) -> dict[str, Any]:
        """The running surge, and what surges have cost."""
        return self._status("surge_metrics")

    def cost_advice(self) -> dict[str, Any]:
        """Whether surges or permanent workers are cheaper."""
        return self._status("cost_advice")

    def alerts(self) -> dict[str, Any]:
        """The alerts that are pending or firing."""
        return self._status("alerts")

    def verify(self) -> dict[str, Any]:
        """Five checks of a well leveled system."""
        return self._status("verify")

    def takt(self, now_us: int) -> dict[str, Any]:
        """Demand's pace against the pools'."""
        return self._status("takt", _u64(now_us))

    def metrics_text(self) -> dict[str, Any]:
        """Everything as OpenMetrics text."""
        return {"text": self._text("metrics_text")}
