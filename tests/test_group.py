from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from onrecord import schema
from onrecord.stages import group as stage
from onrecord.stages.group import linkage
from onrecord.stages.group.features import terms
from onrecord.stages.group.linkage import COHESION, COHESION_CAP, average_link
from onrecord.stages.group.pairs import Edges

FLOOD = [
    "Dam bursts above Lower Tarn\n\nA dam above the village of Lower Tarn burst on Tuesday night and water swept away "
    "eleven houses, the Tarn Valley fire service said. Four people are missing. Engineers had warned in May of cracks "
    "in the spillway of the Harrow dam, which the county bought in 1998.",
    "Four missing after Harrow dam gives way\n\nRescue teams searched through the mud of Lower Tarn on Wednesday for "
    "four people who have not been seen since the Harrow dam failed. The fire service counted eleven houses destroyed. "
    "County engineers reported cracks in the spillway in spring.",
]
VOTE = [
    "Senate of Orsia votes down fuel tax\n\nThe senate of Orsia rejected a fuel tax by 41 votes to 38 on Tuesday, a "
    "defeat for Prime Minister Ilse Brandt, who had staked her budget on it. Brandt said she would not resign.",
    "Brandt loses fuel tax vote\n\nPrime Minister Ilse Brandt of Orsia failed to get her fuel tax through the senate, "
    "where 41 members voted against. The budget must now be written anew, the finance ministry said.",
]


def tables(texts: list[str], days: list[int | None] | None = None) -> tuple[pa.Table, pa.Table]:
    reports = schema.REPORTS.from_rows(
        {
            "report_id": f"r{i:04d}",
            "uri": f"{i}.txt",
            "text": t,
            "title": t.split("\n")[0],
            "published_at": datetime(2023, 5, d, tzinfo=UTC) if days and (d := days[i]) else None,
        }
        for i, t in enumerate(texts)
    )
    return reports, schema.SEGMENTS.empty()


def stories(texts: list[str], days: list[int | None] | None = None) -> list[set[int]]:
    reports, segments = tables(texts, days)
    _, belongs = stage.group(
        reports,
        segments,
        schema.ALIGNMENTS.empty(),
    )
    out: dict[str, set[int]] = {}
    for row in belongs.to_pylist():
        out.setdefault(row["story_id"], set()).add(int(row["report_id"][1:]))
    return sorted(out.values(), key=min)


