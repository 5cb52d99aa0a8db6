"""The same words in several reports are one utterance, also when trimmed, translated differently or put in other words.

Candidates come from inverted indexes, so that no two attributions are compared that share nothing: word 5-grams of what
is quoted, where the shorter quotation must be mostly inside the longer; and, for the same source in two reports, the
rarest words of what is said, where `paraphrases.likeness` decides.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import pyarrow as pa

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
CROWD = 40  # utterances of one source that share a word; more say that it tells nothing of one of them
DAYS = 7  # between two reports of one utterance in other words; what is said again a month on is said again
LONGEST = 3000  # characters of a quotation that are compared; a speech is known by its beginning, and cost stays linear
_QUOTED = re.compile(r'"[^"]+"?')


def utterances(attributions: pa.Table, reports: pa.Table) -> dict[str, str]:
    """Attribution id to utterance id, for every attribution; of the same id are the same words by the same source.

    Direct and mixed quotations are one utterance when the shorter shares `SHARE` of its word 5-grams with the other, or
    when their words are equal and their source is the same; indirect ones when words and source are equal. The
    utterance id is derived from the smallest attribution id of the group, so the order of rows does not matter. What
    one source says in two reports in other words is one utterance when `paraphrases` finds it so.
    """
    texts = dict(zip(reports["report_id"].to_pylist(), reports["text"].to_pylist(), strict=True))
    columns = ["attribution_id", "report_id", "content_spans", "kind", "source_entity", "source_label"]
    columns += [c for c in ("date_start",) if c in attributions.column_names]
    rows = sorted(attributions.select(columns).to_pylist(), key=lambda row: str(row["attribution_id"]))
    parent = list(range(len(rows)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    def join(a: int, b: int) -> None:
        a, b = root(a), root(b)
        parent[max(a, b)] = min(a, b)

    equal: dict[tuple[str, str], int] = {}
    postings: dict[tuple[str, ...], list[int]] = defaultdict(list)
    grams: list[frozenset[tuple[str, ...]]] = []
    for n, row in enumerate(rows):
        text = texts.get(row["report_id"]) or ""
        pieces = _pieces(text, row["content_spans"] or ())
        spoken = _words(" ".join(pieces), row["kind"] != "indirect")
        source = row["source_entity"] or plain(row["source_label"] or "")
        # the words alone are not enough: 'Yes' is said by many
        same = (" ".join(spoken), source)
        if spoken and (source or len(spoken) >= GRAM):
            join(n, equal.setdefault(same, n))
        mine = (
            frozenset(zip(*(spoken[k:] for k in range(GRAM)), strict=False))
            if row["kind"] != "indirect"
            else frozenset()
        )
        grams.append(mine)
        for gram in mine:
            postings[gram].append(n)
    shared: dict[tuple[int, int], int] = defaultdict(int)
    for found in postings.values():  # in any order: pairs are counted
        # one widely copied quotation: each is compared with the first and with its neighbour, which chains them all
        pairs = (
            ((a, b) for k, b in enumerate(found) for a in found[:k])
            if len(found) <= 12
            else ((a, b) for k, b in enumerate(found) if k for a in {found[0], found[k - 1]})
        )
        for a, b in pairs:
            shared[a, b] += 1
    for (a, b), n in sorted(shared.items()):
        if n >= SHARE * min(len(grams[a]), len(grams[b])):
            join(a, b)
    _join_paraphrases(rows, texts, _published(reports), join)
    return {row["attribution_id"]: key(rows[root(n)]["attribution_id"], prefix="u_") for n, row in enumerate(rows)}


def shares(attributions: pa.Table, utterance_of: Mapping[str, str]) -> dict[str, float]:
    """Attribution id to the length of its content over that of its utterance's longest, 0 to 1.

    The report with 1.0 has the utterance as fully as any; length is in characters.
    """
    columns = attributions.select(["attribution_id", "content_spans"]).to_pylist()
    length = {r["attribution_id"]: sum(s["char_end"] - s["char_start"] for s in r["content_spans"]) for r in columns}
    longest: dict[str, int] = defaultdict(int)
    for attribution, size in length.items():
        utterance = utterance_of[attribution]
        longest[utterance] = max(longest[utterance], size)
    return {a: size / longest[utterance_of[a]] if size else 0.0 for a, size in length.items()}


def _published(reports: pa.Table) -> dict[str, date]:
    if "published_at" not in reports.column_names:
        return {}
    names = [n for n in ("report_id", "published_at", "published_day") if n in reports.column_names]
    rows = reports.select(names).to_pylist()
    return {row["report_id"]: day for row in rows if (day := day_of(row)) is not None}


def _join_paraphrases(
    rows: list[dict[str, Any]],
    texts: Mapping[str, str],
    published: Mapping[str, date],
    join: Callable[[int, int], None],
) -> None:
    """Join what one source says in two reports in other words."""
    told: dict[int, paraphrases.Wording] = {}
    postings: dict[tuple[str, str], list[int]] = defaultdict(list)
    for n, row in enumerate(rows):
        source = row["source_entity"]
        if not source:
            continue
        text = texts.get(row["report_id"]) or ""
        wording = paraphrases.wording(" ".join(_pieces(text, row["content_spans"] or ())))
        if len(wording.weights) < TELLING or wording.plain < PLAIN:
            continue
        told[n] = wording
        for word in sorted(wording.weights, key=lambda w: (-wording.weights[w], w))[:RAREST]:
            postings[source, word].append(n)
    pairs: set[tuple[int, int]] = set()
    for found in postings.values():
        if 1 < len(found) <= CROWD:
            pairs.update((a, b) for k, b in enumerate(found) for a in found[:k])
    for a, b in sorted(pairs):
        one, other = rows[a], rows[b]
        if one["report_id"] == other["report_id"] or _apart(one, other, published):
            continue
        if paraphrases.likeness(told[a], told[b]) >= LIKE:
            join(a, b)


def _apart(one: dict[str, Any], other: dict[str, Any], published: Mapping[str, date]) -> bool:
    """True when the two were said on different days, or stand in reports of different weeks."""
    said = one.get("date_start"), other.get("date_start")
    if all(said) and said[0] != said[1]:
        return True
    first, second = published.get(one["report_id"]), published.get(other["report_id"])
    return first is not None and second is not None and abs((first - second).days) > DAYS


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
