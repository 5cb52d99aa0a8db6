"""How long the pages of `onrecord serve` take on a record of 24 thousand reports.

The reprints are built once as a record; the record is then laid out as many times side by side as it takes, every id
and every date made its own, so that each copy is stories, events and text of its own. Each kind of page is asked for
at many addresses drawn evenly over the record, once each, over HTTP on this machine, in the server's own process.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pyarrow as pa
import uvicorn

import onrecord
from bench.harness import Figure, Missing, items, options, parser
from onrecord import schema
from onrecord.web import Settings, create

REPORTS, ASKED, PATIENCE = 24_000, 40, 300
SET = "raw_corpus/same_day_reprints"
ENTITY_SHARING = 8  # copies that share their entities, so that the known ones are in hundreds of reports
KINDS = ("front", "filtered", "words", "story", "report", "event", "entity", "compare", "search")

FIGURES = [
    Figure("web.pages.reports", "reports of the record that was served"),
    *(Figure(f"web.pages.{kind}.median_ms", f"milliseconds of a page, median: {kind}") for kind in KINDS),
    *(Figure(f"web.pages.{kind}.cpu_ms", f"processor milliseconds of a page, mean: {kind}") for kind in KINDS),
    Figure("web.pages.median_ms", "milliseconds of a page, median over all kinds"),
    Figure("web.pages.p95_ms", "milliseconds of a page that 95 of 100 stay below, over all kinds"),
    Figure("web.index.seconds", "seconds until the full-text index stands, made beside the first pages"),
]


def run(data: Path, limit: int | None) -> dict[str, float]:
    """The figures of `FIGURES`; `limit` is of the reports that are built, not of those that are served."""
    try:
        rows = items(data, SET, limit=limit)
    except Missing as error:
        print(error, file=sys.stderr)
        return {}
    keep = os.environ.get("ONRECORD_BENCH_CACHE")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(keep) if keep else Path(scratch)
        small = _small(rows, folder)
        large = small.with_name(small.stem + f"-{REPORTS}.duckdb")
        if not large.exists():
            multiply(small, large, REPORTS)
        large.with_name(large.name + ".search").unlink(missing_ok=True)
        return measure(large)


def _small(rows: list[dict[str, Any]], folder: Path) -> Path:
    lines = [json.dumps({("published" if k == "scraped" else k): v for k, v in row.items()}) for row in rows]
    told = hashlib.sha256(f"{schema.SCHEMA_VERSION}\n{parser()}\n{len(lines)}\n{lines[-1]}".encode()).hexdigest()[:12]
    path = folder / f"web-{told}.duckdb"
    if not path.exists():
        reports = folder / f"web-{told}.jsonl"
        reports.write_text("\n".join(lines), encoding="utf-8")
        onrecord.build([reports], path, options=options()).close()
    return path


def multiply(source: Path, target: Path, reports: int) -> None:
    """Lay a record out until it has about that many reports; ids and days are made each copy's own."""
    new = target.with_suffix(".making")
    new.unlink(missing_ok=True)
    with duckdb.connect(str(new)) as db:
        db.execute(f"ATTACH '{source}' AS small (READ_ONLY)")
        times = max(1, round(reports / db.execute("SELECT count(*) FROM small.reports").fetchall()[0][0]))
        for table in schema.TABLES.values():
            copies = times if table.name not in ("meta", "parses", "problems") else 1
            copies = -(-times // ENTITY_SHARING) if table.name == "entities" else copies
            picked = ", ".join(_column(table.name, c) for c in table.columns)
            rows = "" if not table.working else " WHERE false"
            order = f" ORDER BY {', '.join(table.key)}" if table.key else ""
            db.execute(
                f'CREATE TABLE "{table.name}" AS SELECT {picked} FROM small."{table.name}", '
                f"range({copies}) AS c(k){rows}{order}"
            )
    new.replace(target)


_ENTITIES = ("entity_id", "source_entity", "place", "actors", "recipients")
_KEPT = ("external_id", "geonames_id", "correction_id", "row_id")


def _column(table: str, c: schema.Column) -> str:
    own = "'~' || k"
    if c.name in _ENTITIES and (table, c.name) != ("events", "place"):
        own = "'~' || k" if table == "entities" else f"'~' || (k // {ENTITY_SHARING})"
    elif c.name in ("date_start", "date_end"):
        return f"strftime({c.name}::DATE - (k * 9)::INTEGER, '%Y-%m-%d') AS {c.name}"
    elif c.name == "published_at":
        return f"{c.name} - to_days((k * 9)::INTEGER) AS {c.name}"
    elif not (c.name.endswith(("_id", "_ids")) or c.name in ("report_a", "report_b", "parent_attribution", "evidence")):
        return f'"{c.name}"'
    if c.name in _KEPT or (c.name == "evidence" and c.type == schema.TEXT):
        return f'"{c.name}"'
    if c.name == "evidence":
        spans = f"{{'report_id': x.report_id || {own}, 'char_start': x.char_start, 'char_end': x.char_end}}"
        return f"list_transform(evidence, lambda x: {spans}) AS evidence"
    if pa.types.is_list(c.type):
        return f'list_transform("{c.name}", lambda x: x || {own}) AS "{c.name}"'
    return f'"{c.name}" || {own} AS "{c.name}"'


def addresses(record: Path) -> dict[str, list[str]]:
    """Addresses of each kind of page, drawn evenly over the record."""
    with duckdb.connect(str(record), read_only=True) as db:

        def draw(query: str, n: int = ASKED) -> list[Any]:
            found = db.execute(query).fetchall()
            return [found[i * len(found) // n] for i in range(min(n, len(found)))]

        stories = [s for (s,) in draw("SELECT story_id FROM stories WHERE n_reports > 1 ORDER BY hash(story_id)")]
        words = ["police", "minister", "court", "attack", "president", "storm", "vote", "market", "border", "hospital"]
        actors = [a for (a,) in draw("SELECT name FROM entities WHERE kind = 'person' ORDER BY hash(name)", 10)]
        out = {
            "front": [f"/?page={n}&sort={s}" for n in range(1, 11) for s in ("reports", "origins", "newest", "oldest")],
            "filtered": [f"/?actor={quote(a)}" for a in actors]
            + [f"/?type={t}&origins={n}" for t in ("ASSAULT", "ACCUSE", "CONSULT") for n in range(2, 6)]
            + [f"/?country={c}" for c in ("USA", "GBR", "RUS", "FRA", "CHN")],
            "words": [f"/?q={w}" for w in words] + [f"/?q={a}+{b}" for a in words[:4] for b in words[4:]],
            "story": [f"/stories/{s}" for s in stories],
            "compare": [f"/stories/{s}/compare" for s in stories],
            "report": [f"/reports/{r}" for (r,) in draw("SELECT report_id FROM reports ORDER BY hash(report_id)")],
            "event": [f"/events/{e}" for (e,) in draw("SELECT event_id FROM events ORDER BY hash(event_id)")],
            "entity": [f"/entities/{e}" for (e,) in draw("SELECT entity_id FROM entities ORDER BY hash(entity_id)")],
            "search": [f"/search?q={w}" for w in words] + [f'/search?q="{a}"+{b}' for a in words for b in words[:3]],
        }
    return {kind: [quote(a, safe="/?=&+%~") for a in out[kind]] for kind in KINDS}


def measure(record: Path) -> dict[str, float]:
    """Milliseconds of each kind of page, asked for over HTTP one after the other."""
    asked = addresses(record)
    app = create(Settings(record, read_only=True))
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    home = f"http://127.0.0.1:{listening.getsockname()[1]}"
    out: dict[str, float] = {}
    try:
        begun = time.perf_counter()
        while b'"index_ready": true' not in _get(home + "/record.json"):
            time.sleep(0.5)
            if time.perf_counter() - begun > PATIENCE:
                raise TimeoutError(f"no full-text index after {PATIENCE} s")
        out["web.index.seconds"] = time.perf_counter() - begun
        _get(home + "/")
        every: list[float] = []
        for kind, pages in asked.items():
            taken = []
            busy = time.process_time()
            for page in pages:
                start = time.perf_counter()
                _get(home + page)
                taken.append((time.perf_counter() - start) * 1000)
            out[f"web.pages.{kind}.median_ms"] = statistics.median(taken)
            out[f"web.pages.{kind}.cpu_ms"] = (time.process_time() - busy) * 1000 / len(taken)
            every += taken
        out["web.pages.median_ms"] = statistics.median(every)
        out["web.pages.p95_ms"] = statistics.quantiles(every, n=20)[-1]
    finally:
        server.should_exit = True
        thread.join(timeout=30)
    with duckdb.connect(str(record), read_only=True) as db:
        out["web.pages.reports"] = float(db.execute("SELECT count(*) FROM reports").fetchall()[0][0])
    return out


def _get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=120) as answer:
        body: bytes = answer.read()
    return body
