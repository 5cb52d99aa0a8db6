"""The known formats: for each the names it goes by, how its bytes look, and the reader.

A reader is a function from a `Source` to `RawReport`s. It raises `Unreadable` for what it cannot read at all, and
notes a problem for each item that it has to leave out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from onrecord.model import Mark, RawReport, Span
from onrecord.stages.read import archives, feeds, mail, newsml, page, records, tables
from onrecord.stages.read.source import Source, Unreadable

Reader = Callable[[Source], Iterator[RawReport]]


@dataclass(frozen=True)
class Format:
    """One format: its name, its file extensions, how to tell it by its first bytes, its reader."""

    name: str
    extensions: tuple[str, ...]
    read: Reader
    looks: re.Pattern[bytes] | None = None


def plain_text(source: Source) -> Iterator[RawReport]:
    """Plain text: one file is one report, its text the file's characters (a byte order mark is dropped)."""
    source.one()
    text = source.text()
    if not text.strip():
        raise Unreadable("empty-file", f"{source.name}: only blanks in it; leave it out or fetch it again")
    yield RawReport(uri=source.name, text=text, fetched=source.fetched)


_HEADING = re.compile(r"^(#{1,6})[ \t]+(\S.*)$", re.MULTILINE)
_PICTURE = re.compile(r"^!\[[^\]\n]*\]\([^)\n]*\)[ \t]*$", re.MULTILINE)
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.{0,4000}?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FACT = re.compile(r"^([A-Za-z_]+):[ \t]*(.+?)[ \t]*$", re.MULTILINE)


def markdown(source: Source) -> Iterator[RawReport]:
    """Markdown: kept to the character; headings, pictures and front matter are marked, front matter is read."""
    source.one()
    text = source.text()
    if not text.strip():
        raise Unreadable("empty-file", f"{source.name}: only blanks in it; leave it out or fetch it again")
    fields: dict[str, Any] = {}
    marks: list[Mark] = []
    front = _FRONT.match(text)
    if front and (found := _FACT.findall(front.group(1))):
        fields = {k.lower(): v.strip("\"'") for k, v in found}
        marks.append(Mark(Span(0, len(front.group().rstrip())), "boilerplate"))
    body_at = front.end() if fields and front else 0
    for m in _HEADING.finditer(text, body_at):
        top = len(m.group(1)) == 1 and not any(k.kind == "headline" for k in marks)
        marks.append(Mark(Span(m.start(), m.end()), "headline" if top else "subheading"))
        if top:
            fields.setdefault("title", m.group(2).rstrip(" \t").rstrip("#").rstrip(" \t"))
    marks += [Mark(Span(m.start(), m.end()), "boilerplate") for m in _PICTURE.finditer(text, body_at)]
    for name in (*records.TEXT, *records.HTML):
        fields.pop(name, None)
    report = records.report({**fields, "text": text}, source, source.name)
    yield RawReport(
        **{f: getattr(report, f) for f in report.__slots__ if f != "marks"},
        marks=tuple(sorted(marks, key=lambda m: m.span)),
    )


def html(source: Source) -> Iterator[RawReport]:
    """A saved web page: its article, headline first."""
    text = source.text(page.charset(source.one()))
    found = page.extract(text, url=source.url)
    if found is None:
        raise Unreadable("no-text", f"{source.name}: no article found in the page; give its text as .txt")
    yield RawReport(uri=source.name, external_id=source.url, fetched=source.fetched, **page.facts(found))


_LISTS = ("articles", "reports", "stories", "items", "documents", "docs", "results", "entries", "data", "hits", "news")


