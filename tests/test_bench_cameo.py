"""How attributions and CAMEO codes are read where a gold set is coded in CAMEO."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import _cameo, events, harness
from onrecord.model import Document
from onrecord.stages import code

ONTOLOGY = code.load_ontology()


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    pytest.MonkeyPatch().setenv("ONRECORD_BENCH_CACHE", str(tmp_path_factory.mktemp("cache")))


def read(text: str) -> Document:
    (doc,) = events.prepare([text])
    return doc


@pytest.mark.parametrize(
    ("text", "roots"),
    [
        ("Norway's foreign minister said the road to Kenya was open.", {"01"}),
        ("Anna Larsen said the road was open.", {"01"}),
        ("Police said the road was open.", set()),
        ("He said the road was open.", set()),
        ("A witness said the road was open.", set()),
        ("The bakery's owner said bread was cheap.", set()),
        ("Norway's foreign minister condemned Kenya, saying it was wrong.", {"11"}),
        ("Norway's foreign minister urged Kenya to leave Mali.", {"02"}),
        ("A man stabbed his neighbour in Bergen.", set()),
        ("Gunmen killed three soldiers in Mali.", {"19"}),
        ("Gunmen killed three farmers in Mali.", {"18"}),
        ("Norway might attack Kenya.", set()),
    ],
)
def test_cameo_roots(text: str, roots: set[str]) -> None:
    doc = read(text)
    assert events.cameo_roots(doc, code.code(doc, ONTOLOGY)) == roots


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Norway said that Kenya had attacked Mali.", {("ACCUSE", "NOR", "KEN")}),
        ("Medics said that Kenya had attacked Mali.", {("ASSAULT", "KEN", "MLI")}),
        ("Norway said that Norway had attacked Mali.", {("ASSAULT", "NOR", "MLI")}),
        ("Norway urged Kenya to help Mali.", set()),
        ("Norway demanded that Kenya help Mali.", {("REQUEST", "NOR", "KEN")}),
        ("The villagers were killed yesterday.", set()),
        ("A student smashed the window of the bank.", set()),
    ],
)
def test_petrarch_events(text: str, found: set[tuple[str, str, str]]) -> None:
    doc = read(text)
    table = _cameo.Table(Path("nowhere"), "event_coding")
    assert events.petrarch_events(doc, code.code(doc, ONTOLOGY), table) == found


def test_codes_go_through_the_table_of_the_set(tmp_path: Path) -> None:
    (tmp_path / "cameo2plover.tsv").write_text("cameo\tplover_event\tplover_mode\n163\tCOERCE\trestrict\n", "utf-8")
    doc = read("Norway imposed sanctions on Kenya.")
    (mention,) = code.code(doc, ONTOLOGY)
    assert _cameo.Table(tmp_path, ".").plover(mention) == "COERCE"
    assert _cameo.Table(tmp_path / "none", ".").plover(mention) == "SANCTION"


def test_a_dateline_is_no_party() -> None:
    doc = read("NAIROBI, Kenya: Gunmen released two priests on Friday.")
    (mention,) = code.code(doc, ONTOLOGY)
    assert [doc.quote(s) for s in mention.actor_spans] == ["Gunmen"]
    (bare,) = harness.documents(["Gunmen released two priests."], datelines=True)
    assert [s.kind for s in bare.segments] == ["body"]


def test_the_country_that_a_firm_is_from_makes_nothing_political() -> None:
    for text, counts in (
        ("Larsen Brothers filed a lawsuit against Hill & Sons, the Canadian subsidiary of a mining firm.", False),
        ("Larsen Brothers filed a lawsuit against Canada.", True),
    ):
        doc = read(text)
        assert [_cameo.counted(doc, m) for m in code.code(doc, ONTOLOGY)] == [counts], text
