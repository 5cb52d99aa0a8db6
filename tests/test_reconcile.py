"""Events, origins and ledger from small hand-made stories (`tests/cases/reconcile`), and from generated ones."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onrecord import schema
from onrecord.laws import broken_spans
from onrecord.stages.reconcile import reconcile
from onrecord.stages.reconcile.values import Value, relate
from onrecord.text import key

CASES = Path(__file__).parent / "cases" / "reconcile"


def read_cases() -> Iterator[Any]:
    for path in sorted(CASES.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                case = json.loads(line)
                yield pytest.param(case, id=f"{path.stem}-{case['name']}".replace(" ", "-"))


def span(text: str, words: str, within: tuple[int, int] | None = None) -> dict[str, int]:
    """Where `words` first stand in the text (inside a clause, if one is given)."""
    low, high = within or (0, len(text))
    at = text.find(words, low, high)
    assert at >= 0, f"{words!r} not in {text[low:high]!r}"
    return {"char_start": at, "char_end": at + len(words)}


def bounds(row: Mapping[str, int]) -> tuple[int, int]:
    return row["char_start"], row["char_end"]


def tables_of(case: Mapping[str, Any]) -> dict[str, pa.Table]:
    """A case's story as the stage's input tables; words are looked up in the reports' texts."""
    reports = {r["id"]: r for r in case["reports"]}
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in schema.TABLES}
    for e in case.get("entities", []):
        rows["entities"].append({"kind": "person", **{("entity_id" if k == "id" else k): v for k, v in e.items()}})
    for r in reports.values():
        published = datetime.fromisoformat(r["published"] + "T12:00:00+00:00") if r.get("published") else None
        rows["reports"].append(
            {
                "report_id": r["id"],
                "uri": r["id"],
                "outlet": r.get("outlet", r["id"]),
                "byline": r.get("byline"),
                "published_at": published,
                "text": r["text"],
            }
        )
        body = len(r.get("headline", ""))
        if body:
            rows["segments"].append({"report_id": r["id"], "char_start": 0, "char_end": body, "kind": "headline"})
            body = len(r["text"]) - len(r["text"][body:].lstrip())
        rows["segments"].append({"report_id": r["id"], "char_start": body, "char_end": len(r["text"]), "kind": "body"})
        rows["story_reports"].append({"story_id": "s_1", "report_id": r["id"]})
        for words, entity in r.get("named", []):
            rows["entity_mentions"].append(
                {"report_id": r["id"], **span(r["text"], words), "entity_id": entity, "form": "name"}
            )
        for c in r.get("credits", []):
            rows["credits"].append(
                {"report_id": r["id"], **span(r["text"], c["text"]), "agency": c["agency"], "role": c["role"]}
            )
        for t in r.get("times", []):
            days = {"date_start": t.get("date"), "date_end": t.get("date"), "value": t.get("value", t.get("date"))}
            where = {"report_id": r["id"], **span(r["text"], t["words"])}
            rows["timexes"].append({"type": t.get("type", "DATE"), **where, **days})
        for n, a in enumerate(r.get("said", [])):
            rows["attributions"].append(
                {
                    "attribution_id": f"a_{r['id']}_{n}",
                    "report_id": r["id"],
                    "content_spans": [span(r["text"], a["content"])],
                    "cue_spans": [span(r["text"], a["cue"])] if a.get("cue") else [],
                    "source_spans": [span(r["text"], a["source"])] if a.get("source") else [],
                    "kind": "indirect",
                    "source_type": a["type"],
                    "source_entity": a.get("entity"),
                    "source_label": a.get("label", a.get("source")),
                    "source_country": a.get("country"),
                    "parent_attribution": f"a_{r['id']}_{a['parent']}" if "parent" in a else None,
                    "polarity": a.get("polarity", "affirm"),
                    "utterance_id": a.get("utterance"),
                }
            )
        for n, m in enumerate(r.get("events", [])):
            clause = span(r["text"], m["clause"])
            anchor = span(r["text"], m["anchor"], bounds(clause))
            entities = {e["id"]: e for e in case.get("entities", [])}
            row = {
                "mention_id": f"m_{r['id']}_{n}",
                "report_id": r["id"],
                **clause,
                "anchor_start": anchor["char_start"],
                "anchor_end": anchor["char_end"],
                "event_type": m["type"],
                "mode": m.get("mode"),
                "modality": m.get("modality", "actual"),
                "actors": m.get("actors", []),
                "recipients": m.get("recipients", []),
                "actor_spans": [],
                "recipient_spans": [],
                "date_start": m.get("date", "").split("/")[0] or None,
                "date_end": m.get("date", "").split("/")[-1] or None,
                "date_basis": ("clause" if "date_words" in m else "context") if m.get("date") else None,
                "date_span": span(r["text"], m["date_words"], bounds(clause)) if "date_words" in m else None,
                "place": m.get("place"),
                "place_span": span(r["text"], m["place_words"], bounds(clause)) if "place_words" in m else None,
                "quantities": [
                    {
                        **span(r["text"], q["words"], bounds(clause)),
                        "value": q["value"],
                        "unit": None,
                        "role": q["role"],
                    }
                    for q in m.get("counts", [])
                ],
                "attribution_id": f"a_{r['id']}_{m['said']}" if "said" in m else None,
                "confidence": 0.8,
            }
            for side in ("actor", "recipient"):
                for entity in row[f"{side}s"]:
                    name = entities[entity]["name"]
                    if name in r["text"][clause["char_start"] : clause["char_end"]]:
                        row[f"{side}_spans"].append(span(r["text"], name, bounds(clause)))
            rows["event_mentions"].append(row)
    for s in case.get("shared", []):
        a, b = sorted(s["reports"])
        x, y = s["words"] if isinstance(s["words"], list) else (s["words"], s["words"])
        if a != s["reports"][0]:
            x, y = y, x
        left, right = span(reports[a]["text"], x), span(reports[b]["text"], y)
        rows["alignments"].append(
            {
                "report_a": a,
                "a_start": left["char_start"],
                "a_end": left["char_end"],
                "report_b": b,
                "b_start": right["char_start"],
                "b_end": right["char_end"],
                "words": len(x.split()),
                "similarity": 1.0,
                "kind": "verbatim",
                "quotation": s.get("quotation", False),
            }
        )
    for d in case.get("derived", []):
        rows["derivations"].append(
            {"report_id": d[0], "from_report_id": d[1], "share": 0.6, "direction": "known", "confidence": 0.9,
             "evidence": "credit"}
        )  # fmt: skip
    rows["stories"].append({"story_id": "s_1", "n_reports": len(reports), "n_origins": 0})
    return {name: schema.table(name).from_rows(r) for name, r in rows.items()}


