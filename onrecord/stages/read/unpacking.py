"""gzip read as far as it goes: what stands before a cut or a fault is given, and the fault is kept to be told."""

from __future__ import annotations

import io
import zlib
from typing import Any

_PIECE = 16 * 1024  # compressed bytes at a time
_HELD = 128 * 1024  # unpacked bytes at a time


class Unpacked(io.RawIOBase):
    """The bytes of a gzip stream of one or many members; it ends where the stream does, or at its first fault.

    `fault` is then what is wrong with it, else None. Zero bytes after a member are padding.
    """

    def __init__(self, packed: io.BufferedReader) -> None:
        self._packed = packed
        self._waiting = b""
        self._member: Any = None
        self.fault: str | None = None

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, into: Any) -> int:
        """Fill the buffer with what comes next; 0 at the end."""
        data = self._next(len(into))
        into[: len(data)] = data
        return len(data)

    def _next(self, size: int) -> bytes:
        while self.fault is None:
            if self._member is None and not self._begun():
                return b""
            if not self._waiting and not self._more():
                self.fault = "it ends in the middle"
                return b""
            before = self._member.copy()
            try:
                given: bytes = self._member.decompress(self._waiting, size)
            except zlib.error as error:
                self.fault = str(error)
                return _up_to_fault(before, self._waiting, size)
            self._waiting = self._member.unconsumed_tail
            if self._member.eof:
                self._waiting, self._member = self._member.unused_data, None
            if given:
                return given
        return b""

    def _begun(self) -> bool:
        """True when another member begins here."""
        while not (rest := self._waiting.lstrip(b"\0")):
            if not self._more():
                return False
        self._waiting = rest
        self._member = zlib.decompressobj(wbits=31)
        return True

    def _more(self) -> bool:
        self._waiting = self._packed.read(_PIECE)
        return bool(self._waiting)


def _up_to_fault(member: Any, packed: bytes, size: int) -> bytes:
    """What can be unpacked before the fault: zlib keeps nothing of a call that fails, so pieces get smaller."""
    out, piece = b"", len(packed)
    while packed and piece and len(out) < size:
        tried = member.copy()
        try:
            out += tried.decompress(packed[:piece], size - len(out))
        except zlib.error:
            piece //= 2
            continue
        member, packed = tried, packed[piece:]
    return out


def gunzipped(stream: io.BufferedReader) -> io.BufferedReader:
    """The stream, unpacked when it starts as gzip does."""
    if stream.peek(2)[:2] == b"\x1f\x8b":
        return io.BufferedReader(Unpacked(stream), _HELD)
    return stream


def fault_of(stream: io.BufferedReader) -> str | None:
    """What is wrong with the stream as far as it was read; None where nothing is."""
    return getattr(stream.raw, "fault", None)
