"""Who did it and to whom: the parties of a candidate, read from the slots that its frame names.

A frame is `actor slots > recipient slots`, or `slots =` when every party is an actor. Slots: `s` subject (of a passive:
its agent), `o` object, `i` indirect object, `p` owner or demonym of a noun anchor, `x` parties inside a non-actor
object ('condemned Russia's attack'), `m` subject of a 'must' clause, `c` subject of any clause, or a preposition. They
are tried in order; slots joined by `+` are taken together.
"""

from __future__ import annotations

from dataclasses import dataclass

from onrecord.model import Document
from onrecord.stages.code import grammar
from onrecord.stages.code.actors import INTO, Cast, Party
from onrecord.stages.code.alongside import both_sides, harmed, of_deed, on_behalf
from onrecord.stages.code.candidates import Candidate, match, purpose
from onrecord.stages.code.ontology import Ontology

_VERB_FRAME = "s > i o x to on against with at from towards toward over for of into"
_MEET_FRAME = "s > with i o x to on against at from for of into"  # of a promise to meet or work together
_REQUEST_FRAME = "s > i o on upon c to x from of at for"
_NOUN_FRAME = "s p by between from > on against to of with at towards toward into for over o"
_MUTUAL_VERB = "s + o + with + between ="
_MUTUAL_NOUN = "s + between + p + with + of ="
_INSIDE = ("of", "by", "against", "on", "with", "between", "to", "from", "for", "over", "in", "into", "at")


_MET = ("with", "between", *_INSIDE)

_AT_SOMEBODY = frozenset(
    {"PROTEST", "AID", "SANCTION", "COERCE", "ASSAULT", "THREATEN", "REQUEST", "REJECT", "AGREE", "ACCUSE"}
)
_ALLIANCES = frozenset({"NAT", "IGO", "UNO", "EUR", "NATO", "EU"})
_OTHER_CLAUSES = frozenset({"relcl", "advcl", "conj", "parataxis", "npadvmod"})
_CIRCUMSTANCES = grammar.words(
    "in at near outside inside across around during after before since amid following until under through via by"
)
_BESIDES = grammar.words(
    "despite amid since before because without like unlike except besides under following until favor favour"
)
_OF_DEEDS = frozenset({"THREATEN", "AGREE", "REJECT", "SANCTION"})  # of a deed, to the one whom it would befall
_ARMED = frozenset({"ASSAULT", "MOBILIZE"})  # what a side's arms do, it does
_OCCASIONS = frozenset({"in", "during", "at", "after", "on", "following", "before", "for"})
_ONLOOKERS = grammar.words(
    "fear believe think doubt suspect worry imagine suppose wonder avoid avert prevent deter forestall thwart foil "
    "preclude discourage expect anticipate predict forecast foresee"
)
_DEEDS = _ARMED | {"PROTEST", "COERCE"}
_SHARED = frozenset({"AGREE", "SUPPORT", "RETREAT", "COOPERATE"})  # 'discussed a truce with the rebels'
_OPINIONS = frozenset({"SUPPORT", "ACCUSE"})
_BEFALLS = _ARMED | {"COERCE", "SANCTION", "ACCUSE", "THREATEN"}
_SUFFERED = grammar.words(
    "receive suffer face come endure sustain get survive draw attract invite incur elicit meet"
)  # whose subject has it done to it
_AIRED = grammar.words("interview appearance column op-ed editorial article podcast conversation")
_UNDERGONE = frozenset({"arrest", "abduct", "deport", "targeted"})  # 'the student arrests'
_ABOUT_OTHERS = frozenset({"ACCUSE", "REQUEST", "REJECT", "SUPPORT", "THREATEN"})


@dataclass(frozen=True, slots=True)
class Roles:
    """The parties of one event."""

    actors: tuple[Party, ...]
    recipients: tuple[Party, ...]