def by_mentions(given: Mapping[str, pa.Table]) -> dict[frozenset[str], dict[str, Any]]:
    """Events keyed by the set of their mentions, each with its origins and ledger."""
    members: dict[str, set[str]] = {}
    for m in given["event_mentions"].to_pylist():
        mine = m["mention_id"].removeprefix("m_")
        # A mention that the stage found itself goes by its report: '*r2'.
        members.setdefault(m["event_id"], set()).add(mine if mine.startswith("r") else f"*{m['report_id']}")
    out = {}
    for event in given["events"].to_pylist():
        mine = event["event_id"]
        event["origins"] = [o for o in given["origins"].to_pylist() if o["event_id"] == mine]
        event["ledger"] = [o for o in given["ledger"].to_pylist() if o["event_id"] == mine]
        out[frozenset(members[mine])] = event
    return out


@pytest.mark.parametrize("case", list(read_cases()))
def test_case(case: dict[str, Any]) -> None:
    found = by_mentions(reconcile(tables_of(case)))
    assert sorted(map(sorted, found)) == sorted(sorted(e["mentions"]) for e in case["expect"])
    for expected in case["expect"]:
        event = found[frozenset(expected["mentions"])]
        reasons = [(o["kind"], o["label"], o["report_ids"], o["reason"]) for o in event["origins"]]
        if "origins" in expected:
            given = sorted(sorted(o["report_ids"]) for o in event["origins"])
            assert given == sorted(sorted(o) for o in expected["origins"]), reasons
            assert event["n_origins"] == len(expected["origins"])
        if "kinds" in expected:
            assert sorted(o["kind"] for o in event["origins"]) == sorted(expected["kinds"]), reasons
        for column in (
            "n_reports", "n_origins_low", "n_origins_high", "modality", "date_start", "place", "event_type",
            "actor_names", "recipient_names",
        ):  # fmt: skip
            if column in expected:
                assert event[column] == expected[column], column
        if "reason" in expected:
            assert expected["reason"] in event["origins_reason"]
        for field, relations in expected.get("ledger", {}).items():
            assert {r["relation"] for r in event["ledger"] if r["field"] == field} == set(relations), [
                (r["value"], r["relation"]) for r in event["ledger"] if r["field"] == field
            ]


