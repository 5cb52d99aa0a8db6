"""From how a line looks and where it stands to its role. Each pass settles what it is sure of; the rest is body."""

from __future__ import annotations

import re

from onrecord.stages.segment import comments, dateline, patterns, people
from onrecord.stages.segment.furniture import furniture
from onrecord.stages.segment.lines import Line
from onrecord.stages.segment.pictures import pictures
from onrecord.text import plain

_SMALL_WORD = re.compile(r"\b[a-z]{4,}\b")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")


def roles(lines: list[Line], title: str | None, repeated: frozenset[str] = frozenset()) -> None:
    """Give every line its kind; `repeated` are lines that many other reports of the outlet have too.

    Where markup has told the parts apart (any line is marked), a short open line in the middle is the report's own
    unless its words say otherwise; only in plain text does it count as a subheading or another story's headline.
    """
    told_apart = any(x.marked for x in lines)
    for line in lines:
        if line.kind is None:
            line.kind = "boilerplate" if patterns.code(line) else patterns.kind_of(line)
        elif line.kind == "subheading":
            # Pages put 'More from us' and bylines in headings too.
            line.kind = patterns.kind_of(line) or line.kind
    if repeated:
        furniture(lines, title, repeated)
    comments.comments(lines)
    pictures(lines)
    if not told_apart:
        comments.facts(lines)
    usual = _small(lines)
    first = next((n for n, x in enumerate(lines) if x.kind is None and x.prose), len(lines))
    head = _headline(lines, title, first, usual)
    _repeats(lines, head)
    first = next((n for n, x in enumerate(lines) if x.kind is None and x.prose and n > head), len(lines))
    told = _told(lines)
    _top(lines, head, _opened(lines, head, first) if told_apart else first, told, usual)
    _promos_behind(lines, first)
    if told_apart:
        _promo_pairs(lines)
    else:
        _middle(lines, first, told)
    people.notes(lines)
    for line in lines:
        line.kind = line.kind or "body"


def _headline(lines: list[Line], title: str | None, first: int, usual: frozenset[str]) -> int:
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
        open_lines = [n for n in open_lines if not people.several(lines[n].text)]
    if len(lines) == 1:
        if open_lines and not lines[0].closed and lines[0].words <= 25:
            lines[0].kind = "headline"
        return -1 if lines[0].kind != "headline" else 0
    best = next((n for n in open_lines if lines[n].words >= 4), None)
    if best is None:
        best = next((n for n in open_lines if lines[n].words >= 2 and not people.person(lines[n], usual)), None)
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


_REPEATED = 30  # characters of a line with which the headline begins that are no coincidence
_OUTLET_TAIL = re.compile(r"\s*[|>]\s*[^|>]{2,40}$")


def _repeats(lines: list[Line], head: int) -> None:
    """The headline printed again, whole or with the outlet's name behind it."""
    if head < 0:
        return
    # A page's title may stand first with the outlet's name behind it, and the headline below it without.
    wanted = _OUTLET_TAIL.sub("", lines[head].plain)
    if len(wanted) < 12:
        return
    for n, line in enumerate(lines):
        if n != head and not line.marked and line.kind in (None, "boilerplate", "teaser") and line.words <= 40:
            tail = line.plain[len(wanted) :] if line.plain.startswith(wanted) else None
            above = len(line.plain) >= _REPEATED and lines[head].plain.startswith(line.plain)
            if above or (tail is not None and (not tail or re.match(r"\s*[-|:>]", tail)) and len(tail) < 40):
                line.kind = "headline"


def _told(lines: list[Line]) -> frozenset[str]:
    """Beginnings of the words in the report's prose: what a summary repeats and another story's headline does not."""
    out: set[str] = set()
    for line in lines:
        if line.kind is None and line.prose:
            out.update(w[:5].lower() for w in _LONG_WORD.findall(line.text[:4000]))
    return frozenset(out)


def _small(lines: list[Line]) -> frozenset[str]:
    """Words that the report's prose writes with a small letter."""
    out: set[str] = set()
    for line in lines:
        if line.kind is None and line.prose:
            out.update(_SMALL_WORD.findall(line.text[:4000]))
    return frozenset(out)


def _share_told(line: Line, told: frozenset[str]) -> float:
    found = [w[:5].lower() for w in _LONG_WORD.findall(line.text)]
    return sum(w in told for w in found) / len(found) if found else 0.0


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


_SPEAKS = re.compile(r"\b(?:said|says|saying|told|added)\b.{0,40}[\"']|[\"'] .{2,30}\b(?:said|says|added)\b")


