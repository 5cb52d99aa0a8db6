"""resolve: who and where a report speaks of, said once.

Names come from the parser, corrected and completed by the actor lexicon; they are joined into a cast of actors; then
descriptions and pronouns are joined to that cast where the report gives evidence. `actor` codes a single phrase.
"""

from __future__ import annotations

from bisect import bisect_left

from onrecord.model import Document, Entity, Mention, Span
from onrecord.stages.resolve import namesakes, nominals, phrases, pronouns, seats, towns
from onrecord.stages.resolve.cast import Cast, Draft, gather
from onrecord.stages.resolve.coding import actor
from onrecord.stages.resolve.lexicon import Lexicon, load, name_keys, words
from onrecord.stages.resolve.names import Name, find
from onrecord.stages.resolve.places import Place, survey
from onrecord.text import plain

_COMPASS = words("names", "compass")
__all__ = ["Lexicon", "actor", "load", "name_keys", "resolve"]


def resolve(doc: Document, lexicon: Lexicon | None = None) -> tuple[list[Entity], list[Mention]]:
    """The actors and places of a report and all their mentions, in text order.

    The same name has the same entity id in every report; an unnamed person's id belongs to the report. A mention's
    span is the name without its title, the whole noun phrase of a description, or the pronoun. 'The two leaders' has
    one mention for each of them.
    """
    lexicon = lexicon or load()
    described = list(phrases.find(doc, lexicon))
    names = _outside_offices(find(doc, lexicon), described)
    namesakes.tell(doc, lexicon, names)
    _place_or_government(doc, names)
    towns.tell(doc, lexicon, names)
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
        if name.form != "seat":
            continue
        acts = seats.governs(doc, name.head) or seats.speaks(doc, name.first, name.last)
        if _dateline(doc, name) or not acts:
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
    """Coordinates and a country for the places, which take the gazetteer's id; and the places that no name covers."""
    spots = [(name, draft) for name, draft in cast.of_name if draft.kind == "place"]
    located, others = survey(doc, [(name.span, "GPE") for name, _ in spots])
    for (_, named), where in zip(spots, located, strict=True):
        if where is not None:
            _placed(cast, named, where)
        elif named.country is None:
            named.country = _by_compass(cast, named)
    covered = sorted(cast.of_name, key=lambda n: n[0].span)
    for span, place, embedded in others:
        near = bisect_left(covered, span, key=lambda n: n[0].span)
        over = [n for n, d in covered[max(0, near - 2) : near + 2] if n.span.overlaps(span)]
        tokens = doc.tokens_in(span)
        if not tokens or doc.span(tokens.start, tokens.stop) != span:
            continue
        if embedded != bool(over) or len(over) > 1 or (not over and _part_of_a_name(doc, tokens.stop - 1)):
            continue
        if over and not (place.country and over[0].span.covers(span) and over[0].kind == "organisation"):
            continue
        if over and (body := cast.at_token[over[0].head][1]).entry is None and body.country is None:
            body.country = cast.lexicon.held_by.get(place.country or "", place.country)
        name = Name(span, tokens.start, tokens.stop, "place", words=[doc.words[i] for i in tokens])
        name.head = next((i for i in tokens if doc.heads[i] not in tokens or doc.heads[i] == i), tokens.stop - 1)
        draft = cast.country(place.country or "") if place.kind == "country" else None
        if draft is None:
            text = " ".join(doc.quote(span).split())
            draft = cast.draft("place", text, plain(text))
            _placed(cast, draft, place)
        cast.join(name, draft)
    cast.of_name.sort(key=lambda n: n[0].first)


def _by_compass(cast: Cast, named: Draft) -> str | None:
    """The country of 'South Norland', where no list of places has it."""
    point, _, land = named.name.partition(" ")
    found = cast.lexicon.lookup(land) if point.lower() in _COMPASS else None
    return found[1].country if found is not None and found[0] == "name" and found[1].kind == "country" else None


def _part_of_a_name(doc: Document, last: int) -> bool:
    """'Norland' of 'Norland Airways', 'Douglas' of 'Douglas & Reed': no place by itself."""
    following = last + 1
    joined = following + 1 < len(doc) and doc.words[following] in ("&", "-")
    if joined and (doc.words[following] == "&" or doc.ends[last] == doc.starts[following]):
        return doc.words[following + 1][:1].isupper()
    head = doc.heads[last]
    return doc.deps[last] in ("compound", "nmod") and head > last and doc.words[head][:1].isupper()


def _placed(cast: Cast, draft: Draft, place: Place) -> None:
    if draft.geonames_id is not None or draft.latitude is not None:
        return
    if draft.name.isupper() and len(draft.name) > 3:
        draft.name = place.name if plain(place.name) == plain(draft.name) else draft.name.title()
    draft.latitude, draft.longitude, draft.geonames_id = place.latitude, place.longitude, place.geonames_id
    draft.country = draft.country or cast.lexicon.held_by.get(place.country or "", place.country)
    if place.geonames_id is not None and draft.entry is None:
        draft.canonical = f"geonames:{place.geonames_id}"


def _rows(doc: Document, cast: Cast) -> tuple[list[Entity], list[Mention]]:
    entities: dict[str, Entity] = {}
    mentions: dict[tuple[Span, str], Mention] = {}
    rank = {"name": 0, "nominal": 1, "pronoun": 2}
    for draft in cast.drafts.values():
        if not draft.spans:
            continue
        entity = draft.entity(doc.published)
        entities.setdefault(entity.id, entity)
        for found, form, _ in draft.spans:
            span = doc.whole(found)
            old = mentions.get((span, entity.id))
            if span and (old is None or rank[form] < rank[old.form]):
                mentions[span, entity.id] = Mention(span, entity.id, form)
    ordered = sorted(mentions.values(), key=lambda m: (m.span.start, m.span.end, m.entity_id))
    return sorted(entities.values(), key=lambda e: e.id), ordered
