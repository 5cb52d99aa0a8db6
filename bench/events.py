"""Events: type, parties and place against sentence-level gold sets of six ontologies, read through PLOVER.

The peer is nearest-example (`bench/_nearest.py`): the lexicon's own example sentences as labelled vectors (means of the
parser's word vectors), each item given the label of the closest. What a set calls something else is mapped in the open,
for coder and peer alike: `_GSR`, `_YIELD`, and `bench/_sub_events.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench import _cameo, harness
from bench._nearest import Nearest
from bench.harness import Counts, Figure, Missing
from onrecord import schema
from onrecord.model import Document, EventMention, Span
from onrecord.stages import attribute, code, resolve, time

ROOT = "event_coding"
FIGURES = [
    Figure(
        "events.plv.root_macro_f1", "PLV, codebook sentences: PLOVER root, macro F1", "0.824 (ZSP, large NLI model)"
    ),
    Figure("events.plv.quad_macro_f1", "PLV, codebook sentences: quad class, macro F1", "0.896 (ZSP)"),
    Figure(
        "events.plv_news.root_macro_f1", "PLV, news sentences (its train part, not used for training): root, macro F1"
    ),
    Figure("events.plv_news.quad_macro_f1", "PLV, news sentences: quad class, macro F1"),
    Figure("events.plover_gsr.type", "PLOVER gold records: share of right event types"),
    Figure("events.plover_gsr.actor_country", "share of right actor countries"),
    Figure("events.plover_gsr.recipient_country", "share of right recipient countries"),
    Figure("events.plover_gsr.type_countries", "share with type and both countries right"),
    Figure(
        "events.petrarch2.types",
        "PETRARCH-2 records whose set of PLOVER types is exactly right",
        blind="30 items, several labelled against PLOVER's rulings; claims are read as accusations (bench/_cameo.py)",
    ),
    Figure("events.petrarch2.records", "records right in types and in countries of source and target"),
    Figure(
        "events.cameo_multi.root_f1",
        "sets of CAMEO roots against each coder, F1, of what exports count",
        ceiling="0.600 (coders)",
    ),
    Figure("events.case2021.weighted_f1", "CASE 2021 task 2, 30 classes, weighted F1", "0.771 (supervised)"),
    Figure("events.case2021.macro_f1", "the same, macro F1"),
    *(
        Figure(f"events.india_police.{unit}.{label}", f"IndiaPoliceEvents, {unit}: {label}, F1")
        for unit in ("sentences", "documents")
        for label in ("kill", "arrest", "fail", "force", "any_action")
    ),
    Figure("events.satp.relevant_f1", "SATP: reports with an attack by an armed group, F1"),
    Figure(
        "events.location.f1",
        "event_location: token F1 of place words of a given verb",
        "0.83 precision and recall",
        blind="the weights are fitted on the development half: there, the cross-validated figure is the one to read",
    ),
    Figure("events.location.cross_validated_f1", "the same, each fold under weights fitted on the other four"),
    Figure("events.location.precision", "the same, precision"),
    Figure("events.location.recall", "the same, recall"),
    Figure("events.location.gold_f1", "the same, relabelled gold items only"),
    Figure("events.words_per_second", "words coded a second from stored parses, one process"),
    Figure("peer.events.plv.root_macro_f1", "nearest example by word vectors: PLV root, macro F1"),
    Figure("peer.events.plv.quad_macro_f1", "nearest example: PLV quad class, macro F1"),
    Figure("peer.events.plover_gsr.type", "nearest example: PLOVER gold records, type"),
    Figure("peer.events.petrarch2.types", "nearest example or counter-example: PETRARCH-2 records, set of types"),
    Figure("peer.events.cameo_multi.root_f1", "nearest example or counter-example: CAMEO roots, F1"),
    Figure("peer.events.case2021.weighted_f1", "nearest example, read by the same rules: CASE 2021, weighted F1"),
    Figure("peer.events.case2021.macro_f1", "the same, macro F1"),
    *(
        Figure(f"peer.events.india_police.{unit}.{label}", f"nearest example of each sentence: {unit}, {label}, F1")
        for unit in ("sentences", "documents")
        for label in ("kill", "arrest", "fail", "force", "any_action")
    ),
    Figure("peer.events.satp.relevant_f1", "nearest example: SATP, F1"),
    Figure("peer.events.location.f1", "nearest place name: event_location, token F1"),
]

_GSR = {"DEMAND": "REQUEST", "DISAPPROVE": "ACCUSE", "INVESTIGATE": "ACCUSE", "FIGHT": "ASSAULT"}
_YIELD = {"CONCEDE": "YIELD", "RETREAT": "YIELD"}
_INTERNATIONAL = frozenset({"IGO", "UNO", "EUR", "NAT", "NATO", "EU", "NGO", "IMG", "ISM", "MNC", "AU", "ASEAN"})
_COUNTRY = {"JAP": "JPN"}


def _coded(doc: Document, ontology: code.Ontology) -> list[EventMention]:
    """The event mentions of PLOVER's own types; the sets know no accidents."""
    return [m for m in code.code(doc, ontology) if m.event_type in schema.EVENT_TYPES]


