"""How a relation is put together from a parse: its cue's tokens, its source, its content."""

from __future__ import annotations

from onrecord.stages.attribute.relation import Relation, minus
from onrecord.stages.attribute.sources import source_types
from onrecord.stages.attribute.tree import Tree, trimmed_span
from onrecord.stages.attribute.words import RELATIVE

FAR = 10  # tokens between a verb and the participle of its object


def that_clause(tree: Tree, j: int) -> bool:
    """A clause with 'that' is a complement, also where the parser calls it an adverbial."""
    doc = tree.doc
    mark = doc.child(j, "mark") if doc.deps[j] in ("advcl", "relcl", "acl") else None
    return mark is not None and doc.lower[mark] == "that"


def telling(tree: Tree, i: int) -> int | None:
    """The verb that gives the words which participle i tells: 'issued' of 'issued a statement saying'."""
    doc = tree.doc
    noun = doc.heads[i]
    if doc.deps[i] != "acl" or doc.tags[i] != "VBG" or source_types().get(doc.lemmas[noun].lower()) != "document":
        return None
    verb = doc.heads[noun]
    given = doc.deps[noun] == "dobj" and verb < noun < i and i - verb < FAR
    return verb if given and tree.subject(verb)[0] is not None else None


def cue_tokens(tree: Tree, relation: Relation, particle: int | None, preposition: int | None) -> None:
    """Give a relation its cue: auxiliaries, the verb that carries it ('went on to say'), adverb, particle."""
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
    giver = telling(tree, i)
    if giver is not None:
        start = tree.group_start(giver)
    relation.cue = [(start, end)]
    for j in (particle, preposition):
        if j is not None and j > end:
            relation.cue.append((j, j + 1))


def subject_source(tree: Tree, relation: Relation) -> None:
    """Give a relation the subject of its verb as its source."""
    giver = telling(tree, relation.head)
    subject, own = tree.subject(relation.head if giver is None else giver)
    relation.own_subject = own
    if subject is not None:
        subject = _inverted(tree, relation.head) or subject
        name_source(tree, relation, subject)


def _inverted(tree: Tree, i: int) -> int | None:
    """Of two subjects of one cue the one behind it: '… for the union, said Ana Ruiz, the mayor.'"""
    doc = tree.doc
    if not tree.comma_before(i):
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
    first, last = min(first, head), max(last, head + 1)  # also where a tree is none that a parser should give
    if doc.deps[head] == "poss":
        while last - 1 > head and doc.words[last - 1] in ("'s", "’s", "'", "’"):
            last -= 1
    relation.source, relation.source_head = (first, last), head
    if doc.lower[head] in RELATIVE:
        clause = next((a for a in doc.ancestors(head) if doc.deps[a] == "relcl"), None)
        relation.antecedent = doc.heads[clause] if clause is not None else None


def set_content(tree: Tree, relation: Relation, parts: list[int]) -> None:
    """The stretch that the subtrees of `parts` cover, without cue and source, as the content."""
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
