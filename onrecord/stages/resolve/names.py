"""Names in a report: the parser's own entities, corrected and completed by the lexicon.

The parser finds names that no list has; the lexicon knows what the listed ones are. Where both speak of the same
characters the lexicon decides the kind, except that a person's full name is never cut by a country inside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ahocorasick_rs import AhoCorasick, MatchKind

from onrecord.model import Document, Span
from onrecord.stages.resolve import extents
from onrecord.stages.resolve.gazetteer import load as gazetteer
from onrecord.stages.resolve.lexicon import Hit, Lexicon
from onrecord.terms import Entry
from onrecord.text import cuts_word, plain

KINDS = {
    "PERSON": "person",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "NORP": "group",
}
AMBIGUOUS = frozenset({"JOR", "TCD", "GEO", "CUB", "TUR", "CYP", "MLI", "NER", "OMN", "TGO"})
_BRACKET = re.compile(r"\s{1,2}\(([A-Z][A-Za-z&.-]{1,9})\)")
_GENERATION = re.compile(r",? (?:Jr|Sr)\b")
_COMPASS = frozenset({"north", "south", "east", "west"})
_AFTER_NAMES = frozenset({"jr", "sr", "ii", "iii", "iv", "md", "phd", "esq"})
_ACRONYM = 3  # letters of an acronym that is taken for a body whatever the parser says: 'WHO say', not 'US'
_SHORT, _TWICE = 3, 2  # a longer word that the parser took for a name so often is one wherever it stands
_TRAIL = frozenset({"'s", "'", ",", ".", "-", ";", ":", ")", '"', "s'"})
_LEAD = frozenset({"the", "a", "an", "'", '"', "(", "this", "that", "of", "-", "and"})


@dataclass(slots=True)
class Name:
    """A name as it stands in the report, tokens `[first, last)`."""

    span: Span
    first: int
    last: int
    kind: str
    form: str = "name"  # name, adjective, people, seat
    entry: Entry | None = None
    title: str = ""
    gender: str = ""
    head: int = 0
    words: list[str] = field(default_factory=list)
    shared: bool = False  # the last of `words` stand with the next name alone: 'Ada' of 'Ada and Per Lund'

    @property
    def country(self) -> str | None:
        """Code of the country that it names, when it names one."""
        return self.entry.country if self.entry is not None and self.entry.key.startswith("country:") else None


def find(doc: Document, lexicon: Lexicon) -> list[Name]:
    """All names, in text order, not overlapping but for a country at the head of a body's name ('Chinese military')."""
    hits = _trusted(doc, list(lexicon.hits(doc.text)))
    ents = [e for e in doc.named_entities if e[1] in KINDS]
    names: list[Name] = []
    at = 0
    used: set[int] = set()
    for _, label, first, last in ents:
        while at < len(hits) and hits[at].end <= doc.starts[first]:
            at += 1
        within = []
        n = at
        while n < len(hits) and hits[n].start < doc.ends[last - 1]:
            within.append(n)
            n += 1
        names.extend(_joined(doc, lexicon, label, first, last, [(n, hits[n]) for n in within], used))
    for n, hit in enumerate(hits):
        if n not in used and (name := _from_hit(doc, hit, alone=True)) is not None:
            names.append(name)
    names.extend(_acronyms(doc, names))
    _codes(doc, lexicon, names)
    names.sort(key=lambda m: (m.span.start, -m.span.end))
    names = _consistent(doc, _finish(doc, lexicon, names))
    names.extend(_repeats(doc, names))
    names.sort(key=lambda m: (m.span.start, -m.span.end))
    return names


def _acronyms(doc: Document, names: list[Name]) -> list[Name]:
    """Short forms in brackets right after a body's name that the parser did not see."""
    out = []
    for name in names:
        if name.kind != "organisation" or not (found := _BRACKET.match(doc.text, name.span.end)):
            continue
        span = Span(*found.span(1))
        tokens = doc.tokens_in(span)
        if tokens and doc.starts[tokens.start] == span.start and doc.ends[tokens.stop - 1] == span.end:
            out.append(Name(span, tokens.start, tokens.stop, "organisation"))
    return out


def _codes(doc: Document, lexicon: Lexicon, names: list[Name]) -> None:
    """'SOM' of 'Baidoa (SOM)' is the country, not a body: a country's code in brackets after a place's name."""
    ends = {n.span.end for n in names if n.kind == "place" or n.form == "seat"}
    for name in names:
        code = doc.quote(name.span)
        if name.entry is None and len(code) == _ACRONYM and (land := lexicon.countries.get(code)) is not None:
            around = doc.text[max(0, name.span.start - 1) : name.span.end + 1]
            if around == f"({code})" and name.span.start - 2 in ends:
                name.entry, name.kind = land, land.kind


