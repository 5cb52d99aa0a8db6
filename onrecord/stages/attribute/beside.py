"""Content of a cue that has no complement: the clause that it interrupts, closes or compares with 'as'."""

from __future__ import annotations

from onrecord.model import Document
from onrecord.stages.attribute.relation import Relation, minus
from onrecord.stages.attribute.tree import Tree, trimmed_span
from onrecord.stages.attribute.words import PAUSES, RELATIVE

OPENED = frozenset(("-", "--", "—", "–", "(", "["))
CLOSERS = frozenset(("-", "--", "—", "–", ")", "]"))
OPENERS = frozenset(("ADP", "SCONJ", "CCONJ", "ADV", "VERB"))


def around(tree: Tree, relation: Relation) -> None:
    """Content of a cue without a complement of its own: the clause that it interrupts, closes or compares with 'as'."""
    doc, i = tree.doc, relation.head
    frames = relation.entry.frames
    mark = doc.child(i, "mark", "advmod", "prep")
    as_clause = mark is not None and doc.lower[mark] == "as" and mark < i
    head = doc.heads[i]
    if "that" not in frames or not (
        head != i
        and (
            (as_clause and doc.deps[i] in ("advcl", "parataxis", "ccomp"))
            or (doc.deps[i] in ("parataxis", "ccomp") and "speech" in frames)
        )
    ):
        _beside(tree, relation)
        return
    if not as_clause and not _commas_around(tree, i):
        _beside(tree, relation)
        return
    sentence = doc.sentences[doc.sentence_of[i]]
    first, last = max(tree.left[head], sentence.first), min(tree.right[head] + 1, sentence.last)
    if as_clause and tree.right[i] + 1 < last and doc.words[tree.right[i] + 1] in CLOSERS:
        opened = [j for j in range(first, tree.left[i]) if doc.words[j] in OPENED]
        if opened:  # 'The tunnel - "a coffin", as one driver put it - floods': only what stands between the dashes
            first, last = opened[-1] + 1, tree.right[i] + 1
    whole = doc.span(first, last)
    hole = doc.span(tree.left[i], tree.right[i] + 1)
    relation.content = [t for s in minus(whole, [hole]) if (t := trimmed_span(tree, s)).end - t.start > 2]
    relation.rule = "around"


def _beside(tree: Tree, relation: Relation) -> None:
    """What stands beside 'she said' where the parse lost it: commas or the sentence's ends on both sides of the clause.

    'Instead, Vale told the board, the plan would "go ahead"'; 'The vote signals an end, said Ana Ruiz, the mayor.'
    """
    doc, i = tree.doc, relation.head
    if not {"speech", "that"} <= relation.entry.frames or doc.tags[i] not in ("VBD", "VBZ", "VBP"):
        return
    if doc.deps[i] not in ("ROOT", "ccomp", "parataxis", "conj", "dep") or relation.source is None:
        return
    sentence = doc.sentences[doc.sentence_of[i]]
    first, last = min(relation.source[0], relation.cue[0][0]), max(relation.source[1], i + 1)
    if relation.source[0] < i and relation.source[1] < relation.cue[0][0]:
        return
    last = behind_cue(tree, i, last)
    before = first > sentence.first + 1 and doc.words[first - 1] in PAUSES
    behind = last >= sentence.last or doc.words[last] in PAUSES or doc.words[last] in (".", "!", "?")
    if not before or not behind or doc.lower[relation.source[0]] in RELATIVE:
        return
    if last < sentence.last - 1:
        told = _clause(doc, last, sentence.last)
    else:  # a clause behind which 'said Ana Ruiz' stands is one, whatever the parser made of its verb
        inverted = relation.source[0] > i and first - sentence.first > 5 and doc.pos[sentence.first] not in OPENERS
        told = inverted or _clause(doc, sentence.first, first)
    if not told:
        return
    spans = [doc.span(a, b) for a, b in ((sentence.first, first), (last, sentence.last)) if a < b]
    relation.content = [t for s in spans if (t := trimmed_span(tree, s)).end - t.start > 2]
    relation.rule = "around"


def behind_cue(tree: Tree, i: int, last: int) -> int:
    """The token behind what belongs to the cue i: 'told the board on Monday'."""
    doc = tree.doc
    for j in doc.children[i]:
        if j >= i and doc.deps[j] in ("dobj", "dative", "npadvmod", "prep", "advmod"):
            if tree.left[j] < last:
                continue
            if tree.left[j] != last:
                break
            last = tree.right[j] + 1
    return last


def _clause(doc: Document, first: int, last: int) -> bool:
    """True when a finite verb with its subject stands among these tokens, and they are no adverbial."""
    while first < last - 1 and doc.pos[first] in ("CCONJ", "ADV", "PUNCT") and doc.tags[first] != "WRB":
        first += 1
    if doc.pos[first] in ("SCONJ", "ADP") or doc.tags[first] in ("VBG", "VBN", "WRB"):
        return False
    return any(
        doc.deps[i] in ("nsubj", "nsubjpass") and first <= doc.heads[i] < last and doc.deps[doc.heads[i]] != "relcl"
        for i in range(first, last)
    )


def _commas_around(tree: Tree, i: int) -> bool:
    doc = tree.doc
    first, last = tree.left[i], tree.right[i] + 1
    before = (first > 0 and doc.words[first - 1] in (",", "-", "—", "–", "--")) or doc.words[first] in (",", "—", "-")
    behind = last >= len(doc) or doc.words[last] in (",", ".", "-", "—", "–", "--") or doc.words[last - 1] in (",", ".")
    return bool(before and behind)
