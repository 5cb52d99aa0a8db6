"""annotate joined to the store: each distinct paragraph that no earlier build parsed goes to the parser once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onrecord import perreport

if TYPE_CHECKING:
    from onrecord.run import Run

CHARACTERS = 60_000  # of paragraphs handed out together


def annotate_paragraphs(run: Run) -> None:
    """paragraphs → parses: each distinct paragraph that no earlier build parsed, batched by length."""
    run.work.known_parses()
    fresh = run.work.query(
        "SELECT p.parse_key, min(substr(r.text, p.char_start + 1, p.char_end - p.char_start)) AS words "
        "FROM paragraphs p JOIN reports r USING (report_id) "
        "WHERE p.parse_key NOT IN (SELECT parse_key FROM parses) GROUP BY p.parse_key ORDER BY length(words), parse_key"
    ).to_pylist()
    total = len(fresh)
    run.progress("annotate", 0, total)
    small = run.small or sum(len(row["words"]) for row in fresh) < run.small_characters
    batches: list[perreport.Paragraphs] = []
    seconds = float(run.options.report_seconds)
    batch: list[tuple[str, str]] = []
    size = 0
    for row in fresh:
        batch.append((row["parse_key"], row["words"]))
        size += len(row["words"])
        if size > CHARACTERS:
            batches.append((run.options.model, seconds, batch))
            batch, size = [], 0
    if batch:
        batches.append((run.options.model, seconds, batch))
    done = 0

    for parses in run.engine.map(
        perreport.parse_paragraphs,
        batches,
        on_death=lambda payload: None,
        split=perreport.halved_paragraphs,
        small=small,
    ):
        run.work.put("parses", parses)
        done += parses.num_rows
        run.progress("annotate", done, total)
    _put_aside_unparsed(run)


def _put_aside_unparsed(run: Run) -> None:
    """Paragraphs that killed their worker or took too long have no parse: noted, and left out from here on."""
    work = run.work
    hit = work.query(
        "SELECT DISTINCT r.report_id, r.uri, p.char_start, p.char_end FROM paragraphs p JOIN reports r "
        "USING (report_id) WHERE parse_key NOT IN (SELECT parse_key FROM parses) ORDER BY ALL"
    ).to_pylist()
    work.put_rows(
        "problems",
        [
            perreport.problem(
                r,
                "annotate",
                "worker-died",
                f"the paragraph at {r['char_start']}-{r['char_end']} could not be parsed: it took too long or too much "
                "memory; see the options report_seconds and worker_mib",
            )
            for r in hit
        ],
    )
    work.db.execute("DELETE FROM paragraphs WHERE parse_key NOT IN (SELECT parse_key FROM parses)")
