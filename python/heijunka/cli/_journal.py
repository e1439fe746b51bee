"""`heijunka journal`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from .. import journal, resolve_config
from ._problem import explained, standard_input

#: A record was answered otherwise than recorded.
DIFFERS = 1


def show(options: argparse.Namespace) -> int:
    """Prints the records."""
    data = _read(options.file)
    with explained(options.file):
        found = journal.records(data, options.first, options.count)
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    print(f"{found['count']:,} records, {_headers(found['headers'])}{_span(found)}")
    for name, count in found["operations"]:
        print(f"  {name:<20} {count:>12,}")
    for record in found["records"]:
        about = {name: value for name, value in record.items() if name not in _PLACES}
        details = " ".join(f"{name}={value}" for name, value in about.items())
        print(
            f"{record['record']:>10}  {record['now_us'] / 1e6:>16.6f} s  {record['operation']:<20} {details}".rstrip()
        )
    _tell_torn(found)
    return 0


def verify(options: argparse.Namespace) -> int:
    """Replays and compares: exit code 1 when a record is answered otherwise."""
    data = _read(options.file)
    with explained(options.file):
        found = journal.verify(data)
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0 if found["equal"] else DIFFERS
    if found["equal"]:
        counts = f"{found['records']:,} records and {found['effects']:,} effects"
        print(f"{options.file}: OK, {counts} are as recorded")
    else:
        at = found["differs"]
        where = f"record {at['record']:,} ({at['operation']} at {at['now_us']:,} µs, byte {at['offset']:,})"
        print(f"{options.file}: {where} is answered otherwise than recorded")
    _tell_torn(found)
    return 0 if found["equal"] else DIFFERS


def trace(options: argparse.Namespace) -> int:
    """Prints the requests as a trace."""
    data = _read(options.file)
    with explained(options.file):
        made = journal.trace(data)
    sys.stdout.flush()
    sys.stdout.buffer.write(made)
    sys.stdout.buffer.flush()
    return 0


def replay(options: argparse.Namespace) -> int:
    """Replays under another configuration, and prints what is decided otherwise."""
    data = _read(options.file)
    with explained(options.file, configuration=options.config or "the configuration"):
        found = journal.replay(data, _configuration(options, data), limit=options.limit)
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    print(f"{found['records']:,} records, {_headers(found['headers'])}{_span(found)}")
    print(f"{found['differ']:,} decided otherwise, {found['skipped']:,} without a counterpart")
    print(f"\n{'':<28}{'recorded':>14}{'other':>14}")
    recorded, other = found["recorded"], found["other"]
    rows = [(name, recorded[name], other[name]) for name in ("granted", "refused", "errors")]
    for group in ("refused_by_reason", "effects"):
        names = sorted({*recorded[group], *other[group]})
        rows += [(f"  {name}", recorded[group].get(name, 0), other[group].get(name, 0)) for name in names]
    for name, one, two in rows:
        print(f"{name:<28}{one:>14,}{two:>14,}")
    for pool in other["pools"]:
        before = next((known for known in recorded["pools"] if known["name"] == pool["name"]), None)
        workers = "-" if before is None else f"{before['current_workers']:,}"
        print(f"{'workers of ' + pool['name']:<28}{workers:>14}{pool['current_workers']:>14,}")
    for one in found["differences"]:
        print(
            f"{one['record']:>10}  {one['now_us'] / 1e6:>16.6f} s  {one['operation']:<12} "
            f"{_decision(one['recorded'])} -> {_decision(one['other'])}"
        )
    _tell_torn(found)
    return 0


_PLACES = ("record", "offset", "now_us", "operation")


def _configuration(options: argparse.Namespace, data: bytes) -> dict[str, Any]:
    """The one that is asked for: a file, a preset, or what was recorded, with fields set."""
    config: Any = None
    if options.config is not None:
        config = Path(options.config)
    elif options.preset is None:
        config = journal.records(data, 1, 0)["config"]
    return resolve_config(config, preset=options.preset, set=options.set)


def _read(name: str) -> bytes:
    with explained("standard input" if name == "-" else name):
        return standard_input().read() if name == "-" else Path(name).read_bytes()


def _decision(decision: dict[str, Any]) -> str:
    if decision["error"] is not None:
        return f"error {decision['error']}"
    place = f" ({decision['pool']})" if decision["pool"] is not None else ""
    return f"{decision['reason']}{place}"


def _headers(count: int) -> str:
    return "1 beginning" if count == 1 else f"{count:,} beginnings"


def _span(found: dict[str, Any]) -> str:
    if found["from_us"] is None:
        return ""
    return f", {(found['to_us'] - found['from_us']) / 1e6:,.3f} s"


def _tell_torn(found: dict[str, Any]) -> None:
    if found["torn"] is not None:
        torn = found["torn"]
        print(
            f"torn: {torn['bytes']:,} bytes from byte {torn['offset']:,} on are no whole record, and are left out"
        )
