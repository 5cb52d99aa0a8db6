"""Whom 'the president' and 'the two leaders' mean, of several people of the report who may be meant."""

from __future__ import annotations

from onrecord.model import Document
from onrecord.stages.resolve.cast import Cast, Draft
from onrecord.stages.resolve.phrases import Phrase
from onrecord.stages.resolve.reading import same_office

_HEADS = frozenset({"president", "prime minister", "premier", "chancellor", "king", "queen", "emir", "leader",
                    "supreme leader"})  # fmt: skip


def salient(
    cast: Cast, phrase: Phrase, office: str, roles: list[tuple[int, str, Draft]], people: list[tuple[int, Draft]]
) -> Draft | None:
    """Of several holders of an office, the one named a sentence ago at most, else the one named most often.

    `roles` are the offices that the report gives people around (token, office, person), `people` the people named
    around. Whom the same verb does something to, or with, is not its subject.
    """
    held: list[Draft] = []
    for _, role, draft in roles:
        if same_office(role, office) and draft not in held and not (draft.entry and draft.sector == "ELI"):
            held.append(draft)
    if not held:
        return None
    for _, draft in people:
        term = draft.entry.term(cast.doc.published) if draft.entry is not None and draft not in held else None
        if term is not None and same_office(term.office, office):
            held.append(draft)
    held = [d for d in held if any(h < phrase.head for _, _, h in d.spans)]
    if len(held) < 2:
        return held[0] if held else None
    others = [d for d in held if not beside(cast.doc, d, phrase.head)]
    held = others or held
    near = [d for d in held if _near(cast.doc, d, phrase.head)]
    if len(near) == 1:
        return near[0]
    return max(held, key=lambda d: (len(d.spans), -held.index(d)))


def _near(doc: Document, draft: Draft, head: int) -> bool:
    here = doc.sentence_of[head]
    return any(0 <= here - doc.sentence_of[h] <= 1 for _, _, h in draft.spans if h < head)


def beside(doc: Document, draft: Draft, head: int) -> bool:
    """True for a person whom the verb that the phrase depends on has as another argument."""
    verb = doc.heads[head]
    if doc.deps[head] not in ("nsubj", "nsubjpass", "dobj") or doc.pos[verb] != "VERB":
        return False
    return any(_verb(doc, h) == verb for _, _, h in draft.spans)


def _verb(doc: Document, at: int) -> int:
    """The verb whose object a token is, through a preposition too; itself where there is none."""
    if doc.deps[at] in ("nsubj", "nsubjpass", "dobj", "dative"):
        return doc.heads[at]
    up = doc.heads[at]
    return doc.heads[up] if doc.deps[at] == "pobj" and doc.deps[up] in ("prep", "agent", "dative") else at


def pair(cast: Cast, head: int, people: list[tuple[int, Draft]], leaders: bool) -> list[Draft]:
    """The two people last named together in one of five sentences up to a token; `leaders`: heads of states first."""
    doc = cast.doc
    here = doc.sentence_of[head]
    for back in range(5):
        if here - back < 0:
            break
        sentence = doc.sentences[here - back]
        drafts: list[Draft] = []
        for at, draft in people:
            if sentence.first <= at < min(sentence.last, head) and draft not in drafts:
                drafts.append(draft)
        if leaders and len(drafts) >= 2 and any(_leads(cast, d) for d in drafts):
            drafts = [d for d in drafts if _leads(cast, d)]
        if len(drafts) == 2:
            return drafts
        if len(drafts) > 2:
            return []
    return []


def _leads(cast: Cast, draft: Draft) -> bool:
    term = draft.entry.term(cast.doc.published) if draft.entry is not None else None
    return (term is not None and term.office in _HEADS) or (draft.role or "").lower() in _HEADS
