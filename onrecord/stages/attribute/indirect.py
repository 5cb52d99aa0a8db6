"""Attributions by grammar: a cue of the lexicon and the complements that its frames allow.

Verbs ('warned that', 'urged them to'), nouns ('his belief that'), adjectives ('sure that'), 'according to', and
clauses that a cue interrupts or closes ('the plan, he said, was dead'; 'as one judge observed').
"""

from __future__ import annotations

from onrecord.stages.attribute.beside import around
from onrecord.stages.attribute.cues import Cue
from onrecord.stages.attribute.relation import Relation, minus
from onrecord.stages.attribute.sources import source_types
from onrecord.stages.attribute.tree import Tree, trimmed_span
from onrecord.stages.attribute.words import COPULAS, GIVERS, RELATIVE, TALK, WRITTEN

REASONED = frozenset(("name", "condemn", "praise"))
FAR = 10  # tokens between a verb and the participle of its object
EMBEDDED = frozenset(("that", "whether", "how", "what"))


def find(tree: Tree, lexicon: dict[tuple[str, str], Cue]) -> dict[int, Relation]:
    """Relations by the token that heads their cue; content spans may still cut a quotation."""
    doc = tree.doc
    out: dict[int, Relation] = {}
    for i, (lemma, pos) in enumerate(zip(doc.lemmas, doc.pos, strict=True)):
        relation = None
        if pos == "VERB":
            if doc.lower[i] == "according":
                relation = _according(tree, i)
            elif (entry := lexicon.get((doc.lower[i], "a"))) and doc.tags[i] in ("VBN", "VBD") and not _object(tree, i):
                relation = _adjective(tree, i, entry)
            elif entry := lexicon.get((lemma.lower(), "v")):
                relation = verb_relation(tree, i, entry)
        elif pos == "NOUN":
            if entry := lexicon.get((lemma, "n")):
                relation = _noun(tree, i, entry)
        elif pos == "ADJ":
            if entry := lexicon.get((doc.lower[i], "a")):
                relation = _adjective(tree, i, entry)
        elif doc.lower[i] == "according":
            relation = _according(tree, i)
        if relation is not None and relation.content:
            out[i] = relation
    return out


def bare(tree: Tree, i: int, cue: Cue) -> Relation:
    """The relation of verb i with its cue tokens and its subject, and no content yet."""
    relation = Relation(i, cue, [])
    _cue_tokens(tree, relation, tree.doc.child(i, "prt"), None)
    _source(tree, relation)
    return relation


def _object(tree: Tree, i: int) -> bool:
    return tree.doc.child(i, "dobj", "agent") is not None


