"""Reads a file that may be gzip-compressed, up to a limit."""

from __future__ import annotations

import zlib
from typing import BinaryIO

from taskrole.observe.json_values import BrokenError

MAGIC = b"\x1f\x8b"
LARGEST_UNPACKED = 1 << 30  # bytes
_PIECE = 256 << 10  # bytes


class Unpacked:
    """The bytes of a stream, decompressed if necessary, with a limit against decompression bombs."""

    def __init__(self, stream: BinaryIO, largest: int = LARGEST_UNPACKED) -> None:
        self._stream = stream
        self._left = largest
        self._largest = largest
        self._start = stream.read(len(MAGIC))
        self._error: BrokenError | None = None
        self.is_packed = self._start == MAGIC
        self._unpack = zlib.decompressobj(wbits=31) if self.is_packed else None

    def read(self, size: int) -> bytes:
        """Return about `size` bytes; empty at the end. Raises BrokenError."""
        if self._unpack is None:
            data, self._start = self._start, b""
            return data + self._stream.read(size)
        if self._error:
            raise self._error
        parts: list[bytes] = []
        try:
            while size > 0 and (data := self._piece(min(size, _PIECE))):
                parts.append(data)
                size -= len(data)
        except BrokenError as error:
            # The data before the error is returned first.
            self._error = error
            if not parts:
                raise
        return b"".join(parts)

    def _piece(self, size: int) -> bytes:
        """Return some unpacked bytes; empty only at the end."""
        unpack = self._unpack
        while unpack is not None:
            packed = unpack.unconsumed_tail or self._packed()
            try:
                if unpack.eof:
                    # Another gzip member may follow; zero padding is not one.
                    rest = (unpack.unused_data or packed).lstrip(b"\0")
                    if not rest:
                        return b""
                    self._unpack = unpack = zlib.decompressobj(wbits=31)
                    packed = rest
                elif not packed:
                    raise BrokenError("ends too early: the gzip file is cut short")
                data = unpack.decompress(packed, size)
            except zlib.error:
                raise BrokenError("is not a valid gzip file") from None
            if data:
                self._left -= len(data)
                if self._left < 0:
                    raise BrokenError(f"unpacks to more than {self._largest >> 20} MiB; split it into several files")
                return data
        return b""

    def _packed(self) -> bytes:
        if self._unpack is not None and self._unpack.eof and self._unpack.unused_data:
            return b""
        data, self._start = self._start, b""
        return data or self._stream.read(_PIECE)
