"""One actor phrase, without its report, to PLOVER country and sector: 'Kyiv police' is UKR and COP."""

from __future__ import annotations

import re
from datetime import date

from onrecord.stages.resolve.gazetteer import load as places
from onrecord.stages.resolve.lexicon import Hit, Lexicon, load
from onrecord.stages.resolve.people import misspelt
from onrecord.terms import Entry
from onrecord.text import fold

_WORD = re.compile(r"[^\W_]+(?:['.&-][^\W_]+)*\.?")
_PROPER = re.compile(r"[A-Z][^\W\d_'-]+(?:[ -][A-Z][^\W\d_'-]+)*")
_TOWN = 30_000  # below this a capitalised word is as often a surname as a town
_CITY = 500_000
_CIVIL = re.compile(r"\b(?:ordinary|everyday|elderly|young|many|most)\b")


def actor(phrase: str, *, context: str | None = None, on: date | None = None) -> tuple[str | None, str | None]:
    """(country, sector) of an actor phrase; None where the phrase does not tell.

    `context` is text around it, such as the country that the report is about; it decides what names of several bodies
    mean. `on` is the day as of which it is asked: an office holder is GOV in office and ELI after; without it, in
    office means the last term has no end. A capital by itself is its government, a country by itself has no sector.
    """
    lexicon = load()
    phrase = " ".join(fold(phrase).split())
    found = _hits(lexicon, phrase, context)
    whole = _bare(phrase)
    for hit in found:
        if _bare(phrase[hit.start : hit.end]) == whole:
            return _known(hit, on)
    if (person := _person(lexicon, phrase, on)) is not None:
        country, sector, _ = person.standing(on)
        return country, "ELI" if _former(phrase) and sector == "GOV" else sector
    country, sector = None, None
    people = [h for h in found if h.entry.kind == "person"]
    former = _former(phrase)
    if people:
        country, sector = _known(people[0], on)[:2]
        if former and sector == "GOV":
            sector = "ELI"
        return country, sector
    nominal = _role(lexicon, phrase, found)
    for hit in sorted(found, key=lambda h: h.entry.key.startswith("country:")):
        if hit.entry.country:
            country = hit.entry.country
            break
    bodies = [h for h in found if not h.entry.key.startswith("country:")]
    if nominal is not None and nominal != "UNK":
        sector = nominal
        if bodies and nominal in ("GOV", "UNK", "PTY") and bodies[0].entry.sector and not _officeholder(phrase):
            sector = bodies[0].entry.sector
    elif bodies:
        sector = bodies[0].entry.sector
    elif nominal:
        sector = nominal
    if sector is None and any(h.form == "people" for h in found) and _CIVIL.search(phrase.lower()):
        sector = "CVL"
    if country is None and (place := _place(phrase)):
        country = place
        if sector in (None, "UNK"):
            sector = "CVL"
    if former and sector in ("GOV", "LEG", "MIL", "SPY", "COP", "UNK", "JUD", None):
        sector = "ELI"
    return country, sector


def _person(lexicon: Lexicon, phrase: str, on: date | None) -> Entry | None:
    """A leader named by surname alone, or with a given name spelt another way."""
    parts = [w for w in phrase.split() if w.lower().rstrip(".") not in lexicon.titles]
    if not parts or not all(w[:1].isupper() for w in parts) or any(w.endswith("'s") for w in parts):
        return None
    if len(parts) == 1:
        return lexicon.by_surname(parts[0], on)
    return misspelt(lexicon, parts, on)


def _hits(lexicon: Lexicon, phrase: str, context: str | None) -> list[Hit]:
    hits = list(lexicon.hits(phrase))
    if not hits and phrase.isupper():
        hits = list(lexicon.hits(phrase.title()))
    named = {h.entry.country for h in hits if h.entry.key.startswith("country:")}
    if named:
        hits = [h for h in hits if h.form != "shared" or h.entry.country in named]
    if context:
        near = {h.entry.country for h in lexicon.hits(context)}
        hits = [h for h in hits if h.form != "shared" or h.entry.country in near or len(hits) == 1]
    return hits


