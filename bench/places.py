"""Places: TR-News, LGL and GeoWebNews, gold place names found and put within 161 km (100 miles)."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

from bench import harness
from bench.harness import Figure
from onrecord.model import Document
from onrecord.stages.resolve import places
from onrecord.stages.resolve.gazetteer import load

_NEAR_KM = 161.0
_SETS = {"tr_news": "entities/tr_news", "lgl": "entities/lgl", "geowebnews": "entities/geowebnews"}
_PUBLISHED = {
    "tr_news": "0.91-0.94 given the gold spans",
    "lgl": "0.80-0.84 given the gold spans",
    "geowebnews": "0.78-0.80 given the gold spans",
}
_LITERAL = {"Literal", "Metonymic", "Mixed", "Literal_Modifier", "Non_Literal_Modifier", "Coercion", "Embedded_Literal"}

FIGURES = [
    figure
    for name in _SETS
    for figure in (
        Figure(f"places.{name}.found", "gold place names that overlap one of ours"),
        Figure(
            f"places.{name}.within_161km",
            "gold place names found and put within 161 km of the gold point",
            published=_PUBLISHED[name],
            blind="the gold point of a country or province is a convention; any overlap of spans counts as found",
        ),
        Figure(f"places.{name}.within_161km_of_found", "the same, over the gold names found"),
        Figure(
            f"places.{name}.precision",
            "our finds that overlap a gold place name, with or without a point",
            blind="names that the annotators passed over count against us",
        ),
        Figure(
            f"places.{name}.stage.found", "found by the stage function `places.find` with demonyms and embedded names"
        ),
        Figure(f"places.{name}.stage.within_161km", "the same stage function, found and within 161 km"),
        Figure(f"places.{name}.country", "gold place names found with the right country"),
        Figure(
            f"peer.places.{name}.within_161km", "the most populous town, or the country, of that name, over our finds"
        ),
    )
] + [Figure("places.words_per_second", "words a second of finding places, from stored parses, one core")]


def run(data: Path, limit: int | None) -> dict[str, float]:
    """Figures of the sets that are there."""
    out: dict[str, float] = {}
    words, seconds = 0, 0.0
    load()
    for name, where in _SETS.items():
        try:
            items = harness.items(data, where, limit=limit)
        except harness.Missing:
            continue
        facts = [{"outlet": d.get("outlet"), "title": d.get("title")} for d in items]
        documents = harness.recorded([d["text"] for d in items], facts)
        start = time.perf_counter()
        staged = [places.find(d, demonyms=True, embedded=True) for d in documents]
        seconds += time.perf_counter() - start
        words += sum(len(d) for d in documents)
        out |= _score(name, items, [_of_record(d) for d in documents])
        whole = _score(name, items, staged)
        out |= {f"places.{name}.stage.{k}": whole[f"places.{name}.{k}"] for k in ("found", "within_161km")}
    if seconds:
        out["places.words_per_second"] = words / seconds
    return out


def _of_record(doc: Document) -> list[tuple[Any, places.Place]]:
    """The places and countries that the record mentions; a country stands at the point that stands for it."""
    out = []
    for m in doc.mentions:
        e = doc.entities[m.entity_id]
        if e.latitude is not None and e.longitude is not None and (e.kind != "country" or m.form == "name"):
            kind = "country" if e.kind == "country" else "place"
            out.append((m.span, places.Place(e.name, kind, e.country, e.latitude, e.longitude, e.geonames_id, None)))
    return out


def gold(item: dict[str, Any]) -> list[dict[str, Any]]:
    """The place names of an item that have a point; common nouns ('the city') are left out."""
    return [
        t for t in item["toponyms"] if t.get("lat") is not None and (t.get("type") is None or t["type"] in _LITERAL)
    ]


def kilometres(a: float, b: float, c: float, d: float) -> float:
    """Great-circle distance between (latitude, longitude) pairs in degrees."""
    p, q = math.radians(a), math.radians(c)
    h = math.sin((q - p) / 2) ** 2 + math.cos(p) * math.cos(q) * math.sin(math.radians(d - b) / 2) ** 2
    return 12742 * math.asin(min(1.0, math.sqrt(h)))


def _score(name: str, items: list[dict[str, Any]], found: list[list[tuple[Any, places.Place]]]) -> dict[str, float]:
    total = hit = near = country = country_gold = peer_near = ours_right = 0
    for item, ours in zip(items, found, strict=True):
        spans = [(t["start"], t["end"]) for t in item["toponyms"]]
        ours_right += sum(any(s.start < b and a < s.end for a, b in spans) for s, _ in ours)
        for t in gold(item):
            total += 1
            true_country = _country(t)
            country_gold += true_country is not None
            match = best(t, ours)
            if match is None:
                continue
            span, place = match
            hit += 1
            near += kilometres(t["lat"], t["lon"], place.latitude, place.longitude) <= _NEAR_KM
            country += true_country is not None and place.country == true_country
            guess = _most_populous(item["text"][span.start : span.end])
            peer_near += guess is not None and kilometres(t["lat"], t["lon"], *guess) <= _NEAR_KM
    return {
        f"places.{name}.found": hit / total,
        f"places.{name}.within_161km": near / total,
        f"places.{name}.within_161km_of_found": near / max(hit, 1),
        f"places.{name}.precision": ours_right / max(sum(map(len, found)), 1),
        **({f"places.{name}.country": country / country_gold} if country_gold else {}),
        f"peer.places.{name}.within_161km": peer_near / total,
    }


def best(t: dict[str, Any], ours: list[tuple[Any, places.Place]]) -> tuple[Any, places.Place] | None:
    """Our find that shares most characters with a gold name, None when none does."""
    overlapping = [(min(s.end, t["end"]) - max(s.start, t["start"]), -n) for n, (s, _) in enumerate(ours)]
    shared, n = max(overlapping, default=(0, 0))
    return ours[-n] if shared > 0 else None


def _country(t: dict[str, Any]) -> str | None:
    name = t.get("country")
    if not name:
        return None
    return next((e.country for e in load().candidates(name) if e.kind == "country"), None)


def _most_populous(name: str) -> tuple[float, float] | None:
    gazetteer = load()
    name = name.removesuffix("'s").removesuffix("’s")
    if name.lower() in gazetteer.demonyms:
        e = gazetteer.demonyms[name.lower()]
        return e.latitude, e.longitude
    readings = [e for e in gazetteer.candidates(name) if e.kind in {"town", "country", "division1"}]
    if not readings:
        return None
    e = max(readings, key=lambda r: r.population)
    return e.latitude, e.longitude
