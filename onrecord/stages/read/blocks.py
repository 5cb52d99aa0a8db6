"""The blocks of an article as one text."""

from __future__ import annotations

from onrecord.model import Mark, Span


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