@pytest.mark.parametrize("case", list(read_cases()))
def test_laws(case: dict[str, Any]) -> None:
    tables = tables_of(case)
    given = reconcile(tables)
    texts = {r["report_id"]: r["text"] for r in tables["reports"].to_pylist()}
    for row in given["ledger"].to_pylist():
        assert not list(broken_spans(schema.LEDGER, texts[row["report_id"]], [row]))
    origins = {o["origin_id"]: o for o in given["origins"].to_pylist()}
    assert len(origins) == given["origins"].num_rows
    for o in origins.values():
        for e in o["evidence"]:
            assert 0 <= e["char_start"] < e["char_end"] <= len(texts[e["report_id"]])
    for event in given["events"].to_pylist():
        assert event["n_origins_low"] <= event["n_origins"] <= event["n_origins_high"]
        assert event["n_origins"] == sum(o["event_id"] == event["event_id"] for o in origins.values())
        assert event["origins_reason"]
        mention = next(m for m in given["event_mentions"].to_pylist() if m["mention_id"] == event["mention_id"])
        text = texts[mention["report_id"]]
        assert event["summary"] == text[mention["char_start"] : mention["char_end"]]
    for name in ("events", "origins", "ledger", "event_mentions", "stories"):
        schema.table(name).validate(given[name])
        keys = [tuple(r[k] for k in schema.table(name).key) for r in given[name].to_pylist()]
        assert len(keys) == len(set(keys))


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from([c.values[0] for c in read_cases()]))
def test_order_of_rows_does_not_matter(rng: random.Random, case: dict[str, Any]) -> None:
    tables = tables_of(case)
    shuffled = {}
    for name, table in tables.items():
        order = list(range(table.num_rows))
        rng.shuffle(order)
        shuffled[name] = table.take(pa.array(order, type=pa.int64()))
    first, second = reconcile(tables), reconcile(shuffled)
    for name in first:
        ours = sorted(map(repr, first[name].to_pylist()))
        assert ours == sorted(map(repr, second[name].to_pylist())), name


def test_a_telling_that_coding_missed_has_the_day_and_place_that_its_event_has_elsewhere() -> None:
    killed = {"anchor": "killed", "type": "ASSAULT"}
    told = "On Thursday the landslide at Mount Orva killed 31 villagers in their beds"
    bare = "The landslide killed 31 villagers who slept in the stone huts"
    case: dict[str, Any] = {
        "entities": [{"id": "mo", "name": "Mount Orva", "kind": "place"}],
        "reports": [
            {"id": "r1", "text": f"{told}.", "named": [["Mount Orva", "mo"]], "published": "2024-08-02",
             "times": [{"words": "Thursday", "date": "2024-08-01"}],
             "events": [{**killed, "clause": told, "place": "mo", "place_words": "Mount Orva",
                         "date": "2024-08-01", "date_words": "Thursday"}]},
            {"id": "r2", "text": f"{bare}.", "published": "2024-08-02", "events": [{**killed, "clause": bare}]},
            {"id": "r3", "text": "31 villagers in stone huts at Mount Orva were killed by the landslide Thursday.",
             "named": [["Mount Orva", "mo"]], "published": "2024-08-02",
             "times": [{"words": "Thursday", "date": "2024-08-01"}]},
        ],
    }  # fmt: skip
    rows = reconcile(tables_of(case))["event_mentions"].to_pylist()
    (made,) = [m for m in rows if m["report_id"] == "r3"]
    assert len({m["event_id"] for m in rows}) == 1
    assert (made["place"], made["date_start"], made["date_basis"]) == ("mo", "2024-08-01", "sentence")
    case["reports"][2]["times"][0]["date"] = "2024-07-25"  # another day than the event's: not this event's
    rows = reconcile(tables_of(case))["event_mentions"].to_pylist()
    assert not [m for m in rows if m["report_id"] == "r3" and m["date_start"]]


def test_no_rows() -> None:
    given = reconcile({name: t.empty() for name, t in schema.TABLES.items()})
    assert all(t.num_rows == 0 for t in given.values())


