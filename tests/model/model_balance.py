"""Balance, spill and migration, slowly: in fractions, over all pools for every question."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

OVERLOAD = Fraction(85, 100)
CLEAR = Fraction(75, 100)
TRIGGER = Fraction(8, 10)


@dataclass
class Pool:
    """A pool whose workers are idle or busy."""

    name: str
    workers: int
    busy: int = 0
    min_workers: int = 0
    max_workers: int = 50
    is_open: bool = True
    overloaded: bool = False

    @property
    def utilization(self) -> Fraction:
        """Busy workers / workers, 0 without workers."""
        return Fraction(self.busy, self.workers) if self.workers else Fraction(0)

    def set(self, busy: int, workers: int | None = None) -> None:
        """Takes new counts; the overload mark has its two thresholds."""
        self.busy = busy
        self.workers = self.workers if workers is None else workers
        if self.utilization > OVERLOAD:
            self.overloaded = True
        elif self.utilization < CLEAR or not self.workers:
            self.overloaded = False


def spread(pools: Sequence[Pool]) -> Fraction:
    """The greatest difference of utilization among open pools that have workers."""
    counted = [pool.utilization for pool in pools if pool.is_open and pool.workers]
    return max(counted) - min(counted) if counted else Fraction(0)


def coefficient(pools: Sequence[Pool]) -> Fraction:
    """The balance coefficient from the spread."""
    d = spread(pools)
    return 1 - 2 * d if d <= Fraction(1, 4) else Fraction(1, 2) * (1 - d) / Fraction(3, 4)


def variance(pools: Sequence[Pool]) -> Fraction:
    """The population variance of the utilizations."""
    counted = [pool.utilization for pool in pools if pool.is_open and pool.workers]
    if not counted:
        return Fraction(0)
    mean = sum(counted, Fraction(0)) / len(counted)
    return sum(((u - mean) ** 2 for u in counted), Fraction(0)) / len(counted)


def level(value: Fraction) -> str:
    """How a coefficient reads."""
    if value >= Fraction(8, 10):
        return "balanced"
    return "imbalanced" if value >= Fraction(1, 2) else "critical"


def route(own: Pool, spill: Sequence[Pool]) -> tuple[str | None, bool]:
    """The pool for a domain with one primary pool, and whether it is another one than that."""
    if own.is_open and own.workers and not own.overloaded:
        return own.name, False
    usable = [pool for pool in [own, *spill] if pool.is_open and pool.workers]
    if not usable:
        return None, False
    least = min(usable, key=lambda pool: pool.utilization)
    return least.name, least is not own


def migration(pools: Sequence[Pool]) -> tuple[Pool, Pool] | None:
    """The donor and the taker, if a worker should move (cooldown apart)."""
    counted = [pool for pool in pools if pool.is_open and pool.workers]
    if len(counted) < 2 or coefficient(pools) >= TRIGGER:
        return None
    donor = min(counted, key=lambda pool: pool.utilization)
    taker = max(counted, key=lambda pool: pool.utilization)
    if donor.workers - 1 < donor.min_workers or taker.workers + 1 > taker.max_workers:
        return None
    if donor.workers == donor.busy:
        return None
    after = [
        Pool(
            pool.name,
            pool.workers - (pool is donor) + (pool is taker),
            pool.busy,
            is_open=pool.is_open,
        )
        for pool in pools
    ]
    return (donor, taker) if spread(after) < spread(pools) else None