def roles(doc: Document, c: Candidate, cast: Cast, ontology: Ontology) -> Roles:
    """The parties of a candidate; what it governs lends those that it lacks itself."""
    mutual = ontology.types[c.type].mutual
    deed = ontology.types[c.pattern.type].mutual if c.pattern.type in ontology.types else True
    kept = c.pattern.type == c.type or (c.type in _OF_DEEDS and not deed and ">" in c.pattern.frame)
    frame = c.pattern.frame if kept else ""
    if not frame and c.type == "REQUEST" and c.verbal:
        frame = _REQUEST_FRAME
    if not frame and c.type == "AGREE" and c.verbal and not kept and deed:
        frame = _MEET_FRAME
    if not frame:
        frame = (_MUTUAL_VERB if c.verbal else _MUTUAL_NOUN) if mutual else (_VERB_FRAME if c.verbal else _NOUN_FRAME)
    left, sign, right = frame.partition(">")
    if not sign:
        actors = _take(doc, c, left.replace("=", " "), cast, [])
        if len(actors) < 2:
            actors = _lend(doc, c, actors, cast, ontology)
        if len(actors) < 2 and mutual and not c.verbal:
            actors = [*_distinct(both_sides(doc, c, cast), actors), *actors]
        if len(actors) < 2 and mutual and not c.verbal:
            actors = [*_distinct(_attending(doc, c, cast), actors), *actors]
        if len(actors) == 1 and mutual and not c.verbal and grammar.slot(doc, c.anchor, "with"):
            actors = [*_distinct(_partner(doc, c, actors, cast), actors), *actors]
        return Roles(tuple(p for p in actors if _acts(doc, c, p, cast)), ())
    actors = _take(doc, c, left, cast, [])
    recipients = _distinct(harmed(doc, c, cast, ontology), actors) or _take(doc, c, right, cast, actors)
    inner_mutual = any(ontology.types[i.type].mutual for i in c.inner)
    actors = _speakers(doc, c, actors, cast)
    if not actors and c.mode == "visit" and not c.verbal:
        actors = _distinct(_attending(doc, c, cast), recipients)
    if not recipients or not actors:
        for i in c.inner:
            theirs = roles(doc, i, cast, ontology)
            if not recipients and not (c.type == "REQUEST" and c.verbal and grammar.deep_objects(doc, c.anchor)):
                others = tuple(_distinct(theirs.actors, actors))
                pool = others if inner_mutual or (others and c.type in _ABOUT_OTHERS) else theirs.recipients
                recipients = _distinct(pool, actors)
            if not actors and not inner_mutual and (i.verbal or i.type == c.type):
                actors = _distinct(theirs.actors, recipients)
    if not actors and c.type == "MOBILIZE" and c.verbal and grammar.passive(doc, c.anchor):
        sent = [p for o in grammar.deep_objects(doc, c.anchor) if (p := cast.party(o)) is not None and p.ids]
        actors = _distinct(sent, recipients)  # 'the Kenyan forces deployed along the border'
    if not actors and c.type == "ASSAULT" and c.verbal and grammar.passive(doc, c.anchor):
        actors = _distinct(of_deed(doc, c, cast, ontology), recipients)
    borne = _borne_by(doc, c)
    if not recipients and borne is not None and c.type in _BEFALLS:
        heads = grammar.deep_subjects(doc, borne)
        recipients = _distinct([p for h in heads if (p := cast.party(h)) is not None], actors)
    undergone = c.verbal and bool(grammar.deep_objects(doc, c.anchor)) and grammar.passive(doc, c.anchor)
    about = c.type == "PROTEST" and any(grammar.slot(doc, c.anchor, word) for word in ("of", "over"))
    if not recipients and c.mode == "seize" and not c.verbal:
        recipients = _distinct(_taken(doc, c, cast), actors)
    if not recipients and c.type in _AT_SOMEBODY and not undergone and not about:
        recipients = _below(doc, c, cast, actors)
    if not recipients and c.type == "THREATEN":
        recipients = _distinct(_who_must_move(doc, c, cast), actors)
    if not recipients and c.type == "MOBILIZE":
        recipients = _distinct(_against(doc, c, cast, ontology), actors)
    if c.type == "SANCTION" and recipients and not cast.states(recipients):
        recipients = [*recipients, *on_behalf(doc, c, cast, [*actors, *recipients])]
    if len(recipients) == 1 and c.type in _ABOUT_OTHERS and _at_home(doc, recipients[0], actors, cast):
        recipients = []
    if c.type == "THREATEN":
        recipients = [p for p in recipients if not _own_side(p, actors, cast)]
    return Roles(
        tuple(p for p in actors if _acts(doc, c, p, cast)), tuple(p for p in recipients if _undergoes(doc, c, p, cast))
    )


