"""Arguments of verbs and nouns, read off the dependency arrays.

ClearNLP labels, as spaCy's English models give them. Nothing here knows about events. Every walk is bounded, so that a
10,000-word sentence costs no more than its length.
"""

from __future__ import annotations

from onrecord.model import Document


def words(text: str) -> frozenset[str]:
    """The blank-separated words of a literal list, as a set."""
    return frozenset(text.split())


_MODIFIERS = frozenset({"compound", "amod", "nmod", "poss"})
_PREPOSITIONS = frozenset({"prep", "dative", "agent"})
CONTAINERS = words(
    "member state series round number string spate wave barrage variety range set group kind sort form "
    "act lot majority ten dozen score hundred thousand million billion pair couple handful campaign package "
    "volley part exchange kg kilo kilogram kilogramme ton tonne litre liter barrel bag box load truckload "
    "worth quantity gallon bushel supply flurry most some many several any one two three all amount "
    "tranche batch bout burst"
)
_COUNTS = words("ten hundred thousand million billion dozen score")
_RELATIVE = frozenset({"that", "which", "who", "whom"})
_SHALL = words("will would 'll 'd shall should must wo could")
_OWN = frozenset({"nsubj", "nsubjpass", "auxpass"})
_MARKED = frozenset({"nsubj", "nsubjpass", "aux", "auxpass", "dobj"})  # what a bare past participle does not have
_DOCUMENTS = words("law resolution statement letter bill order decree memo report petition note motion declaration")
_NOT_AUTHORS = words("abstain veto block oppose reject read receive get see know ignore overturn")
_DASHES = frozenset({"-", "–", "—", "--"})
_TOLD = words("ask tell order force")
_HELD = frozenset({"captive", "hostage", "prisoner"})  # 'was seized and held captive'
_MOST_CONJUNCTS = 40
_NEED_OBJECT = words(
    "indict charge accuse arrest detain jail imprison convict kill wound injure abduct kidnap behead assassinate "
    "execute ban oust expel deport sanction free rescue capture seize evacuate displace release sentence acquit sack "
    "extradite behead deploy"
)


def conjuncts(doc: Document, head: int) -> list[int]:
    """A noun and those coordinated with it, in text order."""
    out = [head]
    for j in out:
        if len(out) > _MOST_CONJUNCTS:
            break
        out.extend(c for c in doc.children[j] if doc.deps[c] == "conj" and doc.pos[c] not in ("VERB", "AUX"))
    return sorted(out)


def content_words(doc: Document, head: int, modifiers: bool = True, depth: int = 0) -> list[int]:
    """The words of a phrase that say what it is: the head, its modifiers, and what a container is a container of."""
    out = [head]
    for c in doc.children[head]:
        if doc.deps[c] in _MODIFIERS:
            if modifiers and doc.deps[c] != "poss":
                out.append(c)
        elif doc.lower[c] == "of" and (doc.pos[head] == "NUM" or doc.lemmas[head].lower() in CONTAINERS):
            for p in doc.children[c]:
                if doc.deps[p] == "pobj":
                    inner = content_words(doc, p, modifiers, depth + 1) if depth < 2 else [p]
                    out = [*(out if doc.lemmas[head].lower() not in _COUNTS else ()), *inner]
    return out


def passive(doc: Document, verb: int) -> bool:
    """True for a passive verb or a past participle that modifies a noun."""
    if doc.tags[verb] == "VBD" and (doc.deps[verb] == "acl" or _reduced(doc, verb)):
        return True
    held = (
        doc.tags[verb] == "VBD" and doc.deps[verb] == "conj" and any(doc.lower[c] in _HELD for c in doc.children[verb])
    )
    asked = doc.tags[verb] == "VBD" and doc.lemmas[verb].lower() in _NEED_OBJECT | _TOLD and _after_passive(doc, verb)
    if doc.tags[verb] != "VBN" and not held and not asked:
        return False
    if any(doc.deps[c] in ("auxpass", "nsubjpass") for c in doc.children[verb]):
        return True
    if any(doc.deps[c] == "aux" or (doc.deps[c] == "dobj" and doc.lower[c] not in _HELD) for c in doc.children[verb]):
        return False
    if doc.deps[verb] == "conj":
        head = _joined_participle(doc, verb)
        has_own = any(doc.deps[c] in ("nsubj", "nsubjpass") for c in doc.children[verb])
        return not has_own and doc.pos[head] in ("VERB", "AUX") and passive(doc, head)
    return doc.deps[verb] in ("acl", "advcl", "amod", "ROOT", "relcl")


