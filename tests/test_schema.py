from __future__ import annotations

import pytest

from onrecord import schema
from onrecord.errors import LawError, UsageError
from onrecord.options import Options

CONTRACT = """
reports: report_id external_id uri outlet title byline language published_at published_basis text ingested_at
segments: report_id char_start char_end kind
timexes: report_id char_start char_end type value date_start date_end
entities: entity_id name kind country sector role latitude longitude geonames_id
entity_mentions: report_id char_start char_end entity_id form
attributions: attribution_id report_id content_spans cue_spans source_spans kind source_entity source_label source_type
 source_country date_start date_end parent_attribution
alignments: report_a a_start a_end report_b b_start b_end words similarity kind
derivations: report_id from_report_id share direction confidence evidence
stories: story_id title date_start date_end n_reports n_origins
story_reports: story_id report_id
event_mentions: mention_id event_id report_id char_start char_end anchor_start anchor_end event_type mode contexts cameo
 quad intensity modality actors recipients actor_spans recipient_spans date_start date_end date_basis place place_span
 quantities attribution_id confidence
events: event_id story_id event_type mode actor_names actor_countries recipient_names recipient_countries date_start
 date_end place country latitude longitude n_reports n_origins first_report_id confidence
origins: origin_id event_id kind label report_ids evidence
ledger: event_id field value mention_id report_id char_start char_end origin_id relation
corrections: correction_id made_at made_by action target value note
problems: uri report_id stage reason detail seen_at
"""


def contract() -> dict[str, list[str]]:
    lines = CONTRACT.replace("\n ", " ").strip().splitlines()
    return {name: columns.split() for name, _, columns in (line.partition(": ") for line in lines)}


def test_every_promised_table_has_its_promised_columns() -> None:
    for name, columns in contract().items():
        assert set(columns) <= set(schema.table(name).schema.names), name


def test_every_column_and_option_is_documented() -> None:
    for table in schema.TABLES.values():
        assert table.doc
        for column in table.columns:
            assert len(column.doc) > 1, f"{table.name}.{column.name}"
    assert all(len(doc) > 10 for doc in Options.documented().values())


def test_references_name_real_columns() -> None:
    for table in schema.TABLES.values():
        for column in table.columns:
            if column.ref:
                other, name = column.ref.split(".")
                schema.table(other).column(name)
        for key in table.key:
            table.column(key)


def test_from_rows_refuses_what_is_not_declared() -> None:
    good = {"report_id": "r_1", "char_start": 0, "char_end": 4, "kind": "body"}
    assert schema.SEGMENTS.from_rows([good]).num_rows == 1
    with pytest.raises(LawError, match="colour"):
        schema.SEGMENTS.from_rows([good | {"colour": "red"}])
    with pytest.raises(LawError, match="banner"):
        schema.SEGMENTS.from_rows([good | {"kind": "banner"}])
    with pytest.raises(LawError, match="char_end"):
        schema.SEGMENTS.from_rows([{k: v for k, v in good.items() if k != "char_end"}])


def test_an_unknown_table_is_named_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'event'.*events"):
        schema.table("event")
