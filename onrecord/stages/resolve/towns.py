"""Names that the lexicon or the parser takes for something else and that the report shows to be places.

'Palestine, Texas', the 'London' of a paper in Ontario, 'born in Churchill, Man.', the dateline 'MAKHACHKALA -'. What
the place names of the report make of such a name (`places.find`) decides, where the words around allow it.
"""

from __future__ import annotations

from onrecord.model import Document
from onrecord.stages.resolve import places
from onrecord.stages.resolve.gazetteer import load
from onrecord.stages.resolve.lexicon import INTERNATIONAL, Lexicon, words
from onrecord.stages.resolve.names import Name
from onrecord.stages.resolve.places import Place
from onrecord.stages.resolve.spotting import treated
from onrecord.text import plain

_OWNED = words("seats", "owned_by_places")
_IN = frozenset({"in", "near", "outside", "around", "into", "across", "through"})


def tell(doc: Document, lexicon: Lexicon, names: list[Name]) -> None:
    """Turn the names of countries, governments and people that are places elsewhere into names of places."""
    called = {w for n in names if n.kind == "person" and len(n.words) > 1 for w in n.words}
    doubtful = [n for n in names if _doubtful(doc, lexicon, n, called)]
    if not doubtful:
        return
    found = dict(places.find(doc))
    for name in doubtful:
        place = found.get(name.span)
        if place is not None and (name.country is None or _abroad(name.country, place)):
            name.entry, name.kind, name.form = None, "place", "name"


def _doubtful(doc: Document, lexicon: Lexicon, name: Name, called: set[str]) -> bool:
    """True for a name that may be a place; `called`: the words of the full names of the report's people."""
    if name.country is not None:
        return name.form in ("name", "seat") and not _all_countries(name)
    if name.entry is not None or name.title or name.form != "name":
        return False
    put = treated(doc, name.first, name.last) or (name.first > 0 and doc.lower[name.first - 1] in _IN)
    put = put or (name.last < len(doc) and doc.lemmas[name.last].lower() in _OWNED)  # 'Marseille mayor Anna Berg'
    if name.kind in ("organisation", "group"):
        one = len(name.words) == 1 and not name.words[0].isupper() and name.words[0].lower() not in lexicon.roles
        return _heads_a_paragraph(doc, name) or (put and one)
    if name.kind != "person" or called.intersection(name.words):
        return False
    if _heads_a_paragraph(doc, name) or _before_a_division(doc, name):
        return True
    return put and plain(name.words[-1]) not in lexicon.surnames


def _before_a_division(doc: Document, name: Name) -> bool:
    """', Ohio' or ', Minn.' follows."""
    if name.last + 1 >= len(doc) or doc.words[name.last] != ",":
        return False
    gazetteer = load()
    ends = [e for e in (name.last + 3, name.last + 2) if e <= len(doc)]
    after = [doc.quote(doc.span(name.last + 1, e)) for e in ends]
    return any(
        w in gazetteer.short or any(r.kind == "division1" and not r.alias for r in gazetteer.candidates(w))
        for w in after
    )


def _all_countries(name: Name) -> bool:
    """True for a name that no town or division abroad bears."""
    return not any(
        e.country != name.country and e.kind in ("town", "division1") and not e.alias
        for e in load().candidates(" ".join(name.words))
    )


def _abroad(country: str, place: Place) -> bool:
    if country in INTERNATIONAL:  # the European Union has its seat in a state
        return False
    return place.kind == "place" and place.country is not None and place.country != country


def _heads_a_paragraph(doc: Document, name: Name) -> bool:
    """'MAKHACHKALA -': a dateline that the parser took for a body."""
    paragraph = doc.paragraphs[doc.sentences[doc.sentence_of[name.first]].paragraph]
    return name.first == paragraph.first and doc.quote(name.span).isupper()
