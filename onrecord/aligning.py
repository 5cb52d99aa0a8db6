"""What reports share where few of them are new or differ: only pairs of reports that these bear on are compared.

What two reports share depends on their two texts. Three things rest on others as well, and are followed to where they
end: which pairs are compared, through representatives of a gram that many hold; what is a stock phrase of an outlet;
and which way text went, in a copy graph without circles.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from onrecord import schema
from onrecord.stages.align import candidates, compared, derive, passages, rewriting, sharing, table_of, words_of
from onrecord.stages.align.compared import Compared
from onrecord.stages.align.words import Corpus

if TYPE_CHECKING:
    from onrecord.store import Workspace

Pair = tuple[str, str]
"""Ids of two reports, the smaller one first."""


def align_few(work: Workspace, changed: Sequence[str]) -> None:
    """alignments, derivations, compared and grams, as they are for the reports as they are now.

    The tables are those of the same reports, but that of those in `changed` the text, the segments, the credits, the
    outlet or the date were others, or that these were not there.
    """
    work.db.execute(
        "CREATE OR REPLACE TEMP TABLE changed AS SELECT unnest($1::VARCHAR[]) AS report_id", [list(changed)]
    )
    new, gone = _pairs(work)
    before = _taken(work)
    loose = _forget(work, gone)
    loose |= _compare(work, new)
    again = new | _redecided(work, loose)
    _share(work, again, before)


def _pairs(work: Workspace) -> tuple[set[Pair], set[Pair]]:
    """Pairs that are to be compared, and pairs that were and are not to be any more; brings `grams` up to date."""
    db = work.db
    mine = "(SELECT report_id FROM changed)"
    then = work.query(f"SELECT * FROM grams WHERE report_id IN {mine} ORDER BY report_id")
    words = _corpus(work, work.get("reports", _ids(work, mine)))
    now = compared.kept_grams(words, candidates.kept(words))
    db.execute(f"DELETE FROM grams WHERE report_id IN {mine}")
    work.put("grams", now)
    met = np.unique(np.concatenate([_flat(then), _flat(now)]))
    held = _holders(work, met)
    after = _through(held, met)
    kept = held.filter(pc.invert(pc.is_in(held["report_id"], value_set=now["report_id"].combine_chunks())))
    as_it_was = pa.concat_tables([kept, then.select(held.column_names).cast(held.schema)]).sort_by("report_id")
    was = _through(as_it_was, met)
    own = set(now["report_id"].to_pylist())
    known = _among(work, [p for p in after if own.isdisjoint(p)])
    new = {p for p in after if not own.isdisjoint(p)} | {p for p in after if own.isdisjoint(p)} - known
    lost = {p for p in was - after if own.isdisjoint(p)}
    listed = db.execute(f"SELECT report_a, report_b FROM compared WHERE report_a IN {mine} OR report_b IN {mine}")
    return new, {(str(a), str(b)) for a, b in listed.fetchall()} | lost - _still(work, lost, held, met)


def _ids(work: Workspace, query: str) -> list[str]:
    return [row[0] for row in work.db.execute(f"{query} ORDER BY 1").fetchall()]


def _corpus(work: Workspace, reports: pa.Table) -> Corpus:
    ids = reports["report_id"].to_pylist()
    return words_of(dict(zip(ids, reports["text"].to_pylist(), strict=True)), work.get("segments", ids))


def _flat(grams: pa.Table) -> NDArray[np.uint64]:
    flat: NDArray[np.uint64] = pc.list_flatten(grams["grams"].combine_chunks()).to_numpy(zero_copy_only=False)
    return flat


def _holders(work: Workspace, met: NDArray[np.uint64]) -> pa.Table:
    """The reports that hold one of these grams, each with all that it holds, in the order of their ids."""
    work.db.register("met", pa.table({"gram": met}))
    rows = work.query(
        "SELECT report_id, grams FROM grams WHERE report_id IN (SELECT report_id FROM "
        "(SELECT report_id, unnest(grams) AS gram FROM grams) SEMI JOIN met USING (gram)) ORDER BY report_id"
    )
    work.db.unregister("met")
    return rows


def _through(held: pa.Table, met: NDArray[np.uint64]) -> set[Pair]:
    """The pairs of reports to which these grams lead, of all their holders."""
    column = held["grams"].combine_chunks()
    sizes = pc.list_value_length(column).to_numpy(zero_copy_only=False)
    bounds = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    ids = held["report_id"].to_pylist()
    found = candidates.paired(candidates.Grams(_flat(held), bounds), met)
    return {(ids[a], ids[b]) for a, b in found.tolist()}


def _among(work: Workspace, pairs: Collection[Pair]) -> set[Pair]:
    """Those of the pairs that were compared before."""
    with work.having("asked", _listed(pairs)):
        rows = work.db.execute("SELECT report_a, report_b FROM compared SEMI JOIN asked USING (report_a, report_b)")
        return {(str(a), str(b)) for a, b in rows.fetchall()}


def _listed(pairs: Collection[Pair]) -> pa.Table:
    a, b = [p[0] for p in pairs], [p[1] for p in pairs]
    return pa.table({"report_a": pa.array(a, pa.string()), "report_b": pa.array(b, pa.string())})


def _still(work: Workspace, lost: Collection[Pair], held: pa.Table, met: NDArray[np.uint64]) -> set[Pair]:
    """Those of the pairs, to which grams led that new reports hold, to which other grams lead."""
    if not lost:
        return set()
    ids = {r for pair in lost for r in pair}
    some = held.filter(pc.is_in(held["report_id"], value_set=pa.array(sorted(ids))))
    own = {r: np.asarray(g, np.uint64) for r, g in zip(*(some[c].to_pylist() for c in held.column_names), strict=True)}
    shared = np.unique(np.concatenate([np.intersect1d(own[a], own[b]) for a, b in lost]))
    other = np.setdiff1d(shared, met)
    return set(lost) & _through(_holders(work, other), other) if len(other) else set()


def _taken(work: Workspace) -> set[Pair]:
    """The pairs of which one took text from the other, or both from a third."""
    rows = work.db.execute("SELECT report_id, coalesce(from_report_id, with_report_id) FROM derivations").fetchall()
    return {(min(a, b), max(a, b)) for a, b in rows}


def _forget(work: Workspace, gone: Collection[Pair]) -> set[str]:
    """Take out what was found of these pairs; the reports of which one outlet's phrases may be stock no more."""
    with work.having("asked", _listed(gone)):
        of_one = "SELECT c.report_a, c.report_b FROM compared c SEMI JOIN asked USING (report_a, report_b)"
        loose = _of_one_outlet(work, of_one + " WHERE len(passages) > 0")
        for table in ("alignments", "compared"):
            work.db.execute(f"DELETE FROM {table} WHERE (report_a, report_b) IN (SELECT report_a, report_b FROM asked)")
    return loose


