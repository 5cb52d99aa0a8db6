"""Reports that tell several happenings: in one story as a whole, in others by a part; the same however it was built."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from crashing import rows
from test_group import tables

from onrecord import brief, changing, corrections, pipeline, schema
from onrecord.acrossreports import MENTIONS_A_BATCH
from onrecord.corrections import Change
from onrecord.model import Homes
from onrecord.query import Record
from onrecord.stages import group as stage
from onrecord.stages import link, time
from onrecord.stages.group import parts as looking
from onrecord.stages.group import stretches

CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "cases/group/parts.jsonl").read_text("utf-8").splitlines()
]
ROUND_UP = CASES[0]


def belongs(case: dict[str, Any]) -> list[dict[str, Any]]:
    reports, segments = tables(case["reports"], case["days"])
    return list(stage.group(reports, segments, schema.ALIGNMENTS.empty())[1].to_pylist())


@pytest.mark.parametrize("case", CASES, ids=lambda c: str(c["name"]))
def test_case(case: dict[str, Any]) -> None:
    found = belongs(case)
    home = {int(r["report_id"][1:]): r["story_id"] for r in found if r["parts"] is None}
    assert sorted(home) == list(range(len(case["reports"]))), "every report is in one story as a whole"
    labels = {home[i]: label for i, label in enumerate(case["stories"]) if label is not None}
    assert [labels[home[i]] for i, label in enumerate(case["stories"]) if label is not None] == [
        label for label in case["stories"] if label is not None
    ]
    told: dict[int, set[tuple[int, str]]] = {}
    for row in found:
        report = int(row["report_id"][1:])
        for part in row["parts"] or ():
            words = case["reports"][report][part["char_start"] : part["char_end"]]
            told.setdefault(report, set()).add((labels[row["story_id"]], words))
    for report, wanted in case["parts"].items():
        i = int(report)
        for label, first, last in wanted:
            if labels[home[i]] == label:
                continue
            assert [w for s, w in told[i] if s == label and w.startswith(first) and w.endswith(last)]
        assert len(told[i]) == sum(labels[home[i]] != label for label, _, _ in wanted)
    assert told.keys() == {int(r) for r in case["parts"]}


def test_background_would_join_if_it_need_not_be_far_from_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "APART", 1.0)
    backgrounds = [c for c in CASES if c["name"].startswith("background on an earlier")]
    assert [sum(r["parts"] is not None for r in belongs(c)) for c in backgrounds] == [1]


def test_the_order_of_reports_changes_nothing() -> None:
    reports, segments = tables(ROUND_UP["reports"], ROUND_UP["days"])
    here, there = (
        stage.group(r, segments, schema.ALIGNMENTS.empty()) for r in (reports, reports.take(list(range(6, -1, -1))))
    )
    assert [t.to_pylist() for t in here] == [t.to_pylist() for t in there]


def test_what_stands_at_a_place_is_of_one_story() -> None:
    homes = Homes(
        [
            {"story_id": "s_1", "report_id": "r", "parts": None},
            {"story_id": "s_2", "report_id": "r", "parts": [{"char_start": 10, "char_end": 20}]},
        ]
    )
    assert [homes.at("r", at) for at in (0, 9, 10, 19, 20)] == ["s_1", "s_1", "s_2", "s_2", "s_1"]
    assert homes.at("other", 0) is None
    assert homes.of("r") == {"s_1", "s_2"}


def test_a_report_is_dated_by_the_story_that_it_is_of_as_a_whole() -> None:
    reports, _ = tables([t[:40] for t in ROUND_UP["reports"][:3]], [6, 20, None])
    part = [{"char_start": 0, "char_end": 10}]
    members = schema.STORY_REPORTS.from_rows(
        {"story_id": s, "report_id": r, "parts": p}
        for s, r, p in (("s_1", "r0000", None), ("s_2", "r0001", None), ("s_1", "r0002", None), ("s_2", "r0002", part))
    )
    dated = time.date_by_story(reports, members, schema.ALIGNMENTS.empty()).to_pylist()
    assert [r["published_day"] for r in dated][2] == "2023-05-06"


def test_names_are_linked_within_the_story_that_they_stand_in() -> None:
    texts = ["Hale spoke. Then Ruth Orme spoke.", "Ada Hale left.", "Orme left."]
    reports, _ = tables(texts)
    part = [{"char_start": 12, "char_end": 33}]
    members = schema.STORY_REPORTS.from_rows(
        {"story_id": s, "report_id": r, "parts": p}
        for s, r, p in (("s_1", "r0000", None), ("s_2", "r0000", part), ("s_2", "r0001", None), ("s_2", "r0002", None))
    )
    spots = (("r0000", "Hale"), ("r0000", "Ruth Orme"), ("r0001", "Ada Hale"), ("r0002", "Orme"))
    names = sorted({name for _, name in spots})
    entities = schema.ENTITIES.from_rows({"entity_id": f"e_{n}", "name": n, "kind": "person"} for n in names)
    mentions = schema.ENTITY_MENTIONS.from_rows(
        {"report_id": r, "char_start": (at := texts[int(r[1:])].index(n)), "char_end": at + len(n),
         "entity_id": f"e_{n}", "form": "name"}
        for r, n in spots
    )  # fmt: skip
    assert link.link(entities, mentions, reports, members) == {"e_Orme": "e_Ruth Orme"}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("in")
    for n, text in enumerate(ROUND_UP["reports"]):
        title, _, body = text.partition("\n\n")
        when = datetime(2024, 5, 6, 12 + n, tzinfo=UTC).isoformat()
        row = {"id": f"n{n}", "outlet": f"Outlet {n}", "title": title, "published": when, "text": body}
        (folder / f"{n}.json").write_text(json.dumps(row), encoding="utf-8")
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def path(inputs: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("out") / "r.duckdb"
    pipeline.build(inputs, path)
    return path


def test_each_happening_has_the_round_up_among_its_reports(path: Path) -> None:
    with Record(path) as record:
        assert record.check() == []
        found = record.table("story_reports").to_pylist()
        homes = Homes(found)
        (mixed,) = homes.parts
        assert len(homes.of(mixed)) == 3
        assert sorted(s["n_reports"] for s in record.stories().to_pylist()) == [3, 3, 3]
        events = {e["event_id"]: e for e in record.events().to_pylist()}
        mentions = [m for m in record.event_mentions().to_pylist() if m["event_id"]]
        assert len({m["mention_id"] for m in mentions}) == len(mentions)
        for m in mentions:
            assert events[m["event_id"]]["story_id"] == homes.at(m["report_id"], m["anchor_start"])
        wide = {e["story_id"] for e in events.values() if e["n_reports"] == 3}
        assert wide == homes.of(mixed), "each story has an event that its two reports and the round-up tell"
        for row in record.table("ledger").to_pylist():
            assert events[row["event_id"]]["story_id"] == homes.at(row["report_id"], row["char_start"])


def test_however_it_is_built_the_record_is_the_same(
    path: Path, inputs: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = rows(path)
    pipeline.build(inputs[:6], tmp_path / "added.duckdb")
    changing.add(inputs[6:], tmp_path / "added.duckdb")
    added = rows(tmp_path / "added.duckdb")
    for name, table in expected.items():
        assert added[name] == table, name
    monkeypatch.setattr("onrecord.acrossreports.MENTIONS_A_BATCH", 1)
    assert MENTIONS_A_BATCH > 1
    pipeline.build(inputs[::-1], tmp_path / "turned.duckdb")
    turned = rows(tmp_path / "turned.duckdb")
    for name, table in expected.items():
        assert turned[name] == table, f"{name}, each story by itself"


def test_stories_that_are_merged_have_the_report_once_and_apart_again(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "r.duckdb"
    shutil.copy(path, target)
    expected = rows(path)
    with Record(target) as record:
        homes = Homes(record.table("story_reports").to_pylist())
        (mixed,) = homes.parts
        home = homes.whole[mixed]
        other, third = sorted(homes.of(mixed) - {home})
    made = [corrections.make(target, Change("merge", "stories", (home, other)), who="Kim")]
    with Record(target) as record:
        assert record.check() == []
        homes = Homes(record.table("story_reports").to_pylist())
        assert homes.of(mixed) == {home, third}
        assert {s["story_id"]: s["n_reports"] for s in record.stories().to_pylist()} == {home: 5, third: 3}
    made.append(corrections.make(target, Change("split", "stories", (third,), None, {"reports": [mixed]}), who="Kim"))
    with Record(target) as record:
        assert record.check() == []
        assert sorted(s["n_reports"] for s in record.stories().to_pylist()) == [1, 2, 5]
    for done in reversed(made):
        corrections.undo(target, done.correction.correction_id, who="Kim")
    now = rows(target)
    for name in ("story_reports", "stories", "events", "event_mentions", "origins", "ledger"):
        assert now[name] == expected[name], name


def test_brief_and_pages_say_what_is_told_in_part(path: Path) -> None:
    with Record(path) as record:
        homes = Homes(record.table("story_reports").to_pylist())
        (mixed,) = homes.parts
        other = min(homes.of(mixed) - {homes.whole[mixed]})
        told, whole = (brief.story_brief(record, s) for s in (other, homes.whole[mixed]))
    assert [r.in_part for r in told.reports if r.report_id == mixed] == [True]
    assert not any(r.in_part for r in whole.reports)
    assert "in part" in brief.markdown([told])
    assert "in part" not in brief.markdown([whole])


def test_reports_looked_at_one_by_one_have_the_parts_that_all_together_have(monkeypatch: pytest.MonkeyPatch) -> None:
    together = [belongs(c) for c in CASES]
    assert any(r["parts"] for found in together for r in found)
    monkeypatch.setattr(looking, "AT_ONCE", 1)
    assert [belongs(c) for c in CASES] == together


def test_the_centre_of_a_cluster_is_the_mean_of_its_rows() -> None:
    rows = [{0: 0.6, 2: 0.8}, {1: 1.0}, {2: 0.28, 5: 0.96}, {}, {2: 1.0}]
    bounds = np.cumsum([0, *(len(r) for r in rows)])
    columns = np.asarray([c for r in rows for c in r], np.int32)
    weights = np.asarray([w for r in rows for w in r.values()])
    begin, members = np.asarray([0, 3, 4, 5, 5, 5]), np.asarray([0, 2, 3, 1, 4], np.int32)
    starts, held, means = stretches.centres(bounds, columns, weights, 6, begin, members)
    assert starts.tolist() == [0, 3, 3, 3, 3, 3], "a single report's row stands for it"
    assert held.tolist() == [0, 2, 5]
    assert means == pytest.approx([0.6 / 3, 1.08 / 3, 0.96 / 3])