def _promos_behind(lines: list[Line], first: int) -> None:
    """Summaries of other stories behind a heading that says so ('Top stories'), to the end of the report.

    Only behind most of the report, and where none of several is long or repeats the report's words.
    """
    at = next((n for n, x in enumerate(lines) if n > first and _OTHERS.match(x.text.rstrip(":"))), None)
    if at is None:
        return
    before = [x for x in lines[:at] if x.kind is None and x.prose]
    behind = [x for x in lines[at + 1 :] if x.kind is None]
    if len(before) < 3 or len(behind) < 2 or any(len(x.text) > 260 or _SPEAKS.search(x.text) for x in behind):
        return
    own = _told(before)
    if sum(_share_told(x, own) for x in behind) / len(behind) < 0.5:
        for line in behind:
            line.kind = "teaser"


def _top(lines: list[Line], head: int, first: int, told: frozenset[str], usual: frozenset[str]) -> None:
    """What stands between the headline and the first paragraph."""
    summary = False
    bylined = any(x.kind == "byline" for x in lines[head + 1 : first])
    top = range(head + 1 if head >= 0 else 0, min(first, len(lines)))
    for line in (lines[n] for n in top if lines[n].kind is None):
        if dateline.alone(line.text):
            line.kind = "dateline"
        elif not bylined and (
            (line.words <= 8 and people.person(line, usual) and (head >= 0 or line.words <= 4))
            or (line.words <= 16 and people.several(line.text))
        ):
            line.kind, bylined = "byline", True
    for n in top:
        line = lines[n]
        if line.kind is not None:
            summary = summary or "highlights" in line.plain or "key points" in line.plain
            continue
        if dateline.length(line.text):
            continue
        if n and lines[n - 1].kind == "byline" and line.words <= 4 and line.titled == 1:
            line.kind = "byline"  # whom the author writes for
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
        if n and lines[n - 1].kind in ("boilerplate", "teaser") and _POINTS.match(lines[n - 1].text):
            for line in run:
                line.kind = "teaser"
        elif n > last:
            _tail(run, told)
        else:
            _inside(run, lines, n, end, told)
        n = end


# Share of its longer words that the report tells too. A line that points at another story mostly says so,
# as 'READ MORE:' does; what says nothing of the kind is more often the report's own heading.
_OWN = 0.5
_CUT_WORDS = 5  # a shorter open line before small letters is a speaker's name or a list's item
_POINTS = re.compile(
    r"(?:read more|related(?: \w+)?|see also|also read|further reading|read next|editors?'?s?'? picks?):?$",
    re.IGNORECASE,
)
_DAY = re.compile(r"\b\d{4}\b")


def _inside(run: list[Line], lines: list[Line], start: int, end: int, told: frozenset[str]) -> None:
    before = lines[start - 1] if start else None
    if sum(x.bullet for x in run) >= 0.5 * len(run) or (before and before.text.endswith(":")):
        return
    run = _joined_up(before, run)
    if not run:
        return
    if len(run) == 1:
        line = run[0]
        if line.closed:
            return
        if line.words >= 4 and end < len(lines) and lines[end].kind == "dateline" and _DAY.search(lines[end].text):
            line.kind = "teaser"
            return
        if line.words <= 5 or line.text.endswith("?"):
            line.kind = "subheading"
        else:
            line.kind = "subheading" if _share_told(line, told) >= _OWN and line.words <= 16 else "teaser"
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


def _joined_up(before: Line | None, run: list[Line]) -> list[Line]:
    """The run less the parts of paragraphs that a link or a line break has cut: they go on in small letters."""
    parts: set[int] = set()
    for n, line in enumerate(run):
        above = run[n - 1] if n else before
        if above and line.text[:1].islower() and above.kind is None and not above.closed and above.words >= _CUT_WORDS:
            parts |= {n - 1, n} if n else {n}
    for n in parts:
        run[n].kind = "body"
    return [x for n, x in enumerate(run) if n not in parts]


def _tail(run: list[Line], told: frozenset[str]) -> None:
    for line in run:
        if line.closed and line.words >= 3:
            continue
        if line.text.startswith("About ") and not line.stopped:
            line.kind = "boilerplate"
            continue
        if line.words >= 12 and line.titled < 0.5 and _share_told(line, told) >= 0.6:
            continue
        if line.words >= 5 and line.text[:1].isupper():
            line.kind = "teaser"
        else:
            line.kind = "boilerplate"
