"""Commands that correct a record, and that list, undo, export and import corrections."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from onrecord import corrections
from onrecord.cli.common import RecordPath, app, err, json_text, out, print_rows, table_of
from onrecord.corrections import Change, Listed
from onrecord.errors import UsageError

correct = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help=(
        "Correct a record: merge or split, set, reject or confirm. What reports say stays as they say it; your "
        "decision is marked, applied again after every rebuild, and undone by: onrecord corrections RECORD undo ID"
    ),
    epilog="Example: onrecord correct record.duckdb set-event ev_1f killed 13 --why 'the ministry corrected itself'",
)
log = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    help="List, undo, export and import the corrections of a record; alone, it lists them.",
    epilog="Example: onrecord corrections record.duckdb undo c_4be1 --why 'it was right after all'",
)
app.add_typer(correct, name="correct")
app.add_typer(log, name="corrections")

Why = Annotated[str | None, typer.Option("--why", help="the reason, for those who read it later")]
Who = Annotated[str | None, typer.Option("--who", help="who decides; default: git's user.name, else yours")]
AsJson = Annotated[bool, typer.Option("--json", help="print what it did as JSON")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="print nothing")]
Event = Annotated[str, typer.Argument(help="an event's id; its beginning will do", metavar="EVENT")]
Field = Annotated[str, typer.Argument(help="the field", metavar="FIELD")]
Value = Annotated[str, typer.Argument(help="the value", metavar="VALUE")]
NONE = "-"


@correct.callback()
def _correct(context: typer.Context, record: RecordPath) -> None:
    context.obj = record


def _make(context: typer.Context, change: Change, why: str | None, who: str | None, as_json: bool, quiet: bool) -> None:
    _tell(corrections.make(context.obj, change, why=why, who=who), as_json, quiet)


def _tell(done: Listed, as_json: bool, quiet: bool) -> None:
    if as_json:
        typer.echo(json_text(done.to_json()))
    elif not quiet:
        c = done.correction
        out.print(f"{c.correction_id}: {said(c.change)}: {done.state}", highlight=False, markup=False)
        for effect in done.effects:
            if effect["detail"]:
                out.print(f"  {effect['detail']}", highlight=False, markup=False)


def said(change: Change) -> str:
    """A change in a few words."""
    parts = [change.action, change.target]
    if change.field:
        parts.append(change.field)
    if change.value is not None:
        parts.append(json.dumps(change.value, ensure_ascii=False))
    return " ".join(parts)


Ids = Annotated[list[str], typer.Argument(help="ids, the one that stays first; beginnings will do", metavar="ID...")]


@correct.command("merge-events", epilog="Example: onrecord correct record.duckdb merge-events ev_1f ev_2c --why same")
def merge_events(
    context: typer.Context, ids: Ids, why: Why = None, who: Who = None, as_json: AsJson = False, quiet: Quiet = False
) -> None:
    """Two or more events are one; its reports, origins and ledger are counted anew."""
    _make(context, Change("merge", "events", tuple(ids)), why, who, as_json, quiet)


@correct.command("merge-entities", epilog="Example: onrecord correct record.duckdb merge-entities e_1f e_2c")
def merge_entities(
    context: typer.Context, ids: Ids, why: Why = None, who: Who = None, as_json: AsJson = False, quiet: Quiet = False
) -> None:
    """Two or more entities are one, wherever they act, suffer, speak or are mentioned."""
    _make(context, Change("merge", "entities", tuple(ids)), why, who, as_json, quiet)


@correct.command("merge-stories", epilog="Example: onrecord correct record.duckdb merge-stories s_1f s_2c")
def merge_stories(
    context: typer.Context, ids: Ids, why: Why = None, who: Who = None, as_json: AsJson = False, quiet: Quiet = False
) -> None:
    """Two or more stories are one."""
    _make(context, Change("merge", "stories", tuple(ids)), why, who, as_json, quiet)


@correct.command("split-event", epilog="Example: onrecord correct record.duckdb split-event ev_1f m_8a m_9b")
def split_event(
    context: typer.Context,
    event: Event,
    mentions: Annotated[list[str], typer.Argument(help="mentions that tell another event", metavar="MENTION...")],
    why: Why = None,
    who: Who = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Some mentions of an event tell another: they become an event of their own."""
    _make(context, Change("split", "events", (event,), None, {"mentions": mentions}), why, who, as_json, quiet)


