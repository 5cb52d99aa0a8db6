"""From how a line looks and where it stands to its role. Each pass settles what it is sure of; the rest is body."""

from __future__ import annotations

import re

from onrecord.stages.segment import agencies, dateline, patterns
from onrecord.stages.segment.furniture import furniture
from onrecord.stages.segment.lines import Line
from onrecord.text import plain

_PHOTO_CREDIT = re.compile(
    r"(?:photo(?:graph|graphy|s)?|image|picture|courtesy|credits?|video|graphic|illustration|file photo|"
    r"handout|screenshot|screengrab)"
    r"(?: (?:by|credit|courtesy|source|from|provided by|illustration by|copyright)|\s*[:/|©])\s*:?\s*\S.{1,110}$",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"\(?\s*(?:(?:additional |further )?(?:reporting|writing|editing|compiled|written|edited|"
    r"reported) (?:by|in|from) [A-Z]"
    r"|with (?:files|inputs?|reporting|additional reporting|contributions?|agencies|wire|material)\b"
    r"|to contact the (?:reporters?|editors?|authors?)\b|editor(?:s)?: [A-Z][\w.]+ [A-Z])",
    re.IGNORECASE,
)
_CONTRIBUTED = re.compile(
    r"\b(?:contributed (?:to|from|reporting)\b|reported from [A-Z]|report(?:ing)? from [A-Z][\w ,]+\.?$|"
    r"assisted (?:in|with) (?:the )?report)"
)
_PERSON = re.compile(
    r"(?:(?:[A-ZÀ-Þ][\w.'’-]*|de|da|van|von|der|del|la|bin|al|el)(?: |$)){2,5}(?:(?:, | and | & |; | \|"
    r" )(?:(?:[A-ZÀ-Þ][\w.'’@-]*|de|van|von|the|of|for)(?: |$)?){1,6}){0,4}$"
)
_BRACKETED = re.compile(r"\([A-Z][\w. ]{1,25}\)\s*-*$")
_PEOPLE = re.compile(
    r"(?:[A-ZÀ-Þ][\w.'’-]+ ){1,2}[A-ZÀ-Þ][\w'’-]+(?:(?:,| and|, and) (?:[A-ZÀ-Þ][\w.'’-]+ ){1,2}[A-ZÀ-Þ][\w'’-]+)+$"
)
_LAST_BRACKET = re.compile(r"\([A-Z][^()]{1,40}\)\.?$")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")


def roles(lines: list[Line], title: str | None, repeated: frozenset[str] = frozenset()) -> None:
    """Give every line its kind; `repeated` are lines that many other reports of the outlet have too.

    Where markup has told the parts apart (any line is marked), a short open line in the middle is the report's own
    unless its words say otherwise; only in plain text does it count as a subheading or another story's headline.
    """
    told_apart = any(x.marked for x in lines)
    for line in lines:
        if line.kind is None:
            line.kind = patterns.kind_of(line)
        elif line.kind == "subheading":
            # Pages put 'More from us' and bylines in headings too.
            line.kind = patterns.kind_of(line) or line.kind
    if repeated:
        furniture(lines, title, repeated)
    _captions_and_credits(lines)
    first = next((n for n, x in enumerate(lines) if x.kind is None and x.prose), len(lines))
    head = _headline(lines, title, first)
    _repeats(lines, head)
    first = next((n for n, x in enumerate(lines) if x.kind is None and x.prose and n > head), len(lines))
    told = _told(lines)
    _top(lines, head, _opened(lines, head, first) if told_apart else first, told)
    _promos_behind(lines, first)
    if told_apart:
        _promo_pairs(lines)
    else:
        _middle(lines, first, told)
    _bios(lines)
    for line in lines:
        line.kind = line.kind or "body"


