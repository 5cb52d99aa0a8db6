"""The people of a report: which names are one person, and whom a surname alone means.

A full name is the person of that surname whose given name is the same, an initial of it, short for it or one slip off;
'Orbán Viktor' is Viktor Orbán. A surname alone is the person of that surname named last, the one in office under a
title of office; where two were named last together ('John and Peter Smith were there. Mr Smith was arrested') nobody
can say, and it is neither of them.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from onrecord.stages.resolve.lexicon import PARTICLES, Lexicon, one_slip, surname
from onrecord.terms import Entry
from onrecord.text import plain

if TYPE_CHECKING:
    from onrecord.stages.resolve.cast import Cast, Draft
    from onrecord.stages.resolve.names import Name

_NEAR = 40  # people of one surname, or names of one person, that are compared; more is no news text
_MANY = 400
_TWO = 2
_EITHER = "?"  # ends the key of a person who is one of two
_AGES = {"elder": True, "older": True, "senior": True, "younger": False, "junior": False}
_HEADS = ("president", "prime minister", "chancellor")
_OFFICES = (*_HEADS, "premier", "pope", "king", "queen")
_LED = frozenset({"administration", "government", "cabinet", "regime", "presidency"})
_QUOTES = frozenset("'\",“”")
_PERSON_SUFFIX = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})


def join(cast: Cast, names: list[Name], joined: dict[int, Draft]) -> None:
    """Give each person's name, by its number in `names`, the draft of whom it names; those in `joined` have theirs."""
    for name in names:
        if name.entry is not None or name.kind != "organisation" or len(name.words) != 1 or name.words[0].isupper():
            continue
        if cast.lexicon.by_surname(name.words[0], cast.doc.published):
            name.kind = "person"
    _share_surnames(cast, names)
    _People(cast, names, joined).run()


def _share_surnames(cast: Cast, names: list[Name]) -> None:
    """'Ada' of 'Ada and Per Lund' is Ada Lund, unless the report or the lexicon has an Ada for a surname."""
    people = [name for name in names if name.kind == "person"]
    surnames = {plain(surname(parts)) for name in people if (parts := _parts(name.words))[1:]}
    for name, other in pairwise(people):
        if name.entry is None and not name.title and len(name.words) == 1 and other.first == name.last + 1:
            given, parts = plain(name.words[0]), _parts(other.words)
            if (
                cast.doc.lower[name.last] in ("and", "&")
                and len(parts) > 1
                and all(g in cast.lexicon.genders for g in (given, plain(parts[0])))
                and given not in surnames
                and not cast.lexicon.by_surname(given, cast.doc.published)
            ):
                name.words, name.shared = [name.words[0], *surname(parts).split()], True


