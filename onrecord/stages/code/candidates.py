"""Words that may state an event: pattern matches at verbs and nouns, and what the words that govern them do to them."""

from __future__ import annotations

from dataclasses import dataclass, field

from onrecord.model import Document
from onrecord.stages.code import grammar
from onrecord.stages.code.ontology import Ontology, Rule
from onrecord.stages.code.patterns import Pattern, holds

CODED_KINDS = frozenset({"body", "headline", "standfirst"})
_LINKS = grammar.words(
    "xcomp ccomp dobj nsubjpass attr oprd advcl acl prep dative compound poss nmod amod pobj pcomp relcl"
)

_APPEALS, _DEMANDS = "02", "10"  # CAMEO's roots of what is asked and of what is demanded; their codes run in parallel
_AHEAD = grammar.words("will would wo could might may 'll 'd")
_KNOWING = grammar.words("know learn see find understand ask wonder remember recall realize realise forget hear read")


@dataclass(slots=True)
class Candidate:
    """A possible event mention. `light` is the light verb of a noun anchor, `effects` what governs it, with the verbs.

    `ended_by` is the verb that ended or cancelled it, whose effect is spent.
    """

    anchor: int
    pattern: Pattern
    type: str
    mode: str | None
    cameo: str | None
    verbal: bool
    light: int | None = None
    effects: list[tuple[str, int]] = field(default_factory=list)
    inner: list[Candidate] = field(default_factory=list)
    absorbed_by: Candidate | None = None
    ended_by: int | None = None

    @property
    def top(self) -> int:
        """The token at which the event hangs in its sentence: the light verb of a noun, else the anchor."""
        return self.anchor if self.light is None else self.light


def match(doc: Document, at: int, table: dict[str, tuple[Pattern, ...]]) -> tuple[Pattern, list[int]] | None:
    """The pattern that holds at a token, the one with most conditions, and the arguments that it used up."""
    patterns = next((table[form] for form in _forms(doc, at) if form in table), ())
    for pattern in patterns:
        used = holds(doc, at, pattern)
        if used is not None:
            return pattern, used
    return None


def _forms(doc: Document, at: int) -> tuple[str, ...]:
    """The forms under which an anchor is looked up; the last undo a lemmatiser that reads 'staged' as 'stag'."""
    lemma, word = doc.lemmas[at].lower(), doc.lower[at]
    if doc.pos[at] not in ("VERB", "AUX") or not word.endswith(("ed", "es")):
        return lemma, word
    return lemma, word, word[:-1], word[:-2]


def find(doc: Document, first: int, last: int, ontology: Ontology) -> list[Candidate]:
    """The candidates among tokens `[first, last)`, in text order, before composition."""
    out: dict[int, Candidate] = {}
    used: dict[int, int] = {}
    for at in range(first, last):
        pos = doc.pos[at]
        if doc.lower[at] == "opposed" and doc.lower[max(0, at - 1)] == "as":
            continue
        if doc.deps[at] in ("amod", "compound") and (pos in ("VERB", "AUX") or doc.words[at - 1] == "-"):
            continue  # 'the captured town', 'a U.N.-brokered deal'
        if pos in ("VERB", "AUX"):
            hit = match(doc, at, ontology.verbs)
            verbal = True
        elif pos in ("NOUN", "PROPN"):
            if _nominal_use(doc, at):
                hit, verbal = match(doc, at, ontology.nouns), False
            else:
                continue
        elif pos == "ADJ" and (doc.tags[at].startswith("V") or doc.lower[at] in ontology.classes.get("adjective", ())):
            hit, verbal = match(doc, at, ontology.verbs), True
        else:
            continue
        if hit is None:
            continue
        pattern, arguments = hit
        used.update((k, at) for k in arguments)
        if pattern.type:
            out[at] = Candidate(at, pattern, pattern.type, pattern.mode, pattern.cameo, verbal)
    for at in sorted(used):
        spent = out.get(at)
        if spent is not None and not spent.verbal:
            user = out.get(used[at])
            if user is not None and user.type == spent.type and user.mode is None:
                user.mode = spent.mode  # 'died in an air strike'
            del out[at]
    found = [out[at] for at in sorted(out)]
    for candidate in found:
        if not candidate.verbal:
            candidate.light = _light_verb(doc, candidate.anchor, ontology)
    return found


