"""The same words in several reports are one utterance, whoever trims them or puts them in other words around.

Candidates come from an inverted index of word 5-grams over quoted content, so that no two attributions are compared
that share no words; then the shorter quotation must be mostly inside the longer.
"""

from __future__ import annotations

import re
from collections import defaultdict

import pyarrow as pa

from onrecord.text import fold, key, plain, words

GRAM = 5  # shorter runs of words recur by chance in news of one subject
SHARE = 0.6  # of the shorter quotation's 5-grams; half and less is two sentences of one speech
_QUOTED = re.compile(r'"[^"]+"?')


def utterances(attributions: pa.Table, reports: pa.Table) -> dict[str, str]:
    """Attribution id to utterance id, for every attribution; of the same id are the same words by the same source.

    Direct and mixed quotations are one utterance when the shorter shares `SHARE` of its word 5-grams with the other, or
    when their words are equal and their source is the same; indirect ones when words and source are equal. The
    utterance id is derived from the smallest attribution id of the group, so the order of rows does not matter.
    """
    texts = dict(zip(reports["report_id"].to_pylist(), reports["text"].to_pylist(), strict=True))
    columns = ["attribution_id", "report_id", "content_spans", "kind", "source_entity", "source_label"]
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
        pieces = [text[s["char_start"] : s["char_end"]] for s in row["content_spans"] or ()]
        spoken = _words(pieces, row["kind"])
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
        for gram in sorted(mine):
            postings[gram].append(n)
    shared: dict[tuple[int, int], int] = defaultdict(int)
    for gram in sorted(postings):
        found = postings[gram]
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
    return {row["attribution_id"]: key(rows[root(n)]["attribution_id"], prefix="u_") for n, row in enumerate(rows)}


def _words(pieces: list[str], kind: str) -> list[str]:
    """The words between the marks, or all of the content when nothing is quoted."""
    whole = fold(" ".join(pieces)).replace("''", '"')
    if kind != "indirect":
        quoted = " ".join(m.group().strip('"') for m in _QUOTED.finditer(whole))
        whole = quoted or whole
    return [w for w, _, _ in words(whole)]
