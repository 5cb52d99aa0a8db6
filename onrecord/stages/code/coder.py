"""The coder: one document in, its event mentions out, in text order."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from onrecord.model import Attribution, Document, EventMention, Sentence, Span
from onrecord.stages.code import grammar, placed
from onrecord.stages.code.actors import Cast
from onrecord.stages.code.bridging import bridged, spoken_of, unsure
from onrecord.stages.code.candidates import CODED_KINDS, Candidate, apply_effect, complete, find, govern
from onrecord.stages.code.confidence import features, probability
from onrecord.stages.code.contexts import contexts
from onrecord.stages.code.figures import WORDY, by_accident, in_words
from onrecord.stages.code.modality import (
    as_a_rule,
    future,
    modality,
    negated,
    own_word,
    past,
    perhaps,
    told_as,
    unable,
    unless,
    until,
)
from onrecord.stages.code.ontology import Ontology
from onrecord.stages.code.pending import of_all, of_no_thing
from onrecord.stages.code.placing import PLACE_NOUNS
from onrecord.stages.code.quantities import quantities
from onrecord.stages.code.recalled import recalled
from onrecord.stages.code.roles import Roles, roles
from onrecord.stages.code.sparse import too_little
from onrecord.stages.code.venues import struck, venue
from onrecord.stages.code.when import Calendar
from onrecord.stages.code.where import OCCASIONS, credible, kind_at, occasion_of, where
from onrecord.text import key

_PRESUPPOSING = frozenset({"ACCUSE", "SUPPORT", "CONSULT"})  # what is condemned, praised or discussed has happened
_OF_WHAT_MAY_BE = frozenset({"REQUEST", "THREATEN", "AGREE", "REJECT"})  # what is asked for has not happened
_SAID = frozenset({"ACCUSE", "REQUEST", "SUPPORT", "REJECT", "AGREE", "THREATEN", "CONCEDE"})
_SPOTS = PLACE_NOUNS | grammar.words(
    "meeting summit conference speech rally interview hearing ceremony news briefing visit event forum session dinner"
)
_AT = grammar.words("at in during on before after following ahead near outside inside of")
_LONGEST = 400  # tokens of a sentence that are read; a longer 'sentence' is a list or a table


def code(doc: Document, ontology: Ontology) -> list[EventMention]:
    """The event mentions of a document, in text order.

    Reads the parse and, where there, `mentions`, `entities`, `timexes`, `attributions` and `published`.
    """
    return recalled(doc, _coded(doc, ontology, doc.sentences, lambda _: []) or [])


Before = Callable[[Sentence], list[EventMention]]
"""The mentions of the sentences before one, of those that are not coded now, in text order."""


def code_sentences(
    doc: Document, ontology: Ontology, sentences: Iterable[Sentence], before: Before | None = None
) -> list[EventMention] | None:
    """The event mentions of some sentences; None where what they say rests on mentions that are not known.

    A sentence is coded by its own words alone, but for accusations of what the report told before (`bridging`).
    """
    return _coded(doc, ontology, sentences, before)


def _coded(
    doc: Document, ontology: Ontology, sentences: Iterable[Sentence], before: Before | None
) -> list[EventMention] | None:
    cast = Cast(doc, ontology)
    calendar = Calendar(doc, ontology.nouns)
    out: list[EventMention] = []
    lead = {doc.sentences[n] for n in lead_sentences(doc)}
    for sentence in sentences:
        if doc.paragraphs[sentence.paragraph].kind not in CODED_KINDS:
            continue
        leads = sentence in lead
        for c in events(doc, sentence.first, min(sentence.last, sentence.first + _LONGEST), ontology):
            mention = _mention(doc, c, cast, calendar, ontology, leads)
            if mention is not None:
                families = spoken_of(doc, c, mention, ontology)
                known = out
                if families and before is None:
                    return None
                if families and before is not None and (earlier := before(sentence)):
                    known = sorted((*earlier, *out), key=lambda m: m.anchor)
                    if unsure(doc, families, known):
                        return None
                out.append(bridged(mention, families, known))
            for inner in c.inner:
                told_for = c.type in _PRESUPPOSING and complete(doc, inner) and ontology.types[inner.type].quad == 4
                bare = mention is None and not inner.verbal and modality(doc, c) in ("actual", "ongoing")
                bare = bare and c.type not in _OF_WHAT_MAY_BE
                if told_for or bare:
                    told = _mention(doc, inner, cast, calendar, ontology, leads)
                    if told is not None:
                        out.append(told)
    out.sort(key=lambda m: (m.anchor, m.event_type))
    return out


def events(doc: Document, first: int, last: int, ontology: Ontology) -> list[Candidate]:
    """The candidates of one sentence after composition, those that another one absorbed left out."""
    candidates = find(doc, first, last, ontology)
    if not candidates:
        return []
    govern(doc, candidates, ontology)
    for c in candidates:
        _settle(doc, c, ontology)
    return [c for c in candidates if c.absorbed_by is None]


# who did not promise, or did not thank, has refused nothing
_OFFERED = grammar.words("promise pledge vow guarantee assure reassure offer volunteer swear undertake thank apologize")
_TAKING = grammar.words("seize capture")  # whom police seize they arrest
ACCIDENT = "INCIDENT"  # the type that harm takes that nobody meant, where the ontology has it


def _settle(doc: Document, c: Candidate, ontology: Ontology) -> None:
    """Let the operators above a candidate, its future and its negation change its type."""
    ahead = future(doc, c) or any(e in ("intended", "willing") for e, _ in c.effects)
    if ahead and unless(doc, c) and apply_effect(c, "unless", ontology):
        return
    for effect, at in c.effects:
        if effect in ("planned", "hypothetical", "negated", "none"):
            continue
        if effect in ("intended", "willing") and modality(doc, c) == "negated":
            continue
        if effect in ("end", "cancel") and any(doc.deps[k] == "neg" for k in doc.children[at]):
            continue
        if apply_effect(c, effect, ontology):
            if effect in ("end", "cancel"):
                c.effects = [e for e in c.effects if e[0] != effect]
                c.ended_by = None if _to_end(doc, at) else at
            return
    verbal = c.verbal and c.type in ("AGREE", "SUPPORT", "CONCEDE", "COOPERATE") and c.pattern.anchor not in _OFFERED
    pending = any(doc.lower[k] == "yet" for k in doc.children[c.anchor])  # 'have not yet agreed' is no refusal
    pending = pending or of_no_thing(doc, c.anchor) or of_all(doc, c.anchor)
    pending = pending or perhaps(doc, c.anchor) or (c.type != "SUPPORT" and unable(doc, c.anchor))
    if verbal and negated(doc, c) and not pending and not (c.type in ("CONCEDE", "COOPERATE") and as_a_rule(doc, c)):
        apply_effect(c, "refuse", ontology)
    elif future(doc, c):
        if negated(doc, c):
            if not until(doc, c) and not perhaps(doc, c.top):
                apply_effect(c, "refuse", ontology)
        elif ontology.types[c.type].quad in (1, 2) or own_word(doc, c):
            apply_effect(c, "future", ontology)


def _to_end(doc: Document, verb: int) -> bool:
    """True for the infinitive of 'arms to stop an attack', which nobody has stopped."""
    return doc.tags[verb] == "VB" and any(doc.lower[k] == "to" for k in doc.children[verb])


def lead_sentences(doc: Document) -> set[int]:
    """Indexes of the headline, standfirst and first body sentence."""
    out = set()
    body = False
    for n, sentence in enumerate(doc.sentences):
        kind = doc.paragraphs[sentence.paragraph].kind
        if kind in ("headline", "standfirst"):
            out.add(n)
        elif kind == "body" and not body:
            out.add(n)
            body = True
    return out


def _mention(
    doc: Document, c: Candidate, cast: Cast, calendar: Calendar, ontology: Ontology, lead: bool
) -> EventMention | None:
    """The mention that a candidate makes, None when it says too little: see `sparse`."""
    parties = roles(doc, c, cast, ontology)
    if c.type == "ASSAULT" and not parties.actors and by_accident(doc, c, ontology):
        if ACCIDENT not in ontology.types:
            return None
        c.type, c.mode, c.cameo = ACCIDENT, None, None
    if c.type == "ASSAULT" and c.mode in WORDY and in_words(doc, c, parties, cast, ontology):
        c.type, c.mode, c.cameo = "ACCUSE", "disapprove", "111"
    deeds = (c.anchor, *grammar.objects(doc, c.anchor)) if c.type == "ASSAULT" else ()
    if any(doc.lemmas[at].lower() == "raid" for at in deeds) and cast.lawful(parties.actors):
        c.type, c.mode, c.cameo = "COERCE", "seize", "171"
    if c.mode == "abduct" and doc.lemmas[c.anchor].lower() in _TAKING and cast.lawful(parties.actors):
        c.type, c.mode, c.cameo = "COERCE", "arrest", "173"
    if too_little(doc, c, parties, cast, ontology) and not (lead and c.type == ACCIDENT and c.verbal):
        return None
    return mention_of(doc, c, parties, cast, calendar, ontology, lead)


def mention_of(
    doc: Document, c: Candidate, parties: Roles, cast: Cast, calendar: Calendar, ontology: Ontology, lead: bool
) -> EventMention:
    """A candidate with every field that its clause gives."""
    kind = ontology.types[c.type]
    amounts = quantities(doc, c, ontology)
    how = told_as(doc, c)
    spots = _place_of(doc, credible(doc, where(doc, c.anchor, c.light)), parties, c, cast)
    if not spots and c.type == "CONSULT" and c.mode != "phone":
        spots = venue(doc, c.anchor, c.top, cast)
    if not spots and c.type == ACCIDENT:
        spots = struck(doc, c.anchor, parties, cast)
    start, end, basis, date_span = calendar.when(c, how)
    if how in ("actual", "ongoing") and start is not None and doc.published is not None and start > doc.published:
        if c.verbal and (c.type in _SAID or past(doc, c.anchor)):
            start = end = basis = date_span = None
        else:
            how = "planned"
    if start is None and lead:
        start, end, basis, date_span = calendar.told_new(c, how)
    place_span, place = spots[0] if spots else (None, None)
    anchor = doc.span(c.anchor, c.anchor + 1)
    cameo = c.cameo or kind.cameo.get(c.mode or "", kind.cameo.get("", None))
    if cameo in ("180", "190") and c.mode:
        cameo = kind.cameo.get(c.mode, cameo)
    fighting = cast.armed(parties.actors) and cast.armed(parties.recipients or parties.actors[1:])
    if cameo in ("190", "193", "194") and not fighting and not cast.states((*parties.actors, *parties.recipients)):
        cameo = "180"
    voice = _attribution(doc, anchor)
    given = {
        "dated": date_span is not None,
        "placed": place_span is not None,
        "voiced": voice is not None,
        "unreal": how not in ("actual", "ongoing"),
    }
    return EventMention(
        id=key(doc.report_id, str(anchor.start), c.type, prefix="em_"),
        clause=clause_span(doc, c),
        anchor=anchor,
        event_type=c.type,
        modality=how,
        mode=c.mode,
        contexts=contexts(doc, c, ontology),
        cameo=cameo,
        quad=kind.quad,
        intensity=kind.modes.get(c.mode or "", kind.intensity) if kind.modes else kind.intensity,
        actors=_ids(parties.actors),
        recipients=_ids(parties.recipients),
        actor_spans=tuple(sorted({p.span for p in parties.actors})),
        recipient_spans=tuple(sorted({p.span for p in parties.recipients})),
        start=start,
        end=end,
        date_basis=basis,
        date_span=date_span,
        place=place,
        place_span=place_span,
        quantities=amounts,
        attribution_id=voice,
        confidence=probability(c.type, features(doc, c, parties, cast, ontology, given)),
    )


def _place_of(
    doc: Document, spots: list[tuple[Span, str | None]], parties: Roles, c: Candidate, cast: Cast
) -> list[tuple[Span, str | None]]:
    """The places without those that are parties: a country that is sanctioned or asked is not where it happened."""
    if c.type == "COERCE" and c.mode == "seize":
        taken = [
            (p.span, p.ids[0] if p.ids else None)
            for p in parties.recipients
            if cast.is_land(p.token) and doc.pos[p.token] != "ADJ"
        ]
        if taken:
            return taken
    spots = [s for s in spots if not _titled(doc, s, cast)]
    if c.type in ("ASSAULT", "PROTEST", "MOBILIZE", "COERCE") or c.mode == "visit":
        return spots
    spots = [s for s in spots if not _modifies(doc, s[0], c)]
    there = grammar.told_of(doc, grammar.clause_verb(doc, c.top), "where")
    if c.type in _SAID and there is None and c.cameo != "057" and c.mode != "investigate":
        spots = [s for s in spots if _said_at(doc, s[0], c)]
    return [s for s in spots if not any(s[0].overlaps(p.span) for p in (*parties.actors, *parties.recipients))]


def _titled(doc: Document, spot: tuple[Span, str | None], cast: Cast) -> bool:
    """True for what only looks like a place: a title, or the 'R-Ohio' after a senator's name."""
    text = doc.quote(spot[0])
    if text[:2] in ("R-", "D-", "I-"):
        return True
    if text.endswith(".") and doc.text[max(0, spot[0].start - 1) : spot[0].start] == "(":  # 'Sen. Ann Berg (N.D.)'
        return True
    return spot[1] is None and all(doc.lower[k] in cast.words for k in doc.tokens_in(spot[0]))


