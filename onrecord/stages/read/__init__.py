"""read: inputs to reports, every format through one protocol; what cannot be read is said, and the rest goes on."""

from __future__ import annotations

import glob
import io
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePath
from typing import cast

from onrecord.errors import TimeLimitError, panicked
from onrecord.model import RawReport
from onrecord.stages.read.fetch import Fetcher
from onrecord.stages.read.formats import FORMATS, Format
from onrecord.stages.read.language import language_of
from onrecord.stages.read.notices import notices
from onrecord.stages.read.outlets import outlet_in
from onrecord.stages.read.source import TOO_LONG, Clock, Files, Source, Unbounded, Unreadable, binary, faulty
from onrecord.stages.read.unpacking import gunzipped

__all__ = ["FORMATS", "Format", "known", "read"]

_EXTENSIONS = {extension: f for f in FORMATS.values() for extension in f.extensions}
_WEB = ("http://", "https://")
# What a server calls a format, where that says more than the bytes do.
_TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/rss+xml": ".rss",
    "application/atom+xml": ".atom",
    "application/json": ".json",
    "application/feed+json": ".json",
    "application/x-ndjson": ".jsonl",
    "text/csv": ".csv",
    "application/xml": "",
    "text/xml": "",
    "text/plain": "",
}
# Extensions that say nothing about what is inside, or too much; the bytes decide.
_OPEN = frozenset({"", ".xml", ".php", ".asp", ".aspx", ".jsp", ".cms", ".ece"})


def known() -> str:
    """The known formats in words, for messages."""
    return ", ".join(sorted(_EXTENSIONS)) + " (each also with .gz)"


def read(
    inputs: Iterable[str],
    *,
    on_problem: Callable[[str, str, str], None],
    cache: Path | None = None,
    fetcher: Fetcher | None = None,
    clock: Clock | None = None,
    files: Callable[[], Files | None] | None = None,
) -> Iterator[RawReport]:
    """The reports in the inputs, one at a time, in the order given; a folder's files in the order of their names.

    An input is a file, a folder (with all below it; names that start with a dot are left out), a glob, the http or
    https address of a page or feed, or '-' for standard input. `on_problem(uri, reason, detail)` hears of everything
    that could not be read; nothing is raised for it. `cache` is the file in which fetched pages are kept, so that
    they are fetched again only when they changed; a `fetcher` of one's own takes its place. `clock` bounds the time
    that one report, or one file as far as it has to be held whole, may take. `files` gives, when first asked for, the
    file systems on which other addresses (`hdfs://`, `s3a://`) lie; without it they cannot be read.
    """
    clock = clock or Unbounded()
    for name in inputs:
        if name.startswith(_WEB):
            fetcher = fetcher or Fetcher(cache)
            yield from _guarded(name, partial(_fetched, name, fetcher, on_problem, clock), on_problem, clock)
        elif "://" in name and files is not None and (far := files()) is not None:
            yield from _far(name, far, on_problem, clock)
        else:
            for uri, path in _files(name, on_problem):
                yield from _guarded(uri, partial(_file, uri, path, on_problem, clock), on_problem, clock)


def _finished(report: RawReport, on_problem: Callable[[str, str, str], None]) -> RawReport:
    """With its language, the outlet that its text names, and what is to be said of it told."""
    for reason, detail in notices(report):
        on_problem(report.uri, reason, f"{report.uri}: {detail}")
    found = None if report.outlet else outlet_in(report.text)
    if found:
        report = replace(report, outlet=found[0], outlet_basis="text", outlet_span=found[1])
    return replace(report, language=language_of(report.text, report.language))


def _fetched(
    url: str, fetcher: Fetcher, on_problem: Callable[[str, str, str], None], clock: Clock
) -> Iterator[RawReport]:
    got = fetcher.get(url)
    stream = gunzipped(io.BufferedReader(io.BytesIO(got.data)))
    source = Source(url, stream, on_problem, charset=got.charset, url=got.url, fetched=got.when, clock=clock)
    extension = PurePath(got.url.partition("?")[0].rpartition("/")[2].lower().removesuffix(".gz")).suffix
    kind = _TYPES.get(got.kind, extension if extension in _EXTENSIONS else "")
    if kind == ".html" and _sniffed(_head(source)) is FORMATS["feed"]:
        kind = ".rss"  # feeds are often served as text/html
    yield from _from(source, kind)


def _files(given: str, on_problem: Callable[[str, str, str], None]) -> Iterator[tuple[str, Path | None]]:
    """(uri, path) of each file that an input means; path None is standard input."""
    if given == "-":
        yield "stdin", None
        return
    if "://" in given:
        reached = "only http and https are fetched, and with --engine spark what Spark reaches"
        on_problem(given, "unknown-format", f"{given}: {reached}; give a file: {known()}")
        return
    path = Path(given)
    if path.is_dir():
        yield from _folder(given, path, on_problem)
    elif path.exists():
        yield _uri(given), path
    elif matches := sorted(glob.glob(given, recursive=True)):  # noqa: PTH207 (Path.glob takes no absolute pattern)
        for match in matches:
            if Path(match).is_dir():
                if "**" not in given:
                    yield from _folder(match, Path(match), on_problem)
            else:
                yield _uri(match), Path(match)
    else:
        on_problem(_uri(given), "missing", f"{given}: no such file or folder, and no file matches it as a pattern")


