"""The place at which an event happened: the place names nearest to its verb or noun in the sentence's tree.

After Halterman (2019), who links each place name of a sentence to the verbs that happen there; here by the path between
the two instead of by a trained tagger. A name in a locative position counts although no gazetteer knows it.
"""

from __future__ import annotations

from onrecord.model import Document, Span
from onrecord.stages.code import grammar

LOCATIVE = grammar.words(
    "in at near off outside inside around across throughout along within toward towards on from into to between over "
    "above through against beyond under onto upon"
)
_NEAR = grammar.words("in at near off outside inside around across throughout along within on")
_LABELS = frozenset({"GPE", "LOC", "FAC"})
_OTHER = frozenset({"PERSON", "ORG", "NORP", "DATE", "TIME", "MONEY", "PERCENT", "QUANTITY", "CARDINAL", "ORDINAL"})
_PLACE_NOUNS = grammar.words(
    "village town city district province region area suburb neighbourhood neighborhood county governorate "
    "state island port capital quarter camp border prison airport base hospital station square street "
    "road bridge university township municipality hamlet countryside peninsula valley river lake mountain "
    "desert strip coast gulf sea oblast prefecture market embassy church mosque school hotel restaurant checkpoint "
    "stadium suburb outskirt north south east west northeast northwest southeast southwest centre center downtown"
)
_BARRIERS = frozenset({"relcl", "ccomp", "parataxis", "advcl"})
_STEP_LIMIT = 10
_LIGHT = 0.2


def places(doc: Document, first: int, last: int) -> list[tuple[Span, str | None, int, bool]]:
    """(span, entity id or None, head token, known) of the place names among tokens `[first, last)`.

    A name is known when the report's entities or the parser's tags say that it is a place; another one, capitalised and
    tagged as nothing else, may be one if it stands where places stand.
    """
    out: list[tuple[Span, str | None, int, bool]] = []
    taken: set[int] = set()
    lo, hi = doc.starts[first], doc.ends[last - 1]
    for m in doc.mentions:
        if m.span.start < lo or m.span.end > hi or m.form != "name":
            continue
        entity = doc.entities.get(m.entity_id)
        inside = doc.tokens_in(m.span)
        if entity is None or not inside or taken.intersection(inside):
            continue
        taken.update(inside)
        if entity.kind in ("place", "country") and not all(doc.pos[t] == "ADJ" for t in inside):
            out.append((m.span, m.entity_id, _top(doc, inside), True))
    i = first
    while i < last:
        label = doc.ents[i].partition("-")[2]
        if (
            i in taken
            or (doc.pos[i] != "PROPN" and (i + 1 in taken or i + 1 >= last))
            or not (label in _LABELS or (doc.pos[i] == "PROPN" and label not in _OTHER))
        ):
            i += 1
            continue
        j = i + 1
        while j < last and j not in taken and (doc.ents[j] == "I-" + label if label else _plain_name(doc, j)):
            j += 1
        out.append((doc.span(i, j), None, _top(doc, range(i, j)), label in _LABELS))
        i = j
    out.sort(key=lambda p: p[0])
    return out


def _plain_name(doc: Document, at: int) -> bool:
    return doc.pos[at] == "PROPN" and not doc.ents[at].partition("-")[2]


def _top(doc: Document, inside: range) -> int:
    return next((t for t in inside if doc.heads[t] not in inside), inside[-1])


def where(doc: Document, anchor: int, light: int | None = None) -> list[tuple[Span, str | None]]:
    """The places of the event stated at `anchor` (with its light verb, if any), best first; empty when it has none.

    More than one only where the text coordinates them: 'in Bergen and Oslo'.
    """
    sentence = doc.sentences[doc.sentence_of[anchor]]
    found = places(doc, sentence.first, min(sentence.last, sentence.first + 400))
    if not found:
        return []
    reach = _reach(doc, anchor, light)
    scored = []
    for span, entity, top, known in found:
        land = entity is not None and doc.entities[entity].kind == "country"
        cost = _cost(doc, reach, top, known, land)
        if cost is not None:
            scored.append((cost, span, entity))
    scored.sort(key=lambda s: (s[0], s[1]))
    if not scored:
        return []
    best = scored[0][0]
    return [(span, entity) for cost, span, entity in scored if cost <= best + 0.01]


def _reach(doc: Document, anchor: int, light: int | None) -> dict[int, float]:
    """Tokens above the anchor at which a place may hang, with what it costs that it hangs there."""
    out = {anchor: 0.0}
    if light is not None:
        out[light] = _LIGHT
    here, cost = anchor, 0.0
    for _ in range(_STEP_LIMIT):
        dep, up = doc.deps[here], doc.heads[here]
        if up == here:
            break
        if dep in _BARRIERS:
            if dep != "advcl" or doc.tags[here] not in ("VBG", "VB", "VBN"):
                break
            cost += 1.0
        elif dep in ("conj", "xcomp", "acl"):
            cost += 0.8
        else:
            cost += 0.4
        here = up
        out.setdefault(here, cost)
    return out


def _cost(doc: Document, reach: dict[int, float], top: int, known: bool, land: bool) -> float | None:
    """How far the place hangs from the anchor; None when it isn't tied to it as a place.

    What happens 'in a Lagos suburb' is in Lagos, but not what happens 'in the U.S. election': `land` is a country.
    """
    here, cost, placed, by_noun, modifier = top, 0.0, False, False, not land
    for _ in range(_STEP_LIMIT):
        dep, head = doc.deps[here], doc.heads[here]
        if head == here:
            return None
        if dep == "pobj":
            word, owner = doc.lower[head], doc.heads[head]
            if word == "of":
                place_noun = doc.lemmas[owner].lower() in _PLACE_NOUNS
                if not place_noun and not placed and not known:
                    return None
                cost += 0.0 if place_noun else 0.5
                placed = placed or (place_noun and known)
                by_noun = by_noun or place_noun
                known = known or place_noun
            elif word in LOCATIVE:
                if not placed or word in _NEAR:
                    cost += 0.0 if word in _NEAR else 0.7
                placed = (
                    placed or (word in _NEAR and modifier) or ((known or word in _NEAR) and (here == top or by_noun))
                )
                modifier = modifier and placed
            elif not placed:
                return None
            here = owner
            cost += 0.1
        elif dep in ("compound", "nmod", "poss", "amod", "appos", "npadvmod", "conj"):
            noun = doc.lemmas[head].lower() in _PLACE_NOUNS
            if dep in ("compound", "nmod", "poss", "amod") and not noun:
                cost += 0.6
            if dep == "appos":
                cost += 0.6 if placed else 0.3
            placed = placed or (dep == "npadvmod" and known)
            by_noun = by_noun or noun
            known = known or noun
            here = head
        elif dep in ("dobj", "nsubjpass"):
            own = reach.get(head, 9.0) <= _LIGHT
            placed = placed or (known and own and (here == top or by_noun))
            cost += 0.3
            here = head
        elif dep in ("nsubj", "attr"):
            cost += 0.6
            here = head
        elif dep in _BARRIERS or dep in ("acl",):
            return None
        else:
            cost += 0.1
            here = head
        if here in reach:
            return cost + reach[here] if placed else None
    return None
