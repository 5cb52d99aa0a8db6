from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typer.main import get_command
from typer.testing import CliRunner

import onrecord
from onrecord import brief, corrections, schema
from onrecord.cli import app
from onrecord.correcting.log import Correction, undone_by
from onrecord.corrections import Change
from onrecord.errors import UsageError
from onrecord.query import Record
from onrecord.text import cuts_word, fold

ROOT = Path(__file__).parent.parent
NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(example_record: Record, tmp_path: Path) -> Path:
    """A record of the sample reports that a test may change."""
    target = tmp_path / "record.duckdb"
    shutil.copy(example_record.path, target)
    return target


def ids(record: Record, table: str, column: str, where: str = "true") -> list[str]:
    return list(record.sql(f"SELECT {column} AS id FROM {table} WHERE {where} ORDER BY 1")["id"].to_pylist())


def everything(path: Path) -> dict[str, list[dict[str, Any]]]:
    with Record(path) as record:
        assert record.check() == []
        skipped = ("meta", "parses", "paragraphs", "carried")
        return {n: sorted(record.table(n).to_pylist(), key=str) for n in schema.TABLES if n not in skipped}


def differing(a: dict[str, list[dict[str, Any]]], b: dict[str, list[dict[str, Any]]]) -> list[str]:
    return [n for n in a if a[n] != b[n]]


def some_of_each(record: Record) -> list[Change]:
    """A correction of each kind that fits the sample reports."""
    story = record.sql("SELECT story_id FROM stories ORDER BY n_reports DESC, 1 LIMIT 1")["story_id"][0].as_py()
    other = ids(record, "stories", "story_id", f"story_id <> '{story}'")
    events = ids(record, "(SELECT event_id FROM events ORDER BY n_reports DESC, 1 LIMIT 40)", "event_id",
                 f"event_id IN (SELECT event_id FROM events WHERE story_id = '{story}')")  # fmt: skip
    wide = record.sql(
        "SELECT event_id, list(mention_id ORDER BY mention_id) AS m FROM event_mentions WHERE event_id IS NOT NULL "
        "GROUP BY 1 HAVING count(DISTINCT report_id) > 1 ORDER BY 1"
    ).to_pylist()
    people = ids(record, "entities", "entity_id", "kind = 'person' AND entity_id IN "
                 "(SELECT entity_id FROM entity_mentions GROUP BY 1 HAVING count(*) > 2)")  # fmt: skip
    values = record.sql("SELECT DISTINCT event_id, field, value FROM ledger ORDER BY ALL").to_pylist()
    # The event that is rejected as a whole has no value left to reject.
    dated = next(v for v in values if v["field"] == "date" and v["event_id"] != wide[2]["event_id"])
    # What is confirmed is a value that the other corrections leave as it is.
    others = {
        *events[:2],
        events[3],
        wide[0]["event_id"],
        wide[1]["event_id"],
        wide[2]["event_id"],
        wide[-1]["event_id"],
    }
    sure = next(v for v in values if v["event_id"] not in others and v["field"] not in ("actor", "recipient", "date"))
    said = ids(record, "attributions", "attribution_id", "source_entity IS NOT NULL")
    reports = ids(record, "reports", "report_id")
    mentioned = record.sql(
        "SELECT entity_id, min(report_id) AS r FROM entity_mentions GROUP BY 1 HAVING count(DISTINCT report_id) > 1 "
        "ORDER BY 1"
    ).to_pylist()
    return [
        Change("merge", "events", (events[0], events[1])),
        Change("split", "events", (wide[0]["event_id"],), None, {"mentions": wide[0]["m"][:1]}),
        Change("reject", "events", (wide[2]["event_id"],)),
        Change("reject", "event_mentions", (wide[1]["m"][0],)),
        Change("set", "events", (events[3],), "place", "Larnvik"),
        Change("set", "events", (events[3],), "killed", "13"),
        Change("set", "events", (wide[-1]["event_id"],), "actor", ["The harbour board", people[0]]),
        Change("reject", "ledger", (dated["event_id"],), "date", dated["value"]),
        Change("confirm", "ledger", (sure["event_id"],), sure["field"], sure["value"]),
        Change("confirm", "events", (wide[-1]["event_id"],)),
        Change("merge", "entities", (people[0], people[1])),
        Change("split", "entities", (mentioned[0]["entity_id"],), None,
               {"reports": [mentioned[0]["r"]], "name": "Another one"}),
        Change("set", "entities", (people[2],), "country", "NOR"),
        Change("set", "attributions", (said[0],), "source", people[2]),
        Change("reject", "attributions", (said[1],), "source"),
        Change("merge", "stories", (story, other[0])),
        Change("split", "stories", (story,), None,
               {"reports": ids(record, "story_reports", "report_id", f"story_id = '{story}'")[:2]}),
        Change("set", "stories", (other[0],), "title", "The strike at Larnvik"),
        Change("set", "reports", (reports[0],), "published_at", "2024-01-05"),
        Change("set", "reports", (reports[1],), "outlet", "The Larnvik Herald"),
    ]  # fmt: skip