def _consistent(doc: Document, names: list[Name]) -> list[Name]:
    """A name of several words is a name wherever the report has those words, whatever the parser saw there."""
    kinds: dict[str, Name] = {}
    for name in names:
        if (
            name.entry is None
            and 2 <= len(name.words) <= 6
            and all(w[:1].isupper() for w in name.words[:: len(name.words) - 1])
        ):
            kinds.setdefault(doc.quote(name.span), name)
    if not kinds:
        return names
    found: list[Name] = []
    starts = {n.span: n for n in names}
    people = sorted(text for text, name in kinds.items() if name.kind == "person")
    places = {*_occurrences(doc.text, sorted(kinds)), *(_occurrences(doc.text, people) if people else ())}
    for start, end, text in sorted(places):
        span = Span(start, end)
        if span in starts:
            continue
        tokens = doc.tokens_in(span)
        if not tokens or doc.starts[tokens.start] != start or doc.ends[tokens.stop - 1] != end:
            continue
        first, last = tokens.start, tokens.stop
        words = [doc.words[i] for i in tokens]
        found.append(Name(span, first, last, kinds[text].kind, words=words, head=_head(doc, first, last)))
    if not found:
        return names
    out = sorted([*names, *found], key=lambda n: (n.span.start, -n.span.end))
    kept: list[Name] = []
    for name in out:
        inside = bool(kept) and kept[-1].span.overlaps(name.span)
        named_after = inside and kept[-1].kind in ("organisation", "place") and name.kind == "person"
        if not inside or (named_after and kept[-1].span.covers(name.span)):
            kept.append(name)
    return kept


def _occurrences(text: str, parts: list[str]) -> list[tuple[int, int, str]]:
    found = AhoCorasick(parts, matchkind=MatchKind.LeftmostLongest).find_matches_as_indexes(text)
    return [
        (start, end, parts[n]) for n, start, end in found if not cuts_word(text, start) and not cuts_word(text, end)
    ]


def _repeats(doc: Document, names: list[Name]) -> list[Name]:
    """Surnames and short forms that the report uses again where the parser saw no name."""
    known: dict[str, str] = {}
    covered: set[int] = set()
    seen: dict[tuple[str, str], int] = {}
    for name in names:
        covered.update(range(name.first, name.last))
        last = name.words[-1] if name.words else ""
        if name.kind == "person" and len(name.words) > 1 and len(last) > 2 and last[:1].isupper():
            known.setdefault(last, "person")
        elif name.entry is None and len(name.words) == 1 and len(last) > 2 and last.isupper():
            known.setdefault(last, name.kind)
        elif name.entry is None and len(name.words) == 1 and len(last) > _SHORT and last[:1].isupper():
            seen[last, name.kind] = seen.get((last, name.kind), 0) + 1
    for (word, kind), times in sorted(seen.items()):
        if times >= _TWICE and kind != "group":
            known.setdefault(word, kind)
    for name in names:
        if name.kind == "organisation" and (matter := matter_of(name.words)):
            known.setdefault(matter, "organisation")
    out = []
    for i, word in enumerate(doc.words):
        if word in known and i not in covered and doc.pos[i] in ("PROPN", "NOUN"):
            before_noun = doc.deps[i] == "compound" and doc.words[doc.heads[i]].islower()
            if doc.deps[i] == "compound" and not (before_noun and known[word] == "organisation"):
                continue
            gap = {i - 1, i + 1} & covered
            if any(doc.heads[g] == i or doc.heads[i] == g for g in gap if doc.deps[g] in ("compound", "flat")):
                continue
            name = Name(doc.span(i, i + 1), i, i + 1, known[word], words=[word], head=i)
            if doc.quote(name.span) == word:
                out.append(name)
    return out


def matter_of(words: list[str]) -> str | None:
    """'Rosology' of 'Church of Rosology': the one word that the body's name ends in, where it names no place."""
    if len(words) < 3 or words[-2].lower() != "of" or len(words[-1]) <= _SHORT + 1 or not words[-1][:1].isupper():
        return None
    return None if gazetteer().candidates(words[-1]) else words[-1]


def _trusted(doc: Document, hits: list[Hit]) -> list[Hit]:
    named = {h.entry.country for h in hits if h.form != "shared"}
    out = []
    for hit in hits:
        if hit.entry.kind == "person" and _GENERATION.match(doc.text, hit.end):
            continue  # the son of the one who is known
        if hit.form == "shared" and hit.entry.country not in named and not _of_nations(doc, hit):
            continue
        if doc.text[hit.start : hit.start + 4].lower() == "the " and hit.end - hit.start > 4:
            hit = Hit(hit.start + 4, hit.end, hit.form, hit.entry)
        out.append(hit)
    return out


