"""Reads and runs the sequences of `tests/vectors` against an engine, as `tests/vectors/README.md` fixes it.

An engine is reached through a face: a class that is made as `Face(config, now_us)` and has `call(op, args)`, which
answers the canonical dict, an error among them. Domains, pools and ids are in `args` as the sequence gives them, with
references resolved; keys are bytes. The one of the Python package is in `python_face.py`; another one is named on
the command line:

    python tests/python/vectors.py [--face FILE:CLASS] digest|answers FILE…
"""

import argparse
import hashlib
import importlib.util
import json
import re
import struct
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

ORIGINS = ("hand", "paper", "model", "recorded", "generated")
ERRORS = {
    -1: "time_out_of_range",
    -2: "unknown_domain",
    -3: "unknown_pool",
    -4: "unknown_token",
    -5: "unknown_worker",
    -6: "unknown_waiter",
    -7: "unknown_ticket",
    -8: "key_too_long",
    -9: "out_of_range",
    -10: "invalid_config",
    -11: "invalid_trace",
    -12: "invalid_snapshot",
    -13: "invalid_journal",
}

# The members of the steps of each operation: `name:kind`, with `?` where it may be left out.
_OPS_TEXT = """
new now_us:time config?:config
admit now_us:time domain:name class?:class
release now_us:time token:id outcome?:outcome
route now_us:time domain:name key:key
checkout now_us:time pool:name wait_until_us?:time
checkin now_us:time worker:id outcome?:outcome
cancel_wait now_us:time waiter:id
worker_ready now_us:time worker:id
worker_failed now_us:time worker:id
report_health now_us:time pool:name alive:ids dead:ids
dispatch now_us:time domain:name key:key class?:class wait_until_us?:time
complete now_us:time ticket:id outcome?:outcome
step now_us:time
drain
set_soft_limit now_us:time soft_limit:count
set_hard_limit now_us:time hard_limit:count
set_affinity_groups now_us:time groups:map
enable_surge now_us:time
disable_surge now_us:time
set_domain_open now_us:time domain:name open:flag
set_pool_open now_us:time pool:name open:flag
set_off_peak now_us:time off_peak:flag
scale_up now_us:time pool:name
scale_down now_us:time pool:name
rebalance now_us:time
health_check pool:name
regulator_status
capacity_info
pool_status pool:name
pool_workers pool:name
balance_status
burst_status
surge_metrics
cost_advice
alerts
verify
takt now_us:time
metrics_text
engine_status
config
snapshot
restore snapshot:bytes
restore_with snapshot:bytes journal:bytes
start_journal
take_journal
journal_verify journal:bytes
journal_replay journal:bytes config?:config limit:count
journal_trace journal:bytes
journal_records journal:bytes first:count count:count
simulate workload:map config?:config seed?:time
surge_cost_per_year surges_per_day:number cost_per_surge:number
baseline_cost_per_year workers:count price_per_hour:number
sequence counts:counts
pacer_new now_us:time config:config
pacer_offer now_us:time domain:name item:id
pacer_poll now_us:time max_items?:count
pacer_set_takt now_us:time available_us:id demand:id
pacer_set_weight now_us:time domain:name weight:count
pacer_status
"""
OPS: dict[str, dict[str, tuple[str, bool]]] = {}
for _line in _OPS_TEXT.split("\n"):
    if _line:
        _op, *_members = _line.split(" ")
        OPS[_op] = {
            member.split(":")[0].rstrip("?"): (member.split(":")[1], "?:" not in member)
            for member in _members
        }

_MAX_U32 = 2**32 - 1
_MAX_U64 = 2**64 - 1


class VectorError(Exception):
    """A sequence that can't be read or run."""


@dataclass(frozen=True)
class Step:
    """One call, or the same call several times."""

    op: str
    args: dict[str, Any]
    refers: bool
    name: str | None
    times: int | None
    every_us: int
    expect: dict[str, Any] | None


@dataclass(frozen=True)
class Sequence:
    """A file of the corpus, or a line of generated ones."""

    name: str
    about: str
    origin: str
    source: str | None
    config: Any
    start_us: int
    steps: list[Step]
    digest: str


@dataclass(frozen=True)
class Finished:
    """What a run gave."""

    digest: str
    calls: int
    failures: list[str]


