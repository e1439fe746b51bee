"""What comes with a name: configurations to start from, and workloads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ._heijunka import PRESET_NAMES, PROFILE_NAMES, resolve_config


class Presets(Mapping[str, dict[str, Any]]):
    """The presets' full configurations by name: `classic`, the defaults, and `adaptive`.

    Each look-up answers a new dict, to change at will.
    """

    def __getitem__(self, name: str) -> dict[str, Any]:
        if name not in PRESET_NAMES:
            raise KeyError(name)
        return resolve_config({"preset": name})

    def __iter__(self) -> Iterator[str]:
        return iter(PRESET_NAMES)

    def __len__(self) -> int:
        return len(PRESET_NAMES)

    def __repr__(self) -> str:
        return f"<heijunka.presets: {', '.join(PRESET_NAMES)}>"


presets = Presets()

#: The names of the built-in workloads that `simulate` takes as `profile`.
profiles: tuple[str, ...] = PROFILE_NAMES