def run(data: Path, limit: int | None) -> dict[str, float]:
    """The figures of every set that is there."""
    ontology = code.load_ontology()
    out: dict[str, float] = {}
    tasks: tuple[Callable[[Path, int | None, code.Ontology], dict[str, float]], ...] = (
        _plv, _gsr, _petrarch, _multi, _case, _police, _satp, _location, _speed,
    )  # fmt: skip
    for task in tasks:
        try:
            out |= task(data, limit, ontology)
        except Missing as error:
            print(f"events: {error}", file=sys.stderr)
    return out


def prepare(texts: list[str], facts: list[dict[str, Any]] | None = None) -> list[Document]:
    """Parsed documents with entities, times and attributions, as the pipeline would hand them to the coder."""
    docs = harness.documents(texts, facts, datelines=True)
    for doc in docs:
        complete(doc)
    return docs


def complete(doc: Document) -> Document:
    """The document with what the stages before the coder find in it."""
    if hasattr(resolve, "resolve"):
        entities, mentions = resolve.resolve(doc)
        doc.entities, doc.mentions = {e.id: e for e in entities}, tuple(mentions)
    doc.timexes = tuple(time.find_times(doc))
    doc.attributions = tuple(attribute.attribute(doc))
    return doc


def _plv(data: Path, limit: int | None, ontology: code.Ontology) -> dict[str, float]:
    items = harness.items(data, f"{ROOT}/plv", limit=limit)
    docs = prepare([i["text"] for i in items])
    out: dict[str, float] = {}
    peer = Nearest(ontology)
    for part, name in (("test", "plv"), ("train", "plv_news")):
        roots, quads, theirs, their_quads = [], [], [], []
        for item, doc in zip(items, docs, strict=True):
            if item["orig_split"] != part:
                continue
            kind, quad = code.relation(doc, _span(item, "source"), _span(item, "target"), ontology)
            roots.append((item["gold_root"], _plv_root(kind)))
            quads.append((str(item["gold_penta"]), _plv_quad(kind, quad)))
            near = peer.label(item["text"])
            theirs.append((item["gold_root"], _plv_root(near)))
            their_quads.append((str(item["gold_penta"]), _plv_quad(near, ontology.types[near].quad)))
        if roots:
            out[f"events.{name}.root_macro_f1"] = harness.macro_f1(roots)
            out[f"events.{name}.quad_macro_f1"] = harness.macro_f1(quads)
            if name == "plv":
                out["peer.events.plv.root_macro_f1"] = harness.macro_f1(theirs)
                out["peer.events.plv.quad_macro_f1"] = harness.macro_f1(their_quads)
    return out


