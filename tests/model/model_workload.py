"""Requests made from a seed, written from what the documentation says: slow and plain.

SplitMix64 and xoshiro256++ (D. Blackman, S. Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 47, 2021);
logarithm and the like are Python's, so that only what is rounded to microseconds can be compared.
"""

import math
from collections.abc import Iterator
from typing import Any

from model_xxh3 import xxh3_64

SECOND = 1_000_000
_MASK = (1 << 64) - 1


def split_mix(seed: int) -> Iterator[int]:
    """SplitMix64."""
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & _MASK
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        yield mixed ^ (mixed >> 31)


class Rng:
    """xoshiro256++, its state filled by SplitMix64."""

    def __init__(self, seed: int) -> None:
        fill = split_mix(seed)
        self._state = [next(fill) for _ in range(4)]

    def bits(self) -> int:
        """64 random bits."""
        s = self._state
        result = (_rotate((s[0] + s[3]) & _MASK, 23) + s[0]) & _MASK
        shifted = (s[1] << 17) & _MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = _rotate(s[3], 45)
        return result

    def unit(self) -> float:
        """From 0 up to 1: the upper 53 bits."""
        return (self.bits() >> 11) / 2**53

    def below(self, bound: int) -> int:
        """A whole number below `bound`."""
        return (self.bits() * bound) >> 64

    def exponential(self, mean: float) -> float:
        """By inversion."""
        return -math.log(1 - self.unit()) * mean

    def normal(self) -> float:
        """Marsaglia's polar method, one variate a pair."""
        while True:
            x = 2 * self.unit() - 1
            y = 2 * self.unit() - 1
            square = x * x + y * y
            if 0 < square < 1:
                return x * math.sqrt(-2 * math.log(square) / square)


def _rotate(value: int, by: int) -> int:
    return ((value << by) | (value >> (64 - by))) & _MASK


def streams(seed: int, domain: str) -> tuple[Rng, Rng, Rng]:
    """The generators of a domain's arrivals, services and keys."""
    seeds = split_mix(seed ^ xxh3_64(domain.encode()))
    return Rng(next(seeds)), Rng(next(seeds)), Rng(next(seeds))


def arrivals(process: dict[str, Any], duration_us: int, rng: Rng) -> list[int]:
    """When requests arrive, in microseconds."""
    make = {
        "constant": _constant,
        "poisson": _poisson,
        "ramp": _ramp,
        "diurnal": _diurnal,
        "spike": _spike,
        "mmpp": _mmpp,
    }
    times = []
    for at in make[process["process"]](process, duration_us, rng):
        if at >= duration_us:
            break
        times.append(math.floor(at))
    return times


def _constant(process: dict[str, Any], _duration_us: int, _rng: Rng) -> Iterator[float]:
    count = 0
    while True:
        yield count * SECOND / process["rate_per_s"]
        count += 1


def _poisson(process: dict[str, Any], _duration_us: int, rng: Rng) -> Iterator[float]:
    now = 0.0
    while True:
        now += rng.exponential(SECOND / process["rate_per_s"])
        yield now


def _ramp(process: dict[str, Any], duration_us: int, rng: Rng) -> Iterator[float]:
    """By inversion of the integral of the rate; bisection instead of a formula."""
    first: float = process["from_per_s"] / SECOND
    last: float = process["to_per_s"] / SECOND

    def integral(at: float) -> float:
        return first * at + (last - first) / duration_us * at * at / 2

    passed = 0.0
    while True:
        passed += rng.exponential(1)
        low, high = 0.0, float(duration_us)
        if integral(high) <= passed:
            yield high
            return
        while high - low > 1e-7:
            middle = (low + high) / 2
            low, high = (middle, high) if integral(middle) < passed else (low, middle)
        yield high


def _diurnal(process: dict[str, Any], duration_us: int, rng: Rng) -> Iterator[float]:
    """By thinning; a level below the lowest rate is kept, like any other below the rate."""
    mean, amplitude = process["mean_per_s"], process["amplitude"]
    now = 0.0
    while now < duration_us:
        now += rng.exponential(SECOND / (mean * (1 + amplitude)))
        if now >= duration_us:
            return
        angle = 2 * math.pi * (now - process["peak_at_us"]) / process["period_us"]
        if rng.unit() * (1 + amplitude) < 1 + amplitude * math.cos(angle):
            yield now


def _pieces(pieces: Iterator[tuple[float, float]], rng: Rng) -> Iterator[float]:
    """By inversion, where the rate (per microsecond) is the same until a time, and then another one.

    The pieces draw from the same generator as the requests do, when they are reached.
    """
    now = 0.0
    rate, until = next(pieces)
    while True:
        left = rng.exponential(1)
        while left >= rate * (until - now):
            left -= rate * (until - now)
            now = until
            following = next(pieces, None)
            if following is None:
                return
            rate, until = following
        now += left / rate
        yield now


def _spike(process: dict[str, Any], duration_us: int, rng: Rng) -> Iterator[float]:
    usual = process["rate_per_s"] / SECOND
    pieces = [
        (usual, min(process["from_us"], duration_us)),
        (usual * process["factor"], min(process["to_us"], duration_us)),
        (usual, duration_us),
    ]
    return _pieces(iter(pieces), rng)


def _mmpp(process: dict[str, Any], duration_us: int, rng: Rng) -> Iterator[float]:
    states = process["states"]
    draw = rng.unit() * sum(state["mean_us"] for state in states)
    first = 0
    while draw >= states[first]["mean_us"]:
        draw -= states[first]["mean_us"]
        first += 1

    def pieces() -> Iterator[tuple[float, float]]:
        state, until = first, rng.exponential(states[first]["mean_us"])
        while True:
            yield states[state]["rate_per_s"] / SECOND, min(until, duration_us)
            if until >= duration_us:
                return
            state = (state + 1 + rng.below(len(states) - 1)) % len(states)
            until += rng.exponential(states[state]["mean_us"])

    return _pieces(pieces(), rng)


def service(distribution: dict[str, Any], rng: Rng) -> int:
    """A service time, in microseconds."""
    mean = distribution["mean_us"]
    kind = distribution["distribution"]
    if kind == "constant":
        drawn = float(mean)
    elif kind == "exponential":
        drawn = rng.exponential(mean)
    elif kind == "log_normal":
        variance = math.log(1 + distribution["variation"] ** 2)
        drawn = mean * math.exp(math.sqrt(variance) * rng.normal() - variance / 2)
    else:
        shape = distribution["shape"]
        drawn = mean * (shape - 1) / shape * math.exp(rng.exponential(1) / shape)
    return max(1, math.floor(drawn + 0.5))
