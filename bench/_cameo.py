"""How the record is read where a gold set is coded in CAMEO, on both sides of a comparison by the same table.

PLOVER's table of 2021 (`cameo2plover.tsv`, beside the sets) drops CAMEO's roots 01 (statements) and 02 (appeals) and
calls some codes otherwise than manual 2.0 does (163 is COERCE there, 0832 CONCEDE). The PLOVER types of a CAMEO set
were made with it, so the coder's answers go through it too: `Table.plover`.

The record keeps what somebody says as an attribution, apart from the deed that is told in it. CAMEO has one event for
both. `statement` and `accusations` read the attributions as its coders do.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench import harness
from bench.harness import Missing
from onrecord import schema
from onrecord.exports import political
from onrecord.exports.facts import happened
from onrecord.model import Attribution, Document, EventMention


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SPEECH = _set(
    "say tell announce declare state add remark comment reveal explain note point stress emphasize emphasise "
    "acknowledge admit deny claim confirm predict insist"
)
_REPORTING = frozenset({"MED", "BUS", "JRN", "EDU", "CRM"})
_BYSTANDERS = _set("police authority witness resident doctor medic hospital company firm health")


class Table:
    """CAMEO codes to PLOVER types, as the set's own table has them; without the table, an event keeps its type."""

    def __init__(self, data: Path, root: str) -> None:
        self.types: dict[str, str] = {}
        try:
            path = harness.find(data, root, "cameo2plover.tsv")
        except Missing:
            return
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            code, kind, *_ = line.split("\t")
            self.types[code] = kind

    def plover(self, mention: EventMention) -> str | None:
        """The type that the table gives a mention's CAMEO code; None for a statement or an appeal."""
        code = mention.cameo or ""
        if code[:2] in ("01", "02"):
            return None
        return self.types.get(code, mention.event_type)


def counted(doc: Document, m: EventMention) -> bool:
    """Whether the exports that follow PLOVER, ICEWS and GDELT would count this mention as an event."""
    told = happened({"modality": m.modality, "event_type": m.event_type})
    return told and m.event_type in schema.EVENT_TYPES and relevant(doc, m)


def relevant(doc: Document, m: EventMention) -> bool:
    """Whether the event is political, as `onrecord.exports.political` has it."""
    spans = (*m.actor_spans, *m.recipient_spans)
    inside = {x.entity_id for x in doc.mentions for s in spans if x.span.overlaps(s)}
    known = [doc.entities[i] for i in (*m.actors, *m.recipients) if i in doc.entities]
    known = [e for e in known if e.kind != "country" or e.id in inside]  # not the country that a firm is from
    return political.event(m.event_type, m.mode, m.contexts, [(e.kind, e.country, e.sector) for e in known])


def statement(doc: Document, a: Attribution) -> bool:
    """Whether an attribution is CAMEO's root 01, 'make public statement': a plain word of speech by a political actor.

    A named person counts, with or without an office; what police, doctors, firms, bystanders and 'he' are quoted with
    is where a report has it from. 'saying' only goes on with what its clause has said.
    """
    cue = [t for s in a.cue for t in doc.tokens_in(s)]
    if not any(doc.lemmas[t].lower() in _SPEECH and doc.tags[t] != "VBG" for t in cue):
        return False
    who = doc.entities.get(a.source_entity or "")
    if who is None:
        words = {doc.lemmas[t].lower() for s in a.source for t in doc.tokens_in(s) if doc.pos[t] in ("NOUN", "PROPN")}
        return bool(words) and not words & _BYSTANDERS
    if political.actor(who.kind, who.country, who.sector):
        return who.sector != "COP"
    if who.sector in _REPORTING or who.kind == "organisation":
        return False
    return any(m.entity_id == who.id and m.form == "name" for m in doc.mentions)


def accusations(doc: Document, mentions: Sequence[EventMention]) -> dict[str, Attribution]:
    """Mention ids of hostile deeds that one country's actor says another did, with the attribution.

    CAMEO codes such a sentence by its speaker, as an accusation ('PETRARCH-2', Norris 2016: a statement about a
    conflict between others is 112); the record has the deed, and whose claim it is.
    """
    by_id = {a.id: a for a in doc.attributions}
    out = {}
    for m in mentions:
        a = by_id.get(m.attribution_id or "")
        if a is None or m.quad != 4 or a.source_country is None:
            continue
        deed = {doc.entities[i].country for i in m.actors if i in doc.entities}
        if deed and a.source_country not in deed:
            out[m.id] = a
    return out
