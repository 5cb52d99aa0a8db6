"""Extraction: pages to article text and publication date, against hand-made gold, beside bare trafilatura and htmldate.

'before' is the whole text that the reader gives, headline and captions included; 'after' what the segments call the
report's own text, which is what these sets ask for. Figures follow each set's own scoring.
"""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from bench.harness import Figure, Missing, find, items
from onrecord.model import RawReport
from onrecord.stages.read import page
from onrecord.stages.read.source import decode
from onrecord.stages.segment import segment

WHERE = "text_extraction"
# What the gold of these sets holds: running text, its subheadings and the dateline that opens a paragraph; neither
# headline nor captions nor credits.
OWN_TEXT = frozenset({"body", "subheading", "standfirst", "correction"})

FIGURES = [
    Figure(
        "extraction.fundus_eval.rouge_lsum_after",
        "ROUGE-LSum F1, mean over pages",
        "Fundus 0.977 (rules for these very sites), trafilatura 0.936",
    ),
    Figure("extraction.fundus_eval.rouge_lsum_before", "the same before segmenting"),
    Figure("extraction.fundus_eval.ngram_after", "4-gram F1, mean over pages"),
    Figure("extraction.scrapinghub_aeb.f1_after", "F1 of mean precision and recall over 4-gram bags", "0.970"),
    Figure("extraction.scrapinghub_aeb.f1_before", "the same before segmenting"),
    Figure("extraction.scrapinghub_aeb.precision_after", "mean precision over 4-gram bags", "0.938"),
    Figure("extraction.scrapinghub_aeb.recall_after", "mean recall over 4-gram bags", "0.978"),
    Figure("extraction.fundus_fixtures.ngram_after", "4-gram F1, mean over pages", blind="gold is a program's output"),
    Figure(
        "extraction.trafilatura_eval.f_after",
        "F over segments wanted and unwanted",
        "0.924",
        blind="few segments a page, mostly German",
    ),
    Figure("extraction.trafilatura_eval.f_before", "the same before segmenting"),
    Figure("extraction.htmldate_eval.accuracy", "share of pages with the exact day, or none where none is", "0.903"),
]


@cache
def _page(data: Path, where: str, html_file: str) -> str:
    raw = gzip.decompress((find(data, where).parent / html_file).read_bytes())
    return decode(raw, page.charset(raw), html_file)[0]


@cache
def _peer(data: Path, where: str, html_file: str, url: str) -> str:
    import trafilatura

    raw = gzip.decompress((find(data, where).parent / html_file).read_bytes())
    return trafilatura.extract(raw, url=url, include_comments=False) or ""


def texts(html: str, url: str) -> tuple[str, str]:
    """The text of a page before and after segmenting."""
    found = page.extract(html, url=url)
    if found is None:
        return "", ""
    report = RawReport(uri=url, **page.facts(found))
    segments, _ = segment(report)
    own = []
    for s in segments:
        opens_line = report.text[s.span.end : s.span.end + 1] not in ("", "\n")
        if s.kind in OWN_TEXT or (s.kind == "dateline" and opens_line):
            own.append(report.text[s.span.start : s.span.end] + (" " if opens_line else "\n"))
    return report.text, "".join(own)


def ngrams(text: str, n: int = 4) -> Counter[tuple[str, ...]]:
    """The bag of word n-grams; of a shorter text, all its words as one."""
    tokens = re.findall(r"\w+", text)
    return Counter(tuple(tokens[i : i + n]) for i in range(max(1, len(tokens) - n + 1))) if tokens else Counter()


def shared(gold: str, found: str) -> tuple[float, float]:
    """Precision and recall over 4-gram bags; both 1 where both are empty."""
    want, have = ngrams(gold), ngrams(found)
    hit = sum((want & have).values())
    if not hit:
        return (1.0, 1.0) if not want and not have else (0.0, 0.0)
    return hit / sum(have.values()), hit / sum(want.values())


