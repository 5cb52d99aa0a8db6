import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onrecord.lexicon import rows
from onrecord.model import Span
from onrecord.stages.annotate import document
from onrecord.stages.resolve import gazetteer, home, places, resolve
from onrecord.text import cuts_word

CASES = Path(__file__).parent / "cases" / "places"


def cases(name):
    return [json.loads(line) for line in (CASES / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", cases("located.jsonl"), ids=lambda c: c["text"][:40])
def test_a_name_is_put_where_its_context_says(case):
    doc = document(case["text"])
    start = case["text"].index(case["name"])
    found = [p for s, p in places.find(doc) if s.start <= start + len(case["name"]) - 1 < s.end]
    assert found, "not found"
    place = found[0]
    assert place.country == case["country"]
    assert abs(place.latitude - case["near"][0]) < 1.5
    assert abs(place.longitude - case["near"][1]) < 2


@pytest.mark.parametrize("case", cases("absent.jsonl"), ids=lambda c: c["text"][:40])
def test_people_papers_and_unknown_names_are_no_places(case):
    doc = document(case["text"])
    start = case["text"].index(case["name"])
    assert not [s for s, _ in places.find(doc) if s.start <= start < s.end]


def test_locate_answers_each_mention_in_order_and_says_none_when_unsure():
    text = "The minister flew from Ankara to Xqzz and met Syrian officers."
    doc = document(text)
    spans = [(Span(text.index(w), text.index(w) + len(w)), label) for w, label in
             [("Syrian", "NORP"), ("Xqzz", "GPE"), ("Ankara", "GPE")]]  # fmt: skip
    syria, unknown, ankara = places.locate(doc, spans)
    assert syria is not None and (syria.kind, syria.country, syria.name) == ("country", "SYR", "Syria")
    assert unknown is None
    assert ankara is not None and (ankara.kind, ankara.country) == ("place", "TUR")


def test_demonyms_are_mentions_of_a_country_only_when_asked_for():
    doc = document("Syrian officers met Iraqi officers in Baghdad.")
    assert {p.name for _, p in places.find(doc)} == {"Baghdad"}
    assert {p.name for _, p in places.find(doc, demonyms=True)} == {"Baghdad", "Syria", "Iraq"}


def test_the_place_in_an_organisation_s_name_is_a_place_only_when_asked_for():
    doc = document("The Ohio Department of Health sent nurses to Dayton.")
    assert [p.name for _, p in places.find(doc)] == ["Dayton"]
    assert [p.name for _, p in places.find(doc, embedded=True)] == ["Ohio", "Dayton"]


def test_a_state_after_a_town_is_the_state_and_not_its_city():
    doc = document("Students in Ithaca, New York, marched on Friday.")
    assert [(p.name, p.kind, p.admin) for _, p in places.find(doc)] == [
        ("Ithaca", "place", "New York"),
        ("New York", "place", "New York"),
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Drones hit a depot in the Voronezh region, Russian officials said.", "Voronezh Oblast"),
        ("Drones hit a depot in Voronezh, Russian officials said.", "Voronezh"),
    ],
)
def test_a_name_alone_is_the_city_and_with_region_after_it_the_division(text, name):
    assert name in [p.name for _, p in places.find(document(text))]


def test_a_dateline_in_capitals_is_a_place():
    doc = document("BEIRUT (Wire Service) - Two shells landed near the port on Monday.")
    assert [(p.name, p.country) for _, p in places.find(doc)] == [("Beirut", "LBN")]


def test_two_towns_of_one_name_stay_two_when_each_has_its_state():
    doc = document("Firms in Springfield, Ohio, and in Springfield, Illinois, closed.")
    admins = [p.admin for _, p in places.find(doc) if p.name == "Springfield"]
    assert admins == ["Ohio", "Illinois"]


def test_a_small_town_far_from_the_story_is_not_guessed():
    text = "Officials in Lagos and Abuja said Berlin Heights had no part in it."
    doc = document(text)
    at = text.index("Berlin")
    assert places.locate(doc, [(Span(at, at + len("Berlin Heights")), "GPE")]) == [None]


def test_every_country_has_a_point_and_every_region_a_known_country():
    known = gazetteer.load()
    assert len(known.countries) > 240
    for entry in known.countries.values():
        assert -90 <= entry.latitude <= 90 and -180 <= entry.longitude <= 180
        assert known.candidates(entry.name)[0].country == entry.country
    from onrecord import lexicon

    for row in lexicon.rows("places/regions.tsv"):
        if row["kind"] == "division":
            assert any(e.kind == "division1" and e.name == row["name"] for e in known.candidates(row["name"]))
        assert row["country"] in known.countries or row["country"] == ""
        assert -90 <= float(row["latitude"]) <= 90 and -180 <= float(row["longitude"]) <= 180
    divisions = {(r["country"], r["name"]) for r in lexicon.rows("places/divisions.tsv") if r["level"] == "1"}
    assert not [r for r in lexicon.rows("places/division_names.tsv") if (r["country"], r["division"]) not in divisions]


def test_the_index_is_kept_and_read_back_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("ONRECORD_CACHE", str(tmp_path / "kept"))
    before = gazetteer.load().candidates("Aleppo")
    gazetteer.load.cache_clear()
    made = gazetteer.load().candidates("Aleppo")
    gazetteer.load.cache_clear()
    assert list((tmp_path / "kept").glob("towns-*.npz"))
    assert gazetteer.load().candidates("Aleppo") == made == before
    gazetteer.load.cache_clear()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.sampled_from(list("Paris Texas,().'’\n-Ünited S.áé☃")), max_size=120))
