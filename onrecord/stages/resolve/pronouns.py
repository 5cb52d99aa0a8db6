"""Pronouns: he, she, it, they and, inside quotation marks, I; to the nearest fitting actor, or to none.

Fit is gender, number and animacy; among those that fit, subjects and recent mentions win. Outside two sentences, or
where two fit equally, there is no mention: a wrong actor is worse than none.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from itertools import islice

from onrecord.model import Document
from onrecord.stages.resolve.cast import Cast, Draft
from onrecord.stages.resolve.lexicon import words

_MASCULINE = frozenset({"he", "him", "his", "himself"})
_FEMININE = frozenset({"she", "her", "hers", "herself"})
_PLURAL = frozenset({"they", "them", "their", "theirs", "themselves"})
_NEUTER = frozenset({"it", "its", "itself"})
_FIRST = frozenset({"i", "my", "me", "myself"})
_ALL = _MASCULINE | _FEMININE | _PLURAL | _NEUTER | _FIRST
_NOBODY = -99.0
_SUBJECT = frozenset({"nsubj", "nsubjpass"})
_SAY = words("pronouns", "verbs_of_saying")
_QUOTES = frozenset('"“”„«»')


def resolve(cast: Cast) -> None:
    """Add the pronoun mentions that are sure enough."""
    doc = cast.doc
    quoted = _quoted(doc)
    found: dict[int, list[tuple[int, Draft, str]]] = {}
    for known in cast.drafts.values():
        for _, form, head in known.spans:
            found.setdefault(doc.sentence_of[head], []).append((head, known, form))
    for mentions in found.values():
        mentions.sort(key=lambda m: m[0])
    for i in range(len(doc)):
        if doc.pos[i] != "PRON" and doc.tags[i] != "PRP$":
            continue
        word = doc.lower[i]
        if word not in _ALL:
            continue
        draft = _speaker(doc, i, quoted, found) if word in _FIRST else _antecedent(doc, i, word, quoted, found)
        if draft is not None:
            draft.mention(doc.span(i, i + 1), "pronoun", i)
            insort(found.setdefault(doc.sentence_of[i], []), (i, draft, "pronoun"), key=lambda m: m[0])


def _quoted(doc: Document) -> list[bool]:
    """For each token, whether it stands between quotation marks; a paragraph begins outside them."""
    out = [False] * len(doc)
    for paragraph in doc.paragraphs:
        inside = False
        for i in range(paragraph.first, paragraph.last):
            if doc.words[i][:1] in _QUOTES:
                inside = not inside
            else:
                out[i] = inside
    return out


def _antecedent(
    doc: Document, i: int, word: str, quoted: list[bool], found: dict[int, list[tuple[int, Draft, str]]]
) -> Draft | None:
    here = doc.sentence_of[i]
    if word in _NEUTER and (doc.deps[i] == "expl" or not _acts(doc, i)):
        return None
    clause, below = _clause(doc, i), _in_phrase(doc, i)
    best: tuple[float, int] | None = None
    winner: Draft | None = None
    runner = _NOBODY
    for back in range(3):
        n = here - back
        if n < 0 or doc.sentences[n].paragraph < doc.sentences[here].paragraph - 1:
            break
        for head, draft, _ in _recent(found.get(n), i):
            if head >= i or not (_fits(draft, word) or _members(doc, head, draft, word)):
                continue
            if quoted[i] != quoted[head] and quoted[head]:
                continue
            if quoted[i] and not quoted[head] and back == 0 and _says(doc, head):
                continue
            score = -1.6 * back
            dep = doc.deps[head]
            if dep in _SUBJECT:
                score += 2.0
            elif dep == "poss":
                score += 0.2
            elif dep in ("dobj", "conj", "appos"):
                score += 0.4
            if draft.gender and word not in _NEUTER and word not in _PLURAL:
                score += 0.7
            if word in _NEUTER and draft.kind == "country":
                score += 0.2
            if word in _PLURAL and draft.sector == "UNK" and draft.country is None:
                score -= 1.0  # 'critics', 'individuals'
            same_clause = back == 0 and _clause(doc, head) == clause and not below
            if same_clause and word in ("he", "him", "she", "it", "they", "them") and dep in _SUBJECT:
                continue
            if back == 0:
                score += 0.3
            if winner is draft:
                if best is None or score > best[0]:
                    best = (score, head)
                continue
            if best is None or score > best[0] or (score == best[0] and head > best[1]):
                runner = best[0] if best is not None else runner
                best, winner = (score, head), draft
            else:
                runner = max(runner, score)
    if best is None or winner is None:
        return None
    margin = 0.3 if word in _NEUTER or word in _PLURAL else 0.05
    if best[0] - runner < margin or (word in _NEUTER | _PLURAL and best[0] < 0.3):
        return None
    if runner == _NOBODY and winner.kind == "person" and not winner.gender and word in _MASCULINE | _FEMININE:
        winner.gender = "m" if word in _MASCULINE else "f"  # 'Lin Oden and her aide': whoever else is he is not she
    return winner


def _recent(mentions: list[tuple[int, Draft, str]] | None, i: int) -> list[tuple[int, Draft, str]]:
    """The last mentions of a sentence before token i; a sentence of more is no sentence."""
    if not mentions:
        return []
    at = bisect_left(mentions, i, key=lambda m: m[0])
    return mentions[max(0, at - 60) : at]


def _acts(doc: Document, i: int) -> bool:
    """Keeps 'it' and 'its' to actors: subject of a verb that states do, or a possessor."""
    if doc.lower[i] == "its" or doc.lower[i] == "itself":
        return True
    if doc.deps[i] != "nsubj":
        return False
    verb = doc.heads[i]
    if doc.lemmas[verb] in (
        "be",
        "seem",
        "appear",
        "become",
        "take",
        "mean",
        "happen",
        "rain",
        "snow",
        "remain",
        "turn",
    ):
        return doc.tags[verb] != "MD" and any(
            doc.tags[c] == "VBG" for c in doc.children[verb] if doc.deps[c] == "xcomp"
        )
    return doc.pos[verb] == "VERB"


def _fits(draft: Draft, word: str) -> bool:
    if word in _MASCULINE or word in _FEMININE:
        if draft.kind != "person" or draft.plural:
            return False
        wanted = "m" if word in _MASCULINE else "f"
        return draft.gender in ("", wanted)
    if word in _PLURAL:
        return draft.plural or draft.kind == "group"
    return draft.kind in ("country", "organisation") and not draft.plural


def _members(doc: Document, head: int, draft: Draft, word: str) -> bool:
    """True for a party told in the plural, 'Democrats', that 'they' takes up."""
    return word in _PLURAL and draft.kind == "organisation" and doc.tags[head] in ("NNS", "NNPS")


def _clause(doc: Document, i: int) -> int:
    """The verb that a token belongs to."""
    for j in islice(doc.ancestors(i), 40):
        if doc.pos[j] in ("VERB", "AUX"):
            return j
    return i


def _in_phrase(doc: Document, i: int) -> bool:
    """True for a pronoun that a noun governs and that may mean the subject: 'denied the charges against him'."""
    preposition = doc.heads[i]
    return doc.deps[i] == "pobj" and doc.deps[preposition] == "prep" and doc.pos[doc.heads[preposition]] == "NOUN"


def _says(doc: Document, head: int) -> bool:
    return doc.deps[head] in _SUBJECT and doc.lemmas[doc.heads[head]].lower() in _SAY


def _speaker(doc: Document, i: int, quoted: list[bool], found: dict[int, list[tuple[int, Draft, str]]]) -> Draft | None:
    """Whoever says the quotation that 'I' stands in: the subject of a verb of saying in the sentence or the next."""
    if not quoted[i]:
        return None
    here = doc.sentence_of[i]
    paragraph = doc.sentences[here].paragraph
    for n in (here, here + 1, here - 1):
        if not 0 <= n < len(doc.sentences) or doc.sentences[n].paragraph != paragraph:
            continue
        for head, draft, _ in found.get(n, [])[:60]:
            if not quoted[head] and draft.kind == "person" and not draft.plural and _says(doc, head):
                return draft
    return None
