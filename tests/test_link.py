"""link: one entity across reports."""

from __future__ import annotations

import re
from datetime import UTC, datetime
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


def unnamed(texts: list[str], head: str, days: list[int] | None = None) -> list[set[int]]:
    """Groups of the reports whose 'a HEAD' is one person; reports of one story, `days` of a January."""
    ids = [f"r{n}" for n in range(len(texts))]
    entities = schema.ENTITIES.from_rows({"entity_id": f"e_{r}", "name": head, "kind": "person"} for r in ids)
    mentions = []
    for r, text in zip(ids, texts, strict=True):
        for m in re.finditer(rf"(?P<nominal>(?:[Aa] |[Tt]he ){head})|(?P<pronoun>\b[Ss]?[Hh]e\b)", text):
            form = str(m.lastgroup)
            mentions.append(
                {"report_id": r, "char_start": m.start(), "char_end": m.end(), "entity_id": f"e_{r}", "form": form}
            )
    reports = schema.REPORTS.from_rows(
        {"report_id": r, "uri": r, "text": t, "published_at": datetime(2024, 1, day, tzinfo=UTC) if days else None}
        for r, t, day in zip(ids, texts, days or [1] * len(ids), strict=True)
    )
    stories = schema.STORY_REPORTS.from_rows({"story_id": "s1", "report_id": r} for r in ids)
    merges = link(entities, schema.ENTITY_MENTIONS.from_rows(mentions), reports, stories)
    groups: dict[str, set[int]] = {}
    for n, r in enumerate(ids):
        groups.setdefault(merges.get(f"e_{r}", f"e_{r}"), set()).add(n)
    return sorted(groups.values(), key=min)


PORT = "senior port official"


def test_an_unnamed_official_described_alike_in_a_story_is_one() -> None:
    texts = [
        "A senior port official said the crane had failed.",
        "The crane fell, according to a senior port official.",
    ]
    assert unnamed(texts, PORT) == [{0, 1}]
    assert unnamed(texts, PORT, [3, 4]) == [{0, 1}]


def test_officials_whom_a_fact_tells_apart_stay_two() -> None:
    said = "A senior port official said the crane had failed."
    assert unnamed([said, said.replace("had", "has")], PORT, [3, 12]) == [{0}, {1}]
    he, she = (
        "A senior port official spoke. He blamed rust.",
        "A senior port official spoke. She blamed wind.",
    )
    assert unnamed([he, she], PORT) == [{0}, {1}]
    here, there = (
        "A senior port official told Fjord Post of rust.",
        "A senior port official told the Gulf Wire of wind.",
    )
    assert unnamed([here, there], PORT) == [{0}, {1}]


def test_descriptions_that_say_too_little_join_nobody() -> None:
    assert unnamed(["A senior official said so.", "It was so, a senior official said."], "senior official") == [
        {0},
        {1},
    ]
    assert unnamed(["A local resident said so.", "It was so, a local resident said."], "local resident") == [{0}, {1}]


def test_an_unnamed_person_copied_word_for_word_is_one() -> None:
    tail = ", who asked not to be named because the talks were still going on, said the crane had failed."
    assert unnamed(["A local resident" + tail, "Update: a local resident" + tail], "local resident") == [{0, 1}]
