"""Which place names a verb happens at: a model over pairs of a verb and a name of its sentence.

After Halterman (2019, 'Linking Events and Locations in Political Text'), who trains a tagger for the question; here
each name of the sentence, and 'none of them', gets a score (`placing_net`), and the best wins. Features are the path
between the two in the tree, prepositions and place nouns on it, distance, rank among the names, tags and words around.
The model is fitted by `python -m bench._placing` on the development half of `event_location` (MIT).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from onrecord.model import Document
from onrecord.stages.code import grammar, placing_net

PLACE_NOUNS = grammar.words(
    "village town city district province region area suburb neighbourhood neighborhood county governorate "
    "state island port capital quarter camp border prison airport base hospital station square street "
    "road bridge university township municipality hamlet countryside peninsula valley river lake mountain "
    "desert strip coast gulf sea oblast prefecture market embassy church mosque school hotel restaurant checkpoint "
    "stadium suburb outskirt north south east west northeast northwest southeast southwest centre center downtown"
)
"""Nouns that name a kind of place: what hangs on 'the village of' hangs on the village."""

_PLACES = frozenset({"GPE", "LOC", "FAC"})
_NAMES = _PLACES | {"PERSON", "ORG"}
_VERBS = ("VERB", "AUX")
_HYPHENS = ("-", "–", "'", "‘", "’")
_PARTICLES = grammar.words("of de del al el ez au ad as ash")
_ARTICLES = grammar.words("al el ad as ash an ar at az")
_LISTED = grammar.words("the town towns city villages village near in of")
_JOINS = ((",",), (",", "and"), ("and",), ("&",), (",", "as", "well", "as"))
_CLIMB = 14
_DISTANCES = (1, 2, 4, 7, 12, 20)
_NULL_SHARE = 0.5  # 'none' loses to a name of this share of its probability: best F1 in cross-validation
_ALSO = 0.35  # a second name, not joined to the best, counts from this probability on


@dataclass(slots=True)
class Name:
    """A run of name tokens `[first, last)` of a sentence, and how it hangs with respect to one verb."""

    first: int
    last: int
    top: int
    label: str
    kind: str
    placed: bool = False
    ups: list[int] = field(default_factory=list)  # tokens from the top up to below the common ancestor
    downs: int = 0  # edges from the verb up to the common ancestor
    common: int | None = None
    path: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    bare: str = ""  # the path without place nouns, 'of' and compounds
    preposition: str = "None"
    outer: str = "None"  # the first preposition that is not 'of'
    noun: str = "None"
    matter: str = "None"  # the first noun on the way that names no kind of place
    distance: int = 0

    @property
    def cost(self) -> int:
        """Edges between name and verb."""
        return len(self.ups) + self.downs


def names(doc: Document, first: int, last: int, kinds: Mapping[int, str]) -> list[Name]:
    """The name runs among tokens `[first, last)`; `kinds` gives the entity kind of tokens that a mention covers."""
    out = []
    i = first
    while i < last:
        if not _is_name(doc, i):
            i += 1
            continue
        j = i + 1
        while j < last:
            if _is_name(doc, j) and not _new_label(doc, j):
                j += 1
            elif j + 1 < last and (_hyphened(doc, j) or _particle(doc, j)):
                j += 2
            else:
                break
        start = _with_article(doc, i, first)
        top = next((t for t in range(start, j) if not start <= doc.heads[t] < j or doc.heads[t] == t), j - 1)
        label = doc.ents[top].partition("-")[2] or "O"
        kind = next((kinds[t] for t in range(start, j) if t in kinds), "none")
        out.append(Name(start, j, top, label, kind, label in _PLACES or kind in ("place", "country")))
        i = j
    return out


def _is_name(doc: Document, t: int) -> bool:
    if doc.pos[t] == "PROPN":
        return True
    label = doc.ents[t].partition("-")[2]
    return label in _NAMES and doc.words[t][:1].isupper() and doc.pos[t] in ("NOUN", "ADJ", "X", "NUM")


def _new_label(doc: Document, j: int) -> bool:
    before, here = doc.ents[j - 1], doc.ents[j]
    return here.startswith("B-") and before != "O" and doc.lower[j - 1] != "-" and here[2:] != before[2:]


def _hyphened(doc: Document, j: int) -> bool:
    if doc.lower[j] not in _HYPHENS or doc.starts[j] != doc.ends[j - 1] or doc.ends[j] != doc.starts[j + 1]:
        return False
    return _is_name(doc, j + 1) or doc.words[j + 1][:1].isalpha()


def _particle(doc: Document, j: int) -> bool:
    tag = doc.ents[j]
    return doc.lower[j] in _PARTICLES and tag.startswith("I-") and tag[2:] in _NAMES and _is_name(doc, j + 1)


def _with_article(doc: Document, at: int, first: int) -> int:
    """Where a name begins whose article is written small: 'al-Bab'."""
    while at - 2 >= first and doc.lower[at - 1] == "-" and doc.lower[at - 2] in _ARTICLES:
        if doc.ends[at - 1] != doc.starts[at]:
            break
        at -= 2
    if at - 1 >= first and doc.lower[at - 1] in ("‘", "'", "’", "`") and doc.ends[at - 1] == doc.starts[at]:
        at -= 1
    return at


def choose(doc: Document, verb: int, found: list[Name]) -> list[Name]:
    """The names at which the verb happens, best first; empty where none is likelier than each."""
    if not found:
        return []
    rows, none = features(doc, verb, found)
    return decide(doc, found, placing_net.network().scores([*rows, none], words(doc, verb, found)))


def words(doc: Document, verb: int, found: list[Name], known: placing_net.Vectors | None = None) -> placing_net.Floats:
    """The vectors of the words about each name, which `features` has hung, and about 'none'."""
    about = [placing_net.About(m.first, m.last, m.preposition, m.matter, _ruling(doc, verb, m)) for m in found]
    return placing_net.words_about(doc, verb, about, known or placing_net.vectors())


def _ruling(doc: Document, verb: int, name: Name) -> int | None:
    ruling = grammar.clause_verb(doc, name.top)
    return None if ruling == verb else ruling


def decide(doc: Document, found: list[Name], scores: Sequence[float]) -> list[Name]:
    """The names chosen by the scores of each and, last, of 'none'."""
    top = max(scores)
    shares = [math.exp(s - top) for s in scores]
    total = sum(shares)
    shares = [s / total for s in shares]
    group = groups(doc, found)
    sums: dict[int, float] = {}
    for n, g in enumerate(group):
        sums[g] = sums.get(g, 0.0) + shares[n]
    if not sums:
        return []
    best = max(sums, key=lambda g: (sums[g], -g))
    if sums[best] <= shares[-1] * _NULL_SHARE:
        return []
    kept = [n for n in range(len(found)) if group[n] == best or shares[n] > _ALSO]
    kept.sort(key=lambda n: (group[n] != best, -shares[n], n))
    return [found[n] for n in kept]


def groups(doc: Document, found: list[Name]) -> list[int]:
    """For each name the index of the first of those that the sentence joins to it: 'in A, B and C'."""
    parent = list(range(len(found)))

    def lead(n: int) -> int:
        while parent[n] != n:
            n = parent[n]
        return n

    by: dict[int, int] = {}
    for n, name in enumerate(found):
        parent[lead(n)] = lead(by.setdefault(_first_joined(doc, name.top), n))
    n = 0
    while n < len(found) - 1:
        run, closed = [n], False
        while run[-1] + 1 < len(found) and not closed:
            between = doc.lower[found[run[-1]].last : found[run[-1] + 1].first]
            core = tuple(w for w in between if w not in _LISTED)
            if core not in _JOINS or len(between) - len(core) > 1:
                break
            run.append(run[-1] + 1)
            closed = core != (",",)
        if closed:
            for k in run[1:]:
                parent[lead(k)] = lead(run[0])
        n = max(run[-1], n + 1)
    return [lead(n) for n in range(len(found))]


def _first_joined(doc: Document, t: int) -> int:
    for _ in range(30):
        if doc.deps[t] != "conj" or doc.pos[doc.heads[t]] in _VERBS:
            break
        t = doc.heads[t]
    return t


def features(doc: Document, verb: int, found: list[Name]) -> tuple[list[list[str]], list[str]]:
    """Feature names of each name with respect to the verb, and those of 'none of them'."""
    chain = _chain(doc, verb)
    depth = {t: n for n, t in enumerate(chain)}
    for name in found:
        _hang(doc, verb, name, depth)
    near = sorted(range(len(found)), key=lambda n: (found[n].cost, abs(found[n].distance), n))
    line = sorted(range(len(found)), key=lambda n: (abs(found[n].distance), n))
    ranks = _Ranks(near, line, [n for n in near if found[n].placed], [n for n in line if found[n].placed], len(found))
    direct = sorted({m.preposition for m in found if m.common == verb})
    rows = [_of_name(doc, verb, found, n, chain, ranks, direct) for n in range(len(found))]
    return rows, _of_none(doc, verb, found, chain, ranks, bool(direct))


@dataclass(frozen=True, slots=True)
class _Ranks:
    near: list[int]
    line: list[int]
    placed_near: list[int]
    placed_line: list[int]
    n: int


def _chain(doc: Document, t: int) -> list[int]:
    out = [t]
    for _ in range(_CLIMB):
        if doc.heads[t] == t:
            break
        t = doc.heads[t]
        out.append(t)
    return out


def _edge(doc: Document, t: int) -> str:
    dep = doc.deps[t]
    return "prep" if dep in ("agent", "prt") else dep


def _hang(doc: Document, verb: int, name: Name, depth: Mapping[int, int]) -> None:
    """Fill in how a name hangs with respect to the verb."""
    up = _chain(doc, name.top)
    name.common = next((t for t in up if t in depth), None)
    name.ups = up if name.common is None else up[: up.index(name.common)]
    name.downs = 9 if name.common is None else depth[name.common]
    name.distance = name.first - verb if name.first > verb else name.last - 1 - verb
    bare: list[str] = []
    for t in name.ups:
        head, edge = doc.heads[t], _edge(doc, t)
        word, lemma = doc.lower[head], doc.lemmas[head].lower()
        inside = name.first <= head < name.last
        name.steps.append(edge)
        if doc.pos[head] in ("ADP", "SCONJ") or doc.deps[head] in ("prep", "agent"):
            name.path.append(f"{edge}:{word}")
            if name.preposition == "None":
                name.preposition = word
        elif doc.pos[head] in _VERBS:
            name.path.append(f"{edge}:V")
        else:
            name.path.append(f"{edge}:{'PN' if lemma in PLACE_NOUNS else 'N'}")
            if name.noun == "None" and not inside:
                name.noun = lemma
        if doc.pos[head] == "NOUN" and lemma not in PLACE_NOUNS and name.matter == "None":
            name.matter = lemma
        if edge == "pobj":
            if word != "of":
                bare.append(word)
                name.outer = word if name.outer == "None" else name.outer
        elif edge == "prep":
            if doc.lower[t] != "of" and word != "of":
                bare.append("v" if doc.pos[head] in _VERBS else "n")
        elif edge not in ("compound", "nmod", "amod", "appos", "poss") or not (lemma in PLACE_NOUNS or inside):
            bare.append(edge)
    name.bare = "<".join(bare)


def _bucket(n: int) -> str:
    size = next((k for k, most in enumerate(_DISTANCES, 1) if abs(n) <= most), len(_DISTANCES) + 1)
    return ("+" if n > 0 else "-") + str(size)


def _of_name(
    doc: Document, verb: int, found: list[Name], n: int, chain: list[int], ranks: _Ranks, direct: list[str]
) -> list[str]:
    m = found[n]
    placed = "+" if m.placed else "-"
    lemma = doc.lemmas[verb].lower()
    down = _down(doc, chain, m.downs)
    side = "R" if m.first > verb else "L"
    between = range(verb + 1, m.first) if side == "R" else range(m.last, verb)
    verbs = sum(doc.pos[t] in _VERBS and doc.deps[t] not in ("aux", "auxpass") for t in between)
    commas = sum(doc.lower[t] == "," for t in between)
    before = doc.lower[m.first - 1] if m.first else ""
    after = doc.lower[m.last] if m.last < len(doc) else ""
    path, far = "<".join(m.path), _bucket(m.distance)
    near, line = _rank(ranks.placed_near, n), _rank(ranks.placed_line, n)
    out = [
        "bias", f"placed={placed}", f"label={m.label}", f"kind={m.kind}", f"label+kind={m.label}{m.kind}",
        f"prep={m.preposition}", f"noun={m.noun}", f"verb+prep={lemma}|{m.preposition}", f"path={path}|{down}",
        f"path+placed={path}|{down}{placed}", f"steps={'<'.join(m.steps)}|{down}{placed}", f"up={path}",
        f"up2={'<'.join(m.path[:2])}{placed}", f"last2={'<'.join(m.path[-2:])}|{down}",
        f"last1={m.path[-1] if m.path else ''}|{down}{placed}", f"first={m.steps[0] if m.steps else ''}{placed}",
        f"bare={m.bare}|{down}", f"bare+placed={m.bare}|{down}{placed}", f"outer={m.outer}{placed}",
        f"verb+outer={lemma}|{m.outer}", f"verb+bare={lemma}|{m.bare}|{down}", f"matter={m.matter}",
        f"matter+outer={m.matter}|{m.outer}", f"verb+down={lemma}|{down}{side}",
        f"verbdep={doc.deps[verb]}{doc.tags[verb]}{side}{m.common == verb}{placed}", f"down={down}",
        f"cost={min(m.cost, 10)}", f"cost+placed={min(m.cost, 8)}{placed}",
        f"ups={min(m.downs, 4)},{min(len(m.ups), 6)}", f"far={far}", f"far+prep={far}{m.preposition}",
        f"far+placed={far}{placed}", f"verbs={side}{min(verbs, 3)}", f"commas={side}{min(commas, 3)}",
        f"verbs+commas={side}{min(verbs, 2)}{min(commas, 2)}", f"before={before}", f"after={after}",
        f"after+placed={after}{placed}", f"before+placed={before}{placed}", f"word={doc.lower[m.last - 1]}",
        f"length={min(m.last - m.first, 4)}{placed}",
        f"verb+last={lemma}|{m.steps[-1] if m.steps else ''}|{down}", f"verb={lemma}", f"tag={doc.tags[verb]}{side}",
        f"near={min(near, 4)}", f"line={min(line, 4)}", f"near+line={min(near, 3)},{min(line, 3)}",
        f"rank={min(ranks.near.index(n), 4)}", f"linerank={min(ranks.line.index(n), 4)}",
        f"near+prep={min(near, 2)}|{m.preposition}", f"places={min(len(ranks.placed_near), 4)}{placed}",
    ]  # fmt: skip
    out += _neighbours(found, n, before, after, placed)
    if m.common == verb:
        out += ["mine", f"mine+prep={m.preposition}{placed}"]
    elif direct:
        out += ["other-direct", f"other-direct={direct[0]}"]
    if m.common is not None and m.common != verb:
        ruling = grammar.clause_verb(doc, m.top)
        out += [
            f"common={doc.lemmas[m.common].lower()}", f"commonpos={doc.pos[m.common]}",
            f"verbdep+common={doc.deps[verb]}{doc.pos[m.common]}{side}", f"ruling={doc.lemmas[ruling].lower()}",
            f"rulingdep={doc.deps[ruling]}|{down}",
        ]  # fmt: skip
    return out


def _down(doc: Document, chain: list[int], n: int) -> str:
    return ">".join(f"{_edge(doc, t)}.{'V' if doc.pos[up] in _VERBS else 'N'}" for t, up in pairwise(chain[: n + 1]))


def _rank(order: list[int], n: int) -> int:
    return order.index(n) if n in order else -1


def _neighbours(found: list[Name], n: int, before: str, after: str, placed: str) -> list[str]:
    """How a name stands to the names beside it, above it and below it in the tree."""
    m, out = found[n], []
    sign = {True: "+", False: "-"}
    if before == "," and n and found[n - 1].last == m.first - 1:
        out += [f"after-place={sign[found[n - 1].placed]}{placed}", f"after-kind={m.kind}{found[n - 1].kind}"]
    if after == "," and n + 1 < len(found) and found[n + 1].first == m.last + 1:
        out.append(f"before-place={sign[found[n + 1].placed]}{placed}")
    above = next((o for o in found if o is not m and any(o.first <= t < o.last for t in m.ups)), None)
    if above is not None:
        out += [
            f"under={sign[above.placed]}{placed}",
            f"under-kind={above.kind}>{m.kind}",
            f"under+prep={m.preposition}",
        ]
    below = next((o for o in found if o is not m and any(m.first <= t < m.last for t in o.ups)), None)
    if below is not None:
        out += [f"over={placed}", f"over-kind={m.kind}{below.kind}"]
    return out


def _of_none(doc: Document, verb: int, found: list[Name], chain: list[int], ranks: _Ranks, direct: bool) -> list[str]:
    lemma = doc.lemmas[verb].lower()
    best = found[ranks.near[0]] if found else None
    places = len(ranks.placed_near)
    path = f"{'<'.join(best.path)}|{_down(doc, chain, best.downs)}" if best else ""
    cost = min(found[ranks.placed_near[0]].cost, 10) if places else -1
    out = [
        "none", f"none:verb={lemma}", f"none:dep={doc.deps[verb]}", f"none:tag={doc.tags[verb]}",
        f"none:places={min(places, 4)}", f"none:names={min(len(found), 5)}", f"none:best={path}",
        f"none:cost={cost}", f"none:direct={direct}", f"none:verb+places={lemma}{min(places, 2)}",
    ]  # fmt: skip
    for k in doc.children[verb]:
        dep, word = doc.deps[k], doc.lower[k]
        if dep in ("nsubj", "nsubjpass"):
            out.append(f"none:subj={doc.lemmas[k].lower()}")
        elif dep == "dobj":
            out.append(f"none:obj={doc.lemmas[k].lower()}")
        elif dep == "ccomp":
            out.append("none:ccomp")
        elif dep == "prep":
            out.append(f"none:prep={word}")
        elif dep in ("neg", "aux"):
            out.append(f"none:aux={word}")
        if word in ("here", "there"):
            out.append("none:here")
    return out
