"""Opening a trace: a file or a stream as chunks of plain bytes, decompressed as it is read.

A journal is turned into a trace here, by the core.
"""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any

from ._heijunka import journal_records, journal_trace
from .errors import TraceError

#: Bytes that are read, and at most handed on, at once.
CHUNK = 256 * 1024
#: Compressed bytes that are unpacked at once.
PIECE = 4 * 1024

_GZIP = b"\x1f\x8b"
_JOURNAL = b"\0HJRNL"
_OTHERS = {
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip",
}


class TraceFile:
    """A trace's bytes: plain or gzip, told apart by the first bytes and not by the name.

    `position` counts the bytes read of the file, `total` is how many it has (`None` for a stream).
    """

    def __init__(self, file: IO[bytes], *, total: int | None = None, keep_truncated: bool = False) -> None:
        read: Callable[[int], Any] | None = getattr(file, "read", None)
        if read is None:
            raise TypeError(
                f"`trace` must be a path (str or os.PathLike) or a binary file, not {type(file).__name__}"
            )
        self._read = read
        self._keep_truncated = keep_truncated
        self._lines = 0
        self.total = total
        self.position = 0
        #: Whether the gzip data ended too early and what was there was kept.
        self.truncated = False
        #: Of a journal, its torn tail: `offset` and `bytes`.
        self.torn: dict[str, int] | None = None

    def __iter__(self) -> Iterator[bytes]:
        """The plain bytes in chunks. Raises `TraceError` when compressed data is damaged."""
        first = self._next()
        while first and len(first) < max(map(len, _OTHERS)):
            more = self._next()
            if not more:
                break
            first += more
        for magic, name in _OTHERS.items():
            if first.startswith(magic):
                raise TraceError(
                    f"the trace is {name} data: decompress it first (plain text and gzip are read)"
                )
        chunks = self._inflate(first) if first.startswith(_GZIP) else self._plain(first)
        start = b""
        while len(start) < len(_JOURNAL) and (chunk := next(chunks, b"")):
            start += chunk
        if start.startswith(_JOURNAL):
            yield from self._requests(start + b"".join(chunks))
            return
        while start:
            yield start
            self._lines += start.count(b"\n")
            start = next(chunks, b"")

    def _requests(self, journal: bytes) -> Iterator[bytes]:
        """The requests of a journal, as a trace."""
        self.torn = journal_records(journal, 1, 0)["torn"]
        trace = journal_trace(journal)
        if trace.count(b"\n") == 1:
            raise TraceError("the journal has no request: no dispatch and no admission")
        for start in range(0, len(trace), CHUNK):
            yield trace[start : start + CHUNK]

    def _next(self) -> bytes:
        chunk = self._read(CHUNK)
        if chunk is None:  # a non-blocking stream with nothing to read
            raise TraceError("the trace's stream doesn't block: it must be a blocking one")
        if isinstance(chunk, str):
            raise TypeError("a trace is read as bytes: open the file in binary mode")
        self.position += len(chunk)
        return bytes(chunk)

    def _plain(self, chunk: bytes) -> Iterator[bytes]:
        while chunk:
            yield chunk
            chunk = self._next()

    def _inflate(self, data: bytes) -> Iterator[bytes]:
        """Unpacks gzip data of one or more members; a little data never becomes much memory."""
        while data:
            unpacker = zlib.decompressobj(wbits=31)
            while not unpacker.eof:
                # In small pieces, for damage costs the piece it is in, and with it the place in the file.
                piece, data = data[:PIECE], data[PIECE:]
                try:
                    chunk = unpacker.decompress(piece, CHUNK)
                    while chunk:
                        yield chunk
                        chunk = unpacker.decompress(unpacker.unconsumed_tail, CHUNK)
                except zlib.error as error:
                    raise self._error(f"the gzip data is damaged from here on ({error})") from None
                data = data or self._next()
                if not data and not unpacker.eof:
                    if not self._keep_truncated:
                        raise self._error("the gzip data ends too early: the file is truncated here")
                    self.truncated = True
                    return
            data = unpacker.unused_data + data
            # Some tools fill the last block with zeros.
            while data and not data.strip(b"\0"):
                data = self._next()
            data = data.lstrip(b"\0")
            if 0 < len(data) < len(_GZIP):
                data += self._next()
            if data and not data.startswith(_GZIP):
                raise self._error("something else follows the gzip data")

    def _error(self, message: str) -> TraceError:
        line = self._lines + 1
        return TraceError(f"line {line}: {message}", line)


def size_of(file: IO[bytes]) -> int | None:
    """How many bytes a regular file has; `None` for anything else."""
    try:
        status = os.fstat(file.fileno())
    except (OSError, AttributeError, ValueError):
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