def _of_one_outlet(work: Workspace, pairs: str) -> set[str]:
    """The reports of those of the pairs of a query that are of one outlet."""
    rows = work.db.execute(
        f"SELECT report_a, report_b FROM ({pairs}) p JOIN reports a ON a.report_id = report_a "
        "JOIN reports b ON b.report_id = report_b WHERE a.outlet = b.outlet"
    ).fetchall()
    return set(chain.from_iterable(rows))


def _compare(work: Workspace, new: Collection[Pair]) -> set[str]:
    """Rows of `compared` of these pairs; the reports of which one outlet's phrases may be stock now."""
    words = _corpus(work, work.get("reports", sorted({r for pair in new for r in pair})))
    pairs = _numbered(words, new)
    found = Compared(dict(sharing.by_pair(passages.find(words, pairs))))
    found.kept = {pair: (True,) * len(some) for pair, some in found.found.items()}
    work.put("compared", found.rows(words, pairs))
    with work.having("asked", _listed(new)):
        met = "SELECT c.report_a, c.report_b FROM compared c SEMI JOIN asked USING (report_a, report_b)"
        return _of_one_outlet(work, met + " WHERE len(passages) > 0")


def _numbered(words: Corpus, pairs: Iterable[Pair]) -> NDArray[np.int64]:
    """The pairs as numbers of reports, one row each, sorted."""
    number = {r: n for n, r in enumerate(words.report_ids)}
    return np.asarray(sorted((number[a], number[b]) for a, b in pairs), np.int64).reshape(-1, 2)


def _redecided(work: Workspace, loose: Collection[str]) -> set[Pair]:
    """Pairs of which a passage became a stock phrase, or is one no more; `compared` says so.

    A passage is one by what its two reports share with others of their outlet; of `loose` reports that is otherwise.
    """
    if not loose:
        return set()
    db = work.db
    db.execute("CREATE OR REPLACE TEMP TABLE loose AS SELECT unnest($1::VARCHAR[]) AS report_id", [sorted(loose)])
    db.execute(
        "CREATE OR REPLACE TEMP TABLE own AS SELECT c.* FROM compared c JOIN reports a ON a.report_id = report_a "
        "JOIN reports b ON b.report_id = report_b WHERE a.outlet = b.outlet AND len(passages) > 0"
    )
    met = "report_a IN (SELECT report_id FROM loose) OR report_b IN (SELECT report_id FROM loose)"
    db.execute(f"CREATE OR REPLACE TEMP TABLE doubtful AS SELECT report_a, report_b FROM own WHERE {met}")
    ends = "(SELECT report_a FROM doubtful UNION SELECT report_b FROM doubtful)"
    rows = work.query(f"SELECT * FROM own WHERE report_a IN {ends} OR report_b IN {ends} ORDER BY report_a, report_b")
    asked = {(str(a), str(b)) for a, b in db.execute("FROM doubtful").fetchall()}
    ids = sorted({*rows["report_a"].to_pylist(), *rows["report_b"].to_pylist()})
    with work.having("asked", pa.table({"report_id": pa.array(ids, pa.string())})):
        facts = work.query("SELECT report_id, words, outlet FROM grams JOIN reports USING (report_id) "
                           "SEMI JOIN asked USING (report_id) ORDER BY report_id")  # fmt: skip
    words = _lengths(facts)
    pairs = _numbered(words, zip(rows["report_a"].to_pylist(), rows["report_b"].to_pylist(), strict=True))
    known = Compared.among(words, pairs, rows)[0]
    outlets = dict(zip(ids, facts["outlet"].to_pylist(), strict=True))
    stock = sharing.stock(words, [p for some in known.found.values() for p in some], outlets)
    again = set()
    for (a, b), some in known.found.items():
        pair, kept = (ids[a], ids[b]), tuple(p not in stock for p in some)
        if pair in asked and kept != known.kept[a, b]:
            again.add(pair)
            known.kept[a, b] = kept
    changed = _numbered(words, again)
    with work.having("asked", _listed(again)):
        db.execute("DELETE FROM compared WHERE (report_a, report_b) IN (SELECT report_a, report_b FROM asked)")
    work.put("compared", known.rows(words, changed))
    return again


