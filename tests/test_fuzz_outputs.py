"""All that the record says of reports, when these are hostile: exports, briefs, every address of the web app.

Seeded hostile values are written into every column that a report can reach, offsets kept; then everything that reads
them is run. A short run stands in `make test`, a long one in the slow tests; docs/hostile.md says how many.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import networkx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from onrecord import brief, schema
from onrecord.cli import app as command_line
from onrecord.exports import AS, FORMATS, export, export_as
from onrecord.query import Record
from tests import fuzzing, walking
from tests.test_web import TOKEN, client, ready
from tests.test_web_hostile import corrected, reachable

SEED = 20261122
SHORT, LONG = 1, 40
VALUES = 24  # different hostile values in one column
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
NOT_PRINTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
MARKUP = (
    "<xss>", '"><xss>', "'><xss>", "</script><xss>", "</style><xss>", "</title></textarea><xss>", "--><xss>",
    "]]><xss>", "</svg></details></q><xss>", '" onfocus="xss', "' onfocus='xss", " onfocus=xss ", "&lt;xss&gt;",
    "&#60;xss>", "<script>xss()</script>", "<img src=x onerror=xss()>", "<!--", "<![CDATA[", "<?xss ?>", "</", "&",
    "{{7*7}}", "{%raw%}", "${7*7}", "javascript:xss()", "data:text/html,<xss>", "[xss](javascript:xss)",
    "![xss](//xss)", "[xss]: //xss", "\n# xss\n", "\r# xss\r", "\r\n\r\n    xss\r\n", "\n\n<xss>\n\n", "\n---\n",
    "\r===\r", "- xss", "1. xss", "+ xss", "> xss", "***", "~~~", "```\nxss", "|xss|", "\\", "\\\\<xss>", "`<xss>`",
    "<http://xss>", "<xss@xss.example>",
)  # fmt: skip
FORMULAS = (
    '=HYPERLINK("x")', "+1+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "＝1+1", "＋1", "－1",
    "＠SUM(1)", '"=1', "'=1", "\u200b=1", "\x00=1", ";=1", ",=1", '",=1', "\u2028=1",
)  # fmt: skip
ADDRESSES = (
    "javascript:xss()//", " JavaScript:xss()", "https://xss.example/<xss>?\"'>=", "http://[::1", "file:///etc/x",
    "//xss", "://", "https://xss.example/\r\nSet-Cookie: x=1", "a\tb\nc://", "crawl.warc#\u202e", "https://xss.example/%00%",
)  # fmt: skip


def value(dice: random.Random) -> str:
    """A word or a few that no report should be able to do harm with; never without any character."""
    kinds: tuple[Callable[[], str], ...] = (
        lambda: dice.choice(MARKUP),
        lambda: dice.choice(FORMULAS),
        lambda: dice.choice(fuzzing.ODD),
        lambda: dice.choice(fuzzing.NUMBERS),
        lambda: dice.choice(fuzzing.DATES),
        lambda: dice.choice(ADDRESSES),
        lambda: dice.choice(fuzzing.PLAIN),
        lambda: dice.choice("x\u0301\"'“—\u202e") * dice.choice((1, 40, 3000)),
        lambda: "".join(chr(dice.choice((dice.randrange(0x20), dice.randrange(0x7F, 0x2100)))) for _ in range(8)),
        lambda: chr(dice.randrange(0xE000, 0x11_0000)) * 2,
    )
    return dice.choice(("", "", " ")).join(dice.choice(kinds)() for _ in range(dice.choice((1, 1, 2, 4))))


def text_of(dice: random.Random, length: int) -> str:
    """A hostile text of a given length, so that every offset of the record stays within it."""
    parts: list[str] = []
    while sum(map(len, parts)) < length:
        parts.append(value(dice)[:400])
    return "".join(parts)[:length]


def dirty(path: Path, dice: random.Random) -> int:
    """Hostile values in every column of text that a report or a correction can reach; how many different ones."""
    tried = 0
    one = f"list_extract($1, 1 + (hash(rowid, $2) % {VALUES})::INTEGER)"
    each = f"list_transform(COLUMN, lambda x, i: CASE WHEN x IS NULL THEN x ELSE {one.replace('$2', '$2 + i')} END)"
    with duckdb.connect(str(path)) as db:

        def put(table: str, column: str, wording: str, make: Callable[[], str]) -> None:
            nonlocal tried
            tried += VALUES
            values = [make() for _ in range(VALUES)]
            db.execute(
                f'UPDATE "{table}" SET "{column}" = {wording} WHERE "{column}" IS NOT NULL',
                [values, dice.randrange(2**31)],
            )

        for table, column in [*reachable(), ("reports", "uri")]:
            if table in ("corrections", "effects") and column in ("value", "before", "after", "evidence", "field"):
                continue  # JSON, and names of columns: below
            kind = schema.table(table).column(column).type
            wording = each.replace("COLUMN", f'"{column}"') if kind == pa.list_(pa.string()) else one
            made = (lambda: dice.choice(ADDRESSES) + value(dice)) if column == "uri" else (lambda: value(dice))
            put(table, column, wording, made)
        for table, column in (("corrections", "value"), ("effects", "before"), ("effects", "after")):
            put(
                table,
                column,
                one,
                lambda: json.dumps(dice.choice((value(dice), [value(dice)], {"words": value(dice)}))),
            )
        kept = "char_start := x.char_start, char_end := x.char_end, value := x.value"
        quantity = f"struct_pack({kept}, unit := {one}, role := {one})"
        put("event_mentions", "quantities", f"list_transform(quantities, lambda x: {quantity})", lambda: value(dice))
        for report, length in db.execute("SELECT report_id, length(text) FROM reports ORDER BY 1").fetchall():
            db.execute("UPDATE reports SET text = ? WHERE report_id = ?", [text_of(dice, length), report])
            tried += 1
        db.execute("INSERT INTO problems SELECT ?, NULL, 'read', ?, ?, NULL", [value(dice) for _ in range(3)])
    return tried


@pytest.fixture(scope="module")
def base(example_record: Record, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples' record with corrections of three kinds."""
    path = tmp_path_factory.mktemp("outputs") / "record.duckdb"
    shutil.copy(example_record.path, path)
    corrected(path, "<xss>")
    return path


