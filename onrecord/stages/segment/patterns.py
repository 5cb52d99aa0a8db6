"""Lines that say by themselves what they are: the boilerplate and caption lexicons, and the signs of a dateline."""

from __future__ import annotations

import re
from functools import lru_cache

from onrecord import lexicon
from onrecord.stages.segment.lines import Line

# The longest line (characters) that a pattern of a kind may claim. Page furniture is short; a paragraph of running text
# that happens to start like furniture must stay body. Corrections and sign-offs are paragraphs themselves.
_LONGEST = {"teaser": 260, "boilerplate": 420, "byline": 160, "dateline": 160, "credit": 700}
_READ = 1600


@lru_cache(maxsize=1)
def _lines() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(r["pattern"], re.IGNORECASE), r["kind"]) for r in lexicon.rows("boilerplate.tsv")]


@lru_cache(maxsize=1)
def _captions() -> list[re.Pattern[str]]:
    return [re.compile(r["pattern"]) for r in lexicon.rows("captions.tsv")]


@lru_cache(maxsize=1)
def _shows() -> re.Pattern[str]:
    rows = lexicon.rows("caption_verbs.tsv")
    verbs = "|".join([r["verb"] for r in rows] + [r["plural"] for r in rows])
    return re.compile(
        rf"^(?=[A-Z\"])(?:[^.!?;\"]|\b(?:[A-Z]|Gen|Sen|Rep|Gov|Mr|Mrs|Ms|Dr|St|Lt|"
        rf"Col)\.){{2,200}}?(?<!which )(?<!who )(?<!that )\b(?:{verbs})\b(?! (?:that|to be)\b)[^!?;]{{0,300}}?"
        r"\b(?:at|during|in|on|with|to|for|from|outside|near|after|before|as|by|through|past|along|inside|"
        r"hands|next|alongside|the|a|an|his|her|their)\b"
    )


_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?|Sept?(?:ember|\.)?"
    r"|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_FULL_DATE = re.compile(
    rf"(?:{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}} {_MONTH},? \d{{4}})\.?(?:\s*\S{{0,40}})?$"
)
_SOME_DATE = re.compile(rf"(?:{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}} {_MONTH}|{_MONTH},? \d{{4}})\.?$")
_PAST = re.compile(r"\b(?:said|says|told|was|were|had|has|have|will|would|could|is expected|are expected)\b")


def kind_of(line: Line) -> str | None:
    """The kind that the boilerplate lexicon gives a line, None when no pattern matches."""
    text = " ".join(line.text.split()) if "  " in line.text else line.text
    return _kind_of(text) if len(text) <= _READ else None


_CODE = re.compile(
    r"(?:window\.|document\.|googletag|var |let |const |\(?function\b|\$\(|!function|if ?\(|try ?\{|@media|\{ *\"|"
    r"<(?:script|style|iframe|noscript)\b|[.#][\w-]+ ?\{|\w+=\"https?:)"
)


def code(line: Line) -> bool:
    """True for a line of a page's script or style sheet."""
    head = line.text[:2000]
    return bool(_CODE.match(head)) and sum(head.count(c) for c in "{}();=<>") >= max(5, 0.02 * len(head))


@lru_cache(maxsize=8192)
def _kind_of(text: str) -> str | None:
    size = len(text)
    return next((k for p, k in _lines() if size <= _LONGEST.get(k, _READ) and p.match(text)), None)


def is_caption(line: Line) -> bool:
    """True for a line with a caption's own words ('in this undated photo', '(AP Photo/...)')."""
    # In a paragraph these words count at its ends: a caption says what it is first, or whose it is last. What must
    # end a line does not end the first part.
    text = line.text
    parts = (text,) if len(text) <= 300 else (text[:160] + "~", text[-140:])
    return any(p.search(part) for p in _captions() for part in parts)


def shows(line: Line) -> bool:
    """True for a line that may describe a picture: present tense, a verb that captions use, nobody quoted."""
    text = line.text
    if len(text) > 400 or line.words < 5:
        return False
    m = _shows().match(text)
    return bool(m and not _PAST.search(text[: m.end()]))


_SCENE_DATE = re.compile(
    rf"(?:{_MONTH} \d{{1,2}},? \d{{4}}|\d{{1,2}} {_MONTH},? \d{{4}})(?:, (?:in|at|near|outside) [^.]{{2,60}})?\.(?: |$)"
)


def scene(line: Line) -> bool:
    """True for a paragraph whose first sentence shows something in the present and ends with a full date and year.

    'Fishermen mend a net at the pier of Kelmouth, March 4, 2031. The pier was closed last week.' Running text puts
    no year to what goes on today.
    """
    text = line.text
    m = _SCENE_DATE.search(text[:320]) if len(text) <= 700 else None
    if not m or ":" in text[: m.start()] or '"' in text[: m.start()] or re.search(r"\b\d{4}\b", text[: m.start()]):
        return False
    shown = _shows().match(text[: m.end()])
    return bool(shown and not _PAST.search(text[: m.start()]))


def dated(line: Line) -> str | None:
    """'full' when the line ends with a date and year, 'some' with day and month or month and year, else None."""
    tail = line.text[-60:]
    if _FULL_DATE.search(tail):
        return "full"
    return "some" if _SOME_DATE.search(tail) else None