def _lengths(facts: pa.Table) -> Corpus:
    """Reports of which only the number of their words is known."""
    offsets = np.concatenate(([0], np.cumsum(facts["words"].to_numpy()))).astype(np.int64)
    none, no = np.zeros(0, np.int32), np.zeros(0, np.bool_)
    return Corpus(tuple(facts["report_id"].to_pylist()), offsets, np.zeros(0, np.int64), none, none, none, no, no)


def _share(work: Workspace, again: set[Pair], before: set[Pair]) -> None:
    """alignments and derivations of these pairs, and derivations of all that are in one copy graph with them."""
    db = work.db
    with work.having("asked", _listed(again)):
        pairs = {(str(a), str(b)) for a, b in db.execute(
            "SELECT report_a, report_b FROM compared SEMI JOIN asked USING (report_a, report_b) WHERE len(passages) > 0"
        ).fetchall()}  # fmt: skip
        db.execute("DELETE FROM alignments WHERE (report_a, report_b) IN (SELECT report_a, report_b FROM asked)")
    there = _among(work, before)
    found, shared, now = _judged(work, pairs, rewritten=True)
    taken = {(s.a, s.b) for s in shared if derive.relation(s) in derive.TAKEN}
    stay = (before & there) - again
    touched = set(chain.from_iterable((before - stay) | taken))
    together = _components(before | taken)
    touched = {together[r] for r in touched}
    nodes = [r for r, home in together.items() if home in touched]
    others = {p for p in stay if together[p[0]] in touched}
    if others:
        shared = shared + _judged(work, others)[1]
    with work.having("asked", pa.table({"report_id": pa.array(nodes, pa.string())})):
        db.execute("DELETE FROM derivations WHERE report_id IN (SELECT report_id FROM asked)")
    rows = derive.derivations(s for s in shared if (s.a, s.b) in taken or (s.a, s.b) in others)
    work.put("derivations", schema.DERIVATIONS.from_rows(rows))
    work.put("alignments", found)
    if now.num_rows:
        with work.having("given", now):
            db.execute("DELETE FROM compared WHERE (report_a, report_b) IN (SELECT report_a, report_b FROM given)")
        work.put("compared", now)


def _judged(
    work: Workspace, pairs: Collection[Pair], *, rewritten: bool = False
) -> tuple[pa.Table, list[sharing.Sharing], pa.Table]:
    """Of pairs that were compared: rows of `alignments`, what they have in common, and rows of `compared`.

    Without `rewritten`, no sentences in other words are among the rows.
    """
    ids = sorted({r for pair in pairs for r in pair})
    reports = work.get("reports", ids)
    words = _corpus(work, reports)
    wanted = _numbered(words, pairs)
    with work.having("asked", _listed(pairs)):
        rows = work.query("SELECT * FROM compared SEMI JOIN asked USING (report_a, report_b)")
    known = Compared.among(words, wanted, rows.cast(schema.COMPARED.schema))[0]
    found = [p for pair in sorted(known.found) for p, stays in
             zip(known.found[pair], known.kept[pair], strict=True) if stays]  # fmt: skip
    texts = dict(zip(reports["report_id"].to_pylist(), reports["text"].to_pylist(), strict=True))
    shared = sharing.sharings(words, found, reports, work.get("credits", ids), texts)
    known.reworded = rewriting.rewritten(words, texts, found, shared, {}) if rewritten else {}
    return table_of(words, [*found, *chain.from_iterable(known.reworded.values())]), shared, known.rows(words, wanted)


def _components(pairs: Iterable[Pair]) -> dict[str, str]:
    """By report, the one that stands for all that pairs tie it to."""
    parent: dict[str, str] = {}

    def root(x: str) -> str:
        while parent.setdefault(x, x) != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    for a, b in pairs:
        one, other = root(a), root(b)
        if one != other:
            parent[max(one, other)] = min(one, other)
    return {r: root(r) for r in list(parent)}