def verb_relation(tree: Tree, i: int, cue: Cue) -> Relation | None:
    """The relation of verb i with what its frames allow as content; None when it says nothing."""
    doc = tree.doc
    frames = cue.frames
    parts: list[int] = []
    passive: int | None = None
    passive_subject: int | None = None
    thing: int | None = None
    preposition: int | None = None
    particle: int | None = None
    clause = False
    listed = tree.first_of_list(i)
    for j in doc.children[i]:
        dep = doc.deps[j]
        if j == listed:
            continue
        if dep == "ccomp" or (dep == "advcl" and "that" in frames and _that_clause(tree, j)):
            if frames & EMBEDDED or "quote" in frames or ("np_to" in frames and j > i) or "to" in frames:
                parts.append(j)
                clause = True
        elif dep == "xcomp":
            if "to" in frames or "np_to" in frames or "pred" in frames or "np" in frames:
                parts.append(j)
                clause |= "to" in frames or "np_to" in frames
        elif dep in ("oprd", "attr", "acomp"):
            if "pred" in frames or "np_as" in frames:
                parts.append(j)
        elif dep == "dobj":
            thing = j
        elif dep == "prep":
            if preposition is None and _takes(frames, doc.lower[j]):
                preposition = j
        elif dep == "prt":
            particle = j
        elif dep == "nsubjpass":
            passive_subject = j
        elif dep == "auxpass":
            passive = j
    if cue.lemma == "put":  # 'as one guard put it'
        if thing is None or doc.lower[thing] != "it" or thing != i + 1:
            return None
        particle = thing
    if frames & {"out", "up", "off"}:
        if particle is None:
            if not frames & {"that", "np"} or cue.lemma == "point":
                return None
        elif thing is not None:
            parts.append(thing)
    elif cue.lemma == "point" and particle is None:
        return None
    cue_prep = None
    if thing is not None and "person" not in frames:
        noun = doc.lemmas[thing].lower()
        if doc.lower[thing] in RELATIVE and doc.deps[i] == "relcl":
            if frames & {"np", "pred", "np_as"}:
                parts.append(thing)
        elif (
            "np" in frames
            or ("np_talk" in frames and noun in TALK)
            or ("np_poll" in frames and _written(tree, i))
            or ("pred" in frames and parts)
            or ("np_to" in frames and clause)
        ):
            parts.append(thing)
        elif preposition is not None and f"np_{doc.lower[preposition]}" in frames:
            parts += [thing, preposition]
            preposition = None
    if preposition is not None:
        if thing is None and passive_subject is None and doc.lower[preposition] in frames | {"to"} and not clause:
            inner = doc.child(preposition, "pobj", "pcomp")
            if inner is not None:
                parts.append(inner)
                cue_prep = preposition
        elif (parts and thing in parts) or passive_subject is not None:
            parts.append(preposition)
    if parts and not clause and (thing in parts or cue_prep is not None) and (role := _as_phrase(tree, i)) is not None:
        parts.append(role)
    if parts and not clause and cue.kind in REASONED:
        parts += [j for j in doc.children[i] if j > i and doc.deps[j] == "advcl" and _mark(tree, j) == "because"]
    if thing in parts and "np_talk" in frames and _saying(tree, thing):
        return None  # 'issued a statement saying': the statement's words are those of 'saying'
    relation = Relation(i, cue, [])
    if thing is not None and not parts and frames & {"pred", "np_as", "np_to", "np_talk", "np_of"}:
        parts.append(thing)
        relation.rule = "only quoted"
    _cue_tokens(tree, relation, particle, cue_prep)
    _source(tree, relation)
    if passive is not None or passive_subject is not None:
        if passive_subject is not None and (frames & {"np", "np_of", "np_as", "pred"} or parts):
            if not parts and relation.source is None:
                return None
            if doc.lower[passive_subject] != "it" and "person" not in frames:
                parts.append(passive_subject)
    elif doc.tags[i] == "VBN" and doc.deps[i] == "acl" and relation.source is not None and "np" in frames:
        head = doc.heads[i]
        relation.content = [doc.span(tree.left[head], i)] if tree.left[head] < i else []
        return relation
    if parts:
        _set_content(tree, relation, parts)
    elif frames & {"that", "quote"} and relation.source is not None and relation.own_subject:
        around(tree, relation)
    return relation


def _as_phrase(tree: Tree, i: int) -> int | None:
    """'referred to her as a coward', 'condemned the raid as "reckless"': what the thing is called is said of it."""
    doc = tree.doc
    return next((j for j in doc.children[i] if j > i and doc.deps[j] == "prep" and doc.lower[j] == "as"), None)


def _saying(tree: Tree, noun: int) -> bool:
    """'a statement saying that …', 'a letter calling him …'."""
    doc = tree.doc
    return any(doc.deps[j] == "acl" and doc.tags[j] == "VBG" and _telling(tree, j) for j in doc.children[noun])


def _telling(tree: Tree, i: int) -> int | None:
    """The verb that gives the words which participle i tells: 'issued' of 'issued a statement saying'."""
    doc = tree.doc
    noun = doc.heads[i]
    if doc.deps[i] != "acl" or doc.tags[i] != "VBG" or source_types().get(doc.lemmas[noun].lower()) != "document":
        return None
    verb = doc.heads[noun]
    given = doc.deps[noun] == "dobj" and verb < noun < i and i - verb < FAR
    return verb if given and tree.subject(verb)[0] is not None else None


def _mark(tree: Tree, j: int) -> str | None:
    mark = tree.doc.child(j, "mark")
    return tree.doc.lower[mark] if mark is not None else None


def _that_clause(tree: Tree, j: int) -> bool:
    """A clause with 'that' is a complement, also where the parser calls it an adverbial."""
    doc = tree.doc
    mark = doc.child(j, "mark") if doc.deps[j] in ("advcl", "relcl", "acl") else None
    return mark is not None and doc.lower[mark] == "that"


def _takes(frames: frozenset[str], preposition: str) -> bool:
    return preposition in frames or f"np_{preposition}" in frames or (preposition == "to" and "to_np" in frames)


def _written(tree: Tree, i: int) -> bool:
    subject, _ = tree.subject(i)
    return subject is not None and tree.doc.lemmas[subject].lower() in WRITTEN