def json_document(source: Source) -> Iterator[RawReport]:
    """One JSON document: a report, a list of reports, or an object with such a list; or JSON Lines after all."""
    text = source.text()
    try:
        found = json.loads(text, strict=False)
    except RecursionError as error:
        raise Unreadable("bad-json", f"{source.name}: nested too deeply to be a report") from error
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            yield from _json_rows(source, enumerate(text.encode("utf-8", "surrogatepass").split(b"\n"), 1))
            return
        raise Unreadable(
            "bad-json", f"{source.name} line {error.lineno}: not JSON ({error.msg}); one object, a list, or JSON Lines"
        ) from error
    if isinstance(found, dict) and not records.is_report(found):
        found = next((found[k] for k in _LISTS if isinstance(found.get(k), list)), found)
    if isinstance(found, dict):
        yield records.report(found, source, source.name)
    elif isinstance(found, list):
        for number, item in enumerate(found, 1):
            yield from _one(source, item, f"{source.name}:{number}")
    else:
        raise Unreadable("bad-json", f"{source.name}: neither an object nor a list of objects")


def json_lines(source: Source) -> Iterator[RawReport]:
    """JSON Lines: one report a line; a line that is none is a problem and the rest goes on."""
    yield from _json_rows(source, source.lines())


def _json_rows(source: Source, lines: Any) -> Iterator[RawReport]:
    seen = False
    for number, line in lines:
        if number == 1 and line.startswith(b"\xef\xbb\xbf"):
            line = line[3:]
        if not line.strip():
            continue
        seen = True
        uri = f"{source.name}:{number}"
        try:
            item = json.loads(source.decode(line, uri=uri), strict=False)
        except Unreadable as error:
            source.problem(error.reason, error.detail, uri)
            if number == 1:
                return
            continue
        except (ValueError, RecursionError) as error:
            what = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
            source.problem("bad-json", f"{source.name} line {number}: not a JSON object ({what}); left out", uri)
            continue
        yield from _one(source, item, uri)
    if not seen:
        raise Unreadable("empty-file", f"{source.name}: nothing in it; leave it out or fetch it again")


def _one(source: Source, item: Any, uri: str) -> Iterator[RawReport]:
    if not isinstance(item, dict):
        source.problem("bad-json", f"{uri}: not an object but {type(item).__name__}; one report an object", uri)
        return
    yield from source.item(uri, lambda: records.report(item, source, uri))


_PROLOGUE = rb"\A\s*(?:<\?xml[^>]*>\s*|<!--.{0,400}?-->\s*)*"
_HTML = re.compile(_PROLOGUE + rb"<(?:!doctype\s+html|html|head|body|article)\b", re.IGNORECASE | re.DOTALL)
_NEWSML = re.compile(_PROLOGUE + rb"(?:<!DOCTYPE[^>]*>\s*)?<(?:\w+:)?(?:newsItem|newsMessage|nitf)\b", re.DOTALL)
_MAIL = re.compile(
    rb"\A(?:Return-Path|Received|Delivered-To|Message-ID|MIME-Version|From|Subject|Date|X-[\w-]+): .*\r?\n[A-Za-z-]+:",
    re.IGNORECASE,
)
_FEED = re.compile(_PROLOGUE + rb"<(?:rss|feed|rdf:RDF)\b", re.IGNORECASE | re.DOTALL)

FORMATS: dict[str, Format] = {
    f.name: f
    for f in (
        Format("txt", (".txt", ".text"), plain_text),
        Format("md", (".md", ".markdown"), markdown),
        Format("html", (".html", ".htm", ".xhtml", ".shtml"), html, _HTML),
        Format("warc", (".warc",), archives.warc, re.compile(rb"\AWARC/\d")),
        Format("newsml", (".newsml", ".nitf"), newsml.news_items, _NEWSML),
        Format("parquet", (".parquet", ".pq"), tables.parquet_rows, re.compile(rb"\APAR1")),
        Format("csv", (".csv", ".tsv"), tables.csv_rows),
        Format("eml", (".eml",), mail.message, _MAIL),
        Format("feed", (".rss", ".atom", ".rdf"), feeds.feed, _FEED),
        Format("jsonl", (".jsonl", ".ndjson", ".jl"), json_lines, re.compile(rb'\A\s*\{"[^\n]{1,}\}\s*\n\s*\{"')),
        Format("json", (".json",), json_document, re.compile(rb"\A\s*[\[{]\s*[\[{\"]")),
    )
}