def test_corrections_of_every_kind_outlive_a_rebuild_and_leave_no_trace_when_undone(
    path: Path, example_record: Record
) -> None:
    before = everything(path)
    made = corrections.make_all(path, some_of_each(example_record), who="Kim", why="read it again")
    lost = [at.correction.change for at in made if at.state == "unmatched"]
    assert not lost, lost
    corrected = everything(path)
    for table in ("reports", "stories", "entities", "attributions", "event_mentions", "events", "origins", "ledger"):
        assert corrected[table] != before[table], table
    rebuilt = everything(onrecord.build(ROOT / "examples" / "reports", path).path)
    assert differing(corrected, rebuilt) == []
    undoing = [
        Correction(made[0].correction.made_at + timedelta(seconds=n), "Kim", Change("undo", "corrections", (i,)))
        for n, i in enumerate((at.correction.correction_id for at in made), 1)
    ]
    corrections.import_lines(path, [json.dumps(u.to_json()) for u in undoing])
    assert set(differing(before, everything(path))) == {"corrections", "effects"}


@pytest.mark.slow
@pytest.mark.parametrize("n", range(20))
def test_a_correction_made_is_a_correction_rebuilt_and_undone_is_gone(
    path: Path, example_record: Record, n: int
) -> None:
    before = everything(path)
    change = some_of_each(example_record)[n]
    made = corrections.make(path, change, who="Kim", why="read it again")
    assert made.state == "applied", made.effects
    corrected = everything(path)
    touched = set(differing(before, corrected)) - {"corrections", "effects", "anchors", "originals"}
    assert touched or change.action == "confirm" or change.field == "killed"
    rebuilt = everything(onrecord.build(ROOT / "examples" / "reports", path).path)
    assert differing(corrected, rebuilt) == []
    corrections.undo(path, made.correction.correction_id, who="Kim")
    undone = everything(path)
    assert set(differing(before, undone)) <= {"corrections", "effects"}
    corrections.undo(path, corrections.listing(path)[-1].correction.correction_id, who="Kim")
    assert set(differing(corrected, everything(path))) <= {"corrections", "effects"}


def test_the_log_only_grows(path: Path, example_record: Record) -> None:
    event = ids(example_record, "events", "event_id")[0]
    done = corrections.make(path, Change("confirm", "events", (event[:9],)), why="read it", who="Kim Aas", when=NOON)
    c = done.correction
    assert (c.made_by, c.made_at, c.why, c.change.ids) == ("Kim Aas", NOON, "read it", (event,))
    assert c.evidence["targets"][0]["spans"][0]["words"]
    undone = corrections.undo(path, c.correction_id, who="Per Lie", when=NOON + timedelta(hours=1))
    assert [at.state for at in corrections.listing(path)] == ["undone", "applied"]
    with pytest.raises(UsageError, match=f"undone already, by {undone.correction.correction_id}"):
        corrections.undo(path, c.correction_id)
    corrections.undo(path, undone.correction.correction_id, who="Kim Aas", when=NOON + timedelta(hours=2))
    assert [at.state for at in corrections.listing(path)][1:] == ["undone", "applied"]
    assert corrections.listing(path)[0].undone_by is None
    with Record(path) as record:
        assert record.check() == []
        assert record.sql("SELECT count(*) AS n FROM corrections")["n"].to_pylist() == [3]