class Face(Protocol):
    """An engine of some language. A configuration that is refused is a `VectorError`."""

    def __init__(self, config: Any, now_us: int) -> None: ...

    def call(self, op: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """The canonical answer."""


def parse(text: str) -> Sequence:
    """Reads a sequence; whatever isn't known is an error."""
    try:
        fields = json.loads(text, object_pairs_hook=_no_doubles, parse_constant=_no_constant)
    except ValueError as error:
        raise VectorError(str(error)) from None
    if not isinstance(fields, dict):
        raise VectorError("a sequence is a map")
    name, about, origin, digest = (_text(fields, member) for member in ("name", "about", "origin", "digest"))
    source = _text(fields, "source") if "source" in fields else None
    config = fields.pop("config", None)
    start_us = _integer(fields.pop("start_us", None), _MAX_U64)
    steps = fields.pop("steps", None)
    if fields:
        raise VectorError(f"unknown members: {', '.join(fields)}")
    if origin not in ORIGINS or (origin == "paper" and source is None):
        raise VectorError(f"origin `{origin}`, source {source!r}")
    if not (config is None or isinstance(config, dict | str)):
        raise VectorError("`config` must be a map or text")
    if not re.fullmatch(r"([0-9a-f]{64})?", digest):
        raise VectorError(f"`{digest}` is not a digest")
    if not isinstance(steps, list) or not steps:
        raise VectorError("no steps")
    made = []
    for number, step in enumerate(steps, 1):
        try:
            made.append(_step(step))
        except VectorError as error:
            raise VectorError(f"step {number}: {error}") from None
    return Sequence(name, about, origin, source, config, start_us, made, digest)


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError(f"a doubled member among {[name for name, _ in pairs]}")
    return fields


def _no_constant(name: str) -> Any:
    raise ValueError(f"`{name}` is not JSON")


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.pop(name, None)
    if not isinstance(value, str):
        raise VectorError(f"`{name}` must be text")
    return value


def _integer(value: Any, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise VectorError(f"{value!r} is not an integer from 0 to {most}")
    return value


def _step(fields: Any) -> Step:
    if not isinstance(fields, dict) or fields.get("op") not in OPS:
        raise VectorError(f"not an operation: {fields!r:.80}")
    fields = dict(fields)
    op = fields.pop("op")
    args: dict[str, Any] = {}
    refers = False
    for member, (kind, required) in OPS[op].items():
        if member in fields:
            value = fields.pop(member)
            if not _CHECKS[kind](value):
                raise VectorError(f"`{member}`: not what it takes: {value!r:.80}")
            if kind == "key":
                value = value.encode() if isinstance(value, str) else bytes.fromhex(value["hex"])
            refers = refers or kind == "bytes" or (kind in ("id", "ids") and not _is_plain(value))
            args[member] = value
        elif required:
            raise VectorError(f"`{op}` needs `{member}`")
    if not isinstance(fields.pop("note", ""), str):
        raise VectorError("`note` must be text")
    times = _integer(fields.pop("times"), 1_000_000) if "times" in fields else None
    every_us = _integer(fields.pop("every_us"), 2**53) if "every_us" in fields else None
    if times == 0 or (every_us is not None and (times is None or "now_us" not in args)):
        raise VectorError("`times` must be at least 1; `every_us` needs it and `now_us`")
    name = _text(fields, "as") if "as" in fields else None
    if name is not None and not re.fullmatch("[A-Za-z0-9_]+", name):
        raise VectorError(f"`{name}` is not a name")
    expect = fields.pop("expect", None)
    if not (expect is None or isinstance(expect, dict)):
        raise VectorError("`expect` must be a map")
    if fields:
        raise VectorError(f"unknown members: {', '.join(fields)}")
    return Step(op, args, refers, name, times, every_us or 0, expect)


def _is_plain(value: Any) -> bool:
    return type(value) is int or (isinstance(value, list) and all(type(item) is int for item in value))


def _is_int(value: Any, most: int) -> bool:
    return type(value) is int and 0 <= value <= most


def _is_id(value: Any) -> bool:
    return (isinstance(value, str) and value.startswith("$")) or _is_int(value, _MAX_U64)


def _is_ids(value: Any) -> bool:
    return (isinstance(value, list) and all(map(_is_id, value))) or (
        isinstance(value, str) and value.startswith("$")
    )


def _is_key(value: Any) -> bool:
    if not isinstance(value, dict):
        return isinstance(value, str)
    hexed = value.get("hex")
    return len(value) == 1 and isinstance(hexed, str) and re.fullmatch("([0-9a-f]{2})*", hexed) is not None


def _is_bytes(value: Any) -> bool:
    if isinstance(value, list):
        return all(not isinstance(item, list) and _is_bytes(item) for item in value)
    return _is_key(value) if isinstance(value, dict) else isinstance(value, str) and value.startswith("$")


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "time": lambda value: _is_int(value, _MAX_U64),
    "count": lambda value: _is_int(value, _MAX_U32),
    "counts": lambda value: isinstance(value, list) and all(_is_int(item, _MAX_U32) for item in value),
    "name": lambda value: isinstance(value, str) or _is_int(value, _MAX_U32),
    "class": lambda value: value in ("critical", "normal", "sheddable"),
    "outcome": lambda value: value in ("ok", "failed"),
    "key": _is_key,
    "bytes": _is_bytes,
    "id": _is_id,
    "ids": _is_ids,
    "number": lambda value: isinstance(value, float),
    "flag": lambda value: isinstance(value, bool),
    "map": lambda value: isinstance(value, dict),
    "config": lambda value: isinstance(value, dict | str),
}


def canonical(value: Any) -> bytes:
    """The canonical bytes of an answer."""
    parts: list[str] = []
    _write(value, parts.append)
    return "".join(parts).encode()


_KEYS: dict[str, str] = {}


def _write(value: Any, out: Callable[[str], None]) -> None:
    kind = type(value)
    if kind is dict:
        out("{")
        for key in sorted(value) if all(map(str.isascii, value)) else sorted(value, key=str.encode):
            out(_KEYS.get(key) or _key(key))
            _write(value[key], out)
        out("}")
    elif kind is str:
        out(f"s{len(value) if value.isascii() else len(value.encode())}:{value}")
    elif kind is int:
        out(f"i{value};")
    elif value is None:
        out("n")
    elif kind is bool:
        out("t" if value else "F")
    elif kind is float:
        out("f" + struct.pack(">d", value).hex())
    elif kind is list:
        out("[")
        for item in value:
            _write(item, out)
        out("]")
    else:
        raise VectorError(f"{value!r} has no canonical bytes")


def _key(key: str) -> str:
    text = f"s{len(key.encode())}:{key}"
    if len(_KEYS) < 10_000:
        _KEYS[key] = text
    return text


def resolve(reference: str, repetition: int, named: Mapping[str, Any]) -> Any:
    """What `$name`, `$name.field`, `$name[3].field` or `$name[*].field` stands for."""
    name, *path = re.findall(r"[^.\[\]]+|\.|\[", reference)
    value: Any = None
    try:
        if not re.fullmatch(r"\$\w+(\.\w+|\[(\d+|\*)\])*", reference, re.ASCII):
            raise VectorError(f"`{reference}` is not a reference")
        value = named[name[1:]]
        for sign, at in zip(path[::2], path[1::2], strict=True):
            if sign == ".":
                value = value[at]
            else:
                value = cast("list[Any]", value)[repetition if at == "*" else int(at)]
    except (KeyError, IndexError, TypeError):
        raise VectorError(f"`{reference}` stands for nothing") from None
    return value


def misfit(expected: Any, answer: Any, path: str, repetition: int, named: Mapping[str, Any]) -> str | None:
    """Why an answer isn't what is expected: a map's members must be there and fit, a list fits element by element."""
    if isinstance(expected, dict) and isinstance(answer, dict):
        for name, inner in expected.items():
            if name not in answer:
                return f"{path}.{name}: not in the answer {answer!r}"
            if found := misfit(inner, answer[name], f"{path}.{name}", repetition, named):
                return found
        return None
    if isinstance(expected, list) and isinstance(answer, list) and len(expected) == len(answer):
        for index, (inner, item) in enumerate(zip(expected, answer, strict=True)):
            if found := misfit(inner, item, f"{path}[{index}]", repetition, named):
                return found
        return None
    if isinstance(expected, str) and expected.startswith("$"):
        expected = resolve(expected, repetition, named)
    if canonical(expected) == canonical(answer):
        return None
    return f"{path}: expected {expected!r}, the answer is {answer!r}"


def run(
    sequence: Sequence,
    face: type[Face],
    see: Callable[[int, Step, dict[str, Any]], object] | None = None,
) -> Finished:
    """Makes the calls one after another. `see` gets each answer with the number of its step, from 1."""
    engine = face(sequence.config, sequence.start_us)
    named: dict[str, Any] = {}
    digest = hashlib.sha256()
    failures: list[str] = []
    calls = 0
    # Of what the engine itself has answered, an error is no surprise.
    recorded = sequence.origin in ("recorded", "generated")
    for number, step in enumerate(sequence.steps, 1):
        answers = []
        for repetition in range(step.times or 1):
            try:
                answer = engine.call(step.op, _args(step, repetition, named))
                calls += 1
                if see is not None:
                    see(number, step, answer)
                expect = step.expect
                if "error" in answer and not recorded and (expect is None or "error" not in expect):
                    failures.append(f"step {number} (`{step.op}`): an error that wasn't expected: {answer}")
                elif expect is not None and (found := misfit(expect, answer, "", repetition, named)):
                    failures.append(f"step {number}, call {repetition + 1} (`{step.op}`){found}")
            except VectorError as error:
                raise VectorError(f"step {number} (`{step.op}`): {error}") from None
            digest.update(canonical(answer))
            answers.append(answer)
        if step.name is not None:
            named[step.name] = answers if step.times is not None else answers[0]
    return Finished(digest.hexdigest(), calls, failures)


def _args(step: Step, repetition: int, named: Mapping[str, Any]) -> dict[str, Any]:
    if not step.refers and not (repetition and step.every_us):
        return step.args
    args = dict(step.args)
    if step.every_us:
        args["now_us"] += repetition * step.every_us
        if args["now_us"] > _MAX_U64:
            raise VectorError("`every_us` leads beyond 2^64")
    for member, (kind, _) in OPS[step.op].items():
        if kind == "id" and member in args:
            args[member] = _id(args[member], repetition, named)
        elif kind == "ids":
            ids = args[member]
            ids = resolve(ids, repetition, named) if isinstance(ids, str) else ids
            args[member] = [_id(item, repetition, named) for item in ids]
        elif kind == "bytes":
            parts = args[member] if isinstance(args[member], list) else [args[member]]
            args[member] = b"".join(_bytes(part, repetition, named) for part in parts)
    return args


def _bytes(value: Any, repetition: int, named: Mapping[str, Any]) -> bytes:
    found = resolve(value, repetition, named) if isinstance(value, str) else value["hex"]
    try:
        return bytes.fromhex(found)
    except (TypeError, ValueError):
        raise VectorError(f"`{value}` is no text of hex digits") from None


def _id(value: Any, repetition: int, named: Mapping[str, Any]) -> int:
    found = resolve(value, repetition, named) if isinstance(value, str) else value
    if not _is_int(found, _MAX_U64):
        raise VectorError(f"`{value}` is {found!r}, not an id")
    return cast("int", found)


def sequences(path: Path) -> Iterator[Sequence]:
    """The sequences of a file: one on every line of a `.jsonl` file, otherwise one."""
    text = path.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines() if path.suffix == ".jsonl" else [text], 1):
        try:
            yield parse(line)
        except VectorError as error:
            raise VectorError(f"{path.name}, sequence {number}: {error}") from None


