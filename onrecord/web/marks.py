"""A text cut at the boundaries of everything marked in it, so that overlapping and nested spans can be shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any


@dataclass(frozen=True)
class Mark:
    """A marked span: its layer (a CSS class), what it says, and where it leads."""

    number: int
    start: int
    end: int
    layer: str
    kind: str
    label: str
    href: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Piece:
    """A stretch of text over which the same marks lie; `layers` are classes, `numbers` the marks."""

    start: int
    text: str
    layers: tuple[str, ...]
    numbers: tuple[int, ...]


@dataclass
class Block:
    """A segment of the text: its role and its pieces."""

    start: int
    end: int
    kind: str
    pieces: list[Piece] = field(default_factory=list)


def blocks(text: str, segments: Iterable[dict[str, Any]], marks: Sequence[Mark]) -> list[Block]:
    """The text as blocks (its segments; what lies between them, if not blank, as one of kind 'body') of pieces.

    The pieces' texts, with the blanks between blocks, are the text again, to the character.
    """
    out: list[Block] = []
    at = 0
    for s in sorted(segments, key=lambda s: s["char_start"]):
        start, end = max(s["char_start"], at), min(s["char_end"], len(text))
        if text[at:start].strip():
            out.append(Block(at, start, "body"))
        if end > start:
            out.append(Block(start, end, s["kind"]))
            at = end
    if text[at:].strip():
        out.append(Block(at, len(text), "body"))
    edges = sorted({0, len(text)} | {min(max(e, 0), len(text)) for m in marks for e in (m.start, m.end)})
    opening = sorted((m for m in marks if m.start < m.end), key=lambda m: m.start)
    open_now: list[Mark] = []
    following = 0
    block = 0
    for left, right in pairwise(edges):
        while following < len(opening) and opening[following].start <= left:
            open_now.append(opening[following])
            following += 1
        open_now = [m for m in open_now if m.end > left]
        layers = tuple(sorted({c for m in open_now for c in (m.layer, f"{m.layer}-{m.kind}")}))
        numbers = tuple(m.number for m in sorted(open_now, key=lambda m: (m.end - m.start, m.number)))
        while block < len(out) and out[block].end <= left:
            block += 1
        b = block
        while b < len(out) and out[b].start < right:
            here = out[b]
            a, z = max(left, here.start), min(right, here.end)
            if z > a:
                here.pieces.append(Piece(a, text[a:z], layers, numbers))
            b += 1
    return out
