"""The scaling rules of mode `step` for one pool, slowly: every evaluation goes through the whole history."""

from dataclasses import dataclass, field
from fractions import Fraction

SECOND_US = 1_000_000


def ceil(value: Fraction) -> int:
    """The least integer that isn't below."""
    return -(-value.numerator // value.denominator)


@dataclass
class Rules:
    """The settings, as in section `scaler`."""

    up: Fraction = Fraction(8, 10)
    down: Fraction = Fraction(5, 10)
    down_cooldown_us: int = 60 * SECOND_US
    proactive: Fraction = Fraction(7, 10)
    proactive_after_us: int = 60 * SECOND_US
    proactive_step: int = 2
    target: Fraction = Fraction(7, 10)
    planned: Fraction = Fraction(3, 10)
    planned_after_us: int = 600 * SECOND_US
    planned_every_us: int = 60 * SECOND_US
    planned_fraction: Fraction = Fraction(1, 10)
    min_interval_us: int = 0


@dataclass
class Scaler:
    """How many workers a pool has, judged at each call of `evaluate`."""

    rules: Rules
    workers: int
    min_workers: int
    max_workers: int
    demands: list[tuple[int, int, Fraction]] = field(default_factory=list)
    streak_from_us: int = 0
    shrinking: bool = False
    shrunk_us: int = 0
    last_down_us: int | None = None
    last_scaled_us: int | None = None

    def evaluate(self, start_us: int, now_us: int, work_us: int) -> tuple[int, str] | None:
        """Judges the time since the last evaluation, in which `work_us` of work were going on. Answers the change."""
        work = Fraction(work_us, now_us - start_us)
        demand = work / self.workers if self.workers else Fraction(0)
        self.demands.append((start_us, now_us, demand))
        change = self._rule(now_us, work, demand)
        if change is None:
            return None
        if self.last_scaled_us is not None and now_us - self.last_scaled_us < self.rules.min_interval_us:
            return None
        count, reason = change
        self.workers += count
        self.last_scaled_us = now_us
        if count < 0:
            self.last_down_us = now_us
        if reason == "proactive":
            self.streak_from_us = now_us
        return change

    def _rule(self, now_us: int, work: Fraction, demand: Fraction) -> tuple[int, str] | None:
        rules = self.rules
        room = self.max_workers - self.workers
        lasted = self._stretch(now_us, above=True) >= rules.proactive_after_us
        if room > 0 and lasted and demand >= rules.proactive:
            needed = ceil(work / rules.target) - self.workers
            return min(max(1, min(needed, rules.proactive_step)), room), "proactive"
        if room > 0 and demand > rules.up:
            return 1, "demand_high"
        planned = self._planned(now_us, work)
        if planned is not None:
            return -planned, "planned_down"
        rested = self.last_down_us is None or now_us - self.last_down_us >= rules.down_cooldown_us
        if self.workers > self.min_workers and rested and demand < rules.down and self._bearable(work, 1):
            return -1, "demand_low"
        return None

    def _planned(self, now_us: int, work: Fraction) -> int | None:
        rules = self.rules
        if (
            self._stretch(now_us, above=False) >= rules.planned_after_us
            and self.demands[-1][2] < rules.planned
        ):
            self.shrinking = True
        if not self.shrinking:
            return None
        excess = self.workers - max(ceil(work / rules.target), self.min_workers)
        if excess <= 0:
            self.shrinking = False
            self.shrunk_us = now_us
            return None
        if self.last_down_us is not None and now_us - self.last_down_us < rules.planned_every_us:
            return None
        tenth = rules.planned_fraction * self.workers
        count = min(max(1, tenth.numerator // tenth.denominator), excess)
        return count if self._bearable(work, count) else None

    def _stretch(self, now_us: int, *, above: bool) -> int:
        """For how long demand has been that high (or low) without a break."""
        begun_us = now_us
        for start_us, _, demand in reversed(self.demands):
            if (demand < self.rules.proactive) if above else (demand >= self.rules.planned):
                break
            begun_us = start_us
        return now_us - max(begun_us, self.streak_from_us if above else self.shrunk_us)

    def _bearable(self, work: Fraction, count: int) -> bool:
        left = self.workers - count
        return work == 0 if left <= 0 else work / left <= self.rules.up