def face_named(name: str) -> type[Face]:
    """The class of a face: `FILE:CLASS`."""
    file, _, cls = name.rpartition(":")
    sys.path.insert(0, str(Path(file).resolve().parent))
    spec = importlib.util.spec_from_file_location(Path(file).stem, file)
    if spec is None or spec.loader is None:
        raise VectorError(f"`{file}` can't be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return cast("type[Face]", getattr(module, cls))


def main() -> int:
    """The command line: prints the name and digest of every sequence, or every answer."""
    parser = argparse.ArgumentParser(description="Runs sequences of the corpus")
    own = f"{Path(__file__).with_name('python_face.py')}:PythonFace"
    parser.add_argument(
        "--face", default=own, help="FILE:CLASS of the engine; by default the Python package's"
    )
    parser.add_argument("command", choices=("digest", "answers"))
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    face = face_named(options.face)

    def show(number: int, step: Step, answer: dict[str, Any]) -> None:
        print(number, step.op, canonical(answer).decode())

    for path in options.files:
        for sequence in sequences(path):
            finished = run(sequence, face, show if options.command == "answers" else None)
            if options.command == "digest":
                print(sequence.name, finished.digest)
    return 0


if __name__ == "__main__":
    # A face imports this module by its name, and both mean the same errors.
    sys.modules["vectors"] = sys.modules["__main__"]
    try:
        sys.exit(main())
    except VectorError as failure:
        sys.exit(f"error: {failure}")
