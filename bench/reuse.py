"""Text reuse: the relation of two reports, who copied whom, the shared passages; and speed on dense real copying.

The product's defaults hold throughout. Peers: difflib passages, thresholds on the share of common word 5-grams (chosen
on the very items scored), MinHash candidates of datasketch.
"""

from __future__ import annotations

import difflib
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

from bench import harness
from bench._reports import tables
from onrecord import schema
from onrecord.stages import align, group
from onrecord.text import words

PAIRS = "text_reuse/news_pairs"
ANSWERS = "text_reuse/plagiarised_short_answers"
REPRINTS = "raw_corpus/same_day_reprints"
Result = TypeVar("Result")
REUSE = frozenset({"reprint", "derived", "common_source"})

FIGURES = [
    harness.Figure(
        "reuse.news_pairs.relation_macro_f1",
        "macro F1 over reprint, derived, common_source, independent, unrelated",
        ceiling="0.92 kappa of one annotator with herself",
        blind="60 pairs, one annotator; borders of derived are conventions",
    ),
    harness.Figure("reuse.news_pairs.relation_accuracy", "share of pairs with the right relation of five"),
    harness.Figure("reuse.news_pairs.reuse_f1", "F1 of reuse (reprint, derived, common_source) against none"),
    harness.Figure("reuse.news_pairs.direction", "right direction, of the pairs whose direction is known"),
    harness.Figure("reuse.news_pairs.direction_claimed", "right direction, of the directions claimed known or likely"),
    harness.Figure("reuse.news_pairs.passage_precision", "characters of found passages that are in gold passages"),
    harness.Figure("reuse.news_pairs.passage_recall", "characters of gold passages that are found"),
    harness.Figure("reuse.news_pairs.passage_f1", "F1 of passages by characters, both sides", ceiling="0.98"),
    harness.Figure("reuse.news_pairs.passage_f1_prose", "the same without quotations"),
    harness.Figure("reuse.news_pairs.duplicates_ari", "adjusted Rand index of groups of reprints"),
    harness.Figure(
        "reuse.short_answers.auc",
        "area under the curve, reuse against none, by copied share",
        published="0.95 accuracy",
    ),
    harness.Figure("reuse.short_answers.accuracy4", "near copy, light, heavy, none", published="0.80"),
    harness.Figure(
        "reuse.reprints.speedup", "processor seconds of datasketch and difflib over ours, same_day_reprints"
    ),
    harness.Figure(
        "reuse.reprints.found",
        "words in the peer's passages that ours cover",
        blind="text that one report repeats is aligned once, as annotators do; the peer takes the other place at times",
    ),
    harness.Figure(
        "reuse.reprints.missed", "passages of the peer with 8 words in a row that ours cover on neither side"
    ),
    harness.Figure("reuse.reprints.seconds", "processor seconds for the set, reading, index, passages and derivations"),
    harness.Figure(
        "reuse.reprints.seconds_reworded", "the same with sentences put in other words, which no peer finds"
    ),
    harness.Figure("reuse.reprints.pairs", "pairs of reports with a passage; the peer's: candidate pairs"),
]


def run(data: Path, limit: int | None) -> dict[str, float]:
    """The figures of every set that is there."""
    figures: dict[str, float] = {}
    for part in (news_pairs, short_answers, reprints):
        try:
            figures |= part(data, limit)
        except harness.Missing as missing:
            print(f"  {missing}", file=sys.stderr)
    if not figures:
        raise harness.Missing(f"no set of text reuse under {data}")
    return figures


def item(d: dict[str, Any]) -> dict[str, Any]:
    """An item of same_day_reprints; its first paragraph is the headline, its crawl time stands for publication."""
    text = d["text"]
    return {
        "id": d["id"],
        "text": text,
        "title": text.split("\n", 1)[0].strip() or None,
        "outlet": d.get("outlet"),
        "published": d.get("scraped"),
    }


