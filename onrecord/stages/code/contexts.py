"""PLOVER contexts: what an event is about, from the words of its sentence."""

from __future__ import annotations

from collections import Counter

from onrecord.model import Document
from onrecord.stages.code.candidates import Candidate
from onrecord.stages.code.ontology import Ontology


def contexts(doc: Document, c: Candidate, ontology: Ontology, most: int = 3) -> tuple[str, ...]:
    """The contexts that the sentence's words speak for, the most frequent first; ties in the lexicon's order."""
    sentence = doc.sentences[doc.sentence_of[c.anchor]]
    counts: Counter[str] = Counter()
    for at in range(sentence.first, min(sentence.last, sentence.first + 120)):
        for name in ontology.contexts.get(doc.lemmas[at].lower(), ()):
            counts[name] += 1
    if c.mode in ("cyber", "misinformation"):
        counts[c.mode] += 100
    return tuple(name for name, _ in counts.most_common(most))
