"""The binary interface of the C library as ctypes sees it: every struct and function of `include/heijunka.h`."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char_p, c_double, c_int32, c_size_t, c_uint8, c_uint32, c_uint64, c_void_p
from typing import Any, ClassVar

ABI_VERSION = 1
OK, REFUSED, NONE = 0, 1, 2
ERROR_BUFFER_TOO_SMALL = -24
NO_ID = 0xFFFFFFFF

CLASSES = {None: 0, "critical": 1, "normal": 2, "sheddable": 3}
STAGES = {1: "admit", 2: "route", 3: "checkout"}
OPTIONS = ("scale_up", "shed_sheddable", "close_non_critical")
CHECKINS = {1: "idle", 2: "served", 3: "left", 4: "lingering"}
HEALTH = {1: "healthy", 2: "degraded", 3: "critical"}


class Admission(ctypes.Structure):
    """`heijunka_admission`."""

    _fields_: ClassVar = [
        ("token", c_uint64),
        ("retry_after_us", c_uint64),
        ("reason", c_uint32),
        ("limit", c_uint32),
        ("load", c_uint32),
        ("admitted", c_uint8),
        ("warning", c_uint8),
        ("reserved", c_uint8 * 2),
    ]


class Route(ctypes.Structure):
    """`heijunka_route`."""

    _fields_: ClassVar = [
        ("pool", c_uint32),
        ("reason", c_uint32),
        ("spilled", c_uint8),
        ("reserved", c_uint8 * 3),
    ]


class Checkout(ctypes.Structure):
    """`heijunka_checkout`."""

    _fields_: ClassVar = [
        ("worker", c_uint64),
        ("waiter", c_uint64),
        ("retry_after_us", c_uint64),
        ("reason", c_uint32),
        ("limit", c_uint32),
        ("load", c_uint32),
        ("overflow", c_uint8),
        ("reserved", c_uint8 * 3),
    ]


class Checkin(ctypes.Structure):
    """`heijunka_checkin`."""

    _fields_: ClassVar = [("outcome", c_uint32)]


class Dispatch(ctypes.Structure):
    """`heijunka_dispatch`."""

    _fields_: ClassVar = [
        ("ticket", c_uint64),
        ("token", c_uint64),
        ("worker", c_uint64),
        ("waiter", c_uint64),
        ("retry_after_us", c_uint64),
        ("pool", c_uint32),
        ("stage", c_uint32),
        ("reason", c_uint32),
        ("limit", c_uint32),
        ("load", c_uint32),
        ("warning", c_uint8),
        ("spilled", c_uint8),
        ("overflow", c_uint8),
        ("reserved", c_uint8 * 1),
    ]


class Completion(ctypes.Structure):
    """`heijunka_completion`."""

    _fields_: ClassVar = [
        ("token_released", c_uint8),
        ("worker_returned", c_uint8),
        ("reserved", c_uint8 * 2),
    ]


class Scaling(ctypes.Structure):
    """`heijunka_scaling`."""

    _fields_: ClassVar = [
        ("workers", c_uint32),
        ("reason", c_uint32),
        ("scaled", c_uint8),
        ("reserved", c_uint8 * 3),
    ]


class Rebalance(ctypes.Structure):
    """`heijunka_rebalance`."""

    # `from` is a word of Python, but not of ctypes.
    _fields_: ClassVar = [
        ("spread", c_double),
        ("from", c_uint32),
        ("to", c_uint32),
        ("reason", c_uint32),
        ("migrated", c_uint8),
        ("reserved", c_uint8 * 3),
    ]


class Effect(ctypes.Structure):
    """`heijunka_effect`."""

    _fields_: ClassVar = [
        ("at_us", c_uint64),
        ("kind", c_uint32),
        ("reason", c_uint32),
        ("token", c_uint64),
        ("waiter", c_uint64),
        ("ticket", c_uint64),
        ("pool", c_uint32),
        ("to_pool", c_uint32),
        ("domain", c_uint32),
        ("count", c_uint32),
        ("surge", c_uint8),
        ("reserved", c_uint8 * 7),
        ("value", c_double),
        ("alert", c_uint32),
        ("options", c_uint32),
    ]


class Offer(ctypes.Structure):
    """`heijunka_offer`."""

    _fields_: ClassVar = [
        ("retry_after_us", c_uint64),
        ("reason", c_uint32),
        ("limit", c_uint32),
        ("load", c_uint32),
        ("accepted", c_uint8),
        ("reserved", c_uint8 * 3),
    ]


class Release(ctypes.Structure):
    """`heijunka_release`."""

    _fields_: ClassVar = [
        ("item", c_uint64),
        ("due_us", c_uint64),
        ("domain", c_uint32),
        ("reserved", c_uint8 * 4),
    ]


STRUCTS: dict[str, type[ctypes.Structure]] = {
    "heijunka_admission": Admission,
    "heijunka_route": Route,
    "heijunka_checkout": Checkout,
    "heijunka_checkin": Checkin,
    "heijunka_dispatch": Dispatch,
    "heijunka_completion": Completion,
    "heijunka_scaling": Scaling,
    "heijunka_rebalance": Rebalance,
    "heijunka_effect": Effect,
    "heijunka_offer": Offer,
    "heijunka_release": Release,
}

HANDLE = c_void_p
_IN = [c_char_p, c_size_t]
_TEXT = [c_char_p, c_size_t, POINTER(c_size_t)]
_NOW = [HANDLE, c_uint64]


def _answer(struct: type[ctypes.Structure]) -> list[Any]:
    return [c_size_t, POINTER(struct)]


#: The name of each function without its prefix, with what it returns and takes.
FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "abi_version": (c_uint32, []),
    "version": (c_char_p, []),
    "last_error": (c_int32, _TEXT),
    "status_name": (c_char_p, [c_int32]),
    "reason_name": (c_char_p, [c_uint32]),
    "effect_kind_name": (c_char_p, [c_uint32]),
    "config_resolve": (c_int32, _IN + _TEXT),
    "preset": (c_int32, _IN + _TEXT),
    "surge_cost_per_year": (c_double, [c_double, c_double]),
    "baseline_cost_per_year": (c_double, [c_uint32, c_double]),
    "simulation_new": (c_int32, [*_IN, *_IN, c_uint64, POINTER(HANDLE)]),
    "simulation_result": (c_int32, [HANDLE, *_TEXT]),
    "simulation_free": (None, [HANDLE]),
    "engine_new": (c_int32, [*_IN, c_uint64, POINTER(HANDLE)]),
    "engine_free": (None, [HANDLE]),
    "engine_domain_id": (c_int32, [HANDLE, *_IN, POINTER(c_uint32)]),
    "engine_pool_id": (c_int32, [HANDLE, *_IN, POINTER(c_uint32)]),
    "engine_domain_name": (c_int32, [HANDLE, c_uint32, *_TEXT]),
    "engine_pool_name": (c_int32, [HANDLE, c_uint32, *_TEXT]),
    "engine_domain_count": (c_int32, [HANDLE, POINTER(c_uint32)]),
    "engine_pool_count": (c_int32, [HANDLE, POINTER(c_uint32)]),
    "engine_dispatch": (
        c_int32,
        [*_NOW, c_uint32, c_char_p, c_size_t, c_uint32, c_uint64, *_answer(Dispatch)],
    ),
    "engine_complete": (c_int32, [*_NOW, c_uint64, c_uint32, *_answer(Completion)]),
    "engine_admit": (c_int32, [*_NOW, c_uint32, c_uint32, *_answer(Admission)]),
    "engine_release": (c_int32, [*_NOW, c_uint64, c_uint32]),
    "engine_route": (c_int32, [*_NOW, c_uint32, c_char_p, c_size_t, *_answer(Route)]),
    "engine_checkout": (c_int32, [*_NOW, c_uint32, c_uint64, *_answer(Checkout)]),
    "engine_checkin": (c_int32, [*_NOW, c_uint64, c_uint32, *_answer(Checkin)]),
    "engine_cancel_wait": (c_int32, [*_NOW, c_uint64]),
    "engine_worker_ready": (c_int32, [*_NOW, c_uint64]),
    "engine_worker_failed": (c_int32, [*_NOW, c_uint64]),
    "engine_report_health": (
        c_int32,
        [*_NOW, c_uint32, POINTER(c_uint64), c_size_t, POINTER(c_uint64), c_size_t, POINTER(c_uint32)],
    ),
    "engine_step": (c_int32, _NOW),
    "engine_poll_effect": (
        c_int32,
        [HANDLE, POINTER(c_uint64), c_size_t, POINTER(c_size_t), *_answer(Effect)],
    ),
    "engine_next_deadline": (c_int32, [HANDLE, POINTER(c_uint64)]),
    "engine_set_soft_limit": (c_int32, [*_NOW, c_uint32]),
    "engine_set_hard_limit": (c_int32, [*_NOW, c_uint32]),
    "engine_set_affinity_groups": (c_int32, [*_NOW, *_IN]),
    "engine_enable_surge": (c_int32, _NOW),
    "engine_disable_surge": (c_int32, _NOW),
    "engine_set_domain_open": (c_int32, [*_NOW, c_uint32, c_uint32]),
    "engine_set_pool_open": (c_int32, [*_NOW, c_uint32, c_uint32]),
    "engine_set_off_peak": (c_int32, [*_NOW, c_uint32]),
    "engine_scale_up": (c_int32, [*_NOW, c_uint32, *_answer(Scaling)]),
    "engine_scale_down": (c_int32, [*_NOW, c_uint32, *_answer(Scaling)]),
    "engine_rebalance": (c_int32, [*_NOW, *_answer(Rebalance)]),
    "engine_config": (c_int32, [HANDLE, *_TEXT]),
    "engine_engine_status": (c_int32, [HANDLE, *_TEXT]),
    "engine_regulator_status": (c_int32, [HANDLE, *_TEXT]),
    "engine_capacity_info": (c_int32, [HANDLE, *_TEXT]),
    "engine_pool_status": (c_int32, [HANDLE, c_uint32, *_TEXT]),
    "engine_pool_workers": (c_int32, [HANDLE, c_uint32, *_TEXT]),
    "engine_balance_status": (c_int32, [HANDLE, *_TEXT]),
    "engine_burst_status": (c_int32, [HANDLE, *_TEXT]),
    "engine_surge_metrics": (c_int32, [HANDLE, *_TEXT]),
    "engine_cost_advice": (c_int32, [HANDLE, *_TEXT]),
    "engine_snapshot": (c_int32, [HANDLE, c_char_p, c_size_t, POINTER(c_size_t)]),
    "engine_restore": (c_int32, [c_char_p, c_size_t, POINTER(HANDLE)]),
    "engine_restore_with": (c_int32, [c_char_p, c_size_t, c_char_p, c_size_t, POINTER(HANDLE)]),
    "engine_journal_start": (c_int32, [HANDLE]),
    "engine_journal_drain": (c_int32, [HANDLE, c_char_p, c_size_t, POINTER(c_size_t)]),
    "journal_verify": (c_int32, [c_char_p, c_size_t, *_TEXT]),
    "journal_replay": (c_int32, [c_char_p, c_size_t, *_IN, c_uint32, *_TEXT]),
    "journal_trace": (c_int32, [c_char_p, c_size_t, c_char_p, c_size_t, POINTER(c_size_t)]),
    "journal_records": (c_int32, [c_char_p, c_size_t, c_uint64, c_uint64, *_TEXT]),
    "engine_alerts": (c_int32, [HANDLE, *_TEXT]),
    "engine_verify": (c_int32, [HANDLE, *_TEXT]),
    "engine_takt": (c_int32, [HANDLE, c_uint64, *_TEXT]),
    "engine_metrics_text": (c_int32, [HANDLE, *_TEXT]),
    "engine_health_check": (c_int32, [HANDLE, c_uint32, POINTER(c_uint32)]),
    "sequence": (
        c_int32,
        [POINTER(c_uint32), c_size_t, POINTER(c_uint32), c_size_t, POINTER(c_size_t)],
    ),
    "pacer_new": (c_int32, [*_IN, c_uint64, POINTER(HANDLE)]),
    "pacer_free": (None, [HANDLE]),
    "pacer_domain_id": (c_int32, [HANDLE, *_IN, POINTER(c_uint32)]),
    "pacer_domain_name": (c_int32, [HANDLE, c_uint32, *_TEXT]),
    "pacer_domain_count": (c_int32, [HANDLE, POINTER(c_uint32)]),
    "pacer_offer": (c_int32, [*_NOW, c_uint32, c_uint64, *_answer(Offer)]),
    "pacer_poll": (c_int32, [*_NOW, *_answer(Release), c_size_t, POINTER(c_size_t)]),
    "pacer_next_deadline": (c_int32, [HANDLE, POINTER(c_uint64)]),
    "pacer_set_takt": (c_int32, [*_NOW, c_uint64, c_uint64]),
    "pacer_set_weight": (c_int32, [*_NOW, c_uint32, c_uint32]),
    "pacer_status": (c_int32, [HANDLE, *_TEXT]),
}
