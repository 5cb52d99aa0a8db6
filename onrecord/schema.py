"""Every table of the record, declared once: Arrow schema, key, spans, references, one line of documentation a column.

The stages, the store, the checks, the exports and the documentation all read these declarations; none repeats them.
Tables with `working=True` are kept in the record file so that a rebuild or a new ontology need not parse again; they
are not part of the exchange contract.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pyarrow as pa

from onrecord.errors import LawError, UsageError

SCHEMA_VERSION = 4

TEXT = pa.string()
INT = pa.int32()
REAL = pa.float64()
TIME = pa.timestamp("us", tz="UTC")
SPAN = pa.struct([pa.field("char_start", INT), pa.field("char_end", INT)])
SPANS = pa.list_(SPAN)
TEXTS = pa.list_(TEXT)
INTS = pa.list_(INT)
QUANTITIES = pa.list_(
    pa.struct(
        [
            pa.field("char_start", INT),
            pa.field("char_end", INT),
            pa.field("value", REAL),
            pa.field("unit", TEXT),
            pa.field("role", TEXT),
        ]
    )
)
EVIDENCE = pa.list_(pa.struct([pa.field("report_id", TEXT), pa.field("char_start", INT), pa.field("char_end", INT)]))

SEGMENT_KINDS = (
    "headline", "standfirst", "byline", "dateline", "body", "subheading", "caption", "credit", "teaser",
    "correction", "boilerplate",
)  # fmt: skip
PUBLISHED_BASES = ("metadata", "text", "story", "correction")
DATED = ("published_at", "published_day", "published_basis", "published_span")  # of reports; stages find them
OUTLET_BASES = ("metadata", "address", "text", "correction")
TIMEX_TYPES = ("DATE", "TIME", "DURATION", "SET")
ENTITY_KINDS = ("person", "organisation", "country", "place", "group")
MENTION_FORMS = ("name", "nominal", "pronoun")
ATTRIBUTION_KINDS = ("direct", "mixed", "indirect")
SOURCE_TYPES = ("named", "anonymous", "institution", "document", "outlet", "unattributed")
ALIGNMENT_KINDS = ("verbatim", "edited", "rewritten")
DIRECTIONS = ("known", "likely", "unknown")
EVENT_TYPES = (
    "AGREE", "CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT", "REQUEST", "ACCUSE", "REJECT",
    "THREATEN", "PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT",
)  # fmt: skip
MODALITIES = ("actual", "ongoing", "planned", "threatened", "hypothetical", "negated")
DATE_BASES = ("clause", "sentence", "anchor", "context", "published")
ORIGIN_KINDS = (
    "own_reporting", "agency", "outlet", "named_source", "anonymous_source", "institution", "document",
)  # fmt: skip
RELATIONS = ("agrees", "refines", "updates", "different_scope", "spread", "contradicts")
ACTIONS = ("merge", "split", "set", "reject", "confirm", "undo")
EFFECTS_STATES = ("applied", "overruled", "undone", "unmatched")
DECISIONS = ("confirmed", "rejected", "overruled")
CREDIT_ROLES = ("copy", "contribution", "byline", "photo", "copyright")


@dataclass(frozen=True)
class Column:
    """One column: `type` is the Arrow type, `values` the closed set of a coded column (empty: open)."""

    name: str
    type: pa.DataType
    doc: str
    required: bool = False
    values: tuple[str, ...] = ()
    ref: str = ""  # 'table.column' that every value (or list element) must exist in


@dataclass(frozen=True)
class Table:
    """One table. `spans` lists (start, end) column pairs into the report's text; span lists are found by type."""

    name: str
    doc: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    spans: tuple[tuple[str, str], ...] = ()
    working: bool = False

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema, columns in declared order."""
        return pa.schema([pa.field(c.name, c.type) for c in self.columns])

    def column(self, name: str) -> Column:
        """The declaration of one column; raises `UsageError` when there is none of that name."""
        for c in self.columns:
            if c.name == name:
                return c
        raise UsageError(f"table {self.name} has no column {name!r}; it has {', '.join(self.schema.names)}")

    def empty(self) -> pa.Table:
        """A table of no rows with this schema."""
        return self.schema.empty_table()

    def from_rows(self, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
        """Rows (mappings from column name to value; a missing name is NULL) as an Arrow table.

        Raises `LawError` when a row has a name that is not declared, lacks a required value, or holds a value
        outside a closed set.
        """
        rows = list(rows)
        names = set(self.schema.names)
        for row in rows:
            if not row.keys() <= names:
                raise LawError(f"{self.name}: no such column {sorted(row.keys() - names)}")
        table = pa.Table.from_pylist([dict(r) for r in rows], schema=self.schema)
        self.validate(table)
        return table

    def validate(self, table: pa.Table) -> None:
        """Raise `LawError` when a required value is missing or a coded value is outside its set."""
        for c in self.columns:
            col = table.column(c.name)
            if c.required and col.null_count:
                raise LawError(f"{self.name}.{c.name}: required, but {col.null_count} rows have none")
            if c.values and pa.types.is_string(c.type):
                bad = set(col.unique().to_pylist()) - set(c.values) - {None}
                if bad:
                    raise LawError(f"{self.name}.{c.name}: {sorted(bad)} not among {', '.join(c.values)}")

    def span_lists(self) -> tuple[str, ...]:
        """Names of the columns that hold lists of spans into the row's own report."""
        return tuple(c.name for c in self.columns if c.type in (SPANS, QUANTITIES) or c.type == SPAN)


