"""Each export as the tools that load it see it."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import networkx
import pandas
import polars
import pytest
import stix2
from jsonschema import Draft202012Validator

from onrecord import Options, corrections, pipeline
from onrecord.corrections import Change
from onrecord.errors import UsageError
from onrecord.exports import AS, export_as, gdelt, icews, polecat, political
from onrecord.exports.codes import cameo_sector, country_name, cow, fips, iso2
from onrecord.exports.facts import facts, happened
from onrecord.exports.sheets import INDEPENDENCE, cell, commas
from onrecord.exports.standing import Standings
from onrecord.query import Record
from onrecord.schema import EVENT_TYPES

POSITION = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 3}
GEOJSON = {  # RFC 7946, the parts that a collection of points uses
    "type": "object",
    "required": ["type", "features"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "geometry", "properties"],
                "properties": {
                    "type": {"const": "Feature"},
                    "geometry": {
                        "oneOf": [
                            {"type": "null"},
                            {
                                "type": "object",
                                "required": ["type", "coordinates"],
                                "properties": {"type": {"const": "Point"}, "coordinates": POSITION},
                            },
                        ]
                    },
                    "properties": {"type": ["object", "null"]},
                },
            },
        },
    },
}
SELECTOR = {
    "type": "object",
    "required": ["source", "selector"],
    "properties": {
        "selector": {
            "type": "array",
            "prefixItems": [
                {"properties": {"type": {"const": "TextPositionSelector"}}, "required": ["start", "end"]},
                {"properties": {"type": {"const": "TextQuoteSelector"}}, "required": ["exact", "prefix", "suffix"]},
            ],
        }
    },
}
ANNOTATION = {  # the model's required properties (sections 3.1, 4.2.4, 4.2.5)
    "type": "object",
    "required": ["id", "type", "body", "target"],
    "properties": {
        "type": {"const": "Annotation"},
        "target": {"oneOf": [SELECTOR, {"type": "array", "items": SELECTOR, "minItems": 2}]},
    },
}


@pytest.fixture(scope="module")
def counted(example_record: Record) -> list[dict[str, Any]]:
    rows = example_record.events().to_pylist()
    mentions = {m["mention_id"]: m for m in example_record.event_mentions().to_pylist()}
    entities = {e["entity_id"]: e for e in example_record.table("entities").to_pylist()}
    kept = []
    for r in rows:
        m = mentions[r["mention_id"]]
        parties = [entities[i] for i in (*m["actors"], *m["recipients"])]
        codes = [(e["kind"], e["country"], e["sector"]) for e in parties]
        counts = political.event(r["event_type"], r["mode"], m["contexts"] or (), codes)
        if happened(r) and r["event_type"] in EVENT_TYPES and counts:
            kept.append(r)
    assert 5 < len(kept) < len([r for r in rows if happened(r)])
    return kept


@pytest.mark.parametrize(
    ("kind", "mode", "contexts", "parties", "counts"),
    [
        ("ASSAULT", None, (), [("person", "KEN", "CVL")], False),
        ("ASSAULT", None, (), [("person", "KEN", "CVL"), ("group", None, "UAF")], True),
        ("ASSAULT", None, ("crime", "legal"), [], False),
        ("ASSAULT", None, ("military",), [], True),
        ("ASSAULT", "explosives", (), [], True),
        ("ACCUSE", "allege", ("economic",), [("organisation", "NOR", "BUS"), ("organisation", "KEN", "BUS")], False),
        ("ACCUSE", None, (), [("country", "NOR", None)], True),
        ("CONSULT", None, (), [("person", None, None), ("person", None, None)], False),
        ("CONSULT", None, (), [("person", None, None), ("organisation", "IGO", None)], True),
        ("PROTEST", "demo", (), [("group", None, "CVL")], True),
    ],
)
def test_what_counts_as_political(
    kind: str,
    mode: str | None,
    contexts: tuple[str, ...],
    parties: list[tuple[str, str | None, str | None]],
    counts: bool,
) -> None:
    assert political.event(kind, mode, contexts, parties) is counts


@pytest.fixture(scope="module")
def told(example_record: Record) -> list[dict[str, Any]]:
    """What happened, with what has no type of PLOVER's: an accident, or what coding has no type for."""
    return [r for r in example_record.events().to_pylist() if happened(r)]


