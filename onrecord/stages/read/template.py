"""Paragraphs that extraction missed, found by the page's own template.

A page prints all paragraphs of its article in one kind of place: the same tags and classes around each. Where at least
two paragraphs that were kept stand in such a place, others in it, below the same container, belong to the article too:
pages cut into parts by advertisements lose half their text otherwise.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from lxml.html import HtmlElement

from onrecord.text import plain

Blocks = list[tuple[str, str | None]]

MATCHED = 48  # characters by which an element of the page is recognised as a block of the extraction
_SHORTEST = 60  # characters; shorter paragraphs of a template are as often captions, bylines or prompts
_LINKED = 0.3  # share of a paragraph's characters inside links; lists of links have more
_PROMO = 0.9  # share of a block's characters inside links from which on it is a promo, not a sentence with links
_BOXED = 20  # characters of the shortest block looked for in a promo box
# Words of classes, as news templates use them, for boxes that point at other stories or at subscriptions.
_BOX = re.compile(
    r"(?:^|[\s_-])(?:promo|recirc|related|recommended|teaser|newsletter|read-?more|most-read|trending|signup)(?:$|[\s_-])",
    re.IGNORECASE,
)
_ENDS = (".", "!", "?", '"', "”", "’", "…", ":", ")")


def recovered(blocks: Blocks, tree: HtmlElement, live: bool = False) -> Blocks:
    """The blocks, with the paragraphs of the same template that stand between or behind them on the page.

    With `live` also those in all entries of a live blog, which its page prints as articles of their own.
    """
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
    entries = next(tree.iter("main"), None) if live else None
    last, seen = -1, set(known)
    # An element with line breaks may have been kept as several blocks.
    kept = letters(" ".join(t for t, _ in blocks))
    for element, sign, at in order:
        if at is not None:
            last = max(last, at)
            continue
        container = containers[sign] if not live else entries
        if last < 0 or container is None or not any(a is container for a in element.iterancestors()):
            continue
        words = " ".join(element.text_content().split())
        mark = plain(words)[:MATCHED]
        if len(words) >= _SHORTEST and words.endswith(_ENDS) and mark not in seen and _linked(element) < _LINKED:
            if letters(words) in kept:
                continue
            seen.add(mark)
            after[last].append(words)
    out: Blocks = []
    for n, block in enumerate(blocks):
        out.append(block)
        out.extend((words, None) for words in after.get(n, ()))
    return out


def linked(blocks: Blocks, tree: HtmlElement) -> Blocks:
    """The blocks, those that are nothing but a link on the page marked as teasers: promos set between paragraphs."""
    links = {
        plain(e.text_content())
        for e in tree.iter("p", "li", "div")
        if 25 <= len(e.text_content()) <= 250 and _linked(e) > _PROMO and not e.text_content().strip().endswith(".")
    }
    return [(t, "teaser" if k in (None, "body") and plain(t) in links else k) for t, k in blocks]


def promoted(blocks: Blocks, tree: HtmlElement) -> Blocks:
    """The blocks, those in a box that its class calls a promo marked as teasers, where the box holds a few of them."""
    known: dict[str, int] = {}
    for n, (text, kind) in enumerate(blocks):
        if kind in (None, "body", "subheading") and len(text) >= _BOXED:
            known.setdefault(plain(text)[:MATCHED], n)
    boxes: dict[Any, set[int]] = defaultdict(set)
    outside: set[int] = set()
    for element in tree.iter("p", "h2", "h3", "h4", "li", "div"):
        if element.tag == "div" and len(element):
            continue
        at = known.get(plain(element.text_content()[:400])[:MATCHED])
        if at is None:
            continue
        box = next((a for a in (element, *element.iterancestors()) if _BOX.search(a.get("class") or "")), None)
        if box is None:
            outside.add(at)
        else:
            boxes[box].add(at)
    promos = {n for held in boxes.values() if len(held) <= 3 for n in held} - outside
    if len(promos) > len(blocks) // 3:
        return blocks
    return [(t, "teaser" if n in promos else k) for n, (t, k) in enumerate(blocks)]


def letters(text: str) -> str:
    """The letters and digits of a text, for comparing what is cut and spaced in different ways."""
    return "".join(c for c in text if c.isalnum())


def _place(element: HtmlElement) -> tuple[str, ...]:
    around: list[str] = []
    for ancestor in element.iterancestors():
        around.append(f"{ancestor.tag}.{ancestor.get('class') or ''}")
        if len(around) == 3:
            break
    return tuple(around)


def _container(elements: list[HtmlElement]) -> Any:
    """Up to three levels above the lowest element around all of these, within its <article>; None for fewer than two.

    The parts that a page is cut into hang that far apart; other articles on the page hang farther.
    """
    if len(elements) < 2:
        return None
    common = list(elements[0].iterancestors())
    for element in elements[1:]:
        mine = set(element.iterancestors())
        common = [a for a in common if a in mine]
    found = None
    for ancestor in common[:4]:
        if ancestor.tag in ("body", "html"):
            break
        found = ancestor
        if ancestor.tag == "article":
            break
    return found


def _linked(element: HtmlElement) -> float:
    total = len(element.text_content())
    return sum(len(a.text_content()) for a in element.iter("a")) / total if total else 1.0