def _c(name: str, type: pa.DataType, doc: str, *values: str, required: bool = False, ref: str = "") -> Column:
    return Column(name, type, doc, required, values, ref)


def _report(doc: str = "the report") -> Column:
    return _c("report_id", TEXT, doc, required=True, ref="reports.report_id")


def _span(start: str = "char_start", end: str = "char_end", what: str = "the stretch") -> tuple[Column, Column]:
    return (
        _c(start, INT, f"first character of {what} (code point into reports.text)", required=True),
        _c(end, INT, f"one past the last character of {what}", required=True),
    )


REPORTS = Table(
    "reports",
    "one report as read",
    (
        _c("report_id", TEXT, "id derived from name, outlet and text", required=True),
        _c("external_id", TEXT, "the id that the input gave"),
        _c("uri", TEXT, "where it was read: file name, file name and line, or URL", required=True),
        _c("outlet", TEXT, "who published it"),
        _c(
            "outlet_basis", TEXT, "what the outlet rests on: the input's word, its web address, its text", *OUTLET_BASES
        ),
        _c("outlet_span", SPAN, "the characters that name the outlet, when they are the text's own"),
        _c("title", TEXT, "its headline"),
        _c("byline", TEXT, "its author line"),
        _c("language", TEXT, "ISO 639-1 code"),
        _c("published_at", TIME, "when it was published (UTC)"),
        _c("published_day", TEXT, "the day (ISO) of publication by the clock that the input tells; else as in UTC"),
        _c("published_basis", TEXT, "what the publication date rests on", *PUBLISHED_BASES),
        _c("published_span", SPAN, "the characters that give the date, when it is the text's own"),
        _c("text", TEXT, "the text as it was read, never changed", required=True),
        _c("ingested_at", TIME, "when the input file was last changed, or was fetched; NULL where unknown"),
    ),
    key=("report_id",),
)
SEGMENTS = Table(
    "segments",
    "a stretch of a report that has a role; together they cover every non-blank character",
    (_report(), *_span(), _c("kind", TEXT, "its role", *SEGMENT_KINDS, required=True)),
    key=("report_id", "char_start"),
    spans=(("char_start", "char_end"),),
)
CREDITS = Table(
    "credits",
    "a place where a report names an agency or outlet as the maker of its copy",
    (
        _report(),
        *_span(),
        _c("agency", TEXT, "the agency's or outlet's name", required=True),
        _c("role", TEXT, "what the credit is for", *CREDIT_ROLES, required=True),
    ),
    key=("report_id", "char_start", "agency"),
    spans=(("char_start", "char_end"),),
)
TIMEXES = Table(
    "timexes",
    "a time expression (TimeML TIMEX3)",
    (
        _report(),
        *_span(),
        _c("type", TEXT, "TIMEX3 type", *TIMEX_TYPES, required=True),
        _c("value", TEXT, "TIMEX3 value"),
        _c("mod", TEXT, "TIMEX3 mod, such as LESS_THAN or START"),
        _c("date_start", TEXT, "first day of the interval it means (ISO date)"),
        _c("date_end", TEXT, "last day of the interval it means (ISO date, inclusive)"),
        _c("anchor", TEXT, "what it was resolved against: published, text, an earlier expression, an event"),
    ),
    key=("report_id", "char_start", "char_end"),
    spans=(("char_start", "char_end"),),
)
ENTITIES = Table(
    "entities",
    "one actor, person, organisation or place",
    (
        _c("entity_id", TEXT, "id derived from kind and canonical name", required=True),
        _c("name", TEXT, "canonical name", required=True),
        _c("kind", TEXT, "what it is", *ENTITY_KINDS, required=True),
        _c("country", TEXT, "ISO 3166-1 alpha-3, or an international code (IGO, UNO, EUR, NAT...)"),
        _c("sector", TEXT, "PLOVER sector"),
        _c("role", TEXT, "office or description as the reports give it"),
        _c("latitude", REAL, "degrees north, of places; of a country a point that stands for all of it"),
        _c("longitude", REAL, "degrees east, of places; of a country a point that stands for all of it"),
        _c("geonames_id", pa.int64(), "GeoNames id, of places and countries"),
    ),
    key=("entity_id",),
)
ENTITY_MENTIONS = Table(
    "entity_mentions",
    "one mention of an entity",
    (
        _report(),
        *_span(),
        _c("entity_id", TEXT, "the entity", required=True, ref="entities.entity_id"),
        _c("form", TEXT, "how it is mentioned", *MENTION_FORMS, required=True),
    ),
    key=("report_id", "char_start", "char_end", "entity_id"),
    spans=(("char_start", "char_end"),),
)
ATTRIBUTIONS = Table(
    "attributions",
    "somebody said, wrote or believes something",
    (
        _c("attribution_id", TEXT, "id", required=True),
        _report(),
        _c("content_spans", SPANS, "what was said", required=True),
        _c("cue_spans", SPANS, "the attribution cue", required=True),
        _c("source_spans", SPANS, "who said it, as named there", required=True),
        _c("kind", TEXT, "words quoted in full, in part, or not", *ATTRIBUTION_KINDS, required=True),
        _c("source_entity", TEXT, "the entity that said it", ref="entities.entity_id"),
        _c("source_label", TEXT, "the source in words"),
        _c("source_type", TEXT, "the terms on which it was said", *SOURCE_TYPES, required=True),
        _c("source_country", TEXT, "the country that the source speaks for"),
        _c("date_start", TEXT, "first day on which it may have been said (ISO date)"),
        _c("date_end", TEXT, "last day on which it may have been said (ISO date)"),
        _c("parent_attribution", TEXT, "the attribution that this one is told in", ref="attributions.attribution_id"),
        _c("polarity", TEXT, "what the cue does with the content", "affirm", "deny", "neutral"),
        _c("certainty", TEXT, "how it is put", "confirm", "say", "claim", "allege", "believe", "warn", "demand"),
        _c("anonymity_reason", TEXT, "why the source is unnamed, in the report's words"),
        _c("utterance_id", TEXT, "same for every report of the same words by the same source"),
        _c("utterance_share", REAL, "how much of the utterance the report has, of the report that has most, 0 to 1"),
    ),
    key=("attribution_id",),
)
ALIGNMENTS = Table(
    "alignments",
    "a passage that two reports share; report_a sorts before report_b",
    (
        _c("report_a", TEXT, "one report", required=True, ref="reports.report_id"),
        *_span("a_start", "a_end", "the passage in report_a"),
        _c("report_b", TEXT, "the other report", required=True, ref="reports.report_id"),
        *_span("b_start", "b_end", "the passage in report_b"),
        _c("words", INT, "words of the passage that both have", required=True),
        _c("similarity", REAL, "matching words over the longer side, 0 to 1", required=True),
        _c("kind", TEXT, "how close the two are", *ALIGNMENT_KINDS, required=True),
        _c("quotation", pa.bool_(), "true when all that is shared is a speaker's quoted words"),
    ),
    key=("report_a", "a_start", "report_b", "b_start"),
)
DERIVATIONS = Table(
    "derivations",
    "one report took text from another, or both from a third",
    (
        _report("the report that took the text"),
        _c("from_report_id", TEXT, "where from; NULL: an unseen common source", ref="reports.report_id"),
        _c("with_report_id", TEXT, "for a common source, the other report that has it", ref="reports.report_id"),
        _c("share", REAL, "share of the report's body that was taken, 0 to 1", required=True),
        _c("direction", TEXT, "how surely the direction is known", *DIRECTIONS, required=True),
        _c("confidence", REAL, "0 to 1", required=True),
        _c("evidence", TEXT, "why, in words", required=True),
    ),
    key=("report_id", "from_report_id", "with_report_id"),
)
STORIES = Table(
    "stories",
    "all reports of one happening and its aftermath",
    (
        _c("story_id", TEXT, "id", required=True),
        _c("title", TEXT, "a headline of its reports"),
        _c("date_start", TEXT, "first publication day (ISO date)"),
        _c("date_end", TEXT, "last publication day (ISO date)"),
        _c("n_reports", INT, "reports in the story", required=True),
        _c("n_origins", INT, "independent origins over the story's events", required=True),
    ),
    key=("story_id",),
)
STORY_REPORTS = Table(
    "story_reports",
    "which reports a story has",
    (
        _c("story_id", TEXT, "the story", required=True, ref="stories.story_id"),
        _report(),
        _c(
            "parts",
            SPANS,
            "where a report tells it that is of another story as a whole; NULL: all but its parts in others",
        ),
    ),
    key=("story_id", "report_id"),
)
EVENT_MENTIONS = Table(
    "event_mentions",
    "one report says that something happened",
    (
        _c("mention_id", TEXT, "id", required=True),
        _c("event_id", TEXT, "the event, once reconciled; NULL where none is sure enough", ref="events.event_id"),
        _report(),
        *_span(what="the clause"),
        *_span("anchor_start", "anchor_end", "the word that states the event"),
        _c(
            "event_type",
            TEXT,
            "PLOVER event type, INCIDENT for accidents and disasters, OTHER for what several reports tell and coding "
            "has no type for, or a type of one's own",
            required=True,
        ),
        _c("mode", TEXT, "PLOVER mode"),
        _c("contexts", TEXTS, "PLOVER contexts"),
        _c("cameo", TEXT, "CAMEO code"),
        _c("quad", INT, "quad class: 1 verbal, 2 material cooperation, 3 verbal, 4 material conflict"),
        _c("intensity", REAL, "conflict-cooperation score, -10 to 10"),
        _c("modality", TEXT, "whether it happened", *MODALITIES, required=True),
        _c("actors", TEXTS, "who did it (entity ids)", required=True, ref="entities.entity_id"),
        _c("recipients", TEXTS, "to whom (entity ids)", required=True, ref="entities.entity_id"),
        _c("actor_spans", SPANS, "the characters that name the actors", required=True),
        _c("recipient_spans", SPANS, "the characters that name the recipients", required=True),
        _c("date_start", TEXT, "first day on which it may have happened (ISO date)"),
        _c("date_end", TEXT, "last day on which it may have happened (ISO date)"),
        _c("date_basis", TEXT, "what the date rests on", *DATE_BASES),
        _c("date_span", SPAN, "the characters that give the date"),
        _c("place", TEXT, "where (entity id)", ref="entities.entity_id"),
        _c("place_span", SPAN, "the characters that give the place"),
        _c("quantities", QUANTITIES, "counts and amounts with their role", required=True),
        _c("attribution_id", TEXT, "the attribution that it is told in", ref="attributions.attribution_id"),
        _c("confidence", REAL, "0 to 1"),
    ),
    key=("mention_id",),
    spans=(("char_start", "char_end"), ("anchor_start", "anchor_end")),
)
EVENTS = Table(
    "events",
    "what happened, once, however many reports say so",
    (
        _c("event_id", TEXT, "id", required=True),
        _c("story_id", TEXT, "the story it belongs to", ref="stories.story_id"),
        _c("event_type", TEXT, "PLOVER event type", required=True),
        _c("mode", TEXT, "PLOVER mode"),
        _c("modality", TEXT, "the strongest modality that its reports give it", *MODALITIES),
        _c("summary", TEXT, "the clause that states it best, in a report's own words"),
        _c("mention_id", TEXT, "the mention that the summary is from", ref="event_mentions.mention_id"),
        _c("actor_names", TEXTS, "who did it", required=True),
        _c("actor_countries", TEXTS, "their countries, in the same order; NULL where unknown", required=True),
        _c("recipient_names", TEXTS, "to whom", required=True),
        _c("recipient_countries", TEXTS, "their countries, in the same order; NULL where unknown", required=True),
        _c("date_start", TEXT, "first day on which it may have happened (ISO date)"),
        _c("date_end", TEXT, "last day on which it may have happened (ISO date)"),
        _c("place", TEXT, "where, by name"),
        _c("country", TEXT, "country of the place, ISO 3166-1 alpha-3"),
        _c("latitude", REAL, "degrees north"),
        _c("longitude", REAL, "degrees east"),
        _c("n_reports", INT, "reports that mention it", required=True),
        _c("n_origins", INT, "independent origins behind it", required=True),
        _c("n_origins_low", INT, "the fewest origins that the evidence allows", required=True),
        _c("n_origins_high", INT, "the most origins that the evidence allows", required=True),
        _c("origins_reason", TEXT, "why that many, in one sentence", required=True),
        _c("first_report_id", TEXT, "the first report of it", ref="reports.report_id"),
        _c("confidence", REAL, "0 to 1"),
    ),
    key=("event_id",),
)
ORIGINS = Table(
    "origins",
    "where knowledge of an event came from",
    (
        _c("origin_id", TEXT, "id", required=True),
        _c("event_id", TEXT, "the event", required=True, ref="events.event_id"),
        _c("kind", TEXT, "what kind of origin", *ORIGIN_KINDS, required=True),
        _c("label", TEXT, "the origin in words", required=True),
        _c("report_ids", TEXTS, "reports that rest on it", required=True, ref="reports.report_id"),
        _c("evidence", EVIDENCE, "the characters that show it", required=True),
        _c("reason", TEXT, "why these reports are one origin", required=True),
    ),
    key=("origin_id",),
)
LEDGER = Table(
    "ledger",
    "one value of one field of an event, as one report gives it",
    (
        _c("event_id", TEXT, "the event", required=True, ref="events.event_id"),
        _c("field", TEXT, "date, place, actor, recipient or a quantity's role (killed...)", required=True),
        _c("value", TEXT, "the value, normalised", required=True),
        _c("mention_id", TEXT, "the mention that gives it", required=True, ref="event_mentions.mention_id"),
        _report(),
        *_span(what="the value"),
        _c("origin_id", TEXT, "the origin that it rests on", ref="origins.origin_id"),
        _c("relation", TEXT, "how it stands to the values of the other origins", *RELATIONS, required=True),
        _c("decision", TEXT, "what a person decided of this value; the value stays as reported", *DECISIONS),
        _c("correction_id", TEXT, "the correction that decided it", ref="corrections.correction_id"),
    ),
    key=("event_id", "field", "mention_id", "char_start", "value"),
    spans=(("char_start", "char_end"),),
)
CORRECTIONS = Table(
    "corrections",
    "a person's decision, applied again after every rebuild",
    (
        _c("correction_id", TEXT, "id", required=True),
        _c("made_at", TIME, "when", required=True),
        _c("made_by", TEXT, "who", required=True),
        _c("action", TEXT, "what is to be done", *ACTIONS, required=True),
        _c("target", TEXT, "what it is about: table and id, found again by its evidence", required=True),
        _c("value", TEXT, "the new value, or what is split off, JSON"),
        _c("note", TEXT, "why"),
        _c("field", TEXT, "the field whose value is set, rejected or confirmed; NULL: the whole row"),
        _c("evidence", TEXT, "reports, characters and words by which the target is found again, JSON"),
    ),
    key=("correction_id",),
)
EFFECTS = Table(
    "effects",
    "what each correction does to this record, made anew by every build",
    (
        _c("correction_id", TEXT, "the correction", required=True, ref="corrections.correction_id"),
        _c("state", TEXT, "whether it holds here, and if not, why not", *EFFECTS_STATES, required=True),
        _c("table_name", TEXT, "the table of the row that it changes or marks"),
        _c("row_id", TEXT, "that row's id in this record; a merged row's id is the one that stayed"),
        _c("field", TEXT, "the field that it sets, rejects or confirms"),
        _c("before", TEXT, "what the reports give, JSON"),
        _c("after", TEXT, "what the person decided, JSON"),
        _c("found", TEXT, "by what the target was found again", "id", "reports", "span", "words", "name"),
        _c("detail", TEXT, "more in words: why it was not found, what overruled it"),
    ),
    key=("correction_id", "table_name", "row_id", "field"),
)
PROBLEMS = Table(
    "problems",
    "what could not be read, was refused, or was dropped",
    (
        _c("uri", TEXT, "where it was met", required=True),
        _c("report_id", TEXT, "the report, if one was made"),
        _c("stage", TEXT, "the stage that met it", required=True),
        _c("reason", TEXT, "a short code such as empty-file", required=True),
        _c("detail", TEXT, "the message, with the remedy"),
        _c("seen_at", TIME, "when; NULL in tables that must not depend on the clock"),
    ),
)
META = Table(
    "meta",
    "facts about the record itself: versions, options, digests",
    (_c("name", TEXT, "name of the fact", required=True), _c("value", TEXT, "its value", required=True)),
    key=("name",),
)
MARKS = Table(
    "marks",
    "what an input's own markup says about a stretch of its text",
    (_report(), *_span(), _c("kind", TEXT, "the role that the markup gives it", *SEGMENT_KINDS, required=True)),
    spans=(("char_start", "char_end"),),
    working=True,
)
TERMS = Table(
    "terms",
    "the words of a report that tell which story it is of, as grouping weighs them",
    (
        _report(),
        _c("words", TEXTS, "each word, without its ending", required=True),
        _c("counts", INTS, "how often it stands there, a headline counting more; below 0 for a name", required=True),
        _c("paragraphs", SPANS, "the paragraphs of the report's own prose", required=True),
        _c("held", INTS, "how many words each of them has in `said`", required=True),
        _c("said", INTS, "the words of these paragraphs, one after another, as places in `words`", required=True),
    ),
    key=("report_id",),
    working=True,
)
_SHARED = [pa.field(n, INT) for n in ("a_start", "a_end", "b_start", "b_end", "words")]
COMPARED = Table(
    "compared",
    "pairs of reports that were compared word by word, and what was found; places count a report's words, from 0",
    (
        _c("report_a", TEXT, "the smaller report id", required=True),
        _c("report_b", TEXT, "the other", required=True),
        _c(
            "passages",
            pa.list_(pa.struct([*_SHARED, pa.field("quotation", pa.bool_()), pa.field("kept", pa.bool_())])),
            "what they share; what is an outlet's stock phrase is not kept in `alignments`",
            required=True,
        ),
        _c("reworded", pa.list_(pa.struct(_SHARED)), "sentences in other words; NULL: not looked for"),
    ),
    key=("report_a", "report_b"),
    working=True,
)
GRAMS = Table(
    "grams",
    "by what a report's text is found to be shared: hashes of some of its runs of five words",
    (_report(), _c("words", INT, "how many of its words are compared", required=True),
     _c("grams", pa.list_(pa.uint64()), "each hash once, in order", required=True)),
    key=("report_id",), working=True,
)  # fmt: skip
SAYINGS = Table(
    "sayings",
    "hashes by which attributions of different reports are compared; of an attribution as it was read",
    (
        _c("attribution_id", TEXT, "the attribution", required=True),
        _report(),
        _c("whole", pa.int64(), "words and source together"),
        _c("grams", pa.list_(pa.int64()), "each run of five quoted words", required=True),
        _c("telling", pa.list_(pa.int64()), "the rarest words, each with the source", required=True),
    ),
    key=("attribution_id",),
    working=True,
)
REPEATS = Table(
    "repeats",
    "a line that stands in at least three otherwise different reports of the same outlet",
    (_report(), _c("line", TEXT, "the line as this report has it, without blanks around", required=True)),
    key=("report_id", "line"),
    working=True,
)
PARAGRAPHS = Table(
    "paragraphs",
    "where each parsed paragraph stands in its report",
    (
        _report(),
        *_span(what="the paragraph"),
        _c("kind", TEXT, "kind of the segment it is in", *SEGMENT_KINDS, required=True),
        _c("parse_key", TEXT, "hash of model, version and folded text", required=True, ref="parses.parse_key"),
    ),
    key=("report_id", "char_start"),
    spans=(("char_start", "char_end"),),
    working=True,
)
PARSES = Table(
    "parses",
    "the parse of one distinct paragraph, as columns (blank-separated where text)",
    (
        _c("parse_key", TEXT, "hash of model, version and folded paragraph text", required=True),
        _c("starts", INTS, "first character of each token, from the paragraph's start", required=True),
        _c("ends", INTS, "one past the last character of each token", required=True),
        _c("heads", INTS, "token index of each token's head (its own for a root)", required=True),
        _c("sentence_starts", INTS, "token index at which each sentence begins", required=True),
        _c("lemmas", TEXT, "lemma of each token", required=True),
        _c("pos", TEXT, "universal part of speech of each token", required=True),
        _c("tags", TEXT, "Penn Treebank tag of each token", required=True),
        _c("deps", TEXT, "dependency label of each token (ClearNLP)", required=True),
        _c("ents", TEXT, "named entity tag of each token, IOB (B-PERSON, I-PERSON, O)", required=True),
    ),
    key=("parse_key",),
    working=True,
)

