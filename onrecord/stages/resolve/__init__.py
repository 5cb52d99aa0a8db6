"""resolve: who and where a report speaks of, said once.

Names come from the parser, corrected and completed by the actor lexicon; they are joined into a cast of actors; then
descriptions and pronouns are joined to that cast where the report gives evidence. `actor` codes a single phrase.
"""

from __future__ import annotations

from onrecord.model import Document, Entity, Mention, Span
from onrecord.stages.resolve import nominals, phrases, pronouns, seats
from onrecord.stages.resolve.cast import Cast, gather
from onrecord.stages.resolve.coding import actor
from onrecord.stages.resolve.lexicon import Lexicon, load
from onrecord.stages.resolve.names import Name, find
from onrecord.stages.resolve.places import locate

__all__ = ["Lexicon", "actor", "load", "resolve"]


def resolve(doc: Document, lexicon: Lexicon | None = None) -> tuple[list[Entity], list[Mention]]:
    """The actors and places of a report and all their mentions, in text order.

    The same name has the same entity id in every report; an unnamed person's id belongs to the report. A mention's
    span is the name without its title, the whole noun phrase of a description, or the pronoun. 'The two leaders' has
    one mention for each of them.
    """
    lexicon = lexicon or load()
    described = list(phrases.find(doc, lexicon))
    names = _outside_offices(find(doc, lexicon), described)
    _place_or_government(doc, names)
    cast = gather(doc, lexicon, names)
    _locate(doc, cast)
    nominals.describe(cast, described)
    pronouns.resolve(cast)
    return _rows(doc, cast)


def _outside_offices(names: list[Name], described: list[phrases.Phrase]) -> list[Name]:
    """Without the parser's names that are part of an office: 'State' in 'Secretary of State'."""
    taken = {i for p in described if p.role.kind == "person" for i in range(p.term_first, p.term_last)}
    return [n for n in names if n.entry is not None or not all(i in taken for i in range(n.first, n.last))]


def _place_or_government(doc: Document, names: list[Name]) -> None:
    """A capital that does not act is a place of its own."""
    for name in names:
        if name.form == "seat" and not (_dateline(doc, name) is False and seats.governs(doc, name.head)):
            name.entry = None
            name.kind = "place"
            name.form = "name"


def _dateline(doc: Document, name: Name) -> bool:
    """True for 'WASHINGTON (Reuters) -' and the like at the head of a paragraph."""
    if name.first >= len(doc):
        return False
    sentence = doc.sentences[doc.sentence_of[name.first]]
    paragraph = doc.paragraphs[sentence.paragraph]
    if paragraph.kind == "dateline":
        return True
    if name.first - paragraph.first > 1:
        return False
    after = doc.text[name.span.end : name.span.end + 40].lstrip()
    return after[:1] in "-–—(" or (after[:1] == "," and doc.quote(name.span).isupper())


def _locate(doc: Document, cast: Cast) -> None:
    """Coordinates, and a country, for the places; a place takes an id of its own where the gazetteer knows it."""
    spots = [(name, draft) for name, draft in cast.of_name if draft.kind == "place"]
    if not spots:
        return
    found = locate(doc, [(name.span, "GPE") for name, _ in spots])
    for (_, draft), place in zip(spots, found, strict=True):
        if place is None or draft.geonames_id is not None or draft.latitude is not None:
            continue
        if draft.name.isupper() and len(draft.name) > 3:
            draft.name = place.name
        draft.latitude, draft.longitude = place.latitude, place.longitude
        draft.country, draft.geonames_id = draft.country or place.country, place.geonames_id
        if place.geonames_id is not None:
            draft.canonical = f"{draft.canonical}:{place.geonames_id}"


def _rows(doc: Document, cast: Cast) -> tuple[list[Entity], list[Mention]]:
    entities: dict[str, Entity] = {}
    mentions: dict[tuple[Span, str], Mention] = {}
    rank = {"name": 0, "nominal": 1, "pronoun": 2}
    for draft in cast.drafts.values():
        if not draft.spans:
            continue
        entity = draft.entity(doc.published)
        entities.setdefault(entity.id, entity)
        for span, form, _ in draft.spans:
            old = mentions.get((span, entity.id))
            if span and (old is None or rank[form] < rank[old.form]):
                mentions[span, entity.id] = Mention(span, entity.id, form)
    ordered = sorted(mentions.values(), key=lambda m: (m.span.start, m.span.end, m.entity_id))
    return sorted(entities.values(), key=lambda e: e.id), ordered