def _captions_and_credits(lines: list[Line]) -> None:
    for n, line in enumerate(lines):
        if line.kind is not None:
            continue
        if _BRACKETED.match(line.text) and n + 1 < len(lines) and agencies.only(line.text):
            line.kind = "dateline"
        elif _credit(line, n, lines):
            line.kind = "credit"
        elif patterns.is_caption(line) or patterns.scene(line):
            line.kind = "caption"
    for n, line in enumerate(lines):
        if line.kind is None and patterns.shows(line):
            date = patterns.dated(line)
            credited = n + 1 < len(lines) and (_of_picture(lines[n + 1]) or _ends_in_agency(line))
            edge = n in (0, len(lines) - 1) or lines[n - 1].kind == "credit"
            if credited or date == "full" or (date and edge):
                line.kind = "caption"


def _ends_in_agency(line: Line) -> bool:
    m = _LAST_BRACKET.search(line.text[-60:])
    return bool(m and agencies.only(m.group()))


def _of_picture(line: Line) -> bool:
    return line.kind == "credit" and not _SIGN_OFF.match(line.text) and not _CONTRIBUTED.search(line.text)


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
    return bool(not line.prose and agencies.named(text) and _name_and_agency(text))


_CREDIT_LINE = re.compile(r"[\w .,'’()&-]{2,70}?(?:\s*[/|©]\s*|\s+via\s+)(?:via )?[\w .,'’()&/|-]{2,60}$")


def _name_and_agency(text: str) -> bool:
    return _CREDIT_LINE.match(text) is not None


def _headline(lines: list[Line], title: str | None, first: int) -> int:
    """Mark the headline; its index, or -1."""
    marked = next((n for n, x in enumerate(lines) if x.kind == "headline"), None)
    if marked is not None:
        return marked
    if title:
        wanted = plain(title)
        for n, line in enumerate(lines[: max(12, first + 1)]):
            if not line.marked and _same_title(line.plain, wanted):
                line.kind = "headline"
                return n
    free = [n for n in range(min(first + 1, len(lines))) if lines[n].kind is None]
    open_lines = [n for n in free if _title_like(lines[n]) and not (title and not _akin(lines[n], title))]
    if len(open_lines) > 1 or title:
        open_lines = [n for n in open_lines if not _PEOPLE.match(lines[n].text)]
    if len(lines) == 1:
        if open_lines and not lines[0].closed and lines[0].words <= 25:
            lines[0].kind = "headline"
        return -1 if lines[0].kind != "headline" else 0
    best = next((n for n in open_lines if lines[n].words >= 4), None)
    if best is None:
        best = next((n for n in open_lines if lines[n].words >= 2 and not _person(lines[n])), None)
    if best is None:
        return -1
    for n in open_lines:
        if n < best and lines[n].words <= 3:
            lines[n].kind = "boilerplate"
    lines[best].kind = "headline"
    return best


def _akin(line: Line, title: str) -> bool:
    """True when a line shares a third of its longer words with the title that the input gave."""
    mine, theirs = ({w[:5].lower() for w in _LONG_WORD.findall(t)} for t in (line.text, title))
    return len(mine & theirs) >= max(1, len(mine) / 3)


def _title_like(line: Line) -> bool:
    if len(line.text) > 220 or line.words > 32 or line.bullet or dateline.alone(line.text):
        return False
    if not line.stopped:
        return not line.text.endswith((":", ";", ","))
    if line.text.endswith(("?", "!", "?'", '?"')):
        return line.words <= 20
    return line.words <= 16 and line.titled > 0.75 and not line.shouted and line.words >= 4


def _same_title(line: str, title: str) -> bool:
    if not line or not title:
        return False
    if line == title:
        return True
    short, long = sorted((line, title), key=len)
    return len(short) > 20 and long.startswith(short) and len(short) >= 0.6 * len(long)


def _repeats(lines: list[Line], head: int) -> None:
    """The headline printed again, whole or with the outlet's name behind it."""
    if head < 0:
        return
    wanted = lines[head].plain
    if len(wanted) < 12:
        return
    for line in lines:
        if not line.marked and line.kind in (None, "boilerplate", "teaser") and line.words <= 40:
            tail = line.plain[len(wanted) :] if line.plain.startswith(wanted) else None
            if tail is not None and (not tail or re.match(r"\s*[-|:>]", tail)) and len(tail) < 40:
                line.kind = "headline"