def news_pairs(data: Path, limit: int | None) -> dict[str, float]:
    """Relation, direction, passages and duplicates of the annotated pairs."""
    pairs = harness.items(data, PAIRS, "pairs.jsonl", limit=limit)
    docs = {d["id"]: d for d in harness.items(data, PAIRS, "docs.jsonl")}
    wanted = {i for p in pairs for i in (p["id_a"], p["id_b"])}
    reports, segments, credits = tables(item(docs[i]) for i in sorted(docs) if limit is None or i in wanted)
    alignments, derivations = align.align(reports, segments, credits)
    shared = align.sharings(reports, segments, credits)
    alike = group.alike(reports, segments, alignments)
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in alignments.to_pylist():
        found.setdefault((row["report_a"], row["report_b"]), []).append(row)
    claims = {
        (r["from_report_id"], r["report_id"]): r["direction"]
        for r in derivations.to_pylist()
        if r["from_report_id"] is not None
    }
    judged, direction, claimed = [], [], []
    every, prose, peer_every = harness.Counts(), harness.Counts(), harness.Counts()
    overlap = []
    for p in pairs:
        a, b = p["id_a"], p["id_b"]
        low, high = min(a, b), max(a, b)
        relation = align.relation(shared.get((low, high)), (low, high) in alike)
        judged.append((p["relation"], relation))
        overlap.append(p["overlap_5gram"])
        claim = "a_to_b" if (a, b) in claims else "b_to_a" if (b, a) in claims else "unknown"
        sure = claims.get((a, b)) or claims.get((b, a))
        if p["direction"] != "unknown":
            direction.append(claim == p["direction"])
            if sure in {"known", "likely"}:
                claimed.append(claim == p["direction"])
        rows = found.get((low, high), [])
        gold = [(side, *x[side[-1]], x["kind"] == "quotation") for x in p["passages"] for side in ("a", "b")]
        mine = [
            ("a" if r[f"report_{s}"] == a else "b", r[f"{s}_start"], r[f"{s}_end"], bool(r["quotation"]))
            for r in rows
            for s in ("a", "b")
        ]
        _count(every, gold, mine)
        _count(prose, [g for g in gold if not g[3]], [m for m in mine if not m[3]])
        _count(peer_every, gold, difflib_passages(docs[a]["text"], docs[b]["text"]))
    out = {
        "relation_macro_f1": harness.macro_f1(judged),
        "relation_accuracy": _mean(g == f for g, f in judged),
        "reuse_f1": _reuse_f1(judged),
        "direction": _mean(direction),
        "direction_claimed": _mean(claimed),
        "passage_precision": every.precision,
        "passage_recall": every.recall,
        "passage_f1": every.f1,
        "passage_f1_prose": prose.f1,
        "duplicates_ari": _duplicates(pairs, judged),
    }
    peer = _best_cuts(overlap, [g for g, _ in judged])
    theirs = {
        "relation_macro_f1": harness.macro_f1(peer),
        "relation_accuracy": _mean(g == f for g, f in peer),
        "reuse_f1": _reuse_f1(peer),
        "passage_precision": peer_every.precision,
        "passage_recall": peer_every.recall,
        "passage_f1": peer_every.f1,
        "duplicates_ari": _duplicates(pairs, peer),
    }
    return {f"reuse.news_pairs.{k}": v for k, v in out.items()} | {
        f"peer.reuse.news_pairs.{k}": v for k, v in theirs.items()
    }


def _mean(values: Iterable[bool]) -> float:
    values = list(values)
    return sum(values) / len(values) if values else 0.0


def _count(counts: harness.Counts, gold: Sequence[tuple[Any, ...]], found: Sequence[tuple[Any, ...]]) -> None:
    want = {(side, c) for side, start, end, *_ in gold for c in range(start, end)}
    have = {(side, c) for side, start, end, *_ in found for c in range(start, end)}
    counts.add(len(want & have), len(have), len(want))


