"""Random numbers for what is made once and kept."""

import random
from typing import Any


class Dice:
    """Random numbers that are the same in every version of Python."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def number(self, low: int, high: int) -> int:
        """From `low` to `high`, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, items: Any) -> Any:
        """One of some items."""
        return items[self.number(0, len(items) - 1)]
