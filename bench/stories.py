"""Stories: which reports are of one happening, on each set alone and on all poured together with distractors.

Scored by B-cubed over the items that have a gold story (Bagga and Baldwin 1998). The product's defaults hold
throughout; the peer, TF-IDF rows under average-link clustering, is given its best threshold on the very items scored.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import harness
from bench._reports import moment, tables
from onrecord.stages import align, group
from onrecord.text import key

WHERE = "story_clustering"
SETS = ("ecbplus", "wikinews_sources", "giveme5w1h_newscluster", "basil_triples", "energy_story_chains", "newswcl50")
DISTRACTORS = 3000
"""AllSides articles poured among the gold items: those of the gold items' weeks first, then others, by hash of id."""

FIGURES = [
    harness.Figure(f"stories.{s}.{m}", f"B-cubed {n} on {s} alone", blind=b)
    for s, b in (
        ("ecbplus", "two like happenings a topic; no dates, no headlines, first paragraphs only"),
        ("wikinews_sources", "sources of one page count as one story though some are background"),
        ("giveme5w1h_newscluster", "easy alone"),
        ("basil_triples", "three reports a story; US politics only"),
        ("energy_story_chains", "one domain"),
        ("newswcl50", "easy alone"),
        ("pooled", "distractors have no gold: joining two of them costs nothing"),
    )
    for m, n in (("precision", "precision"), ("recall", "recall"), ("f1", "F1"))
]


def run(data: Path, limit: int | None) -> dict[str, float]:
    """B-cubed of every set that is there, alone and pooled, and the peer's."""
    figures: dict[str, float] = {}
    pool: list[dict[str, Any]] = []
    for name in SETS:
        try:
            found = [_item(name, d) for d in harness.items(data, f"{WHERE}/{name}", limit=limit)]
        except harness.Missing as missing:
            print(f"  {missing}", file=sys.stderr)
            continue
        pool.extend(found)
        figures |= _score(name, found, found)
    if not pool:
        raise harness.Missing(f"{WHERE}: no set under {data}")
    return figures | _score("pooled", pool, pool + distractors(data, pool, limit))


def distractors(data: Path, pool: list[dict[str, Any]], limit: int | None) -> list[dict[str, Any]]:
    """AllSides articles: of the weeks in which gold items were published first, the rest by hash of their id."""
    try:
        found = [_item("allsides", d) for d in harness.items(data, "raw_corpus/allsides_articles")]
    except harness.Missing as missing:
        print(f"  {missing}", file=sys.stderr)
        return []
    weeks = {_week(i["published"]) for i in pool} - {None}
    found.sort(key=lambda i: (_week(i["published"]) not in weeks, key(i["id"])))
    return found[: DISTRACTORS if limit is None else min(limit, DISTRACTORS)]


def _week(published: str | None) -> tuple[int, int] | None:
    when = moment(published)
    return when.isocalendar()[:2] if when else None


def _item(name: str, d: dict[str, Any]) -> dict[str, Any]:
    dated = name in {"basil_triples", "energy_story_chains", "allsides"}  # elsewhere crawl times stand for dates
    if name == "wikinews_sources" and d.get("subset") == "handpicked":
        d = {**d, "date": d.get("fetched_or_published")}
        dated = True
    text, title = d["text"], d.get("title")
    if title and not text.startswith(title):
        text = f"{title}\n\n{text}"
    return {
        "id": f"{name}:{d.get('id') or d.get('uuid') or d.get('url')}",
        "text": text,
        "title": title,
        "outlet": d.get("outlet"),
        "published": d.get("date") if dated else None,
        "story": None if name == "allsides" else f"{name}:{d.get('story', d.get('chain'))}",
    }


def cluster(items: list[dict[str, Any]]) -> dict[str, str]:
    """Item id to the id of the story that it is of as a whole, by the product's own stages."""
    reports, segments, credits = tables(items)
    alignments, _ = align.align(reports, segments, credits)
    _, story_reports = group.group(reports, segments, alignments)
    return {r["report_id"]: r["story_id"] for r in story_reports.to_pylist() if r["parts"] is None}


def _score(name: str, gold: list[dict[str, Any]], among: list[dict[str, Any]]) -> dict[str, float]:
    seconds: dict[str, float] = {}
    wanted = {i["id"]: i["story"] for i in gold}
    with harness.timed(f"{name}: {len(among)} reports", seconds):
        found = cluster(among)
    precision, recall, f1 = harness.b_cubed(wanted, {i: found[i] for i in wanted})
    out = {f"stories.{name}.precision": precision, f"stories.{name}.recall": recall, f"stories.{name}.f1": f1}
    peer = _peer(among, wanted)
    return out | {f"peer.{k}": v for k, v in zip(out, peer, strict=True)}


def _peer(items: list[dict[str, Any]], wanted: dict[str, str]) -> tuple[float, float, float]:
    """TF-IDF (sublinear, English stop words) with average-link clustering at its best threshold."""
    import numpy as np
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.feature_extraction.text import TfidfVectorizer

    rows = TfidfVectorizer(sublinear_tf=True, stop_words="english", dtype=np.float32).fit_transform(
        [i["text"] for i in items]
    )
    apart = np.clip(1 - (rows @ rows.T).toarray(), 0, 1)
    best = (0.0, 0.0, 0.0)
    at: Callable[[float], Any] = lambda t: AgglomerativeClustering(  # noqa: E731
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=t
    ).fit_predict(apart)
    for threshold in (0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9):
        labels = dict(zip((i["id"] for i in items), at(threshold).tolist(), strict=True))
        scores = harness.b_cubed(wanted, {i: labels[i] for i in wanted})
        best = max(best, scores, key=lambda s: s[2])
    return best
