"""What belongs to a report's pictures, and who made them and the copy: captions and credits."""

from __future__ import annotations

import re

from onrecord.stages.segment import agencies, dateline, patterns, people
from onrecord.stages.segment.lines import Line

_PHOTO_CREDIT = re.compile(
    r"(?:(?:pool )?photo(?:graph|graphy|s)?|image|picture|courtesy|credits?|video|graphic|illustration|file photo|"
    r"handout|screenshot|screengrab)"
    r"(?: (?:by|credit|courtesy|source|from|provided by|illustration by|copyright)|\s*[:/|©])\s*:?\s*\S.{1,110}$",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"-?\(?\s*(?:(?:additional |further )?(?:reporting|writing|editing|compiled|written|edited|"
    r"reported) (?:by|in|from) [A-Z]"
    r"|with (?:files|inputs?|reporting|additional reporting|contributions?|agencies|wire|material)\b"
    r"|to contact the (?:reporters?|editors?|authors?)\b|editor(?:s)?: [A-Z][\w.]+ [A-Z])",
    re.IGNORECASE,
)
_CONTRIBUTED = re.compile(
    r"\b(?:contributed (?:to|from|reporting)\b|reported from [A-Z]|report(?:ing)? from [A-Z][\w ,]+\.?$|"
    r"assisted (?:in|with) (?:the )?report)"
)
_BRACKETED = re.compile(r"\([A-Z][\w. ]{1,25}\)\s*-*$")
_LAST_BRACKET = re.compile(r"\([A-Z][^()]{1,40}\)\.?$")
_CREDIT_LINE = re.compile(
    r"(?P<maker>[\w .,'’()&-]{2,70}?)(?:\s{0,9}[/|©]\s{0,9}|\s{1,9}via\s{1,9})(?:via )?[\w .,'’()&/|-]{2,60}$"
)
_BESIDE_COMMA = re.compile(r"(?P<maker>[^,/|]{5,40}), (?P<agency>[\w .&-]{2,30}(?:/[\w .&-]{2,30}){0,2})$")
_OWN_PICTURE = re.compile(r"enlarge this image|toggle caption", re.IGNORECASE)
# What a player or a gallery shows between its pictures.
_PLAYER = re.compile(
    r"(?:now playing|recommended video|(?:next |prev(?:ious)? )?(?:image|photo|slide) ?\d+ ?of ?/? ?\d+|full ?screen|"
    r"\d{1,3} ?/ ?\d{1,3}|none|replay|back to gallery)[.:]?$",
    re.IGNORECASE,
)
# 'On the pier: She walks ...': tabloids put two words of their own before what a picture shows, and no full stop.
_LABELLED = re.compile(r"(?P<label>[A-Z][a-z][\w' -]{1,38}[:?!]) (?:She|He|They|It) [a-z]")
_ECHO, _ECHO_WORDS = 0.6, 16  # share of its word trigrams, words; a shorter line of the body's words is a subheading
_LABELLED_WORDS = 8
_STARTED = 2  # paragraphs that must have begun: before them stand summaries in the body's own words
_QUOTED = re.compile(r"[\"@#]|://")
_READ = 20_000  # words of a report in which a caption's are looked for


def pictures(lines: list[Line]) -> None:
    """Mark captions, the credits of pictures and copy, and datelines of nothing but an agency in brackets."""
    for n, line in enumerate(lines):
        if line.kind is not None:
            continue
        if _BRACKETED.match(line.text) and n + 1 < len(lines) and agencies.only(line.text):
            line.kind = "dateline"
        elif _tells(line) and patterns.is_caption(line):
            line.kind = "caption"
        elif _credit(line, n, lines):
            line.kind = "credit"
        elif patterns.is_caption(line) or patterns.scene(line):
            line.kind = "caption"
    for n, line in enumerate(lines):
        if line.kind is None and patterns.shows(line) and not dateline.length(line.text):
            date = patterns.dated(line)
            credited = n + 1 < len(lines) and (_of_picture(lines[n + 1]) or _ends_in_agency(line))
            edge = n in (0, len(lines) - 1) or lines[n - 1].kind == "credit"
            if credited or date == "full" or (date and edge):
                line.kind = "caption"
    _in_galleries(lines)
    first = next((n for n, x in enumerate(lines) if x.kind is None and x.prose), len(lines))
    _makers(lines, first)
    if not any(x.marked for x in lines):
        _unstopped(lines, first)


