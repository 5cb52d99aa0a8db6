"""How sure an event mention is: the probability that its type is right, by weights fitted to judged mentions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

from onrecord import lexicon
from onrecord.model import Document
from onrecord.stages.code import grammar
from onrecord.stages.code.actors import Cast, Party
from onrecord.stages.code.candidates import Candidate
from onrecord.stages.code.roles import Roles

FEATURES = {
    "actor": "somebody acts",
    "named": "who acts has a name or a description that is known",
    "state": "a state, or somebody of its government, courts or forces, or a rebel acts",
    "recipient": "somebody is acted on",
    "own_voice": "'I', 'we', 'you' or a pronoun that nothing resolves acts",
    "bare": "its verb is an infinitive or a present without an auxiliary",
    "main": "its verb heads the sentence",
    "relative": "it stands in a relative clause or a participle that modifies a noun",
    "particular": "the lexicon's pattern asks for more than the word itself",
    "dated": "a time expression dates it",
    "placed": "it has a place",
    "counted": "it counts people or things",
    "nominal": "a noun states it, not a verb",
    "unsaid": "its verb is passive and names no agent",
    "pronoun": "a pronoun acts or is acted on",
    "unknown": "who acts is a word that no actor of the report is known by",
    "far": "who acts stands more than eight words from it",
    "long": "its sentence has more than forty words",
    "unreal": "it is planned, hypothetical, threatened or negated",
    "composed": "another event or operator changed its type",
    "public": "a state, or somebody of its institutions, is acted on",
}
"""What a mention's confidence rests on beside its type; each is true or false."""

_FAR, _LONG = 8, 40  # words
_STATE = frozenset({"GOV", "MIL", "COP", "JUD", "LEG", "SPY", "REB", "UAF", "PRM"})


@cache
def weights() -> dict[str, float]:
    """The fitted weights by name."""
    return {row["name"]: float(row["weight"]) for row in lexicon.rows("plover/confidence.tsv")}


def features(doc: Document, c: Candidate, parties: Roles, cast: Cast, told: Mapping[str, bool]) -> dict[str, bool]:
    """Which of `FEATURES` a candidate has; `told` gives those that only the finished mention shows."""
    verb = grammar.clause_verb(doc, c.top)
    helped = any(doc.deps[k] in ("aux", "auxpass") for k in doc.children[verb])
    first = grammar.first_conjunct(doc, verb)
    sentence = doc.sentences[doc.sentence_of[c.anchor]]
    pronouns = [p for p in parties.actors if doc.pos[p.token] == "PRON"]
    return {
        "actor": bool(parties.actors),
        "named": any(p.ids for p in parties.actors),
        "state": _of_state(cast, parties.actors),
        "recipient": bool(parties.recipients),
        "own_voice": any(not p.ids or doc.lower[p.token] in ("i", "we", "you") for p in pronouns),
        "bare": doc.tags[verb] in ("VB", "VBP", "VBZ") and not helped,
        "main": doc.heads[first] == first,
        "relative": doc.deps[first] in ("relcl", "acl"),
        "particular": c.pattern.weight > 0,
        "nominal": not c.verbal,
        "unsaid": c.verbal and not parties.actors and grammar.passive(doc, c.anchor),
        "pronoun": any(doc.pos[p.token] == "PRON" for p in (*parties.actors, *parties.recipients)),
        "unknown": bool(parties.actors) and not any(p.ids for p in parties.actors),
        "far": bool(parties.actors) and min(abs(p.token - c.anchor) for p in parties.actors) > _FAR,
        "long": sentence.last - sentence.first > _LONG,
        "composed": c.pattern.type != c.type,
        "public": _of_state(cast, parties.recipients),
        **told,
    }


def _of_state(cast: Cast, parties: tuple[Party, ...]) -> bool:
    for p in parties:
        for i in p.ids:
            entity = cast.doc.entities.get(i)
            if entity is not None and (entity.kind == "country" or (entity.sector or "")[:3] in _STATE):
                return True
    return False


def probability(kind: str, given: Mapping[str, bool], fitted: Mapping[str, float] | None = None) -> float:
    """0.05 to 0.99: how likely a mention of this type with these `FEATURES` states an event of that type.

    A type that the weights do not know, such as one of a user's own ontology, counts as an average one.
    """
    known = weights() if fitted is None else fitted
    odds = known.get("base", 0.0) + known.get(f"type:{kind}", 0.0)
    odds += sum(known.get(name, 0.0) for name in FEATURES if given.get(name))
    return round(min(max(1 / (1 + math.exp(-odds)), 0.05), 0.99), 2)
