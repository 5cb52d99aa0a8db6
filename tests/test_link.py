"""link: one entity across reports."""

from __future__ import annotations

from itertools import permutations

from onrecord import schema
from onrecord.stages.link import link


def merged(people: list[tuple[str, str, str | None]], story: dict[str, str]) -> dict[str, str]:
    """Names to the name that each is merged into; `people` are (report, name, country)."""
    ids = {name: f"e_{n:02d}" for n, (_, name, _) in enumerate(people)}
    entities = schema.ENTITIES.from_rows(
        {"entity_id": ids[name], "name": name, "kind": "person", "country": country} for _, name, country in people
    )
    mentions = schema.ENTITY_MENTIONS.from_rows(
        {"report_id": report, "char_start": n, "char_end": n + 1, "entity_id": ids[name], "form": "name"}
        for n, (report, name, _) in enumerate(people)
    )
    stories = schema.STORY_REPORTS.from_rows({"story_id": s, "report_id": r} for r, s in story.items())
    names = {v: k for k, v in ids.items()}
    return {names[a]: names[b] for a, b in link(entities, mentions, schema.REPORTS.empty(), stories).items()}


def test_a_misspelt_given_name_is_the_same_person() -> None:
    out = merged([("r1", "Marianne Holt", "NOR"), ("r2", "Mariane Holt", None)], {"r1": "s1", "r2": "s1"})
    assert out == {"Mariane Holt": "Marianne Holt"}


def test_a_surname_alone_joins_the_one_full_name_of_the_story() -> None:
    out = merged([("r1", "Petra Vance-Okoro", None), ("r2", "Okoro", None)], {"r1": "s1", "r2": "s1"})
    assert out == {"Okoro": "Petra Vance-Okoro"}


def test_an_initial_and_another_order_are_the_same_person() -> None:
    out = merged(
        [("r1", "Jun Takeda", "JPN"), ("r2", "Takeda Jun", None), ("r3", "J. Takeda", None)],
        {"r1": "s1", "r2": "s1", "r3": "s1"},
    )
    assert out == {"Takeda Jun": "Jun Takeda", "J. Takeda": "Jun Takeda"}


def test_two_people_of_one_surname_stay_two() -> None:
    people = [("r1", "Karl Lindqvist", None), ("r2", "Sofia Lindqvist", None), ("r3", "Lindqvist", None)]
    assert merged(people, {"r1": "s1", "r2": "s1", "r3": "s1"}) == {}


def test_people_of_two_countries_or_two_stories_stay_two() -> None:
    assert merged([("r1", "Ana Costa", "PRT"), ("r2", "Anna Costa", "BRA")], {"r1": "s1", "r2": "s1"}) == {}
    assert merged([("r1", "Annaliese Berg", None), ("r2", "Anneliese Berg", None)], {"r1": "s1", "r2": "s2"}) == {}


def test_the_order_of_rows_does_not_matter() -> None:
    people = [("r1", "Jun Takeda", "JPN"), ("r2", "Takeda", None), ("r3", "J. Takeda", None)]
    story = {"r1": "s1", "r2": "s1", "r3": "s1"}
    groups = {frozenset(merged(list(p), story)) for p in permutations(people)}
    assert groups == {frozenset({"Takeda", "J. Takeda"})}


def test_an_unnamed_official_copied_word_for_word_is_one() -> None:
    head = "A senior port official"
    tail = ", who asked not to be named because the talks were still going on, said the crane had failed."
    texts = {"r1": head + tail, "r2": "Update: " + head.lower() + tail, "r3": head + " told reporters that it was " * 5}
    entities = schema.ENTITIES.from_rows(
        {"entity_id": f"e_{r}", "name": "senior port official", "kind": "person"} for r in texts
    )
    mentions = schema.ENTITY_MENTIONS.from_rows(
        {"report_id": r, "char_start": at, "char_end": at + len(head), "entity_id": f"e_{r}", "form": "nominal"}
        for r, at in (("r1", 0), ("r2", 8), ("r3", 0))
    )
    reports = schema.REPORTS.from_rows({"report_id": r, "uri": r, "text": t} for r, t in texts.items())
    stories = schema.STORY_REPORTS.from_rows({"story_id": "s1", "report_id": r} for r in texts)
    assert link(entities, mentions, reports, stories) == {"e_r2": "e_r1"}