@correct.command(
    "split-entity", epilog="Example: onrecord correct record.duckdb split-entity e_1f r_8a --name 'Jan Vik, pilot'"
)
def split_entity(
    context: typer.Context,
    entity: Annotated[str, typer.Argument(help="an entity's id", metavar="ENTITY")],
    reports: Annotated[list[str], typer.Argument(help="reports that mean another", metavar="REPORT...")],
    name: Annotated[str, typer.Option(help="the name, or the id, of the one whom these reports mean")],
    why: Why = None,
    who: Who = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Some reports mean another by that name."""
    value = {"reports": reports, "name": name}
    _make(context, Change("split", "entities", (entity,), None, value), why, who, as_json, quiet)


@correct.command("split-story", epilog="Example: onrecord correct record.duckdb split-story s_1f r_8a r_9b")
def split_story(
    context: typer.Context,
    story: Annotated[str, typer.Argument(help="a story's id", metavar="STORY")],
    reports: Annotated[list[str], typer.Argument(help="reports of another happening", metavar="REPORT...")],
    why: Why = None,
    who: Who = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Some reports of a story tell of another happening: they become a story of their own."""
    _make(context, Change("split", "stories", (story,), None, {"reports": reports}), why, who, as_json, quiet)


Values = Annotated[
    list[str], typer.Argument(help="the value; several for actor and recipient; - for not known", metavar="VALUE...")
]


@correct.command("set-event", epilog="Example: onrecord correct record.duckdb set-event ev_1f date 2024-05-17")
def set_event(
    context: typer.Context,
    event: Event,
    field: Annotated[
        str, typer.Argument(help=f"{', '.join(corrections.FIELDS['events'])}, or killed, injured...", metavar="FIELD")
    ],
    values: Values,
    why: Why = None,
    who: Who = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Set a field of an event. The reported values stay in its ledger, marked confirmed or overruled."""
    several = field in ("actor", "recipient")
    value: Any = [v for v in values if v != NONE] if several else _one(values)
    _make(context, Change("set", "events", (event,), field, value), why, who, as_json, quiet)


def _one(values: Sequence[str]) -> str | None:
    if len(values) != 1:
        raise UsageError(f"one value, not {len(values)}; put it in quotation marks if it has blanks")
    return None if values[0] == NONE else values[0]


RowId = Annotated[str, typer.Argument(help="its id; the beginning will do", metavar="ID")]
NewValue = Annotated[str, typer.Argument(help="the value; - for not known", metavar="VALUE")]


@correct.command("set-entity", epilog="Example: onrecord correct record.duckdb set-entity e_1f country NOR")
def set_entity(
    context: typer.Context,
    row: RowId,
    field: Annotated[str, typer.Argument(help=", ".join(corrections.FIELDS["entities"]), metavar="FIELD")],
    value: NewValue,
    why: Why = None,
    who: Who = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Set an entity's name, country, sector, kind or role."""
    _make(context, Change("set", "entities", (row,), field, _one([value])), why, who, as_json, quiet)


@correct.command("set-story", epilog="Example: onrecord correct record.duckdb set-story s_1f 'The strike in the ports'")
def set_story(
    context: typer.Context,
    row: RowId,
    value: NewValue,
    why: Why = None,
    who: Who = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Set a story's title."""
    _make(context, Change("set", "stories", (row,), "title", _one([value])), why, who, as_json, quiet)


@correct.command("set-report", epilog="Example: onrecord correct record.duckdb set-report r_1f published_at 2024-05-17")
def set_report(
    context: typer.Context,
    row: RowId,
    field: Annotated[str, typer.Argument(help=", ".join(corrections.FIELDS["reports"]), metavar="FIELD")],
    value: NewValue,
    why: Why = None,
    who: Who = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Set a report's date of publication or outlet; all that rests on it is made anew."""
    _make(context, Change("set", "reports", (row,), field, _one([value])), why, who, as_json, quiet)


@correct.command("set-source", epilog="Example: onrecord correct record.duckdb set-source a_1f 'Interior Ministry'")
def set_source(
    context: typer.Context,
    row: RowId,
    value: NewValue,
    why: Why = None,
    who: Who = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Set who is the source of an attribution."""
    _make(context, Change("set", "attributions", (row,), "source", _one([value])), why, who, as_json, quiet)


@correct.command("reject-event", epilog="Example: onrecord correct record.duckdb reject-event ev_1f --why fiction")
def reject_event(
    context: typer.Context, event: Event, why: Why = None, who: Who = None, as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:  # fmt: skip
    """Nothing of the kind happened, or no report says so: the event goes, its mentions stay without one."""
    _make(context, Change("reject", "events", (event,)), why, who, as_json, quiet)


@correct.command("reject-mention", epilog="Example: onrecord correct record.duckdb reject-mention m_8a")
def reject_mention(
    context: typer.Context,
    mention: Annotated[str, typer.Argument(help="a mention's id", metavar="MENTION")],
    why: Why = None,
    who: Who = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """One mention tells no event; the event's other mentions stay."""
    _make(context, Change("reject", "event_mentions", (mention,)), why, who, as_json, quiet)


Mention = Annotated[str | None, typer.Option("--mention", help="only where this mention gives it")]


def _of_ledger(action: str, event: str, field: str, value: str, mention: str | None) -> Change:
    named = {"value": value, **({"mention_id": mention} if mention else {})}
    return Change(action, "ledger", (event,), field, named)


@correct.command("reject-value", epilog="Example: onrecord correct record.duckdb reject-value ev_1f killed 31")
def reject_value(
    context: typer.Context, event: Event, field: Field, value: Value, mention: Mention = None, why: Why = None,
    who: Who = None, as_json: AsJson = False, quiet: Quiet = False,
) -> None:  # fmt: skip
    """A value that reports give is wrong, or was misread: it stays in the ledger, marked, and counts no more."""
    _make(context, _of_ledger("reject", event, field, value, mention), why, who, as_json, quiet)


@correct.command("reject-source", epilog="Example: onrecord correct record.duckdb reject-source a_1f")
def reject_source(
    context: typer.Context,
    attribution: Annotated[str, typer.Argument(help="an attribution's id", metavar="ATTRIBUTION")],
    why: Why = None,
    who: Who = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """That is not who said it, and who did is not known."""
    _make(context, Change("reject", "attributions", (attribution,), "source"), why, who, as_json, quiet)


@correct.command("confirm-value", epilog="Example: onrecord correct record.duckdb confirm-value ev_1f killed 13")
def confirm_value(
    context: typer.Context, event: Event, field: Field, value: Value, mention: Mention = None, why: Why = None,
    who: Who = None, as_json: AsJson = False, quiet: Quiet = False,
) -> None:  # fmt: skip
    """A value that reports give is right."""
    _make(context, _of_ledger("confirm", event, field, value, mention), why, who, as_json, quiet)


@correct.command("confirm", epilog="Example: onrecord correct record.duckdb confirm ev_1f")
def confirm(
    context: typer.Context,
    row: Annotated[str, typer.Argument(help="id of an event, mention, entity, story or attribution", metavar="ID")],
    why: Why = None,
    who: Who = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Somebody looked, and it is right."""
    kinds = {"ev_": "events", "m_": "event_mentions", "e_": "entities", "s_": "stories", "a_": "attributions"}
    table = next((t for prefix, t in kinds.items() if row.startswith(prefix)), None)
    if table is None:
        raise UsageError(f"confirm: {row!r} is no id; ids begin with {', '.join(kinds)}")
    _make(context, Change("confirm", table, (row,)), why, who, as_json, quiet)


@log.callback()
def _log(context: typer.Context, record: RecordPath) -> None:
    context.obj = record
    if context.invoked_subcommand is None:
        _list(record, False)


@log.command("list", epilog="Example: onrecord corrections record.duckdb list")
def list_command(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="one JSON object a row")] = False
) -> None:
    """List every correction: what, by whom, when, why, and whether it holds in this record."""
    _list(context.obj, as_json)


def _list(record: Path, as_json: bool) -> None:
    listed = corrections.listing(record)
    if as_json:
        for at in listed:
            typer.echo(json_text(at.to_json()))
        return
    rows = [
        {
            "id": at.correction.correction_id,
            "made": f"{at.correction.made_at:%Y-%m-%d %H:%M}",
            "by": at.correction.made_by,
            "what": said(at.correction.change),
            "why": at.correction.why,
            "state": at.state + (f" by {at.undone_by}" if at.undone_by else ""),
        }
        for at in listed
    ]
    if rows:
        print_rows(table_of(rows), len(rows), False, "")
    else:
        err.print(f"{record}: no corrections; to make one: onrecord correct --help", highlight=False)


@log.command("undo", epilog="Example: onrecord corrections record.duckdb undo c_4be1")
def undo(
    context: typer.Context,
    correction: Annotated[str, typer.Argument(help="the id of a correction; its beginning will do", metavar="ID")],
    why: Why = None,
    who: Who = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Undo a correction; both stay in the log. To have it again, undo the undoing."""
    _tell(corrections.undo(context.obj, correction, why=why, who=who), as_json, quiet)


@log.command("export", epilog="Example: onrecord corrections record.duckdb export corrections.jsonl")
def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="the file to write; - writes to standard output", metavar="FILE")],
    quiet: Quiet = False,
) -> None:
    """Write all corrections to a file of JSON lines, for a colleague or another record."""
    lines = corrections.export_lines(context.obj)
    if str(file) == "-":
        for line in lines:
            typer.echo(line)
        return
    try:
        file.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}") from error
    if not quiet:
        err.print(f"{file}: {len(lines)} corrections", highlight=False)


@log.command("import", epilog="Example: onrecord corrections record.duckdb import corrections.jsonl")
def import_command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="a file of JSON lines; - reads standard input", metavar="FILE")],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Add the corrections of a file that this record does not have yet, and apply them; again adds nothing."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    try:
        done = corrections.import_lines(context.obj, text.split("\n"))
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from error
    if as_json:
        added = [c.correction_id for c in done.added]
        typer.echo(json_text({"added": added, "known": done.known, "conflicts": done.conflicts}))
    elif not quiet:
        out.print(f"{file}: {len(done.added)} corrections added, {done.known} known", highlight=False)
    if not quiet and not as_json:
        for conflict in done.conflicts:
            err.print(f"conflict: {conflict}", highlight=False, markup=False)
