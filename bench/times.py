"""Time expressions: spans, types and values against TempEval-3, MEANTIME and GUM news."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bench import harness
from bench.harness import Counts, Figure
from onrecord.model import Document, Segment, Span, Timex
from onrecord.stages.time import date_from_text, find_times

_TE3 = "HeidelTime 90.3 relaxed, 81.3 strict, 77.6 value F1; UWTime 91.4, 83.1, 82.4 (TempEval-3 platinum, all 20)"
FIGURES = [
    Figure("times.tempeval3.platinum.value_f1", "TempEval-3 platinum: value F1 on relaxed matches", _TE3),
    Figure("times.tempeval3.platinum.relaxed_f1", "TempEval-3 platinum: relaxed span F1", _TE3),
    Figure("times.tempeval3.platinum.strict_f1", "TempEval-3 platinum: strict span F1", _TE3),
    Figure("times.tempeval3.all.relaxed_f1", "TempEval-3, all parts: relaxed span F1", _TE3, blind="old newswire"),
    Figure("times.tempeval3.all.strict_f1", "TempEval-3, all parts: strict span F1", _TE3),
    Figure("times.tempeval3.all.value_f1", "TempEval-3, all parts: value F1", _TE3),
    Figure("times.tempeval3.all.type_f1", "TempEval-3, all parts: type F1", _TE3),
    Figure("times.tempeval3.timebank.value_f1", "TimeBank: value F1", blind="the gold misses and mislabels some"),
    Figure("times.tempeval3.timebank.relaxed_f1", "TimeBank: relaxed span F1"),
    Figure("times.tempeval3.aquaint.value_f1", "AQUAINT: value F1"),
    Figure("times.tempeval3.aquaint.relaxed_f1", "AQUAINT: relaxed span F1"),
    Figure("times.meantime.value_f1", "MEANTIME: value F1, annotated sentences only"),
    Figure("times.meantime.relaxed_f1", "MEANTIME: relaxed span F1"),
    Figure("times.meantime.strict_f1", "MEANTIME: strict span F1"),
    Figure("times.gum_news.value_accuracy", "GUM news: same days on the dates found", blind="sparse, TEI values"),
    Figure("times.gum_news.recall", "GUM news: dates found"),
    Figure("times.published.precision", "own date read from AllSides texts: share within a day of the listed date"),
    Figure("times.published.found", "AllSides texts whose own date is read", blind="most give none in their text"),
    Figure("times.words_per_second", "words a second from stored parses, one core"),
]

_EVERY = 3  # of the AllSides texts, in date order, one in so many is looked at for its own date

Found = tuple[int, int, str, str | None]  # start, end, type, value
Finder = Callable[[Document], Iterable[Found]]


def ours(doc: Document) -> list[Found]:
    """What onrecord finds."""
    return [(t.span.start, t.span.end, t.type, t.value) for t in doc.timexes]


def dateparser_dates(doc: Document) -> list[Found]:
    """What dateparser's search finds, read against the report's date, as days."""
    from dateparser.search import search_dates

    settings: dict[str, Any] = {"PREFER_DATES_FROM": "past"}
    if doc.published:
        from datetime import datetime
        from datetime import time as clock

        settings["RELATIVE_BASE"] = datetime.combine(doc.published, clock())
    out: list[Found] = []
    for paragraph in doc.paragraphs:
        at = paragraph.span.start
        for words, moment in search_dates(doc.quote(paragraph.span), languages=["en"], settings=settings) or ():
            found = doc.text.find(words, at, paragraph.span.end)
            if found >= 0:
                out.append((found, found + len(words), "DATE", moment.date().isoformat()))
                at = found + len(words)
    return out


def score(gold: Sequence[Sequence[Found]], found: Sequence[Sequence[Found]]) -> dict[str, float]:
    """TempEval-3 task A: strict and relaxed span F1; value and type F1 count relaxed matches whose attribute is right.

    A gold expression is matched with at most one found, the one that shares most characters with it.
    """
    strict, relaxed, value, kind = Counts(), Counts(), Counts(), Counts()
    for g, f in zip(gold, found, strict=True):
        exact = {(x[0], x[1]) for x in f}
        strict.add(sum((x[0], x[1]) in exact for x in g), len(f), len(g))
        pairs = sorted(
            (
                (min(a[1], b[1]) - max(a[0], b[0]), -i, -j)
                for i, a in enumerate(g)
                for j, b in enumerate(f)
                if a[0] < b[1] and b[0] < a[1]
            ),
            reverse=True,
        )
        used_g: set[int] = set()
        used_f: set[int] = set()
        for _, i, j in pairs:
            if i not in used_g and j not in used_f:
                used_g.add(i)
                used_f.add(j)
                value.hit += g[-i][3] == f[-j][3]
                kind.hit += g[-i][2] == f[-j][2]
        relaxed.add(len(used_g), len(f), len(g))
        value.add(0, len(f), len(g))
        kind.add(0, len(f), len(g))
    return {
        "strict_f1": strict.f1,
        "relaxed_f1": relaxed.f1,
        "relaxed_precision": relaxed.precision,
        "relaxed_recall": relaxed.recall,
        "value_f1": value.f1,
        "type_f1": kind.f1,
    }


def _gold(item: dict[str, Any], until: int | None = None) -> list[Found]:
    spans = [t for t in item["timexes"] if t.get("start") is not None and not t.get("empty")]
    return [(t["start"], t["end"], t["type"], t["value"]) for t in spans if until is None or t["end"] <= until]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text and re.match(r"\d{4}-\d\d-\d\d", text) else None


def _documents(items: Sequence[dict[str, Any]], when: str) -> list[Document]:
    days = [_day(i.get(when)) for i in items]
    return harness.recorded([i["text"] for i in items], [{"published": str(d)} if d else {} for d in days])


def _tempeval3(data: Path, limit: int | None, finder: Finder) -> dict[str, float]:
    items = harness.items(data, "temporal/tempeval3", limit=limit)
    docs = _documents(items, "dct")
    gold, found = [_gold(i) for i in items], [list(finder(d)) for d in docs]
    out: dict[str, float] = {}
    for part in ("all", "platinum", "TimeBank", "AQUAINT"):
        some = [n for n, i in enumerate(items) if part in ("all", i["partition"])]
        if some:
            figures = score([gold[n] for n in some], [found[n] for n in some])
            out |= {f"tempeval3.{part.lower()}.{k}": v for k, v in figures.items()}
    return out


def _meantime(data: Path, limit: int | None, finder: Finder) -> dict[str, float]:
    items = harness.items(data, "temporal/meantime", limit=limit)
    docs = _documents(items, "dct")
    gold = [_gold(i, i["full_annotation_end"]) for i in items]
    found = [[f for f in finder(d) if f[1] <= i["full_annotation_end"]] for i, d in zip(items, docs, strict=True)]
    return {f"meantime.{k}": v for k, v in score(gold, found).items()}


def _gum_news(data: Path, limit: int | None) -> dict[str, float]:
    items = harness.items(data, "temporal/gum_news", limit=limit)
    right, met = Counts(), Counts()
    for item, doc in zip(items, _documents(items, "date"), strict=True):
        found = doc.timexes
        for g in item["dates"]:
            hit = next((t for t in found if t.span.overlaps(Span(g["start"], g["end"]))), None)
            met.add(hit is not None, 1, 1)
            if hit is not None and ("when" in g or ("from" in g and "to" in g)):
                right.add(_same_days(g, hit), 1, 1)
    return {"gum_news.recall": met.recall, "gum_news.value_accuracy": right.recall}


def _same_days(gold: dict[str, Any], found: Timex) -> bool:
    if "when" in gold:
        return (found.value or "").split("T")[0] == str(gold["when"]).split("T")[0]
    return (str(found.start), str(found.end)) == (gold["from"], gold["to"])


def _published(data: Path, limit: int | None) -> dict[str, float]:
    items = harness.items(data, "raw_corpus/allsides_articles", limit=limit)[::_EVERY]
    right, found = Counts(), Counts()
    for item in items:
        doc = Document("r", item["text"], (Segment(Span(0, len(item["text"])), "body"),))
        own = date_from_text(doc)
        found.add(own is not None, 1, 1)
        listed = _day(item["date"])
        if own is not None and listed is not None:
            right.add(abs((own[0] - listed).days) <= 1, 1, 1)
    return {"published.precision": right.recall, "published.found": found.recall}


def _speed(data: Path, limit: int | None) -> dict[str, float]:
    items = harness.items(data, "temporal/tempeval3", limit=limit)
    docs = _documents(items, "dct")
    words = sum(len(d.text.split()) for d in docs)
    start = time.perf_counter()
    for d in docs:
        find_times(d)
    return {"words_per_second": words / (time.perf_counter() - start)}


def run(data: Path, limit: int | None = None) -> dict[str, float]:
    """Figures of onrecord and, as `peer.`, of dateparser's search on the same texts."""
    out: dict[str, float] = {}
    tasks: list[Callable[[], dict[str, float]]] = [
        lambda: _named("times", _tempeval3(data, limit, ours)),
        lambda: _named("times", _meantime(data, limit, ours)),
        lambda: _named("times", _gum_news(data, limit)),
        lambda: _named("times", _published(data, limit)),
        lambda: _named("times", _speed(data, limit)),
        lambda: _named("peer.times", _peers(data, limit)),
    ]
    missing = []
    for task in tasks:
        try:
            out |= task()
        except harness.Missing as error:
            missing.append(str(error))
    if not out:
        raise harness.Missing("; ".join(missing))
    return out


def _named(head: str, figures: dict[str, float]) -> dict[str, float]:
    return {f"{head}.{k}": v for k, v in figures.items()}


def _peers(data: Path, limit: int | None) -> dict[str, float]:
    try:
        import dateparser  # noqa: F401
    except ImportError:
        return {}
    return _tempeval3(data, limit, dateparser_dates) | _meantime(data, limit, dateparser_dates)