ANCHORS = Table(
    "anchors",
    "where the target of a correction of events stands in the reports as they are now",
    (
        _c("correction_id", TEXT, "the correction", required=True, ref="corrections.correction_id"),
        _c(
            "part",
            INT,
            "which of its targets, from 0; the mentions to be split off have the next number",
            required=True,
        ),
        _c("story_id", TEXT, "the story in which the target stands", required=True, ref="stories.story_id"),
        _report(),
        *_span(what="the clause"),
        _c("anchor_start", INT, "first character of the word that states the event", required=True),
        _c("anchor_end", INT, "one past its last character", required=True),
        _c("event_type", TEXT, "its type when the correction was made"),
        _c("field", TEXT, "the field of the ledger whose value stands there"),
        _c("found", TEXT, "how it was found again", required=True),
    ),
    spans=(("char_start", "char_end"), ("anchor_start", "anchor_end")),
    working=True,
)
ORIGINALS = Table(
    "originals",
    "rows as the stages gave them, where a correction changed them; a correction undone puts them back",
    (
        _c("table_name", TEXT, "the table", required=True),
        _c("row_key", TEXT, "the row's key, JSON", required=True),
        _c("change", TEXT, "what the correction did to it", "changed", "removed", "added", required=True),
        _c("row", TEXT, "the values as they were, JSON"),
    ),
    key=("table_name", "row_key"),
    working=True,
)