def _modifies(doc: Document, spot: Span, c: Candidate) -> bool:
    """True for a name that only modifies a thing: nothing need happen in Kenya for 'a Kenya-built drone'.

    'The Oslo summit' is in Oslo, and so is what was done at 'the Oslo summit when they met'.
    """
    inside = doc.tokens_in(spot)
    top = next((k for k in inside if doc.heads[k] not in inside), inside[-1])
    noun = doc.heads[top]
    if doc.deps[top] not in ("amod", "compound", "nmod", "poss") or doc.pos[noun] != "NOUN":
        return False
    told = noun in (c.anchor, occasion_of(doc, c.anchor))
    if told and doc.lemmas[noun].lower() in OCCASIONS and doc.deps[top] == "compound" and not _land(doc, spot):
        return False
    return doc.lemmas[noun].lower() not in _SPOTS


def _land(doc: Document, spot: Span) -> bool:
    """True for a country, which as a modifier may as well be a party: 'the Kenya talks'."""
    inside = doc.tokens_in(spot)
    return kind_at(doc, inside[-1]) == "country"


def _said_at(doc: Document, spot: Span, c: Candidate) -> bool:
    """True for a place that hangs on the word that is said itself: not 'criticised the violence across Kenya'."""
    inside = doc.tokens_in(spot)
    here = next((k for k in inside if doc.heads[k] not in inside), inside[-1])
    verb = grammar.clause_verb(doc, c.top)
    ends = {c.anchor, c.light, verb, grammar.first_conjunct(doc, verb)}
    for _ in range(6):
        here = doc.heads[here]
        if here in ends or doc.pos[here] == "VERB":
            return here in ends
        if doc.pos[here] == "NOUN" and (doc.lemmas[here].lower() not in _SPOTS or not _held_at(doc, here)):
            return False
    return False