def test_what_cannot_be_is_said_with_the_remedy(path: Path, example_record: Record) -> None:
    events = ids(example_record, "events", "event_id")
    before = path.read_bytes()
    for change, told in (
        (Change("erase", "events", ("ev_1",)), "the actions are merge, split"),
        (Change("merge", "reports", ("r_1", "r_2")), "merge: not of 'reports', but of events, entities, stories"),
        (Change("merge", "events", (events[0], events[0])), "at least two different ids"),
        (Change("confirm", "events", ("ev_none",)), "no row 'ev_none' in events"),
        (Change("confirm", "events", (events[0][:-1] + "x",)), f"did you mean {events[0]}"),
        (Change("confirm", "events", ("ev_",)), "write more of it"),
        (Change("set", "events", (events[0],), "date", "next week"), "2024-05-17/2024-05-19"),
        (Change("set", "events", (events[0],), "modality", "perhaps"), "one of actual, ongoing"),
        (Change("set", "stories", (events[0],), "colour", "red"), "the field can be title"),
        (Change("reject", "ledger", (events[0],), "killed", "900000"), "the event's values are"),
        (Change("split", "events", (events[0],), None, {"mentions": []}), "name what goes"),
        (
            Change("set", "events", (events[0],), "place", "Os\ud83dlo"),
            r"place: holds half of a character.*U\+D83D, at char",
        ),
        (
            Change("set", "stories", (events[0],), "title", "A \x1b[31mred"),
            r"title: holds a control character, U\+001B",
        ),
        (
            Change("set", "events", (events[0],), "actor", ["Jan", "V\x00ik"]),
            r"actor: holds a control .*U\+0000, at char",
        ),
        (Change("confirm", "events", ("ev_\udcff",)), "ids: holds half of a character"),
        (Change("reject", "ledger", (events[0],), "killed", "9\udcff"), "killed: holds half of a character"),
    ):
        with pytest.raises(UsageError, match=told):
            corrections.make(path, change)
    fine = Change("confirm", "events", (events[0],))
    for words in ({"why": "see\x07"}, {"who": "K\udc80m"}):
        with pytest.raises(UsageError, match=f"{next(iter(words))}: holds .* write it without"):
            corrections.make(path, fine, **words)
    with pytest.raises(UsageError, match="ids: holds half of a character"):
        corrections.undo(path, "c_\ud800")
    assert path.read_bytes() == before


def test_a_log_is_exchanged_line_by_line(path: Path, example_record: Record, tmp_path: Path) -> None:
    event = ids(example_record, "events", "event_id")[0]
    corrections.make(path, Change("confirm", "events", (event,)), who="Kim", why="“seen”")
    lines = corrections.export_lines(path)
    other = tmp_path / "other.duckdb"
    shutil.copy(example_record.path, other)
    assert len(corrections.import_lines(other, [*lines, "", *lines]).added) == 1
    again = corrections.import_lines(other, lines)
    assert (again.added, again.known) == ([], 1)
    assert corrections.export_lines(other) == lines
    for bad, told in (
        ("{", "line 1: not JSON"),
        ("[1]", "line 1: not a JSON object"),
        ("{}", "'made_by'"),
        (json.dumps({"made_by": "Kim", "made_at": "soon"}), "'made_at'"),
        (json.dumps({"made_by": "Kim", "made_at": "2024-05-01", "action": "merge", "table": "events"}), "'ids'"),
        (json.dumps(json.loads(lines[0]) | {"why": "\ud800"}), "line 1: why: holds half of a character"),
        (json.dumps(json.loads(lines[0]) | {"made_by": "\x9b"}), "line 1: made_by: holds a control character"),
        (json.dumps(json.loads(lines[0]) | {"evidence": {"a": ["\udfff"]}}), "line 1: evidence: holds half of a char"),
    ):
        with pytest.raises(UsageError, match=told):
            corrections.import_lines(other, [bad])


