"""Speakers before a colon: headlines ('Vale: Port stays shut', 'Port to close: report') and transcripts ('VALE: …').

A transcript is believed only where at least two paragraphs begin with a speaker in capitals: a single one is a label.
"""

from __future__ import annotations

import re

from onrecord.model import Document, Paragraph, Span
from onrecord.stages.attribute.relation import SAY, Relation
from onrecord.stages.attribute.sources import speakers
from onrecord.stages.attribute.tree import Tree, trimmed_span
from onrecord.stages.attribute.words import LABELS

_TURN = re.compile(r"[\"“”']?([A-Z][A-Z.'’\- ]{1,38}[A-Z.]):\s+(?=\S)")
NAME = 6  # words of a name before a headline's colon, title included
HEADLINE = 30  # tokens; longer paragraphs are no headlines


def find(tree: Tree, paragraphs: list[int]) -> tuple[dict[int, Relation], set[int]]:
    """Relations by their colon's token, and the paragraphs that are transcript turns."""
    doc = tree.doc
    out: dict[int, Relation] = {}
    turns: list[tuple[int, re.Match[str]]] = []
    for n in paragraphs:
        p = doc.paragraphs[n]
        if p.kind == "headline" or n == 0:
            relation = _headline(tree, p)
            if relation is not None:
                out[relation.head] = relation
        m = _TURN.match(doc.text, p.span.start, p.span.end)
        if m is not None and m[1].strip(". ").lower() not in LABELS:
            turns.append((n, m))
    if len(turns) < 2:
        return out, set()
    for n, m in turns:
        p = doc.paragraphs[n]
        colon = next((i for i in range(p.first, min(p.last, p.first + 12)) if doc.ends[i] >= m.end(1) + 1), None)
        if colon is None or doc.words[colon] != ":":
            continue
        relation = Relation(colon, SAY, [], rule="transcript")
        name = doc.tokens_in(Span(m.start(1), m.end(1)))
        relation.source, relation.source_head = (name.start, name.stop), name.stop - 1
        relation.cue_span = Span(doc.starts[colon], doc.ends[colon])
        relation.content = [trimmed_span(tree, Span(m.end(), p.span.end))]
        out[colon] = relation
    return out, {n for n, _ in turns}


def _headline(tree: Tree, p: Paragraph) -> Relation | None:
    doc = tree.doc
    if p.last - p.first > HEADLINE:
        return None
    colons = [i for i in range(p.first + 1, p.last - 1) if doc.words[i] == ":"]
    if len(colons) != 1:
        return None
    colon = colons[0]
    last = p.last - (doc.words[p.last - 1] == ".")
    before, behind = range(p.first, colon), range(colon + 1, last)
    if _name(doc, behind) and len(before) > 2 * len(behind) and len(behind) <= 3:
        source, content = behind, before
    elif _name(doc, before) and len(behind) >= 3:
        source, content = before, behind
    else:
        return None
    relation = Relation(colon, SAY, [], rule="headline")
    relation.source, relation.source_head = (source.start, source.stop), source.stop - 1
    relation.cue_span = Span(doc.starts[colon], doc.ends[colon])
    relation.content = [trimmed_span(tree, doc.span(content.start, content.stop))]
    return relation


def _name(doc: Document, tokens: range) -> bool:
    """A person, an institution, or a noun for somebody who speaks, and nothing else."""
    if not 0 < len(tokens) <= NAME or doc.lower[tokens[0]] in LABELS:
        return False
    head = tokens[-1]
    if doc.lemmas[head].lower() in speakers() and doc.pos[head] in ("NOUN", "PROPN"):
        return all(doc.pos[i] in ("NOUN", "PROPN", "ADJ", "DET") for i in tokens)
    tag = doc.ents[head][2:]
    return all(doc.pos[i] == "PROPN" for i in tokens) and tag in ("PERSON", "ORG", "GPE", "NORP")