def _borne_by(doc: Document, c: Candidate) -> int | None:
    """The verb whose subject an event noun befalls: 'faces criticism', 'inviting attacks from rivals'."""
    if c.verbal:
        return None
    verb = c.light if c.light is not None else doc.heads[c.anchor] if doc.deps[c.anchor] == "dobj" else None
    return verb if verb is not None and doc.lemmas[verb].lower() in _SUFFERED else None


def _taken(doc: Document, c: Candidate, cast: Cast) -> list[Party]:
    """The land of 'the Crimea annexation'."""
    lands = [k for k in doc.children[c.anchor] if doc.deps[k] in ("compound", "nmod") and cast.is_land(k)]
    return [p for k in lands if (p := cast.party(k)) is not None]


def _who_must_move(doc: Document, c: Candidate, cast: Cast) -> list[Party]:
    """Whose move a threat waits for: 'threatened to strike unless the ministry gave way'."""
    for at in (
        c.anchor,
        *(up for _, up in c.effects),
        *(i.anchor for i in c.inner),
        *grammar.complements(doc, c.anchor),
    ):
        for k in doc.children[at]:
            if doc.deps[k] == "advcl" and any(doc.lower[m] == "unless" for m in doc.children[k]):
                return [p for h in grammar.subjects(doc, k) if (p := cast.party(h)) is not None]
    return []


def _against(doc: Document, c: Candidate, cast: Cast, ontology: Ontology) -> list[Party]:
    """Against whom arms are made ready, in whatever phrase of the clause says so: 'hackers for a war against X'."""
    for at in grammar.clause(doc, c.top)[:120]:
        if at > c.anchor and doc.lower[at] == "against" and match(doc, doc.heads[at], ontology.nouns) is None:
            found = [p for k in doc.children[at] if doc.deps[k] == "pobj" and (p := cast.party(k)) is not None]
            if found:
                return found
    return []


def _at_home(doc: Document, party: Party, actors: list[Party], cast: Cast) -> bool:
    """True for the actor's own country where it only modifies a noun: 'Trump called for a U.S. buildup'."""
    if doc.deps[party.token] not in ("amod", "compound", "nmod") or not cast.states([party]):
        return False
    theirs = {e.country for i in party.ids if (e := cast.doc.entities.get(i)) is not None}
    mine = {e.country for a in actors for i in a.ids if (e := cast.doc.entities.get(i)) is not None}
    return bool(theirs) and theirs == mine


def _own_side(party: Party, actors: list[Party], cast: Cast) -> bool:
    """True for an alliance that its own official speaks for: its warning is not meant for it."""
    theirs = {e.country for i in party.ids if (e := cast.doc.entities.get(i)) is not None}
    mine = {e.country for a in actors for i in a.ids if (e := cast.doc.entities.get(i)) is not None}
    return bool(theirs) and theirs <= mine and theirs <= _ALLIANCES


def _acts(doc: Document, c: Candidate, party: Party, cast: Cast) -> bool:
    """False for a place that is no grammatical agent: nobody acts in 'the Bergen bombing' or 'the Finland summit'."""
    modifies = doc.heads[party.token] == c.anchor and doc.deps[party.token] == "compound"
    if c.type == "CONSULT" and not c.verbal and modifies and doc.quote(party.span).replace(" ", "").isalpha():
        return not cast.is_land(party.token)
    return not cast.is_place(party.token) or doc.deps[party.token] in ("nsubj", "nsubjpass", "pobj", "conj")