_READ = (
    "outlet", "outlet_basis", "outlet_span", "title", "byline", "language", "published_at", "published_day",
)  # fmt: skip
AS_READ = Table(
    "as_read",
    "what the input said of a report, which later stages and corrections may have changed",
    (_report(), *(_c(c.name, c.type, f"{c.doc}, as read") for c in REPORTS.columns if c.name in _READ)),
    key=("report_id",),
    working=True,
)
CLAIMS = Table(
    "claims",
    "what one report lets an entity be; entities has one row of all of these",
    (_report(), *ENTITIES.columns),
    key=("report_id", "entity_id"),
    working=True,
)
UNLINKED = Table(
    "unlinked",
    "entity mentions as they were, of reports in which linking made two entities one",
    tuple(replace(c, ref="") if c.name == "entity_id" else c for c in ENTITY_MENTIONS.columns),
    spans=ENTITY_MENTIONS.spans,
    working=True,
)
ECHOES = Table(
    "echoes",
    "event mentions that coding missed and reconciling found by what other reports of the story say",
    (_c("mention_id", TEXT, "the mention", required=True, ref="event_mentions.mention_id"), _report()),
    key=("mention_id",),
    working=True,
)


def _asked(stage: str, unit: Column) -> Table:
    asked = _c("columns", TEXTS, "the columns of entities that were read", required=True)
    return Table(
        f"asked_by_{stage}",
        f"what `{stage}` asked of the entities of a report or story; while these values stay, it need not run again",
        (unit, _c("entity_id", TEXT, "the entity, as it was called then", required=True), asked),
        key=(unit.name, "entity_id"),
        working=True,
    )