class _People:
    """Joins the names of one report's people: full names first, then surnames and given names alone."""

    def __init__(self, cast: Cast, names: list[Name], joined: dict[int, Draft]) -> None:
        self.cast, self.names, self.joined = cast, names, joined
        self.known: dict[str, list[Draft]] = {}  # surname, with and without its particle
        self.first_of: dict[str, list[Draft]] = {}  # given name
        self.seen_at: dict[int, list[int]] = {}  # draft's id() to the numbers of its names, in order
        self.suffix: dict[int, str] = {}  # draft's id() to the 'jr' of its name
        self.titles: dict[int, set[str]] = {}

    def run(self) -> None:
        """All names of people."""
        people = [n for n, name in enumerate(self.names) if name.kind == "person"]
        full = [n for n in people if _parts(self.names[n].words)[1:]]
        for n in sorted(full, key=lambda n: (_initials_only(self.names[n].words), n)):
            self._full(n)
        for n in full:
            given = plain(_parts(self.names[n].words)[0])
            if self.joined[n] not in self.first_of.setdefault(given, [])[-_NEAR:]:
                self.first_of[given].append(self.joined[n])
            self.seen_at.setdefault(id(self.joined[n]), []).append(n)
        for n in people:
            if n not in self.joined:
                self._short(n)

    def _full(self, n: int) -> None:
        cast, name = self.cast, self.names[n]
        words, suffix = _parts(name.words), _suffix(name.words)
        last = plain(surname(words))
        draft = self.joined.get(n) or self._same(words, last, suffix)
        if draft is None and not suffix:
            entry = misspelt(cast.lexicon, words, cast.doc.published, name.title) or _turned(cast, words)
            draft = cast.known(entry) if entry is not None else self._turned(words)
        if draft is None:
            whole = not suffix and not name.shared and not set(name.words) & _QUOTES
            shown = " ".join(cast.doc.quote(name.span).split()) if whole else " ".join(words)
            canonical = plain(" ".join(words))
            if suffix and (f"person|{canonical}" in cast.drafts or cast.lexicon.lookup(" ".join(words))):
                shown, canonical = f"{shown} {suffix.title()}.", f"{canonical} {suffix}"
            draft = cast.draft("person", shown, canonical)
        self.joined[n] = draft
        draft.names.append(words)
        draft.gender = draft.gender or name.gender
        if suffix:
            self.suffix.setdefault(id(draft), suffix)
        if name.title:
            self.titles.setdefault(id(draft), set()).add(name.title)
        for part in {last, _bare_surname(last)}:
            if draft not in self.known.setdefault(part, [])[-_NEAR:]:
                self.known[part].append(draft)

    def _same(self, words: list[str], last: str, suffix: str) -> Draft | None:
        """The person of the report whom a full name names again; None for an initial that may be two people's."""
        same = [d for d in self.known.get(last, [])[-_NEAR:] if self._fits(d, suffix) and _same_person(d, words)]
        return same[0] if same and (len(same) == 1 or not _initials_only(words)) else None

    def _turned(self, words: list[str]) -> Draft | None:
        """Another person of the report by the same two names in the other order."""
        if len(words) != 2:
            return None
        other = [plain(w) for w in reversed(words)]
        options = self.known.get(other[1], [])[-_NEAR:]
        return next((d for d in options if any([plain(w) for w in m] == other for m in d.names[:20])), None)

    def _fits(self, draft: Draft, suffix: str) -> bool:
        """False for a father and a son: another suffix, or one that a person of the lexicon has not."""
        if draft.entry is not None:
            return suffix == _suffix(draft.entry.name.split()) or not suffix
        return not suffix or self.suffix.get(id(draft), suffix) == suffix

    def _short(self, n: int) -> None:
        cast, name = self.cast, self.names[n]
        words = _parts(name.words)
        last = plain(" ".join(words))
        if self._family(n, last):
            return
        options = [d for d in self.known.get(last) or self.known.get(_bare_surname(last)) or []
                   if not name.gender or not d.gender or d.gender == name.gender]  # fmt: skip
        if suffix := _suffix(name.words):
            options = [d for d in options if self.suffix.get(id(d)) == suffix] or options
        if not options and (by_first := self.first_of.get(last, [])) and len(by_first) == 1:
            options = by_first
        draft = self._in_office(name, last, options[-_NEAR:]) or self._of_several(n, last, options[-_NEAR:])
        if draft is None and not options and len(last) > 4 and len(self.known) < _MANY:
            near = {id(d): d for part, drafts in self.known.items() if one_slip(part, last) for d in drafts[:2]}
            draft = next(iter(near.values())) if len(near) == 1 else None
        if draft is None and (entry := _by_surname(cast, name, last)):
            draft = cast.known(entry)
        if draft is None:
            draft = cast.draft("person", " ".join(words), last)
        self.joined[n] = draft
        if name.title:
            self.titles.setdefault(id(draft), set()).add(name.title)
        if draft.canonical.endswith(_EITHER):
            return
        if draft not in self.known.setdefault(last, []):
            self.known[last].append(draft)
        insort(self.seen_at.setdefault(id(draft), []), n)

    def _family(self, n: int, last: str) -> bool:
        """'The Carvers' after two people of that name: a group of its own, nobody's name."""
        name = self.names[n]
        before = self.cast.doc.lower[name.first - 1] if name.first else ""
        if before != "the" or last in self.known or len(self.known.get(last.removesuffix("s"), ())) < _TWO:
            return False
        shown = " ".join(name.words)
        name.kind = "group"
        report = self.cast.doc.report_id
        self.joined[n] = self.cast.draft("group", shown, f"{report}:{last}", plural=True)
        return True

    def _in_office(self, name: Name, last: str, options: list[Draft]) -> Draft | None:
        """'President Bush' is the one in office, also where the report names another of his name in full."""
        if name.title not in _OFFICES or self.cast.doc.published is None or _former(self.cast, name):
            return None
        entry = self.cast.lexicon.by_surname(last, self.cast.doc.published, name.title)
        if entry is None or any(name.title in self.titles.get(id(d), ()) for d in options):
            return None
        return self.cast.known(entry)

    def _of_several(self, n: int, last: str, options: list[Draft]) -> Draft | None:
        """Of the people of one surname the one named last; of two named last together the one named far more often.

        Where that leaves two, the name is some person of the report, neither of them.
        """
        if len(options) <= 1:
            return next(iter(options), None)
        cast, name = self.cast, self.names[n]
        leaders = [d for d in options if d.entry is not None]
        if len(leaders) == 1 and not name.title:  # 'Trump' alone is the office holder, also beside Ivanka Trump
            return leaders[0]
        age = cast.doc.lower[name.first - 1] if name.first else ""
        if age in _AGES and len(leaders) > 1 and all(d.entry and d.entry.terms for d in leaders):
            by_age = sorted(leaders, key=lambda d: (d.entry.terms[0].start if d.entry else date.max, d.canonical))
            return by_age[0 if _AGES[age] else -1]
        ranked = sorted(options, key=lambda d: self._distance(d, n))
        first, second = ranked[:_TWO]
        if not self._together(first, second, n):
            return first
        often = sorted((first, second), key=lambda d: -len(d.names))
        if len(often[0].names) >= _TWO * len(often[1].names):
            return often[0]
        return cast.draft("person", " ".join(name.words), f"{cast.doc.report_id}:{last}{_EITHER}")

    def _distance(self, draft: Draft, n: int) -> tuple[bool, int]:
        """How many names ago a person was named; one who is named only later comes after all others."""
        places = self.seen_at.get(id(draft), [])
        k = bisect_left(places, n)
        return (False, n - places[k - 1]) if k else (True, places[0] - n if places else 0)

    def _together(self, one: Draft, two: Draft, n: int) -> bool:
        """True where both were last named in one sentence before, neither of them by the subject's place."""
        doc, heads = self.cast.doc, []
        for draft in (one, two):
            places = self.seen_at.get(id(draft), [])
            k = bisect_left(places, n)
            if not k:
                return False
            heads.append(self.names[places[k - 1]].head)
        if (
            doc.sentence_of[heads[0]] != doc.sentence_of[heads[1]]
            or doc.sentence_of[self.names[n].head] == (doc.sentence_of[heads[0]])
        ):
            return False
        return doc.deps[heads[0]] == "conj" or doc.deps[heads[1]] == "conj"


