"""A page's tree made ready for extraction: what hangs on a name is taken out, and paragraphs get their element.

Boxes that open over a name stand in the middle of its sentence in the markup. Older sites part paragraphs by two line
breaks, as Arc90's Readability noted; extraction loses such text where other elements stand in it.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

_OPENS = re.compile(r"(?:^|[\s_-])(?:rollover|tooltip|popover|hovercard|hover-card|popup)(?:$|[\s_-])", re.IGNORECASE)
_TRIGGERS = ("a", "span", "abbr", "button", "b", "strong", "em", "i")
_INLINE = frozenset((
    "a", "abbr", "b", "cite", "code", "em", "font", "i", "mark", "q", "s", "small", "span", "strong", "sub", "sup",
    "time", "u",
))  # fmt: skip
_LEAST = 200  # characters of text between the breaks of an element from which on it is cut into paragraphs


def prepared(tree: HtmlElement) -> HtmlElement:
    """The tree itself, changed: without the boxes that open over names, its paragraphs all in elements."""
    _without_popovers(tree)
    for element in list(tree.iter("div", "td", "section", "article")):
        _paragraphs(element)
    return tree


def _without_popovers(tree: HtmlElement) -> None:
    for element in list(tree.iter("span", "div")):
        if not _OPENS.search(element.get("class") or ""):
            continue
        before = element.getprevious()
        # Without a blank between, it hangs on the name before it.
        if before is None or before.tag not in _TRIGGERS or (before.tail or "").strip():
            continue
        if element.getparent() is not None and any(a.tag in ("p", "li") for a in element.iterancestors()):
            element.drop_tree()


def _paragraphs(element: HtmlElement) -> None:
    """Text directly in an element, cut at two or more line breaks, put in <p> elements; other elements stay."""
    breaks = [c for c in element if c.tag == "br"]
    if len(breaks) < 2 or not any(_follows(b) for b in breaks):
        return
    own = len((element.text or "").strip()) + sum(len((c.tail or "").strip()) for c in element)
    if own < _LEAST:
        return
    parts: list[HtmlElement] = []
    run = element.makeelement("p")
    run.text, element.text = element.text, None

    def close() -> None:
        nonlocal run
        if len(run) or (run.text or "").strip():
            parts.append(run)
        run = element.makeelement("p")

    for child in list(element):
        tail, child.tail = child.tail, None
        if child.tag == "br":
            following = child.getnext()
            if (following is not None and following.tag == "br" and not (tail or "").strip()) or (
                not len(run) and not (run.text or "").strip()
            ):
                close()
                element.remove(child)
            else:
                run.append(child)
        elif child.tag in _INLINE:
            run.append(child)
        else:
            close()
            parts.append(child)
        _append(run, tail)
    close()
    for part in parts:
        element.append(part)


def _follows(first: HtmlElement) -> bool:
    after = first.getnext()
    return after is not None and after.tag == "br" and not (first.tail or "").strip()


def _append(run: HtmlElement, text: str | None) -> None:
    if not text:
        return
    if len(run):
        run[-1].tail = (run[-1].tail or "") + text
    else:
        run.text = (run.text or "") + text