def made(minute: int, change: Change) -> Correction:
    return Correction(NOON + timedelta(minutes=minute), "Kim", change)


@given(st.lists(st.integers(0, 30), max_size=30))
def test_undoing_holds_unless_it_is_undone(picks: list[int]) -> None:
    log = [made(0, Change("confirm", "events", ("ev_1",)))]
    for n, pick in enumerate(picks, 1):
        log.append(made(n, Change("undo", "corrections", (log[pick % len(log)].correction_id,))))

    def holds(c: Correction) -> bool:
        return not any(holds(u) for u in log if u.change.ids == (c.correction_id,))

    assert set(undone_by(log)) == {c.correction_id for c in log if not holds(c)}


def test_a_row_and_a_line_give_the_correction_back() -> None:
    c = made(1, Change("set", "events", ("ev_1",), "actor", ["Ana Vik", "Union — “West”"]))
    assert Correction.from_row(c.row()) == c
    assert Correction.from_json(json.loads(json.dumps(c.to_json()))) == c
    assert Correction.from_row(c.row()).correction_id == Correction.from_json(c.to_json()).correction_id


BLAST = (
    "A bomb went off at the fish market in Larnvik on Tuesday, killing 12 people, police said. {more}\n\n"
    "Hours later the government in Oslo condemned the attack.\n"
)
WALKOUT = "Dockers in Larnvik went on strike on Monday, their union said. {more}\n\nThe port closed at noon.\n"


def corpus(folder: Path) -> list[Path]:
    """Four reports of two happenings, our own words."""
    folder.mkdir()
    told = {
        "star.txt": BLAST.format(more="The market was crowded."),
        "herald.txt": "A bomb killed 14 people at the fish market in Larnvik on Tuesday, the interior ministry said.\n",
        "post.txt": WALKOUT.format(more="They want higher pay."),
        "times.txt": "The union said dockers in Larnvik went on strike on Monday.\n",
    }
    for name, text in told.items():
        (folder / name).write_text(text, encoding="utf-8")
    return sorted(folder.iterdir())


def rebuilt(record: Path, inputs: list[Path], **options: Any) -> list[corrections.Listed]:
    onrecord.build(inputs, record, options=onrecord.Options(workers=1, **options)).close()
    with Record(record) as opened:
        assert opened.check() == []
    return corrections.listing(record)


def bombing(record: Path) -> dict[str, Any]:
    with Record(record) as opened:
        rows = opened.sql(
            "SELECT e.*, list(DISTINCT report_id ORDER BY report_id) AS reports FROM events e JOIN event_mentions m "
            "USING (event_id) WHERE lower(summary) LIKE '%bomb%' GROUP BY ALL ORDER BY event_id"
        ).to_pylist()
    return next(r for r in rows if r["event_type"] == "ASSAULT")


@pytest.fixture(scope="module")
def bombed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """A record with a few corrections, and its inputs."""
    home = tmp_path_factory.mktemp("bombed")
    inputs = corpus(home / "in")
    record = home / "r.duckdb"
    onrecord.build(inputs, record, options=onrecord.Options(workers=1)).close()
    event = bombing(record)["event_id"]
    corrections.make_all(
        record,
        [
            Change("set", "events", (event,), "place", "Larnvik harbour"),
            Change("reject", "ledger", (event,), "killed", "12"),
        ],
        who="Kim Aas",
        why="we were there",
        when=NOON,
    )
    return record, inputs