def f1(precision: float, recall: float) -> float:
    """Harmonic mean."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def rouge_lsum(gold: str, found: str) -> float:
    """ROUGE-LSum F1 (Lin 2004): union of the longest common subsequences of each gold line with every found line.

    Lines count as sentences, words are runs of letters and digits, lower-cased, not stemmed. Of several longest
    subsequences any may be taken.
    """
    from rapidfuzz.distance import LCSseq

    def lines(text: str) -> list[list[str]]:
        split = (re.findall(r"[a-z0-9]+", line.lower()) for line in text.split("\n"))
        return [tokens for tokens in split if tokens]

    want, have = lines(gold), lines(found)
    total_want, total_have = sum(map(len, want)), sum(map(len, have))
    if not total_want or not total_have:
        return float(total_want == total_have)
    left_want = Counter(t for line in want for t in line)
    left_have = Counter(t for line in have for t in line)
    hits = 0
    for line in want:
        known = set(line)
        union: set[int] = set()
        for other in have:
            if not known.isdisjoint(other):
                union.update(
                    i
                    for op in LCSseq.opcodes(line, other)
                    if op.tag == "equal"
                    for i in range(op.src_start, op.src_end)
                )
        for i in sorted(union):
            token = line[i]
            if left_want[token] > 0 and left_have[token] > 0:
                hits += 1
                left_want[token] -= 1
                left_have[token] -= 1
    return f1(hits / total_have, hits / total_want)


def mean(values: Sequence[float]) -> float:
    """Arithmetic mean; 0 of nothing."""
    return sum(values) / len(values) if values else 0.0


def _collect(data: Path, name: str, limit: int | None) -> dict[str, list[tuple[dict[str, Any], str]]]:
    where = f"{WHERE}/{name}"
    out: dict[str, list[tuple[dict[str, Any], str]]] = {"before": [], "after": [], "peer": []}
    for item in items(data, where, limit=limit):
        before, after = texts(_page(data, where, item["html_file"]), item["url"])
        out["before"].append((item, before))
        out["after"].append((item, after))
        out["peer"].append((item, _peer(data, where, item["html_file"], item["url"])))
    return out


def _article_sets(data: Path, limit: int | None) -> dict[str, float]:
    figures: dict[str, float] = {}
    for name in ("fundus_eval", "fundus_fixtures", "scrapinghub_aeb"):
        for stage, pairs in _collect(data, name, limit).items():
            prefix, suffix = (f"peer.extraction.{name}", "after") if stage == "peer" else (f"extraction.{name}", stage)
            both = [shared(item["gold_text"], text) for item, text in pairs]
            if name == "scrapinghub_aeb":
                precision, recall = mean([p for p, _ in both]), mean([r for _, r in both])
                figures[f"{prefix}.precision_{suffix}"] = precision
                figures[f"{prefix}.recall_{suffix}"] = recall
                figures[f"{prefix}.f1_{suffix}"] = f1(precision, recall)
            else:
                figures[f"{prefix}.ngram_{suffix}"] = mean([f1(p, r) for p, r in both])
            if name == "fundus_eval":
                figures[f"{prefix}.rouge_lsum_{suffix}"] = mean([rouge_lsum(i["gold_text"], t) for i, t in pairs])
    return figures


def _segments_set(data: Path, limit: int | None) -> dict[str, float]:
    figures: dict[str, float] = {}
    for stage, pairs in _collect(data, "trafilatura_eval", limit).items():
        tp = fp = fn = 0
        for item, text in pairs:
            flat = " ".join(text.split())
            wanted = [" ".join(s.split()) in flat for s in item["with"]]
            tp += sum(wanted)
            fn += len(wanted) - sum(wanted)
            fp += sum(" ".join(s.split()) in flat for s in item["without"])
        name = (
            "peer.extraction.trafilatura_eval.f_after" if stage == "peer" else f"extraction.trafilatura_eval.f_{stage}"
        )
        figures[name] = 2 * tp / (2 * tp + fp + fn) if tp else 0.0
    return figures


def _dates(data: Path, limit: int | None) -> dict[str, float]:
    from htmldate import find_date

    where = f"{WHERE}/htmldate_eval"
    mine, peer = [], []
    for item in items(data, where, limit=limit):
        html = _page(data, where, item["html_file"])
        found = page.date_of(html, item["url"])
        mine.append((str(found)[:10] in item["dates"]) if found else not item["dates"])
        other = find_date(html, original_date=True, extensive_search=True, url=item["url"])
        peer.append((other in item["dates"]) if other else not item["dates"])
    return {
        "extraction.htmldate_eval.accuracy": mean([float(x) for x in mine]),
        "peer.extraction.htmldate_eval.accuracy": mean([float(x) for x in peer]),
    }


def run(data: Path, limit: int | None = None) -> dict[str, float]:
    """All figures of the sets that are there; raises `Missing` when none is."""
    figures: dict[str, float] = {}
    missing = []
    for part in (_article_sets, _segments_set, _dates):
        try:
            figures |= part(data, limit)
        except Missing as error:
            missing.append(str(error))
    if not figures:
        raise Missing("; ".join(missing))
    return figures
