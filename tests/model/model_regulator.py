"""Admission, slowly: a list of the live tokens, gone through for every question."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

RANK = {"sheddable": 0, "normal": 1, "critical": 2}


def round_half_up(value: Fraction) -> int:
    """Rounds half away from zero (no value is negative here)."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


@dataclass
class Domain:
    """What is known of a domain."""

    cls: str = "normal"
    max_class: str = "normal"
    max_concurrent: int | None = None
    is_open: bool = True


@dataclass
class Held:
    """A live token: who holds it, of which class, since when."""

    domain: str
    cls: str
    since_us: int


@dataclass
class Regulator:
    """Who may come in."""

    domains: dict[str, Domain]
    soft_limit: int = 1000
    hard_limit: int = 1200
    reserved_capacity: Fraction = Fraction(1, 5)
    sheddable_fraction: Fraction = Fraction(3, 4)
    partition: bool = False
    ttl_us: int | None = None
    live: dict[int, Held] = field(default_factory=dict)
    accepted: int = 0
    rejected: int = 0
    released: int = 0
    failed: int = 0
    expired: int = 0
    rejections: dict[str, int] = field(default_factory=dict)
    number: int = 0

    @property
    def load(self) -> int:
        """The tokens outstanding."""
        return len(self.live)

    def limits(self) -> dict[str, int]:
        """The limit of each class."""
        reserved = round_half_up(self.hard_limit * self.reserved_capacity)
        normal = self.hard_limit - reserved
        shed = normal * self.sheddable_fraction
        return {
            "critical": reserved if self.partition else self.hard_limit,
            "normal": normal,
            "sheddable": shed.numerator // shed.denominator,
        }

    def admit(self, now_us: int, name: str, cls: str | None = None) -> tuple[int | None, dict[str, Any]]:
        """The number of the token, and the answer."""
        domain = self.domains[name]
        asked = cls or domain.cls
        cls = min(asked, domain.max_class, key=RANK.__getitem__)
        limit = self.limits()[cls]
        held = sum(token.domain == name for token in self.live.values())
        critical = sum(token.cls == "critical" for token in self.live.values())
        load = self.load
        if self.partition:
            load = critical if cls == "critical" else self.load - critical
        if not domain.is_open:
            return None, self._refuse("domain_closed")
        if domain.max_concurrent is not None and held >= domain.max_concurrent:
            return None, self._refuse("domain_limit", domain.max_concurrent, held)
        if self.load >= self.hard_limit:
            return None, self._refuse("hard_limit", self.hard_limit, self.load)
        if load >= limit:
            return None, self._refuse("shed" if cls == "sheddable" else "reserved", limit, load)
        self.accepted += 1
        self.number += 1
        self.live[self.number] = Held(name, cls, now_us)
        answer = {
            "admitted": True,
            "warning": self.load > self.soft_limit,
            "reason": "accepted",
            "limit": limit,
            "load": self.load,
            "retry_after_us": 0,
        }
        return self.number, answer

    def _refuse(self, reason: str, limit: int | None = None, load: int | None = None) -> dict[str, Any]:
        self.rejected += 1
        self.rejections[reason] = self.rejections.get(reason, 0) + 1
        answer: dict[str, Any] = {"admitted": False, "token": None, "warning": False, "reason": reason}
        if limit is not None:
            answer |= {"limit": limit, "load": load}
        return answer

    def release(self, number: int, failed: bool = False) -> None:
        """Gives a live token back."""
        del self.live[number]
        self.released += 1
        self.failed += failed

    def expire(self, now_us: int) -> list[int]:
        """Takes back what was held for too long, oldest first."""
        if self.ttl_us is None:
            return []
        overdue = [number for number, held in self.live.items() if held.since_us + self.ttl_us <= now_us]
        for number in overdue:
            del self.live[number]
        self.expired += len(overdue)
        return overdue

    def status(self) -> dict[str, Any]:
        """What `regulator_status` must hold."""
        requests = self.accepted + self.rejected
        return {
            "soft_limit": self.soft_limit,
            "hard_limit": self.hard_limit,
            "current_load": self.load,
            "accepted_requests": self.accepted,
            "rejected_requests": self.rejected,
            "failed_requests": self.failed,
            "admission_rate": float(Fraction(self.accepted, requests)) if requests else 1.0,
            "rejection_rate": float(Fraction(self.rejected, requests)) if requests else 0.0,
            "load_factor": float(Fraction(self.load, self.hard_limit)),
            "rejections_by_reason": dict(self.rejections),
            "issued_tokens": self.accepted,
            "live_tokens": self.load,
            "released_tokens": self.released,
            "expired_tokens": self.expired,
        }
