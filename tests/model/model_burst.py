"""The timeline of a surge, as a function of the time since its trigger."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timeline:
    """A surge of `workers` workers: hold, shrink, cooldown."""

    workers: int
    hold_us: int
    shrink_us: int
    cooldown_us: int

    def leaving_us(self) -> list[int]:
        """When each of the workers leaves: the k-th of n at hold + shrink × k / n."""
        return [self.hold_us + self.shrink_us * k // self.workers for k in range(1, self.workers + 1)]

    def present(self, elapsed_us: int) -> int:
        """How many surge workers are there at a time."""
        return sum(elapsed_us < leaves_us for leaves_us in self.leaving_us())

    def phase(self, elapsed_us: int) -> str:
        """The phase at a time."""
        if elapsed_us < self.hold_us:
            return "hold"
        if elapsed_us < self.hold_us + self.shrink_us:
            return "shrink"
        return "cooldown" if elapsed_us < self.next_us() else "idle"

    def next_us(self) -> int:
        """When the next surge is possible."""
        return self.hold_us + self.shrink_us + self.cooldown_us

    def worker_us(self) -> int:
        """The worker-time of the whole surge, when every leaving is stepped on time."""
        return sum(self.leaving_us())