def _of_nations(doc: Document, hit: Hit) -> bool:
    """'The Security Council' is the one of the United Nations, unless a state's adjective or a secretary is beside."""
    before = doc.text[max(0, hit.start - 12) : hit.start].lower().split()[-1:]
    if hit.entry.country != "UNO" or before not in (["the"], ["a"]):
        return False
    return not doc.text[hit.end : hit.end + 11].lower().startswith((" secretary", " chief", " head"))


def _joined(
    doc: Document, lexicon: Lexicon, label: str, first: int, last: int, hits: list[tuple[int, Hit]], used: set[int]
) -> list[Name]:
    first, last = extents.widened(doc, lexicon, label, *_trim(doc, first, last))
    while label in ("ORG", "FAC") and last - first > 2 and doc.words[last - 1].islower():
        if doc.lemmas[last - 1].lower() in lexicon.roles:
            break
        last -= 1
    if first >= last:
        return []
    span = doc.span(first, last)
    kind = KINDS[label]
    out: list[Name] = []
    for n, hit in hits:
        place = Span(hit.start, hit.end)
        if place.covers(span):
            if kind == "person" and hit.form == "name" and name_of_many(hit.entry):
                used.add(n)
                break
            name = _from_hit(doc, hit)
            used.add(n)
            return [name] if name else []
        if not span.overlaps(place):
            continue
        if not span.covers(place):
            if hit.entry.kind == "person" or hit.end - hit.start > span.end - span.start:
                name = _from_hit(doc, hit)
                used.add(n)
                return [name] if name else []
            continue
        inside = _inside(doc, label, span, hit)
        used.add(n)
        if inside == "take" and (name := _from_hit(doc, hit)):
            out.append(name)
    if not out:
        return _several(doc, first, last, kind)
    at, rest = first, []
    for name in out:
        rest.append((at, name.first))
        at = name.last
    rest.append((at, last))
    if label in ("ORG", "PERSON", "FAC") and all(n.kind != "person" for n in out):
        for a, b in rest:
            a, b = _trim(doc, a, b)
            if a < b and doc.words[a][:1].isupper():
                out.append(Name(doc.span(a, b), a, b, kind))
    return out


def _several(doc: Document, first: int, last: int, kind: str) -> list[Name]:
    """'Moore, Hatch', which the parser takes for one person, as two."""
    out = []
    at = first
    for i in range(first + 1, last):
        names_both = doc.words[i - 1][:1].isupper() and doc.words[i + 1 : i + 2] and doc.words[i + 1][:1].isupper()
        if kind != "person" or doc.words[i] not in (",", ";", "and") or not names_both or i <= at:
            continue
        if doc.lower[i + 1].rstrip(".") not in _AFTER_NAMES:
            out.append(Name(doc.span(at, i), at, i, kind))
            at = i + 1
    return [*out, Name(doc.span(at, last), at, last, kind)]


def _inside(doc: Document, label: str, span: Span, hit: Hit) -> str:
    """What to do with a known name inside a longer name that the parser saw."""
    if hit.entry.kind == "person":
        return "take"
    before, after = doc.text[span.start : hit.start].strip(), doc.text[hit.end : span.end].strip()
    if label in ("GPE", "NORP"):
        return "take" if not before or before.islower() else "skip"
    if hit.entry.kind == "organisation" and before.endswith(("'s", "’s")):
        return "take"
    if label == "ORG" and hit.entry.kind == "organisation" and not before and after.islower():
        return "take"
    if label == "PERSON" and hit.form == "adjective" and not before:
        return "take"
    if label == "ORG" and not before and after[:2] in ("'s", "’s") and hit.form in ("name", "seat"):
        return "take"
    if label == "ORG" and hit.form in ("adjective", "name") and not before and after.islower():
        return "take"
    return "skip"


def name_of_many(entry: Entry) -> bool:
    """True for a country whose name is also a person's: 'Jordan', 'Chad'."""
    return entry.kind == "country" and entry.country in AMBIGUOUS


def _trim(doc: Document, first: int, last: int) -> tuple[int, int]:
    for i in range(first + 1, last - 1):
        if doc.words[i] in ("—", "–", "--", "|", "/") or "\n" in doc.text[doc.ends[i - 1] : doc.starts[i]]:
            last = i
            break
    while first < last and doc.lower[first] in _LEAD:
        first += 1
    while last > first and (doc.lower[last - 1] in _TRAIL or not any(map(str.isalnum, doc.words[last - 1]))):
        last -= 1
    while first < last and not any(map(str.isalnum, doc.words[first])):
        first += 1
    return first, last