def _reuse_f1(judged: Iterable[tuple[str, str]]) -> float:
    counts = harness.Counts()
    for gold, found in judged:
        counts.add(gold in REUSE and found in REUSE, found in REUSE, gold in REUSE)
    return counts.f1


def _duplicates(pairs: Sequence[dict[str, Any]], judged: Sequence[tuple[str, str]]) -> float:
    from sklearn.metrics import adjusted_rand_score

    ids = sorted({i for p in pairs for i in (p["id_a"], p["id_b"])})

    def parts(which: int) -> list[str]:
        home = {i: i for i in ids}
        for p, both in zip(pairs, judged, strict=True):
            if both[which] == "reprint":
                old, new = home[p["id_b"]], home[p["id_a"]]
                home = {i: new if h == old else h for i, h in home.items()}
        return [home[i] for i in ids]

    return float(adjusted_rand_score(parts(0), parts(1)))


def _best_cuts(overlap: Sequence[float], gold: Sequence[str]) -> list[tuple[str, str]]:
    """Reprint, derived, independent, unrelated by three cuts on the share of common 5-grams, the best three."""
    grid = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9)
    best: list[tuple[str, str]] = []
    for low, middle, high in product(grid, repeat=3):
        if low < middle < high:
            found = [
                "reprint" if o >= high else "derived" if o >= middle else "independent" if o >= low else "unrelated"
                for o in overlap
            ]
            both = list(zip(gold, found, strict=True))
            if not best or harness.macro_f1(both) > harness.macro_f1(best):
                best = both
    return best


def difflib_passages(a: str, b: str, least: int = 8) -> list[tuple[str, int, int]]:
    """('a' or 'b', start, end) of difflib's matching blocks of `least` words and more."""
    x, y = words(a), words(b)
    blocks = difflib.SequenceMatcher(None, [w for w, _, _ in x], [w for w, _, _ in y], autojunk=False)
    out = []
    for m in blocks.get_matching_blocks():
        if m.size >= least:
            out.append(("a", x[m.a][1], x[m.a + m.size - 1][2]))
            out.append(("b", y[m.b][1], y[m.b + m.size - 1][2]))
    return out


def short_answers(data: Path, limit: int | None) -> dict[str, float]:
    """Answers against the sources that their writers were given, by the copied share of the answer."""
    from sklearn.metrics import roc_auc_score

    answers = harness.items(data, ANSWERS, "docs.jsonl", limit=limit)
    sources = {s["task"]: s for s in harness.items(data, ANSWERS, "sources.jsonl")}
    docs = [{"id": d["id"], "text": d["text"]} for d in (*answers, *sources.values())]
    alignments, _ = align.align(*tables(docs))
    copied: dict[tuple[str, str], list[int]] = {}
    for r in alignments.to_pylist():
        for one, other in (("a", "b"), ("b", "a")):
            sums = copied.setdefault((r[f"report_{one}"], r[f"report_{other}"]), [0, 0])
            sums[0] += r["words"]
            sums[1] += r["words"] if r["kind"] == "verbatim" else 0
    score, peer, right = [], [], []
    for d in answers:
        source = sources[d["task"]]
        mine = {w for w, _, _ in words(d["text"])}
        n = len(words(d["text"])) or 1
        shared, same = copied.get((d["id"], source["id"]), (0, 0))
        score.append(shared / n)
        found = "cut" if same >= 0.5 * n else "light" if shared >= 0.4 * n else "heavy" if shared else "non"
        right.append(found == d["category"])
        grams = _trigrams(d["text"])
        peer.append(len(grams & _trigrams(source["text"])) / max(1, len(grams)) if mine else 0.0)
    reuse = [d["category"] != "non" for d in answers]
    if len(set(reuse)) < 2:
        return {}
    return {
        "reuse.short_answers.auc": float(roc_auc_score(reuse, score)),
        "reuse.short_answers.accuracy4": _mean(right),
        "peer.reuse.short_answers.auc": float(roc_auc_score(reuse, peer)),
    }