def _noun(tree: Tree, i: int, cue: Cue) -> Relation | None:
    doc = tree.doc
    frames = cue.frames
    parts: list[int] = []
    cue_prep = holder = by = None
    for j in doc.children[i]:
        dep, word = doc.deps[j], doc.lower[j]
        if dep in ("acl", "ccomp", "relcl") and j > i:
            mark = doc.child(j, "mark")
            infinitive = doc.tags[j] == "VB" and any(doc.tags[k] == "TO" for k in doc.children[j])
            if (infinitive and "to" in frames and not parts) or (
                "that" in frames and dep != "relcl" and mark is not None and doc.lower[mark] == "that"
            ):
                parts.append(j)
        elif dep == "poss":
            holder = j
        elif dep == "prep":
            inner = doc.child(j, "pobj", "pcomp")
            if inner is None:
                continue
            if (word in frames or (word == "to" and "to_np" in frames)) and not parts:
                parts.append(inner)
                cue_prep = j
            elif word in ("by", "from", "among", "of") and by is None:
                by = inner
    copula = _copula(tree, i) if not parts and holder is not None and "that" in frames else None
    if copula is not None:
        parts += [j for j in doc.children[copula] if doc.deps[j] == "ccomp" and j > copula][:1]
    if not parts:
        return None
    relation = Relation(i, cue, [])
    start = i
    while start > 0 and doc.heads[start - 1] == i and doc.deps[start - 1] in ("amod", "compound", "det", "nummod"):
        start -= 1
    end = cue_prep + 1 if cue_prep is not None and cue_prep - i < 3 else i + 1
    relation.cue = [(start, end)]
    if copula is not None:
        relation.cue = [(start, copula + 1)] if copula == end else [(start, end), (copula, copula + 1)]
    giver = doc.heads[i]
    if holder is not None:
        name_source(tree, relation, holder)
    elif by is not None:
        name_source(tree, relation, by)
    elif doc.deps[i] == "dobj" and doc.lemmas[giver] in GIVERS and giver < i and i - giver < 8:
        subject, own = tree.subject(giver)
        if subject is not None:
            name_source(tree, relation, subject)
            relation.own_subject = own
            relation.cue = [(tree.group_start(giver), end)]
    if relation.source is None and not (cue_prep is None and "that" in frames):
        return None
    if relation.source is None and source_types().get(cue.lemma) == "document":
        relation.source, relation.source_head = (start, i + 1), i
    if start > 0 and doc.lower[start - 1] == "in" and cue.lemma == "order":
        return None
    _set_content(tree, relation, parts)
    return relation


def _copula(tree: Tree, i: int) -> int | None:
    """The 'was' of 'her answer was that …', where i is 'answer'."""
    doc = tree.doc
    verb = doc.heads[i]
    return verb if doc.deps[i] == "nsubj" and doc.lemmas[verb] == "be" and i < verb else None


def _adjective(tree: Tree, i: int, cue: Cue) -> Relation | None:
    doc = tree.doc
    verb = doc.heads[i] if doc.deps[i] in ("acomp", "oprd", "attr", "ccomp", "xcomp") else i
    passive = verb == i and doc.pos[i] == "VERB"
    if verb == i and not passive:
        return None
    if verb != i and doc.lemmas[verb] not in COPULAS and not (doc.lemmas[verb] == "make" and cue.lemma == "clear"):
        return None
    frames = cue.frames
    parts: list[int] = []
    cue_prep = None
    for j in [*doc.children[i], *(doc.children[verb] if verb != i else ())]:
        if j == i or j < i:
            continue
        dep = doc.deps[j]
        if ((dep == "ccomp" or _that_clause(tree, j)) and frames & EMBEDDED) or (dep == "xcomp" and "to" in frames):
            parts.append(j)
        elif dep == "prep" and not parts and (doc.lower[j] in frames or (doc.lower[j] == "to" and "to_np" in frames)):
            inner = doc.child(j, "pobj", "pcomp")
            if inner is not None:
                parts.append(inner)
                cue_prep = j
    if not parts:
        return None
    subject = doc.child(verb, "nsubj", "nsubjpass")
    own = True
    if subject is None:
        subject, own = tree.subject(verb)
    if subject is None or doc.lower[subject] in ("it", "there"):
        return None
    relation = Relation(i, cue, [], own_subject=own)
    relation.cue = [(tree.group_start(verb), (cue_prep if cue_prep is not None and cue_prep - i < 3 else i) + 1)]
    relation.negated = any(doc.deps[k] == "neg" for k in doc.children[verb])
    name_source(tree, relation, subject)
    _set_content(tree, relation, parts)
    return relation


