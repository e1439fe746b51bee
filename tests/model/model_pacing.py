"""The heijunka box, every turn a look at everybody, in fractions."""

from collections import deque
from fractions import Fraction
from math import ceil, floor


def sequence(counts: list[int]) -> list[int]:
    """The leveled order of a mix, as R. Tijdeman's paper says it ("The chairman assignment problem", 1980).

    At step k, of all products whose making leaves them no farther ahead than 1 - 1/(2(n - 1)), the one that would
    otherwise be too far behind first.
    """
    made = [0] * len(counts)
    products = [product for product, count in enumerate(counts) if count]
    total, others = sum(counts), max(len(products) - 1, 1)
    margin = Fraction(1, 2 * others)
    order = []
    for step in range(1, total + 1):
        behind = {product: Fraction(step * counts[product], total) - made[product] for product in products}
        may = [product for product in products if behind[product] >= margin]
        first = min(may, key=lambda product: ((1 - margin - behind[product]) / counts[product], product))
        made[first] += 1
        order.append(first)
    return order


class Domain:
    """Items that wait, and how many turns they have had."""

    def __init__(self, weight: int, max_backlog: int) -> None:
        self.weight = weight
        self.max_backlog = max_backlog
        self.items: deque[int] = deque()
        self.position = Fraction()


class Pacer:
    """Releases items at takt time, in leveled order among the domains that have some."""

    def __init__(
        self,
        takt_us: Fraction,
        domains: dict[str, Domain],
        *,
        max_backlog: int,
        max_catch_up: int = 0,
        max_late: int | None = None,
    ) -> None:
        self.takt_us = takt_us
        self.domains = domains
        self.max_backlog = max_backlog
        self.max_catch_up = max_catch_up
        self.max_late = max_late
        self.next_us = Fraction()
        self.since_us = 0
        self.lapsed = 0
        self.margin = Fraction(1, 2 * max(len(domains) - 1, 1))
        #: How finely the place of who comes is rounded.
        self.grain = self.margin / 65536

    def backlog(self) -> int:
        """All items that wait."""
        return sum(len(domain.items) for domain in self.domains.values())

    def _present(self) -> list[Domain]:
        return [domain for domain in self.domains.values() if domain.items]

    def _join(self, domain: Domain) -> None:
        """Puts a domain that has nothing waiting where the others stand on average, or up to a turn ahead of it."""
        present = self._present()
        if not present:
            for other in self.domains.values():
                other.position = Fraction()
            return
        turns, weight = sum(other.position for other in present), sum(other.weight for other in present)
        mean = floor(turns * domain.weight / weight / self.grain) * self.grain
        domain.position = min(max(domain.position, mean), mean + 1)

    def offer(self, now_us: int, name: str, item: int) -> dict[str, object]:
        """Whether an item is accepted, with the limit and the load that decide."""
        domain = self.domains[name]
        for limit, load in ((domain.max_backlog, len(domain.items)), (self.max_backlog, self.backlog())):
            if load >= limit:
                return {"accepted": False, "reason": "backlog_full", "limit": limit, "load": load}
        if self.backlog() == 0:
            self.since_us = now_us
            earliest_us = max(now_us - floor(self.max_catch_up * self.takt_us), 0)
            if floor(self.next_us) < earliest_us:
                self.next_us = Fraction(earliest_us)
        if not domain.items:
            self._join(domain)
        domain.items.append(item)
        limit, load = domain.max_backlog, len(domain.items)
        return {"accepted": True, "reason": "accepted", "limit": limit, "load": load, "retry_after_us": 0}

    def due_us(self) -> int:
        """When the next item is due."""
        return max(ceil(self.next_us), self.since_us)

    def poll(self, now_us: int) -> tuple[str, int, int] | None:
        """The next item that is due: its domain, itself, when it was due."""
        if self.backlog() == 0 or self.due_us() > now_us:
            return None
        while self.max_late is not None and self.next_us + (self.max_late + 1) * self.takt_us <= now_us:
            self.next_us += self.takt_us
            self.lapsed += 1
        due_us = self.due_us()
        self.next_us += self.takt_us
        name = self._turn()
        self.domains[name].position += 1
        return name, self.domains[name].items.popleft(), due_us

    def _turn(self) -> str:
        present = self._present()
        turn = sum(domain.position for domain in present) + 1
        weight = sum(domain.weight for domain in present)
        best: tuple[Fraction, str] | None = None
        for name, domain in self.domains.items():
            if not domain.items or (domain.position + self.margin) * weight > turn * domain.weight:
                continue
            by = (domain.position + 1 - self.margin) / domain.weight
            if best is None or by < best[0]:
                best = (by, name)
        assert best is not None, "somebody always may"
        return best[1]