def _nominal_use(doc: Document, at: int) -> bool:
    """False for a noun that only modifies another ('attack helicopter') or stands in a name."""
    if doc.deps[at] in ("compound", "amod", "nmod") and doc.heads[at] > at:
        return False
    if doc.lower[at] == "protest" and doc.lower[max(0, at - 1)] == "in":
        return False  # who quits 'in protest' has quit
    return not (doc.pos[at] == "PROPN" and doc.ents[at] != "O" and not doc.ents[at].endswith("EVENT"))


def _light_verb(doc: Document, noun: int, ontology: Ontology) -> int | None:
    head = grammar.first_conjunct(doc, noun)
    through = ""
    for _ in range(3):
        up, dep = doc.heads[head], doc.deps[head]
        if dep in ("dobj", "nsubjpass", "attr", "oprd"):
            break
        if dep == "pobj":
            prep = up
            up = doc.heads[prep]
            if doc.pos[up] in ("VERB", "AUX"):
                through = doc.lower[prep]
                break
            if doc.lower[prep] != "of":
                return None
            head = up
            continue
        if dep == "nsubj" and doc.pos[up] in ("VERB", "AUX"):
            hit = match(doc, up, ontology.operators)
            return up if hit is not None and hit[0].type == "occur" else None
        if dep in ("acl", "relcl"):
            return None
        return None
    else:
        return None
    if doc.pos[up] not in ("VERB", "AUX"):
        return None
    hit = match(doc, up, ontology.operators)
    if hit is None or hit[0].type not in ("light", "start"):
        return None
    if through and not any(not k.slot and through in (k.values or ()) for k in hit[0].conditions):
        return None
    return up


def govern(doc: Document, candidates: list[Candidate], ontology: Ontology) -> None:
    """Let outer events and operators act on the events they govern; sets `effects`, `inner`, `absorbed_by`, types."""
    at = {}
    for c in candidates:
        at[c.anchor] = c
        if c.light is not None:
            at.setdefault(c.light, c)
    for c in reversed(candidates):
        _walk_up(doc, c, at, ontology)
    for c in candidates:
        if c.absorbed_by is None:
            _compose(doc, c, ontology)


def _walk_up(doc: Document, c: Candidate, at: dict[int, Candidate], ontology: Ontology) -> None:
    here, nominal = c.top, not c.verbal and c.light is None
    for _ in range(8):
        if _object_clause(doc, here):
            up, dep = doc.heads[here], "xcomp"
        else:
            here = grammar.first_conjunct(doc, here)
            up, dep = doc.heads[here], doc.deps[here]
        if up == here:
            return
        if dep in ("pobj", "pcomp"):
            prep, up = up, doc.heads[up]
            if doc.lower[prep] in ("after", "before", "since", "during", "following", "amid", "despite", "until"):
                return
        elif dep == "acl" and _feared(doc, here, ontology):
            c.effects.append(("hypothetical", up))
            return
        elif dep == "nsubj" or (dep in ("relcl", "advcl", "acl") and not purpose(doc, here)) or dep not in _LINKS:
            return
        if up == here:
            return
        outer = at.get(up)
        if outer is not None and outer is not c and up != c.light:
            if _absorbs(doc, outer, c, dep, nominal, ontology):
                c.absorbed_by = outer
                outer.inner.append(c)
            return
        if doc.tags[up] == "VBG" and doc.words[max(0, up - 1)] == "-":
            return  # 'war-ending talks' end a war, not the talks
        hit = match(doc, up, ontology.operators)
        if hit is not None and hit[0].type not in ("light", "start", "occur", "none"):
            wished = hit[0].type == "intended" and doc.lemmas[up].lower() in ("want", "wish")
            c.effects.append(("hypothetical" if wished and _has_own(doc, here) else hit[0].type, up))
        elif hit is None and dep == "ccomp" and doc.lemmas[up].lower() in _KNOWING:
            return
        here = up


