"""Names of people, organisations and places, and which of them are one: CoNLL++ (AIDA), GUM news, MEANTIME, re3d.

Labels are mapped to person, organisation and place:

- CoNLL++: PER, ORG, LOC (MISC left out, so are adjectives of countries on our side).
- GUM: person, organization and place mentions whose head, the last word before a comma, a bracket or a preposition, is
  capitalised; a single word at the start of a sentence counts only with a Wikipedia link.
- MEANTIME: mentions of syntactic type NAM and PRE.NAM of PER, ORG and LOC up to the end of full annotation.
- re3d: Person, Organisation, Location and Nationality (a country's adjective, counted as a place) of confidence 0.5
  and more that end in a capitalised word; of nested ones the longest.
- In GUM, MEANTIME and re3d, whose mentions are noun phrases, a leading article, titles and other words before the name
  and a closing 's are taken off both sides.

`f1`: same characters and type. `relaxed_f1`: same type and overlapping, each mention used once. Coreference is B-cubed
F1 over the gold names of GUM and MEANTIME, with their own chains; an answer is a gold name's when it covers the name's
head ('Northport' of 'Northport, Norland'), and a gold name that we do not find is alone in its cluster. The peer is
the parser's own entity tags; for coreference, equal strings of them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench import harness
from bench.harness import Counts, Figure, Missing
from onrecord.model import Document, Span
from onrecord.stages.resolve import load, resolve

SETS = {
    "conllpp_aida": "entities/conllpp_aida",
    "gum_news": "entities/gum_news",
    "meantime": "entities/meantime",
    "re3d": "entities/re3d",
}
FIGURES = [
    *(
        Figure(f"entities.{name}.{metric}", f"{name}: {what}", published=published, blind=blind)
        for name, published, blind in (
            (
                "conllpp_aida",
                "94.3-94.7 exact on the test part, trained on this corpus",
                "1996 spelling and sports tables",
            ),
            ("gum_news", "", "noun phrases cut down to names by rule"),
            ("meantime", "", "long descriptions marked as names"),
            ("re3d", "", "crowd-sourced, nested spans"),
        )
        for metric, what in (
            ("f1", "names of people, organisations, places: F1 of span and type"),
            ("relaxed_f1", "the same, overlapping spans count"),
        )
    ),
    Figure("entities.gum_news.b_cubed", "coreference of names in GUM news, B-cubed F1"),
    Figure("entities.meantime.b_cubed", "coreference of names in MEANTIME, B-cubed F1"),
    Figure("entities.words_per_second", "words a second of processor time, from stored parses"),
]
_TYPES = {
    "PER": "person", "ORG": "organisation", "LOC": "place", "person": "person", "organization": "organisation",
    "place": "place", "Person": "person", "Organisation": "organisation", "Location": "place", "Nationality": "place",
}  # fmt: skip
_PARSER = {"PERSON": "person", "ORG": "organisation", "GPE": "place", "LOC": "place", "FAC": "place"}
_PRONOUNS = frozenset({"i", "he", "she", "we", "they", "it", "his", "her", "their", "you", "this", "that", "these"})
_NOT_NAMES = _PRONOUNS | {"a", "an", "some", "both", "two", "no", "former", "man"}
_AFTER_HEAD = re.compile(
    r"(?:'s|’s)?\s*(?:,|\(|\s(?:of|for|in|near|at|from|on|with|throughout|who|that|such as|and|or)\s)"
)
_ARTICLES = ("the ", "The ", "a ", "an ", "A ", "An ")
Named = tuple[int, int, str]


def run(data: Path, limit: int | None) -> dict[str, float]:
    """Score each set that is there, ours and the parser's."""
    out: dict[str, float] = {}
    words, seconds, missing = 0, 0.0, []
    for name, where in SETS.items():
        try:
            items = harness.items(data, where, limit=limit)
        except Missing as error:
            missing.append(str(error))
            continue
        docs = harness.recorded([d["text"] for d in items])
        ours: list[dict[Named, str]] = []
        resolve(docs[0])
        for doc in docs:
            begin = time.process_time()
            resolve(doc)
            seconds += time.process_time() - begin
            words += len(doc)
            found = _ours(doc, doc.entities.values(), doc.mentions, demonyms=name == "re3d")
            ours.append(found if name == "gum_news" else _outermost(found))
        theirs = [_parsers(doc, demonyms=name == "re3d") for doc in docs]
        gold = [_gold(name, item) for item in items]
        ours, theirs = (
            [
                {a: c for a, c in answer.items() if a[0] < _end(item)}
                for answer, item in zip(answers, items, strict=True)
            ]
            for answers in (ours, theirs)
        )
        for prefix, answers in (("", ours), ("peer.", theirs)):
            cut: Callable[[str, Named], Named] = _same if name == "conllpp_aida" else _cut
            pairs = [
                ({cut(d.text, g) for g in gs}, {cut(d.text, a) for a in answer})
                for gs, answer, d in zip(gold, answers, docs, strict=True)
            ]
            out[f"{prefix}entities.{name}.f1"] = _exact(pairs).f1
            out[f"{prefix}entities.{name}.relaxed_f1"] = _relaxed(pairs).f1
            if name in ("gum_news", "meantime"):
                out[f"{prefix}entities.{name}.b_cubed"] = _coreference(gold, answers, [d.text for d in docs])
    if missing and not out:
        raise Missing("; ".join(missing))
    out["entities.words_per_second"] = words / seconds if seconds else 0.0
    return out


