"""Stretches of reports that are of other stories, compiled. Imported only when reports are grouped."""

from __future__ import annotations

from typing import Any

import numpy as np

from onrecord.stages.group.kernels import compiled

_ROUNDED = 1e-5  # more than what rounding adds to a similarity


@compiled
def centres(bounds: Any, columns: Any, weights: Any, size: int, begin: Any, members: Any) -> Any:
    """The mean row of each cluster of two and more: where it begins, its columns, ascending, and their weights.

    The rows are those of `Features`, with `size` columns in all; the members of cluster k stand from `begin[k]` on.
    """
    n = len(begin) - 1
    starts = np.zeros(n + 1, np.int64)
    total, at = np.zeros(size), np.empty(size, np.int32)
    known = np.zeros(size, np.bool_)
    held, mean = np.empty(1024, np.int32), np.empty(1024)
    filled = 0
    for k in range(n):
        m = 0
        if begin[k + 1] - begin[k] > 1:
            for i in members[begin[k] : begin[k + 1]]:
                for x in range(bounds[i], bounds[i + 1]):
                    c = columns[x]
                    if not known[c]:
                        known[c] = True
                        at[m] = c
                        m += 1
                    total[c] += weights[x]
        while filled + m > len(held):
            held, mean = np.concatenate((held, np.empty_like(held))), np.concatenate((mean, np.empty_like(mean)))
        for c in np.sort(at[:m]):
            held[filled], mean[filled] = c, total[c] / (begin[k + 1] - begin[k])
            known[c], total[c] = False, 0.0
            filled += 1
        starts[k + 1] = filled
    return starts, held[:filled].copy(), mean[:filled].copy()


@compiled
def _at(own: Any, place: Any, known: Any, report: int, held: Any, weights: Any, out: Any) -> None:
    """Fill `out` with the weights of a row at a report's columns, `own`, 0 where it has none; all are ascending.

    `place` is where the column stands among the report's, where it is `known` to be one of it. A row that is much
    longer is not gone through.
    """
    if len(held) <= 8 * len(own):
        out[:] = 0.0
        for x in range(len(held)):
            if known[held[x]] == report:
                out[place[held[x]]] = weights[x]
        return
    low = 0
    for k in range(len(own)):
        high = len(held)
        while low < high:
            middle = (low + high) // 2
            if held[middle] < own[k]:
                low = middle + 1
            else:
                high = middle
        out[k] = weights[low] if low < len(held) and held[low] == own[k] else 0.0


@compiled
def _weigh(counts: Any, weight: Any, opening: float, row: Any) -> None:
    """Fill `row` with the words of a stretch as `features` weighs those of an opening, of length 1."""
    length = 0.0
    for k in range(len(counts)):
        row[k] = (1.0 + np.log(opening * counts[k])) * weight[k] if counts[k] > 0 else 0.0
        length += row[k] * row[k]
    if length > 0.0:
        length = np.sqrt(length)
        for k in range(len(row)):
            row[k] /= length


@compiled
def _alike(row: Any, other: Any, most: float) -> Any:
    """Similarity of two rows, no word adding more than `most`; rounded, for sums differ by machine."""
    total = 0.0
    for k in range(len(row)):
        product = row[k] * other[k]
        total += most if product > most else product
    return np.round(total, 6)


@compiled
def _alike_at(which: Any, row: Any, other: Any, most: float) -> Any:
    """The same of a row that is given by its columns, `which`, and their weights."""
    total = 0.0
    for x in range(len(which)):
        product = row[x] * other[which[x]]
        total += most if product > most else product
    return np.round(total, 6)


@compiled
def _late(days: Any, report: int, members: Any, same_days: float, left: float, half_life: float) -> Any:
    """What the days between a report and those of a story leave of their similarity."""
    total = 0.0
    for i in members:
        apart = abs(days[report] - days[i]) - same_days
        if np.isnan(apart):
            total += 1.0
        else:
            total += left + (1.0 - left) * 0.5 ** (max(apart, 0.0) / half_life)
    return np.round(total / len(members), 6)


