"""How many workers a steady load needs, by Erlang's formulas and their definitions, in exact fractions.

A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic telephone
exchanges", Elektroteknikeren 13 (1917). Waits longer than some time: exp(-(servers - load) * time / service * 2 / (1 +
scv)) of those who wait (Allen and Cunneen), with a squared coefficient of variation of service times.
"""

from fractions import Fraction
from math import exp, factorial


def loss(servers: int, load: Fraction) -> Fraction:
    """Erlang B: the share that finds all servers busy and is turned away."""
    terms = [load**k / factorial(k) for k in range(servers + 1)]
    return terms[-1] / sum(terms)


def delay(servers: int, load: Fraction) -> Fraction:
    """Erlang C: the share that has to wait."""
    if load >= servers:
        return Fraction(1)
    last = load**servers / factorial(servers) * servers / (servers - load)
    return last / (sum(load**k / factorial(k) for k in range(servers)) + last)


def late(servers: int, load: Fraction, wait: Fraction, scv: Fraction) -> float:
    """The share that waits longer than `wait` service times."""
    if load >= servers:
        return 1.0
    return float(delay(servers, load)) * exp(-float((servers - load) * wait * 2 / (1 + scv)))


def without_line(load: Fraction, fraction: Fraction) -> int:
    """The least count that turns at most this share away."""
    servers = 1
    while loss(servers, load) > fraction:
        servers += 1
    return servers


def with_line(load: Fraction, wait: Fraction, scv: Fraction, fraction: Fraction) -> int:
    """The least count that keeps up, and lets at most this share wait for longer."""
    servers = 1
    while load >= servers or late(servers, load, wait, scv) > fraction:
        servers += 1
    return servers