def _former(cast: Cast, name: Name) -> bool:
    at = name.first - len(name.title.split()) - 1
    return at >= 0 and cast.doc.lower[at] in ("former", "ex", "then", "late")


def _turned(cast: Cast, words: list[str]) -> Entry | None:
    """The leader whose family name a house style puts first or last: 'Orbán Viktor', 'Jinping Xi'."""
    for other in ([*words[1:], words[0]], [words[-1], *words[:-1]]):
        found = cast.lexicon.lookup(" ".join(other)) if len(words) <= 3 else None
        if found is not None and found[1].kind == "person" and found[0] == "name":
            return found[1]
    return None


def _parts(words: list[str]) -> list[str]:
    out = [w for w in words if w.lower() not in _PERSON_SUFFIX and w != "-" and w not in _QUOTES]
    if len(out) >= _TWO and all(w.lower() in PARTICLES for w in out[:-1]):
        return [" ".join(out)]
    return out or words


def _suffix(words: list[str]) -> str:
    last = words[-1].lower().rstrip(".") if words else ""
    return last if last in ("jr", "sr", "ii", "iii", "iv") else ""


def _letters(words: list[str]) -> list[str]:
    """The given names of a full name in plain form, initials apart: 'T.J. Marlowe' gives t and j."""
    given = words[: len(words) - len(surname(words).split())]
    return [part for w in given for part in plain(w).replace(".", " ").split()]