def _after_passive(doc: Document, verb: int) -> bool:
    """True for the second participle of 'was stopped and asked to leave', which taggers take for a past."""
    bare = not any(doc.deps[k] in (*_MARKED, "ccomp", "prt", "oprd") for k in doc.children[verb])
    return bare and doc.deps[verb] == "conj" and any(doc.deps[k] == "auxpass" for k in doc.children[doc.heads[verb]])


def _joined_participle(doc: Document, verb: int) -> int:
    """The verb that a participle is joined to, past ones taken for finite: 'was held, tried and JAILED by a court'."""
    head = doc.heads[verb]
    for _ in range(4):
        finite = any(doc.deps[c] in _MARKED for c in doc.children[head])
        if finite or doc.deps[head] != "conj" or doc.tags[head] != "VBD":
            break
        head = doc.heads[head]
    return head


def _reduced(doc: Document, verb: int) -> bool:
    """True for a passive without its auxiliary, as in headlines: 'Three officers arrested over bribes'."""
    if doc.lemmas[verb].lower() not in _NEED_OBJECT or doc.deps[verb] == "conj":
        return False
    if doc.lemmas[verb].lower() == "seize" and doc.lower[verb + 1 : verb + 2] in (["on"], ["upon"]):
        return False
    return not any(doc.deps[c] in ("dobj", "ccomp", "xcomp", "aux", "prt", "oprd") for c in doc.children[verb])


def subjects(doc: Document, verb: int, depth: int = 0) -> list[int]:
    """Heads of the grammatical subject (the passive one too), found through conjunction, control and relatives."""
    own = [c for c in doc.children[verb] if doc.deps[c] in ("nsubj", "nsubjpass", "csubj", "csubjpass")]
    if own:
        # 'a clerk, whose mother was killed, left': parsers give 'killed' both
        c = next((c for c in own[1:] if any(doc.tags[k] == "WP$" for k in doc.children[c])), own[0])
        if doc.lower[c] in _RELATIVE and doc.deps[verb] == "relcl":
            return _taken_up(doc, c, verb)
        return conjuncts(doc, c)
    if depth > 6 or doc.heads[verb] == verb:
        return []
    head, dep = doc.heads[verb], doc.deps[verb]
    if dep == "conj" and doc.pos[head] in ("VERB", "AUX"):
        return subjects(doc, head, depth + 1)
    if dep == "xcomp" and doc.pos[head] in ("VERB", "AUX", "ADJ"):
        controller = [
            c for c in doc.children[head] if doc.deps[c] in ("dobj", "dative") and doc.lower[head] != "promise"
        ]
        if controller and doc.pos[head] == "VERB":
            return conjuncts(doc, controller[0])
        return subjects(doc, head, depth + 1)
    if dep in ("advcl", "ccomp") and doc.pos[head] in ("VERB", "AUX") and doc.tags[verb] in ("VBG", "VB", "VBN"):
        return subjects(doc, head, depth + 1)
    if dep in ("acl", "relcl") and doc.tags[verb] in ("VBG", "VB"):
        return _acl_subject(doc, verb, head, depth)
    if dep == "pcomp":
        up = doc.heads[head]
        owners = [c for c in doc.children[up] if doc.deps[c] == "poss"] if doc.pos[up] == "NOUN" else []
        if owners:
            return conjuncts(doc, owners[0])
        if doc.pos[up] in ("VERB", "AUX"):
            objects_ = [c for c in doc.children[up] if doc.deps[c] == "dobj"]
            if objects_ and doc.lower[head] in ("of", "for", "with", "from", "into"):
                return conjuncts(doc, objects_[0])
            return subjects(doc, up, depth + 1)
    if dep == "acomp" and doc.pos[head] in ("VERB", "AUX"):
        return subjects(doc, head, depth + 1)
    if doc.pos[head] == "ADJ" and dep in ("xcomp", "advcl"):
        return subjects(doc, doc.heads[head], depth + 1)
    return []


