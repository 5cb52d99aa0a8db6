"""Inputs, or reports already read, to the tables that every stage starts from."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import PurePath
from typing import Any

from onrecord.limits import Bound
from onrecord.model import RawReport
from onrecord.run import Run
from onrecord.text import key


def read_reports(run: Run, inputs: Iterable[str], seen: dict[str, str] | None = None) -> int:
    """inputs → reports, marks; what cannot be read → problems. `seen` are reports that are here already, with uri.

    How many reports were read, new or not.
    """
    from onrecord.stages.read import read

    problems: list[dict[str, Any]] = []

    def on_problem(uri: str, reason: str, detail: str) -> None:
        problems.append({"uri": _clean(uri), "stage": "read", "reason": reason, "detail": _clean(detail)[:2000]})

    cache = run.work.target.with_name(run.work.target.name + ".fetched")
    clock = Bound(run.options.report_seconds)
    seen = {} if seen is None else seen
    found = take_reports(
        run, read(inputs, on_problem=on_problem, cache=cache, clock=clock, files=run.engine.files), seen
    )
    run.work.put_rows("problems", problems)
    told = [p for p in problems if p["reason"] not in HARMLESS]
    given = set(seen.values())
    run.input_problems = len(told)
    run.unread = [_told(p["uri"], p["detail"] or p["reason"]) for p in told if p["uri"] not in given]
    return found


HARMLESS = ("duplicate", "live-blog")
"""Reasons for which nothing is lost."""


def _told(uri: str, what: str) -> str:
    return what if what.startswith(uri) else f"{uri}: {what}"


def nothing_read(run: Run) -> str:
    """What to say when the inputs gave no report at all."""
    shown = "\n".join(f"  {line}" for line in run.unread[:SHOWN])
    return f"no report could be read; nothing was written\n{shown}" if shown else "no inputs; see onrecord build --help"


SHOWN = 5
"""Of so many unreadable inputs it is said what is wrong with them; all stand in problems."""


def take_reports(run: Run, raws: Iterable[RawReport], seen: dict[str, str]) -> int:
    """Reports as read → reports, marks; one that is here already → problems. How many there were."""
    reports: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []

    def flush() -> None:
        for name, rows in (("reports", reports), ("marks", marks), ("problems", problems)):
            run.work.put_rows(name, rows)
            rows.clear()

    found = 0
    for raw in raws:
        found += 1
        row = report_row(raw)
        if row["report_id"] in seen:
            detail = f"the same report as {seen[row['report_id']]}; counted once"
            problems.append({"uri": _clean(raw.uri), "stage": "read", "reason": "duplicate", "detail": detail})
            continue
        seen[row["report_id"]] = row["uri"]
        reports.append(row)
        marks.extend({"report_id": row["report_id"], **m.span.row(), "kind": m.kind} for m in raw.marks)
        if len(reports) % 500 == 0:
            flush()
        run.progress("read", len(seen), None)
    flush()
    run.progress("read", len(seen), len(seen))
    return found


def report_row(raw: RawReport) -> dict[str, Any]:
    """A report as read, as a row; its id rests on name, outlet and text, never on where the input folder stands."""
    text = _clean(raw.text)
    # A rule that learns to read an outlet off the text must not give the report another id.
    basis = (raw.outlet_basis or "metadata") if raw.outlet else None
    name = raw.external_id or (raw.uri if "://" in raw.uri else PurePath(raw.uri).name)
    return {
        "report_id": key(_clean(name), None if basis == "text" else _opt(raw.outlet), text, prefix="r_"),
        "external_id": _opt(raw.external_id),
        "uri": _clean(raw.uri),
        "outlet": _opt(raw.outlet),
        "outlet_basis": basis,
        "outlet_span": raw.outlet_span.row() if raw.outlet_span else None,
        "title": _opt(raw.title),
        "byline": _opt(raw.byline),
        "language": _opt(raw.language),
        "published_at": raw.published,
        "published_day": raw.published.date().isoformat() if raw.published else None,
        "published_basis": "metadata" if raw.published else None,
        "text": text,
        "ingested_at": raw.fetched,
    }


def _clean(text: str) -> str:
    """Lone surrogates, which no UTF-8 can hold, become U+FFFD, one for one; all else stays."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if _has_surrogate(text) else text


def _has_surrogate(text: str) -> bool:
    with suppress(UnicodeEncodeError):
        text.encode("utf-8")
        return False
    return True


def _opt(text: str | None) -> str | None:
    return _clean(text) if text else None
