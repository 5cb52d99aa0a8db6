"""On which reports a change of the user's actors, or of how much of a report is read, bears; the others stay.

Actors of the user's own are found by the words of their names, so that a row which came, went or changed bears on the
reports that have the words of one of its names, or of a name that the lexicon gives the same body. A bound on lengths
bears on what is longer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from onrecord import lexicon
from onrecord.options import Options
from onrecord.store import Workspace
from onrecord.text import plain

Row = tuple[str, str, str, str]
"""Name, aliases, country and sector of one body."""
PACKAGED = ("organisations.tsv", "armed_groups.tsv")
LENGTHS = ("max_report_chars", "max_paragraph_chars")
_ENDING = 2  # letters at the end of a word by which its forms may differ
_BATCH = 500  # texts at a time
# Reports with a paragraph that is longer than parameter {1}, or two side by side that are pieces of one.
_PIECES = (
    "report_id IN (SELECT report_id FROM (SELECT report_id, char_start, char_end, lag(char_start) OVER w AS a, "
    "lag(char_end) OVER w AS b FROM {0}paragraphs WINDOW w AS (PARTITION BY report_id, kind ORDER BY char_start)) "
    "JOIN reports USING (report_id) WHERE char_end - char_start > ${1} OR (char_end - a >= ${1} AND (char_start = b "
    "OR (char_start = b + 1 AND substr(text, b + 1, 1) = ' '))))"
)


def lengths_told(options: Options) -> str:
    """The bounds on lengths, JSON."""
    return json.dumps([getattr(options, name) for name in LENGTHS])


def lengths_bear(work: Workspace, options: Options, before: str, now: str) -> list[str] | None:
    """The reports that are longer than a bound which changed, or have a paragraph that is; None: any may be."""
    try:
        pairs = dict(zip(LENGTHS, zip(json.loads(before), json.loads(now), strict=True), strict=True))
        least = {name: int(min(pair)) for name, pair in pairs.items() if pair[0] != pair[1]}
    except (ValueError, TypeError):  # another onrecord told it otherwise
        return None
    standing = "standing." if work.standing else ""
    # What was read on of a report is known by its paragraphs; of one that was not read to its end, or on which
    # segmenting failed, that the rest may be long.
    meets = ["report_id IN (SELECT report_id FROM {0}problems WHERE stage = 'segment' AND reason <> 'language')"]
    parameters = [min(least.values())]
    if LENGTHS[0] in least:
        parameters.append(least[LENGTHS[0]])
        meets.append(f"report_id IN (SELECT report_id FROM {{0}}paragraphs WHERE char_end > ${len(parameters)})")
    if LENGTHS[1] in least:
        parameters.append(least[LENGTHS[1]])
        meets.append(_PIECES.format("{0}", len(parameters)))
    query = f"SELECT report_id FROM reports WHERE length(text) > $1 AND ({' OR '.join(meets)}) ORDER BY 1"
    return [row[0] for row in work.db.execute(query.format(standing), parameters).fetchall()]


def actors_told(options: Options) -> str:
    """The rows of the user's actors, JSON, in the order in which they count."""
    return json.dumps([_row(row) for file in options.actors for row in lexicon.rows(Path(file))])


def _row(row: dict[str, str]) -> Row:
    return row["name"], row["aliases"], row["country"], row["sector"]


def actors_bear(work: Workspace, options: Options, before: str, now: str) -> list[str] | None:
    """The reports that may name a body of which a row came or went; None: any may."""
    try:
        old, new = ([(str(n), str(a), str(c), str(s)) for n, a, c, s in json.loads(t)] for t in (before, now))
    except (ValueError, TypeError):  # another onrecord told it otherwise
        return None
    from onrecord.stages.resolve import name_keys

    stays = set(old) & set(new)
    if [row for row in old if row in stays] != [row for row in new if row in stays]:  # the first one of a name counts
        return None
    packaged = [_row(row) for name in PACKAGED for row in lexicon.rows(name)]
    gone = {_body(row) for row in (set(old) | set(new)) - stays}
    wanted = [names for row in dict.fromkeys((*old, *new, *packaged)) if _body(row) in gone for names in _words(row)]
    if not all(wanted):
        return None
    found = []
    cursor = work.db.cursor()
    cursor.execute("SELECT report_id, text FROM reports ORDER BY report_id")
    for rows in iter(lambda: cursor.fetchmany(_BATCH), []):
        for report, text in rows:
            (low,) = name_keys(text, bare=False)
            if any(all(word in low for word in words) for words in wanted):
                found.append(report)
    return found


def _body(row: Row) -> str:
    return plain(row[0].rstrip("?"))


def _words(row: Row) -> Iterable[Sequence[str]]:
    """Of each form of each name, the beginnings of its words; a country's adjective before them need not be written."""
    from onrecord.stages.resolve import name_keys

    for name in (row[0], *row[1].split("|")):
        for form in name_keys(name.rstrip("?")) if name else ():
            words = [w for w in form.split() if w not in _adjectives()]
            yield [w[: -_ENDING if len(w) > 4 else 3] for w in words if len(w) > 3] or words


@cache
def _adjectives() -> frozenset[str]:
    from onrecord.stages.resolve import name_keys

    adjectives = (a for row in lexicon.rows("countries.tsv") for a in row["adjectives"].split("|"))
    return frozenset(w for a in adjectives for form in name_keys(a) for w in form.split())