def test_corrections_find_their_target_among_other_inputs(bombed: tuple[Path, list[Path]], tmp_path: Path) -> None:
    record = tmp_path / "r.duckdb"
    shutil.copy(bombed[0], record)
    inputs = corpus(tmp_path / "in")
    assert {at.state for at in rebuilt(record, inputs[::-1])} == {"applied"}
    first = bombing(record)
    assert first["place"] == "Larnvik harbour"
    star = tmp_path / "in" / "star.txt"
    # A notice above shifts every character, an update below changes the report's id.
    star.write_text(
        "Updated at noon: this report was corrected.\n\n" + BLAST.format(more="Shops stayed shut."), "utf-8"
    )
    more = tmp_path / "in" / "gazette.txt"
    more.write_text("Police said a bomb killed 12 at the Larnvik fish market on Tuesday.\n", encoding="utf-8")
    listed = rebuilt(record, [*inputs, more])
    assert {at.state for at in listed} == {"applied"}
    now = bombing(record)
    assert now["place"] == "Larnvik harbour"
    assert now["n_reports"] >= first["n_reports"]
    with Record(record) as opened:
        values = opened.sql("SELECT value, decision FROM ledger WHERE field = 'killed' ORDER BY ALL").to_pylist()
        assert opened.sql("SELECT count(*) AS n FROM problems WHERE stage = 'correct'")["n"].to_pylist() == [0]
    assert {v["decision"] for v in values if v["value"] == "12"} == {"rejected"}
    assert {v["decision"] for v in values if v["value"] != "12"} == {None}


def test_a_correction_without_its_reports_is_kept_told_and_found_again(
    bombed: tuple[Path, list[Path]], tmp_path: Path
) -> None:
    record = tmp_path / "r.duckdb"
    shutil.copy(bombed[0], record)
    inputs = corpus(tmp_path / "in")
    strikes = [p for p in inputs if p.name in ("post.txt", "times.txt")]
    listed = rebuilt(record, strikes)
    assert [at.state for at in listed] == ["unmatched", "unmatched"]
    with Record(record) as opened:
        told = opened.sql("SELECT reason, detail FROM problems WHERE stage = 'correct'").to_pylist()
        assert [t["reason"] for t in told] == ["unmatched", "unmatched"]
        assert all(at.correction.correction_id in " ".join(t["detail"] for t in told) for at in listed)
        assert not opened.sql("SELECT 1 FROM events WHERE place = 'Larnvik harbour'").num_rows
        assert not opened.sql("SELECT 1 FROM ledger WHERE decision IS NOT NULL").num_rows
    half = [p for p in inputs if p.name != "star.txt"]
    assert {at.state for at in rebuilt(record, half)} <= {"applied", "unmatched"}
    assert bombing(record)["place"] == "Larnvik harbour"
    assert {at.state for at in rebuilt(record, inputs)} == {"applied"}


def test_a_correction_outlives_another_ontology_and_other_actors(
    bombed: tuple[Path, list[Path]], tmp_path: Path
) -> None:
    record = tmp_path / "r.duckdb"
    shutil.copy(bombed[0], record)
    before = bombing(record)
    ontology = tmp_path / "own"
    shutil.copytree(ROOT / "onrecord" / "lexicon" / "plover", ontology)
    for file in ontology.rglob("*"):
        if file.suffix in (".tsv", ".toml", ".md"):
            file.write_text(file.read_text(encoding="utf-8").replace("ASSAULT", "ATTACK"), encoding="utf-8")
    actors = tmp_path / "actors.tsv"
    actors.write_text("name\taliases\tcountry\tsector\nLarnvik Police\tpolice\tNOR\tCOP\n", encoding="utf-8")
    listed = rebuilt(record, bombed[1], ontology=str(ontology), actors=(str(actors),))
    assert {at.state for at in listed} == {"applied"}
    with Record(record) as opened:
        rows = opened.sql("SELECT event_type FROM events WHERE place = 'Larnvik harbour'").to_pylist()
    assert len(rows) == 1
    assert rows[0]["event_type"] != before["event_type"]


@given(
    words=st.text("ab —“é\n.", min_size=1, max_size=12).filter(lambda t: bool(t.strip())),
    above=st.text("xy z.\n", max_size=30),
    below=st.text("xy z.\n", max_size=30),
    text=st.text("ab x—“é\n.", max_size=60),
)
@example("aa  a a aa", "", "x", "")
def test_words_are_found_again_where_they_are_or_not_at_all(words: str, above: str, below: str, text: str) -> None:
    from onrecord.correcting.finding import _by_words

    noted = {"words": words, "char_start": len(text), "char_end": len(text) + len(words), "before": "", "after": ""}
    whole = above + words + below
    found = _by_words(whole, noted)
    if found is not None:  # the same words, or whole words that are nearly the same
        there = whole[slice(*found)]
        assert len(fold(there).split()) == len(fold(words).split())
        assert not cuts_word(whole, found[0])
        assert not cuts_word(whole, found[1])
        if above.endswith((" ", "\n")) and below.startswith((" ", "\n")):
            assert fold(there).split() == fold(words).split()
    wild = _by_words(text, noted)
    assert wild is None or 0 <= wild[0] < wild[1] <= len(text)


