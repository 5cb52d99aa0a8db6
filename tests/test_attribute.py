"""attribute: cases as data, chains and terms, hostile marks, utterances."""

from __future__ import annotations

import json
import random
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onrecord.model import Attribution, Document, Span
from onrecord.schema import SAYINGS
from onrecord.stages.annotate import document
from onrecord.stages.attribute import attribute, quotes, sayings, shares, utterances
from onrecord.stages.resolve import resolve
from onrecord.stages.time import find_times

FILES = sorted((Path(__file__).parent / "cases" / "attribute").glob("*.jsonl"))
CASES = [json.loads(line) for path in FILES for line in path.read_text("utf-8").splitlines() if line.strip()]

MARKS = "\"“”'‘’«»,.:;?!—-()"


def read(text: str) -> Document:
    """A report of 10 March 2021 with its entities and times."""
    doc = document(text, published=date(2021, 3, 10), published_basis="metadata")
    entities, mentions = resolve(doc)
    doc.entities, doc.mentions = {e.id: e for e in entities}, tuple(mentions)
    doc.timexes = tuple(find_times(doc))
    return doc


def said(doc: Document, a: Attribution, outer: Attribution | None) -> dict[str, str | None]:
    return {
        "kind": a.kind,
        "source": " ".join(doc.quote(s) for s in a.source) or None,
        "cue": " ".join(doc.quote(s) for s in a.cue),
        "content": " … ".join(doc.quote(s) for s in a.content),
        "type": a.source_type,
        "label": a.source_label,
        "polarity": a.polarity,
        "certainty": a.certainty,
        "reason": a.anonymity_reason,
        "country": a.source_country,
        "start": a.start.isoformat() if a.start else None,
        "parent": " ".join(doc.quote(s) for s in outer.cue) if outer else None,
    }


@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_case(case: dict) -> None:
    doc = read(case["text"])
    ids = {a.id: a for a in attribute(doc)}
    found = [said(doc, a, ids.get(a.parent or "")) for a in ids.values()]
    for wanted in case["has"]:
        assert any(wanted.items() <= f.items() for f in found), f"{wanted} not in {json.dumps(found, indent=1)}"
    for unwanted in case.get("lacks", ()):
        assert not any(unwanted.items() <= f.items() for f in found), f"{unwanted} in {json.dumps(found, indent=1)}"
    if "count" in case:
        assert len(found) == case["count"], json.dumps(found, indent=1)


def test_chain_has_parent_and_child() -> None:
    doc = document("The aide said that Ms. Orlova “made clear that the port would stay open” if the talks failed.")
    outer = next(a for a in attribute(doc) if doc.quote(a.cue[0]) == "said")
    inner = next(a for a in attribute(doc) if doc.quote(a.cue[0]) == "made clear")
    assert outer.parent is None
    assert inner.parent == outer.id
    assert doc.quote(inner.source[0]) == "Ms. Orlova"


def test_spans_lie_in_the_text_and_ids_are_stable() -> None:
    text = CASES[0]["text"]
    first, second = attribute(document(text)), attribute(document(text))
    assert [a.id for a in first] == [a.id for a in second]
    assert len({a.id for a in first}) == len(first)


@pytest.fixture(scope="module")
def parsed() -> list[Document]:
    return [document(c["text"]) for c in CASES]


def test_no_mark_stops_it(parsed: list[Document]) -> None:
    chance = random.Random(7)
    for n in range(1500):
        doc = parsed[n % len(parsed)]
        text = "".join(
            chance.choice("\"“”'‘’«» ") if c in "\"“”'‘’,. " and chance.random() < 0.4 else c for c in doc.text
        )
        for a in attribute(replace(doc, text=text)):
            for span in (*a.content, *a.cue, *a.source):
                assert 0 <= span.start < span.end <= len(text)


def mangled(text: str, chance: random.Random) -> str:
    """A text with one mark in four deleted, doubled or swapped for another."""
    out = []
    for c in text:
        if c in MARKS and chance.random() < 0.25:
            what = chance.random()
            out.append("" if what < 0.35 else c + c if what < 0.6 else chance.choice(MARKS))
        else:
            out.append(c)
    return "".join(out)


@pytest.mark.parametrize("texts", [300, pytest.param(20_000, marks=pytest.mark.slow)])
def test_mangled_texts_are_read(texts: int) -> None:
    chance = random.Random(20_261_122)
    for _ in range(texts):
        picked = chance.choices(CASES, k=chance.choice((1, 1, 2)))
        text = mangled(chance.choice((" ", "\n\n")).join(case["text"] for case in picked), chance)
        doc = document(text)
        for a in attribute(doc):
            assert a.content, text
            for span in (*a.content, *a.cue, *a.source):
                assert 0 <= span.start < span.end <= len(text), text


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Ms. Orlova said,“The quay is closed until further notice.”Then she left.", "Ms. Orlova"),
        ("“The quay is closed until further notice,”Ms. Orlova said.", "Ms. Orlova"),
        ("Ms. Orlova said,''The quay is closed until further notice.''", "Ms. Orlova"),
    ],
)
def test_marks_glued_to_words(text: str, source: str) -> None:
    doc = document(text)
    found = [a for a in attribute(doc) if a.kind == "direct"]
    assert [doc.quote(s) for a in found for s in a.source] == [source]
    assert doc.quote(found[0].content[0]).strip("“”'") in ("The quay is closed until further notice" + c for c in ".,")


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="\"“”'‘’«»`„ a.S,\n", max_size=120))
def test_quotations_never_overlap(text: str) -> None:
    for found in quotes.find(text, [Span(0, len(text))]):
        ends = [0]
        for q in found:
            assert ends[-1] <= q.span.start < q.inner.start <= q.inner.end <= q.span.end <= len(text)
            ends.append(q.span.end)