def _plv_root(kind: str | None) -> str:
    return _YIELD.get(kind or "", kind or "none")


def _plv_quad(kind: str | None, quad: int | None) -> str:
    return "2" if kind in _YIELD else str(quad)


def _span(item: dict[str, Any], role: str) -> Span | None:
    return next((Span(s["start"], s["end"]) for s in item["spans"] if s["role"] == role), None)


def _gsr(data: Path, limit: int | None, ontology: code.Ontology) -> dict[str, float]:
    items = harness.items(data, f"{ROOT}/plover_gsr", limit=limit)
    docs = prepare([i["text"] for i in items])
    peer = Nearest(ontology)
    kinds = actors = recipients = both = near = 0
    for item, doc in zip(items, docs, strict=True):
        gold = _GSR.get(item["event"], item["event"])
        mention = code.main_event(doc, ontology)
        who = _countries(doc, mention.actors) if mention else set()
        whom = _countries(doc, mention.recipients) if mention else set()
        right = mention is not None and mention.event_type == gold
        source, target = _gold_countries(item["source"]), _gold_countries(item["target"])
        mutual = mention is not None and (not mention.recipients or not item["target"])
        actor_right = who == source or (mutual and who | whom == source | target)
        recipient_right = whom == target or (mutual and who | whom == source | target)
        kinds += right
        actors += actor_right
        recipients += recipient_right
        both += right and actor_right and recipient_right
        near += peer.label(item["text"]) == gold
    n = len(items)
    return {
        "events.plover_gsr.type": kinds / n,
        "events.plover_gsr.actor_country": actors / n,
        "events.plover_gsr.recipient_country": recipients / n,
        "events.plover_gsr.type_countries": both / n,
        "peer.events.plover_gsr.type": near / n,
    }


def _countries(doc: Document, ids: Iterable[str]) -> set[str]:
    codes = {doc.entities[i].country for i in ids if i in doc.entities}
    return {"IGO" if c in _INTERNATIONAL else c for c in codes if c}


def _gold_countries(parties: list[Any]) -> set[str]:
    codes = {str(p["code"])[:3] for p in parties if isinstance(p, dict) and p.get("code")}
    return {_COUNTRY.get(c, "IGO" if c in _INTERNATIONAL else c) for c in codes if c.isalpha()}


def _petrarch(data: Path, limit: int | None, ontology: code.Ontology) -> dict[str, float]:
    """As its authors score it: a record is right when exactly the listed events come back, each with a coded source."""
    items = [i for i in harness.items(data, f"{ROOT}/petrarch2_validation", limit=limit) if i["text"]]
    docs = prepare([i["text"] for i in items])
    types = records = near = 0
    peer, table = Nearest(ontology), _cameo.Table(data, ROOT)
    for item, doc in zip(items, docs, strict=True):
        gold = {
            (e["plover_derived"], _three(e["source"]), _three(e["target"]))
            for e in item["events"]
            if e["plover_derived"]
        }
        found = petrarch_events(doc, _coded(doc, ontology), table)
        types += {g[0] for g in gold} == {f[0] for f in found}
        records += gold == found
        near += {g[0] for g in gold} == peer.types(item["text"])
    return {
        "events.petrarch2.types": types / len(items),
        "events.petrarch2.records": records / len(items),
        "peer.events.petrarch2.types": near / len(items),
    }


def petrarch_events(doc: Document, mentions: list[EventMention], table: _cameo.Table) -> set[tuple[str, str, str]]:
    """(PLOVER type, country of source, of target) of the mentions that PETRARCH-2 would code: those with a source."""
    out = set()
    claims = _cameo.accusations(doc, mentions)
    for m in mentions:
        kind = table.plover(m)
        who, whom = sorted(_countries(doc, m.actors)) or [""], sorted(_countries(doc, m.recipients)) or [""]
        if m.id in claims:
            kind, who, whom = "ACCUSE", [_three(claims[m.id].source_country or "")], who
        if m.modality in ("negated", "hypothetical") or kind is None or not m.actors or not any(who + whom):
            continue
        if not m.recipients and len(who) > 1:
            who, whom = who[:1], who[1:]
        out |= {(kind, a, r) for a in who for r in whom}
    return out