def test_two_people_differ_the_later_wins_and_both_stay(bombed: tuple[Path, list[Path]], tmp_path: Path) -> None:
    record = tmp_path / "r.duckdb"
    shutil.copy(bombed[0], record)
    event = bombing(record)["event_id"]
    line = Correction(NOON + timedelta(days=1), "Per Lie", Change("set", "events", (event,), "place", "Oslo"), "no")
    done = corrections.import_lines(record, [json.dumps(line.to_json())])
    assert len(done.conflicts) == 1
    assert 'Kim Aas says set "Larnvik harbour", Per Lie later set "Oslo", which holds' in done.conflicts[0]
    assert sorted(at.state for at in corrections.listing(record)) == ["applied", "applied", "overruled"]
    assert bombing(record)["place"] == "Oslo"
    corrections.undo(record, line.correction_id)
    assert bombing(record)["place"] == "Larnvik harbour"


def test_a_brief_tells_what_people_decided(bombed: tuple[Path, list[Path]]) -> None:
    with Record(bombed[0]) as record:
        briefs = [brief.story_brief(record, s) for s in brief.story_ids(record)]
        texts = {r["report_id"]: r["text"] for r in record.reports().to_pylist()}
    text = brief.markdown(briefs)
    assert "place corrected to Larnvik harbour; by Kim Aas, 2024-06-01: we were there" in text
    assert "killed 12 rejected" in text
    assert "corrected to Larnvik harbour" in brief.page(briefs)
    told = json.loads(json.dumps(brief.as_json(briefs)))
    event = next(e for s in told["stories"] for e in s["happened"] if e["corrected"])
    assert {c["by"] for c in event["corrected"]} == {"Kim Aas"}
    rejected = [v for v in event["ledger"]["killed"] if v["decision"] == "rejected"]
    letters = {r["letter"]: r["report_id"] for s in told["stories"] for r in s["reports"] if s["happened"]}
    for value in rejected:
        at = value["evidence"]
        stories = [s for s in told["stories"] if event in s["happened"]]
        letters = {r["letter"]: r["report_id"] for r in stories[0]["reports"]}
        assert texts[letters[at["letter"]]][at["start"] : at["end"]] == at["quote"]
    assert rejected
    assert set(told["stories"][0]) >= {"story_id", "first", "happened", "differences", "speakers", "copies"}