def _taken_up(doc: Document, relative: int, verb: int) -> list[int]:
    """Whom a relative pronoun takes up: of several names joined, a verb in the singular takes up the last."""
    found = conjuncts(doc, doc.heads[verb])
    before = [k for k in found if k < relative]
    finite = [verb, *(k for k in doc.children[verb] if doc.deps[k] in ("aux", "auxpass"))]
    singular = any(doc.tags[k] == "VBZ" or doc.lower[k] == "was" for k in finite)
    names = len(before) > 1 and all(doc.pos[k] == "PROPN" for k in before)
    return before[-1:] if singular and names else found


def _acl_subject(doc: Document, verb: int, noun: int, depth: int) -> list[int]:
    up = doc.heads[noun]
    if doc.tags[verb] == "VBG":
        if verb > 0 and doc.lower[verb - 1] in _DASHES and doc.deps[first_conjunct(doc, noun)] in ("dobj", "pobj"):
            above = clause_verb(doc, noun)
            return subjects(doc, above, depth + 1) if above != noun else []  # 'wrote to voters — urging them'
        bare = not any(k < noun for k in doc.children[noun]) and doc.tags[noun] == "NN"
        if bare and doc.deps[noun] == "pobj" and doc.lower[up] in ("for", "as") and doc.pos[doc.heads[up]] == "VERB":
            return subjects(doc, doc.heads[up], depth + 1)  # 'ran for mayor promising a port'
        if doc.deps[noun] == "pobj":
            up = doc.heads[up]  # 'voted on a resolution calling on ...'
        said = doc.lemmas[noun].lower() in _DOCUMENTS and doc.deps[noun] in ("dobj", "pobj") and doc.pos[up] == "VERB"
        said = said and doc.lemmas[up].lower() not in _NOT_AUTHORS  # 'abstained on a resolution censuring Norway'
        counted = doc.deps[noun] == "pobj" and doc.lower[doc.heads[noun]] == "of"
        whole = doc.heads[doc.heads[noun]] if counted else noun
        whole = whole if doc.lemmas[whole].lower() in CONTAINERS else noun
        first = first_conjunct(doc, whole)  # 'with dozens of Kenyans and a handful of Danes pressing it'
        amid = doc.deps[first] == "pobj" and doc.lower[doc.heads[first]] == "with"
        return (said and subjects(doc, up, depth + 1)) or conjuncts(doc, first if amid else noun)
    owners = [c for c in doc.children[noun] if doc.deps[c] == "poss"]
    if owners:
        return conjuncts(doc, owners[0])
    if doc.deps[noun] in ("dobj", "attr") and doc.pos[up] in ("VERB", "AUX"):
        return subjects(doc, up, depth + 1)
    return []