def test_polecat_has_its_forty_columns_and_then_ours(
    example_record: Record, counted: list[dict[str, Any]], tmp_path: Path
) -> None:
    (path,) = export_as(example_record, tmp_path, "polecat")
    frame = pandas.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    assert len(polecat.COLUMNS) == 40
    assert tuple(frame.columns[:40]) == polecat.COLUMNS
    assert tuple(frame.columns[40:]) == ("All Actors", "All Recipients", *INDEPENDENCE)
    assert sorted(frame["Event ID"]) == [r["event_id"] for r in counted]
    by_id = {r["event_id"]: r for r in counted}
    reports = {r["report_id"]: r for r in example_record.reports().to_pylist()}
    telling: dict[str, list[dict[str, Any]]] = {}
    for mention in example_record.table("event_mentions").to_pylist():
        telling.setdefault(mention["event_id"], []).append(reports[mention["report_id"]])
    for row in frame.to_dict("records"):
        event = by_id[row["Event ID"]]
        assert row["Origins"] == str(event["n_origins"])
        published = [r["published_day"] for r in telling[row["Event ID"]]]
        assert row["Event Date"] == (event["date_start"] or min(filter(None, published), default=""))
        assert row["Date Basis"] in ({"stated", "published"} if event["date_start"] else {"published", ""})
        assert row["Event Type"] == event["event_type"]
        assert row["Country"] == (event["country"] or "")
    strict = polars.read_csv(path, separator="\t", quote_char=None, infer_schema_length=None)
    assert strict.shape == frame.shape


def test_plain_leaves_our_columns_out(example_record: Record, tmp_path: Path) -> None:
    (path,) = export_as(example_record, tmp_path, "polecat", plain=True)
    assert pandas.read_csv(path, sep="\t").shape[1] == 40
    events, _ = export_as(example_record, tmp_path, "gdelt", plain=True)
    assert pandas.read_csv(events, sep="\t", header=None).shape[1] == 61


def test_gdelt_events_and_mentions_join(example_record: Record, counted: list[dict[str, Any]], tmp_path: Path) -> None:
    events, mentions = export_as(example_record, tmp_path, "gdelt")
    assert (len(gdelt.EVENTS), len(gdelt.MENTIONS)) == (61, 16)
    names = [*gdelt.EVENTS, *gdelt.EXTRA]
    frame = pandas.read_csv(events, sep="\t", header=None, names=names, dtype={"EventCode": str, "EventRootCode": str})
    said = pandas.read_csv(mentions, sep="\t", header=None, names=list(gdelt.MENTIONS))
    assert frame["GLOBALEVENTID"].is_unique
    assert frame["GLOBALEVENTID"].dtype == "int64"
    assert set(said["GLOBALEVENTID"]) == set(frame["GLOBALEVENTID"])
    assert len(frame) == len(counted)
    assert set(frame["QuadClass"]) <= {1, 2, 3, 4}
    for row in frame.to_dict("records"):
        mine = said[said["GLOBALEVENTID"] == row["GLOBALEVENTID"]]
        assert row["NumMentions"] == len(mine)
        assert row["NumArticles"] == mine["MentionIdentifier"].nunique() == row["NumReports"]
        assert row["NumOrigins"] <= row["NumArticles"]
        assert row["EventCode"].startswith(row["EventRootCode"])
    texts = {r["uri"]: r["text"] for r in example_record.reports().to_pylist()}
    for row in said.to_dict("records"):
        assert not texts[row["MentionIdentifier"]][row["ActionCharOffset"]].isspace()
        assert len(texts[row["MentionIdentifier"]]) == row["MentionDocLen"]


def test_a_day_of_publication_stands_in_for_one_that_nobody_states_and_says_so(
    example_record: Record, counted: list[dict[str, Any]], tmp_path: Path
) -> None:
    written = {name: export_as(example_record, tmp_path, name)[0] for name in ("icews", "acled", "gdelt", "plover")}
    names = [*gdelt.EVENTS, *gdelt.EXTRA]
    frames = {
        "icews": pandas.read_csv(written["icews"], sep="\t", dtype=str, keep_default_na=False),
        "acled": pandas.read_csv(written["acled"], dtype=str, keep_default_na=False),
        "gdelt": pandas.read_csv(
            written["gdelt"], sep="\t", header=None, names=names, dtype=str, keep_default_na=False
        ),
    }
    days = {e["event_id"]: e["date_start"] for e in counted}
    for form, (event, day, basis) in {
        "icews": ("onrecord Event", "Event Date", "Date Basis"),
        "acled": ("onrecord Event", "event_date", "Date Basis"),
        "gdelt": ("OnrecordEventID", "SQLDATE", "DateBasis"),
    }.items():
        for row in frames[form].to_dict("records"):
            stated = days[row[event]]
            assert row[day], form
            assert not stated or row[day] == (stated.replace("-", "") if form == "gdelt" else stated)
            assert row[basis] == "published" or stated
        assert set(frames[form][basis]) <= {"stated", "published"}
    assert set(frames["icews"]["Date Basis"]) == {"stated", "published"}
    assert set(frames["acled"][frames["acled"]["Date Basis"] == "published"]["time_precision"]) <= {"2"}
    lines = [json.loads(line) for line in written["plover"].read_text(encoding="utf-8").splitlines()]
    assert all((line["date_basis"] == "stated") <= bool(days[line["id"]]) for line in lines)