def _bare(text: str) -> str:
    return text.lower().removeprefix("the ").strip(" .,")


def _known(hit: Hit, on: date | None) -> tuple[str | None, str | None]:
    entry = hit.entry
    if entry.kind == "person":
        country, sector, _ = entry.standing(on)
        return country, sector
    if entry.key.startswith("country:"):
        return entry.country, "GOV" if hit.form == "seat" else None
    return entry.country, entry.sector


def _former(phrase: str) -> bool:
    return bool(re.search(r"\b(former|ex|retired|ousted|deposed|one-time|erstwhile)\b", phrase.lower()))


def _officeholder(phrase: str) -> bool:
    return bool(re.search(r"\b(president|minister|secretary|chief|head|director|leader)\b", phrase.lower()))


def _role(lexicon: Lexicon, phrase: str, found: list[Hit]) -> str | None:
    """Sector of the role word that heads the phrase: the last before 'of', 'in', 'from' or a comma, else the last."""
    text = phrase.lower()
    tokens = [(m.group(), m.start()) for m in _WORD.finditer(text)]
    best: tuple[bool, int, str] | None = None
    stop = re.search(r"\b(?:in|from|at|who|which|for)\b|,", text)
    until = stop.start() if stop and stop.start() > 3 else len(text)
    i = 0
    inside = [(h.start, h.end) for h in found if not h.entry.key.startswith("country:")]
    while i < len(tokens):
        options = None
        if any(a <= tokens[i][1] < b for a, b in inside):
            i += 1
            continue
        for form in _singulars(tokens[i][0]):
            options = lexicon.roles.get(form)
            if options:
                break
        step = 1
        for terms, role in options or ():
            flat = " ".join(terms).replace(" 's", "'s").split()
            window = tokens[i : i + len(flat)]
            if len(window) < len(flat):
                continue
            if all(want in _singulars(have) for (have, _), want in zip(window, flat, strict=True)):
                at = window[-1][1]
                candidate = (window[0][1] < until and not _owner(text, window), at, role.sector)
                if best is None or _better(candidate, best):
                    best = candidate
                step = len(flat)
                break
        i += step
    return best[2] if best else None


def _better(new: tuple[bool, int, str], old: tuple[bool, int, str]) -> bool:
    if new[0] != old[0]:
        return new[0] > old[0]
    return new[2] != "UNK" or old[2] == "UNK"


def _owner(text: str, window: list[tuple[str, int]]) -> bool:
    """True when the term is a possessor or the object of 'of', not what the phrase is about."""
    word, at = window[-1]
    if word.endswith("'s") or text[at + len(word) : at + len(word) + 2] == "'s":
        return True
    before = text[: window[0][1]].rstrip()
    return before.endswith((" of", " of the", " of a"))


def _singulars(word: str) -> tuple[str, ...]:
    word = word.rstrip(".") if word.count(".") == 1 else word
    out = [word]
    if word.endswith("'s"):
        out.append(word[:-2])
    if word.endswith("men"):
        out.append(word[:-3] + "man")
    if word.endswith("ies"):
        out.append(word[:-3] + "y")
    if word.endswith("ves"):
        out.extend((word[:-3] + "f", word[:-3] + "fe"))
    if word.endswith("es"):
        out.append(word[:-2])
    if word.endswith("s") and not word.endswith("ss"):
        out.append(word[:-1])
    if word in ("people", "children", "wives"):
        out.append({"people": "people", "children": "child", "wives": "wife"}[word])
    return tuple(out)


def _place(phrase: str) -> str | None:
    """Country of the largest town or division named in the phrase."""
    gazetteer = places()
    for match in _PROPER.finditer(phrase):
        parts = match.group().split(" ")
        for n in range(len(parts), 0, -1):
            for entry in gazetteer.candidates(" ".join(parts[:n])):
                least = _TOWN if n == len(parts) else _CITY  # 'Jam' of a man's name is no town
                if entry.country and (entry.kind != "town" or entry.population >= least):
                    return entry.country
    return None
