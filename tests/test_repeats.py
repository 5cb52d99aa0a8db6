from __future__ import annotations

from pathlib import Path

import onrecord

PROMO = "Kelmouth tonight: ten things to do on the waterfront"
AGENCY = "The ministry said on Tuesday that it would open an inquiry into the line and publish what it found in May."
STORIES = {
    "ferry": "The ferry sank at dawn on Tuesday, officials said. Two passengers were missing after the storm.",
    "mayor": "The mayor resigned on Monday after the council had voted to close the harbour, her office said.",
    "mine": "Miners in the north went on strike on Sunday over wages unpaid since the new year, they said.",
}


def build(tmp_path: Path, reports: list[tuple[str, str, list[str]]]) -> dict[str, dict[str, str]]:
    """(name, outlet, lines) as reports; (name → line → kind) of what was built."""
    import json

    rows = [{"id": name, "outlet": outlet, "text": "\n\n".join(lines)} for name, outlet, lines in reports]
    source = tmp_path / "in.jsonl"
    source.write_text("\n".join(json.dumps(r) for r in rows), encoding="utf-8")
    record = onrecord.build([source], tmp_path / "r.duckdb")
    texts = {r["report_id"]: (r["external_id"], r["text"]) for r in record.table("reports").to_pylist()}
    out: dict[str, dict[str, str]] = {}
    for s in record.table("segments").to_pylist():
        name, text = texts[s["report_id"]]
        out.setdefault(name, {})[text[s["char_start"] : s["char_end"]]] = s["kind"]
    return out


def test_a_line_in_many_reports_of_one_outlet_is_furniture_and_agency_copy_in_many_outlets_is_not(tmp_path) -> None:
    later = (
        "Nothing more was known in the evening, and the search goes on at first light, a spokesman said to reporters."
    )
    same = [(n, "Northern Herald", [s, PROMO, later.replace("search", n)]) for n, s in STORIES.items()]
    many = [(f"x{n}", f"Outlet {n}", [s, AGENCY, PROMO]) for n, s in enumerate(STORIES.values())]
    kinds = build(tmp_path, same + many)
    assert [kinds[n][PROMO] for n in STORIES] == ["teaser"] * 3
    assert all(kinds[f"x{n}"][AGENCY] == "body" for n in range(3))
    assert all(kinds[n][s] == "body" for n, s in STORIES.items())


def test_updates_of_one_report_are_no_evidence(tmp_path) -> None:
    poll = "What the people of Kelmouth told us about the ferry"
    versions = [
        (f"v{n}", "Northern Herald", [f"Update {n} of the day came in.", STORIES["ferry"], poll, STORIES["mine"]])
        for n in range(4)
    ]
    alone = build(tmp_path, versions[:1])
    kinds = build(tmp_path, versions)
    assert {kinds[f"v{n}"][poll] for n in range(4)} == {alone["v0"][poll]}
    assert all(kinds[f"v{n}"][STORIES["mine"]] == "body" for n in range(4))