def test_icews(example_record: Record, counted: list[dict[str, Any]], tmp_path: Path) -> None:
    (path,) = export_as(example_record, tmp_path, "icews")
    frame = pandas.read_csv(path, sep="\t", dtype={"CAMEO Code": str})
    assert len(icews.COLUMNS) == 20
    assert tuple(frame.columns) == (*icews.COLUMNS, *INDEPENDENCE)
    assert len(frame) == len(counted)
    assert (frame["Sentence Number"] >= 1).all()
    assert "Somalia" in set(frame["Source Country"]) | set(frame["Target Country"]) | set(frame["Country"])


def test_plover_lines(example_record: Record, counted: list[dict[str, Any]], tmp_path: Path) -> None:
    (path,) = export_as(example_record, tmp_path, "plover")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    texts = {r["report_id"]: r["text"] for r in example_record.reports().to_pylist()}
    assert [r["id"] for r in rows] == [r["event_id"] for r in counted]
    for row in rows:
        source = row["source"]
        assert texts[source["report_id"]][source["char_start"] : source["char_end"]].strip()
        assert row["independence"]["low"] <= row["independence"]["origins"] <= row["independence"]["high"]
        for party in (*row["actor"], *row["recipient"]):
            words = " ".join(texts[source["report_id"]].split())
            assert party["text"] == party["name"] or party["text"] in words


def test_acled_counts_only_what_it_would(example_record: Record, tmp_path: Path) -> None:
    (path,) = export_as(example_record, tmp_path, "acled")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert rows
    types = {r["event_id"]: r["event_type"] for r in example_record.events().to_pylist()}
    assert {types[r["event_id_cnty"]] for r in rows} <= {
        "ASSAULT",
        "PROTEST",
        "COERCE",
        "MOBILIZE",
        "RETREAT",
        "SUPPORT",
    }
    assert all(r["disorder_type"] and r["sub_event_type"] for r in rows)
    told = {
        (r["event_id"], float(r["value"]))
        for r in example_record.ledger().to_pylist()
        if r["field"] == "killed" and r["value"].replace(".", "").isdigit()
    }
    for row in rows:
        assert not row["fatalities"] or (row["event_id_cnty"], float(row["fatalities"])) in told


def test_annotations_point_at_their_words(example_record: Record, tmp_path: Path) -> None:
    (path,) = export_as(example_record, tmp_path, "annotations")
    collection = json.loads(path.read_text(encoding="utf-8"))
    items = collection["first"]["items"]
    assert collection["total"] == len(items) == len({i["id"] for i in items})
    check = Draft202012Validator(ANNOTATION)
    texts = {f"urn:onrecord:{r['report_id']}": r["text"] for r in example_record.reports().to_pylist()}
    for item in items:
        check.validate(item)
        for target in item["target"] if isinstance(item["target"], list) else [item["target"]]:
            position, quote = target["selector"]
            text = texts[target["source"]]
            assert text[position["start"] : position["end"]] == quote["exact"]
            assert text[: position["start"]].endswith(quote["prefix"])


def test_geojson(example_record: Record, told: list[dict[str, Any]], tmp_path: Path) -> None:
    (path,) = export_as(example_record, tmp_path, "geojson")
    collection = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator(GEOJSON).validate(collection)
    assert len(collection["features"]) == len(told)
    points = [f["geometry"]["coordinates"] for f in collection["features"] if f["geometry"]]
    assert points
    assert all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in points)


def test_graphs(example_record: Record, tmp_path: Path) -> None:
    copies, actions = (
        networkx.read_graphml(p, force_multigraph=True) for p in export_as(example_record, tmp_path, "graphml")
    )
    derivations = example_record.derivations().to_pylist()
    known = [(r["from_report_id"], r["report_id"]) for r in derivations if r["from_report_id"]]
    assert set(known) <= {(a, b) for a, b, _ in copies.edges}
    assert copies.number_of_edges() == len(derivations)
    assert set(example_record.reports()["report_id"].to_pylist()) <= set(copies.nodes)
    assert actions.number_of_edges() > 3
    assert all(data["origins"] >= 1 for _, _, data in actions.edges(data=True))


