"""The language that a report is written in, where its input does not say or says wrong: offline, from its own words.

Most news that comes in is English and shows it by its function words; only the rest is put to py3langid, a naive Bayes
classifier over byte n-grams (Lui and Baldwin 2012).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from onrecord import lexicon
from onrecord.text import words

_SAMPLE = 1500  # characters; longer samples change no verdict on news and cost time
_FEWEST = 12  # words; a shorter text is a headline, in which names outweigh the language
# Share of words that are English function words: above .18 in 99 of 100 of 12,608 English news reports;
# below .05 in other languages.
_ENGLISH = 0.15
_SURE = 0.9  # py3langid's own probability; below this a sample is mostly names and figures
_SURE_OF_SCRIPT = 0.5  # few languages share such a script, and names count for less in it
# A language stated by the input is set aside only for a text this long (words): a template's lang attribute is often
# the site's, a short text may quote.
_LONG = 80


def language_of(text: str, stated: str | None = None) -> str | None:
    """ISO 639-1 code of the text's language; `stated` is what the input said. None when neither is known."""
    sample = _sample(text)
    found = [w for w, _, _ in words(sample)]
    if len(found) < _FEWEST:
        return stated or _by_script(sample)
    if stated and len(found) < _LONG:
        return stated
    if sum(w in _function_words() for w in found) >= _ENGLISH * len(found):
        return "en"
    code, probability = _identifier().classify(sample)
    return str(code) if probability >= _SURE and len(code) == 2 else stated


def _sample(text: str) -> str:
    """A stretch behind the first fifth: what stands at the top is often the page's, not the report's."""
    start = len(text) // 5 if len(text) > 2 * _SAMPLE else 0
    return text[start : start + _SAMPLE]


def _by_script(sample: str) -> str | None:
    """Scripts that put no blanks between words make few words of much text."""
    letters = sum(c.isalpha() for c in sample)
    if letters < 60 or sum("\u0e00" <= c <= "\uffef" for c in sample) < 0.5 * letters:
        return None
    code, probability = _identifier().classify(sample)
    return str(code) if probability >= _SURE_OF_SCRIPT and len(code) == 2 else None


@cache
def _function_words() -> frozenset[str]:
    return frozenset(row["word"] for row in lexicon.rows("english_function_words.tsv"))


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