def _undergoes(doc: Document, c: Candidate, party: Party, cast: Cast) -> bool:
    """False for a place below a country that is only where the event was: what is hit itself is kept."""
    if c.type == "AGREE" and c.pattern.type == "CONSULT" and cast.is_land(party.token):
        return doc.deps[party.token] != "pobj" or doc.lower[doc.heads[party.token]] not in _CIRCUMSTANCES
    if not cast.is_place(party.token) or c.type not in ("ASSAULT", "PROTEST", "CONSULT") or c.mode == "visit":
        return True
    head = grammar.first_conjunct(doc, party.token)
    if doc.deps[head] in ("dobj", "nsubjpass"):
        return True
    preposition = doc.heads[head]
    return (
        doc.deps[head] == "pobj"
        and (doc.heads[preposition] in (c.anchor, c.light) or doc.heads[preposition] in grammar.objects(doc, c.anchor))
        and doc.lower[preposition] not in _CIRCUMSTANCES
    )


def _partner(doc: Document, c: Candidate, known: list[Party], cast: Cast) -> list[Party]:
    """The other side of 'set expectations low for the summit with X': who of public life acts around it."""
    here = c.anchor
    for _ in range(8):
        up = doc.heads[here]
        if up == here:
            break
        here = up
        if doc.pos[here] not in ("VERB", "AUX"):
            continue
        found = [p for h in grammar.subjects(doc, here) if (p := cast.party(h)) is not None and p.token != c.anchor]
        found = [p for p in found if cast.governs(p)]
        if found:
            return found[:1]
    return []


def _attending(doc: Document, c: Candidate, cast: Cast) -> list[Party]:
    """Who acts in the clause that a meeting or visit is the occasion of: 'said X in a meeting with Y'."""
    head = grammar.first_conjunct(doc, c.anchor)
    preposition = doc.heads[head]
    if doc.deps[head] != "pobj" or doc.lower[preposition] not in _OCCASIONS:
        return []
    up = doc.heads[preposition]
    if doc.pos[up] in ("VERB", "AUX"):
        heads = grammar.deep_subjects(doc, up)
    elif doc.deps[up] in ("nsubj", "nsubjpass"):
        heads = [up]
    else:
        return []
    return [p for h in heads if (p := cast.party(h)) is not None and not p.place]


def _speakers(doc: Document, c: Candidate, actors: list[Party], cast: Cast) -> list[Party]:
    """Who 'it' and 'they' are in 'the rebels said they attacked', where no entity says so or says it all."""
    if len(actors) != 1 or doc.pos[actors[0].token] != "PRON" or not c.verbal:
        return actors
    verb = c.anchor
    while doc.deps[verb] in ("xcomp", "acomp") and doc.heads[verb] != verb:
        verb = doc.heads[verb]
    if doc.deps[verb] != "ccomp":
        return actors
    found = [p for h in grammar.subjects(doc, doc.heads[verb]) if (p := cast.party(h)) is not None]
    if (known := set(actors[0].ids)) and not any(known < set(p.ids) for p in found):
        return actors
    return [p for p in found if p.ids or doc.pos[p.token] != "PRON"] or actors


