"""The place at which an event happened: of a verb by a fitted model (`placing`), of a noun by its tree.

Either takes a name that no gazetteer knows, when it stands where places stand.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from weakref import ref

from onrecord.model import Document, Entity, Mention, Span
from onrecord.stages.code import grammar, placing
from onrecord.stages.code.placing import PLACE_NOUNS

LOCATIVE = grammar.words(
    "in at near off outside inside around across throughout along within toward towards on from into to between over "
    "above through against beyond under onto upon"
)
_NEAR = grammar.words("in at near off outside inside around across throughout along within on")
_LABELS = frozenset({"GPE", "LOC", "FAC"})
_OTHER = grammar.words("PERSON ORG NORP DATE TIME MONEY PERCENT QUANTITY CARDINAL ORDINAL WORK_OF_ART EVENT LAW")
_BARRIERS = frozenset({"relcl", "ccomp", "parataxis", "advcl"})
_STEP_LIMIT = 10
_TREATED = grammar.words(
    "discuss condemn denounce criticise criticize investigate probe mention describe recall announce report blame "
    "praise debate review examine analyse analyze document cover commemorate"
)  # where this is done the event need not have been
_LONGEST = 400  # tokens of a sentence that are read
_LIGHT = 0.2
_OFFICE_LONG = 6  # tokens after a country's name in which its office stands
_OFFICES = grammar.words(
    "ambassador envoy emissary minister president premier chancellor leader king queen emir prince secretary spokesman "
    "spokeswoman consul attache"
)
OCCASIONS = grammar.words("summit meeting talk conference rally raid attack trip visit debate ceremony")


def places(doc: Document, first: int, last: int) -> list[tuple[Span, str | None, int, bool]]:
    """(span, entity id or None, head token, known) of the place names among tokens `[first, last)`.

    A name is known when the report's entities or the parser's tags say that it is a place; another one, capitalised and
    tagged as nothing else, may be one if it stands where places stand.
    """
    out: list[tuple[Span, str | None, int, bool]] = []
    taken: set[int] = set()
    lo, hi = doc.starts[first], doc.ends[last - 1]
    mentions = _named(doc).mentions
    for n in range(bisect_left(mentions, lo, key=lambda m: m.span.start), len(mentions)):
        m = mentions[n]
        if m.span.start >= hi:
            break
        if m.span.end > hi:
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


def _told_of(doc: Document, verb: int, first: int, last: int) -> list[tuple[Span, str | None]]:
    """The place that a clause with 'where' tells more of; of 'Lamu, Kenya, where they met' the first."""
    there = grammar.told_of(doc, grammar.clause_verb(doc, verb), "where")
    known = [(doc.tokens_in(p[0]), p) for p in places(doc, first, last) if p[3]] if there is not None else []
    at = next((n for n, (inside, _) in enumerate(known) if there in inside), None)
    if at is None:
        return []
    if at and known[at - 1][0][-1] == known[at][0][0] - 2 and doc.words[known[at][0][0] - 1] == ",":
        at -= 1
    return [(known[at][1][0], known[at][1][1])]


def _top(doc: Document, inside: range) -> int:
    return next((t for t in inside if doc.heads[t] not in inside), inside[-1])


def where(doc: Document, anchor: int, light: int | None = None) -> list[tuple[Span, str | None]]:
    """The places of the event stated at `anchor` (with its light verb, if any), best first; empty when it has none.

    More than one only where the text coordinates them: 'in Bergen and Oslo'.
    """
    sentence = doc.sentences[doc.sentence_of[anchor]]
    first, last = sentence.first, min(sentence.last, sentence.first + _LONGEST)
    verb = light if light is not None else anchor
    if doc.pos[verb] in ("VERB", "AUX"):
        own = _of_verb(doc, verb, first, last)
        return own if credible(doc, own) else _told_of(doc, verb, first, last) or own
    found = places(doc, first, last)
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


@dataclass(frozen=True, slots=True)
class _Named:
    """The name mentions of one document, in text order, and the entity that each of their tokens belongs to."""

    mentions: list[Mention]
    entities: dict[int, Entity]


def _named(doc: Document) -> _Named:
    """The names of a document; kept for the one that was asked about last, so that a long one is gone through once."""
    global _last
    known, mentions, out = _last
    if known() is not doc or mentions is not doc.mentions:
        out = _Named(sorted((m for m in doc.mentions if m.form == "name"), key=lambda m: m.span), {})
        for m in out.mentions:
            entity = doc.entities.get(m.entity_id)
            if entity is not None:
                out.entities.update(dict.fromkeys(doc.tokens_in(m.span), entity))
        _last = ref(doc), doc.mentions, out
    return out


def kind_at(doc: Document, token: int) -> str | None:
    """The kind of the entity that a name with this token is of."""
    entity = _named(doc).entities.get(token)
    return entity.kind if entity else None


def _nothing() -> Document | None:
    return None


_last: tuple[Callable[[], Document | None], tuple[Mention, ...], _Named] = (_nothing, (), _Named([], {}))


def _of_verb(doc: Document, verb: int, first: int, last: int) -> list[tuple[Span, str | None]]:
    if occasion := _of_occasion(doc, verb):
        return occasion
    named = _named(doc).entities
    here = {t: named[t] for t in range(first, last) if t in named}
    kinds = {t: e.kind for t, e in here.items()}
    ids = {t: e.id for t, e in here.items() if e.kind in ("place", "country")}
    names = [n for n in placing.names(doc, first, last, kinds) if not n.first <= verb < n.last]
    chosen = placing.choose(doc, verb, names)
    return [
        (doc.span(n.first, n.last), next((ids[t] for t in range(n.last - 1, n.first - 1, -1) if t in ids), None))
        for n in chosen
    ]


def credible(doc: Document, spots: list[tuple[Span, str | None]]) -> list[tuple[Span, str | None]]:
    """The places that the record may give: known ones, and unknown names right after 'in', 'at' or 'near'.

    The model is fitted on news of war, where an unknown name after a verb of attack is mostly a village; in other news
    it is mostly a person.
    """
    out = []
    named = _named(doc).entities
    for span, entity in spots:
        inside = doc.tokens_in(span)
        other = named.get(inside[-1])
        if entity is None and other is not None and other.kind in ("person", "group"):
            continue
        if _of_office(doc, inside) or (kind_at(doc, inside[-1]) == "country" and _acts(doc, inside)):
            continue
        before, housed = inside[0] - 1, False
        while before >= 0 and (doc.lower[before] in ("the", "of") or doc.lemmas[before].lower() in PLACE_NOUNS):
            housed = housed or doc.lemmas[before].lower() in PLACE_NOUNS
            before -= 1
        located = before >= 0 and doc.lower[before] in ("in", "at", "near", "outside", "inside")
        label = doc.ents[inside[-1]].partition("-")[2]
        if entity is not None or label in ("GPE", "LOC", "FAC") or (located and (housed or label not in _OTHER)):
            out.append((span, entity))
    return out


def _of_office(doc: Document, inside: range) -> bool:
    """True for the country of an office: 'the ambassador to Norland', 'Norland's Prime Minister'."""
    top = _top(doc, inside)
    up = doc.heads[top]
    if doc.deps[top] == "pobj" and doc.lower[up] in ("to", "of", "for"):
        return doc.lemmas[doc.heads[up]].lower() in _OFFICES
    if doc.deps[top] not in ("poss", "compound", "amod", "nmod") or up < inside[-1]:
        return False
    return any(doc.lemmas[t].lower() in _OFFICES for t in range(inside[-1] + 1, min(up + 1, inside[-1] + _OFFICE_LONG)))