def objects(doc: Document, verb: int) -> list[int]:
    """Heads of the direct object of an active verb, also a relativised one or one shared by two verbs."""
    found = [c for c in doc.children[verb] if doc.deps[c] in ("dobj", "oprd", "attr")]
    found = [c for c in found if doc.lower[c] not in _RELATIVE] if doc.deps[verb] == "relcl" else found
    if found:
        return conjuncts(doc, found[0])
    if doc.deps[verb] == "relcl":
        if any(doc.deps[c] == "advmod" and doc.lower[c] in ("where", "when", "why") for c in doc.children[verb]):
            return []
        own = [c for c in doc.children[verb] if doc.deps[c] == "nsubj"]
        if own and doc.lower[own[0]] not in _RELATIVE:
            return conjuncts(doc, doc.heads[verb])
        if any(doc.deps[c] == "dobj" for c in doc.children[verb]):
            return conjuncts(doc, doc.heads[verb])
    raised = [
        s
        for c in doc.children[verb]
        if doc.deps[c] == "ccomp" and doc.tags[c] == "VB" and any(doc.lower[k] == "to" for k in doc.children[c])
        for s in doc.children[c]
        if doc.deps[s] in ("nsubj", "nsubjpass")
    ]
    if raised:
        return conjuncts(doc, raised[0])
    small = [s for c in doc.children[verb] if _verbless(doc, c) for s in doc.children[c] if doc.deps[s] == "nsubj"]
    if small:
        return conjuncts(doc, small[0])
    rest = {"prep", "ccomp", "xcomp", "dobj"}
    if not any(doc.deps[c] in rest for c in doc.children[verb]):
        for c in doc.children[verb]:
            if doc.deps[c] == "conj" and doc.pos[c] == "VERB":
                shared = [d for d in doc.children[c] if doc.deps[d] == "dobj"]
                if shared and not any(doc.deps[d] in ("nsubj", "nsubjpass") for d in doc.children[c]):
                    return conjuncts(doc, shared[0])
    return []


def _verbless(doc: Document, clause: int) -> bool:
    """True for the small clause of 'held THE RIVAL accountable', 'found THE MAYOR guilty'."""
    if doc.deps[clause] != "ccomp" or doc.pos[clause] not in ("ADJ", "NOUN"):
        return False
    return not any(doc.deps[k] in ("aux", "cop", "mark") or doc.pos[k] == "AUX" for k in doc.children[clause])


def prepositional(doc: Document, head: int, word: str | None = None) -> list[tuple[str, int]]:
    """(preposition, object head) pairs below a verb or noun, `word` only when given; chains such as 'out of' too."""
    out: list[tuple[str, int]] = []
    todo = [c for c in doc.children[head] if doc.deps[c] in _PREPOSITIONS or doc.deps[c] == "prt"]
    seen = 0
    while todo and seen < 200:
        p = todo.pop(0)
        seen += 1
        if doc.lower[p] == "to" and doc.lower[doc.heads[p]] == "according":
            continue
        if doc.lower[p] == "to" and doc.lower[max(0, p - 1)] == "up" and doc.tags[min(p + 1, len(doc) - 1)] == "CD":
            continue
        for c in doc.children[p]:
            if doc.deps[c] in ("pobj", "pcomp") and (word is None or doc.lower[p] == word):
                out.extend((doc.lower[p], j) for j in conjuncts(doc, c))
            elif doc.deps[c] == "prep" or (doc.deps[c] == "conj" and doc.pos[c] == "ADP"):
                todo.append(c)
    return out


def deep_subjects(doc: Document, verb: int) -> list[int]:
    """Who acts: the subject of an active verb, the 'by' phrase of a passive one."""
    if passive(doc, verb):
        agents = [h for _, h in prepositional(doc, verb, "by")]
        for c in doc.children[verb] if not agents else ():
            if doc.deps[c] == "conj" and doc.tags[c] == "VBN" and not any(doc.deps[k] in _OWN for k in doc.children[c]):
                agents = agents or [h for _, h in prepositional(doc, c, "by")]
        return agents
    return subjects(doc, verb)


def told_of(doc: Document, verb: int, word: str) -> int | None:
    """The last word of what a clause with 'when' or 'where' tells more of: 'in March 1997, WHEN they met'."""
    for at in dict.fromkeys((verb, first_conjunct(doc, verb))):
        for k in doc.children[at]:
            if doc.lower[k] == word and doc.deps[k] == "advmod" and k < at and k > 0:
                before = k - 1
                return before - 1 if doc.words[before] in (",", "-", "—") and before else before
    return None


