"""The blocks of an article: from a piece of HTML that is an article already, and as one text."""

from __future__ import annotations

import re
from html import unescape

from onrecord.model import Mark, Span

_BLOCK = re.compile(
    r"</?(?:p|div|h[1-6]|ul|ol|li|table|tr|blockquote|figure|figcaption|section|article|br)\b[^>]*>", re.I
)
_FIGCAPTION = re.compile(r"<figcaption\b[^>]*>(.*?)</figcaption>", re.I | re.S)
_HEAD = re.compile(r"<h[1-6]\b[^>]*>(.*?)</h[1-6]>", re.I | re.S)
_DROPPED = re.compile(r"<(script|style|iframe|noscript|svg)\b[^>]*>.*?</\1>|<!--.*?-->", re.I | re.S)
_MORE = re.compile(
    r"^(?:The post .{1,300} (?:appeared first on|first appeared on) .{1,80}|Continue reading.{0,80}|Read more.{0,80})$",
    re.I,
)
_TAG = re.compile(r"<[^>]{0,2000}>")


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
    markup = _DROPPED.sub(" ", markup)
    special = {" ".join(unescape(_TAG.sub("", m)).split()): "caption" for m in _FIGCAPTION.findall(markup)}
    special |= {" ".join(unescape(_TAG.sub("", m)).split()): "subheading" for m in _HEAD.findall(markup)}
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
