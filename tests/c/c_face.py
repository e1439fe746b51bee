"""The C library as a face of the corpus (see `tests/python/vectors.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heijunka_c import Engine, Error, library
from heijunka_pacer_c import Pacer
from vectors import ERRORS, VectorError

_ARGUMENTS = {"class": "cls", "wait_until_us": "wait_until"}


class CFace:
    """The engine of the C library, through ctypes, and a pacer once there is one."""

    pacer: Pacer

    def __init__(self, config: Any, now_us: int) -> None:
        try:
            self.engine = Engine(config, now_us=now_us)
        except Error as error:
            raise VectorError(f"the configuration: {error}") from None

    def call(self, op: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """The canonical answer."""
        named = {_ARGUMENTS.get(name, name): value for name, value in args.items()}
        if "outcome" in named:
            named["failed"] = named.pop("outcome") == "failed"
        try:
            if op == "new":
                old, self.engine = self.engine, Engine(named.get("config"), now_us=named["now_us"])
                old.close()
                return {}
            if op == "simulate":
                config, seed = named.get("config"), named.get("seed", 1)
                return {"outcome": library().simulate(config, named["workload"], seed)}
            if op in ("restore", "restore_with"):
                old, self.engine = self.engine, Engine.restored(**named)
                old.close()
                return {}
            if op == "journal_trace":
                return {"hex": library().journal_trace(**named).hex()}
            if op in ("journal_verify", "journal_replay", "journal_records"):
                return {"status": getattr(library(), op)(**named)}
            if op in ("surge_cost_per_year", "baseline_cost_per_year"):
                return {"cost": getattr(library(), op)(**named)}
            if op == "sequence":
                return {"order": library().sequence(named["counts"])}
            if op == "pacer_new":
                self.pacer = Pacer(named["config"], now_us=named["now_us"])
                return {}
            paces = op.startswith("pacer_")
            machine = self.pacer if paces else self.engine
            answer: dict[str, Any] = getattr(machine, op.removeprefix("pacer_") if paces else op)(**named)
        except Error as error:
            if error.code not in ERRORS:
                raise VectorError(str(error)) from None
            return {"error": ERRORS[error.code], "code": error.code}
        return answer
