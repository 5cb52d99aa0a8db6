"""Attributions by grammar: a cue of the lexicon and the complements that its frames allow.

Verbs ('warned that', 'urged them to'), nouns ('his belief that'), adjectives ('sure that'), 'according to', and
clauses that a cue interrupts or closes ('the plan, he said, was dead'; 'as one judge observed').
"""

from __future__ import annotations

from onrecord.stages.attribute.beside import around
from onrecord.stages.attribute.building import cue_tokens, set_content, subject_source, telling, that_clause
from onrecord.stages.attribute.cues import Cue
from onrecord.stages.attribute.nominal import according, adjective, noun
from onrecord.stages.attribute.relation import Relation
from onrecord.stages.attribute.tree import Tree, trimmed_span
from onrecord.stages.attribute.words import EMBEDDED, RELATIVE, TALK, WRITTEN

HYPHENS = frozenset(("-", "‐", "‑"))
REASONED = frozenset(("name", "condemn", "praise"))


def find(tree: Tree, lexicon: dict[tuple[str, str], Cue]) -> dict[int, Relation]:
    """Relations by the token that heads their cue; content spans may still cut a quotation."""
    doc = tree.doc
    out: dict[int, Relation] = {}
    for i, (lemma, pos) in enumerate(zip(doc.lemmas, doc.pos, strict=True)):
        relation = None
        if doc.lower[i] == "called" and i > 1 and doc.words[i - 1] in HYPHENS and doc.lower[i - 2] == "so":
            continue
        if pos == "VERB":
            if doc.lower[i] == "according":
                relation = according(tree, i)
            elif (entry := lexicon.get((doc.lower[i], "a"))) and doc.tags[i] in ("VBN", "VBD") and not _object(tree, i):
                relation = adjective(tree, i, entry)
            elif entry := lexicon.get((lemma.lower(), "v")):
                relation = verb_relation(tree, i, entry)
        elif pos == "NOUN":
            if entry := lexicon.get((lemma, "n")):
                relation = noun(tree, i, entry)
        elif pos == "ADJ":
            if entry := lexicon.get((doc.lower[i], "a")):
                relation = adjective(tree, i, entry)
        elif doc.lower[i] == "according":
            relation = according(tree, i)
        if relation is not None and relation.content:
            out[i] = relation
    for i in [j for j in out if tree.light_head(j) is not None]:
        light = tree.light_head(i)
        if light in out and "speech" in out[i].entry.frames:
            del out[light]  # 'refused to say who': one cue, and what she refused to say is the content
    return out


def bare(tree: Tree, i: int, cue: Cue) -> Relation:
    """The relation of verb i with its cue tokens and its subject, and no content yet."""
    relation = Relation(i, cue, [])
    cue_tokens(tree, relation, tree.doc.child(i, "prt"), None)
    subject_source(tree, relation)
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
        if dep == "ccomp" or (dep == "advcl" and "that" in frames and that_clause(tree, j)):
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
            if {"person", "that"} <= frames and (told := _told(tree, j)) is not None:
                parts.append(told)
                clause = True
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
        if (
            (thing is None or "person" in frames)
            and passive_subject is None
            and doc.lower[preposition] in frames | {"to"}
            and not clause
        ):
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
    cue_tokens(tree, relation, particle, cue_prep)
    subject_source(tree, relation)
    if passive is not None or passive_subject is not None:
        if passive_subject is not None and (frames & {"np", "np_of", "np_as", "pred"} or parts):
            if not parts and relation.source is None:
                return None
            if doc.lower[passive_subject] != "it" and "person" not in frames:
                parts.append(passive_subject)
    elif doc.tags[i] == "VBN" and doc.deps[i] == "acl" and relation.source is not None and "np" in frames:
        head = doc.heads[i]
        whole = [doc.span(tree.left[head], i)] if tree.left[head] < i else []
        if (role := _as_phrase(tree, i)) is not None:
            whole.append(doc.span(role, tree.right[role] + 1))
            relation.source = (relation.source[0], max(relation.source[0] + 1, min(relation.source[1], role)))
        relation.content = [trimmed_span(tree, s) for s in whole]
        return relation
    if parts:
        set_content(tree, relation, parts)
    elif frames & {"that", "quote"} and relation.source is not None and relation.own_subject:
        around(tree, relation)
    return relation


def _told(tree: Tree, addressee: int) -> int | None:
    """'told the panel he had paid': what the parser takes for a relative clause is what was told."""
    doc = tree.doc
    for j in doc.children[addressee]:
        if doc.deps[j] == "relcl" and j > addressee and doc.deps[tree.left[j]] in ("nsubj", "det", "poss", "compound"):
            subject = doc.child(j, "nsubj", "nsubjpass")
            if subject is not None and doc.lower[subject] not in RELATIVE:
                return j
    return None


def _as_phrase(tree: Tree, i: int) -> int | None:
    """'referred to her as a coward', 'condemned the raid as "reckless"': what the thing is called is said of it."""
    doc = tree.doc
    by = doc.child(i, "agent")  # 'seen by locals as': the parser hangs the phrase on the locals
    givers = [i] if by is None else [i, *doc.children[by]]
    return next(
        (j for g in givers for j in doc.children[g] if j > g and doc.deps[j] == "prep" and doc.lower[j] == "as"), None
    )


def _saying(tree: Tree, noun: int) -> bool:
    """'a statement saying that …', 'a letter calling him …'."""
    doc = tree.doc
    return any(doc.deps[j] == "acl" and doc.tags[j] == "VBG" and telling(tree, j) for j in doc.children[noun])


def _mark(tree: Tree, j: int) -> str | None:
    mark = tree.doc.child(j, "mark")
    return tree.doc.lower[mark] if mark is not None else None


def _takes(frames: frozenset[str], preposition: str) -> bool:
    return preposition in frames or f"np_{preposition}" in frames or (preposition == "to" and "to_np" in frames)


def _written(tree: Tree, i: int) -> bool:
    subject, _ = tree.subject(i)
    return subject is not None and tree.doc.lemmas[subject].lower() in WRITTEN
