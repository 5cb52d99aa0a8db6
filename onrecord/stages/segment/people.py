"""Lines that are nothing but the names of people, and paragraphs that say who an author is."""

from __future__ import annotations

import re

from onrecord.stages.segment.lines import Line

_PERSON = re.compile(
    r"(?:(?:[A-ZÀ-Þ][\w.'’-]*|de|da|van|von|der|del|la|bin|al|el)(?: |$)){2,5}(?:(?:, | and | & |; | \|"
    r" )(?:(?:[A-ZÀ-Þ][\w.'’@-]*|de|van|von|the|of|for)(?: |$)?){1,6}){0,4}$"
)
_PEOPLE = re.compile(
    r"(?:[A-ZÀ-Þ][\w.'’-]+ ){1,2}[A-ZÀ-Þ][\w'’-]+(?:(?:,| and|, and) (?:[A-ZÀ-Þ][\w.'’-]+ ){1,2}[A-ZÀ-Þ][\w'’-]+)+$"
)
_NAME = r"(?:[A-ZÀ-Þ][\w.'’-]*\.? ){1,3}[A-ZÀ-Þ][\w'’-]*\w"
_AUTHOR = re.compile(
    rf"-* ?(?:{_NAME}(?:, | and ))?(?P<name>{_NAME})(?:,? [JS]r\.)?(?: \([^()]{{1,20}}\))?"
    r"(?:, (?:an? |the )[^.;:\"]{3,120},)? "
    r"(?P<verb>is|are|was|has been|covers|reports on|writes|teaches|hosts|has written)\b"
    r"(?! (?:accused|charged|due|expected|survived|said|set|among|one of)\b)"
)
_TRADE = re.compile(
    r"\b(?:editors?|(?<!under)writers?|reporters?|correspondents?|columnists?|journalists?|contribut(?:or|ing)|producer|"
    r"bureau chief|author|professor|lecturer|fellow|analyst|commentator|anchor|host|director|president and CEO|"
    r"chief executive|CEO|(?:co-?)?founder|attorney|economist|historian|photographer|podcasts?|newsletter|"
    r"news (?:service|site|organi[sz]ation|outlet))\b"
)
_DOES = frozenset({"covers", "reports on", "writes", "teaches", "hosts", "has written"})
# What only a note on the author says.
_SURELY = re.compile(
    r"\b(?:opinions? expressed|views expressed|follow (?:him|her|them|@)|(?:learn|read) more (?:about (?:his|her)|by )|"
    r"(?:his|her) (?:latest|new|most recent|forthcoming) book|"
    r"author of (?:the )?(?:[\w -]{0,30} )?(?:book )?[\"'][A-Z]|"
    r"(?:blogs|tweets|writes) at\b|at (?:his|her) (?:official )?website)",
    re.IGNORECASE,
)
_HEAD, _TAIL, _LONGEST = 2, 4, 900
_FEWEST = 4  # paragraphs of a report of which one may be a note on its author
_SAYS = re.compile(r"\b(?:said|says|told|added)\b")


def person(line: Line, usual: frozenset[str] = frozenset()) -> bool:
    """True for a line of people's names; `usual` are words that the report also writes small, which names are not."""
    text = line.text.rstrip(" •|/-,")
    if (
        len(text) > 90
        or line.stopped
        or text.startswith(("The ", "A ", "An "))
        or not (_PERSON.match(text + " ") or _PEOPLE.match(text))
    ):
        return False
    long = [w.lower() for w in re.findall(r"[^\W\d_]{4,}", text)]
    return not long or sum(w in usual for w in long) < len(long)


def named(text: str) -> bool:
    """True when the text is one or more people's names, joined by commas or 'and'."""
    return bool(_PERSON.match(text + " ") or _PEOPLE.match(text))


def several(text: str) -> bool:
    """True when the text is the names of two or more people."""
    return _PEOPLE.match(text) is not None


def notes(lines: list[Line]) -> None:
    """Mark notes on the author, before the first paragraph and behind the last.

    Such a note tells of somebody of the trade whom the rest of the report does not name, or says what only such notes
    say: a book of the author's, an address, whose opinions are expressed.
    """
    free = [x for x in lines if x.kind is None and x.prose]
    if len(free) < _FEWEST:
        return
    for line in free[:_HEAD]:
        if not _note(line, free):
            break
        line.kind = "boilerplate"
    others = 0
    for line in reversed(free[-_TAIL:]):
        if _note(line, free):
            line.kind = "boilerplate"
        else:
            others += 1
            if others > 1:
                break


def _note(line: Line, free: list[Line]) -> bool:
    text = line.text
    m = _AUTHOR.match(text) if len(text) <= _LONGEST else None
    if not m:
        return False
    if _SURELY.search(text):
        return True
    # What somebody is stands right behind the verb: 'is 15 and dreams of being a writer' tells another thing.
    predicate = re.split(r"[,;.]", text[m.end("verb") :], maxsplit=1)[0]
    if not (_TRADE.search(predicate[:100]) or m["verb"] in _DOES) or _SAYS.search(text):
        return False
    surname = m["name"].split()[-1]
    return not any(surname in x.text for x in free if x is not line)
