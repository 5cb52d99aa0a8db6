"""Folding, hashing and word splitting, used wherever texts are compared. Nothing here changes stored text.

`fold` maps one character to one character, so that an offset into folded text is an offset into the text itself.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

_FOLD = {
    **dict.fromkeys("“”„‟«»〝〞＂", '"'),
    **dict.fromkeys("‘’‚‛‹›′`´＇", "'"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys(map(chr, (0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)), " "),
    **dict.fromkeys("\t\n\r\v\f\u2028\u2029\u0085\u200b\u200c\u200d\ufeff\u00ad\x00", " "),
}
# Five times as fast as `str.translate`, which asks its table for every character once one is not ASCII.
_FOLDED = re.compile("[" + re.escape("".join(_FOLD)) + "]")
WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*")

LEAD = 700
"""Characters with which a report begins: its news stands in them, its background after."""


def fold(text: str) -> str:
    """Quotation marks, dashes, blanks and line breaks folded to their plain forms; same length, same offsets."""
    if text.isascii() and text.isprintable() and "`" not in text:  # the greater part, with nothing to fold
        return text
    return _FOLDED.sub(lambda found: _FOLD[found.group()], text)


# A lead byte of UTF-8 and what follows it, all of them read as Windows-1252 or Latin-1: 'â€™' for an apostrophe.
_MISREAD = re.compile("[\u00c2-\u00f4][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]{1,3}")


def repaired(text: str) -> str:
    """Text for comparing, of the same length, in which UTF-8 that was read in another encoding is put right.

    The character that was meant stands first; apostrophes, or blanks where it was no letter, fill its place.
    """
    return _MISREAD.sub(_meant, text) if "â€" in text or "Ã" in text or "Â" in text else text


def _meant(found: re.Match[str]) -> str:
    said = found.group()
    try:
        raw = b"".join(c.encode("latin-1") if c <= "\u00ff" else c.encode("cp1252") for c in said)
        meant = raw.decode("utf-8")
    except UnicodeError:
        return said
    if len(meant) != 1:
        return said
    return meant + ("'" if meant.isalpha() or meant in "'’" else " ") * (len(said) - 1)


_MORE = re.compile(r"(?<=\S) MORE(?![\w-])")
# A name, then the name in full, run into a title: 'Ada Orr Ada Mary OrrPolls ...', or 'Ada Orr Ada Orr Polls ...'.
_TWICE = re.compile(
    r"(?<![\w.'-])(?P<last>[A-Z][\w'-]+) (?=(?:[\w.'()-]+ ){0,5}(?P=last)['\"\[]?[A-Z0-9])"
    r"|(?<![\w.'-])(?P<name>[A-Z][\w'-]+ [A-Z][\w'-]+) (?=(?P=name) ['\"\[]?[A-Z0-9])"
)
_LONGEST_TEASER = 900
_LEAST_TEASER = 20


def inline_teasers(text: str) -> list[tuple[int, int]]:
    """The stretches of a folded paragraph that are titles of other reports behind a name: 'Ada Mary OrrPolls ... MORE'.

    Some outlets have them behind each politician, and text that is taken from their pages runs them into the sentence.
    """
    out: list[tuple[int, int]] = []
    done = 0
    for more in _MORE.finditer(text) if " MORE" in text else ():
        begun = _TWICE.search(text, max(done, more.start() - _LONGEST_TEASER), more.start())
        if begun and more.start() - begun.end() >= _LEAST_TEASER:
            out.append((begun.end(), more.end()))
        done = more.end()
    return out


def without_teasers(text: str) -> str:
    """A folded paragraph with blanks in the place of its inline teasers; same length, same offsets."""
    return unread(text, [(0, len(text))])


def unread(text: str, paragraphs: Iterable[tuple[int, int]] | None = None) -> str:
    """A text with blanks for the inline teasers of its paragraphs (None: lines), in order; same length and offsets."""
    if " MORE" not in text:
        return text
    pieces: list[str] = []
    at = 0
    for start, end in paragraphs or [line.span() for line in re.finditer(r"[^\n]+", text)]:
        if start >= at:
            for a, b in inline_teasers(fold(text[start:end])):
                pieces += (text[at : start + a], " " * (b - a))
                at = start + b
    return "".join((*pieces, text[at:]))


def elided(text: str) -> str:
    """Words of a report for showing, with '[…]' for titles of other reports inside them."""
    pieces: list[str] = []
    at = 0
    for start, end in inline_teasers(fold(text)) if " MORE" in text else ():
        pieces += (text[at:start], "[…]")
        at = end
    return "".join((*pieces, text[at:]))


def key(*parts: str | None, prefix: str = "", size: int = 8) -> str:
    """A stable id: `prefix` and `size` bytes of BLAKE2b over the parts, in hexadecimal."""
    digest = hashlib.blake2b(digest_size=size)
    for part in parts:
        raw = b"\xff" if part is None else part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(4, "little") + raw)
    return prefix + digest.hexdigest()


def words(text: str) -> list[tuple[str, int, int]]:
    """(lower-cased word, start, end) for each run of letters and digits; inner apostrophes, dots and hyphens stay."""
    return [(m.group().lower(), m.start(), m.end()) for m in WORD.finditer(fold(text))]


def letter(n: int) -> str:
    """A, B … Z, AA, AB … for 0, 1 …: the short name of a report within its story."""
    out = ""
    n += 1
    while n:
        n, rest = divmod(n - 1, 26)
        out = chr(65 + rest) + out
    return out


def plain(text: str) -> str:
    """Text for comparing names: accents dropped, case folded, blanks collapsed. Offsets are not kept."""
    if text.isascii():  # the greater part; of what is folded it can hold these two and blanks alone
        return " ".join(text.replace("`", "'").replace("\0", " ").casefold().split())
    folded = fold(text)
    if folded.isascii():
        return " ".join(folded.casefold().split())
    decomposed = unicodedata.normalize("NFKD", folded)
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).casefold().split())


def cuts_word(text: str, at: int) -> bool:
    """True when offset `at` stands between two letters of a cased script, that is inside a word.

    Scripts without case (Chinese, Arabic, Thai) are let be: where their words end is not for a glance to say.
    """
    # No cased letter sorts before 'A': a blank or a stop, as nearly always stands there, decides at once.
    return 0 < at < len(text) and text[at] > "@" and _cased(text[at - 1]) and _cased(text[at])


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch `[start, end)` widened so that it cuts no word."""
    while cuts_word(text, start):
        start -= 1
    while cuts_word(text, end):
        end += 1
    return start, end


def without_ending(word: str, endings: Iterable[str], least: int = 4) -> str:
    """The word without the first of `endings` that it has, if `least` characters are left."""
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return word[: -len(ending)]
    return word


def _cased(c: str) -> bool:
    return c.lower() != c.upper()