@compiled
def found(
    reports: Any, told_of: Any, stories: Any, table: Any, told: Any, clusters: Any, times: Any, ways: Any,
) -> Any:  # fmt: skip
    """Stretches of these reports that are of other stories: arrays of report, similarity below 0, first and last
    paragraph, the rank of the story among those looked at, and the story.

    Report x is looked at for the first `told_of[x]` of `stories[x]`. `table` are bounds, columns, weights, size, rarity
    with the factor of names, begins, places, named of `Features`; `told` are said, held, ends and bounds of `Told`;
    `clusters` are each report's cluster, where each cluster's members begin, the members, and `centres`; `times` are
    the days of reports, and the days that are one, what is left, the half life. `ways` are the shares of the nearest
    paragraph's similarity, what an opening counts, what one word adds at most, how near a stretch must be, the share
    it may have in common with others, the least words, the greatest share of the report, the longest gap, and the least
    that a story must have in common with the report in words that its own story has much less (0: any).
    """
    bounds, columns, weights, size, rarity, name, begins, places, named = table
    said, held, ends, paragraphs = told
    labels, first, members, starts, held_at, mean = clusters
    days, same_days, left, half_life = times
    nearer, opening, most, near, apart, least_words, most_of, gap, beside = ways
    place, known = np.zeros(size, np.uint32), np.full(size, -1, np.int64)
    whose, which = np.empty(16, np.int64), np.empty(16, np.int64)
    begun, ended, order, unlike = np.empty(16, np.int64), np.empty(16, np.int64), np.empty(16, np.int64), np.empty(16)
    filled = 0
    for x in range(len(reports)):
        report = reports[x]
        low, high = bounds[report], bounds[report + 1]
        n = paragraphs[report + 1] - paragraphs[report]
        if high == low or n < 2:
            continue
        own, row = columns[low:high], weights[low:high]
        for c in range(len(own)):
            place[own[c]], known[own[c]] = c, report
        home = np.zeros(high - low)
        k = labels[report]
        m = first[k + 1] - first[k]
        if m > 1:
            those = slice(starts[k], starts[k + 1])
            _at(own, place, known, report, held_at[those], mean[those], home)
            for c in range(len(home)):
                home[c] = (home[c] * m - row[c]) / (m - 1)
        centre = np.empty((told_of[x], high - low))
        picked, late = np.empty(told_of[x], np.int64), np.empty(told_of[x])
        looked = 0
        for s in range(told_of[x]):
            k = stories[x, s]
            if first[k + 1] - first[k] > 1:
                those = slice(starts[k], starts[k + 1])
                _at(own, place, known, report, held_at[those], mean[those], centre[looked])
            else:
                i = members[first[k]]
                those = slice(bounds[i], bounds[i + 1])
                _at(own, place, known, report, columns[those], weights[those], centre[looked])
            if beside > 0.0:
                total = 0.0
                for c in range(len(home)):
                    if home[c] <= centre[looked, c] / 2:
                        product = row[c] * centre[looked, c]
                        total += most if product > most else product
                if np.round(total, 6) < beside:
                    continue
            # A stretch is a row of length 1, so that it has no more in common with the story than the length of what
            # the whole report has of the story's words.
            length = 0.0
            for c in range(len(own)):
                length += centre[looked, c] * centre[looked, c]
            length = np.sqrt(length) + _ROUNDED
            if length < near:
                continue
            late[looked] = _late(days, report, members[first[k] : first[k + 1]], same_days, left, half_life)
            if late[looked] * length < near:
                continue
            picked[looked] = k
            looked += 1
        if looked == 0:
            continue
        weight = np.empty(len(own))
        for w in range(begins[report], begins[report + 1]):
            if places[w] >= 0:
                weight[place[places[w]]] = rarity[places[w]] * (name if named[w] else 1.0)
        counts = np.zeros((n, len(own)), np.int32)
        for p in range(n):
            for y in range(ends[paragraphs[report] + p], ends[paragraphs[report] + p + 1]):
                c = places[begins[report] + said[y]]
                if c >= 0:
                    counts[p, place[c]] += 1
        words = held[paragraphs[report] : paragraphs[report + 1]]
        ranked = _ranked(
            counts, weight, words, centre[:looked], home, late[:looked], nearer, opening, most, near, apart,
            least_words, most_of, gap,
        )  # fmt: skip
        for s in range(len(ranked)):
            if filled == len(whose):
                whose, which = np.concatenate((whose, whose)), np.concatenate((which, which))
                begun, ended = np.concatenate((begun, begun)), np.concatenate((ended, ended))
                order, unlike = np.concatenate((order, order)), np.concatenate((unlike, unlike))
            unlike[filled], begun[filled], ended[filled] = ranked[s, 0], int(ranked[s, 1]), int(ranked[s, 2])
            order[filled] = int(ranked[s, 3])
            whose[filled], which[filled] = report, picked[order[filled]]
            filled += 1
    return whose[:filled], unlike[:filled], begun[:filled], ended[:filled], order[:filled], which[:filled]