def _from_hit(doc: Document, hit: Hit, alone: bool = False) -> Name | None:
    tokens = doc.tokens_in(Span(hit.start, hit.end))
    if not tokens:
        return None
    first, last = tokens.start, tokens.stop
    if alone:
        tags = {doc.pos[i] for i in tokens}
        letters = doc.text[hit.start : hit.end]
        digits = any(c.isdigit() for c in doc.words[first])  # 'G7', 'M23 rebels'
        acronym = letters.isupper() and (len(letters) >= _ACRONYM or digits) and len(tokens) == 1
        if (
            "PROPN" not in tags
            and not acronym
            and not digits
            and not (hit.form in ("adjective", "people") and tags & {"ADJ", "NOUN"})
        ):
            return None
        if any(doc.ents[i] != "O" and doc.ents[i][2:] in ("PERSON",) for i in tokens) and hit.entry.kind != "person":
            return None
        if last - first == 1 and doc.ents[first] == "O" and hit.form not in ("adjective", "people"):
            neighbours = [i for i in (first - 1, last) if 0 <= i < len(doc) and doc.pos[i] == "PROPN"]
            glued = any(
                doc.deps[i] == "compound" and doc.heads[i] in (first, *neighbours) for i in (*neighbours, first)
            )
            if glued and not hit.entry.key.startswith("country:"):
                return None
        word = doc.words[first]
        if len(tokens) == 1 and word.isupper() and len(word) <= 4 and _shouted(doc, first):
            return None
    kind = hit.entry.kind
    form = "name" if hit.form == "shared" else hit.form
    if form == "people":
        kind = "group"
    return Name(Span(hit.start, hit.end), first, last, kind, form, hit.entry)


def _shouted(doc: Document, i: int) -> bool:
    """True in a line of capitals, where an acronym cannot be told from a word."""
    near = [doc.words[j] for j in range(max(0, i - 3), min(len(doc), i + 4)) if j != i and doc.words[j].isalpha()]
    return len(near) >= 2 and sum(w.isupper() for w in near) >= 0.7 * len(near)


def _finish(doc: Document, lexicon: Lexicon, names: list[Name]) -> list[Name]:
    out: list[Name] = []
    for name in names:
        if out and out[-1].span.overlaps(name.span):
            continue
        if name.kind == "person":
            titled(doc, lexicon, name)
            if name.first >= name.last or all(w in _AFTER_NAMES for w in _plainly(doc, name)):
                continue
        elif name.entry is None and _junk(doc, name):
            continue
        name.words = [doc.words[i] for i in range(name.first, name.last)]
        name.head = _head(doc, name.first, name.last)
        out.append(name)
    return out


def titled(doc: Document, lexicon: Lexicon, name: Name) -> None:
    """Take titles off a person's name, and read those that stand before it."""
    titles = lexicon.titles
    first, last = name.first, name.last
    if name.entry is None:
        while last - first > 1 and doc.lower[first] in titles:
            name.title = (name.title + " " + doc.lower[first]).strip()
            name.gender = name.gender or titles[doc.lower[first]]
            first += 1
        while last > first and (doc.lower[last - 1] in _TRAIL and not doc.words[last - 1].endswith(".")):
            last -= 1
        if first != name.first or last != name.last:
            name.first, name.last = first, last
            if first < last:
                name.span = doc.span(first, last)
    before = first - 1
    if not name.title and before >= 0 and doc.lower[before] in titles:
        name.title = doc.lower[before]
        name.gender = titles[doc.lower[before]]
        if before >= 2 and doc.words[before - 1] == "-" and doc.lower[before - 2].isalpha():
            name.title = f"{doc.lower[before - 2]} {name.title}"  # 'Secretary-General'
    if name.entry is not None and name.entry.gender:
        name.gender = name.entry.gender
    if not name.gender and last > first:
        name.gender = lexicon.genders.get(plain(doc.words[first]), "") if last - first > 1 else ""


def _plainly(doc: Document, name: Name) -> list[str]:
    return [doc.lower[i].rstrip(".") for i in range(name.first, name.last)]


def _junk(doc: Document, name: Name) -> bool:
    text = doc.quote(name.span)
    if text.lower() in _COMPASS or (name.kind == "group" and doc.pos[name.last - 1] == "ADJ"):
        return True
    return not any(c.isupper() for c in text) or (len(text) < 2) or text.startswith(("http", "www.", "@", "#"))


def _head(doc: Document, first: int, last: int) -> int:
    for i in range(first, last):
        if not first <= doc.heads[i] < last or doc.heads[i] == i:
            return i
    return last - 1