def test_the_commands_correct_list_undo_and_carry_over(bombed: tuple[Path, list[Path]], tmp_path: Path) -> None:
    record = tmp_path / "r.duckdb"
    shutil.copy(bombed[0], record)
    event = bombing(record)["event_id"]
    runner = CliRunner()

    def run(*arguments: str) -> str:
        done = runner.invoke(app, [str(a) for a in arguments], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    said = json.loads(run("correct", record, "set-event", event[:8], "injured", "30", "--who", "Ana", "--json"))
    assert (said["state"], said["made_by"], said["value"]) == ("applied", "Ana", "30")
    assert run("correct", record, "confirm", event, "-q") == ""
    listed = run("corrections", record)
    assert "injured" in listed and "Ana" in listed
    undone = run("corrections", record, "undo", said["correction_id"][:8], "--why", "a slip")
    assert "applied" in undone
    file = tmp_path / "log.jsonl"
    run("corrections", record, "export", file)
    other = tmp_path / "other.duckdb"
    shutil.copy(bombed[0], other)
    assert "3 corrections added, 2 known" in run("corrections", other, "import", file)
    assert "0 corrections added, 5 known" in run("corrections", other, "import", file)
    states = [json.loads(line)["state"] for line in run("corrections", other, "list", "--json").splitlines()]
    assert sorted(states) == ["applied"] * 4 + ["undone"]
    assert "1 corrections added" in run("corrections", other, "import", apart_by_lines_of_unicode(record, tmp_path))
    for bad in ("99\udcff", "99\x1b]0;x"):
        with pytest.raises(UsageError, match=r"injured: holds .* write it without"):
            run("correct", record, "set-event", event, "injured", bad)
    with pytest.raises(UsageError, match=r"log\.jsonl: line 1: not JSON"):
        file.write_text("{", encoding="utf-8")
        run("corrections", other, "import", file)


def apart_by_lines_of_unicode(record: Path, folder: Path) -> Path:
    """A file of one correction with a line separator, which is no end of a line of JSON."""
    change = Change("confirm", "events", (bombing(record)["event_id"],))
    file = folder / "separated.jsonl"
    file.write_text(
        json.dumps(Correction(NOON, "Ana", change, "seen\u2028twice").to_json(), ensure_ascii=False), "utf-8"
    )
    return file


def test_a_file_with_nonsense_for_evidence_changes_nothing_and_breaks_nothing(
    bombed: tuple[Path, list[Path]], tmp_path: Path
) -> None:
    record = tmp_path / "r.duckdb"
    shutil.copy(bombed[0], record)
    before = everything(record)
    span = {"report": "r_0", "char_start": 0, "char_end": 10**30, "words": "w " * 900, "anchor": 5, "anchor_start": "x"}
    nonsense: list[Any] = [
        {"targets": 5, "reports": []},
        {"targets": [5, {"id": 7, "spans": "x", "members": 3}], "reports": {"r_0": 4}},
        {
            "targets": [{"id": None, "spans": [span, None, {"report": []}]}],
            "reports": {"r_0": {"uri": 3}},
            "entities": 5,
        },
        {
            "targets": [{"id": "x", "spans": [span | {"words": "bomb", "report": "r_0"}]}],
            "split": 9,
            "values": {"a": 1},
        },
    ]
    changes = [
        Change("set", "events", ("ev_0",), "place", "Oslo"),
        Change("split", "events", ("ev_0",), None, {"mentions": ["m_0"]}),
        Change("reject", "ledger", ("ev_0",), "killed", {"value": "12"}),
        Change("merge", "stories", ("s_0", "s_1")),
        Change("split", "entities", ("e_0",), None, {"reports": ["r_0"], "name": "Nobody"}),
        Change("set", "attributions", ("a_0",), "source", "Nobody"),
    ]
    lines = [
        json.dumps(Correction(NOON + timedelta(days=n), "Eve", c, None, e).to_json())
        for n, e in enumerate(nonsense)
        for c in changes
    ]
    assert len(corrections.import_lines(record, lines).added) == len(lines)
    after = everything(record)
    assert set(differing(before, after)) <= {"corrections", "effects", "problems", "carried"}
    assert {at.state for at in corrections.listing(record) if at.correction.made_by == "Eve"} == {"unmatched"}


def test_every_command_of_the_two_groups_is_documented_with_an_example() -> None:
    groups = get_command(app).commands  # type: ignore[attr-defined]
    for group in ("correct", "corrections"):
        for name, command in groups[group].commands.items():
            assert command.help, name
            assert f"onrecord {group} record.duckdb {name}" in (command.epilog or ""), name
            for option in command.params:
                assert getattr(option, "help", None), f"{name} {option.name}"


def _killed_while_correcting(path: str, event: str) -> None:
    from onrecord import store

    def die(*_: Any, **__: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    store.Workspace.finish = die  # type: ignore[method-assign]
    corrections.make(path, Change("confirm", "events", (event,)), who="Kim")


def test_a_crash_while_correcting_leaves_the_old_record(bombed: tuple[Path, list[Path]], tmp_path: Path) -> None:
    record = tmp_path / "r.duckdb"
    shutil.copy(bombed[0], record)
    event = bombing(record)["event_id"]
    before = record.read_bytes()
    process = multiprocessing.get_context("spawn").Process(target=_killed_while_correcting, args=(str(record), event))
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL
    assert record.read_bytes() == before
    assert corrections.make(record, Change("confirm", "events", (event,)), who="Kim").state == "applied"