def test_large_story_is_quick() -> None:
    reports, towns = 400, [f"Town{n}" for n in range(40)]
    made = []
    for r in range(reports):
        lines, found = [], []
        for n in range(20):
            town = towns[(r * 7 + n) % len(towns)]
            clause = f"Rebels shelled the market of {town} and killed {n + 3} traders there"
            lines.append(clause + ".")
            found.append({"clause": clause, "anchor": "shelled", "type": "ASSAULT", "actors": ["reb"], "place": town})
        made.append({"id": f"r_{r:04}", "text": "\n\n".join(lines), "published": "2024-05-02", "events": found})
    places = [
        {"id": t, "name": t, "kind": "place", "country": "XXB", "latitude": 2.0 * n, "longitude": 0.0}
        for n, t in enumerate(towns)
    ]
    case = {"reports": made, "entities": [*places, {"id": "reb", "name": "Rebels", "kind": "group", "country": "XXB"}]}
    tables = tables_of(case)
    start = time.process_time()
    given = reconcile(tables)
    assert time.process_time() - start < 30
    assert given["events"].num_rows >= len(towns)
    assert given["event_mentions"].column("event_id").null_count == 0


def test_ids_rest_on_content() -> None:
    case = next(read_cases()).values[0]
    ids = reconcile(tables_of(case))["events"].column("event_id").to_pylist()
    assert ids == reconcile(tables_of(case))["events"].column("event_id").to_pylist()
    assert all(i.startswith("ev_") and len(i) == len(key("x", prefix="ev_")) for i in ids)


COUNTS = [
    ((15, 15, True, "2024-01-01"), (15, None, False, "2024-01-01"), "agrees"),
    ((15, 15, True, "2024-01-01"), (22, 22, True, "2024-01-02"), "updates"),
    ((15, 15, True, "2024-01-01"), (22, 22, True, "2024-01-01"), "contradicts"),
    ((24, 100, False, "2024-01-01"), (40, None, False, "2024-01-01"), "refines"),
]


AGES = [
    ((40, 40), (40, 40), "agrees"),
    ((23, 23), (24, 24), "contradicts"),
    ((40, 40), (31, 31), "different_scope"),
    ((10, 15), (10, 14), "spread"),
    ((10, 15), (12, 12), "refines"),
]


@pytest.mark.parametrize(("a", "b", "relation"), AGES)
def test_ages(a: tuple[float, float], b: tuple[float, float], relation: str) -> None:
    one, two = (Value("age", "", "", low, high, low == high) for low, high in (a, b))
    assert relate(one, two) == relation
    assert relate(two, one) == relation


def test_quotations() -> None:
    whole, same, part = (
        Value("quotation", w, w) for w in ('"We stand by it," he said', 'that "we stand by it"', '"stand by it"')
    )
    assert relate(whole, same) == "agrees"
    assert relate(whole, part) == "refines"


@pytest.mark.parametrize(("a", "b", "relation"), COUNTS)
def test_counts(a: tuple[Any, ...], b: tuple[Any, ...], relation: str) -> None:
    one, two = (
        Value("killed", "", "", low, high, exact, not exact, False, None, day) for low, high, exact, day in (a, b)
    )
    assert relate(one, two) == relation
    assert relate(two, one) == relation


def test_an_event_less_sure_than_wanted_leaves_its_mentions_without_one() -> None:
    left = 0
    for case in read_cases():
        tables = tables_of(case.values[0])
        whole = reconcile(tables)
        given = reconcile(tables, 1.0)
        kept = set(given["events"]["event_id"].to_pylist())
        assert kept <= set(whole["events"]["event_id"].to_pylist())
        assert given["event_mentions"].num_rows == whole["event_mentions"].num_rows
        assert set(given["origins"]["event_id"].to_pylist()) == kept
        mentions = given["event_mentions"].to_pylist()
        assert {m["event_id"] for m in mentions} - {None} == kept
        for event in whole["events"].to_pylist():
            mine = [m for m in whole["event_mentions"].to_pylist() if m["event_id"] == event["event_id"]]
            if event["event_id"] not in kept:
                left += 1
                assert event["event_type"] != "OTHER"
            elif event["event_type"] != "OTHER" and event["confidence"] < 1:
                assert len({m["report_id"] for m in mine}) > 1
    assert left
