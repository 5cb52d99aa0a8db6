"""Attribution: PolNeAR's content, cue and source spans; BASIL's speakers; textacy's direct quotations beside them.

How it is scored. A text's tokens are its words and its punctuation marks. Gold attributions and ours are matched one to
one by the Jaccard overlap of their content tokens, highest first, at 0.5 and above (`content_f1`), or at 1
(`content_exact_f1`). `direct_mixed` takes, on each side, the attributions with a double quotation mark in their
content: PolNeAR's `quote_class` is derived so, and the ceiling was measured so, each annotator's own set against the
other's; by this one rule for both sides, texts that quote with doubled apostrophes are in neither set.
`source_overlap` is the share of matched pairs whose sources share a token, of the pairs in which both have one.
`cue_f1` matches cues in the same way, by Jaccard at 0.5, whatever their content. Attributions that touch a region
flagged Discard are left out on both sides, and so are ours that are told inside another (PolNeAR is flat: a token has
one attribution).
"""

from __future__ import annotations

import random
import re
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bench.harness import Counts, Figure, Missing, items, parser, recorded
from onrecord.model import Document
from onrecord.stages.attribute import attribute
from onrecord.text import plain

POLNEAR = "quote_attribution/polnear"
BASIL = "quote_attribution/basil_quotes"
_TOKEN = re.compile(r"\w+|[^\w\s]")
_MARKS = re.compile(r"[\"“”«»]")

FIGURES = [
    Figure("attribution.polnear.direct_mixed.content_f1", "content, Jaccard >= 0.5, direct and mixed", ceiling="0.956"),
    Figure("attribution.polnear.direct_mixed.content_precision", "its precision"),
    Figure("attribution.polnear.direct_mixed.content_recall", "its recall"),
    Figure("attribution.polnear.direct_mixed.content_exact_f1", "content, every token", ceiling="0.804"),
    Figure("attribution.polnear.direct_mixed.cue_f1", "cue, Jaccard >= 0.5, of direct and mixed"),
    Figure(
        "attribution.polnear.direct_mixed.source_overlap", "sources that share a token, of matched", ceiling="0.96-0.98"
    ),
    Figure(
        "attribution.polnear.direct_mixed.source_found_overlap",
        "the same, over all matched pairs whose gold has a source: none counts as wrong",
    ),
    Figure("attribution.polnear.all.content_f1", "content, Jaccard >= 0.5, all attributions", ceiling="0.815"),
    Figure("attribution.polnear.all.content_precision", "its precision"),
    Figure("attribution.polnear.all.content_recall", "its recall"),
    Figure(
        "attribution.polnear.all.content_exact_f1", "content, every token", "0.828 (tags of a trained BERT)", "0.683"
    ),
    Figure("attribution.polnear.all.cue_f1", "cue, Jaccard >= 0.5"),
    Figure(
        "attribution.polnear.all.source_overlap", "sources that share a token, of matched pairs", ceiling="0.96-0.98"
    ),
    Figure("attribution.polnear.words_per_second", "words a second on one core from stored parses"),
    Figure(
        "attribution.basil.speaker",
        "named speaker right for a given quotation",
        blind="classes of speakers; a spokesman counts for whom he speaks",
    ),
    Figure("attribution.fuzz.failures", "texts with marks deleted, doubled or swapped that raised (of fuzz.texts)"),
]

Spans = Sequence[tuple[int, int]]


def run(data: Path, limit: int | None = None) -> dict[str, float]:
    """The figures on PolNeAR and BASIL; a set that is not there is skipped."""
    figures: dict[str, float] = {}
    missing = 0
    for part in (_polnear, _basil):
        try:
            figures |= part(data, limit)
        except Missing as error:
            print(f"attribution: {error}", file=sys.stderr)
            missing += 1
    if missing == 2:
        raise Missing(f"{POLNEAR}, {BASIL}: neither under {data}")
    return figures


def tokens(text: str, spans: Spans) -> frozenset[int]:
    """Offsets of the tokens in these stretches of a text."""
    return frozenset(start + m.start() for start, end in spans for m in _TOKEN.finditer(text[start:end]))


