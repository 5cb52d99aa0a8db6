"""Names beside a description that the parser joins to a noun inside it."""

from __future__ import annotations

from onrecord.stages.resolve.cast import Cast, Draft
from onrecord.stages.resolve.phrases import Phrase

_DEPTH = 4  # prepositions of a description that are followed down to a name


def below(cast: Cast, phrase: Phrase) -> Draft | None:
    """'The head of customs in Asperia, Ruben Tallis,': the person named, whom a parser joins to the nearest noun."""
    doc, at = cast.doc, phrase.head
    for _ in range(_DEPTH):
        nouns = [n for p in doc.children[at] if p > at and doc.deps[p] == "prep" for n in doc.children[p]]
        inner = [n for n in nouns if doc.deps[n] == "pobj"]
        if not inner:
            return None
        at = inner[-1]
        holder = cast.at_token.get(at)
        for child in doc.children[at]:
            found = cast.at_token.get(child)
            if doc.deps[child] == "appos" and found and found[1].kind == "person":
                return found[1] if holder is None or holder[1].kind != "person" else None
    return None