def _three(actor: str) -> str:
    country = actor[:3]
    return "" if not country.isalpha() else ("IGO" if country in _INTERNATIONAL else country)


def _multi(data: Path, limit: int | None, ontology: code.Ontology) -> dict[str, float]:
    """Against each coder: the CAMEO roots of the events that an export would count, and 01 for statements."""
    items = harness.items(data, f"{ROOT}/cameo_multi_annotator", limit=limit)
    counts, theirs, peer = Counts(), Counts(), Nearest(ontology)
    for item, doc in zip(items, prepare([i["text"] for i in items]), strict=True):
        near = peer.roots(item["text"])
        found = cameo_roots(doc, _coded(doc, ontology))
        for rater in item["raters"]:
            gold = {e["cameo_root"] for e in rater["events"] if e["cameo_root"]}
            counts.add(len(gold & found), len(found), len(gold))
            theirs.add(len(gold & near), len(near), len(gold))
    return {"events.cameo_multi.root_f1": counts.f1, "peer.events.cameo_multi.root_f1": theirs.f1}


def cameo_roots(doc: Document, mentions: list[EventMention]) -> set[str]:
    """The CAMEO roots of the mentions that count, with 01 where the text quotes a statement."""
    found = {m.cameo[:2] for m in mentions if m.cameo and _cameo.counted(doc, m)}
    return found | {"01" for a in doc.attributions if _cameo.statement(doc, a)}


def _case(data: Path, limit: int | None, ontology: code.Ontology) -> dict[str, float]:
    from bench._sub_events import sub_event

    items = harness.items(data, f"{ROOT}/case2021_task2", limit=limit)
    docs, peer = prepare([i["text"] for i in items]), Nearest(ontology)
    out: dict[str, float] = {}
    readers: tuple[tuple[str, Callable[[Document], list[EventMention]]], ...] = (
        ("", lambda doc: _coded(doc, ontology)),
        ("peer.", peer.mentions),
    )
    for prefix, read in readers:
        pairs = [(item["label"], sub_event(doc, read(doc))) for item, doc in zip(items, docs, strict=True)]
        out[f"{prefix}events.case2021.weighted_f1"] = _weighted_f1(pairs)
        out[f"{prefix}events.case2021.macro_f1"] = harness.macro_f1(pairs)
    return out


def _weighted_f1(pairs: list[tuple[str, str]]) -> float:
    weighted = 0.0
    for label in sorted({gold for gold, _ in pairs}):
        c = Counts()
        for gold, predicted in pairs:
            c.add(gold == predicted == label, predicted == label, gold == label)
        weighted += c.f1 * c.gold
    return weighted / len(pairs)


def _police(data: Path, limit: int | None, ontology: code.Ontology) -> dict[str, float]:
    items = harness.items(data, f"{ROOT}/india_police_events", limit=limit)
    docs, peer = prepare([i["text"] for i in items]), Nearest(ontology)
    out = _police_f1(items, docs, "", lambda doc, _: _coded(doc, ontology))
    return out | _police_f1(items, docs, "peer.", peer.mentions)