def _folder(given: str, folder: Path, on_problem: Callable[[str, str, str], None]) -> Iterator[tuple[str, Path]]:
    root, seen = _uri(given), False
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(n for n in names if not n.startswith(".")):
            seen = True
            path = Path(place) / name
            uri = (PurePath(root) / path.relative_to(folder)).as_posix()
            if _no_file(path):
                on_problem(uri, "no-file", f"{uri}: a pipe, socket or device, which may never end; left out")
            else:
                yield uri, path
    if not seen:
        on_problem(root, "empty-folder", f"{given}: no files in the folder; give one that has reports in it")


def _no_file(path: Path) -> bool:
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False  # opening it says why


def _far(given: str, files: Files, on_problem: Callable[[str, str, str], None], clock: Clock) -> Iterator[RawReport]:
    """Reports in files on another file system, each copied here for as long as it is read."""
    try:
        found = files.listed(given)
    except OSError as error:
        on_problem(given, "missing", f"{given}: cannot be listed: {error.strerror}")
        return
    if not found:
        on_problem(given, "missing", f"{given}: no file there, and none matches it as a pattern")
    with tempfile.TemporaryDirectory(prefix="onrecord-") as folder:
        for address in found:
            try:
                path = files.fetched(address, Path(folder))
            except OSError as error:
                on_problem(address, "missing", f"{address}: cannot be copied: {error.strerror}")
                continue
            yield from _guarded(address, partial(_file, address, path, on_problem, clock), on_problem, clock)
            path.unlink()


def _uri(given: str) -> str:
    """The name under which an input stands in the record: as typed, unless that would name a place on one machine."""
    path = PurePath(os.path.normpath(given))
    if path.is_absolute() or ".." in path.parts:
        return path.name if path.name not in ("", "..") else Path(given).resolve().name
    return path.as_posix()


def _file(
    uri: str, path: Path | None, on_problem: Callable[[str, str, str], None], clock: Clock
) -> Iterator[RawReport]:
    if path is None:
        stream = gunzipped(_standard_input())
        yield from _from(Source(uri, stream, on_problem, clock=clock), "")
        return
    with path.open("rb") as opened:
        changed = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).replace(microsecond=0)
        name = path.name.lower().removesuffix(".gz")
        source = Source(uri, gunzipped(opened), on_problem, fetched=changed, clock=clock)
        yield from _from(source, PurePath(name).suffix)


def _guarded(
    uri: str, reports: Callable[[], Iterator[RawReport]], on_problem: Callable[[str, str, str], None], clock: Clock
) -> Iterator[RawReport]:
    """The reports; what cannot be read, or not in time, is a problem and the end of this input, not of the build."""
    rest = reports()
    while True:
        told, report = uri, None
        try:
            with clock:
                report = next(rest, None)
                if report is None:
                    return
                told = report.uri
                clock.restart()
                done = _finished(report, on_problem)
        except Unreadable as error:
            on_problem(uri, error.reason, error.detail)
            return
        except OSError as error:
            on_problem(uri, "missing", f"{uri}: cannot be opened: {error.strerror or error}")
            return
        except TimeLimitError:
            on_problem(told, "time-limit", f"{told}: {TOO_LONG}")
            if report is None:
                return
            continue
        except BaseException as error:  # a parser that fails on a strange file must not end the build
            if not isinstance(error, Exception) and not panicked(error):
                raise
            on_problem(told, "damaged", faulty(told, error))
            if report is None:
                return
            continue
        yield done


def _standard_input() -> io.BufferedReader:
    stdin = sys.stdin.buffer
    return stdin if isinstance(stdin, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, stdin))


def _from(source: Source, extension: str) -> Iterator[RawReport]:
    chosen = _EXTENSIONS.get(extension)
    head = _head(source)
    if not head:
        raise Unreadable("empty-file", f"{source.name}: nothing in it; leave it out or fetch it again")
    if chosen is None:
        chosen = _sniffed(head)
        if chosen is None and binary(head):
            raise Unreadable("binary-file", f"{source.name}: {binary(head)}, not text; known formats: {known()}")
        if chosen is None and extension in ("",):
            chosen = FORMATS["txt"]
        if chosen is None or (extension not in _OPEN and chosen.name == "txt"):
            raise Unreadable("unknown-format", f"{source.name}: unknown format; known are {known()}")
    yield from chosen.read(source)


def _head(source: Source) -> bytes:
    head = source.stream.peek(8192)[:8192]
    if not head and (fault := source.fault()):
        raise Unreadable("damaged", f"{source.name}: {fault}")
    return head


def _sniffed(head: bytes) -> Format | None:
    start = head.removeprefix(b"\xef\xbb\xbf")
    return next((f for f in FORMATS.values() if f.looks and f.looks.search(start)), None)