@compiled
def _ranked(
    counts: Any, weight: Any, words: Any, centre: Any, home: Any, late: Any, nearer: Any, opening: float, most: float,
    near: float, apart: float, least_words: int, most_of: float, gap: int,
) -> Any:  # fmt: skip
    """Stretches of a report's paragraphs that are of other stories: rows (-similarity, first, last, story).

    `counts` has a row for each paragraph and a column for each word, which weighs `weight`; `words` is how many words
    each paragraph has. `centre` has a row for each story, `home` is the report's own, `late` what the days leave of
    the similarity to each. A stretch is tried for each share of `nearer`: of the nearest paragraph's similarity, what
    another's must be; no more than `gap` others break it.
    """
    n, size = counts.shape
    out = np.empty((2 * n * len(centre), 4))
    found = 0
    row = np.empty(size)
    begin = np.zeros(n + 1, np.int64)
    which, said = np.empty(n * size, np.int32), np.empty(n * size)
    to_home, here = np.empty(n), np.empty(n)
    total, rest, part, others = np.zeros(size), np.empty(size), np.empty(size), np.empty(size)
    whole = 0
    for p in range(n):
        _weigh(counts[p], weight, opening, row)
        begin[p + 1] = begin[p]
        for k in range(size):
            if counts[p, k] > 0:
                which[begin[p + 1]], said[begin[p + 1]] = k, row[k]
                begin[p + 1] += 1
                total[k] += counts[p, k]
        to_home[p] = _alike_at(which[begin[p] : begin[p + 1]], said[begin[p] : begin[p + 1]], home, most)
        whole += words[p]
    for story in range(len(centre)):
        highest = 0.0
        for p in range(n):
            some = slice(begin[p], begin[p + 1])
            here[p] = _alike_at(which[some], said[some], centre[story], most)
            highest = max(highest, here[p])
        own = found
        for share in nearer:
            first = 0
            while first < n:
                if here[first] <= to_home[first] or here[first] < share * highest:
                    first += 1
                    continue
                last = p = first
                while p < n and p - last <= gap + 1:
                    if here[p] > to_home[p] and here[p] >= share * highest:
                        last = p
                    p += 1
                start, first = first, last + 1
                has = 0
                for p in range(start, last + 1):
                    has += words[p]
                if has < least_words or has > most_of * whole:
                    continue
                met = False
                for r in range(own, found):
                    met = met or (start <= out[r, 2] and out[r, 1] <= last)
                if met:
                    continue
                length = 0.0
                for k in range(size):
                    part[k] = 0.0
                    for p in range(start, last + 1):
                        part[k] += counts[p, k]
                    rest[k] = total[k] - part[k]
                    if part[k] > 0.0:
                        length += centre[story, k] * centre[story, k]
                if late[story] * (np.sqrt(length) + _ROUNDED) < near:
                    continue
                _weigh(part, weight, opening, others)
                similarity = np.round(late[story] * _alike(others, centre[story], most), 6)
                if similarity < near or _alike(others, home, most) > apart * similarity:
                    continue
                _weigh(rest, weight, opening, part)
                if _alike(others, part, most) <= apart * similarity:
                    out[found, 0], out[found, 1], out[found, 2], out[found, 3] = -similarity, start, last, story
                    found += 1
    return out[:found]