ASKED_BY_ATTRIBUTE, ASKED_BY_CODE = _asked("attribute", _report()), _asked("code", _report())
ASKED_BY_RECONCILE = _asked("reconcile", _c("story_id", TEXT, "the story", required=True, ref="stories.story_id"))
TRACED = Table(
    "traced",
    "hashes of the mentions that an event's row, origins and ledger were worked out of: while they hold, these stand",
    (
        _c("event_id", TEXT, "the event", required=True, ref="events.event_id"),
        _c("story_id", TEXT, "its story", required=True, ref="stories.story_id"),
        _c("given", TEXT, "hash of its mentions, and of whether others stand near them", required=True),
        _c("identities", TEXTS, "by what its origins are told apart in the whole story", required=True),
    ),
    key=("event_id",),
    working=True,
)
CARRIED = Table(
    "carried",
    "hashes of what a stage was given for a report or story, and of what it gave: while they hold, it need not run",
    (
        _c("stage", TEXT, "the stage", required=True),
        _c("unit", TEXT, "the report or story", required=True),
        _c("input", TEXT, "hash of version, options and input rows", required=True),
        _c("output", TEXT, "hash of the rows that it gave", required=True),
    ),
    key=("stage", "unit"),
    working=True,
)

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        REPORTS, SEGMENTS, CREDITS, TIMEXES, ENTITIES, ENTITY_MENTIONS, ATTRIBUTIONS, ALIGNMENTS, DERIVATIONS,
        STORIES, STORY_REPORTS, EVENT_MENTIONS, EVENTS, ORIGINS, LEDGER, CORRECTIONS, EFFECTS, PROBLEMS, META,
        MARKS, REPEATS, TERMS, COMPARED, GRAMS, PARAGRAPHS, PARSES, SAYINGS, ANCHORS, ORIGINALS, AS_READ, CLAIMS,
        UNLINKED, ECHOES, ASKED_BY_ATTRIBUTE, ASKED_BY_CODE, ASKED_BY_RECONCILE, TRACED, CARRIED,
    )
}  # fmt: skip


def table(name: str) -> Table:
    """The declaration of a table; raises `UsageError`, naming the known ones, when there is none."""
    if name not in TABLES:
        near = difflib.get_close_matches(name, TABLES, 1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"no table {name!r}; {hint}the tables are {', '.join(TABLES)}")
    return TABLES[name]
