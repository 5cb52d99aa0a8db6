"""Paragraphs that extraction missed, found by the page's own template.

A page prints all paragraphs of its article in one kind of place: the same tags and classes around each. Where at least
two paragraphs that were kept stand in such a place, others in it, below the same container, belong to the article too:
pages cut into parts by advertisements lose half their text otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from lxml.html import HtmlElement

from onrecord.text import plain

Blocks = list[tuple[str, str | None]]

MATCHED = 48  # characters by which an element of the page is recognised as a block of the extraction
_SHORTEST = 60  # characters; shorter paragraphs of a template are as often captions, bylines or prompts
_LINKED = 0.3  # share of a paragraph's characters inside links; lists of links have more
_ENDS = (".", "!", "?", '"', "”", "’", "…", ":", ")")


def recovered(blocks: Blocks, tree: HtmlElement) -> Blocks:
    """The blocks, with the paragraphs of the same template that stand between or behind them on the page."""
    known: dict[str, int] = {}
    for n, (text, _) in enumerate(blocks):
        known.setdefault(plain(text)[:MATCHED], n)
    places: dict[tuple[str, ...], list[tuple[HtmlElement, int | None]]] = defaultdict(list)
    order: list[tuple[HtmlElement, tuple[str, ...], int | None]] = []
    for element in tree.iter("p"):
        text = plain(element.text_content()[:600])
        if not text:
            continue
        at = known.get(text[:MATCHED])
        sign = _place(element)
        places[sign].append((element, at))
        order.append((element, sign, at))
    containers = {sign: _container([e for e, at in found if at is not None]) for sign, found in places.items()}
    after: dict[int, list[str]] = defaultdict(list)
    last, seen = -1, set(known)
    for element, sign, at in order:
        if at is not None:
            last = max(last, at)
            continue
        container = containers[sign]
        if last < 0 or container is None or not any(a is container for a in element.iterancestors()):
            continue
        words = " ".join(element.text_content().split())
        mark = plain(words)[:MATCHED]
        if len(words) >= _SHORTEST and words.endswith(_ENDS) and mark not in seen and _linked(element) < _LINKED:
            seen.add(mark)
            after[last].append(words)
    out: Blocks = []
    for n, block in enumerate(blocks):
        out.append(block)
        out.extend((words, None) for words in after.get(n, ()))
    return out


def _place(element: HtmlElement) -> tuple[str, ...]:
    around: list[str] = []
    for ancestor in element.iterancestors():
        around.append(f"{ancestor.tag}.{ancestor.get('class') or ''}")
        if len(around) == 3:
            break
    return tuple(around)


def _container(elements: list[HtmlElement]) -> Any:
    """The lowest element around all of these; None for fewer than two."""
    if len(elements) < 2:
        return None
    common = list(elements[0].iterancestors())
    for element in elements[1:]:
        mine = set(element.iterancestors())
        common = [a for a in common if a in mine]
    return common[0] if common and common[0].tag not in ("body", "html") else None


def _linked(element: HtmlElement) -> float:
    total = len(element.text_content())
    return sum(len(a.text_content()) for a in element.iter("a")) / total if total else 1.0
