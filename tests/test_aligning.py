"""What reports share is the same when few came in as when all are aligned together."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from onrecord import aligning, schema
from onrecord.stages import align as stage
from onrecord.stages.align import candidates, passages
from onrecord.store import Workspace

NAMES = ("alignments", "derivations", "compared", "grams")
OUTLETS = (None, "Gull Post", "Tern", "Skua Weekly")


def sentence(rng: random.Random, name: str, n: int) -> str:
    return " ".join(f"{name}{rng.randint(0, 400)}" for _ in range(n)).capitalize() + "."


def written(rng: random.Random, n: int) -> list[dict[str, Any]]:
    """Reports that copy whole and in part, each with lines that many others have."""
    stock = [sentence(rng, f"stock{i}x", 13) for i in range(4)]
    stories = [[sentence(rng, f"story{s}x", rng.randint(9, 16)) for _ in range(6)] for s in range(4)]
    out = []
    for i in range(n):
        lines = [sentence(rng, f"own{i}x", 12) for _ in range(rng.randint(0, 8))]
        if rng.random() < 0.7:
            story = rng.choice(stories)
            lines += story[rng.randint(0, 4) :] if rng.random() < 0.6 else rng.sample(story, 2)
        lines += rng.sample(stock, rng.randint(0, 3))
        rng.shuffle(lines)
        day = datetime(2031, 5, 1, tzinfo=UTC) + timedelta(hours=rng.randint(0, 90))
        facts = {"outlet": rng.choice(OUTLETS), "published_at": day if rng.random() < 0.7 else None}
        out.append({"report_id": f"r{rng.randint(0, 10**6):07d}", "uri": f"{i}.txt", "text": "\n".join(lines), **facts})
    return out


def tables(rows: list[dict[str, Any]]) -> dict[str, pa.Table]:
    rows = sorted(rows, key=lambda r: r["report_id"])
    segments = [
        {"report_id": r["report_id"], "char_start": 0, "char_end": len(r["text"]), "kind": "body"} for r in rows
    ]
    credits = schema.CREDITS.empty()
    return {
        "reports": schema.REPORTS.from_rows(rows),
        "segments": schema.SEGMENTS.from_rows(segments),
        "credits": credits,
    }


def rows_of(table: pa.Table) -> list[str]:
    return sorted(map(str, table.to_pylist()))


def grown(
    path: Path, before: list[dict[str, Any]], now: list[dict[str, Any]], known: tuple[pa.Table, ...] | None = None
) -> dict[str, list[str]]:
    """The tables of the reports of `now`, from those that all of `before` were aligned to."""
    was = {r["report_id"]: r for r in before}
    with Workspace(path) as work:
        for name, rows in tables(now).items():
            work.put(name, rows)
        for name, rows in zip(NAMES, known or aligned(before), strict=True):
            work.put(name, rows)
        aligning.align_few(work, [r["report_id"] for r in now if was.get(r["report_id"]) != r])
        return {name: rows_of(work.get(name)) for name in NAMES}


def aligned(rows: list[dict[str, Any]]) -> tuple[pa.Table, ...]:
    return stage.aligned(*tables(rows).values(), schema.COMPARED.empty())


def together(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    return {name: rows_of(table) for name, table in zip(NAMES, aligned(rows), strict=True)}


@pytest.mark.parametrize("seed", range(12))
def test_reports_that_come_in_or_change_give_what_aligning_all_gives(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"CROWD": 5, "KIN": 4, "FAMILIES": 3, "NEIGHBOURS": 2}.items():
        monkeypatch.setattr(candidates, name, value)
    rng = random.Random(seed)
    now = written(rng, 26)
    new = rng.randint(1, 5)
    before = [dict(r) for r in now[new:]]
    if seed % 2:  # of some that stood another text is read now, as where furniture is set aside
        for row in rng.sample(before, 3):
            row["text"] = "\n".join(row["text"].split("\n")[1:]) or "Nothing was told."
    assert grown(tmp_path / "few.duckdb", before, now) == together(now)


def test_a_gram_that_becomes_a_crowds_takes_pairs_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"CROWD": 4, "FAMILIES": 2}.items():
        monkeypatch.setattr(candidates, name, value)
    rng = random.Random(3)
    phrase = sentence(rng, "phrase", 12)
    rows = [
        {"report_id": f"r{i}", "uri": f"{i}.txt", "text": f"{sentence(rng, f'own{i}x', 60)}\n{phrase}"}
        for i in range(6)
    ]
    assert len(together(rows[:4])["compared"]) == 6
    few = grown(tmp_path / "few.duckdb", rows[:4], rows)
    assert few == together(rows) and len(few["compared"]) < 6


def test_a_third_report_of_an_outlet_makes_a_phrase_stock(tmp_path: Path) -> None:
    rng = random.Random(5)
    phrase = sentence(rng, "phrase", 12)
    rows = [
        {
            "report_id": f"r{i}",
            "uri": f"{i}.txt",
            "outlet": outlet,
            "text": f"{sentence(rng, f'own{i}x', 90)}\n{phrase}",
        }
        for i, outlet in enumerate(["Gull Post", "Gull Post", "Tern", "Gull Post"])
    ]
    assert len(together(rows[:3])["alignments"]) == 3
    few = grown(tmp_path / "few.duckdb", rows[:3], rows)
    assert few == together(rows) and len(few["alignments"]) == 3  # those with the one of another outlet


def test_only_pairs_with_a_new_report_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = written(random.Random(8), 20)
    before, now = rows[1:], rows
    expected = together(now)
    known = aligned(before)
    read: set[str] = set()
    find = passages.find

    def counted(words: Any, pairs: Any) -> Any:
        read.update(words.report_ids)
        assert all(rows[0]["report_id"] in (words.report_ids[a], words.report_ids[b]) for a, b in pairs.tolist())
        return find(words, pairs)

    monkeypatch.setattr(passages, "find", counted)
    assert grown(tmp_path / "few.duckdb", before, now, known) == expected
    assert 0 < len(read) < len(rows)
