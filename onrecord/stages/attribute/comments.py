"""Where reported words end and the reporter's own begin: the remark that closes the sentence.

'He said the bridge was safe, a claim that engineers dispute' reports five words. A closing apposition, a closing
non-restrictive relative clause and a concession are the reporter's more often than the speaker's (of those on PolNeAR
some two in three); closing participles are so only behind a quotation.
"""

from __future__ import annotations

from bisect import bisect_left

from onrecord.model import Span
from onrecord.stages.attribute.relation import Relation
from onrecord.stages.attribute.tree import Tree

PARTS = frozenset((",", "-", "--", "—", "–"))
ARTICLES = frozenset(("a", "an", "the", "one", "another"))
CONCESSIVE = frozenset(("while", "although", "though", "even"))
# An object or a predicate does not stand behind a comma: what the parser calls so there is an apposition.
NOMINAL = frozenset(("appos", "attr", "dobj", "npadvmod", "oprd", "dep"))
LEAST = 3  # tokens that must be left of what is said
REMARK = 4  # tokens of the shortest remark, its comma not counted
REACH = 60  # tokens from the end in which a remark may begin


def cut(tree: Tree, relation: Relation, marks: frozenset[int]) -> None:
    """Shorten the last content span of a relation by a closing remark; `marks` are the offsets behind closing marks."""
    doc = tree.doc
    if not relation.content or relation.rule not in ("complement", "around", "quotation"):
        return
    span = relation.content[-1]
    if span.start < doc.starts[relation.head] or span.end in marks:
        return
    first, last = bisect_left(doc.starts, span.start), bisect_left(doc.starts, span.end)
    if last < len(doc) and doc.words[last] not in (".", "!", "?", ")", ";"):
        return
    for i in range(max(first + LEAST, last - REACH), last - 2):
        at = doc.starts[i]
        if doc.words[i] not in PARTS or any(q.start < at < q.end for q in relation.quoted):
            continue
        according = doc.lower[i + 1] == "according" and doc.lower[i + 2] == "to"
        if according or (last - i > REMARK and _remark(tree, i + 1, last, bool(relation.quoted))):
            relation.content[-1] = Span(span.start, doc.ends[i - 1])
            return


def _remark(tree: Tree, first: int, last: int, quoted: bool) -> bool:
    """True when tokens `[first, last)` are one dependent of what stands before, of a kind that closes with a remark."""
    doc = tree.doc
    head = next(
        (j for j in range(first, last) if tree.left[j] == first and tree.right[j] >= last - 1 and doc.heads[j] < first),
        None,
    )
    if head is None:
        return False
    if doc.pos[head] == "NOUN" and doc.deps[head] in NOMINAL:
        return doc.lower[first] in ARTICLES
    if doc.deps[head] == "relcl":
        return any(doc.tags[k] in ("WDT", "WP", "WP$") for k in range(first, min(first + 3, last)))
    if doc.deps[head] == "advcl":
        return doc.lower[first] in CONCESSIVE or (quoted and doc.tags[first] == "VBG")
    return False