def deep_objects(doc: Document, verb: int) -> list[int]:
    """Who or what is acted on: the object of an active verb, the subject (or noun modified) of a passive one."""
    if passive(doc, verb):
        own = [c for c in doc.children[verb] if doc.deps[c] == "nsubjpass"]
        if not own and doc.deps[verb] in ("acl", "amod"):
            return conjuncts(doc, doc.heads[verb])
        return subjects(doc, verb)
    return objects(doc, verb)


def slot(doc: Document, at: int, name: str) -> list[int]:
    """Tokens in a named slot of a verb or noun (see `patterns`)."""
    verbal = doc.pos[at] in ("VERB", "AUX", "ADJ")
    if name == "obj":
        return deep_objects(doc, at) if verbal else []
    if name == "subj":
        return deep_subjects(doc, at) if verbal else []
    if name == "comp":
        return complements(doc, at)
    if name == "mod":
        nouns = deep_objects(doc, at) if verbal else [at]
        return [c for n in nouns for c in doc.children[n] if doc.deps[c] in _MODIFIERS]
    if name == "i":
        return [c for c in doc.children[at] if doc.deps[c] == "dative" and doc.pos[c] != "ADP"]
    if name == "inf":
        bare = [c for c in complements(doc, at) if doc.tags[c] == "VB"]
        return [c for c in bare if any(doc.lower[k] == "to" and k < c for k in doc.children[c])]
    if name == "that":
        return [c for c in doc.children[at] if doc.deps[c] == "ccomp"]
    if name == "must":
        return [
            c
            for c in doc.children[at]
            if doc.deps[c] == "ccomp" and any(doc.lower[k] == "must" for k in doc.children[c])
        ]
    if name == "shall":
        return [
            c
            for c in doc.children[at]
            if doc.deps[c] == "ccomp"
            and (
                (doc.tags[c] == "VB" and not any(doc.deps[k] == "aux" for k in doc.children[c]))
                or any(doc.lower[k] in _SHALL for k in doc.children[c] if doc.deps[k] in ("aux", "auxpass"))
                or doc.lower[c] == "going"
            )
        ]
    if name == "oprd":
        return [c for c in doc.children[at] if doc.deps[c] in ("oprd", "acomp", "ccomp", "attr")]
    if name == "any":
        return _below(doc, at)
    return [h for _, h in prepositional(doc, at, name)]


def complements(doc: Document, at: int) -> list[int]:
    """Verbs that a verb, noun or adjective governs: 'agreed to MEET', 'plan to BUILD', 'accused of KILLING'."""
    out = [c for c in doc.children[at] if doc.deps[c] in ("xcomp", "ccomp", "acl")]
    out += [c for p in doc.children[at] if doc.deps[p] == "prep" for c in doc.children[p] if doc.deps[c] == "pcomp"]
    return out


def _below(doc: Document, at: int, most: int = 60) -> list[int]:
    out: list[int] = []
    todo = list(doc.children[at])
    while todo and len(out) < most:
        j = todo.pop(0)
        out.append(j)
        todo.extend(doc.children[j])
    return out


def first_conjunct(doc: Document, at: int) -> int:
    """The first of a coordination, whose link to its head all share."""
    for _ in range(_MOST_CONJUNCTS):
        if doc.deps[at] != "conj":
            break
        at = doc.heads[at]
    return at


def clause_verb(doc: Document, at: int) -> int:
    """The nearest verb at or above a token; the top of the sentence when there is none."""
    for _ in range(60):
        if doc.pos[at] in ("VERB", "AUX") or doc.heads[at] == at:
            return at
        at = doc.heads[at]
    return at


def clause(doc: Document, verb: int) -> list[int]:
    """Tokens of a verb's own clause: its subtree without other clauses that have their own verb."""
    stop = frozenset({"ccomp", "advcl", "relcl", "parataxis"})
    out, todo = [], [verb]
    while todo:
        j = todo.pop()
        out.append(j)
        for c in doc.children[j]:
            if doc.deps[c] in stop or (doc.deps[c] == "conj" and doc.pos[c] in ("VERB", "AUX")):
                continue
            todo.append(c)
    return sorted(out)
