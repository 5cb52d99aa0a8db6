"""Where reported words begin: what stands before 'she said' and is not hers.

In 'The port is old and, she said, it leaks' only what the coordinator joins is said; in 'While he liked the plan, Ms.
Moe noted a gap' no pause follows the cue, so what opens the sentence belongs to the noting, not to what was noted.
"""

from __future__ import annotations

from onrecord.model import Document, Span
from onrecord.stages.attribute.relation import Relation
from onrecord.stages.attribute.tree import Tree
from onrecord.stages.attribute.words import PAUSES

JOINERS = frozenset(("and", "but", "or", "yet", "so", "then", "nor"))

QUESTION = frozenset(("WP", "WDT", "WP$", "WRB"))  # 'what he called a farce': the content is the question word's


def cut(tree: Tree, relation: Relation) -> None:
    """Drop the content spans in front of source and cue that are not reported; something always stays."""
    doc = tree.doc
    if relation.rule not in ("complement", "around", "quotation") or relation.source is None or not relation.cue:
        return
    first, cue = relation.source[0], relation.cue[0]
    if relation.source[1] > cue[0] or first < 2:
        return
    start, end = doc.starts[first], doc.ends[cue[1] - 1]
    before = [s for s in relation.content if s.end <= start]
    behind = [s for s in relation.content if s.start >= end]
    if not before or not behind or len(before) + len(behind) < len(relation.content):
        return
    if any(doc.tags[i] in QUESTION for s in before for i in list(doc.tokens_in(s))[:2]):
        return
    if any(q.start == s.start or q.end == s.end for s in before for q in relation.quoted):
        return
    joined = doc.words[first - 1] in PAUSES and _joiner(doc, first - 2)
    if joined or (relation.rule == "complement" and not _paused(doc, end, behind[0])):
        relation.content = behind
        relation.quoted = [q for q in relation.quoted if q.start >= end]


def _paused(doc: Document, end: int, behind: Span) -> bool:
    """True when a comma or dash stands between the cue and what follows it."""
    return any(c in doc.text[end : behind.start] for c in ",-—–")


def _joiner(doc: Document, i: int) -> bool:
    """True for 'and' and its like, an adverb behind it not counted: '…, and later, he said, …'."""
    return doc.lower[i] in JOINERS or (i > 0 and doc.pos[i] == "ADV" and doc.lower[i - 1] in JOINERS)
