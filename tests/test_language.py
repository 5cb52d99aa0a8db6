from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import onrecord
from onrecord.stages.read.language import language_of

ENGLISH = (
    "The ferry sank at dawn on Tuesday, officials said. Two passengers were missing after the storm, and the coast "
    "guard sent divers to the bay, where they searched the cabins until the light went."
)
GERMAN = (
    "Die Fähre sank am Dienstag im Morgengrauen, teilten die Behörden mit. Zwei Fahrgäste wurden nach dem Sturm noch "
    "vermisst, und die Küstenwache schickte Taucher in die Bucht, die bis zum Einbruch der Dunkelheit suchten."
)
OTHERS = {
    "de": GERMAN,
    "fr": "Le bac a coulé mardi à l'aube, ont indiqué les autorités. Deux passagers étaient toujours portés disparus "
    "après la tempête et les garde-côtes ont envoyé des plongeurs dans la baie.",
    "es": "El transbordador se hundió el martes al amanecer, informaron las autoridades. Dos pasajeros seguían "
    "desaparecidos tras la tormenta y los guardacostas enviaron buzos a la bahía.",
    "ru": "Паром затонул во вторник на рассвете, сообщили власти. Двое пассажиров пропали без вести после шторма, и "
    "береговая охрана направила в бухту водолазов, которые искали до темноты.",
    "zh": "周二黎明，一艘渡轮在港口外沉没，官员们说。风暴过后仍有两名乘客失踪，海岸警卫队派潜水员前往海湾搜寻，"
    "直到天黑才停止。交通部表示，这是两年内该航线上的第三起事故，并承诺展开调查，公布结果。",
}


@pytest.mark.parametrize(("code", "text"), OTHERS.items())
def test_other_languages_are_told(code: str, text: str) -> None:
    assert language_of(text) == code


def test_english_is_told_whatever_the_template_says() -> None:
    assert language_of(ENGLISH) == "en"
    assert language_of(ENGLISH * 4, "de") == "en"
    assert language_of(GERMAN * 4, "en") == "de"


def test_a_short_text_is_what_its_input_says_or_unknown() -> None:
    assert language_of("Fähre gesunken", "de") == "de"
    assert language_of("Kelmouth 2, Norland 1") is None
    assert language_of("Kelm Norland Ford Ana Kelmouth 3 4 5 6 7 8 9 10 11 12 13") is None


@given(st.text(max_size=400), st.sampled_from([None, "en", "xx"]))
def test_any_text_has_a_code_or_none(text: str, stated: str | None) -> None:
    found = language_of(text, stated)
    assert found is None or len(found) == 2


def test_a_report_in_another_language_is_kept_and_marked(tmp_path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text(ENGLISH, encoding="utf-8")
    (tmp_path / "in/b.txt").write_text(GERMAN, encoding="utf-8")
    record = onrecord.build([tmp_path / "in"], tmp_path / "r.duckdb")
    reports = {r["uri"].split("/")[-1]: r for r in record.table("reports").to_pylist()}
    assert {u: r["language"] for u, r in reports.items()} == {"a.txt": "en", "b.txt": "de"}
    german = reports["b.txt"]["report_id"]
    problems = [(p["report_id"], p["stage"], p["reason"]) for p in record.table("problems").to_pylist()]
    assert problems == [(german, "segment", "language")]
    assert german in record.table("segments")["report_id"].to_pylist()
    for table in ("timexes", "entity_mentions", "attributions", "event_mentions"):
        assert german not in record.table(table)["report_id"].to_pylist()
