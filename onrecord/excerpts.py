"""Reports of which only some sentences may be coded otherwise: the paragraphs around these are read, and no more.

A sentence is coded by its own words, the words beside it, what was found in them, and whether it is of the report's
lead; an accusation of what the report told before also by the mentions before it, and a deed or meeting without a day
also by those of the report that date it. A report that an excerpt is not enough for is read whole, and coded whole
where that is not enough either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa

from onrecord import perreport, schema
from onrecord.asked import asked
from onrecord.model import Document, EventMention, Sentence, Span
from onrecord.options import Options
from onrecord.store import Workspace
from onrecord.text import cuts_word
from onrecord.touching import Places

LEFT = "left"
"""The table of the reports that an excerpt was not enough for."""
_REACH = 100  # tokens on either side of a paragraph that its sentences may look at
_CHARACTERS = 200_000  # of excerpts in one payload
_BY_REPORT = "report_id IN (SELECT report_id FROM excerpts)"
_OVERLAP = "x.report_id = e.report_id AND x.char_start < e.char_end AND e.char_start < x.char_end"
_SAID = (
    "SELECT attribution_id FROM (SELECT attribution_id, report_id, s.char_start, s.char_end FROM (SELECT "
    "attribution_id, report_id, unnest(content_spans) AS s FROM attributions "
    f"WHERE {_BY_REPORT})) x SEMI JOIN excerpts e ON {_OVERLAP}"
)
_ROWS = {
    "reports": f"SELECT * FROM reports WHERE {_BY_REPORT}",
    "paragraphs": "SELECT x.* FROM paragraphs x SEMI JOIN excerpts e USING (report_id, char_start)",
    "parses": "SELECT * FROM parses WHERE parse_key IN "
    "(SELECT parse_key FROM paragraphs SEMI JOIN excerpts USING (report_id, char_start))",
    "timexes": f"SELECT x.* FROM timexes x SEMI JOIN excerpts e ON {_OVERLAP}",
    "attributions": f"SELECT * FROM attributions WHERE attribution_id IN ({_SAID})",
    # whoever is quoted counts as known where the report names him
    "entity_mentions": f"SELECT * FROM entity_mentions WHERE {_BY_REPORT} AND (report_id, char_start, char_end) IN "
    f"(SELECT (x.report_id, x.char_start, x.char_end) FROM entity_mentions x SEMI JOIN excerpts e ON {_OVERLAP}) "
    f"OR (report_id, entity_id) IN (SELECT (report_id, source_entity) FROM attributions WHERE {_BY_REPORT})",
}


def excerpts(work: Workspace, places: Places, mentions: str) -> Iterator[perreport.Tables]:
    """What coding reads of the paragraphs around these sentences, some reports at a time.

    `mentions` is SQL for the event mentions of all reports as coding gave them.
    """
    rows: list[tuple[str, int, int]] = []
    size = 0
    for report, at, end in [*_chosen(work, places), ("", 0, 0)]:
        if rows and (not report or (size > _CHARACTERS and report != rows[-1][0])):
            yield _payload(work, rows, mentions)
            rows, size = [], 0
        rows.append((report, at, end))
        size += end - at


def _chosen(work: Workspace, places: Places) -> Iterator[tuple[str, int, int]]:
    """(report, first character, one past the last) of the paragraphs that the sentences may look at."""
    rows = work.db.execute(
        "SELECT report_id, char_start, char_end, len(starts), kind FROM paragraphs JOIN parses USING (parse_key) "
        "WHERE len(starts) > 0 AND report_id IN (SELECT unnest($1::VARCHAR[])) ORDER BY report_id, char_start",
        [sorted(places)],
    ).fetchall()
    for report, some in groupby(rows, key=lambda r: r[0]):
        own = list(some)
        kept = {next((n for n, row in enumerate(own) if row[4] == "body"), 0)}  # whose first sentence is of the lead
        for n, (_, start, end, _, _) in enumerate(own):
            if any(start <= at < end for at in places[report]):
                kept.add(n)
                for way in (range(n - 1, -1, -1), range(n + 1, len(own))):
                    seen = 0
                    for k in way:
                        kept.add(k)
                        seen += own[k][3]
                        if seen >= _REACH:
                            break
        yield from ((report, own[n][1], own[n][2]) for n in sorted(kept))


def _payload(work: Workspace, rows: list[tuple[str, int, int]], mentions: str) -> perreport.Tables:
    columns = dict(zip(("report_id", "char_start", "char_end"), map(list, zip(*rows, strict=True)), strict=True))
    work.db.register("excerpts", pa.table(columns))
    tables = {}
    for name, query in (*_ROWS.items(), ("event_mentions", f"SELECT * FROM ({mentions}) WHERE {_BY_REPORT}")):
        declared = schema.table(name)
        found = work.query(f"{query} ORDER BY {', '.join(declared.key or ('ALL',))}")
        if name == "event_mentions":
            found = found.append_column("event_id", pa.nulls(found.num_rows, pa.string()))
        tables[name] = found.select(declared.schema.names).cast(declared.schema)
    named = tables["entity_mentions"]["entity_id"].unique().to_pylist()
    query = "SELECT * FROM entities WHERE entity_id IN (SELECT unnest(?)) ORDER BY entity_id"
    tables["entities"] = work.query(query, [named]).cast(schema.ENTITIES.schema)
    work.db.unregister("excerpts")
    return tables


def recode_reports(tables: perreport.Tables, options: Options, places: Places, *, whole: bool) -> perreport.Tables:
    """`perreport.code_reports`, of reports of which only these sentences may say otherwise than `event_mentions`.

    The tables are those of excerpts, and `left` says for which reports these are not enough; or of `whole` reports.
    """
    from onrecord.stages.code import code, load_ontology

    documents = perreport.Documents(tables)
    before = perreport.by_report(tables["event_mentions"])
    ontology = load_ontology(Path(options.ontology) if options.ontology else None)
    left: list[str] = []

    def work(report: dict[str, Any]) -> perreport.Rows:
        doc = documents.of(report)
        only = [s for s in doc.sentences if doc.starts[s.first] in places[doc.report_id]]
        rows = _again(doc, ontology, only, before.get(doc.report_id, []), whole) if only else None
        if rows is None and not whole:
            left.append(doc.report_id)
            return {"event_mentions": [], "asked_by_code": []}
        if rows is None:
            rows = [perreport.event_row(doc.report_id, m) for m in code(doc, ontology)]
        return {"event_mentions": rows, "asked_by_code": list(asked({"report_id": doc.report_id}, doc.entities))}

    made = perreport.each_report(tables, "code", ("event_mentions", "asked_by_code"), work, options.report_seconds)
    return made if whole else {**made, LEFT: pa.table({"report_id": pa.array(left, pa.string())})}


def _again(
    doc: Document, ontology: Any, only: list[Sentence], old: list[dict[str, Any]], whole: bool
) -> list[dict[str, Any]] | None:
    """All mentions of a report, of which only those of some sentences are made; None where that is not enough."""
    from onrecord.stages.code import BRIDGED, SPEAKING, code_sentences

    if not _apart(doc, only):
        return None
    first = doc.starts[only[0].first]
    speaking = [row["anchor_start"] for row in old if row["event_type"] == SPEAKING and row["anchor_start"] > first]
    if whole:  # what is told before an accusation may be told otherwise now
        spoken = {doc.sentence_of[doc.tokens_in(Span(at, at + 1))[0]] for at in speaking}
        only = [s for n, s in enumerate(doc.sentences) if s in only or n in spoken]
    spans = [Span(doc.starts[s.first], doc.ends[s.last - 1]) for s in only]

    def inside(row: Mapping[str, Any]) -> bool:
        return any(s.start <= row["anchor_start"] < s.end for s in spans)

    gone = [row for row in old if inside(row)]
    stay = [row for row in old if row["event_type"] in BRIDGED and not inside(row)]
    mentions = code_sentences(doc, ontology, only, _told(doc, stay) if whole else None)
    if mentions is None:
        return None
    made = [perreport.event_row(doc.report_id, m) for m in mentions]
    if _dates_others(gone, made, old):
        return None
    made = [_as_recalled(row, gone) for row in made]
    if not whole and {*map(_bridging, gone)} != {*map(_bridging, made)} and not all(map(inside, _at(speaking))):
        return None
    return [row for row in old if not inside(row)] + made


def _dates_others(gone: Iterable[Mapping[str, Any]], made: list[dict[str, Any]], old: list[dict[str, Any]]) -> bool:
    """True where a mention that is told otherwise now may date another of the report, or be dated by it."""
    before, after = ({_telling(row): row for row in rows} for rows in (gone, made))
    changed = [row for key, row in (*before.items(), *after.items()) if (key in before) != (key in after)]
    return any(_may_recall(row, other) for row in changed for other in (*old, *made))


def _telling(row: Mapping[str, Any]) -> tuple[object, ...]:
    """A mention as its own sentence tells it: a day that it has from elsewhere is none, nor what follows from it."""
    own = row["date_basis"] != "context"
    meets = row["event_type"] == "CONSULT" and row["modality"] in ("actual", "planned")
    told = "actual" if meets else row["modality"]
    days = (row["date_start"], row["date_end"]) if own else (None, None)
    parties = (tuple(row["actors"]), tuple(row["recipients"]))
    return row["anchor_start"], row["event_type"], row["mode"], told, *parties, days


def _may_recall(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """True for two mentions of one type (a meeting and the promise of it are one) that share a party.

    One of them has a day by its own sentence and the other has none; a meeting is also told as planned by another.
    """
    kinds = {one["event_type"], other["event_type"]}
    if one["mention_id"] == other["mention_id"] or (len(kinds) > 1 and kinds != {"AGREE", "CONSULT"}):
        return False
    own = [row["date_basis"] in ("clause", "sentence") for row in (one, other)]
    none = [row["date_start"] is None or row["date_basis"] == "context" for row in (one, other)]
    if "CONSULT" not in kinds and not ((own[0] and none[1]) or (own[1] and none[0])):
        return False
    parties = [{*row["actors"], *row["recipients"]} for row in (one, other)]
    return bool(parties[0] & parties[1])


def _as_recalled(row: dict[str, Any], gone: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A mention with the day that the report gave it elsewhere, where its own sentence says what it said before."""
    same = next((g for g in gone if g["mention_id"] == row["mention_id"]), None)
    if same is None or _telling(same) != _telling(row):
        return row
    return {**row, **{name: same[name] for name in ("date_start", "date_end", "date_basis", "date_span", "modality")}}


