"""The same words in several reports are one utterance, also when trimmed, translated differently or put in other words.

Candidates come from inverted indexes, so that no two attributions are compared that share nothing: word 5-grams of what
is quoted, where the shorter quotation must be mostly inside the longer; and, for the same source in two reports, the
rarest words of what is said, where `paraphrases.likeness` decides.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from onrecord.model import day_of
from onrecord.stages.attribute import paraphrases
from onrecord.text import WORD, fold, key, plain

GRAM = 5  # shorter runs of words recur by chance in news of one subject
SHARE = 0.6  # of the shorter quotation's 5-grams; half and less is two sentences of one speech
# Of 40 pairs of one politician in two reports of a story, read by hand, those of at least five telling words, three of
# them no names, were one utterance in four of five at a likeness of 0.7 and above, in one of three at 0.6 to 0.7.
LIKE = 0.7
TELLING = 5
PLAIN = 3
RAREST = 6  # of an utterance's words the rarest so many are looked up
FEW = 12  # holders of a gram that are all compared; of more, each with the first and with the one before it
CROWD = 40  # utterances of one source that share a word; more say that it tells nothing of one of them
DAYS = 7  # between two reports of one utterance in other words; what is said again a month on is said again
LONGEST = 3000  # characters of a quotation that are compared; a speech is known by its beginning, and cost stays linear
_QUOTED = re.compile(r'"[^"]+"?')


class Saying(NamedTuple):
    """By what an attribution is compared with others, as hashes; what the table `sayings` keeps.

    `whole` stands for words and source together (None: too few words to say who said them), `grams` are the word
    5-grams of what is quoted, `telling` the rarest words together with the source.
    """

    whole: int | None
    grams: list[int]
    telling: list[int]


def saying(text: str, row: Mapping[str, Any]) -> Saying:
    """The saying of one row of `attributions`, of a report with this text."""
    pieces = _pieces(text, row["content_spans"] or ())
    spoken = _words(" ".join(pieces), row["kind"] != "indirect")
    source = row["source_entity"] or plain(row["source_label"] or "")
    # the words alone are not enough: 'Yes' is said by many
    whole = _hash(*spoken, "", source) if spoken and (source or len(spoken) >= GRAM) else None
    grams = zip(*(spoken[k:] for k in range(GRAM)), strict=False) if row["kind"] != "indirect" else ()
    telling: list[int] = []
    if row["source_entity"]:
        wording = paraphrases.wording(" ".join(pieces))
        if len(wording.weights) >= TELLING and wording.plain >= PLAIN:
            rarest = sorted(wording.weights, key=lambda w: (-wording.weights[w], w))[:RAREST]
            telling = [_hash(row["source_entity"], word) for word in rarest]
    return Saying(whole, sorted({_hash(*gram) for gram in set(grams)}), telling)


def sayings(text: str, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of `sayings` for the rows of `attributions` of one report."""
    names = ("attribution_id", "report_id")
    return [{n: row[n] for n in names} | saying(text, row)._asdict() for row in rows]


