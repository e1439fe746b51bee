"""The Python package as a face of the corpus (see `vectors.py`)."""

from collections.abc import Mapping
from typing import Any, cast

import heijunka
from heijunka.errors import ConfigError, HeijunkaError
from vectors import ERRORS, VectorError

_EFFECT = (
    "at_us", "kind", "reason", "pool", "to_pool", "domain", "token", "waiter", "ticket", "count", "surge",
    "alert", "value",
)  # fmt: skip


class PythonFace:
    """The engine of the Python package, and a pacer once there is one."""

    pacer: heijunka.Pacer

    def __init__(self, config: Any, now_us: int) -> None:
        try:
            self.engine = heijunka.Engine(config, now_us=now_us)
        except HeijunkaError as error:
            raise VectorError(f"the configuration: {error}") from None

    def call(self, op: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """The canonical answer."""
        try:
            return cast("dict[str, Any]", getattr(self, f"_{op}", self._plain)(op, **args))
        except ConfigError:
            return {"error": "invalid_config", "code": -10}
        except HeijunkaError as error:
            return {"error": ERRORS[error.code], "code": error.code}

    def _plain(self, op: str, **args: Any) -> dict[str, Any]:
        """A call whose arguments go in as they are: a status, or one that answers nothing."""
        method = getattr(self.engine, op)
        if op.endswith("_status") or op in _STATUSES:
            return {"status": method(*args.values())}
        answer = method(*args.values())
        if answer is not None:
            raise VectorError(f"`{op}` answered {answer!r}")
        return {}

    def _new(self, _: str, now_us: int, config: Any = None) -> dict[str, Any]:
        self.engine = heijunka.Engine(config, now_us=now_us)
        return {}

    def _metrics_text(self, _: str) -> dict[str, Any]:
        return {"text": self.engine.metrics_text()}

    def _config(self, _: str) -> dict[str, Any]:
        return {"status": self.engine.config}

    def _sequence(self, _: str, counts: list[int]) -> dict[str, Any]:
        return {"order": heijunka.sequence(counts)}

    def _pacer_new(self, _: str, now_us: int, config: Any) -> dict[str, Any]:
        self.pacer = heijunka.Pacer(config, now_us=now_us)
        return {}

    def _pacer_offer(self, _: str, now_us: int, domain: Any, item: int) -> dict[str, Any]:
        answer = self.pacer.offer(now_us, domain, item)
        return {
            "accepted": answer.accepted,
            "reason": answer.reason,
            "limit": answer.limit,
            "load": answer.load,
            "retry_after_us": answer.retry_after_us,
        }

    def _pacer_poll(self, _: str, now_us: int, max_items: int | None = None) -> dict[str, Any]:
        released = [
            {"domain": release.domain, "item": release.item, "due_us": release.due_us}
            for release in self.pacer.poll(now_us, max_items)
        ]
        return {"released": released, "next_deadline_us": self.pacer.next_deadline()}

    def _pacer_set_takt(self, _: str, now_us: int, available_us: int, demand: int) -> dict[str, Any]:
        self.pacer.set_takt(now_us, available_us, demand)
        return {}

    def _pacer_set_weight(self, _: str, now_us: int, domain: Any, weight: int) -> dict[str, Any]:
        self.pacer.set_weight(now_us, domain, weight)
        return {}

    def _pacer_status(self, _: str) -> dict[str, Any]:
        return {"status": self.pacer.status()}

    def _simulate(self, _: str, workload: Any, config: Any = None, seed: int = 1) -> dict[str, Any]:
        return {"outcome": heijunka.simulate(config, workload, seed)}

    def _surge_cost_per_year(self, op: str, **amounts: Any) -> dict[str, Any]:
        return {"cost": getattr(heijunka, op)(*amounts.values())}

    _baseline_cost_per_year = _surge_cost_per_year

    def _snapshot(self, _: str) -> dict[str, Any]:
        return {"hex": self.engine.snapshot().hex()}

    def _restore(self, op: str, **parts: bytes) -> dict[str, Any]:
        self.engine = getattr(heijunka.Engine, op)(*parts.values())
        return {}

    _restore_with = _restore

    def _take_journal(self, _: str) -> dict[str, Any]:
        return {"hex": self.engine.drain_journal().hex()}

    def _journal_verify(self, _: str, journal: bytes) -> dict[str, Any]:
        return {"status": heijunka.journal.verify(journal)}

    def _journal_trace(self, _: str, journal: bytes) -> dict[str, Any]:
        return {"hex": heijunka.journal.trace(journal).hex()}

    def _journal_replay(self, _: str, journal: bytes, limit: int, config: Any = None) -> dict[str, Any]:
        return {"status": heijunka.journal.replay(journal, config, limit=limit)}

    def _journal_records(self, _: str, journal: bytes, first: int, count: int) -> dict[str, Any]:
        return {"status": heijunka.journal.records(journal, first, count)}

    def _admit(self, _: str, now_us: int, domain: Any, **more: Any) -> dict[str, Any]:
        answer = self.engine.admit(now_us, domain, more.get("class"))
        return {
            "admitted": answer.admitted,
            "token": answer.token,
            "warning": answer.warning,
            "reason": answer.reason,
            "limit": answer.limit,
            "load": answer.load,
            "retry_after_us": answer.retry_after_us,
        }

    def _release(self, _: str, now_us: int, token: int, outcome: str = "ok") -> dict[str, Any]:
        self.engine.release(now_us, token, failed=outcome == "failed")
        return {}

    def _route(self, _: str, now_us: int, domain: Any, key: bytes) -> dict[str, Any]:
        answer = self.engine.route(now_us, domain, key)
        return {"pool": answer.pool, "reason": answer.reason, "spilled": answer.spilled}

    def _checkout(self, _: str, now_us: int, pool: Any, wait_until_us: int | None = None) -> dict[str, Any]:
        answer = self.engine.checkout(now_us, pool, wait_until_us)
        return {
            "worker": answer.worker,
            "waiter": answer.waiter,
            "reason": answer.reason,
            "overflow": answer.overflow,
            "limit": answer.limit,
            "load": answer.load,
            "retry_after_us": answer.retry_after_us,
        }

    def _checkin(self, _: str, now_us: int, worker: int, outcome: str = "ok") -> dict[str, Any]:
        return {"outcome": self.engine.checkin(now_us, worker, failed=outcome == "failed").outcome}

    def _report_health(
        self, _: str, now_us: int, pool: Any, alive: list[int], dead: list[int]
    ) -> dict[str, Any]:
        return {"replaced": self.engine.report_health(now_us, pool, alive, dead)}

    def _dispatch(
        self, _: str, now_us: int, domain: Any, key: bytes, wait_until_us: int | None = None, **more: Any
    ) -> dict[str, Any]:
        answer = self.engine.dispatch(now_us, domain, key, more.get("class"), wait_until_us)
        return {
            "ticket": answer.ticket,
            "token": answer.token,
            "pool": answer.pool,
            "worker": answer.worker,
            "waiter": answer.waiter,
            "stage": answer.stage,
            "reason": answer.reason,
            "warning": answer.warning,
            "spilled": answer.spilled,
            "overflow": answer.overflow,
            "limit": answer.limit,
            "load": answer.load,
            "retry_after_us": answer.retry_after_us,
        }

    def _complete(self, _: str, now_us: int, ticket: int, outcome: str = "ok") -> dict[str, Any]:
        answer = self.engine.complete(now_us, ticket, failed=outcome == "failed")
        return {"token_released": answer.token_released, "worker_returned": answer.worker_returned}

    def _step(self, _: str, now_us: int) -> dict[str, Any]:
        effects = [_effect(effect) for effect in self.engine.step(now_us)]
        return {"effects": effects, "next_deadline_us": self.engine.next_deadline()}

    def _drain(self, _: str) -> dict[str, Any]:
        effects = []
        while (effect := self.engine.poll_effect()) is not None:
            effects.append(_effect(effect))
        return {"effects": effects}

    def _scale_up(self, op: str, now_us: int, pool: Any) -> dict[str, Any]:
        answer = getattr(self.engine, op)(now_us, pool)
        return {"workers": answer.workers, "scaled": answer.scaled, "reason": answer.reason}

    _scale_down = _scale_up

    def _rebalance(self, _: str, now_us: int) -> dict[str, Any]:
        answer = self.engine.rebalance(now_us)
        return {
            "migrated": answer.migrated,
            "from": answer.from_,
            "to": answer.to,
            "spread": answer.spread,
            "reason": answer.reason,
        }


_STATUSES = (
    "capacity_info", "pool_workers", "surge_metrics", "cost_advice", "alerts", "verify", "takt", "health_check"
)  # fmt: skip


def _effect(effect: heijunka.Effect) -> dict[str, Any]:
    lists = {"workers": list(effect.workers), "options": list(effect.options)}
    return {name: getattr(effect, name) for name in _EFFECT} | lists
