"""'X, citing Y, said that Z': Y is the source behind X, and what X says is Y's as well."""

from __future__ import annotations

from onrecord.stages.attribute.building import name_source
from onrecord.stages.attribute.relation import Relation
from onrecord.stages.attribute.sources import speakers
from onrecord.stages.attribute.tree import Tree

CITED = frozenset(("cite", "quote"))


def quoted_as(tree: Tree, relations: list[Relation]) -> None:
    """'The agency quoted a guard as saying that …': what he says is the content of both, his the inner."""
    doc = tree.doc
    known = {r.head: r for r in relations}
    for outer in relations:
        inner = known.get(saying) if (saying := _saying(tree, outer)) is not None else None
        person = doc.child(outer.head, "dobj")
        if inner is None or inner is outer or person is None or not inner.content:
            continue
        name_source(tree, inner, person)
        inner.own_subject, inner.parent, inner.rule = True, outer, "citing"
        outer.content, outer.quoted = list(inner.content), list(outer.quoted or inner.quoted)
        outer.cue = [*outer.cue, (inner.cue[0][0] - 1, inner.cue[-1][1])]


def _saying(tree: Tree, r: Relation) -> int | None:
    """'saying' of 'quoted a guard as saying'."""
    doc = tree.doc
    if r.entry.lemma not in CITED:
        return None
    role = next((j for j in doc.children[r.head] if j > r.head and doc.lower[j] == "as"), None)
    return doc.child(role, "pcomp") if role is not None else None


def chain(tree: Tree, relations: list[Relation]) -> None:
    """Turn a 'citing' that goes with a cue of speech into the child of that cue: its object the source, one content."""
    doc = tree.doc
    known = {r.head: r for r in relations}
    for r in relations:
        i = r.head
        if r.entry.lemma not in CITED or doc.tags[i] != "VBG" or r.own_subject or r.quoted:
            continue
        cited = doc.child(i, "dobj")
        teller = known.get(doc.heads[i])
        if cited is None or teller is None or teller.parent is r or "speech" not in teller.entry.frames:
            continue
        names = doc.pos[cited] == "PROPN" or doc.ents[cited][2:] in ("PERSON", "ORG", "NORP")
        if not names and doc.lemmas[cited].lower() not in speakers():
            continue
        name_source(tree, r, cited)
        r.content, r.own_subject, r.parent, r.rule = list(teller.content), True, teller, "citing"