def matches(gold: Sequence[frozenset[int]], ours: Sequence[frozenset[int]], least: float) -> list[tuple[int, int]]:
    """One-to-one pairs by token Jaccard, highest first."""
    owner: dict[int, list[int]] = {}
    for j, theirs in enumerate(ours):
        for t in theirs:
            owner.setdefault(t, []).append(j)
    scored = []
    for i, mine in enumerate(gold):
        near = {j for t in mine for j in owner.get(t, ())}
        for j in near:
            shared = len(mine & ours[j])
            score = shared / (len(mine) + len(ours[j]) - shared)
            if score >= least:
                scored.append((-score, i, j))
    used_gold: set[int] = set()
    used_ours: set[int] = set()
    out = []
    for _, i, j in sorted(scored):
        if i not in used_gold and j not in used_ours:
            used_gold.add(i)
            used_ours.add(j)
            out.append((i, j))
    return out


class Scores:
    """Counts over the items of one class of attributions."""

    def __init__(self) -> None:
        self.content, self.exact, self.cue, self.source, self.found = Counts(), Counts(), Counts(), Counts(), Counts()

    def add(self, text: str, gold: Sequence[dict[str, Any]], ours: Sequence[dict[str, Any]]) -> None:
        """One text; each attribution has content, cue and source as lists of (start, end)."""
        g, o = [tokens(text, a["content"]) for a in gold], [tokens(text, a["content"]) for a in ours]
        pairs = matches(g, o, 0.5)
        self.content.add(len(pairs), len(o), len(g))
        self.exact.add(len(matches(g, o, 1.0)), len(o), len(g))
        gc = [tokens(text, a["cue"]) for a in gold if a["cue"]]
        oc = [tokens(text, a["cue"]) for a in ours if a["cue"]]
        self.cue.add(len(matches(gc, oc, 0.5)), len(oc), len(gc))
        for i, j in pairs:
            mine, theirs = tokens(text, gold[i]["source"]), tokens(text, ours[j]["source"])
            if mine:
                self.found.add(bool(mine & theirs), 1, 1)
                if theirs:
                    self.source.add(bool(mine & theirs), 1, 1)

    def figures(self, name: str) -> dict[str, float]:
        """As figures under a name."""
        return {
            f"{name}.content_f1": self.content.f1,
            f"{name}.content_precision": self.content.precision,
            f"{name}.content_recall": self.content.recall,
            f"{name}.content_exact_f1": self.exact.f1,
            f"{name}.cue_f1": self.cue.f1,
            f"{name}.source_overlap": self.source.precision,
            f"{name}.source_found_overlap": self.found.precision,
        }


def quoted(text: str, spans: Spans) -> bool:
    """True when the content has a double quotation mark: PolNeAR's direct and mixed."""
    return any(_MARKS.search(text[start:end]) for start, end in spans)


def _discarded(item: dict[str, Any]) -> list[tuple[int, int]]:
    return [(s, e) for f in item["flags"] if f["label"] == "Discard" for s, e in f["spans"]]


def _outside(spans: Iterable[Sequence[int]], regions: list[tuple[int, int]]) -> bool:
    return not any(s < b and a < e for s, e in spans for a, b in regions)


def predictions(doc: Document) -> list[dict[str, Any]]:
    """Our attributions that are told in no other, in the gold's shape."""
    return [
        {
            "content": [(s.start, s.end) for s in a.content],
            "cue": [(s.start, s.end) for s in a.cue],
            "source": [(s.start, s.end) for s in a.source],
        }
        for a in doc.attributions
        if a.parent is None
    ]


def _polnear(data: Path, limit: int | None) -> dict[str, float]:
    gold_items = items(data, POLNEAR, limit=limit)
    facts = [{"published": item.get("date"), "outlet": item.get("publisher")} for item in gold_items]
    docs = recorded([item["text"] for item in gold_items], facts)
    scores = {"direct_mixed": Scores(), "all": Scores()}
    peer = {"direct_mixed": Scores(), "all": Scores()}
    crashes = spent = words = 0.0
    for item, doc in zip(gold_items, docs, strict=True):
        text, regions = item["text"], _discarded(item)
        gold = [a for a in item["attributions"] if a["content"] and _outside(a["content"], regions)]
        found = predictions(doc)
        start = time.perf_counter()
        attribute(doc)
        spent += time.perf_counter() - start
        words += len(text.split())
        ours = [a for a in found if _outside(a["content"], regions)]
        theirs = _textacy(text)
        crashes += theirs is None
        theirs = [a for a in theirs or [] if _outside(a["content"], regions)]
        for mine, table in ((ours, scores), (theirs, peer)):
            table["all"].add(text, gold, mine)
            table["direct_mixed"].add(
                text,
                [a for a in gold if quoted(text, a["content"])],
                [a for a in mine if quoted(text, a["content"])],
            )
    out = {"attribution.polnear.items": float(len(gold_items)), "attribution.polnear.words_per_second": words / spent}
    for name, score in scores.items():
        out |= score.figures(f"attribution.polnear.{name}")
    if _SPACY:
        for name, score in peer.items():
            out |= score.figures(f"peer.attribution.polnear.{name}")
        out["peer.attribution.polnear.crashes"] = crashes
    return out | _fuzzed(docs)


