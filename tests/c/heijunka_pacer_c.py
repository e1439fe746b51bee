"""A `Pacer` over the C library through ctypes, as `heijunka_c.Engine` is an engine."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Mapping
from ctypes import c_size_t, c_uint32, c_uint64
from typing import Any

from heijunka_abi import HANDLE, NONE, Offer, Release
from heijunka_c import _config, _text, _u32, _u64, library

#: How many items are polled at once.
ROOM = 256


class Pacer:
    """`heijunka_pacer`. Domains are names or ids, and names in answers."""

    def __init__(self, config: Mapping[str, Any] | str, *, now_us: int = 0) -> None:
        self._library = library()
        self._handle = HANDLE()
        self._library.call("pacer_new", *_text(_config(config)), _u64(now_us), ctypes.byref(self._handle))
        count = c_uint32()
        self._call("domain_count", ctypes.byref(count))
        name = self._library.text
        self.domains = tuple(name("pacer_domain_name", self._handle, place) for place in range(count.value))

    def close(self) -> None:
        """Frees the pacer."""
        self._library.functions["pacer_free"](self._handle)
        self._handle = HANDLE()

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            self.close()

    def _call(self, name: str, *arguments: Any) -> int:
        return self._library.call(f"pacer_{name}", self._handle, *arguments)

    def domain_id(self, name: str) -> int:
        """The id of a domain."""
        out = c_uint32()
        self._call("domain_id", *_text(name), ctypes.byref(out))
        return out.value

    def _domain(self, domain: str | int) -> int:
        return self.domain_id(domain) if isinstance(domain, str) else _u32(domain)

    def offer(self, now_us: int, domain: str | int, item: int) -> dict[str, Any]:
        """Offers an item."""
        answer: Any = self._library.answer(
            "pacer_offer", Offer, self._handle, _u64(now_us), self._domain(domain), _u64(item)
        )[1]
        return {
            "accepted": bool(answer.accepted),
            "reason": self._library.name("reason_name", answer.reason),
            "limit": answer.limit,
            "load": answer.load,
            "retry_after_us": answer.retry_after_us,
        }

    def poll(self, now_us: int, max_items: int | None = None) -> dict[str, Any]:
        """Takes what is due."""
        released: list[dict[str, Any]] = []
        while True:
            room = ROOM if max_items is None else min(ROOM, max_items - len(released))
            out, count = (Release * room)(), c_size_t()
            arguments = (_u64(now_us), ctypes.sizeof(Release), out, room, ctypes.byref(count))
            if (self._call("poll", *arguments) == NONE) != (count.value == 0):
                raise AssertionError("NONE says that nothing was released")
            for release in out[: count.value]:
                domain = self.domains[release.domain]
                released.append({"domain": domain, "item": release.item, "due_us": release.due_us})
            if count.value < ROOM:
                return {"released": released, "next_deadline_us": self.next_deadline()}

    def next_deadline(self) -> int | None:
        """When the next item is due."""
        out = c_uint64()
        return None if self._call("next_deadline", ctypes.byref(out)) == NONE else out.value

    def set_takt(self, now_us: int, available_us: int, demand: int) -> dict[str, Any]:
        """Sets the takt."""
        self._call("set_takt", _u64(now_us), _u64(available_us), _u64(demand))
        return {}

    def set_weight(self, now_us: int, domain: str | int, weight: int) -> dict[str, Any]:
        """Sets a domain's weight."""
        self._call("set_weight", _u64(now_us), self._domain(domain), _u32(weight))
        return {}

    def status(self) -> dict[str, Any]:
        """The pacer's state."""
        return {"status": json.loads(self._library.text("pacer_status", self._handle))}