def test_a_million_marks_are_scanned_in_a_breath() -> None:
    text = "“”\"'" * 250_000
    assert quotes.find(text, [Span(0, len(text))]) is not None


SAID = pa.schema(
    [
        ("attribution_id", pa.string()),
        ("report_id", pa.string()),
        ("content_spans", pa.list_(pa.struct([("char_start", pa.int32()), ("char_end", pa.int32())]))),
        ("kind", pa.string()),
        ("source_entity", pa.string()),
        ("source_label", pa.string()),
        ("date_start", pa.string()),
    ]
)


def table_of(texts: list[str], entity: str | None = None) -> tuple[pa.Table, pa.Table]:
    """The attributions of some texts as the table that `utterances` reads, and their reports."""
    rows, reports = [], []
    for n, text in enumerate(texts):
        doc = document(text, report_id=f"r_{n}")
        reports.append({"report_id": doc.report_id, "text": text})
        for a in attribute(doc):
            if a.parent is None:
                rows.append(
                    {
                        "attribution_id": a.id,
                        "report_id": doc.report_id,
                        "content_spans": [s.row() for s in a.content],
                        "kind": a.kind,
                        "source_entity": entity or a.source_entity,
                        "source_label": a.source_label,
                        "date_start": None,
                    }
                )
    return pa.Table.from_pylist(rows, schema=SAID), pa.Table.from_pylist(reports)


def test_utterances_join_trimmed_quotations() -> None:
    long = "“The bridge will stay shut until every cable has been tested and signed for,” Ms. Orlova said."
    short = "Ms. Orlova said the bridge “will stay shut until every cable has been tested”."
    other = "“The harbour opens at dawn on Monday for all ships,” Ms. Orlova said."
    table, reports = table_of([long, short, other])
    ids = utterances(table, reports)
    of = {row["report_id"]: ids[row["attribution_id"]] for row in table.to_pylist()}
    assert of["r_0"] == of["r_1"] != of["r_2"]
    assert utterances(table.take(list(range(table.num_rows))[::-1]), reports) == ids
    texts = dict(zip(reports["report_id"].to_pylist(), reports["text"].to_pylist(), strict=True))
    made = [s for row in table.to_pylist() for s in sayings(texts[row["report_id"]], [row])]
    for some in (made, made[:1], [*made, made[0] | {"attribution_id": "a_gone"}]):  # hashed before, in part, for others
        assert utterances(table, reports, SAYINGS.from_rows(some)) == ids
    assert utterances(table, reports, SAYINGS.from_rows([s | {"grams": [], "whole": None} for s in made])) != ids
    kept = {row["report_id"]: shares(table, ids)[row["attribution_id"]] for row in table.to_pylist()}
    assert kept["r_0"] == kept["r_2"] == 1.0 and 0.4 < kept["r_1"] < 1.0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            "“Fishermen will not surrender the northern waters to foreign trawlers,” the envoy said.",
            "The envoy said fishermen would not surrender their northern waters to any foreign trawler.",
            True,
        ),
        (
            "The envoy said the quarry would reopen once the flooded tunnels were drained and inspected.",
            "“The quarry reopens when its flooded tunnels have been drained and inspected,” the envoy said.",
            True,
        ),
        (
            "The envoy said the quarry would reopen once the flooded tunnels were drained and inspected.",
            "The envoy said the quarry would not reopen once the flooded tunnels were drained and inspected.",
            False,
        ),
        (
            "The envoy said 14 trawlers were seized in the northern waters by a foreign cutter.",
            "The envoy said 40 trawlers were seized in the northern waters by a foreign cutter.",
            False,
        ),
        (
            "The envoy said the quarry would reopen once the flooded tunnels were drained and inspected.",
            "The envoy said the flooded tunnels had trapped two miners since the spring thaw.",
            False,
        ),
    ],
    ids=["tense", "moods", "negated", "number", "same-subject"],
)
def test_other_words_for_one_utterance(one: str, other: str, same: bool) -> None:
    table, reports = table_of([one, other], entity="e_1")
    ids = utterances(table, reports)
    assert (len(set(ids.values())) == 1) is same
    for days, joined in ((["2021-03-01", "2021-05-01"], False), (["2021-03-01", "2021-03-02"], same)):
        moments = pa.array([datetime(2021, 3, 1, 23, tzinfo=UTC), datetime(2021, 5, 1, tzinfo=UTC)])
        apart = reports.append_column("published_at", moments).append_column("published_day", pa.array(days))
        assert (len(set(utterances(table, apart).values())) == 1) is joined  # the day of its readers counts
    speakers = pa.array(["e_1", "e_2"])
    others = table.set_column(table.column_names.index("source_entity"), "source_entity", speakers)
    assert len(set(utterances(others, reports).values())) == 2


def test_utterances_cost_no_more_than_the_quotations() -> None:
    """Quotations without end, each inside the one before: time grows with their number, not with its square."""
    text = "he said, " * 4000
    rows = [
        {
            "attribution_id": f"a_{n:06d}",
            "report_id": "r_1",
            "content_spans": [{"char_start": 9 * n, "char_end": len(text)}],
            "kind": ("direct", "indirect")[n % 2],
            "source_entity": "e_1",
            "source_label": "he",
        }
        for n in range(4000)
    ]
    start = time.process_time()
    found = utterances(pa.Table.from_pylist(rows), pa.table({"report_id": ["r_1"], "text": [text]}))
    assert len(found) == 4000
    assert time.process_time() - start < 15