def _told(lines: list[Line]) -> frozenset[str]:
    """Beginnings of the words in the report's prose: what a summary repeats and another story's headline does not."""
    out: set[str] = set()
    for line in lines:
        if line.kind is None and line.prose:
            out.update(w[:5].lower() for w in _LONG_WORD.findall(line.text[:4000]))
    return frozenset(out)


def _share_told(line: Line, told: frozenset[str]) -> float:
    found = [w[:5].lower() for w in _LONG_WORD.findall(line.text)]
    return sum(w in told for w in found) / len(found) if found else 0.0


def _person(line: Line) -> bool:
    text = line.text.rstrip(" •|/-,")
    return len(text) <= 90 and not line.stopped and bool(_PERSON.match(text + " ") or _PEOPLE.match(text))


def _opened(lines: list[Line], head: int, first: int) -> int:
    """Where the report's text starts: its first prose, or a subheading of the markup with lines below it."""
    for n in range(head + 1, first - 1):
        if lines[n].kind == "subheading" and lines[n].marked and lines[n + 1].kind is None:
            return n
    return first


_OTHERS = re.compile(
    r"(?:top|latest|other|more|related|recent|popular|trending|most read|breaking|headline|today's top) "
    r"(?:stories|news|articles|headlines|reports|posts)$|most (?:read|popular|viewed)$|partner news$",
    re.IGNORECASE,
)


def _promos_behind(lines: list[Line], first: int) -> None:
    """Summaries of other stories behind a heading that says so ('Top stories'), to the end of the report.

    Only behind most of the report, and where none of several is long or repeats the report's words.
    """
    at = next((n for n, x in enumerate(lines) if n > first and _OTHERS.match(x.text.rstrip(":"))), None)
    if at is None:
        return
    before = [x for x in lines[:at] if x.kind is None and x.prose]
    behind = [x for x in lines[at + 1 :] if x.kind is None]
    if len(before) < 3 or len(behind) < 2 or any(len(x.text) > 260 for x in behind):
        return
    own = _told(before)
    if sum(_share_told(x, own) for x in behind) / len(behind) < 0.5:
        for line in behind:
            line.kind = "teaser"


def _top(lines: list[Line], head: int, first: int, told: frozenset[str]) -> None:
    """What stands between the headline and the first paragraph."""
    summary = False
    bylined = any(x.kind == "byline" for x in lines[head + 1 : first])
    for n in range(head + 1 if head >= 0 else 0, min(first, len(lines))):
        line = lines[n]
        if line.kind is not None:
            summary = summary or "highlights" in line.plain or "key points" in line.plain
            continue
        if dateline.alone(line.text):
            line.kind = "dateline"
        elif not bylined and line.words <= 8 and _person(line) and (head >= 0 or line.words <= 4):
            line.kind, bylined = "byline", True
        elif dateline.length(line.text):
            continue
        elif line.words <= 3:
            line.kind = "boilerplate" if head >= 0 or first < len(lines) else None
        elif (
            line.bullet
            or summary
            or _cut_off(line, lines[n + 1 : n + 20])
            or _alone(lines, n, first)
            or _share_told(line, told) >= 0.75
        ):
            line.kind = "standfirst"
        else:
            line.kind = "teaser"
    # A sentence between the headline and the byline is the standfirst; the body starts behind the byline.
    signed = next(
        (n for n in range(first, min(first + 3, len(lines))) if lines[n].kind in ("byline", "dateline")), None
    )
    if head >= 0 and signed is not None and first < signed and sum(x.prose for x in lines[signed:]) >= 2:
        for line in lines[first:signed]:
            if line.kind is None and len(line.text) < 350:
                line.kind = "standfirst"


