"""The place at which an event happened: place names on a locative preposition, chosen by how close they hang to it.

After Halterman (2019), who links each place name of a sentence to the verbs that happen there; here by the path between
the two instead of by a trained tagger.
"""

from __future__ import annotations

from onrecord.model import Document, Span
from onrecord.stages.code import grammar

LOCATIVE = grammar.words(
    "in at near off outside inside around across throughout along within toward towards on from into to between over "
    "above through against beyond amid under"
)
_LABELS = frozenset({"GPE", "LOC", "FAC"})
_BARRIERS = frozenset({"relcl", "advcl", "ccomp", "parataxis"})
_COST = {
    "in": 0.0, "at": 0.0, "near": 0.1, "outside": 0.1, "off": 0.1, "inside": 0.1, "around": 0.2, "across": 0.2,
    "throughout": 0.2, "along": 0.2, "within": 0.2, "on": 0.3, "between": 0.5, "of": 0.3, "over": 0.5, "into": 0.6,
    "through": 0.6, "toward": 0.8, "towards": 0.8, "to": 1.0, "from": 1.0, "against": 1.2,
}  # fmt: skip


def places(doc: Document, first: int, last: int) -> list[tuple[Span, str | None, int]]:
    """(span, entity id or None, head token) of the place names among tokens `[first, last)`."""
    out: list[tuple[Span, str | None, int]] = []
    taken: list[Span] = []
    lo, hi = doc.starts[first], doc.ends[last - 1]
    for m in doc.mentions:
        if m.span.start < lo or m.span.end > hi or m.form != "name":
            continue
        entity = doc.entities.get(m.entity_id)
        if entity is None or entity.kind not in ("place", "country"):
            continue
        inside = doc.tokens_in(m.span)
        if inside and not all(doc.pos[t] == "ADJ" for t in inside):
            taken.append(m.span)
            out.append((m.span, m.entity_id, _top(doc, inside)))
    i = first
    while i < last:
        tag = doc.ents[i]
        if not tag.startswith("B-"):
            i += 1
            continue
        j = i + 1
        while j < last and doc.ents[j] == "I-" + tag[2:]:
            j += 1
        span = doc.span(i, j)
        if tag[2:] in _LABELS and not any(span.overlaps(s) for s in taken):
            out.append((span, None, _top(doc, range(i, j))))
        i = j
    out.sort(key=lambda p: p[0])
    return out


def _top(doc: Document, inside: range) -> int:
    return next((t for t in inside if doc.heads[t] not in inside), inside[-1])


def where(doc: Document, anchor: int, light: int | None = None, *, own: bool = True) -> list[tuple[Span, str | None]]:
    """The places of the event stated at `anchor`, best first; empty when none is tied to it.

    `own` false lets a place of the governing clause, or of the sentence's opening, count too.
    """
    sentence = doc.sentences[doc.sentence_of[anchor]]
    found = places(doc, sentence.first, sentence.last)
    if not found:
        return []
    scored = []
    for span, entity, top in found:
        cost = _cost(doc, anchor, light, top, own)
        if cost is not None:
            scored.append((cost, span, entity))
    scored.sort(key=lambda s: (s[0], s[1]))
    if not scored:
        return []
    best = scored[0][0]
    return [(span, entity) for cost, span, entity in scored if cost <= best + 0.01]


def _cost(doc: Document, anchor: int, light: int | None, top: int, own: bool) -> float | None:
    """How far the place hangs from the anchor; None when it isn't tied to it by a locative link."""
    here, cost, locative, inner = top, 0.0, False, False
    ups = {anchor: 0.0}
    v = anchor
    verb = grammar.clause_verb(doc, light if light is not None else anchor)
    for step in range(1, 7):
        if doc.heads[v] == v:
            break
        dep = doc.deps[v]
        v = doc.heads[v]
        if own and dep in _BARRIERS and v != verb:
            break
        ups.setdefault(v, step * (0.6 if doc.pos[v] in ("VERB", "AUX") else 0.4) + (1.0 if dep in _BARRIERS else 0.0))
    for _ in range(8):
        if here in ups and here != top:
            return cost + ups[here] if locative else None
        dep, head = doc.deps[here], doc.heads[here]
        if head == here:
            return None
        if dep == "pobj":
            word = doc.lower[head]
            if word not in LOCATIVE and word != "of" and not locative:
                return None
            if inner and not locative and _COST.get(word, 1.0) > 0.3:
                return None
            if not locative:
                cost += _COST.get(word, 0.6)
                locative = word != "of"
            else:
                cost += 0.3
        elif dep in ("npadvmod", "appos", "nmod", "compound", "conj", "poss", "amod"):
            cost += 0.1
            if dep == "appos" and locative:
                return None
            if dep in ("poss", "compound", "nmod", "amod"):
                inner = True
                cost += 0.4
            locative = locative or dep == "npadvmod"
        elif dep in _BARRIERS:
            cost += 2.0
            if own:
                return None
        elif dep in ("dobj", "nsubj", "nsubjpass"):
            cost += 0.5
        here = head
        cost += 0.1
    return None