def _police_f1(
    items: list[dict[str, Any]],
    docs: list[Document],
    prefix: str,
    read: Callable[[Document, list[Span]], list[EventMention]],
) -> dict[str, float]:
    """F1 by label of sentences and documents, for a reader of a document and its sentences."""
    from bench._sub_events import police_labels

    labels = ("KILL", "ARREST", "FAIL", "FORCE", "ANY_ACTION")
    sentences, documents = {x: Counts() for x in labels}, {x: Counts() for x in labels}
    for item, doc in zip(items, docs, strict=True):
        rows = [s for s in item["sentences"] if s["start"] is not None]
        mentions = read(doc, [Span(s["start"], s["end"]) for s in rows])
        found = [(m.anchor.start, police_labels(doc, m)) for m in mentions]
        whole: set[str] = set()
        for s in rows:
            mine = {x for at, names in found if s["start"] <= at < s["end"] for x in names}
            whole |= mine
            for x in labels:
                sentences[x].add(x in mine and x in s["labels"], x in mine, x in s["labels"])
        for x in labels:
            documents[x].add(x in whole and x in item["doc_labels"], x in whole, x in item["doc_labels"])
    return {
        f"{prefix}events.india_police.{unit}.{x.lower()}": counts[x].f1
        for unit, counts in (("sentences", sentences), ("documents", documents))
        for x in labels
    }


def _satp(data: Path, limit: int | None, ontology: code.Ontology) -> dict[str, float]:
    items = harness.items(data, f"{ROOT}/satp", limit=min(limit or 1200, 1200))
    counts, theirs, peer = Counts(), Counts(), Nearest(ontology)
    for item, doc in zip(items, prepare([i["text"] for i in items]), strict=True):
        near = "ASSAULT" in peer.types(item["text"])
        theirs.add(near and item["is_relevant"], near, item["is_relevant"])
        found = any(m.event_type == "ASSAULT" and m.modality in ("actual", "ongoing") for m in _coded(doc, ontology))
        counts.add(found and item["is_relevant"], found, item["is_relevant"])
    return {"events.satp.relevant_f1": counts.f1, "peer.events.satp.relevant_f1": theirs.f1}


def _location(data: Path, limit: int | None, ontology: code.Ontology) -> dict[str, float]:
    from bench import _placing

    items = harness.items(data, f"{ROOT}/event_location", limit=limit)
    ours, gold_only, near = Counts(), Counts(), Counts()
    docs = prepare([i["text"] for i in items])
    for item, doc in zip(items, docs, strict=True):
        gold = _tokens(doc, [Span(s["start"], s["end"]) for s in item["location_spans"]])
        anchors = [t for s in item["verb_spans"] for t in doc.tokens_in(Span(s["start"], s["end"]))]
        if not anchors:
            continue
        found = _tokens(doc, [span for span, _ in code.where(doc, anchors[0])])
        ours.add(len(gold & found), len(found), len(gold))
        if item["gold"]:
            gold_only.add(len(gold & found), len(found), len(gold))
        spots = [s for s, label, *_ in doc.named_entities if label in ("GPE", "LOC", "FAC")]
        spots.sort(key=lambda s: abs(s.start - doc.starts[anchors[0]]))
        nearest = _tokens(doc, spots[:1])
        near.add(len(gold & nearest), len(nearest), len(gold))
    return {
        "events.location.f1": ours.f1,
        "events.location.cross_validated_f1": _placing.cross_validated(
            [r for i, d in zip(items, docs, strict=True) if (r := _placing.prepared(i, d)) is not None]
        ).f1,
        "events.location.precision": ours.precision,
        "events.location.recall": ours.recall,
        "events.location.gold_f1": gold_only.f1,
        "peer.events.location.f1": near.f1,
    }


def _tokens(doc: Document, spans: Iterable[Span]) -> set[int]:
    return {t for s in spans for t in doc.tokens_in(s)}


def _speed(data: Path, limit: int | None, ontology: code.Ontology) -> dict[str, float]:
    import time

    items = harness.items(data, f"{ROOT}/india_police_events", limit=min(limit or 100, 100))
    docs = prepare([i["text"] for i in items])
    start = time.process_time()
    words = 0
    for doc in docs:
        _coded(doc, ontology)
        words += len(doc)
    return {"events.words_per_second": words / (time.process_time() - start)}