def _alone(lines: list[Line], n: int, first: int) -> bool:
    """True when no other open line stands next to line n before the first paragraph."""
    beside = [m for m in (n - 1, n + 1) if 0 <= m < first and lines[m].kind in (None, "teaser")]
    return not beside or (
        lines[n].gap and (n + 1 >= len(lines) or lines[n + 1].gap) and not any(lines[m].kind is None for m in beside)
    )


def _cut_off(line: Line, later: list[Line]) -> bool:
    """True when the line is how a later paragraph begins: a standfirst cut from it, even in mid-word."""
    return len(line.plain) >= 40 and any(x.plain.startswith(line.plain.rstrip(" .")) for x in later if x.kind is None)


def _promo_pairs(lines: list[Line]) -> None:
    """Other stories' summaries: single short paragraphs in turn with their headlines, at least twice in a row."""
    single = [
        n
        for n in range(1, len(lines))
        if lines[n].kind is None
        and len(lines[n].text) <= 220
        and lines[n - 1].kind == "teaser"
        and (n + 1 == len(lines) or lines[n + 1].kind in ("teaser", "boilerplate", "credit"))
    ]
    for n in single:
        if n - 2 in single or n + 2 in single:
            lines[n].kind = "teaser"


_BIO = re.compile(
    r"(?:[A-ZÀ-Þ][\w.'’-]+ ){1,3}([A-ZÀ-Þ][\w'’-]+),? (?:is|was|has been|covers|reports on|writes about) [^.]{0,160}"
    r"\b(?:editor|writer|reporter|correspondent|columnist|journalist|contributor|producer|bureau chief|newsletter)\b"
)


def _bios(lines: list[Line]) -> None:
    """A note on the author at the end: somebody of the trade whom the rest of the report does not name."""
    free = [x for x in lines if x.kind is None and x.prose]
    for line in free[-2:] if len(free) >= 4 else []:
        m = _BIO.match(line.text) if len(line.text) <= 900 else None
        if m and not any(m.group(1) in x.text for x in free if x is not line):
            line.kind = "boilerplate"


def _middle(lines: list[Line], first: int, told: frozenset[str]) -> None:
    """Short open lines among and behind the paragraphs: subheadings, teasers, list items, leftovers."""
    last = max((n for n, x in enumerate(lines) if x.kind is None and x.prose), default=-1)
    n = first
    while n < len(lines):
        if lines[n].kind is not None or lines[n].prose:
            n += 1
            continue
        end = n
        while end < len(lines) and lines[end].kind is None and not lines[end].prose:
            end += 1
        run = lines[n:end]
        if n > last:
            _tail(run, told)
        else:
            _inside(run, lines, n, end, told)
        n = end


def _inside(run: list[Line], lines: list[Line], start: int, end: int, told: frozenset[str]) -> None:
    if sum(x.bullet for x in run) >= 0.5 * len(run) or (start and lines[start - 1].text.endswith(":")):
        return
    if len(run) == 1:
        line = run[0]
        if line.closed:
            return
        if line.words <= 5 or line.text.endswith("?"):
            line.kind = "subheading"
        else:
            line.kind = "subheading" if _share_told(line, told) >= 0.7 and line.words <= 12 else "teaser"
        return
    long = [x for x in run if x.words >= 5 and not x.closed]
    if len(long) >= 2 and sum(_share_told(x, told) for x in long) / len(long) < 0.75:
        for line in run:
            if not line.closed:
                line.kind = "teaser"
        return
    # A title over a paragraph keeps its role also when the lines above it are something else.
    for line in run:
        if line.closed:
            continue
        if line.words <= 2 and line is not run[-1]:
            line.kind = "boilerplate"
        elif line.words <= 8:
            line.kind = "subheading"
        elif _share_told(line, told) < 0.7:
            line.kind = "teaser"


def _tail(run: list[Line], told: frozenset[str]) -> None:
    for line in run:
        if line.closed and line.words >= 3:
            continue
        if line.words >= 12 and line.titled < 0.5 and _share_told(line, told) >= 0.6:
            continue
        if line.words >= 5 and line.text[:1].isupper():
            line.kind = "teaser"
        else:
            line.kind = "boilerplate"