def _below(doc: Document, c: Candidate, cast: Cast, actors: list[Party]) -> list[Party]:
    """The first country, people or organisation named in what the event word governs, other than its actors.

    Of what only says where, countries count, and only when somebody else acts there.
    """
    taken = {i for p in actors for i in p.ids}
    todo, seen = [(c.anchor, False)], 0
    while todo and seen < 80:
        at, circumstance = todo.pop(0)
        seen += 1
        if at > c.anchor and doc.deps[at] in ("pobj", "poss", "amod", "compound", "dobj", "dative", "nsubj", "nmod"):
            if cast.is_city(at) and ((circumstance and c.type == "ASSAULT") or doc.deps[at] not in ("pobj", "dobj")):
                continue
            of = doc.heads[at]
            if doc.deps[at] == "compound" and of != c.anchor and doc.lemmas[of].lower() in INTO and cast.is_person(at):
                continue  # 'voted against the Berg inquiry'
            name = cast.named(at)
            if (
                name is not None
                and name[1]
                and doc.pos[at] != "PRON"
                and not taken.intersection(name[1])
                and cast.is_side(at)
            ):
                party = Party(doc.whole(name[0]), name[1], at)
                spoken = c.type in _ABOUT_OTHERS or c.type == "AGREE"
                if not circumstance or not (spoken or c.type == "ASSAULT") or (actors and cast.states([party])):
                    return [party]
        for k in doc.children[at]:
            more = doc.deps[k] == "advcl" and purpose(doc, k)
            loose = more and any(doc.words[j] == "," and at < j < k for j in doc.children[at])
            aside = doc.deps[k] in _OTHER_CLAUSES and (loose or not more)
            if c.type in _OPINIONS and (_owned(doc, k, cast, taken) or (doc.lower[k] == "as" and at == c.anchor)):
                continue  # 'denounced the plan as a gift to Norway'
            if at != c.anchor and doc.deps[k] in ("ccomp", "pcomp") and _has_subject(doc, k):
                if doc.deps[k] == "pcomp" and doc.heads[at] == c.anchor:
                    todo += [(s, circumstance) for s in doc.children[k] if doc.deps[s] in ("nsubj", "nsubjpass")]
                continue
            if c.type in _ABOUT_OTHERS and at != c.anchor and doc.lemmas[at].lower() in _AIRED:
                continue  # 'warned of it in an interview with a Kenyan paper'
            if not aside and doc.deps[k] != "agent" and doc.lower[k] not in _BESIDES:
                todo.append((k, circumstance or doc.lower[k] in _CIRCUMSTANCES))
    return []


def _who_is_to(doc: Document, verb: int) -> list[int]:
    """The subject of the gerund in 'the accusation of BERG being a spy'."""
    if doc.deps[verb] != "pcomp" or doc.tags[verb] != "VBG":
        return []
    return [k for k in doc.children[verb] if doc.deps[k] in ("nsubj", "nsubjpass")]


def _has_subject(doc: Document, verb: int) -> bool:
    """True for a clause of its own: of 'to fight what he sees as the bank's influence' the bank gets nothing."""
    return any(doc.deps[k] in ("nsubj", "nsubjpass") for k in doc.children[verb])


def _lend(doc: Document, c: Candidate, actors: list[Party], cast: Cast, ontology: Ontology) -> list[Party]:
    out = list(actors)
    for i in c.inner:
        if not ontology.types[i.type].mutual and i.type not in _SHARED:
            continue
        theirs = roles(doc, i, cast, ontology)
        out.extend(_distinct((*theirs.actors, *theirs.recipients), out))
    return out


def _distinct(pool: tuple[Party, ...] | list[Party], old: list[Party]) -> list[Party]:
    out: list[Party] = []
    for p in pool:
        rest = [*old, *out]
        if any(p.span.overlaps(q.span) for q in rest) or any(p.ids and p.ids == q.ids for q in rest):
            continue
        if len(p.ids) > 1 and {i for q in rest for i in q.ids}.issuperset(p.ids):
            continue  # 'Hill and Berg prepare for their summit'
        out.append(p)
    return out


def _take(doc: Document, c: Candidate, slots: str, cast: Cast, taken: list[Party]) -> list[Party]:
    words = slots.split()
    if not c.verbal and words and words[0] == "s" and "by" in words and "+" not in words:
        words = ["by", *(w for w in words if w != "by")]
    together = "+" in words or "=" in words
    out: list[Party] = []
    for word in words:
        if word == "+":
            continue
        found = _distinct(_slot(doc, c, word, cast, taken), [*taken, *out])
        out.extend(found)
        if out and not together:
            break
    return out


def _wills(doc: Document, verb: int, noun: int) -> bool:
    """True for who plans, seeks or ends an event; not for who fears or foils it, nor for who names it in passing."""
    up = doc.heads[grammar.first_conjunct(doc, noun)]
    return verb in (up, doc.heads[up]) and doc.lemmas[verb].lower() not in _ONLOOKERS


def _of(doc: Document, head: int) -> list[int]:
    """The dependents of a noun, and of what a number is a number of: 'two of its jets'."""
    below = [h for _, h in grammar.prepositional(doc, head, "of")] if doc.pos[head] == "NUM" else []
    return [k for h in (head, *below) for k in doc.children[h]]