def _hash(*parts: str) -> int:
    digest = hashlib.blake2b("\n".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def utterances(attributions: pa.Table, reports: pa.Table, sayings: pa.Table | None = None) -> dict[str, str]:
    """Attribution id to utterance id, for every attribution; of the same id are the same words by the same source.

    Direct and mixed quotations are one utterance when the shorter shares `SHARE` of its word 5-grams with the other, or
    when their words are equal and their source is the same; indirect ones when words and source are equal. The
    utterance id is derived from the smallest attribution id of the group, so the order of rows does not matter. What
    one source says in two reports in other words is one utterance when `paraphrases` finds it so. `sayings` are those
    of attributions that were looked at before, rows of the table of that name; those of others are made here.
    """
    said = _Said(attributions, reports, sayings)
    ids = said.ids
    parent = list(range(len(ids)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    def join(a: int, b: int) -> None:
        a, b = root(a), root(b)
        parent[max(a, b)] = min(a, b)

    for holders in said.holders("whole"):
        for members in holders.tolist():
            for other in members[1:]:
                join(members[0], other)
    size = np.bincount(said.holder["grams"], minlength=len(ids))
    pairs, shared = said.pairs("grams")
    for a, b in pairs[shared >= SHARE * np.minimum(size[pairs[:, 0]], size[pairs[:, 1]])].tolist():
        join(a, b)
    near = said.near(said.pairs("telling", CROWD)[0])
    near = near[[root(a) != root(b) for a, b in near.tolist()]]
    numbers, places = np.unique(near, return_inverse=True)
    like = paraphrases.likeness(said.wordings(numbers), places.reshape(-1, 2)) >= LIKE
    for a, b in near[like].tolist():
        join(a, b)

    @cache
    def named(i: int) -> str:
        return key(ids[i], prefix="u_")

    return {attribution: named(root(n)) for n, attribution in enumerate(ids)}


class _Said:
    """Attributions in the order of their ids, and the hashes by which they are compared.

    `keys` and `holder` are, for each kind of hash, the hashes of all and the number of the attribution that has each.
    """

    def __init__(self, attributions: pa.Table, reports: pa.Table, sayings: pa.Table | None) -> None:
        self.rows = attributions.take(pc.sort_indices(attributions["attribution_id"]))
        self.ids: list[str] = self.rows["attribution_id"].to_pylist()
        self.texts, self.place = reports["text"], {r: n for n, r in enumerate(reports["report_id"].to_pylist())}
        self.reports = reports
        self.keys: dict[str, NDArray[np.int64]] = {}
        self.holder: dict[str, NDArray[np.int64]] = {}
        known: dict[str, NDArray[np.int64]] = {name: np.zeros(0, np.int64) for name in Saying._fields}
        of: dict[str, NDArray[np.int64]] = dict(known)
        at = np.full(len(self.ids), -1, np.int64)
        if sayings is not None and sayings.num_rows:
            found = pc.index_in(sayings["attribution_id"], value_set=pa.array(self.ids, pa.string()))
            number = pc.fill_null(found, -1).to_numpy().astype(np.int64)
            at[number[number >= 0]] = 1
            for name in Saying._fields:
                column = sayings[name].combine_chunks()
                if name == "whole":
                    there = column.is_valid().to_numpy(zero_copy_only=False)
                    known[name], of[name] = column.drop_null().to_numpy(), number[there]
                else:
                    known[name] = pc.list_flatten(column).to_numpy()
                    of[name] = number[pc.list_parent_indices(column).to_numpy()]
        fresh: dict[str, list[tuple[int, int]]] = {name: [] for name in Saying._fields}
        columns = ["kind", "source_entity", "source_label", "content_spans"]
        missing = np.flatnonzero(at < 0)
        for n, row in zip(missing.tolist(), self.rows.select(columns).take(missing).to_pylist(), strict=True):
            new = saying(self.text(n), row)
            fresh["whole"] += [] if new.whole is None else [(new.whole, n)]
            fresh["grams"] += ((h, n) for h in new.grams)
            fresh["telling"] += ((h, n) for h in new.telling)
        for name, more in fresh.items():
            rows = np.asarray(more, np.int64).reshape(-1, 2)
            held = of[name] >= 0
            keys = np.concatenate([known[name][held], rows[:, 0]])
            holder = np.concatenate([of[name][held], rows[:, 1]])
            order = np.lexsort((holder, keys))
            self.keys[name], self.holder[name] = keys[order], holder[order]

    def text(self, n: int) -> str:
        at = self.place.get(self.rows["report_id"][n].as_py())
        return (self.texts[at].as_py() or "") if at is not None else ""

    def wordings(self, numbers: NDArray[np.int64]) -> list[paraphrases.Wording]:
        """What these attributions tell."""
        rows = self.rows.select(["report_id", "content_spans"]).take(pa.array(numbers)).to_pylist()
        out: dict[int, paraphrases.Wording] = {}
        text, of = "", None
        for n in sorted(range(len(rows)), key=lambda n: rows[n]["report_id"]):  # one text after the other
            if (report := rows[n]["report_id"]) != of:
                text, of = self.text(int(numbers[n])), report
            out[n] = paraphrases.wording(" ".join(_pieces(text, rows[n]["content_spans"] or ())))
        return [out[n] for n in range(len(rows))]

    def holders(self, name: str, most: int | None = None) -> Iterator[NDArray[np.int64]]:
        """Those who share a hash: for each number of holders from two on (to `most`) a row for each such hash."""
        keys, holder = self.keys[name], self.holder[name]
        borders = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1], [True]))) if len(keys) else keys
        size = np.diff(borders)
        for k in np.unique(size[size > 1]).tolist():
            if most is None or k <= most:
                mine = borders[:-1][size == k]
                for some in np.array_split(mine, len(mine) * k * k // _AT_ONCE + 1):
                    yield holder[some[:, None] + np.arange(k)]

    def pairs(self, name: str, most: int | None = None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs (first < second) that share a hash, in order, and how many they share.

        Without `most`, one widely copied quotation: each is compared with the first and with its neighbour, which
        chains them all.
        """
        n = len(self.ids)
        codes = [np.zeros(0, np.int64)]
        for members in self.holders(name, most):
            k = members.shape[1]
            if most is None and k > FEW:
                b = np.arange(1, k)
                first, second = np.concatenate([np.zeros(k - 1, np.int64), b[1:] - 1]), np.concatenate([b, b[1:]])
            else:
                first, second = np.triu_indices(k, 1)
            codes.append((members[:, first] * n + members[:, second]).ravel())
        found, times = np.unique(np.concatenate(codes), return_counts=True)
        return np.stack((found // max(1, n), found % max(1, n)), axis=1), times

    def near(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of the pairs that are of two reports of one week and of what was not said on different days."""
        report = self.rows["report_id"].combine_chunks().dictionary_encode().indices.to_numpy()
        days = _published(self.reports)
        published = np.asarray(
            [d.toordinal() if (d := days.get(r)) else np.nan for r in self.rows["report_id"].to_pylist()], np.float64
        )
        said = np.full(len(self.ids), -1, np.int64)
        if "date_start" in self.rows.column_names:
            when = pc.cast(self.rows["date_start"], pa.string()).combine_chunks().dictionary_encode()
            said = pc.fill_null(when.indices, -1).to_numpy().astype(np.int64)
        a, b = pairs[:, 0], pairs[:, 1]
        apart = (said[a] >= 0) & (said[b] >= 0) & (said[a] != said[b])
        apart |= np.abs(published[a] - published[b]) > DAYS
        kept: NDArray[np.int64] = pairs[(report[a] != report[b]) & ~apart]
        return kept


_AT_ONCE = 4_000_000  # pairs that are made together


def shares(attributions: pa.Table, utterance_of: Mapping[str, str]) -> dict[str, float]:
    """Attribution id to the length of its content over that of its utterance's longest, 0 to 1.

    The report with 1.0 has the utterance as fully as any; length is in characters.
    """
    ids = attributions["attribution_id"].to_pylist()
    if not ids:
        return {}
    spans = attributions["content_spans"].combine_chunks()
    flat = pc.list_flatten(spans)
    long = pc.subtract(pc.struct_field(flat, "char_end"), pc.struct_field(flat, "char_start")).to_numpy()
    length = np.bincount(pc.list_parent_indices(spans).to_numpy(), weights=long, minlength=len(ids))
    utterance = pa.array([utterance_of[a] for a in ids]).dictionary_encode()
    longest = np.zeros(len(utterance.dictionary), np.float64)
    home = utterance.indices.to_numpy()
    np.maximum.at(longest, home, length)
    kept = np.where(length > 0, length / np.where(longest[home] > 0, longest[home], 1.0), 0.0)
    return dict(zip(ids, kept.tolist(), strict=True))


def _published(reports: pa.Table) -> dict[str, date]:
    if "published_at" not in reports.column_names:
        return {}
    names = [n for n in ("report_id", "published_at", "published_day") if n in reports.column_names]
    rows = reports.select(names).to_pylist()
    return {row["report_id"]: day for row in rows if (day := day_of(row)) is not None}


def _pieces(text: str, spans: Sequence[Mapping[str, int]]) -> list[str]:
    """The stretches of a content, together no longer than `LONGEST`."""
    out: list[str] = []
    left = LONGEST
    for span in spans:
        piece = text[span["char_start"] : min(span["char_end"], span["char_start"] + left)]
        out.append(piece)
        left -= len(piece)
        if left <= 0:
            break
    return out


@lru_cache(maxsize=1000)
def _words(content: str, quoted_only: bool) -> tuple[str, ...]:
    """The words between the marks, or all of the content when nothing is quoted."""
    whole = fold(content).replace("''", '"')
    if quoted_only:
        quoted = " ".join(m.group().strip('"') for m in _QUOTED.finditer(whole))
        whole = quoted or whole
    return tuple(w.lower() for w in WORD.findall(whole))
