from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import shutil
import socket
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest
from starlette.testclient import TestClient

from onrecord.query import Record
from onrecord.web import Settings, create
from onrecord.web.marks import Mark, blocks
from onrecord.web.search import Index, expression
from onrecord.web.shelf import Shelf
from onrecord.web.views import entity, events, find, report, stories, story
from onrecord.web.views.common import sentence
from onrecord.web.written import as_json, day, web_address

TOKEN = "a-token-for-the-tests"
HOME = "http://127.0.0.1"


def client(path: Path, **settings: Any) -> TestClient:
    return TestClient(create(Settings(path, token=TOKEN, **settings)), base_url=HOME, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def served_path(example_record: Record, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("web") / "record.duckdb"
    shutil.copy(example_record.path, path)
    return path


@pytest.fixture(scope="module")
def web(served_path: Path) -> Iterator[TestClient]:
    with client(served_path) as opened:
        yield opened


def ready(web: TestClient) -> None:
    """Wait until the index and the tables beside the record stand."""
    for _ in range(200):
        if web.get("/record.json").json()["index_ready"]:
            return
        time.sleep(0.1)
    raise AssertionError("no index")


class Links(HTMLParser):
    """Every link and asset of a page, and every id; fails on what the content policy would refuse."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert "style" not in given and tag != "style", "inline style"
        assert not [name for name in given if name.startswith("on")], "inline handler"
        if tag == "script":
            assert given.get("src", "").startswith("/static/"), "inline or foreign script"
        for name in ("href", "src", "action"):
            if given.get(name):
                self.found.append(str(given[name]))
        if given.get("id"):
            assert given["id"] not in self.ids, f"id {given['id']} twice"
            self.ids.add(str(given["id"]))


def walk(web: TestClient, most: int = 400) -> dict[str, str]:
    """Every page that links lead to from the front page: address to HTML."""
    seen: dict[str, str] = {}
    todo = ["/", "/search?q=police", "/sql?q=SELECT+*+FROM+reports"]
    while todo and len(seen) < most:
        address = todo.pop().partition("#")[0]
        if address in seen:
            continue
        answer = web.get(address)
        assert answer.status_code == 200, (address, answer.status_code, answer.text[-300:])
        seen[address] = answer.text if "html" in answer.headers["content-type"] else ""
        if seen[address]:
            todo += [link for link in Links(seen[address]).found if link.startswith("/")]
    return seen


def first_story(web: TestClient) -> dict[str, Any]:
    chosen = web.get("/stories.json").json()["stories"][0]["story_id"]
    return web.get(f"/stories/{chosen}.json").json()


def test_every_link_leads_somewhere_on_this_server(web: TestClient) -> None:
    pages = walk(web)
    assert len([p for p in pages.values() if p]) > 40
    for address, html in pages.items():
        for link in Links(html).found if html else []:
            assert link.startswith(("/", "#", "http://", "https://")), (address, link)


def test_links_within_a_page_have_their_target(web: TestClient) -> None:
    story = first_story(web)["story"]["story_id"]
    for address in (f"/stories/{story}", f"/stories/{story}/compare", "/"):
        links = Links(web.get(address).text)
        assert {link[1:] for link in links.found if link.startswith("#")} <= links.ids


def test_a_story_shows_the_counts_that_the_record_holds(web: TestClient, example_record: Record) -> None:
    (largest, *_) = example_record.sql("SELECT * FROM stories ORDER BY n_reports DESC, story_id").to_pylist()
    page = web.get(f"/stories/{largest['story_id']}").text
    for e in example_record.sql("SELECT * FROM events WHERE story_id = ?", [largest["story_id"]]).to_pylist():
        reports, origins = e["n_reports"], e["n_origins"]
        words = f"{reports} report{'s' * (reports != 1)}</b>, <b>{origins} origin{'s' * (origins != 1)}</b>"
        part = page[page.index(f'id="{e["event_id"]}"') :]
        assert words in part[: part.index("</article>")]


def test_evidence_is_cut_from_where_it_stands(web: TestClient, example_record: Record) -> None:
    texts = {r["report_id"]: r["text"] for r in example_record.reports().to_pylist()}
    story = first_story(web)
    checked = 0
    for e in story["events"]:
        for m in e["mentions"]:
            clause = " ".join(texts[m["report_id"]][m["char_start"] : m["char_end"]].split())
            whole = " ".join("".join(m["sentence"].values()).split())
            assert clause in whole
            checked += 1
        for field in e["ledger"]:
            for value in field["values"]:
                given = texts[value["report_id"]][value["char_start"] : value["char_end"]]
                assert " ".join(given.split()).startswith(value["quote"].removesuffix(" …"))
                checked += 1
    assert checked > 40


def test_a_report_shows_its_whole_text(web: TestClient, example_record: Record) -> None:
    for r in example_record.reports().to_pylist():
        page = web.get(f"/reports/{r['report_id']}").text
        found = re.search(r"<article class=\"text\".*?</article>", page, re.DOTALL)
        assert found
        shown = re.sub(r"<[^>]+>", "", found.group())
        for escaped, plain in (("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"'), ("&#39;", "'"), ("&amp;", "&")):
            shown = shown.replace(escaped, plain)
        assert "".join(shown.split()) == "".join(r["text"].split())


@pytest.mark.parametrize(
    ("query", "least", "most"),
    [("country=SOM", 1, 1), ("country=NOR", 1, 1), ("q=patrols", 1, 1), ("q=nothinglikeit", 0, 0), ("type=AGREE", 1, 2),
     ("from=2030-01-01", 0, 0), ("to=2000-01-01", 0, 0), ("origins=100", 0, 0), ("origins=x", 2, 2), ("page=99", 2, 2),
     ("sort=nonsense", 2, 2)],
)  # fmt: skip
def test_filters(web: TestClient, query: str, least: int, most: int) -> None:
    assert least <= web.get(f"/stories.json?{query}").json()["total"] <= most


def test_each_view_gives_its_rows_as_csv_and_its_sql(web: TestClient) -> None:
    story = first_story(web)["story"]["story_id"]
    rows = list(csv.DictReader(io.StringIO(web.get(f"/stories/{story}.csv?table=ledger").text)))
    assert rows and {"event_id", "field", "value", "relation"} <= rows[0].keys()
    assert web.get(f"/stories/{story}.csv?table=nonsense").status_code == 400
    page = web.get(f"/stories/{story}").text
    runs = re.findall(r'href="(/sql\?q=[^"]+)"', page)
    assert len(runs) > 5
    for run in runs:
        assert web.get(run.replace("&amp;", "&")).status_code == 200


def test_the_record_may_be_replaced_while_it_is_served(served_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "record.duckdb"
    shutil.copy(served_path, path)
    with client(path) as web:
        story = web.get("/stories.json").json()["stories"][0]["story_id"]
        new = tmp_path / "new"
        shutil.copy(served_path, new)
        with duckdb.connect(str(new)) as db:
            db.execute("UPDATE stories SET title = 'Told anew'")
        new.replace(path)
        assert web.get(f"/stories/{story}.json").json()["story"]["title"] == "Told anew"
        path.unlink()
        assert web.get("/").status_code == 503


def test_search_finds_words_phrases_prefixes(web: TestClient) -> None:
    ready(web)

    def hits(q: str) -> int:
        return int(web.get("/api/search", params={"q": q}).json()["total"])

    assert hits("bombing") >= hits('"car bomb"') > 0
    assert hits("patrol*") > 0
    assert hits("market -bomb") < hits("market")
    assert hits("zzz") == 0
    assert hits('"unbalanced AND ( NEAR') == 0
    assert web.get("/search", params={"q": "police"}).text.count("<mark>") > 1


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("car bomb", '"car" AND "bomb"'), ('"car bomb" -trial', '("car bomb") NOT ("trial")'), ("bomb*", '"bomb" *'),
     ("-only", ""), ("", ""), ('" OR 1', '"OR" AND "1"')],
)  # fmt: skip
def test_queries_become_expressions(typed: str, meant: str) -> None:
    assert expression(typed) == meant


# Safety


@pytest.mark.parametrize(
    ("query", "code"),
    [("DROP TABLE reports", 400), ("SELECT 1; SELECT 2", 400), ("SELECT * FROM read_text('/etc/hostname')", 400),
     ("SELECT * FROM '/etc/hostname'", 400), ("COPY reports TO '/tmp/out.csv'", 400), ("INSTALL httpfs", 400),
     ("ATTACH ':memory:' AS m", 400), ("SET threads = 9", 400), ("PRAGMA database_list", 400),
     ("SELECT * FROM glob('/*')", 400), ("EXPLAIN SELECT 1", 200), ("SELECT count(*) FROM reports", 200)],
)  # fmt: skip
def test_sql_only_reads_the_record(web: TestClient, query: str, code: int) -> None:
    answer = web.get("/api/sql", params={"q": query})
    assert answer.status_code == code, answer.text
    if code != 200:
        assert answer.json()["error"].keys() == {"code", "message", "remedy"}


def test_sql_is_bounded_in_time_and_rows(web: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onrecord.web.views.record.SECONDS", 0.3)
    slow = "SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range + b.range = -1"
    answer = web.get("/api/sql", params={"q": slow})
    assert answer.status_code == 400 and "took longer" in answer.json()["error"]["message"]
    many = web.get("/api/sql", params={"q": "SELECT * FROM range(5000)"}).json()
    assert len(many["rows"]) == 500 and many["more"]


def test_every_answer_carries_the_policy(web: TestClient) -> None:
    for address in ("/", "/nothing", "/static/onrecord.css", "/api/record", "/stories.json"):
        headers = web.get(address).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "[::1"])
def test_other_hosts_are_refused(web: TestClient, host: str) -> None:
    answer = web.get("/", headers={"host": host})
    assert answer.status_code in (200, 421)
    assert (answer.status_code == 200) == (host == "[::1")
    if answer.status_code == 421:
        assert answer.json()["error"]["code"] == "unknown_host"


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST"])
def test_our_hosts_are_answered(web: TestClient, host: str) -> None:
    assert web.get("/static/icon.svg", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "name", ["../app.py", "..%2fapp.py", "%2e%2e/app.py", "....//app.py", "/etc/passwd", "onrecord.css%00.js"]
)
def test_nothing_but_static_files_is_static(web: TestClient, name: str) -> None:
    answer = web.get(f"/static/{name}")
    assert answer.status_code == 404 and "import" not in answer.text


def test_a_write_needs_our_origin_and_the_token(served_path: Path) -> None:
    with client(served_path) as web:
        good = {"x-onrecord-token": TOKEN}
        for headers, code in (
            ({}, "no_token"),
            ({"x-onrecord-token": "wrong"}, "no_token"),
            ({**good, "origin": "http://evil.example"}, "foreign_origin"),
            ({**good, "sec-fetch-site": "cross-site"}, "foreign_origin"),
            ({**good, "content-length": "999999999"}, "too_large"),
        ):
            answer = web.post("/api/corrections", headers=headers, content=b"{}")
            assert answer.json()["error"]["code"] == code
        answer = web.post("/api/corrections", headers=good, content=(b"x" * 65536 for _ in range(9)))
        assert answer.status_code == 413
        change = {"action": "confirm", "table": "events", "ids": ["ev_1"]}
        for why, status, told in (
            ("\ud83d seen", 422, "why"),
            ("seen\x07", 400, "why: holds a control character, U+0007"),
        ):
            body = json.dumps(change | {"why": why})
            answer = web.post("/api/corrections", headers=good | {"content-type": "application/json"}, content=body)
            assert answer.status_code == status
            assert told in answer.json()["error"]["message"]
    with client(served_path, read_only=True) as web:
        answer = web.post("/api/corrections", headers=good, content=b"{}")
        assert answer.json()["error"]["code"] == "read_only"
        page = web.get("/").text
        assert "served read-only" in page and TOKEN not in page


@pytest.mark.parametrize(
    "uri",
    ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x", "file:///etc/x", "//evil.example", ""],
)
def test_only_web_addresses_become_links(uri: str) -> None:
    assert web_address(uri) == ""
    assert web_address("https://example.org/a") == "https://example.org/a"


HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)>{{7*7}}</textarea></title>\x00\u202e"
)


def plant(path: Path) -> None:
    """A script in every field of the record that a report can reach, offsets kept."""
    with duckdb.connect(str(path)) as db:
        columns = db.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE data_type = 'VARCHAR'"
        ).fetchall()
        kept = {
            "event_type",
            "kind",
            "form",
            "type",
            "modality",
            "direction",
            "relation",
            "source_type",
            "published_basis",
            "published_day",
            "date_basis",
            "role",
            "parse_key",
            "stage",
            "date_start",
            "date_end",
            "language",
            "polarity",
            "certainty",
        }
        for table, column in columns:
            if table == "meta" or table in ("corrections", "effects") or column in kept or column.endswith("_id"):
                continue
            if column in ("report_a", "report_b", "source_entity", "parent_attribution") or column == "text":
                continue
            if (table, column) == ("event_mentions", "place"):
                continue
            db.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE "{column}" IS NOT NULL', [HOSTILE + column])
        db.execute("UPDATE reports SET uri = 'javascript:alert(9)//' || report_id")
        db.execute("UPDATE reports SET text = substr(repeat(?, 1 + length(text) // 40), 1, length(text))", [HOSTILE])
        db.execute("UPDATE events SET actor_names = [? || event_id], recipient_names = [?]", [HOSTILE, HOSTILE])
        db.execute("INSERT INTO problems SELECT ?, NULL, 'read', ?, ?, NULL", [HOSTILE] * 3)


@pytest.fixture(scope="module")
def hostile_path(served_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "record.duckdb"
    shutil.copy(served_path, path)
    plant(path)
    return path


def test_what_reports_say_is_never_markup(hostile_path: Path) -> None:
    with client(hostile_path) as web:
        pages = {a: p for a, p in walk(web).items() if p}
        assert len(pages) > 40
        assert sum("&lt;script&gt;alert(1)" in p for p in pages.values()) > 30
        for address, page in pages.items():
            for bad in (
                "<script>alert",
                "<img",
                'onerror=alert(2)>"',
                "<svg onload",
                'href="javascript',
                'href=" java',
            ):
                assert bad not in page, (address, bad)
            assert "49" not in re.findall(r"alert\(3\)&gt;(.{0,12})", page)


def test_errors_have_one_shape(web: TestClient) -> None:
    for address in (
        "/api/nothing",
        "/stories/none.json",
        "/api/events/none",
        "/api/stories?page=0",
        "/api/tables/none",
    ):
        answer = web.get(address)
        assert answer.status_code in (400, 404, 422)
        assert answer.json()["error"].keys() == {"code", "message", "remedy"}
        assert answer.json()["error"]["remedy"]
    assert "<h1>" in web.get("/stories/none").text


def test_the_api_is_described(web: TestClient) -> None:
    described = web.get("/openapi.json").json()
    page = web.get("/api").text
    for path, calls in described["paths"].items():
        assert path in page
        for call in calls.values():
            assert call.get("description")
    for name in ("reports", "events", "ledger"):
        rows = web.get(f"/api/tables/{name}?limit=2").json()
        assert rows["total"] >= len(rows["rows"]) == 2


def test_the_tables_beside_the_record_give_the_same_rows(served_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "record.duckdb"
    shutil.copy(served_path, path)
    shelf = Shelf(path)
    index = Index(shelf)
    with shelf.reading() as reading:
        assert reading.kept is None
        ids = {
            "story": [r["story_id"] for r in reading.quietly("SELECT story_id FROM stories")],
            "report": [r["report_id"] for r in reading.quietly("SELECT report_id FROM reports")],
            "event": [r["event_id"] for r in reading.quietly("SELECT event_id FROM events")],
            "entity": [r["entity_id"] for r in reading.quietly("SELECT entity_id FROM entities")],
        }
    views = {"story": story.story, "report": report.report, "event": events.event, "entity": entity.entity}

    def all_of() -> list[bytes]:
        out = []
        with shelf.reading() as reading:
            for kind, known in ids.items():
                out += [as_json(views[kind](reading, i).data) for i in known]
            out += [as_json(stories.stories(reading, index, {"sort": s}, {}).data) for s in stories.SORTS]
            out.append(as_json(find.find(reading, index, {"q": "police"}).data["entities"]))
        return out

    plain = all_of()
    index.make()
    assert not index.failed
    with shelf.reading() as reading:
        assert reading.kept is not None
    assert all_of() == plain
    shelf.close()


# Small parts


def test_overlapping_marks_are_cut_at_their_boundaries() -> None:
    text = "Head\n\nOne two three four"
    segments = [
        {"char_start": 0, "char_end": 4, "kind": "headline"}, {"char_start": 6, "char_end": len(text), "kind": "body"}
    ]  # fmt: skip
    marks = [
        Mark(1, 2, 13, "names", "name", ""),
        Mark(2, 10, 19, "times", "date", ""),
        Mark(3, 10, 13, "events", "x", ""),
    ]
    cut = blocks(text, segments, marks)
    assert [b.kind for b in cut] == ["headline", "body"]
    for b in cut:
        assert "".join(p.text for p in b.pieces) == text[b.start : b.end]
        assert all(text[p.start :].startswith(p.text) for p in b.pieces)
    numbers = {p.text: p.numbers for b in cut for p in b.pieces}
    assert numbers["two"] == (3, 2, 1)
    assert numbers[" three"] == (2,)


@pytest.mark.parametrize(
    ("window", "words", "whole"),
    [("It rained. The mayor, late, spoke at noon. He left.", "spoke at noon", "The mayor, late, spoke at noon."),
     ("“We go.” Then they left the U.N. camp", "they left", "Then they left the U.N. camp"),
     ("All of it", "All of it", "All of it")],
)  # fmt: skip
def test_a_clause_stands_in_its_sentence(window: str, words: str, whole: str) -> None:
    start = window.index(words)
    parts = sentence(window, start, start + len(words))
    assert "".join(parts.values()).strip() == whole
    assert parts["words"] == words


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [("2024-05-14", None, "14 May 2024"), ("2024-05-14", "2024-05-16", "14 to 16 May 2024"),
     ("2024-03-01", "2024-03-31", "March 2024"), ("2024-01-01", "2024-12-31", "2024"),
     (None, "2024-05-02", "by 2 May 2024"), ("2023-12-30", "2024-01-02", "30 December 2023 to 2 January 2024"),
     (None, None, "unknown")],
)  # fmt: skip
def test_days_in_words(start: str | None, end: str | None, words: str) -> None:
    assert day(start, end, "unknown") == words


def test_json_of_a_story_is_whole(web: TestClient) -> None:
    story = first_story(web)
    assert story["story"]["n_reports"] == len(story["reports"])
    assert story["n_events"] == len(story["events"])
    assert json.dumps(story)


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("desk.local", False)],
)
def test_only_this_machine_writes_unless_told_otherwise(host: str, own: bool) -> None:
    from onrecord.web.serve import _own

    assert _own(host) is own


def test_small_answers_are_sent_at_once() -> None:
    """Nagle's wait for the browser's acknowledgement made every page some 40 ms late."""
    from onrecord.web.serve import _listen

    async def held_back() -> int:
        answered: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            own = writer.get_extra_info("socket")
            answered.set_result(own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listening = _listen("127.0.0.1", 0)
        async with await asyncio.start_server(answer, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            try:
                return await asyncio.wait_for(answered, 10)
            finally:
                writer.close()

    assert asyncio.run(held_back()) == 1