def _has_own(doc: Document, verb: int) -> bool:
    """True for the clause of 'want HIM to go', which he need not mean to do."""
    return any(doc.deps[k] in ("nsubj", "nsubjpass") for k in doc.children[verb])


def _feared(doc: Document, verb: int, ontology: Ontology) -> bool:
    """True for the clause of 'fears that Norway will invade', 'the hope that it would withdraw'."""
    noun = doc.heads[verb]
    if doc.pos[noun] != "NOUN" or not any(doc.lower[k] == "that" for k in doc.children[verb]):
        return False
    ahead = any(doc.deps[k] == "aux" and doc.lower[k] in _AHEAD for k in doc.children[verb])
    hit = match(doc, noun, ontology.operators) if ahead else None
    return hit is not None and hit[0].type == "hypothetical"


def _object_clause(doc: Document, verb: int) -> bool:
    """True for the gerund of 'denied spying and trying to kill', which parsers join to the finite verb."""
    if doc.deps[verb] != "conj" or doc.tags[verb] != "VBG":
        return False
    up = doc.heads[verb]
    if doc.tags[up] not in ("VBD", "VBN", "VBZ", "VBP") or any(doc.deps[k] == "aux" for k in doc.children[verb]):
        return False
    return not any(doc.lemmas[k] == "be" for k in doc.children[up]) and any(
        doc.deps[k] == "dobj" for k in doc.children[up]
    )


def purpose(doc: Document, verb: int) -> bool:
    """A 'to' clause of purpose or content, or a participle that tells more of the same: these belong to their head."""
    bare = doc.tags[verb] == "VB" and any(doc.lower[k] == "to" for k in doc.children[verb])
    finite = any(doc.deps[k] in ("aux", "mark") for k in doc.children[verb])  # 'while Norway is demanding it'
    return bare or (doc.tags[verb] == "VBG" and doc.deps[verb] == "advcl" and not finite)


def _absorbs(doc: Document, outer: Candidate, inner: Candidate, dep: str, nominal: bool, ontology: Ontology) -> bool:
    if ontology.rule(outer.type, inner.type, inner.mode) is not None:
        return True
    if outer.type == inner.type and (nominal or dep in ("xcomp", "dobj", "pobj", "advcl", "prep")):
        return True
    return nominal and not ontology.types[outer.type].physical


def complete(doc: Document, c: Candidate) -> bool:
    """True for a noun that names both sides itself ('the annexation of the island by Norway'): an event of its own."""
    deps = {doc.deps[k] for k in doc.children[c.anchor]}
    words = {doc.lower[k] for k in doc.children[c.anchor] if doc.deps[k] == "prep"}
    owner = "poss" in deps or "by" in words or any(doc.ents[k] != "O" for k in doc.children[c.anchor])
    return not c.verbal and owner and bool(words & {"of", "on", "against"})


def _compose(doc: Document, c: Candidate, ontology: Ontology) -> None:
    for inner in c.inner:
        _compose(doc, inner, ontology)
        if c.type == "AGREE" and any(doc.deps[k] == "neg" for k in doc.children[inner.top]):
            continue  # who promises not to attack threatens nobody
        rule = ontology.rule(c.type, inner.type, inner.mode)
        if rule is not None:
            _apply(c, rule)
            break
        if inner.type == c.type and c.mode is None:
            c.mode = inner.mode


def apply_effect(c: Candidate, effect: str, ontology: Ontology) -> bool:
    """Change a candidate's type by the rule for an operator's effect; False when there is none."""
    rule = ontology.rule(effect, c.type, c.mode)
    if rule is None:
        return False
    _apply(c, rule)
    return True


def _apply(c: Candidate, rule: Rule) -> None:
    cameo = rule.cameo
    if cameo and cameo[:2] == _DEMANDS and (c.cameo or "")[:2] == _APPEALS:
        cameo = _APPEALS + cameo[2:]
    if rule.type and rule.type != c.type:
        c.type, c.mode, c.cameo = rule.type, rule.mode, rule.cameo
    else:
        if c.mode is None:
            c.mode, c.cameo = rule.mode, cameo or c.cameo
        elif rule.mode in (None, c.mode):
            c.cameo = cameo or c.cameo