def planted(base: Path, folder: Path, seed: int) -> Path:
    path = folder / f"{seed}.duckdb"
    shutil.copy(base, path)
    assert dirty(path, random.Random(f"outputs {seed}")) > 1_000
    return path


def strictly(text: str | bytes) -> Any:
    """JSON as the standard has it: no NaN, no infinity."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def number(cell: str) -> bool:
    return re.fullmatch(r"-\d+(\.\d+)?(e-?\d+)?", cell) is not None


def guarded(rows: list[list[str]], name: str) -> None:
    for row in rows:
        risky = [c for c in row if c.startswith(FORMULA) and not number(c)]
        assert not risky, (name, risky[0][:80])


def cells(text: str) -> list[list[str]]:
    csv.field_size_limit(2**30)
    return list(csv.reader(io.StringIO(text, newline="")))


class Page(HTMLParser):
    """A page of HTML; fails on what only a report can have put there, and on what the content policy would refuse."""

    def __init__(self, html: str, scripts: str) -> None:
        super().__init__()
        self.scripts = scripts
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert tag not in ("xss", "img", "iframe", "object", "embed", "base"), tag
        assert not [name for name in given if name.startswith("on") or "xss" in name], given
        if tag == "script":
            assert self.scripts and (given.get("src") or "").startswith(self.scripts), given
        for name in ("href", "src", "action", "xlink:href"):
            link = given.get(name)
            assert link is None or link.startswith(("/", "#", "http://", "https://")), link
            assert link is None or not link.startswith("//"), link

    def handle_comment(self, data: str) -> None:
        assert "xss" not in data

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


def exported(path: Path, folder: Path) -> None:
    with Record(path) as record:
        for form in FORMATS:
            export(record, folder / form, form)
        for name in AS:
            export_as(record, folder / name, name)
            export_as(record, folder / "plain" / name, name, plain=True)
        tables = {t.name: record.table(t.name) for t in schema.TABLES.values() if not t.working}
    for name, table in tables.items():
        assert pq.read_table(folder / "parquet" / f"{name}.parquet").to_pylist() == table.to_pylist()
        lines = (folder / "jsonl" / f"{name}.jsonl").read_bytes().split(b"\n")
        texts = [c.name for c in schema.table(name).columns if c.type in (pa.string(), pa.list_(pa.string()))]
        kept = [{k: row[k] for k in texts} for row in map(strictly, lines[:-1])]
        assert kept == table.select(texts).to_pylist(), name
        rows = cells((folder / "csv" / f"{name}.csv").read_bytes().decode())
        assert len(rows) == table.num_rows + 1 and {len(r) for r in rows} == {table.num_columns}, name
    files = [f for f in folder.rglob("*") if f.is_file() and f.suffix not in (".duckdb", ".parquet", ".jsonl")]
    assert len(files) == 20 + len(tables)
    for file in files:
        written = file.read_bytes().decode()
        if file.suffix == ".csv":
            guarded(cells(written), file.name)
        elif file.suffix in (".tsv", ".tab", ".CSV"):
            rows = [line.split("\t") for line in written.split("\n")[:-1]]
            assert len({len(r) for r in rows}) == 1, file.name
            assert list(csv.reader(io.StringIO(written, newline=""), delimiter="\t")) == rows, file.name
            assert not NOT_PRINTED.search(re.sub("[\u202a-\u202e\u2066-\u2069]", "", written)), file.name
            guarded(rows, file.name)
        elif file.suffix == ".graphml":
            ET.parse(file)
            assert networkx.read_graphml(file, force_multigraph=True).number_of_nodes() > 1
        else:
            assert file.suffix in (".geojson", ".jsonld", ".json"), file.name
            strictly(written)
    for file in folder.rglob("plover.jsonl"):
        assert [strictly(line) for line in file.read_bytes().split(b"\n")[:-1]]


def told(path: Path, folder: Path) -> None:
    with Record(path) as record:
        briefs = [brief.story_brief(record, s) for s in brief.story_ids(record)]
    assert len(briefs) > 1
    told = json.loads(json.dumps(brief.as_json(briefs), allow_nan=False).encode())
    assert [s["title"] for s in told["stories"]] == [b.title for b in briefs]
    html = brief.page(briefs)
    html.encode()
    Page(html, scripts="")
    for b in briefs:
        Page(b._repr_html_(), scripts="")
        for picture in (b.timeline, b.copy_graph):
            if picture:
                ET.fromstring(picture)
    words = brief.markdown(briefs)
    headings = {"#": 0, "##": 0}
    expected = {
        "Reports", "What happened", "Planned, threatened, hypothetical or denied", "Where the reports differ",
        "Where they agree", "Who said what", "Corrected by people", "Who took text from whom",
    }  # fmt: skip
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(words)
    for n, token in enumerate(tokens):
        assert token.type not in ("html_block", "fence", "code_block", "hr", "table_open", "blockquote_open"), token
        assert token.type != "ordered_list_open", tokens[n + 3].content[:200]
        if token.type == "heading_open":
            headings[token.markup] += 1
            assert token.tag == "h1" or tokens[n + 1].content in expected, tokens[n + 1].content
        for child in token.children or ():
            assert child.type not in ("html_inline", "link_open", "image", "s_open"), (child, token.content)
    assert headings["#"] == len(briefs)
    assert headings["##"] >= 4 * len(briefs), headings
    run = CliRunner()
    for more in ([], ["--json"], ["--html", str(folder / "brief.html")]):
        done = run.invoke(command_line, ["brief", str(path), *more])
        assert done.exit_code == 0, done.output[-500:]
        assert not NOT_PRINTED.search(done.stdout)
        if more == ["--json"]:
            assert strictly(done.stdout) == told


def answered(path: Path) -> set[str]:
    """Fetch an example of every route; the routes that answered as they should."""
    with Record(path) as record:
        known = walking.calls(record)
    seen: set[str] = set()
    with client(path) as web:
        ready(web)
        for examples in known.values():
            for call in examples:
                sent = {"headers": {"x-onrecord-token": TOKEN}} if call.method != "GET" else {}
                if call.body is not None:
                    sent["content"] = json.dumps(call.body)  # type: ignore[assignment]
                    sent["headers"]["content-type"] = "application/json"
                answer = web.request(call.method, call.address, **sent)  # type: ignore[arg-type]
                assert answer.status_code in call.status, (call, answer.status_code, answer.text[:500])
                served(call.address, answer)
                seen.add(walking.route_of(web.app.app.app, call.method, answer.request.url.path))  # type: ignore[attr-defined]
    return seen


def served(address: str, answer: Any) -> None:
    """An answer is what it says it is."""
    kind = answer.headers["content-type"].partition(";")[0]
    if kind == "text/html":
        Page(answer.text, scripts="/static/")
        assert "<script>" not in answer.text.lower()
    elif kind == "application/json":
        strictly(answer.content)
    elif kind == "text/csv":
        rows = cells(answer.content.decode())
        assert len({len(r) for r in rows}) <= 1, address
        guarded(rows, address)
    else:
        assert address.startswith("/static/"), (address, kind)


OUTPUTS: dict[str, Callable[[Path, Path], object]] = {
    "exports": exported,
    "brief": told,
    "web": lambda path, _: answered(path),
}


def fuzz(base: Path, folder: Path, name: str, first: int, count: int) -> None:
    for seed in range(first, first + count):
        here = folder / str(seed)
        here.mkdir()
        path = planted(base, here, seed)
        try:
            OUTPUTS[name](path, here)
        except Exception as error:
            raise AssertionError(f"{name}, seed {seed}") from error
        shutil.rmtree(here)


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_bears_what_reports_say(name: str, base: Path, tmp_path: Path) -> None:
    fuzz(base, tmp_path, name, SEED, SHORT)


@pytest.mark.slow
@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_bears_it_for_long(name: str, base: Path, tmp_path: Path) -> None:
    fuzz(base, tmp_path, name, SEED + 10_000, LONG)


def test_every_route_is_walked(base: Path, tmp_path: Path) -> None:
    """A route that is added stands in `walking.calls`, or this fails."""
    path = tmp_path / "record.duckdb"
    shutil.copy(base, path)
    with client(path) as web:
        there = walking.routes(web.app.app.app)  # type: ignore[attr-defined]
    with Record(path) as record:
        known = walking.calls(record)
    assert there == known.keys()
    assert all(known.values())
    assert answered(path) == there