CASES = [
    json.loads(line) for line in (Path(__file__).parent / "cases/group/stories.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: str(c["name"]))
def test_case(case: dict[str, Any]) -> None:
    gold: dict[int, set[int]] = {}
    for i, label in enumerate(case["stories"]):
        gold.setdefault(label, set()).add(i)
    assert stories(case["reports"]) == sorted(gold.values(), key=min)


def test_two_reports_of_one_happening() -> None:
    assert stories(FLOOD) == [{0, 1}]


def test_words_that_were_counted_before_tell_the_same_stories() -> None:
    reports, segments = tables([*FLOOD, *VOTE], [1, 2, 1, None])
    nothing = schema.ALIGNMENTS.empty()
    counted = schema.TERMS.from_rows(
        {"report_id": r["report_id"], **terms(r["text"], [], r["title"])} for r in reports.to_pylist()
    )
    assert counted["counts"][0].as_py() and min(counted["counts"][0].as_py()) < 0, "a name"
    expected = stage.group(reports, segments, nothing)
    for some in (counted, counted.slice(1, 2), counted.take([3, 1, 0, 2])):
        assert stage.group(reports, segments, nothing, some) == expected
    bare: dict[str, list[int]] = {"paragraphs": [], "held": [], "said": []}
    other = schema.TERMS.from_rows(
        {"report_id": f"r{i:04d}", "words": [f"w{i}"], "counts": [9], **bare} for i in range(4)
    )
    assert stage.group(reports, segments, nothing, other)[0].num_rows == 4


def test_two_reports_of_two_happenings() -> None:
    assert stories([FLOOD[0], VOTE[0]]) == [{0}, {1}]


def test_four_reports_two_stories_in_any_order() -> None:
    assert stories([FLOOD[0], VOTE[0], VOTE[1], FLOOD[1]]) == [{0, 3}, {1, 2}]


def test_alike_are_reports_of_one_story_and_others_as_near() -> None:
    reports, segments = tables([*FLOOD, *VOTE])
    found = stage.alike(reports, segments, schema.ALIGNMENTS.empty())
    assert found == {("r0000", "r0001"), ("r0002", "r0003")}


def test_story_row() -> None:
    reports, segments = tables(FLOOD, [3, 4])
    found, _ = stage.group(reports, segments, schema.ALIGNMENTS.empty())
    (row,) = found.to_pylist()
    assert (row["date_start"], row["date_end"], row["n_reports"], row["n_origins"]) == (
        "2023-05-03",
        "2023-05-04",
        2,
        0,
    )
    assert row["title"] in {t.split("\n")[0] for t in FLOOD}


def test_story_id_is_that_of_the_first_report_and_stays_when_one_joins() -> None:
    def ids(n: int) -> set[str]:
        reports, segments = tables([*FLOOD, *VOTE][:n], [2, 3, 4, 5][:n])
        found, _ = stage.group(reports, segments, schema.ALIGNMENTS.empty())
        return set(found.column("story_id").to_pylist())

    assert ids(1) < ids(3) == ids(4)
    assert len(ids(4)) == 2


def test_empty_reports_are_stories_of_their_own() -> None:
    assert stories(["", "\n", "…"]) == [{0}, {1}, {2}]


def test_copied_text_joins() -> None:
    reports, segments = tables(["Harbour\n\n" + "Kett pier closed. " * 3, "Pier\n\n" + "Kett pier closed. " * 3])
    row = {"report_a": "r0000", "a_start": 9, "a_end": 60, "report_b": "r0001", "b_start": 6, "b_end": 57}
    both = schema.ALIGNMENTS.from_rows([{**row, "words": 9, "similarity": 1.0, "kind": "verbatim", "quotation": False}])
    found, _ = stage.group(reports, segments, both)
    assert found.num_rows == 1


@pytest.mark.parametrize(
    ("edges", "joined", "labels"),
    [
        ([(0, 1, 0.9), (1, 2, 0.5)], [], [0, 0, 2, 3]),
        ([(0, 1, 0.9), (1, 2, 0.9), (0, 2, 0.7)], [], [0, 0, 0, 3]),
        ([(0, 1, 0.1)], [(1, 3)], [0, 1, 2, 1]),
    ],
)
def test_average_link(edges: list[tuple[int, int, float]], joined: list[tuple[int, int]], labels: list[int]) -> None:
    assert average_link(4, Edges.of(4, edges), joined, 0.4) == labels


def _merged_slowly(n: int, edges: list[tuple[int, int, float]], least: float) -> list[int]:
    """Average link by its definition, every mean worked out anew; the first of equals by the least items."""
    similarity = {(i, j): s for i, j, s in edges}
    clusters = [[i] for i in range(n)]

    def total(one: list[int], two: list[int]) -> float:
        return sum(similarity.get((min(i, j), max(i, j)), 0.0) for i in one for j in two)

    def own(one: list[int]) -> float:
        return total(one, one) / (len(one) * (len(one) - 1))

    while True:
        best: tuple[float, list[int], list[int]] | None = None
        for x, one in enumerate(clusters):
            for two in clusters[x + 1 :]:
                mean = total(one, two) / (len(one) * len(two))
                loose = min([COHESION_CAP, *(own(c) for c in (one, two))]) if len(one) > 1 < len(two) else 0.0
                if mean >= least and mean >= COHESION * loose and (best is None or mean > best[0]):
                    best = mean, one, two
        if best is None:
            break
        clusters = [c for c in clusters if c is not best[1] and c is not best[2]]
        clusters.append(sorted(best[1] + best[2]))
        clusters.sort()
    label = {i: min(c) for c in clusters for i in c}
    return [label[i] for i in range(n)]


@pytest.mark.parametrize("seed", range(12))
def test_compiled_merging_gives_what_its_definition_gives(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linkage, "AHEAD", 1e9)  # a lone item stays alone
    draw = random.Random(seed)
    n = 40
    home = [draw.randrange(9) for _ in range(n)]
    edges = [
        (i, j, draw.uniform(0.15, 0.9) if home[i] == home[j] else draw.uniform(0.06, 0.35))
        for i, j in combinations(range(n), 2)
        if home[i] == home[j] or draw.random() < 0.3
    ]
    assert average_link(n, Edges.of(n, edges), [], 0.2) == _merged_slowly(n, edges, 0.2)
