"""A paragraph as a string of kinds: each token that may take part in a time expression becomes one character.

The grammar in `rules` is regular expressions over these characters, so they stay short and run over strings a sixth
as long as the text. Homographs ('may', 'march', 'sat', 'second', 'fall') and numbers that are no years ('2000
troops') are told apart here, by the neighbouring words and the parser's tags.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from onrecord.lexicon import rows, toml
from onrecord.model import Document, Paragraph, Span
from onrecord.text import fold

OTHER = "."
_FIXED = (
    "other", "iso", "slash", "clock", "military", "year", "daynum", "num", "dayord", "decadenum", "shortyear",
    "holiday", "era", "qnum", "comma", "dash", "stop", "open", "close", "poss", "fraction", "slashmark",
)  # fmt: skip
_PUNCTUATION = {",": "comma", "-": "dash", "(": "open", ")": "close", "/": "slashmark"} | dict.fromkeys(
    '.;:?!"', "stop"
)
_MONTH_SHORT = r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tues?|weds?|thurs?|fri|sat|sun)\.(?=\s*[\d,a-z(])"


_SEASONS = frozenset({"spring", "summer", "autumn", "winter"})
_PARTIES = frozenset({"nsubj", "nsubjpass", "dobj", "dative"})  # what acts or is acted on is a person, not a month
_CALENDAR_ONLY = frozenset({"in", "since", "until", "till", "last", "next", "this", "late", "early", "mid", "during"})


@dataclass(frozen=True, slots=True)
class Word:
    """What a word contributes: its kind in the grammar and its value (a number or a TIMEX3 code)."""

    kind: str
    value: str


@lru_cache(maxsize=1)
def lexicon() -> dict[str, Word]:
    """Word to kind and value, from lexicon/time/words.tsv."""
    return {r["word"]: Word(r["kind"], r["value"]) for r in rows("time/words.tsv")}


@lru_cache(maxsize=1)
def holidays() -> dict[str, str]:
    """Holiday name to its rule, from lexicon/time/holidays.tsv."""
    return {r["name"]: r["date"] for r in rows("time/holidays.tsv")}


@lru_cache(maxsize=1)
def eras() -> dict[tuple[str, str], list[tuple[date, date | None]]]:
    """(name, kind) to the stretches of days, the latest first, from lexicon/time/eras.tsv."""
    out: dict[tuple[str, str], list[tuple[date, date | None]]] = {}
    for row in rows("time/eras.tsv"):
        days = date.fromisoformat(row["from"]), date.fromisoformat(row["to"]) if row["to"] else None
        for name in row["words"].split("|"):
            out.setdefault((name, row["kind"]), []).append(days)
    for stretches in out.values():
        stretches.sort(key=lambda d: d[0], reverse=True)
    return out


@lru_cache(maxsize=1)
def _ages() -> str:
    """The pattern of an age: 'Reagan era', 'Clinton years', 'Carter administration', 'President Nixon'."""
    names = {kind: sorted({n for n, k in eras() if k == kind}, key=len, reverse=True) for kind in ("office", "age")}
    office, age = ("|".join(map(re.escape, names[k])) for k in ("office", "age"))
    return (
        rf"(?P<era>\b(?:(?:{office}|{age})[ -]era|(?:{office}) (?:years|presidency|administration)"
        rf"|(?<=under )(?:former )?(?:president|prime minister|chancellor) (?:{office}))\b)"
    )


@lru_cache(maxsize=1024)
def era_days(text: str, ref: date | None) -> tuple[date, date | None] | None:
    """The days of an age as it is written; of two holders of one name the latest before the reference."""
    name = re.sub(r"[ -](?:era|years|presidency|administration)$", "", text)
    name = re.sub(r"^(?:former )?(?:president|prime minister|chancellor) ", "", name)
    found = eras().get((name, "office")) or eras().get((name, "age")) or []
    return next((d for d in found if ref is None or d[0] <= ref), None)


@lru_cache(maxsize=1)
def moving() -> dict[tuple[str, int], tuple[date, ...]]:
    """(feast, year) to the days in that year, from lexicon/time/moving.tsv."""
    out: dict[tuple[str, int], tuple[date, ...]] = {}
    for row in rows("time/moving.tsv"):
        year = int(row.pop("year"))
        for feast, told in row.items():
            out[feast, year] = tuple(date.fromisoformat(f"{year}-{day}") for day in told.split("|"))
    return out


@lru_cache(maxsize=1)
def named_days() -> dict[tuple[int, int], list[tuple[int, frozenset[str], frozenset[str]]]]:
    """(month, day) to the years in which it became a name: year, words that follow the name, words that disprove it."""
    out: dict[tuple[int, int], list[tuple[int, frozenset[str], frozenset[str]]]] = {}
    for row in rows("time/named_days.tsv"):
        year, month, day = (int(n) for n in row["date"].split("-"))
        out.setdefault((month, day), []).append(
            (year, frozenset(row["words"].split()), frozenset(row["unless"].split()))
        )
    return out


@lru_cache(maxsize=1)
def cues() -> dict[str, frozenset[str]]:
    """The word lists of lexicon/time/cues.toml."""
    return {name: frozenset(words) for name, words in toml("time/cues.toml").items()}


@lru_cache(maxsize=1)
def kinds() -> dict[str, str]:
    """Kind to the character that stands for it in the grammar."""
    names = dict.fromkeys((*_FIXED, *(w.kind for w in lexicon().values())))
    return {name: OTHER if name == "other" else chr(0xE000 + n) for n, name in enumerate(names)}


@lru_cache(maxsize=1)
def _tokens() -> re.Pattern[str]:
    names = "|".join(re.escape(h) for h in sorted(holidays(), key=len, reverse=True))
    return re.compile(
        _ages() + rf"|(?P<holiday>\b(?:{names})\b)|(?P<iso>\b\d{{4}}-\d\d-\d\d(?:t\d\d:\d\d(?::\d\d)?)?\b)"
        r"|(?P<slash>\b\d{1,2}/\d{1,2}/(?:\d{4}|\d\d)\b)|(?P<clock>\b\d{1,2}(?::\d\d(?::\d\d)?|\.\d\d(?=\s?[ap]\.?m\b)))"
        r"|(?P<qnum>\bq[1-4]\b)|(?P<fraction>\b\d{1,2}[ -]1/[24]\b|\b\d+½)"
        r"|(?P<decadenum>\b(?:1[0-9]|20)\d0s\b|'?\b\d0s\b)"
        r"|(?P<shortyear>'\d\d\b)"
        r"|(?P<dayord>\b\d{1,2}(?:st|nd|rd|th)\b)|(?P<num>\d+(?:,\d{3})*(?:\.\d+)?)"
        rf"|(?P<short>\b{_MONTH_SHORT})|(?P<ampm>\b[ap]\.m\.(?!\s+[A-Z])|\b[ap]\.m\b|(?<=\d)[ap]m\b)|(?P<oclock>\bo'clock)"
        r"|(?P<word>[^\W\d_]+)|(?P<poss>'s\b|(?<=s)')|(?P<mark>[^\s\w])"
    )


@lru_cache(maxsize=1)
def _trigger() -> re.Pattern[str]:
    plain = {"the", "a", "of", "and", "in", "to", "on", "for", "or", "at", "so", "this", "that", "by", "more", "from"}
    words = sorted(w for w, e in lexicon().items() if e.kind not in plain and w not in plain)
    words += ["era", "presidency", "administration", "under"]
    return re.compile(r"\d|\b(?:" + "|".join(map(re.escape, words)) + r")\b|" + "|".join(map(re.escape, holidays())))


@lru_cache(maxsize=1)
def _families() -> dict[str, frozenset[str]]:
    out: dict[str, set[str]] = {}
    for row in rows("word_families.tsv"):
        for word in row["words"].split():
            out.setdefault(word, set()).add(row["family"])
    return {word: frozenset(names) for word, names in out.items()}


@lru_cache(maxsize=4096)
def same_event(word: str, noun: str) -> bool:
    """True where a word can tell the event that a noun names: 'sink' of 'sinking', 'shoot' of 'killing'; lemmas."""
    if word == noun or (len(word) > 3 and noun in (word + "ing", word.removesuffix("e") + "ing", word + "ment")):
        return True
    told, named = (_families().get(w, frozenset()) for w in (word, noun))
    return bool(told & named) or ("kill" in named and "shoot" in told)


@dataclass(slots=True)
class Line:
    """A paragraph's tokens: `kinds` has one character a token; `starts`, `ends` are offsets into the report's text."""

    kinds: str
    words: list[str]
    values: list[str]
    starts: list[int]
    ends: list[int]
    folded: str
    offset: int


def read(doc: Document, paragraph: Paragraph) -> Line | None:
    """The tokens of a paragraph, None when no word in it can start or carry a time expression."""
    base, end = paragraph.span.start, paragraph.span.end
    cased = fold(doc.text[base:end])
    folded = cased.lower()
    if len(folded) != len(cased):  # a few capitals grow when lowered
        folded = "".join(low if len(low := c.lower()) == 1 else c for c in cased)
    if not _trigger().search(folded):
        return None
    code, known, rules = kinds(), lexicon(), holidays()
    out: list[str] = []
    line = Line("", [], [], [], [], cased, base)
    for m in _tokens().finditer(folded):
        group, word = m.lastgroup or "", m.group()
        kind, value = group, word
        if group == "word":
            entry = known.get(word)
            kind, value = (entry.kind, entry.value) if entry else ("other", word)
        elif group == "short":
            entry = known[word[:-1]]
            kind, value = entry.kind, entry.value
        elif group == "num":
            kind, value = _number(word)
        elif group == "mark":
            kind = _PUNCTUATION.get(word, "other")
        elif group == "qnum":
            value = word[1]
        elif group == "holiday":
            value = rules[word]
        if kind in ("month", "weekday", "season") and not _is_calendar_name(doc, base, cased, m, word):
            kind = "other"
        elif kind == "year" and not _is_year(doc, base, line, m, folded):
            kind = "num"
        out.append(code.get(kind, OTHER))
        line.words.append(word)
        line.values.append(value)
        line.starts.append(base + m.start())
        line.ends.append(base + m.end())
    line.kinds = "".join(out)
    return line


def _number(word: str) -> tuple[str, str]:
    plain = word.replace(",", "")
    if plain.isdigit():
        if len(plain) <= 2 and 1 <= int(plain) <= 31:
            return "daynum", plain
        if len(word) == 4 and 1000 <= int(plain) <= 2199:
            return "year", plain
    return "num", plain


def _is_calendar_name(doc: Document, base: int, cased: str, m: re.Match[str], word: str) -> bool:
    bare = word.rstrip(".")
    if bare in _SEASONS and re.match(r"\s+[A-Z]", cased[m.end() :][:3]) and cased[m.start()].isupper():
        return False  # a name: 'the Winter Olympics'
    if bare not in cues()["homographs"]:
        return not (bare in _SEASONS and _tag(doc, base + m.start(), "ents").endswith("PERSON"))
    before = re.search(r"([^\s\w]|[^\W_]+)\s*$", cased[max(0, m.start() - 24) : m.start()])
    previous = before[1].lower() if before else ""
    after = re.match(r"[\s,.]*(\w+)", cased[m.end() : m.end() + 16])
    follows = after[1].lower() if after else ""
    dated = follows[:1].isdigit() and (len(follows) <= 4 or follows[-1].isalpha())
    if bare in ("fall", "spring"):
        if previous in cues()["season_lead_in"] or re.match(
            r"\s+of\s+(?:\d{4}|'\d\d|last|this|next)", cased[m.end() :][:12]
        ):
            return True
        return bare == "spring" and previous == "the" and follows not in {"of", "in", "from", "and"}
    if not cased[m.start()].isupper():
        return False
    if dated or bare != word:
        return True
    day = re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?(?:\s+of)?\s*$", cased[max(0, m.start() - 10) : m.start()])
    if day and int(day[1]) <= 31:
        return True
    if len(bare) == 3 and bare != "may":
        return previous in {"in", "of", "since", "until", "on", "by", "("} and bare not in {"mar", "sun", "jan"}
    if _tag(doc, base + m.start(), "ents").endswith("PERSON"):
        return False
    if bare == "may" and (_called_may(doc) or _tag(doc, base + m.start(), "deps") in _PARTIES):
        return previous in _CALENDAR_ONLY
    if previous in cues()["lead_in"]:
        return True
    if before and before[1][0].isupper():  # a name: 'Theresa May'
        return False
    if bare == "may":
        return _tag(doc, base + m.start(), "tags") in ("NNP", "NNPS") and _tag(doc, base + m.start(), "ents").endswith(
            "DATE"
        )
    if bare == "march":
        led = re.match(r"\s+of\s+the\b", cased[m.end() :][:10])
        return (
            _tag(doc, base + m.start(), "ents").endswith("DATE")
            and follows not in {"on", "for", "against"}
            and led is None
        )
    return True


def _called_may(doc: Document) -> bool:
    """True for a report about somebody of that name: 'Theresa May'."""
    return any(
        label == "PERSON" and last - first > 1 and doc.lower[last - 1] == "may"
        for _, label, first, last in doc.named_entities
    )


def _is_year(doc: Document, base: int, line: Line, m: re.Match[str], folded: str) -> bool:
    value = int(m.group())
    previous = line.words[-1] if line.words else ""
    glued = m.start() > 0 and not folded[m.start() - 1].isspace() and folded[m.start() - 1] not in "-('\"/:;,["
    after = re.match(r"\s*([%]|[^\W\d_]+|[.,:]\d)?", folded[m.end() : m.end() + 24])
    follows = (after[1] or "") if after else ""
    if glued or previous in cues()["numbered"] or follows in cues()["measures"] or follows[-1:].isdigit():
        return False
    lead = previous in {"in", "since", "of", "year", "until", "till", "by", "from", "during", "before", "after", "'s"}
    named = previous in {"mid", "early", "late", "circa"}
    if not 1700 <= value <= 2099:
        return lead and previous != "of"
    if lead or named:
        return True
    i = _token(doc, base + m.start())
    if i is None:
        return True
    h = doc.heads[i]
    if doc.deps[i] == "nummod" and doc.tags[h] == "NNS" and h > i:
        return previous in {"the", "this", "its", "his", "their", "her", "our", "both", "and"}
    return True


def _token(doc: Document, offset: int) -> int | None:
    found = doc.tokens_in(Span(offset, offset + 1))
    return found[0] if len(found) else None


def _tag(doc: Document, offset: int, column: str) -> str:
    i = _token(doc, offset)
    return "" if i is None else str(getattr(doc, column)[i])
