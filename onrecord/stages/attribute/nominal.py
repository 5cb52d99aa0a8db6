"""Attributions whose cue is no verb: 'his belief that', 'her answer was that', 'is sure that', 'according to'."""

from __future__ import annotations

from onrecord.stages.attribute.building import name_source, set_content, that_clause
from onrecord.stages.attribute.cues import Cue
from onrecord.stages.attribute.relation import Relation, minus
from onrecord.stages.attribute.sources import source_types
from onrecord.stages.attribute.tree import Tree, trimmed_span
from onrecord.stages.attribute.words import COPULAS, EMBEDDED, GIVERS, OPENING


def noun(tree: Tree, i: int, cue: Cue) -> Relation | None:
    """The relation of a noun of the lexicon; None when nobody's words, or no words, stand with it."""
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
            if inner is None or j < i:  # 'to which they had no claim': what stands before is not what is claimed
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
    chanted = cue_prep is not None and cue_prep + 1 < len(doc) and doc.words[cue_prep + 1] in OPENING
    if relation.source is None and not chanted and not (cue_prep is None and "that" in frames):
        return None
    if relation.source is None and source_types().get(cue.lemma) == "document":
        relation.source, relation.source_head = (start, i + 1), i
    if start > 0 and doc.lower[start - 1] == "in" and cue.lemma == "order":
        return None
    set_content(tree, relation, parts)
    return relation


def _copula(tree: Tree, i: int) -> int | None:
    """The 'was' of 'her answer was that …', where i is 'answer'."""
    doc = tree.doc
    verb = doc.heads[i]
    return verb if doc.deps[i] == "nsubj" and doc.lemmas[verb] == "be" and i < verb else None


def adjective(tree: Tree, i: int, cue: Cue) -> Relation | None:
    """The relation of an adjective that a copula links to its source: 'remains opposed to'."""
    doc = tree.doc
    verb = doc.heads[i] if doc.deps[i] in ("acomp", "oprd", "attr", "ccomp", "xcomp") else i
    passive = verb == i and doc.pos[i] == "VERB"
    if verb == i and not passive:
        return None
    if verb != i and doc.lemmas[verb] not in COPULAS and not (doc.lemmas[verb] == "make" and cue.lemma == "clear"):
        return None
    if tree.group_start(verb) > i:
        return None  # 'How committed are you to staying?' asks
    frames = cue.frames
    parts: list[int] = []
    cue_prep = None
    for j in [*doc.children[i], *(doc.children[verb] if verb != i else ())]:
        if j == i or j < i:
            continue
        dep = doc.deps[j]
        if ((dep == "ccomp" or that_clause(tree, j)) and frames & EMBEDDED) or (dep == "xcomp" and "to" in frames):
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
    set_content(tree, relation, parts)
    return relation


def according(tree: Tree, i: int) -> Relation | None:
    """The relation of 'according to' at token i: the clause that it belongs to is the content."""
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
    behind = next((k for k in range(max(end, i + 2), last) if doc.pos[k] != "PUNCT"), last)
    if len(spans) > 1 and behind < last and doc.pos[behind] == "CCONJ":  # '…, according to police, and was released'
        spans = spans[:1]
    relation.content = [s for s in spans if s.end - s.start > 2]
    relation.rule = "according"
    return relation
