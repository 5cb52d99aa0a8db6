"""How sure an event mention is: the probability that its type is right, by weights fitted to judged mentions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

from onrecord import lexicon
from onrecord.model import Document, Sentence
from onrecord.stages.code import grammar
from onrecord.stages.code.actors import Cast, Party
from onrecord.stages.code.candidates import Candidate
from onrecord.stages.code.ontology import Ontology
from onrecord.stages.code.roles import Roles

FEATURES = {
    "actor": "somebody acts",
    "named": "who acts has a name or a description that is known",
    "state": "a state, or somebody of its government, courts or forces, or a rebel acts",
    "recipient": "somebody is acted on",
    "bare": "its verb is an infinitive or a present without an auxiliary",
    "particular": "the lexicon's pattern asks for more than the word itself",
    "dated": "a time expression dates it",
    "placed": "it has a place",
    "nominal": "a noun states it, not a verb",
    "unsaid": "its verb is passive and names no agent",
    "unreal": "it is planned, hypothetical, threatened or negated",
    "composed": "another event or operator changed its type",
    "loose": "its word is said of other things about as often as not (`loose.tsv`)",
    "alone": "its type is done to somebody, and nobody is acted on",
    "held": "the lexicon's pattern names nouns or persons that the word must stand with",
    "loose_state": "its word is loose, and a state or force acts",
    "infinitive": "an infinitive states it",
    "participle": "an '-ing' form without an auxiliary states it",
    "past": "a finite past states it",
    "below": "its clause hangs below an infinitive, a condition, a modal or a negation",
    "voiced": "it is told in somebody's words",
    "quoted": "it stands between quotation marks",
    "indefinite": "who acts is an indefinite plural or anybody",
}
"""What a mention's confidence rests on beside its type; each is true or false."""

_MODAL = frozenset({"would", "could", "might", "may", "can", "should", "must", "'d", "ca"})
_IF = frozenset({"if", "unless", "whether", "until", "lest"})
_ANYBODY = grammar.words("people anyone anybody someone somebody one you everyone everybody many some others person")
_QUOTES = frozenset({'"', "“", "”", "``", "''"})
_STEPS = 30  # of the tree that are looked at
_PAST = frozenset({"was", "were", "had", "did", "has", "have", "been"})
_NOT = frozenset({"not", "n't", "never", "no"})
_STATE = frozenset({"GOV", "MIL", "COP", "JUD", "LEG", "SPY", "REB", "UAF", "PRM"})


@cache
def weights() -> dict[str, float]:
    """The fitted weights by name."""
    return {row["name"]: float(row["weight"]) for row in lexicon.rows("plover/confidence.tsv")}


@cache
def loose_words() -> frozenset[tuple[str, bool]]:
    """Words that are said of other things about as often as not, each with whether it is a verb."""
    return frozenset(
        (w, row["pos"] == "verb") for row in lexicon.rows("plover/loose.tsv") for w in row["words"].split()
    )


def features(
    doc: Document, c: Candidate, parties: Roles, cast: Cast, ontology: Ontology, told: Mapping[str, bool]
) -> dict[str, bool]:
    """Which of `FEATURES` a candidate has; `told` gives those that only the finished mention shows."""
    verb = grammar.clause_verb(doc, c.top)
    helped = any(doc.deps[k] in ("aux", "auxpass") for k in doc.children[verb])
    sentence = doc.sentences[doc.sentence_of[c.anchor]]
    loose = (doc.lemmas[c.anchor].lower(), c.verbal) in loose_words()
    alone = ontology.types[c.type].mutual is False and not parties.recipients
    held = any(k.slot and k.values and not k.negative for k in c.pattern.conditions)
    finite = c.verbal or c.light is not None
    return {
        "actor": bool(parties.actors),
        "named": any(p.ids for p in parties.actors),
        "state": _of_state(cast, parties.actors),
        "recipient": bool(parties.recipients),
        "bare": doc.tags[verb] in ("VB", "VBP", "VBZ") and not helped,
        "particular": c.pattern.weight > 0,
        "nominal": not c.verbal,
        "unsaid": c.verbal and not parties.actors and grammar.passive(doc, c.anchor),
        "composed": c.pattern.type != c.type,
        "loose": loose,
        "alone": alone,
        "held": held,
        "loose_state": loose and _of_state(cast, parties.actors),
        "infinitive": finite and doc.tags[verb] == "VB" and not _auxiliaries(doc, verb) - {"to"},
        "participle": finite and doc.tags[verb] == "VBG" and not helped,
        "past": finite and (doc.tags[verb] == "VBD" or bool(_auxiliaries(doc, verb) & _PAST)),
        "below": _below(doc, c.top),
        "quoted": _quoted(doc, sentence, c.anchor),
        "indefinite": bool(parties.actors) and all(_indefinite(doc, p.token) for p in parties.actors),
        **told,
    }


def _auxiliaries(doc: Document, verb: int) -> set[str]:
    return {doc.lower[k] for k in doc.children[verb] if doc.deps[k] in ("aux", "auxpass")}


def _below(doc: Document, at: int) -> bool:
    """True where a verb above is told as less than a fact: an infinitive, or with a modal, a condition, a negation."""
    for _ in range(_STEPS):
        if doc.heads[at] == at:
            return False
        at = doc.heads[at]
        if doc.pos[at] in ("VERB", "AUX"):
            words = {doc.lower[k] for k in doc.children[at] if doc.deps[k] in ("aux", "mark", "neg")}
            if words & (_MODAL | _IF | _NOT) or (doc.tags[at] == "VB" and "to" in words):
                return True
    return False


def _quoted(doc: Document, sentence: Sentence, at: int) -> bool:
    """True where an odd number of quotation marks opens the sentence before a word."""
    return sum(doc.words[t] in _QUOTES for t in range(max(sentence.first, at - _STEPS * 10), at)) % 2 == 1


def _indefinite(doc: Document, at: int) -> bool:
    """True for 'people', 'anyone' and a plural noun without a determiner or a number: 'opponents'."""
    if doc.lower[at] in _ANYBODY:
        return True
    held = any(doc.deps[k] in ("det", "poss", "nummod", "compound", "amod") for k in doc.children[at])
    return doc.tags[at] == "NNS" and not held


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
