"""Where one attribution ends because the next begins: 'said X, adding Y', 'said X, which she called Y'.

The parser hangs the second on a verb of what is said; a reader takes both for statements of one speaker.
"""

from __future__ import annotations

from dataclasses import dataclass

from onrecord.model import Document, Span
from onrecord.stages.attribute.relation import Relation
from onrecord.stages.attribute.tree import Tree
from onrecord.stages.attribute.words import FINITE, PAUSES

QUESTION = frozenset(("WP", "WDT", "WP$"))
MARKS = '"“”„«»'
TAIL = 6  # words behind a relative clause's own content that still belong to it; behind more the sentence goes on
CLOSE = 40  # relations of a sentence that are looked at; more only a list without end has


@dataclass(frozen=True, slots=True)
class _Follower:
    """Where a follower's clause begins, the tense both share ('' any), and whether its source is the first one's."""

    first: int
    tense: str
    inherits: bool


def cut(tree: Tree, relations: list[Relation]) -> None:
    """Shorten contents by the clauses of attributions that follow them in the sentence."""
    near: dict[int, list[Relation]] = {}
    for r in relations:
        near.setdefault(r.sentence, []).append(r)
    for r in relations:
        follower = _second(tree, r) if not r.own_subject else _clause(tree, r)
        if follower is None:
            continue
        for other in near[r.sentence][:CLOSE]:
            if other is not r and other.head < r.head:
                _end(tree.doc, other, r, follower)


def _end(doc: Document, other: Relation, r: Relation, follower: _Follower) -> None:
    """End the content of `other` where the follower begins, if it does so inside it."""
    at = doc.starts[follower.first - 1]
    if other.content[0].start <= doc.starts[other.head]:
        return
    span = next((s for s in other.content if s.start < at < s.end), None)
    if span is None or len(doc.text[span.start : at].split()) < 2 or any(q.start < at < q.end for q in other.quoted):
        return
    if follower.tense and _tense(doc, other.head) != follower.tense:
        return
    if not follower.inherits and len(doc.text[r.content[-1].end : span.end].split()) > TAIL:
        return
    kept = doc.text[span.start : at].rstrip(" ,-—–")
    other.content = sorted(
        [*(s for s in other.content if s.end <= at and s is not span), Span(span.start, span.start + len(kept))]
    )
    r.quoted += [q for q in other.quoted if q not in r.quoted and any(s.covers(q) for s in r.content)]
    other.quoted = [q for q in other.quoted if q.end <= at]
    if follower.inherits:
        r.source, r.source_head, r.antecedent = other.source, other.source_head, other.antecedent


def _second(tree: Tree, r: Relation) -> _Follower | None:
    """'…, adding Y', '… and called Y', '…, called Y and left': without a subject of its own."""
    doc = tree.doc
    i = r.cue[0][0] if r.cue else r.head
    if i == 0:
        return None
    joiner = doc.lower[i - 1]
    participle = doc.tags[r.head] == "VBG"
    if participle and joiner == "and" and i > 1 and doc.words[i - 2] == ",":
        i, joiner = i - 1, ","
    if participle and joiner == ",":
        return _Follower(i, "", True)
    tense = _tense(doc, r.head)
    listed = tense in ("VBD", "VBZ", "VBP") and tree.comma_before(i)
    if tense and (joiner in ("and", "but") or listed) and r.entry.frames & {"speech", "quote"}:
        return _Follower(i, tense, True)
    return None


def _clause(tree: Tree, r: Relation) -> _Follower | None:
    """'…, which she called "a farce"', '…, with the union calling it "a farce"': a clause of the reporter's."""
    doc = tree.doc
    if r.source is None or not (r.quoted or any(c in MARKS for s in r.content for c in doc.quote(s))):
        return None
    first = r.source[0] - 1
    if first < 1 or doc.words[first - 1] not in PAUSES:
        return None
    relative = doc.tags[first] in QUESTION and doc.deps[r.head] in ("relcl", "ccomp", "advcl")
    beside = doc.lower[first] == "with" and doc.tags[r.head] == "VBG"
    return _Follower(first, "", False) if relative or beside else None


def _tense(doc: Document, i: int) -> str:
    """The tag of the finite verb of a verb group, VBD, VBZ, VBP or MD; VBG of a participle, '' of anything else."""
    if doc.tags[i] in FINITE:
        return doc.tags[i]
    bare = doc.tags[i] == "VBN" and doc.child(i, "aux", "auxpass", "agent") is None
    if bare and doc.deps[i] in ("conj", "ROOT", "ccomp") and doc.child(i, "dobj", "oprd", "ccomp") is not None:
        return "VBD"  # parsers take 'said X, called Y' for a participle
    finite = (doc.tags[k] for k in doc.children[i] if doc.deps[k] in ("aux", "auxpass") and doc.tags[k] in FINITE)
    return next(finite, "VBG" if doc.tags[i] == "VBG" else "")