def _tells(line: Line) -> bool:
    """True when words of its own stand before the bracket or bar that holds the maker."""
    before: str = re.split(r"\(|\|", line.text, maxsplit=1)[0]
    return sum(w.islower() for w in before.split()) >= 3


def _ends_in_agency(line: Line) -> bool:
    m = _LAST_BRACKET.search(line.text[-60:])
    return bool(m and agencies.only(m.group()))


def _of_picture(line: Line) -> bool:
    if line.kind != "credit" or _OWN_PICTURE.match(line.text):
        return False
    return not _SIGN_OFF.match(line.text) and not _CONTRIBUTED.search(line.text)


def _credit(line: Line, n: int, lines: list[Line]) -> bool:
    text = line.text
    if len(text) <= 900 and _SIGN_OFF.match(text):
        return True
    if len(text) > 300:
        return False
    if n >= len(lines) * 0.5 and len(text) < 260 and _CONTRIBUTED.search(text):
        return line.titled > 0.5 or text.lstrip("- ").startswith(tuple(x[2] for x in agencies.find(text)))
    if len(text) > 130:
        return False
    if _PHOTO_CREDIT.match(text) and line.words <= 16:
        return True
    if agencies.only(text):
        return not text.endswith(":")
    return bool(not line.prose and agencies.named(text) and _CREDIT_LINE.match(text))


def _in_galleries(lines: list[Line]) -> None:
    """A line or two between a gallery's count, or a player's bar, and the maker of the picture."""
    for n in range(1, len(lines) - 1):
        if lines[n].kind is None and lines[n - 1].kind == "boilerplate" and _PLAYER.match(lines[n - 1].text):
            end = n + 1 if lines[n + 1].kind is not None else n + 2
            if end < len(lines) and _of_picture(lines[end]) and lines[end - 1].kind is None:
                for line in lines[n:end]:
                    line.kind = "caption"


def _makers(lines: list[Line], first: int) -> None:
    """A picture's maker, by name alone below the caption, or with the agency behind a comma, away from the top."""
    for n, line in enumerate(lines):
        if line.kind is not None or line.prose or len(line.text) > 75:
            continue
        beside = n > 0 and lines[n - 1].kind == "caption"
        m = _BESIDE_COMMA.match(line.text)
        with_agency = m and agencies.only(m["agency"]) and people.named(m["maker"]) and (beside or n > first)
        if with_agency or (beside and n > first and line.words <= 4 and not line.shouted and people.person(line)):
            line.kind = "credit"


def _unstopped(lines: list[Line], first: int) -> None:
    """Captions by their lack of a full stop: a label before a sentence of 'she' or 'they', or the body's own words."""
    body = [x for x in lines if x.kind is None and x.prose and x.closed]
    said: set[tuple[str, ...]] = set()
    read = 0
    started = 0
    for n in range(first, len(lines)):
        line = lines[n]
        started += line.kind is None and line.prose and line.closed
        if started < _STARTED or line.kind is not None or line.closed or line.words < _LABELLED_WORDS:
            continue
        if not line.text[:1].isupper() or _QUOTED.search(line.text) or lines[n - 1].text.endswith(":"):
            continue
        if n + 1 < len(lines) and "(@" in lines[n + 1].text:
            continue
        if (m := _LABELLED.match(line.text)) and len(m["label"].split()) <= 5:
            line.kind = "caption"
            continue
        if line.words < _ECHO_WORDS:
            continue
        if patterns.shows(line):
            line.kind = "caption"
            continue
        if not said:
            for x in body:
                read += x.words
                if read > _READ:
                    break
                said.update(_threes(x.plain))
        mine = _threes(line.plain)
        if mine and sum(t in said for t in mine) >= _ECHO * len(mine):
            line.kind = "caption"


def _threes(text: str) -> list[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return list(zip(words, words[1:], words[2:], strict=False))
