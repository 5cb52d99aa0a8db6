"""What a reader is given, how it says that something is wrong, and the bytes of any file as characters."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol

from charset_normalizer import from_bytes

from onrecord.errors import ReadError, TimeLimitError, panicked
from onrecord.model import RawReport
from onrecord.stages.read.unpacking import fault_of

Problem = Callable[[str, str, str], None]

MIB = 1024 * 1024
# Formats that must be held whole: a page, a message, one JSON document. The longest news page is a few MiB.
LARGEST_WHOLE = 256 * MIB
# One record of a streamed format (a line of JSONL, a page in a WARC): what does not end by here is no report.
LARGEST_RECORD = 64 * MIB


class Unreadable(ReadError):  # noqa: N818
    """An input, or one item of it, that could not be read; `reason` a short code, `detail` place and remedy."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


class Clock(Protocol):
    """A bound on time, entered for a piece of work; `restart` gives what comes next all of the time."""

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def restart(self) -> None: ...  # noqa: D102


class Files(Protocol):
    """Files that are not on this machine; both methods raise `OSError`."""

    def listed(self, address: str) -> Sequence[str]: ...  # noqa: D102

    def fetched(self, address: str, folder: Path) -> Path: ...  # noqa: D102


class Unbounded:
    """All the time that it takes."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass

    def restart(self) -> None:
        """Nothing to start."""


TOO_LONG = "reading it took more processor time than the option report_seconds allows"


def faulty(uri: str, error: BaseException) -> str:
    """What is said of an input on which a parser failed."""
    return f"{uri}: cannot be read ({type(error).__name__}: {error}); fetch or save it again"


@dataclass
class Source:
    """One stream of bytes to read: a file, a member of a file, standard input.

    `name` becomes the report's `uri`; `charset` is the encoding that a transport declared; `fetched` when the bytes
    were last changed or fetched.
    """

    name: str
    stream: io.BufferedReader
    on_problem: Problem
    charset: str | None = None
    url: str | None = None
    fetched: datetime | None = None
    clock: Clock = field(default_factory=Unbounded)
    _whole: bytes | None = field(default=None, repr=False)

    def problem(self, reason: str, detail: str, uri: str | None = None) -> None:
        """Note something that could not be read as it should; reading goes on."""
        self.on_problem(uri or self.name, reason, detail)

    def item(self, uri: str, make: Callable[[], RawReport]) -> Iterator[RawReport]:
        """One report of an input that holds many; whatever is wrong with it is a problem and costs it alone."""
        self.clock.restart()
        try:
            report = make()
        except Unreadable as error:
            self.problem(error.reason, error.detail, uri)
            return
        except TimeLimitError:
            self.problem("time-limit", f"{uri}: {TOO_LONG}", uri)
            return
        except BaseException as error:  # a parser that fails on one strange report must not cost the others
            if not isinstance(error, Exception) and not panicked(error):
                raise
            self.problem("damaged", faulty(uri, error), uri)
            return
        finally:
            self.clock.restart()
        yield report

    def fault(self) -> str | None:
        """What is wrong with a compressed stream that has been read to where it ends; None where nothing is."""
        found = fault_of(self.stream)
        return f"the gzip stream is damaged ({found}); fetch it again" if found else None

    def one(self) -> bytes:
        """All bytes of an input that is one report; as `whole`, but bounded as a record is."""
        return self.whole(LARGEST_RECORD)

    def whole(self, largest: int = LARGEST_WHOLE) -> bytes:
        """All bytes; raises `Unreadable` when there are none, too many, or a compressed stream is damaged."""
        if self._whole is None:
            self._whole = self._checked(self.take(largest + 1), largest)
        return self._whole

    def _checked(self, data: bytes, largest: int) -> bytes:
        if len(data) > largest:
            raise Unreadable("too-large", f"{self.name}: more than {largest // MIB} MiB; split it, or give it as JSONL")
        if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
            raise Unreadable("empty-file", f"{self.name}: nothing in it; leave it out or fetch it again")
        return data

    def take(self, size: int) -> bytes:
        """Up to `size` bytes from where the stream stands; raises `Unreadable` where a fault leaves fewer."""
        data = self.stream.read(size)
        if len(data) < size and (fault := self.fault()):
            raise Unreadable("damaged", f"{self.name}: {fault}")
        return data

    def rows(self) -> tuple[str, bool]:
        """All bytes, as characters, of an input of many rows, and whether it is cut.

        Of one that is cut, which is a problem, the lines before the cut.
        """
        data = self.stream.read(LARGEST_WHOLE + 1)
        fault = self.fault()
        if fault:
            data = data[: data.rfind(b"\n") + 1]
            if not data:
                raise Unreadable("damaged", f"{self.name}: {fault}")
            self.problem("damaged", f"{self.name}: {fault}; the rows before were read")
        self._whole = self._checked(data, LARGEST_WHOLE)
        return self.text(), bool(fault)

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """(number from 1, bytes) of each line; raises `Unreadable` at one that does not end in bounds."""
        number = 0
        while True:
            line = self.stream.readline(LARGEST_RECORD + 1)
            if not line.endswith(b"\n") and len(line) <= LARGEST_RECORD and (fault := self.fault()):
                raise Unreadable("damaged", f"{self.name}: after line {number} {fault}")
            if not line:
                return
            number += 1
            if len(line) > LARGEST_RECORD:
                raise Unreadable(
                    "too-large", f"{self.name} line {number}: longer than {LARGEST_RECORD // MIB} MiB; not one report"
                )
            yield number, line

    def text(self, declared: str | None = None) -> str:
        """All bytes as characters. What had to be guessed is a problem row 'wrong-encoding', but still read."""
        return self.decode(self.whole(), declared)

    def decode(self, data: bytes, declared: str | None = None, uri: str | None = None) -> str:
        """Bytes as characters: see `decode`."""
        text, guessed = decode(data, declared or self.charset, uri or self.name)
        if guessed:
            self.problem("wrong-encoding", guessed, uri)
        return text


_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"PK\x03\x04": "a ZIP archive or an office document",
    b"\xd0\xcf\x11\xe0": "an old office document",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"SQLite": "a database",
    b"BZh": "bzip2-compressed",
    b"\xfd7zXZ": "xz-compressed",
    b"\x28\xb5\x2f\xfd": "zstd-compressed",
    b"7z\xbc\xaf": "a 7z archive",
}
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
# Bytes 80-9f and a0-ff of Windows-1252 that Western news text uses: curly quotes, dashes, bullets, currency, letters.
_WESTERN = frozenset(b"\x80\x82\x84\x85\x8a\x8c\x8e\x91\x92\x93\x94\x95\x96\x97\x99\x9a\x9c\x9e\x9f") | frozenset(
    range(0xA0, 0x100)
)


def binary(head: bytes) -> str | None:
    """What kind of non-text the first bytes are, or None when they may be text."""
    for magic, what in _MAGIC.items():
        if head.startswith(magic):
            return what
    if any(head.startswith(bom) for bom, _ in _BOMS) or _utf16(head):
        return None
    sample = head[:8192]
    if sample and len(_CONTROL.findall(sample)) > max(1, len(sample) // 50):
        return "binary"
    return None


def _utf16(head: bytes) -> str | None:
    sample = head[:2048]
    if len(sample) < 8:
        return None
    even, odd = sample[0::2].count(0) / (len(sample) / 2), sample[1::2].count(0) / (len(sample) / 2)
    if odd > 0.7 and even < 0.1:
        return "utf-16-le"
    if even > 0.7 and odd < 0.1:
        return "utf-16-be"
    return None


def decode(data: bytes, declared: str | None, name: str) -> tuple[str, str | None]:
    """Bytes as characters, and what to say when the encoding had to be guessed (else None).

    In this order: byte order mark (dropped; the only character that is), UTF-8, the declared encoding, UTF-16 by its
    zero bytes, Windows-1252 where every high byte is one that Western text uses, charset-normalizer. UTF-8 stands
    before the declared encoding because text that is valid UTF-8 with a character beyond ASCII practically never
    is anything else, while declarations are often wrong. Raises `Unreadable` for bytes that are no text.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            body = data[len(bom) :]
            try:
                return body.decode(encoding), None
            except UnicodeDecodeError as error:
                return body.decode(encoding, "replace"), _broken(name, encoding, error)
    what = binary(data[:8192])
    if what:
        raise Unreadable("binary-file", f"{name}: {what}, not text; give its text instead")
    if utf16 := _utf16(data):
        return data.decode(utf16, "replace"), f"{name}: UTF-16 without a byte order mark; save it as UTF-8"
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        first = error
    known = _codec(declared)
    if known and known != "utf-8":
        try:
            return data.decode(known), None
        except UnicodeDecodeError:
            pass
    high = [b for b in data[: 4 * MIB] if b >= 0x80]
    bad_only = data.decode("utf-8", "ignore")
    if len(high) > 8 and sum(ord(c) > 127 for c in bad_only) * 2 > 0.9 * len(high):
        return data.decode("utf-8", "replace"), _broken(name, "utf-8", first)
    if all(b in _WESTERN for b in high) and len(high) < 0.2 * min(len(data), 4 * MIB):
        return data.decode("cp1252", "replace"), _guess(name, "Windows-1252", first)
    # Long inputs are judged by the part around their first odd byte: detection costs seconds a megabyte.
    start = max(0, first.start - 2048)
    best = from_bytes(data[start : start + 65536]).best()
    encoding = best.encoding if best is not None else "cp1252"
    try:
        return data.decode(encoding), _guess(name, encoding, first)
    except (UnicodeDecodeError, LookupError):
        return data.decode("cp1252", "replace"), _guess(name, "Windows-1252", first)


def _codec(declared: str | None) -> str | None:
    """A declared name as a Python codec; browsers read 'latin-1' and 'ascii' as Windows-1252, and so do we."""
    if not declared:
        return None
    try:
        name = codecs.lookup(declared.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None
    return "cp1252" if name in {"iso8859-1", "ascii"} else name


def _guess(name: str, encoding: str, error: UnicodeDecodeError) -> str:
    return (
        f"{name}: not UTF-8 (byte {error.start}) and no encoding declared; "
        f"read as {encoding}, a guess: save it as UTF-8 to be sure"
    )


def _broken(name: str, encoding: str, error: UnicodeDecodeError) -> str:
    return f"{name}: bytes that are not {encoding} (first at byte {error.start}) became U+FFFD; save it again as UTF-8"


MOST_TAGS = 400_000  # opening and closing; a long live blog has some 20,000


def bounded(html: str) -> None:
    """Raise `Unreadable` for a page of more tags than any report has: work on it grows faster than its length."""
    if html.count("<") > MOST_TAGS:
        raise Unreadable("too-large", f"a page of more than {MOST_TAGS:,} tags; not one report")
