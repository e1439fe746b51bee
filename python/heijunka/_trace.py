"""Opening a trace: a file or a stream as chunks of plain bytes, decompressed as it is read."""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any

from .errors import TraceError

#: Bytes that are read, and at most handed on, at once.
CHUNK = 256 * 1024

_GZIP = b"\x1f\x8b"
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
        self._read: Callable[[int], Any] = file.read
        self._keep_truncated = keep_truncated
        self._lines = 0
        self.total = total
        self.position = 0
        #: Whether the gzip data ended too early and what was there was kept.
        self.truncated = False

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
        for chunk in chunks:
            yield chunk
            self._lines += chunk.count(b"\n")

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
        unpacker = zlib.decompressobj(wbits=31)
        while True:
            try:
                chunk = unpacker.decompress(data, CHUNK)
            except zlib.error as error:
                message = f"line {self._lines + 1}: the gzip data is damaged here ({error})"
                raise TraceError(message, self._lines + 1) from None
            if chunk:
                yield chunk
            if unpacker.eof:
                data = unpacker.unused_data or self._next()
                # Some tools fill the last block with zeros.
                while data and not data.strip(b"\0"):
                    data = self._next()
                data = data.lstrip(b"\0")
                if not data:
                    return
                if len(data) < len(_GZIP):
                    data += self._next()
                if not data.startswith(_GZIP):
                    message = f"line {self._lines + 1}: something else follows the gzip data"
                    raise TraceError(message, self._lines + 1)
                unpacker = zlib.decompressobj(wbits=31)
            elif unpacker.unconsumed_tail:
                data = unpacker.unconsumed_tail
            elif len(chunk) < CHUNK:
                data = self._next()
                if not data:
                    self._end_of_truncated()
                    return
            else:
                data = b""

    def _end_of_truncated(self) -> None:
        if not self._keep_truncated:
            line = self._lines + 1
            raise TraceError(f"line {line}: the gzip data ends too early: the file is truncated here", line)
        self.truncated = True


def size_of(file: IO[bytes]) -> int | None:
    """How many bytes a regular file has; `None` for anything else."""
    try:
        status = os.fstat(file.fileno())
    except (OSError, AttributeError, ValueError):
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
