"""The blocks of an article: from a piece of HTML that is an article already, and as one text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape

from onrecord.model import Mark, Span
from onrecord.stages.read.source import bounded

_BLOCK = re.compile(
    r"</?(?:p|div|h[1-6]|ul|ol|li|table|tr|blockquote|figure|figcaption|section|article|br)\b[^>]{0,2000}>", re.I
)
_FIGCAPTION = (re.compile(r"<(figcaption)\b[^>]{0,2000}>", re.I), {"figcaption": re.compile(r"</figcaption>", re.I)})
_HEAD = (re.compile(r"<(h)[1-6]\b[^>]{0,2000}>", re.I), {"h": re.compile(r"</h[1-6]>", re.I)})
_UNREAD = ("script", "style", "iframe", "noscript", "svg")
_DROPPED = (
    re.compile(rf"<({'|'.join(_UNREAD)}|!--)(?:(?<=--)|\b[^>]{{0,2000}}>)", re.I),
    {"!--": re.compile("-->"), **{name: re.compile(f"</{name}>", re.I) for name in _UNREAD}},
)
_MORE = re.compile(
    r"^(?:The post .{1,300} (?:appeared first on|first appeared on) .{1,80}|Continue reading.{0,80}|Read more.{0,80})$",
    re.I,
)
_TAG = re.compile(r"<[^>]{0,2000}>")


def _elements(
    markup: str, opening: re.Pattern[str], closing: Mapping[str, re.Pattern[str]]
) -> Iterator[tuple[re.Match[str], re.Match[str]]]:
    """The opening and closing tag of each element; one that is never closed is looked for once, not at each opening."""
    at = 0
    unclosed: set[str] = set()
    while found := opening.search(markup, at):
        at = found.end()
        name = found[1].lower()
        if name in unclosed:
            continue
        close = closing[name].search(markup, at)
        if close is None:
            unclosed.add(name)
            continue
        yield found, close
        at = close.end()


def _inside(markup: str, opening: re.Pattern[str], closing: Mapping[str, re.Pattern[str]]) -> list[str]:
    return [markup[start.end() : end.start()] for start, end in _elements(markup, opening, closing)]


def _without(markup: str) -> str:
    """The markup without what is never read: scripts, comments and the like."""
    parts, at = [], 0
    for start, end in _elements(markup, *_DROPPED):
        parts += [markup[at : start.start()], " "]
        at = end.end()
    return "".join([*parts, markup[at:]])


def joined(blocks: list[tuple[str, str | None]]) -> tuple[str, tuple[Mark, ...]]:
    """Blocks as one text, a blank line between two, and the marks on it."""
    parts: list[str] = []
    marks: list[Mark] = []
    at = 0
    for text, kind in blocks:
        if parts:
            parts.append("\n\n")
            at += 2
        if kind:
            marks.append(Mark(Span(at, at + len(text)), kind))
        parts.append(text)
        at += len(text)
    return "".join(parts), tuple(marks)


def blocks_of(markup: str) -> list[tuple[str, str | None]]:
    """The paragraphs of a piece of HTML that is an article already, (text, kind or None)."""
    bounded(markup)
    markup = _without(markup)
    special = {" ".join(unescape(_TAG.sub("", m)).split()): "caption" for m in _inside(markup, *_FIGCAPTION)}
    special |= {" ".join(unescape(_TAG.sub("", m)).split()): "subheading" for m in _inside(markup, *_HEAD)}
    if not _BLOCK.search(markup):
        pieces = re.split(r"\n\s*\n", markup)
    else:
        pieces = _BLOCK.split(markup)
    out: list[tuple[str, str | None]] = []
    for piece in pieces:
        text = " ".join(unescape(_TAG.sub("", piece)).split())
        if text:
            out.append((text, "boilerplate" if _MORE.match(text) else special.get(text)))
    return out