def _trigrams(text: str) -> set[tuple[str, ...]]:
    plain = [w for w, _, _ in words(text)]
    return set(zip(plain, plain[1:], plain[2:], strict=False))


def reprints(data: Path, limit: int | None) -> dict[str, float]:
    """Seconds for all passages of the set against datasketch candidates with difflib, and what that finds more."""
    from datasketch import MinHash, MinHashLSH

    docs = harness.items(data, REPRINTS, limit=limit)
    reports, _, credits = tables([{"id": d["id"], "text": d["text"]} for d in docs])
    segments = schema.SEGMENTS.empty()  # all of a text is compared, as the peer does
    align.align(reports.slice(0, 3), segments, credits)  # compiles, or loads what was compiled
    # The peer has no sentences in other words: what finds them is measured apart.
    ours, (alignments, _) = _timed(lambda: align.align(reports, segments, credits, reworded=False))
    whole, _ = _timed(lambda: align.align(reports, segments, credits))
    mine: dict[str, dict[str, list[tuple[int, int]]]] = {}
    for r in alignments.to_pylist():
        for one, other in (("a", "b"), ("b", "a")):
            spans = mine.setdefault(r[f"report_{one}"], {}).setdefault(r[f"report_{other}"], [])
            spans.append((r[f"{one}_start"], r[f"{one}_end"]))
    start = time.process_time()
    lsh = MinHashLSH(threshold=0.05, num_perm=128)
    sketches = {}
    for d in docs:
        sketch = MinHash(num_perm=128)
        plain = [w for w, _, _ in words(d["text"])]
        sketch.update_batch({" ".join(plain[i : i + 5]).encode() for i in range(len(plain) - 4)})
        sketches[d["id"]] = sketch
        lsh.insert(d["id"], sketch)
    text = {d["id"]: d["text"] for d in docs}
    pairs = sorted({(min(i, j), max(i, j)) for i in text for j in lsh.query(sketches[i]) if i != j})
    theirs = [(a, b, difflib_passages(text[a], text[b])) for a, b in pairs]
    spent = time.process_time() - start
    covered = harness.Counts()
    missed = 0
    for a, b, passages in theirs:
        for (_, *here), (_, *there) in zip(passages[::2], passages[1::2], strict=True):
            sides = [
                _covered(text[one], passage, mine.get(one, {}).get(other, []))
                for one, other, passage in ((a, b, here), (b, a, there))
            ]
            for side in sides:
                covered.add(sum(side), 0, len(side))
            neither = "".join("-" if x or y else "m" for x, y in zip(*sides, strict=False))
            missed += "m" * 8 in neither
    print(f"  ours {ours:.2f} s, peer {spent:.2f} s for {len(pairs)} pairs", file=sys.stderr)
    return {
        "reuse.reprints.speedup": spent / ours,
        "reuse.reprints.found": covered.recall,
        "reuse.reprints.missed": float(missed),
        "reuse.reprints.seconds": ours,
        "reuse.reprints.seconds_reworded": whole,
        "reuse.reprints.pairs": float(len({(r["report_a"], r["report_b"]) for r in alignments.to_pylist()})),
        "peer.reuse.reprints.seconds": spent,
        "peer.reuse.reprints.pairs": float(len(pairs)),
    }


def _timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Processor seconds of some work, the middle one of three runs, and what it gave: other programs count less so."""
    spent = []
    for _ in range(3):
        start = time.process_time()
        result = work()
        spent.append(time.process_time() - start)
    return sorted(spent)[1], result


def _covered(text: str, passage: Sequence[int], spans: Sequence[tuple[int, int]]) -> list[bool]:
    """For each word of a passage (start, end) whether one of the spans holds it."""
    begin, end = passage
    return [any(x <= begin + s and begin + e <= y for x, y in spans) for _, s, e in words(text[begin:end])]
