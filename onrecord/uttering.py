"""Utterances where few attributions are new or differ: those alone are compared that share a hash with one of these.

Two attributions are one utterance by what they share and, where many share it, by who else does. So a group of one
utterance stays as it was unless one of it shares a hash (`sayings`) with an attribution that came, went or differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from onrecord import schema
from onrecord.stages.attribute import shares
from onrecord.stages.attribute import utterances as find_utterances
from onrecord.stages.attribute.utterances import CROWD

if TYPE_CHECKING:
    from onrecord.store import Workspace

TOLD = "(SELECT attribution_id FROM told)"


def utter_few(work: Workspace, changed: Sequence[str]) -> None:
    """utterance_id and utterance_share of attributions, where they may differ from those of the `standing` record.

    All attributions of `changed` reports, and no others, may be new, gone or different. The temporary table `told`
    names those that were looked at.
    """
    db = work.db
    db.execute("CREATE OR REPLACE TEMP TABLE changed AS SELECT unnest($1::VARCHAR[]) AS report_id", [list(changed)])
    mine = "(SELECT report_id FROM changed)"
    columns = ", ".join(schema.SAYINGS.schema.names)
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE hashes AS {_hashes(f'(SELECT * FROM sayings WHERE report_id IN {mine})')} UNION "
        f"{_hashes(f'(SELECT {columns} FROM standing.sayings WHERE report_id IN {mine})')}"
    )
    # many holders made no pair before where many are left without the reports that changed
    _leave_crowds(work, f"report_id NOT IN {mine}")
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE told AS SELECT attribution_id FROM attributions WHERE report_id IN {mine} UNION "
        "SELECT a.attribution_id FROM attributions a SEMI JOIN (SELECT utterance_id FROM attributions WHERE "
        f"attribution_id IN ({_holders()}) UNION SELECT utterance_id FROM standing.attributions WHERE report_id IN "
        f"{mine}) USING (utterance_id)"
    )
    db.execute(
        "CREATE OR REPLACE TEMP TABLE hashes AS " + _hashes(f"(SELECT * FROM sayings WHERE attribution_id IN {TOLD})")
    )
    _leave_crowds(work, "true")
    db.execute(f"CREATE OR REPLACE TEMP TABLE beside AS ({_holders()}) UNION FROM told")
    beside = "attribution_id IN (SELECT attribution_id FROM beside)"
    attributions = work.query(f"SELECT * FROM attributions WHERE {beside} ORDER BY attribution_id")
    reports = work.query(
        "SELECT * FROM reports WHERE report_id IN "
        f"(SELECT report_id FROM attributions WHERE {beside}) ORDER BY report_id"
    )
    sayings = work.query(
        "SELECT s.* REPLACE (coalesce(t.telling, []) AS telling) FROM sayings s LEFT JOIN ("
        "SELECT attribution_id, list(h) AS telling FROM (SELECT attribution_id, unnest(telling) AS h FROM sayings "
        f"WHERE {beside}) SEMI JOIN (SELECT h FROM hashes WHERE kind = 'telling') USING (h) GROUP BY attribution_id) t "
        f"USING (attribution_id) WHERE s.{beside} ORDER BY attribution_id"
    )
    found = find_utterances(attributions, reports, sayings.cast(schema.SAYINGS.schema))
    ids = pa.array([row[0] for row in db.execute("FROM told").fetchall()], pa.string())
    mine_only = attributions.filter(pc.is_in(attributions["attribution_id"], value_set=ids))
    found = {a: found[a] for a in mine_only["attribution_id"].to_pylist()}
    put_utterances(work, found, shares(mine_only, found))


def _hashes(sayings: str) -> str:
    """SQL: every hash of these rows, with its kind."""
    return (
        f"(SELECT 'whole' AS kind, whole AS h FROM {sayings} WHERE whole IS NOT NULL UNION "
        f"SELECT 'grams', unnest(grams) FROM {sayings} UNION SELECT 'telling', unnest(telling) FROM {sayings})"
    )


def _leave_crowds(work: Workspace, of: str) -> None:
    """Forget the rare words of which more attributions than make pairs have each; `of` says which are counted."""
    work.db.execute(
        "DELETE FROM hashes WHERE kind = 'telling' AND h IN (SELECT h FROM (SELECT unnest(telling) AS h FROM sayings "
        f"WHERE {of}) SEMI JOIN (SELECT h FROM hashes WHERE kind = 'telling') USING (h) GROUP BY h "
        f"HAVING count(*) > {CROWD})"
    )


def _holders() -> str:
    """SQL: the attributions that have one of the `hashes`."""
    parts = [
        f"SELECT attribution_id FROM (SELECT attribution_id, unnest({kind}) AS h FROM sayings) SEMI JOIN "
        f"(SELECT h FROM hashes WHERE kind = '{kind}') USING (h)"
        for kind in ("grams", "telling")
    ]
    whole = "SELECT attribution_id FROM sayings WHERE whole IN (SELECT h FROM hashes WHERE kind = 'whole')"
    return " UNION ".join([whole, *parts])


def put_utterances(work: Workspace, found: dict[str, str], kept: dict[str, float]) -> None:
    """Give attributions their utterance and the share of it that they keep."""
    if not found:
        return
    table = pa.table({"id": list(found), "utterance": list(found.values()), "kept": [kept[a] for a in found]})
    with work.having("found", table):
        work.db.execute(
            "UPDATE attributions SET utterance_id = f.utterance, utterance_share = f.kept "
            "FROM found f WHERE attributions.attribution_id = f.id AND (attributions.utterance_id IS DISTINCT FROM "
            "f.utterance OR attributions.utterance_share IS DISTINCT FROM f.kept)"
        )