def _owned(doc: Document, noun: int, cast: Cast, owners: set[str]) -> bool:
    """True for a thing of the actor's own: 'hailed his win over the senator' is no word on the senator."""
    names = [n for k in doc.children[noun] if doc.deps[k] == "poss" and (n := cast.named(k)) is not None]
    return any(owners.intersection(n[1]) for n in names)


def _slot(doc: Document, c: Candidate, name: str, cast: Cast, taken: list[Party]) -> list[Party]:
    verb = c.anchor if c.verbal else c.light
    if verb is None and name == "s":
        above = [at for _, at in c.effects] + ([c.ended_by] if c.ended_by is not None else [])
        verb = next((at for at in above if doc.pos[at] == "VERB" and _wills(doc, at, c.anchor)), None)
    heads: list[int] = []
    inside = False
    if name == "s":
        if c.light is not None and c.type in _BEFALLS and _borne_by(doc, c) is not None:
            return []
        if verb is not None:
            heads = [h for h in grammar.deep_subjects(doc, verb) if h != c.anchor]
            inside = True
    elif name == "o":
        heads = grammar.deep_objects(doc, c.anchor) if c.verbal else []
    elif name == "x":
        heads = grammar.deep_objects(doc, c.anchor) if c.verbal else []
        met = cast.meetings  # 'rejected a meeting with the king on the sidelines of the council'
        return [p for h in heads for p in cast.inside(h, _MET if doc.lemmas[h].lower() in met else _INSIDE)]
    elif name == "m":
        heads = [h for v in grammar.slot(doc, c.anchor, "must") for h in grammar.subjects(doc, v)]
    elif name == "c":
        told = grammar.slot(doc, c.anchor, "that")
        told += [
            k
            for k in (doc.children[c.anchor] if c.type == "ACCUSE" else ())
            if doc.deps[k] == "acl" and any(doc.lower[m] == "that" and doc.deps[m] == "mark" for m in doc.children[k])
        ]
        heads = [h for v in told for h in grammar.subjects(doc, v)]
        inside = True
    elif name == "i":
        heads = [k for k in doc.children[c.anchor] if doc.deps[k] == "dative"] if c.verbal else []
        heads = [j for h in heads for j in ([h] if doc.pos[h] != "ADP" else [])]
    elif name == "p":
        if c.verbal:
            return []
        found = cast.inside(c.anchor, ())
        return found or (cast.agents(c.anchor) if c.type in _DEEDS and c.mode not in _UNDERGONE else [])
    else:
        heads = grammar.slot(doc, c.anchor, name)
        if c.light is not None:
            heads += grammar.slot(doc, c.light, name)
        if c.verbal:
            mine = {i for p in taken for i in p.ids}
            for o in grammar.objects(doc, c.anchor):
                if c.type not in _OPINIONS or not _owned(doc, o, cast, mine):
                    heads += grammar.slot(doc, o, name)
            if doc.deps[c.anchor] != "relcl":
                heads = [h for h in heads if h > c.anchor]
        inside = not (name in ("of", "over") and c.type == "PROTEST")  # the dead of 'protests over deaths' are no party
        heads = [s for h in heads for s in (_who_is_to(doc, h) or [h])]
    out: list[Party] = []
    for h in heads:
        party = cast.party(h)
        if party is not None:
            out.append(party)
        elif name == "s" and c.type in _ARMED and any(doc.deps[k] == "poss" for k in _of(doc, h)):
            out.extend(p for k in _of(doc, h) if doc.deps[k] == "poss" and (p := cast.party(k)) is not None)
        elif inside and doc.pos[h] in ("NOUN", "PROPN") and (name != "s" or doc.lemmas[h].lower() in cast.deeds):
            suffered = name == "s" and doc.lemmas[h].lower() in cast.suffered
            words = ("by", "from") if suffered else ("of", "by", "from")
            out.extend(cast.inside(h, words) or (cast.agents(h) if name == "in" else []))
    out = [p for p in out if not (p.span.start <= doc.starts[c.anchor] < p.span.end)]
    if out:
        named = [p for p in out if not p.place]
        if named and len(named) < len(out) and name != "s":
            return named
    return out
