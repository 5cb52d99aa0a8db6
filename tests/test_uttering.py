"""Utterances are the same when few attributions came in as when all are compared together."""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from onrecord import schema, uttering
from onrecord.stages.attribute import shares, utterances
from onrecord.stages.attribute.utterances import sayings
from onrecord.store import Workspace

SPEECHES = (
    "We will rebuild every lighthouse along the northern coast before the winter storms, and nobody will pay twice",
    "The harbour board has failed the fishermen, the pilots and the towns that feed them since the bridge collapsed",
    "No captain should ever again sail through that channel without a chart, a pilot and a working radio aboard",
    "Grain prices doubled because the canal silted up while the ministry was busy counting its own warehouses",
)


def spoken(rng: random.Random) -> str:
    """A speech whole, trimmed at either end, or with some of its words in another place."""
    words = rng.choice(SPEECHES).split()
    if rng.random() < 0.4:
        cut = rng.randint(0, len(words) // 2)
        words = words[cut:] if rng.random() < 0.5 else words[: len(words) - cut]
    elif rng.random() < 0.5:
        at = rng.randint(3, len(words) - 3)
        words = words[at:] + words[:at]
    return " ".join(words)


def report(rng: random.Random, n: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    text, rows = "", []
    for k in range(rng.randint(1, 3)):
        direct = rng.random() < 0.6
        piece = f'"{spoken(rng)}"' if direct else spoken(rng)
        span = {"char_start": len(text), "char_end": len(text) + len(piece)}
        text += piece + "\n"
        source = rng.choice(["e_mayor", "e_pilot", "e_pilot", None])
        rows.append(
            {
                "attribution_id": f"a{rng.randint(0, 10**6):07d}_{k}", "report_id": f"r{n:03d}",
                "content_spans": [span], "cue_spans": [], "source_spans": [], "source_type": "named",
                "kind": "direct" if direct else "indirect", "source_entity": source,
                "source_label": None if source else rng.choice(["a clerk", None]),
            }
        )  # fmt: skip
    day = datetime(2033, 2, 1, tzinfo=UTC) + timedelta(days=rng.randint(0, 9))
    return {"report_id": f"r{n:03d}", "uri": f"{n}.txt", "text": text, "published_at": day}, rows


Told = list[tuple[dict[str, Any], list[dict[str, Any]]]]


def tables(told: Told) -> dict[str, pa.Table]:
    return {
        "reports": schema.REPORTS.from_rows(r for r, _ in told),
        "attributions": schema.ATTRIBUTIONS.from_rows(a for _, rows in told for a in rows),
        "sayings": schema.SAYINGS.from_rows(s for r, rows in told for s in sayings(r["text"], rows)),
    }


def answers(told: Told) -> dict[str, tuple[str, float]]:
    made = tables(told)
    found = utterances(made["attributions"], made["reports"], made["sayings"])
    kept = shares(made["attributions"], found)
    return {a: (u, kept[a]) for a, u in found.items()}


@pytest.mark.parametrize("seed", range(16))
def test_attributions_that_come_go_or_differ_give_what_comparing_all_gives(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"FEW": 3, "CROWD": 4 + seed % 3}.items():
        monkeypatch.setattr(sys.modules["onrecord.stages.attribute.utterances"], name, value)
    monkeypatch.setattr(uttering, "CROWD", 4 + seed % 3)
    rng = random.Random(seed)
    before = [report(rng, n) for n in range(14)]
    now = [*before, *(report(rng, n) for n in range(14, 14 + seed % 4))]
    now[3] = report(rng, 3)  # what it said before is gone
    before_all, now_all = answers(before), answers(now)
    with Workspace(tmp_path / "record.duckdb") as work:
        work.db.execute("CREATE SCHEMA standing")
        for name, rows in tables(before).items():
            work.db.register("rows", rows)
            work.db.execute(f"CREATE TABLE standing.{name} AS SELECT * FROM rows")
            work.db.unregister("rows")
        put(work, "standing.", before_all)
        for name, rows in tables(now).items():
            work.put(name, rows)
        put(work, "", {a: v for a, v in before_all.items() if not any(x["attribution_id"] == a for x in before[3][1])})
        uttering.utter_few(work, ["r003", *(r["report_id"] for r, _ in now[14:])])
        got = work.db.execute("SELECT attribution_id, utterance_id, utterance_share FROM attributions").fetchall()
        assert {a: (u, k) for a, u, k in got} == now_all


def put(work: Workspace, of: str, known: dict[str, tuple[str, float]]) -> None:
    work.db.register("known", pa.table({"id": list(known), "u": [u for u, _ in known.values()],
                                        "k": [k for _, k in known.values()]}))  # fmt: skip
    work.db.execute(
        f"UPDATE {of}attributions SET utterance_id = u, utterance_share = k FROM known WHERE id = attribution_id"
    )
    work.db.unregister("known")
