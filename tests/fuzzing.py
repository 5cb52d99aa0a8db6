"""Seeded material to try the extractors with, each by itself: texts, parses that no parser gave, rows of every table.

The parses are trees, as the pipeline guarantees, and nothing more: their tags, labels and names are drawn at random, so
that a stage meets what a parser does with text that is no language. What one stage hands to the next is drawn too.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import pyarrow as pa

from onrecord import perreport, schema
from onrecord.intake import report_row
from onrecord.model import (
    Attribution,
    Document,
    Entity,
    EventMention,
    Mark,
    Mention,
    Parse,
    Quantity,
    RawReport,
    Segment,
    Span,
    Timex,
)
from onrecord.stages.annotate import paragraphs_of
from onrecord.stages.segment import segment
from onrecord.text import cuts_word

T = TypeVar("T")

PLAIN = (
    "The army shelled the port of Larnvik on Monday , killing three dockers , the interior ministry said .",
    '" We will answer , " said Mira Aldane , the governor , in a statement on 4 March 2024 .',
    "Police arrested at least 12 people in Paris after a protest against the French government last Friday .",
    "President Orban met his Turkish counterpart Erdogan in Ankara and agreed to a ceasefire within two weeks .",
    "Reporting by Ana Ruiz in Madrid ; Editing by Tom Low",
    "By Ana Ruiz and Agence France-Presse",
    "PARIS ( Reuters ) -",
    "According to two officials who spoke on condition of anonymity , talks between Israel and Hamas collapsed .",
    "About 1,200 homes were destroyed by floods in Pakistan 's Sindh province in the third quarter of 2022 , he said .",
)
ODD = (
    "\0", "\u202e", "\u202c", "\u2066", "a" + "\u0301" * 9, "\u200b", "\ufeff", "\x1b[31m", "\x07", "\x85", "\u2028",
    "\U0001f4a5", "\U0001f3f4\u200d\u2620\ufe0f", "\ufffd", "\ufdfa", "İ", "ß", "ﬁ", "\u0345",
    "<script>alert(1)</script>",
    "&#0;", "=cmd|' /C calc'!A0", "{{7*7}}", "%s%n", "../../etc", "'; DROP TABLE reports; --", "[](javascript:x)",
    '"', "“", "”", "''", "``", "‘", "’", "«", "»", "(", ")", "[", "]", "—", "--", "…", ".", "...", ",", ":", ";", "?!",
    "\n", "\n\n", "\n   \n", "\t", "\r\n", "\xa0", " ", "  ", "•", "|", "#", "* ",
)  # fmt: skip
DATES = (
    "3 May 99999", "31 February 2024", "00/00/0000", "year 0", "the 99th century", "in 10000 BC", "1 January 0001",
    "31 December 9999", "999999999999 years ago", "in 10^400 days", "the day after the day after tomorrow", "24:61",
    "2024-13-45", "Monday the 32nd", "last next Friday", "every other leap day", "the 1st quarter of 99999",
    "1e999 weeks",
    "more than 99999999999999999999 days", "-5 days", "½ year", "٣ مايو ٢٠٢٤", "the 1800s to the 9990s", "noon on 0/0",
)  # fmt: skip
NUMBERS = (
    "0", "-1", "1e400", "1e-400", "nan", "inf", "12,345,678", "1,2,3,4", "9" * 400, "٣٤", "½", "1/0", "a dozen dozen",
    "three hundred million billion", "$9" + "0" * 60, "12-" * 30, "1.2.3.4.5", "hundreds of thousands", "no", "zero",
)  # fmt: skip
WORDS = [
    *sorted({w for line in PLAIN for w in line.split()}),
    "killed", "wounded", "attack", "talks", "deal", "sanctions", "warned", "denied", "claimed", "told", "according",
    "to", "he", "she", "they", "it", "who", "which", "that", "and", "or", "of", "by", "in", "at", "from", "against",
    "not", "never", "would", "if", "had", "been", "Russia", "Russian", "Kyiv", "Springfield", "Georgia", "Washington",
    "EU", "U.S.", "UN", "Reuters", "AP", "minister", "spokesman", "sources", "officials", "yesterday", "March", "week",
]  # fmt: skip
_TAGS = "NN NNS NNP NNPS VB VBD VBG VBN VBP VBZ JJ RB IN DT CD PRP PRP$ WP WDT TO MD CC POS `` '' , . : -RRB- XX "
TAGS = _TAGS.split()
_POS = "NOUN PROPN VERB AUX ADJ ADV ADP DET NUM PRON SCONJ CCONJ PART PUNCT SYM X INTJ "
POS = _POS.split()
_DEPS = (
    "nsubj nsubjpass dobj pobj prep agent aux auxpass neg ccomp xcomp advcl acl relcl appos conj cc compound "
    "amod nummod poss case det advmod npadvmod attr oprd dative mark punct parataxis dep meta expl csubj "
    "intj pcomp prt quantmod nmod "
)
DEPS = _DEPS.split()
_LABELS = "PERSON ORG GPE NORP LOC FAC DATE TIME CARDINAL MONEY QUANTITY PERCENT ORDINAL EVENT LAW PRODUCT "
LABELS = _LABELS.split()
_TOKEN = re.compile(r"\w+|[^\w\s]")
DAYS = (date.min, date.max, date(2024, 2, 29), date(2024, 3, 4), date(1, 12, 31), date(9999, 1, 1))


def piece(dice: random.Random) -> str:
    """A sentence, some words, or something odd; now and then many times over."""
    kind = dice.random()
    if kind < 0.35:
        out = dice.choice(PLAIN)
    elif kind < 0.55:
        out = " ".join(dice.choices(WORDS, k=dice.randint(1, 25)))
    elif kind < 0.75:
        out = dice.choice(ODD)
    elif kind < 0.85:
        out = dice.choice(DATES)
    elif kind < 0.93:
        out = dice.choice(NUMBERS)
    else:
        out = "".join(chr(dice.choice((dice.randrange(32, 127), dice.randrange(160, 0x2FFF)))) for _ in range(12))
    return out * dice.choice((2, 3, 20, 60)) if dice.random() < 0.08 else out


def text(dice: random.Random) -> str:
    """A text of up to some 40 pieces; never only blanks."""
    out = "".join(piece(dice) + dice.choice(("", " ", " ", " ", "\n", "\n\n")) for _ in range(dice.randint(1, 40)))
    return out if out.strip() else "x"


def some(dice: random.Random, values: Sequence[T], most: int = 3) -> list[T]:
    """Some of them, or none."""
    return dice.sample(list(values), min(len(values), dice.randint(0, most)))


def maybe(dice: random.Random, value: T) -> T | None:
    return value if dice.random() < 0.7 else None


def span(dice: random.Random, words: str) -> Span | None:
    """A stretch that cuts no word and is not only blanks, as laws want it; None where the text has none."""
    for _ in range(20):
        start = dice.randrange(len(words))
        end = min(len(words), start + dice.choice((1, 2, 5, 12, 40, 200)))
        while start and cuts_word(words, start):
            start -= 1
        while end < len(words) and cuts_word(words, end):
            end += 1
        if words[start:end].strip():
            return Span(start, end)
    return None


def raw(dice: random.Random) -> RawReport:
    """A report as a reader may give it."""
    words = text(dice)
    marks = [Mark(s, dice.choice(schema.SEGMENT_KINDS)) for _ in range(dice.randint(0, 6)) if (s := span(dice, words))]
    day = dice.choice(DAYS)
    return RawReport(
        uri=piece(dice) or "x",
        text=words,
        external_id=maybe(dice, piece(dice)),
        outlet=maybe(dice, piece(dice)),
        title=maybe(dice, dice.choice((words[: dice.randint(1, 80)], piece(dice)))),
        byline=maybe(dice, piece(dice)),
        language=maybe(dice, dice.choice(("en", "xx", piece(dice)))),
        published=maybe(dice, datetime(day.year, day.month, day.day, 12, tzinfo=UTC)),
        marks=tuple(sorted(marks, key=lambda m: m.span)),
        report_id=f"r_{dice.getrandbits(64):016x}",
    )


def parse(dice: random.Random, words: str) -> Parse:
    """Tokens of these words, in sentences whose trees, tags and names are drawn."""
    tokens = [m.span() for m in _TOKEN.finditer(words)]
    starts = (
        [0, *sorted(dice.sample(range(1, len(tokens)), min(len(tokens) - 1, dice.randint(0, 4))))] if tokens else []
    )
    heads = list(range(len(tokens)))
    for first, last in zip(starts, [*starts[1:], len(tokens)], strict=True):
        order = list(range(first, last))
        if dice.random() < 0.8:
            dice.shuffle(order)
        for n, token in enumerate(order[1:], 1):
            heads[token] = order[n - 1] if dice.random() < 0.2 else order[dice.randrange(n)]
    deps = [dice.choice(DEPS) if h != i else "ROOT" for i, h in enumerate(heads)]
    forms = [words[a:b] for a, b in tokens]
    return Parse(
        [a for a, _ in tokens],
        [b for _, b in tokens],
        heads,
        starts,
        [dice.choice((f.lower(), f.lower(), dice.choice(WORDS).lower())).replace(" ", "_") for f in forms],
        [dice.choice(POS) for _ in forms],
        [dice.choice(TAGS) for _ in forms],
        deps,
        [dice.choice(("O", "O", "B-", "I-")) for _ in forms],
    )


def named(dice: random.Random, given: Parse) -> Parse:
    """The parse with runs of names; some begin in the middle, as no tagger should have it."""
    label, ents = "ORG", []
    for tag in given.ents:
        if tag == "B-":
            label = dice.choice(LABELS)
        ents.append(tag if tag == "O" else tag + label)
    return Parse(*(getattr(given, n) for n in given.__slots__[:-1]), ents)


def document(dice: random.Random, report: RawReport, segments: Sequence[Segment]) -> Document:
    """The report, parsed by nobody."""
    places = [
        (s, k, named(dice, parse(dice, report.text[s.start : s.end]))) for s, k in paragraphs_of(report.text, segments)
    ]
    return Document.assemble(
        report.report_id,
        report.text,
        segments,
        [p for p in places if p[2].starts],
        title=report.title,
        outlet=report.outlet,
        published=maybe(dice, dice.choice(DAYS)),
        published_basis=maybe(dice, dice.choice(schema.PUBLISHED_BASES)),
    )


def entities(dice: random.Random, n: int) -> list[Entity]:
    """Actors and places of any kind, with or without all that may be known of them."""
    return [
        Entity(
            f"e_{dice.getrandbits(16):04x}",
            dice.choice((piece(dice).strip() or "x", " ".join(dice.choices(WORDS, k=2)))),
            dice.choice(schema.ENTITY_KINDS),
            maybe(dice, dice.choice(("FRA", "RUS", "USA", "NAT", "IGO", "", "zz", "\u202e"))),
            maybe(dice, dice.choice(("GOV", "MIL", "REB", "CVL", "", "???"))),
            maybe(dice, piece(dice)),
            maybe(dice, dice.choice((0.0, 90.0, -90.0, 48.85))),
            maybe(dice, dice.choice((0.0, 180.0, -180.0, 2.35))),
            maybe(dice, dice.choice((0, -1, 2988507, 2**62))),
        )
        for _ in range(n)
    ]


def equip(dice: random.Random, doc: Document) -> Document:
    """Give it mentions, time expressions and attributions that no stage found."""
    known = entities(dice, dice.randint(1, 6))
    doc.entities = {e.id: e for e in known}
    ids = sorted(doc.entities)
    mentions = {
        (s, dice.choice(ids)): dice.choice(schema.MENTION_FORMS)
        for _ in range(dice.randint(0, 12))
        if (s := span(dice, doc.text))
    }
    doc.mentions = tuple(Mention(s, e, form) for (s, e), form in sorted(mentions.items()))
    doc.timexes = tuple(sorted((timex(dice, s) for s in spans(dice, doc.text, 6)), key=lambda t: t.span))
    doc.attributions = tuple(attribution(dice, doc, n, ids) for n in range(dice.randint(0, 5)))
    return doc


def spans(dice: random.Random, words: str, most: int) -> list[Span]:
    return sorted({s for _ in range(dice.randint(0, most)) if (s := span(dice, words))})


def interval(dice: random.Random) -> tuple[date | None, date | None]:
    one, other = sorted(dice.choices(DAYS, k=2))
    return dice.choice(((one, other), (one, one), (None, None), (one, None), (None, other)))


def timex(dice: random.Random, where: Span) -> Timex:
    start, end = interval(dice)
    value = dice.choice((None, "2024-03-04", "P999Y", "PXD", "FUTURE_REF", "99999-W99", "", "T24:61", "2024-Q9"))
    mod = maybe(dice, dice.choice(("LESS_THAN", "START", "END", "APPROX")))
    return Timex(where, dice.choice(schema.TIMEX_TYPES), value, mod, start, end, maybe(dice, "published"))


def attribution(dice: random.Random, doc: Document, n: int, ids: Sequence[str]) -> Attribution:
    start, end = interval(dice)
    content = tuple(spans(dice, doc.text, 3)) or ((s,) if (s := span(dice, doc.text)) else ())
    return Attribution(
        f"a_{doc.report_id}_{n}",
        content,
        tuple(spans(dice, doc.text, 2)),
        tuple(spans(dice, doc.text, 2)),
        dice.choice(schema.ATTRIBUTION_KINDS),
        dice.choice(schema.SOURCE_TYPES),
        maybe(dice, dice.choice(ids)),
        maybe(dice, piece(dice)),
        maybe(dice, "FRA"),
        start,
        end,
        maybe(dice, f"a_{doc.report_id}_{dice.randrange(n)}") if n else None,
        maybe(dice, dice.choice(("affirm", "deny", "neutral"))),
        maybe(dice, dice.choice(("confirm", "say", "claim", "allege", "believe", "warn", "demand"))),
        maybe(dice, piece(dice)),
    )


def mention(dice: random.Random, doc: Document, n: int) -> EventMention | None:
    """What coding might have found, of any type and with any values."""
    ids = sorted(doc.entities)
    clause = span(dice, doc.text)
    if clause is None or not ids:
        return None
    start, end = interval(dice)
    counts = [
        Quantity(
            s,
            dice.choice((0.0, -1.0, 3.0, 1e308, float("inf"), 0.5)),
            maybe(dice, "USD"),
            dice.choice(("killed", "injured", "amount", "x")),
        )
        for s in spans(dice, doc.text, 3)
    ]
    return EventMention(
        f"m_{doc.report_id}_{n}",
        clause,
        span(dice, doc.text) or clause,
        dice.choice((*schema.EVENT_TYPES, "INCIDENT", "OTHER", "MY_TYPE")),
        dice.choice(schema.MODALITIES),
        maybe(dice, "airstrike"),
        tuple(some(dice, ("military", "economic", "x"))),
        maybe(dice, dice.choice(("190", "0", "", "036"))),
        maybe(dice, dice.choice((1, 2, 3, 4, 0, -9))),
        maybe(dice, dice.choice((-10.0, 10.0, 0.0))),
        tuple(some(dice, ids)),
        tuple(some(dice, ids)),
        tuple(spans(dice, doc.text, 2)),
        tuple(spans(dice, doc.text, 2)),
        start,
        end,
        maybe(dice, dice.choice(schema.DATE_BASES)),
        span(dice, doc.text),
        maybe(dice, dice.choice(ids)),
        span(dice, doc.text),
        tuple(counts),
        maybe(dice, dice.choice([a.id for a in doc.attributions])) if doc.attributions else None,
        maybe(dice, dice.random()),
    )


def world(dice: random.Random, n: int) -> dict[str, pa.Table]:
    """Tables of some reports in some stories, as the stages before reconciling may leave them."""
    rows: dict[str, list[dict[str, Any]]] = {
        name: []
        for name in (
            "reports", "segments", "credits", "entities", "entity_mentions", "timexes", "attributions", "alignments",
            "derivations", "stories", "story_reports", "event_mentions",
        )
    }  # fmt: skip
    shared = [piece(dice) for _ in range(4)]
    known: dict[str, Entity] = {}
    pool = [f"u_{k}" for k in range(4)]
    for _ in range(n):
        report = raw(dice)
        report = RawReport(
            **{f: getattr(report, f) for f in report.__slots__}
            | {"text": report.text + "\n" + "\n".join(some(dice, shared)) + " x"}
        )
        segments, credits = segment(report)
        doc = equip(dice, document(dice, report, segments))
        known |= doc.entities
        mine = {"report_id": report.report_id}
        row = report_row(report) | mine
        if row["published_at"] is None and dice.random() < 0.3:
            day = dice.choice(DAYS)
            row |= {
                "published_day": day.isoformat(),
                "published_basis": "text",
                "published_at": datetime(day.year, day.month, day.day, tzinfo=UTC),
            }
        rows["reports"].append(row)
        rows["segments"] += [mine | s.span.row() | {"kind": s.kind} for s in segments]
        rows["credits"] += [mine | c.span.row() | {"agency": c.agency, "role": c.role} for c in credits]
        rows["entity_mentions"] += [perreport.mention_row(report.report_id, m) for m in doc.mentions]
        rows["timexes"] += [perreport.timex_row(report.report_id, t) for t in doc.timexes]
        rows["attributions"] += [
            perreport.attribution_row(report.report_id, a)
            | {"utterance_id": dice.choice(pool), "utterance_share": dice.random()}
            for a in doc.attributions
        ]
        found = [m for k in range(dice.randint(0, 6)) if (m := mention(dice, doc, k))]
        rows["event_mentions"] += [perreport.event_row(report.report_id, m) | {"event_id": None} for m in found]
    rows["entities"] = [perreport.entity_row(known[e]) for e in sorted(known)]
    rows["stories"], rows["story_reports"] = stories(dice, rows["reports"])
    rows["alignments"], rows["derivations"] = passages(dice, rows["reports"]), derivations(dice, rows["reports"])
    return {name: schema.table(name).from_rows(of) for name, of in rows.items()}


def stories(dice: random.Random, reports: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    ids = [f"s_{k}" for k in range(dice.randint(1, 3))]
    belongs: list[dict[str, Any]] = []
    for r in reports:
        home, other = dice.choice(ids), dice.choice(ids)
        belongs.append({"story_id": home, "report_id": r["report_id"], "parts": None})
        if other != home and (part := span(dice, r["text"])):
            belongs.append({"story_id": other, "report_id": r["report_id"], "parts": [part.row()]})
    used = sorted({b["story_id"] for b in belongs})
    return [
        {
            "story_id": s, "title": maybe(dice, piece(dice)), "n_origins": 0,
            "n_reports": sum(b["story_id"] == s for b in belongs),
        }
        for s in used
    ], belongs  # fmt: skip


def passages(dice: random.Random, reports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    out = {}
    for _ in range(dice.randint(0, 6)):
        a, b = sorted(dice.choices(reports, k=2), key=lambda r: r["report_id"])
        here, there = span(dice, a["text"]), span(dice, b["text"])
        if a is not b and here and there:
            out[a["report_id"], here.start, b["report_id"], there.start] = {
                "report_a": a["report_id"], "a_start": here.start, "a_end": here.end, "report_b": b["report_id"],
                "b_start": there.start, "b_end": there.end, "words": dice.choice((0, 8, 10**6)),
                "similarity": dice.random(), "kind": dice.choice(schema.ALIGNMENT_KINDS),
                "quotation": dice.random() < 0.3,
            }  # fmt: skip
    return [out[k] for k in sorted(out)]


def derivations(dice: random.Random, reports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    out = {}
    for _ in range(dice.randint(0, 5)):
        a, b = dice.choice(reports)["report_id"], dice.choice(reports)["report_id"]
        source, beside = dice.choice(((b, None), (None, b), (None, None)))
        out[a, source, beside] = {
            "report_id": a, "from_report_id": source, "with_report_id": beside, "share": dice.random(),
            "direction": dice.choice(schema.DIRECTIONS), "confidence": dice.random(), "evidence": piece(dice),
        }  # fmt: skip
    return list(out.values())