def test_any_text_in_whole_words_out(text):
    doc = document(text)
    for span, place in places.find(doc, demonyms=True):
        assert 0 <= span.start < span.end <= len(text)
        assert not cuts_word(text, span.start) and not cuts_word(text, span.end)
        assert place.name


@pytest.mark.parametrize(
    ("outlet", "text", "name", "country", "near"),
    [
        ("dispatch.com", "A fire in Dublin closed two shops on Monday.", "Dublin", "USA", 40.1),
        ("irishtimes.com", "A fire in Dublin closed two shops on Monday.", "Dublin", "IRL", 53.3),
        ("bbc.com", "A fire in Dublin closed two shops on Monday.", "Dublin", "IRL", 53.3),
        ("somewherenews.co.uk", "A school in Edmonton won a prize from a firm in Enfield.", "Edmonton", "GBR", 51.6),
        ("London Free Press", "Two men were hurt in London on Friday, police said.", "London", "CAN", 43.0),
        ("lebanonherald.com", "A fire in Lebanon, Ind., closed two shops.", "Lebanon", "USA", 40.0),
        (None, "A fire in Lebanon closed two shops.", "Lebanon", "LBN", 33.8),
    ],
)
def test_the_paper_decides_between_namesakes(outlet, text, name, country, near):
    doc = document(text)
    doc.outlet = outlet
    (place,) = [p for s, p in places.find(doc) if doc.quote(s) == name]
    assert place.country == country and abs(place.latitude - near) < 1


def test_a_governor_is_no_town_of_his_state():
    doc = document("Gov. Ann Walker of Wisconsin spoke on Monday. Supporters in Madison cheered Walker for an hour.")
    entities, mentions = resolve(doc)
    kinds = {e.id: e.kind for e in entities}
    found = {kinds[m.entity_id] for m in mentions if doc.quote(m.span) in ("Walker", "Ann Walker")}
    assert found == {"person"}


def test_two_countries_beside_each_other_hold_no_town():
    doc = document("He spoke of contacts in Russia, U.S. officials said on Monday.")
    assert [(p.name, p.kind) for _, p in places.find(doc)] == [("Russia", "country"), ("United States", "country")]


def test_what_an_outlet_says_of_its_home():
    columbus = home.of_outlet("www.dispatch.com")
    assert columbus.town is not None and (columbus.town.name, columbus.country) == ("Columbus", "USA")
    assert home.of_outlet("kurier.at").country == "AUT" and home.of_outlet("example.com") == home.Home(host="example")
    assert home.of_outlet(None) == home.of_outlet("")
    assert home.of_outlet("theparisnews.com").named("paris") and home.of_outlet("Paris News").named("paris")
    assert not home.of_outlet("parisian.com").named("paris") and not home.of_outlet("romemail.com").named("rome")
    assert all(home._town(gazetteer.load(), r["town"], r["division"], r["country"]) for r in rows("places/papers.tsv"))


@pytest.mark.parametrize(
    ("outlet", "text", "name", "country"),
    [
        ("palestinecourier.com", "Cars filled Palestine, Texas. Palestine police shut a road.", "Palestine", "USA"),
        ("lfpress.com", "London approved the plan on Monday.", "London", "CAN"),
        (None, "London approved the sanctions on Monday.", "London", "GBR"),
        (None, "The cat was found in Wainwright, Alta., by a train driver.", "Wainwright", "CAN"),
    ],
)  # fmt: skip
def test_a_name_that_the_report_shows_to_be_a_place(outlet, text, name, country):
    doc = document(text)
    doc.outlet = outlet
    entities, mentions = resolve(doc)
    by = {e.id: e for e in entities}
    found = [by[m.entity_id] for m in mentions if doc.quote(m.span) == name]
    assert found and all(e.country == country for e in found)
    assert outlet is None or all(e.kind == "place" for e in found)