def _held_at(doc: Document, noun: int) -> bool:
    """True for the occasion of a word; a tribute to the summit in Oslo need not be paid there."""
    if doc.lemmas[noun].lower() in PLACE_NOUNS or doc.deps[noun] != "pobj":
        return True
    return doc.lower[doc.heads[noun]] in _AT


def _ids(parties: tuple[object, ...]) -> tuple[str, ...]:
    out: list[str] = []
    for p in parties:
        out.extend(i for i in p.ids if i not in out)  # type: ignore[attr-defined]
    return tuple(out)


def clause_span(doc: Document, c: Candidate) -> Span:
    """The characters of the clause that states the event."""
    verb = grammar.clause_verb(doc, c.top)
    if not c.verbal and c.light is None:
        tokens = doc.subtree(c.anchor)
    else:
        tokens = grammar.clause(doc, verb)
    first = min(tokens[0], c.anchor)
    while first < c.anchor and doc.pos[first] in ("PUNCT", "SPACE"):
        first += 1
    last = len(tokens) - 1
    while last > 0 and tokens[last] > c.anchor and doc.pos[tokens[last]] in ("PUNCT", "CCONJ", "SPACE"):
        if tokens[last] == tokens[last - 1] + 1 and doc.lower[tokens[last]] not in (",", ";", "and", "or", "but"):
            break
        last -= 1
    return doc.span(first, max(tokens[last], c.anchor) + 1)


def _attribution(doc: Document, anchor: Span) -> str | None:
    """The innermost attribution whose content holds the anchor: the one with the shortest content."""
    best: tuple[int, Attribution] | None = None
    for content, a in placed.contents(doc).around(anchor.start, anchor.end):
        size = content.end - content.start
        if (best is None or size < best[0]) and not any(cue.covers(anchor) for cue in a.cue):
            best = (size, a)
    return best[1].id if best is not None else None
