"""Scripts in every field that a report, or a colleague's corrections, can reach; the whole app walked in a browser."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import duckdb
import pyarrow as pa
import pytest
from playwright.sync_api import Browser

from onrecord import brief, corrections, schema
from onrecord.exports import AS, export, export_as
from onrecord.query import Record
from tests.test_web import HOSTILE, plant
from tests.test_web_browser import CHROMIUM, browser, served, watched

__all__ = ["browser"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium or google-chrome on the PATH")
MOST_OF_A_KIND = 6  # pages of one kind, such as reports, that are walked
# Values that the stages compute, which no input reaches: ISO days, codes, keys, and hashes.
COMPUTED = {
    "date_start",
    "date_end",
    "published_day",
    "correction_id",
    "event_type",
    "row_id",
    "table_name",
    "target",
    "made_at",
    "stage",
}


def reachable() -> list[tuple[str, str]]:
    """Every column of text that is neither of a closed set, nor an id or reference, nor computed."""
    return [
        (table.name, c.name)
        for table in schema.TABLES.values()
        if not table.working and table.name != "meta"
        for c in table.columns
        if c.type in (pa.string(), pa.list_(pa.string())) and not c.values and not c.ref
        if c.name == "external_id" or (not c.name.endswith("_id") and c.name not in COMPUTED)
        if (table.name, c.name) not in {("reports", "text"), ("reports", "uri"), ("timexes", "type")}
    ]


def corrected(path: Path, words: str) -> None:
    """A name set, an event rejected, a type set, by somebody of that name for that reason.

    Control characters are refused in a correction, so the words go without them.
    """
    words = "".join(c for c in words if c.isprintable() or c in "\n\t")
    with Record(path) as record:
        entity, event = record.entities()["entity_id"][0].as_py(), record.events()["event_id"][0].as_py()
    changes = [
        corrections.Change("set", "entities", (entity,), "name", words),
        corrections.Change("reject", "events", (event,)),
        corrections.Change("set", "events", (event,), "event_type", "AGREE"),
    ]
    corrections.make_all(path, changes, why=words, who=words)


def plant_everywhere(path: Path) -> None:
    """A script in every such column, in the log of corrections and what these did; offsets kept."""
    corrected(path, HOSTILE)
    plant(path)
    with duckdb.connect(str(path)) as db:
        for table, column in reachable():
            kind = schema.table(table).column(column).type
            if table in ("corrections", "effects") and column in ("value", "before", "after", "evidence", "field"):
                continue  # JSON, and names of columns: below
            planted = f"{HOSTILE} {column}"
            value = [planted] if kind == pa.list_(pa.string()) else planted
            db.execute(f'UPDATE "{table}" SET "{column}" = $1 WHERE "{column}" IS NOT NULL', [value])
        inside = json.dumps({"words": HOSTILE, "reports": [HOSTILE]})
        db.execute("UPDATE corrections SET value = $1 WHERE value IS NOT NULL", [json.dumps(HOSTILE)])
        db.execute("UPDATE corrections SET evidence = $1", [inside])
        db.execute("UPDATE effects SET before = $1, after = $1", [json.dumps(HOSTILE)])
        db.execute("UPDATE reports SET external_id = $1 || report_id, language = $1", [HOSTILE])


@pytest.fixture(scope="module")
def path(example_record: Record, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile-walk") / "record.duckdb"
    shutil.copy(example_record.path, path)
    plant_everywhere(path)
    return path


@pytest.fixture(scope="module")
def home(path: Path) -> Iterator[str]:
    yield from served(path)


def test_the_script_stands_in_every_field(path: Path) -> None:
    with Record(path) as record:
        for table, column in reachable():
            given = [v for v in record.table(table)[column].to_pylist() if v]
            if not given or table in ("effects", "corrections"):
                continue
            assert all("<script>" in str(v) for v in given), f"{table}.{column}"
        for column in ("made_by", "note", "value", "evidence"):
            assert "<script>" in str(record.table("corrections")[column].to_pylist()), column


def test_no_script_runs_on_any_page(browser: Browser, home: str) -> None:
    page, wrong = watched(browser, home)
    tables = [f"/sql?q={quote(f'SELECT * FROM {name}')}" for name in schema.TABLES]
    todo = ["/", "/search?q=script", "/search?q=" + quote(HOSTILE[:60]), "/corrections", "/record", "/api", *tables]
    seen: set[str] = set()
    kinds: Counter[str] = Counter()
    shown = 0
    while todo:
        address = todo.pop(0).partition("#")[0]
        path = address.partition("?")[0]
        kind = path.strip("/").partition("/")[0] + ("/compare" if path.endswith("/compare") else "")
        if address in seen or path.endswith((".csv", ".json")) or path.startswith(("/api/", "/static", "/openapi")):
            continue
        if kinds[kind] >= (len(tables) if kind == "sql" else MOST_OF_A_KIND):
            continue
        seen.add(address)
        kinds[kind] += 1
        page.goto(home + address)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        shown += "<script>alert(1)</script>" in page.locator("body").inner_text()
        assert page.locator("body script:not([src^='/static/'])").count() == 0, address
        assert page.locator("img, svg[onload], [onerror], [onload], a[href^='javascript']").count() == 0, address
        todo += page.eval_on_selector_all("a[href^='/']", "links => links.map(a => a.getAttribute('href'))")
    page.context.close()
    assert wrong == []
    assert kinds.keys() >= {
        "", "search", "corrections", "record", "api", "sql", "stories", "stories/compare", "reports", "events",
        "entities",
    }, kinds  # fmt: skip
    assert shown > 0.6 * len(seen), "the pages show what was planted"


def test_no_script_runs_in_a_brief(browser: Browser, path: Path, tmp_path: Path) -> None:
    page_file = tmp_path / "brief.html"
    with Record(path) as record:
        briefs = [brief.story_brief(record, s) for s in record.stories()["story_id"].to_pylist()]
    page_file.write_text(brief.page(briefs), encoding="utf-8")
    page, wrong = watched(browser, page_file.as_uri())
    page.goto(page_file.as_uri())
    assert "<script>alert(1)</script>" in page.locator("body").inner_text()
    assert page.locator("body script, img, [onerror], [onload], a[href^='javascript']").count() == 0
    page.context.close()
    assert wrong == []


@pytest.mark.parametrize("form", [*sorted(AS), "csv"])
def test_no_cell_of_an_export_begins_as_a_formula(path: Path, tmp_path: Path, form: str) -> None:
    import csv

    risky = tmp_path / "r.duckdb"
    shutil.copy(path, risky)
    with duckdb.connect(str(risky)) as db:
        for table, column in reachable():
            if schema.table(table).column(column).type == pa.string() and table not in ("corrections", "effects"):
                db.execute(f'UPDATE "{table}" SET "{column}" = $1 WHERE "{column}" IS NOT NULL', ['=HYPERLINK("x")'])
    with Record(risky) as record:
        export(record, tmp_path / "out", form) if form == "csv" else export_as(record, tmp_path / "out", form)
    files = [tmp_path / "out"] if (tmp_path / "out").is_file() else list((tmp_path / "out").rglob("*"))
    assert files
    for file in files:
        if file.suffix == ".csv":
            with file.open(encoding="utf-8", newline="") as lines:
                for row in csv.reader(lines):
                    assert not [c for c in row if c[:1] in ("=", "+", "@", "\t", "\r")], file.name