def _ours(doc: Document, entities: Any, mentions: Any, demonyms: bool) -> dict[Named, str]:
    kinds = {"person": "person", "organisation": "organisation", "group": "organisation", "country": "place"}
    by_id = {e.id: e for e in entities}
    lexicon = load()
    out: dict[Named, str] = {}
    for m in mentions:
        if m.form != "name":
            continue
        entity = by_id[m.entity_id]
        kind = kinds.get(entity.kind, "place")
        if lexicon.adjective(doc.quote(m.span)) and not lexicon.is_name(doc.quote(m.span)):
            if not demonyms:
                continue
            kind = "place"
        out[m.span.start, m.span.end, kind] = m.entity_id
    return out


def _outermost(found: dict[Named, str]) -> dict[Named, str]:
    """Without names inside longer names: only the gold of GUM has both."""
    kept: dict[Named, str] = {}
    reach = -1
    for named in sorted(found, key=lambda n: (n[0], -n[1], n[2])):
        if named[1] > reach or any(k[:2] == named[:2] for k in list(kept)[-2:]):
            kept[named] = found[named]
            reach = max(reach, named[1])
    return kept


def _parsers(doc: Document, demonyms: bool) -> dict[Named, str]:
    out: dict[Named, str] = {}
    for span, label, _, _ in doc.named_entities:
        text = doc.quote(span)
        kind = _PARSER.get(label) or ("place" if demonyms and label == "NORP" else None)
        if kind is None:
            continue
        start = span.start + (4 if text[:4].lower() == "the " else 0)
        end = span.end - (2 if text.endswith(("'s", "’s")) else 0)
        if end > start:
            out[start, end, kind] = doc.text[start:end].lower()
    return out


def _gold(name: str, item: dict[str, Any]) -> dict[Named, str]:
    out: dict[Named, str] = {}
    for n, e in enumerate(item["entities"]):
        kind = _TYPES.get(e.get("ent_type") or e.get("type") or "")
        text = e["text"]
        if kind is None or not any(c.isupper() for c in text):
            continue
        cluster = f"{n}"
        if name == "meantime":
            if e.get("syntactic_type") not in ("NAM", "PRE.NAM") or e["start"] >= _end(item):
                continue
            cluster = e["entity"]
        elif name == "gum_news":
            if not _is_name(e, item["text"]):
                continue
            cluster = e["chain"]
        elif name == "re3d" and (
            e.get("confidence", 1) < 0.5 or text.lower() in _PRONOUNS or not text.split()[-1][:1].isupper()
        ):
            continue
        out[e["start"], e["end"], kind] = cluster
    if name == "re3d":
        spans = sorted(out, key=lambda g: (g[0] - g[1], g))
        kept: list[Named] = []
        for g in spans:
            if not any(Span(g[0], g[1]).overlaps(Span(k[0], k[1])) for k in kept):
                kept.append(g)
        out = {g: out[g] for g in kept}
    return out