def test_stix_parses_and_is_the_same_twice(example_record: Record, told: list[dict[str, Any]], tmp_path: Path) -> None:
    (path,) = export_as(example_record, tmp_path, "stix")
    text = path.read_text(encoding="utf-8")
    bundle = stix2.parse(text)
    kinds = [o.type for o in bundle.objects]
    assert kinds.count("report") == example_record.stories().num_rows
    assert kinds.count("note") == len(told)
    ids = {o.id for o in bundle.objects}
    for one in bundle.objects:
        assert set(one.get("object_refs", [])) <= ids
    (again,) = export_as(example_record, tmp_path / "again", "stix")
    assert again.read_text(encoding="utf-8") == text


def test_an_unknown_name_says_which_are_known(example_record: Record, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="polecat"):
        export_as(example_record, tmp_path, "gedlt")


@pytest.mark.parametrize("name", AS)
def test_files_do_not_depend_on_anything_but_the_record(name: str, example_record: Record, tmp_path: Path) -> None:
    one = [p.read_bytes() for p in export_as(example_record, tmp_path / "a", name)]
    two = [p.read_bytes() for p in export_as(example_record, tmp_path / "b", name)]
    assert one == two
    assert all(one)


def test_cells_are_safe(tmp_path: Path) -> None:
    assert cell("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert cell(" a\tb\nc\x00d ") == "a b c d"
    assert cell(-8.5) == "-8.5"
    assert cell(None) == ""
    with pytest.raises(ValueError, match="2 cells under 3 columns"):
        commas(tmp_path / "x.csv", ("a", "b", "c"), [(1, 2)])


def test_parties_keep_the_words_of_the_report(example_record: Record) -> None:
    texts = {r["report_id"]: r["text"] for r in example_record.reports().to_pylist()}
    seen = 0
    for fact in facts(example_record):
        for party in (*fact.actors, *fact.recipients):
            if party.start is not None:
                seen += 1
                assert " ".join(texts[fact.mention["report_id"]][party.start :].split()).startswith(party.raw)
    assert seen > 5


def test_codes() -> None:
    assert (cow("UKR"), cow("UNO"), cow(None)) == ("369", None, None)
    assert (fips("UKR"), fips("GBR"), iso2("SOM")) == ("UP", "UK", "SO")
    assert (cameo_sector("MED"), cameo_sector("JRN"), cameo_sector("GOV")) == ("HLH", "MED", "GOV")
    assert country_name("KOS") == "Kosovo"
    assert country_name("IGO") is None


def test_a_party_is_what_it_was_on_the_day(tmp_path: Path) -> None:
    told = {
        "2014-11-12": "BEIJING - Barack Obama met Xi Jinping in Beijing on Wednesday.",
        "2018-03-24": "TOKYO - Barack Obama met Shinzo Abe in Tokyo on Saturday.",
        "2018-03-26": "OSLO - In 2012 Barack Obama visited Norway. Barack Obama visited Denmark last week.",
    }
    reports = tmp_path / "reports.jsonl"
    lines = ({"id": day, "text": text, "published": day} for day, text in told.items())
    reports.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    path = tmp_path / "r.duckdb"
    pipeline.build([str(reports)], path, options=Options(workers=1))
    with Record(path) as record:
        found = {
            fact.event["date_end"][:7]: {p.name: (p.sector, p.role) for p in (*fact.actors, *fact.recipients)}
            for fact in facts(record)
        }
        row = next(r for r in record.entities().to_pylist() if r["name"] == "Barack Obama")
        assert found["2014-11"]["Barack Obama"] == found["2012-12"]["Barack Obama"] == ("GOV", "president")
        assert found["2018-03"]["Barack Obama"] == ("ELI", "former president")
        assert found["2014-11"]["Xi Jinping"][0] == found["2018-03"].get("Shinzo Abe", ("GOV",))[0] == "GOV"
        assert Standings(record).of(row, None) == (row["country"], row["sector"], row["role"])
    corrections.make(path, Change("set", "entities", (row["entity_id"],), "sector", "CVL"), who="Kim")
    with Record(path) as record:
        row = next(r for r in record.entities().to_pylist() if r["name"] == "Barack Obama")
        assert row["sector"] == "CVL"
        assert Standings(record).of(row, date(2014, 11, 12))[1:] == ("CVL", "president")