def _at(offsets: Iterable[int]) -> list[dict[str, int]]:
    return [{"anchor_start": at} for at in offsets]


def _told(doc: Document, rows: Iterable[Mapping[str, Any]]) -> Callable[[Sentence], list[EventMention]]:
    """The mentions in these rows that stand before a sentence, as far as a later accusation may take from them."""
    known = [
        EventMention(
            row["mention_id"],
            Span(row["char_start"], row["char_end"]),
            Span(row["anchor_start"], row["anchor_end"]),
            row["event_type"],
            row["modality"],
            row["mode"],
            actors=tuple(row["actors"]),
            actor_spans=tuple(Span(s["char_start"], s["char_end"]) for s in row["actor_spans"]),
        )
        for row in rows
    ]
    return lambda sentence: [m for m in known if m.anchor.start < doc.starts[sentence.first]]


def _apart(doc: Document, sentences: Iterable[Sentence]) -> bool:
    """True when these sentences begin with a word, and no tree of the text reaches from one sentence into another."""
    of = doc.sentence_of
    return all(of[k] == of[head] for k, head in enumerate(doc.heads)) and not any(
        cuts_word(doc.text, doc.starts[s.first]) for s in sentences
    )


def _bridging(row: Mapping[str, Any]) -> tuple[object, ...]:
    """What a later accusation of the report may take from a mention; nothing of types that none speaks of."""
    from onrecord.stages.code import BRIDGED

    if row["event_type"] not in BRIDGED:
        return ()
    spans = tuple((s["char_start"], s["char_end"]) for s in row["actor_spans"])
    return row["anchor_start"], row["event_type"], row["mode"], row["modality"], tuple(row["actors"]), spans