def _acts(doc: Document, inside: range) -> bool:
    """True for a country that does what the clause says, which is no place of it."""
    top = _top(doc, inside)
    return doc.deps[top] == "nsubj" and doc.pos[doc.heads[top]] in ("VERB", "AUX")


def occasion_of(doc: Document, verb: int) -> int | None:
    """The noun of 'the Oslo summit when he met the envoy', of which the verb's clause tells more; None for others."""
    noun = doc.heads[verb]
    if doc.deps[verb] != "relcl":
        when = next((k for k in doc.children[verb] if k < verb and doc.lower[k] in ("when", "where")), 0)
        noun = when - 1
        if when < 1 or doc.deps[verb] != "advcl" or doc.sentence_of[noun] != doc.sentence_of[verb]:
            return None
    return noun if doc.pos[noun] == "NOUN" and doc.lemmas[noun].lower() in OCCASIONS else None


def _of_occasion(doc: Document, verb: int) -> list[tuple[Span, str | None]]:
    """The place that an occasion's own name gives to what is told of it."""
    noun = occasion_of(doc, verb)
    if noun is None:
        return []
    left = max(min((k for k in doc.children[noun] if k < noun), default=noun), noun - _OFFICE_LONG)
    if left >= noun:
        return []
    found = [p for p in places(doc, left, noun) if p[1] is not None and doc.heads[p[2]] == noun]
    return [(span, entity) for span, entity, _, _ in found[:1]]


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
        elif dep == "acl" or (dep in ("dobj", "nsubjpass", "pobj") and doc.lemmas[up].lower() in _TREATED):
            break
        elif dep in ("conj", "xcomp"):
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
                place_noun = doc.lemmas[owner].lower() in PLACE_NOUNS
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
            noun = doc.lemmas[head].lower() in PLACE_NOUNS
            if dep in ("compound", "nmod", "poss", "amod") and not noun:
                cost += 0.6
            if dep == "appos":
                cost += 0.6 if placed else 0.3
            placed = placed or (dep == "npadvmod" and known and doc.deps[head] != "amod")
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