def _initials_only(words: list[str]) -> bool:
    letters = _letters(_parts(words))
    return bool(letters) and all(len(part) == 1 for part in letters)


def _bare_surname(name: str) -> str:
    for prefix in ("al-", "el-", "al ", "el ", "bin ", "von der ", "van der ", "de ", "von ", "van "):
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def _same_person(draft: Draft, words: list[str]) -> bool:
    """Same surname given: equal, initial, short or misspelt given name, and no other initials."""
    letters = _letters(words)
    mine = plain(words[0]).rstrip(".")
    for other in draft.names[:20]:
        parts = _parts(other)
        if len(parts) < 2:
            continue
        theirs = _letters(parts)
        if not letters or not theirs or _differ(letters, theirs):
            continue
        if _tail(words, parts) or _tail(parts, words):
            return True
        short, long = sorted((letters, theirs), key=len)
        if (_single(letters) or _single(theirs)) and [p[0] for p in long[: len(short)]] == [p[0] for p in short]:
            if len(letters) == len(theirs) or _single(short):
                return True
            continue
        given = plain(parts[0]).rstrip(".")
        if mine == given or one_slip(mine, given):
            return True
        if len(mine) >= 3 and len(given) >= 3 and (mine.startswith(given) or given.startswith(mine)):
            return True
    return False


def _tail(short: list[str], long: list[str]) -> bool:
    """'López Obrador' of 'Andrés Manuel López Obrador': all but the given names."""
    return len(long) > len(short) >= _TWO and [plain(w) for w in long[-len(short) :]] == [plain(w) for w in short]


def _single(letters: list[str]) -> bool:
    return all(len(part) == 1 for part in letters)


def _differ(one: list[str], two: list[str]) -> bool:
    """True for 'John A. Berg' and 'John B. Berg'."""
    return any(len(a) == 1 and len(b) == 1 and a != b for a, b in zip(one[1:], two[1:], strict=False))


def misspelt(lexicon: Lexicon, words: list[str], on: date | None, title: str = "") -> Entry | None:
    """A leader whose given name is one slip off, or under a title of office the surname."""
    last = plain(surname(words))
    found = [
        e
        for e in lexicon.surnames.get(last, [])
        if one_slip(plain(words[0]), plain(e.name.split()[0])) and (on is None or any(t.start <= on for t in e.terms))
    ]
    if not found and title in _OFFICES:
        near = lexicon.misspelt_surname(last, on, title)
        found = [near] if near and plain(near.name.split()[0]) == plain(words[0]) else []
    return found[0] if len(found) == 1 else None


def _by_surname(cast: Cast, name: Name, last: str) -> Entry | None:
    """The leader that a surname means: by the title before it, as head of 'the Halden administration', or alone."""
    lexicon, on, doc = cast.lexicon, cast.doc.published, cast.doc
    if name.title in _OFFICES:
        return lexicon.by_surname(last, on, name.title) or lexicon.misspelt_surname(last, on, name.title)
    led = doc.deps[name.head] in ("compound", "poss", "nmod") and doc.lemmas[doc.heads[name.head]].lower() in _LED
    heads = (lexicon.by_surname(last, on, office) for office in _HEADS) if led else ()
    return next((e for e in heads if e is not None), None) or lexicon.by_surname(last, on)
