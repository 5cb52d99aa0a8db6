"""A forgotten closing mark: '"The gate was open, the guard told the court.' The cue tells where it belongs."""

from __future__ import annotations

from bisect import bisect_left

from onrecord.model import Span
from onrecord.stages.attribute.beside import behind_cue
from onrecord.stages.attribute.cues import Cue
from onrecord.stages.attribute.quotes import Quotation
from onrecord.stages.attribute.tree import Tree
from onrecord.stages.attribute.words import FINITE, PAUSES

ENDS = frozenset((".", "!", "?", ",", ";"))
FAR = 200  # tokens behind the opening mark in which a cue is looked for


def close(tree: Tree, lexicon: dict[tuple[str, str], Cue], found: list[tuple[int, Quotation]]) -> None:
    """End each unclosed quotation that no paragraph continues before the first 'she said' inside it; in place."""
    for n, (paragraph, quotation) in enumerate(found):
        if quotation.closed or quotation.continues:
            continue
        end = _cue_inside(tree, lexicon, quotation)
        if end is not None:
            span = Span(quotation.span.start, end)
            found[n] = (paragraph, Quotation(span, Span(quotation.inner.start, end), True))


def _cue_inside(tree: Tree, lexicon: dict[tuple[str, str], Cue], quotation: Quotation) -> int | None:
    """The offset of the comma after which a cue with its subject closes or interrupts the sentence."""
    doc = tree.doc
    first, last = bisect_left(doc.starts, quotation.inner.start), bisect_left(doc.starts, quotation.inner.end)
    for i in range(first + 2, min(last, first + FAR)):
        entry = lexicon.get((doc.lemmas[i].lower(), "v")) if doc.tags[i] in FINITE else None
        subject = doc.child(i, "nsubj") if entry is not None and "speech" in entry.frames else None
        if subject is None or doc.lower[subject] in ("i", "we", "you", "it"):
            continue
        begin = min(tree.left[subject], tree.group_start(i)) if subject < i else i
        behind = behind_cue(tree, i, i + 1) if subject < i else tree.right[subject] + 1
        closes = behind >= last or doc.words[behind] in ENDS
        if begin - first > 1 and doc.words[begin - 1] in PAUSES and closes:
            return doc.ends[begin - 2]
    return None