def _according(tree: Tree, i: int) -> Relation | None:
    doc = tree.doc
    if i + 1 >= len(doc) or doc.lower[i + 1] != "to":
        return None
    inner = doc.child(i + 1, "pobj", "pcomp")
    if inner is None:
        inner = doc.child(i, "pobj", "pcomp")
    if inner is None or inner <= i:
        return None
    relation = Relation(i, Cue("according_to", "v", "say", "affirm", "say", frozenset(("that", "quote"))), [(i, i + 2)])
    name_source(tree, relation, inner)
    sentence = doc.sentences[doc.sentence_of[i]]
    host = doc.heads[i] if doc.heads[i] != i else i
    for _ in range(20):  # the phrase belongs to the clause, also when the parser hangs it on a noun of it
        if doc.pos[host] in ("VERB", "AUX") and doc.deps[host] in ("ROOT", "ccomp", "conj", "parataxis", "relcl"):
            break
        if doc.heads[host] == host:
            break
        host = doc.heads[host]
    first, last = max(tree.left[host], sentence.first), min(tree.right[host] + 1, sentence.last)
    if doc.deps[host] == "conj" or host == i:
        first = first if host != i else sentence.first
        last = last if host != i else sentence.last
    end = relation.source[1] if relation.source else i + 2
    hole = doc.span(i, max(end, i + 2))
    spans = [trimmed_span(tree, s) for s in minus(doc.span(first, last), [hole])]
    relation.content = [s for s in spans if s.end - s.start > 2]
    relation.rule = "according"
    return relation


def _cue_tokens(tree: Tree, relation: Relation, particle: int | None, preposition: int | None) -> None:
    doc, i = tree.doc, relation.head
    start, end = tree.group_start(i), i + 1
    relation.negated = any(doc.deps[k] == "neg" for k in doc.children[i])
    top = i
    while (light := tree.light_head(top)) is not None:
        top = light
        start = tree.group_start(top)
        relation.negated |= doc.lemmas[top] in ("refuse", "decline", "fail") or any(
            doc.deps[k] == "neg" for k in doc.children[top]
        )
    if top == i and start == i and i > 0 and doc.tags[i - 1] == "TO" and doc.heads[i - 1] == i:
        start = tree.group_start(i)
    for j in (particle, preposition):
        if j is not None and j == end:
            end = j + 1
    while end < len(doc) and doc.tags[end] == "RB" and doc.heads[end] == i and doc.deps[end] == "advmod":
        end += 1
    giver = _telling(tree, i)
    if giver is not None:
        start = tree.group_start(giver)
    relation.cue = [(start, end)]
    for j in (particle, preposition):
        if j is not None and j > end:
            relation.cue.append((j, j + 1))


def _source(tree: Tree, relation: Relation) -> None:
    giver = _telling(tree, relation.head)
    subject, own = tree.subject(relation.head if giver is None else giver)
    relation.own_subject = own
    if subject is not None:
        subject = _inverted(tree, relation.head) or subject
        name_source(tree, relation, subject)


def _inverted(tree: Tree, i: int) -> int | None:
    """Of two subjects of one cue the one behind it: '… for the union, said Ana Ruiz, the mayor.'"""
    doc = tree.doc
    if i == 0 or doc.words[i - 1] != ",":
        return None
    return next((j for j in doc.children[i] if j > i and doc.deps[j] == "nsubj"), None)


def name_source(tree: Tree, relation: Relation, head: int) -> None:
    """Give a relation the noun phrase that token `head` heads as its source, kept out of the cue."""
    doc = tree.doc
    sentence = doc.sentences[doc.sentence_of[relation.head]]
    low, high = sentence.first, sentence.last
    cue_first, cue_last = relation.cue[0] if relation.cue else (relation.head, relation.head + 1)
    if head < cue_first:
        high = min(high, cue_first)
    elif head >= cue_last:
        low = max(low, cue_last)
    if not low <= head < high:
        low, high = sentence.first, sentence.last
    first, last = tree.noun_phrase(head, low, high)
    if doc.deps[head] == "poss":
        while last - 1 > head and doc.words[last - 1] in ("'s", "’s", "'", "’"):
            last -= 1
    relation.source, relation.source_head = (first, last), head
    if doc.lower[head] in RELATIVE:
        clause = next((a for a in doc.ancestors(head) if doc.deps[a] == "relcl"), None)
        relation.antecedent = doc.heads[clause] if clause is not None else None


def _set_content(tree: Tree, relation: Relation, parts: list[int]) -> None:
    doc = tree.doc
    first, last = min(tree.left[j] for j in parts), max(tree.right[j] for j in parts) + 1
    holes = [doc.span(a, b) for a, b in relation.cue]
    if relation.source is not None and relation.own_subject:
        holes.append(doc.span(*relation.source))
    middle = next(
        (j for j in doc.children[relation.head] if doc.deps[j] in ("dobj", "dative") and j not in parts), None
    )
    if middle is not None and any(j > middle for j in parts) and any(j < relation.head for j in parts):
        holes.append(doc.span(tree.left[middle], tree.right[middle] + 1))
    spans = [trimmed_span(tree, s) for s in minus(doc.span(first, last), holes)]
    relation.content = [s for s in spans if s.end > s.start and any(c.isalnum() for c in doc.quote(s))]
    relation.rule = relation.rule or "complement"