_SPACY: list[Any] = []


def _textacy(text: str) -> list[dict[str, Any]] | None:
    """textacy's direct quotations of a text; None when it raised."""
    try:
        from textacy.extract.triples import direct_quotations
    except ImportError:
        return []
    from onrecord.stages import annotate

    if not _SPACY:
        _SPACY.append(annotate.load(parser()))
    try:
        doc = _peer_parse(text)
        return [
            {
                "content": [(q.content.start_char, q.content.end_char)],
                "cue": [(t.idx, t.idx + len(t)) for t in q.cue],
                "source": [(t.idx, t.idx + len(t)) for t in q.speaker],
            }
            for q in direct_quotations(doc)
        ]
    except Exception:
        return None


def _peer_parse(text: str) -> Any:
    return _SPACY[0](text)


def _fuzzed(docs: Sequence[Document], texts: int = 2000) -> dict[str, float]:
    """Marks of real texts deleted, doubled and swapped, the parse kept: how many raised."""
    chance = random.Random(20220121)
    failures = 0
    for n in range(texts):
        doc = docs[n % len(docs)]
        text = "".join(_mangled(c, chance) for c in doc.text)
        broken = Document(
            doc.report_id, text, doc.segments, doc.paragraphs, doc.sentences, doc.starts, doc.ends, doc.heads,
            doc.lemmas, doc.pos, doc.tags, doc.deps, doc.ents,
        )  # fmt: skip
        if n >= len(docs) * 3:
            break
        try:
            attribute(broken)
        except Exception:
            failures += 1
    return {"attribution.fuzz.failures": float(failures), "attribution.fuzz.texts": float(min(texts, len(docs) * 3))}


def _mangled(c: str, chance: random.Random) -> str:
    """A mark or blank replaced one for one, so that the stored parse still fits."""
    if c in "\"“”'‘’«»" and chance.random() < 0.5:
        return chance.choice("\"“”'‘’«» ,")
    if c in ",. " and chance.random() < 0.02:
        return chance.choice("\"“”'")
    return c


def _basil(data: Path, limit: int | None) -> dict[str, float]:
    """Given a quotation's span, is the speaker's name right? Named speakers only.

    Right: the last word of the gold's name stands in our resolved label or in the source's own words, so that a
    campaign's spokesman counts for the campaign.
    """
    gold_items = items(data, BASIL, limit=limit)
    docs = recorded([item["text"] for item in gold_items], [{"published": item.get("date")} for item in gold_items])
    right = found = total = 0
    for item, doc in zip(gold_items, docs, strict=True):
        ours = doc.attributions
        for quotation in item["quotes"]:
            if not quotation.get("speaker_is_named"):
                continue
            total += 1
            span = frozenset(range(quotation["start"], quotation["end"]))
            best = max(
                ours,
                key=lambda a: (sum(_shared(span, s.start, s.end) for s in a.content), a.parent is None, -len(a.id)),
                default=None,
            )
            if best is None or not any(_shared(span, s.start, s.end) for s in best.content):
                continue
            found += 1
            right += _same(
                quotation["speaker"], " ".join([best.source_label or "", *(doc.quote(s) for s in best.source)])
            )
    return {
        "attribution.basil.speaker": right / total if total else 0.0,
        "attribution.basil.found": found / total if total else 0.0,
        "attribution.basil.items": float(total),
    }


def _shared(span: frozenset[int], start: int, end: int) -> int:
    return max(0, min(end, max(span) + 1) - max(start, min(span))) if span else 0


def _same(speaker: str, words: str) -> bool:
    """True when the last word of the gold's name is among these words."""
    gold = plain(speaker.replace("_", " ")).split()
    return bool(gold) and gold[-1].strip(".") in re.findall(r"\w+", plain(words))
