"""annotate joined to the store: each distinct paragraph that no earlier build parsed goes to the parser once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from onrecord import perreport

if TYPE_CHECKING:
    from onrecord.run import Run

CHARACTERS = 60_000  # of paragraphs handed out together


def annotate_paragraphs(run: Run) -> None:
    """paragraphs → parses: each distinct paragraph that no earlier build parsed, batched by length.

    How far it is, is told in characters: the short paragraphs come first and are done soon.
    """
    run.work.known_parses()
    fresh = run.work.query(
        "SELECT p.parse_key, min(substr(r.text, p.char_start + 1, p.char_end - p.char_start)) AS words, "
        "length(words) AS size FROM paragraphs p JOIN reports r USING (report_id) "
        "WHERE p.parse_key NOT IN (SELECT parse_key FROM parses) GROUP BY p.parse_key ORDER BY size, parse_key"
    )
    total = pc.sum(fresh["size"]).as_py() or 0
    run.progress("annotate", 0, total)
    size_of = dict(zip(fresh["parse_key"].to_pylist(), fresh["size"].to_pylist(), strict=True))
    done = 0
    for parses in run.engine.map(
        perreport.parse_paragraphs,
        _batches(fresh, run.options.model, float(run.options.report_seconds)),
        on_death=lambda payload: None,
        split=perreport.halved_paragraphs,
        small=run.small or total < run.small_characters,
    ):
        run.work.put("parses", parses)
        done += sum(size_of.get(key, 0) for key in parses["parse_key"].to_pylist())
        run.progress("annotate", done, total)
    if done < total:  # what killed its worker is done with
        run.progress("annotate", total, total)
    _put_aside_unparsed(run)


def _batches(fresh: pa.Table, model: str, seconds: float) -> Iterator[perreport.Paragraphs]:
    """Paragraphs by the batch, made when one is asked for: their texts as Python's take several times the room."""
    sizes = fresh["size"].to_pylist()
    start = size = 0
    for n, length in enumerate(sizes):
        size += length
        if size > CHARACTERS or n + 1 == len(sizes):
            some = fresh.slice(start, n + 1 - start)
            yield model, seconds, list(zip(some["parse_key"].to_pylist(), some["words"].to_pylist(), strict=True))
            start, size = n + 1, 0


_PARSED = "SELECT parse_key FROM parses"
_EMPTY = f"{_PARSED} WHERE len(starts) = 0"
_WORDS = "regexp_matches(substr(r.text, p.char_start + 1, p.char_end - p.char_start), '[\\p{L}\\p{N}]')"
_FAILED = (
    ("worker-died", f"p.parse_key NOT IN ({_PARSED})",
     "it took too long or too much memory; see the options report_seconds and worker_mib"),
    ("parser-failed", f"p.parse_key IN ({_EMPTY}) AND {_WORDS}", "the parser failed on it; nothing in it is read"),
)  # fmt: skip


def _put_aside_unparsed(run: Run) -> None:
    """Paragraphs on which the parser failed are noted; those that killed their worker or took too long are left out."""
    work = run.work
    noted = set(work.db.execute("SELECT report_id, detail FROM problems WHERE stage = 'annotate'").fetchall())
    for reason, which, why in _FAILED:
        hit = work.query(
            "SELECT DISTINCT r.report_id, r.uri, p.char_start, p.char_end FROM paragraphs p JOIN reports r "
            f"USING (report_id) WHERE {which} ORDER BY ALL"
        ).to_pylist()
        told = (
            perreport.problem(
                r, "annotate", reason, f"the paragraph at {r['char_start']}-{r['char_end']} could not be parsed: {why}"
            )
            for r in hit
        )
        work.put_rows("problems", [p for p in told if (p["report_id"], p["detail"]) not in noted])
    work.db.execute("DELETE FROM paragraphs WHERE parse_key NOT IN (SELECT parse_key FROM parses)")