def _end(item: dict[str, Any]) -> int:
    """Where full annotation ends: answers after it are not judged."""
    return int(item.get("full_annotation_end") or len(item["text"]))


def _is_name(mention: dict[str, Any], text: str) -> bool:
    """True for a noun phrase that is a name: it ends in a capitalised word, and more than the sentence makes it so."""
    words = _headed(mention["text"]).split()
    if not words or len(words) > 8 or words[0].lower() in _NOT_NAMES or any(w in (",", "who", "that") for w in words):
        return False
    begins = not text[: mention["start"]].rstrip(' "“(') or text[: mention["start"]].rstrip(' "“(')[-1] in ".?!\n"
    return words[-1][:1].isupper() and (len(words) > 1 or not begins or "wiki" in mention)


def _headed(text: str) -> str:
    """A noun phrase up to its head, the last word before what follows it: 'Northport' of 'Northport, Norland'."""
    text = _AFTER_HEAD.split(text.strip("\"“”'‘’ "), maxsplit=1)[0]
    return text.removesuffix("'s").removesuffix("’s")


def _same(text: str, named: Named) -> Named:
    return named


def _cut(text: str, named: Named) -> Named:
    """Without article, titles and lower-case words before the name, and without a closing 's."""
    start, end, kind = named
    part = text[start:end]
    for mark in ("'s", "’s"):
        if part.endswith(mark):
            end -= len(mark)
    lexicon = load()
    while True:
        part = text[start:end]
        word = part.split(" ")[0]
        if " " not in part or not (
            part.startswith(_ARTICLES) or word[:1].islower() or (kind == "person" and word.lower() in lexicon.titles)
            or (lexicon.adjective(word) and kind == "person")
        ):  # fmt: skip
            break
        start += len(word) + 1
    return start, end, kind


def _exact(pairs: Iterable[tuple[set[Named], set[Named]]]) -> Counts:
    counts = Counts()
    for gold, found in pairs:
        counts.add(len(gold & found), len(found), len(gold))
    return counts


def _relaxed(pairs: Iterable[tuple[set[Named], set[Named]]]) -> Counts:
    counts = Counts()
    for gold, found in pairs:
        free = sorted(found)
        hits = 0
        for start, end, kind in sorted(gold):
            match = next((f for f in free if f[2] == kind and f[0] < end and start < f[1]), None)
            if match:
                free.remove(match)
                hits += 1
        counts.add(hits, len(found), len(gold))
    return counts


def _coreference(gold: list[dict[Named, str]], answers: list[dict[Named, str]], texts: list[str]) -> float:
    """B-cubed F1 over the gold names; an answer is a gold name's where it covers its head, the nearest in length."""
    truth: dict[Any, Any] = {}
    guess: dict[Any, Any] = {}
    for n, (gs, answer, text) in enumerate(zip(gold, answers, texts, strict=True)):
        for g, chain in gs.items():
            item = (n, *g)
            truth[item] = (n, chain)
            lead = len(text[g[0] : g[1]]) - len(text[g[0] : g[1]].lstrip("\"“”'‘’ "))
            head = g[0] + lead + len(_headed(text[g[0] : g[1]])) - 1
            near = [
                (a[2] == g[2], -abs(a[1] - 1 - head), -abs(a[1] - a[0] - g[1] + g[0]), -a[0], cluster)
                for a, cluster in answer.items()
                if a[0] <= head < a[1] and ((g[0] <= a[0] and a[1] <= g[1]) or a[1] - a[0] < 2 * (g[1] - g[0]))
            ]
            guess[item] = (n, max(near)[4]) if near else item
    return harness.b_cubed(truth, guess)[2]
