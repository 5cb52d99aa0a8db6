from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onrecord import schema
from onrecord.stages import align as stage
from onrecord.stages.align import candidates, passages, rewriting
from onrecord.stages.align.order import Order
from onrecord.stages.align.words import corpus, quoted_stretches, tokens


def tables(*texts: str, **facts: list[object]) -> tuple[pa.Table, pa.Table, pa.Table]:
    reports = schema.REPORTS.from_rows(
        {"report_id": f"r{i:04d}", "uri": f"{i}.txt", "text": t, **{k: v[i] for k, v in facts.items()}}
        for i, t in enumerate(texts)
    )
    segments = schema.SEGMENTS.from_rows(
        {"report_id": f"r{i:04d}", "char_start": 0, "char_end": len(t), "kind": "body"}
        for i, t in enumerate(texts)
        if t
    )
    return reports, segments, schema.CREDITS.empty()


def comparable(text: str) -> list[tuple[int, int, int]]:
    return list(zip(*(c.tolist() for c in tokens(text)), strict=True))


def shared(*texts: str) -> list[dict[str, object]]:
    rows = stage.align(*tables(*texts))[0].to_pylist()
    for row in rows:
        a, b = texts[int(row["report_a"][1:])], texts[int(row["report_b"][1:])]
        row["a"], row["b"] = a[row["a_start"] : row["a_end"]], b[row["b_start"] : row["b_end"]]
    return rows


FERRY = "The ferry Aurelia struck a submerged rock at dawn and took on water within minutes"


def exact_runs(a: str, b: str, least: int = 8) -> list[tuple[int, int, int]]:
    """Oracle: every maximal run of equal words, by comparing all positions with all."""
    x, y = [w for w, _, _ in comparable(a)], [w for w, _, _ in comparable(b)]
    out = []
    for i in range(len(x)):
        for j in range(len(y)):
            if i and j and x[i - 1] == y[j - 1]:
                continue
            k = 0
            while i + k < len(x) and j + k < len(y) and x[i + k] == y[j + k]:
                k += 1
            if k >= least:
                out.append((i, j, k))
    return out


def covered(rows: list[dict[str, object]], side: str, text: str, report: str) -> set[int]:
    words = comparable(text)
    spans = [(r[f"{side}_start"], r[f"{side}_end"]) for r in rows if r[f"report_{side}"] == report]
    return {n for n, (_, s, e) in enumerate(words) if any(x <= s and e <= y for x, y in spans)}


@pytest.mark.parametrize("seed", range(25))
def test_no_exact_run_of_eight_words_is_missed(seed: int) -> None:
    rng = random.Random(seed)
    stock = [f"w{n}" for n in range(60)]
    pieces = [[rng.choice(stock) for _ in range(rng.randint(8, 20))] for _ in range(6)]

    def text() -> str:
        out: list[str] = []
        for piece in rng.sample(pieces, 4):
            out += [rng.choice(stock) for _ in range(rng.randint(0, 12))] + piece
        return " ".join(out)

    a, b = text(), text()
    rows = shared(a, b)
    mine_a, mine_b = covered(rows, "a", a, "r0000"), covered(rows, "b", b, "r0001")
    for i, j, k in exact_runs(a, b):
        unseen = [n for n in range(k) if i + n not in mine_a and j + n not in mine_b]
        assert len(unseen) < 8, (i, j, k)


CASES = [
    json.loads(line) for line in (Path(__file__).parent / "cases/align/pairs.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: str(c["name"]))
def test_case(case: dict[str, Any]) -> None:
    rows = shared(case["a"], case["b"])
    assert [r["a"] for r in rows] == case["passages"]
    assert [r["kind"] for r in rows] == case["kinds"]


def test_verbatim_after_folding() -> None:
    (row,) = shared(f"It was early. {FERRY}, officials said.", f"“{FERRY.upper().replace(' A ', ' a ')}”")
    assert row["kind"] == "verbatim"
    assert row["similarity"] == 1
    assert row["a"] == FERRY


def test_inserted_title_and_dropped_word_are_one_passage() -> None:
    a = "The inspector also said that the two captains discussed the fog before Varga steered the tanker out of port"
    b = "The inspector said that the two captains discussed the fog before Mr Varga steered the tanker out of port"
    (row,) = shared(a, b)
    assert (row["a"], row["b"]) == (a, b)
    assert row["kind"] == "edited"
    assert row["words"] == 18


def test_abbreviations_and_numbers_fold() -> None:
    a = "The U.S. navy sent 1,200 sailors to Port Ellery on Monday after the storm"
    (row,) = shared(a, "The US navy sent 1200 sailors to Port Ellery on Monday, after the storm")
    assert row["kind"] == "verbatim"


def test_moved_passages_are_found() -> None:
    other = "Rescuers in two helicopters lifted the last passengers from the stern before noon"
    found = {r["a"] for r in shared(f"{FERRY}. {other}.", f"{other}. And later this. {FERRY}.")}
    assert found == {FERRY, other}


def test_a_gap_of_eight_words_parts_two_passages() -> None:
    one, two = "alpha bravo charlie delta echo foxtrot golf hotel", "india juliet kilo lima mike november oscar papa"
    gap = " ".join(f"x{n}" for n in range(8))
    assert len(shared(f"{one} {two}", f"{one} {gap} {two}")) == 2
    assert len(shared(f"{one} {two}", f"{one} {gap[:-3]} {two}")) == 1


def test_seven_words_are_not_a_passage() -> None:
    assert shared("a deputy harbour master told the paper", "a deputy harbour master told the paper too") == []


def test_teasers_are_not_compared_and_part_passages() -> None:
    a = f"{FERRY}.\n\nREAD MORE: Ten ships that never came home at all.\n\n{FERRY[:40]} again and again this year."
    reports, _, credits = tables(a, a)
    start = a.index("READ")
    end = a.index("\n", start)
    segments = schema.SEGMENTS.from_rows(
        {"report_id": r, "char_start": s, "char_end": e, "kind": k}
        for r in ("r0000", "r0001")
        for s, e, k in ((0, start, "body"), (start, end, "teaser"), (end, len(a), "body"))
    )
    rows = stage.align(reports, segments, credits)[0].to_pylist()
    assert [(r["a_start"], r["a_end"]) for r in rows] == [(0, len(FERRY)), (end + 2, len(a) - 1)]


SAID = "we will raise the wreck before winter and pay for every litre of oil that leaked"


def test_a_quotation_is_told_from_copied_prose() -> None:
    a = f"Speaking in Ostrava, Minister Dana Kolar promised: “{SAID}.” Reporters pressed her for a date."
    b = f'Kolar had an answer to critics. "{SAID}," she told parliament, to shouts from the back rows.'
    (row,) = shared(a, b)
    assert row["quotation"] is True
    copied = (
        f"Minister Dana Kolar faced a hostile chamber on Thursday evening after weeks of anger. “{SAID},” she said."
    )
    assert all(r["quotation"] is False for r in shared(copied, copied + " More soon."))


def test_quotation_marks_of_every_style() -> None:
    text = 'He said "one" and “two”, then ‘three’; don’t.\nAn “open one\nends there.'
    assert [text[s:e] for s, e in quoted_stretches(text)] == ["one", "two", "three", "open one"]


def test_widely_printed_story_loses_no_pair() -> None:
    rng = random.Random(4)
    story = [f"s{n}" for n in range(120)]
    own = [" ".join(f"o{i}x{n}" for n in range(rng.randint(5, 30))) for i in range(70)]
    texts = [f"{o} {' '.join(story)}" for o in own]
    words = corpus([f"r{i:04d}" for i in range(70)], texts, {})
    assert len(candidates.candidates(words)) == 70 * 69 // 2


def test_stock_phrase_of_the_crowd_makes_few_candidates() -> None:
    phrase = "spoke on condition that the name of the harbour not be printed here"
    texts = [" ".join(f"o{i}x{n}" for n in range(40)) + " " + phrase for i in range(300)]
    words = corpus([f"r{i:04d}" for i in range(300)], texts, {})
    assert len(candidates.candidates(words)) < 0.05 * 300 * 299 / 2


def test_stock_phrase_of_an_outlet_is_not_reuse() -> None:
    phrase = "sign up here for our morning letter with all the harbour news you need"
    texts = [" ".join(f"o{i}x{n}" for n in range(90)) + " " + phrase for i in range(4)]
    assert stage.align(*tables(*texts, outlet=["Gull Post"] * 4))[0].num_rows == 0
    assert stage.align(*tables(*texts, outlet=["Gull Post", "Tern", "Plover", "Skua"]))[0].num_rows == 6


LONG = ". ".join(f"{FERRY} near buoy {n}, the {n}th such case since spring" for n in range(2, 9))


def test_credit_makes_the_direction_known() -> None:
    reports, segments, _ = tables(LONG, LONG + " Gull Post", outlet=["Gull Post", "Skua"])
    at = len(LONG) + 1
    credits = schema.CREDITS.from_rows(
        [{"report_id": "r0001", "char_start": at, "char_end": at + 9, "agency": "Gull Post", "role": "copy"}]
    )
    (row,) = stage.align(reports, segments, credits)[1].to_pylist()
    assert (row["report_id"], row["from_report_id"], row["direction"]) == ("r0001", "r0000", "known")
    assert row["share"] > 0.9


def test_time_makes_the_direction_likely_and_nothing_unknown() -> None:
    early, late = datetime(2024, 3, 1, 6, tzinfo=UTC), datetime(2024, 3, 1, 18, tzinfo=UTC)
    (row,) = stage.align(*tables(LONG, LONG, published_at=[late, early]))[1].to_pylist()
    assert (row["report_id"], row["direction"]) == ("r0000", "likely")
    (row,) = stage.align(*tables(LONG, LONG))[1].to_pylist()
    assert (row["from_report_id"], row["direction"]) == ("r0000", "unknown")


def test_same_agency_is_an_unseen_common_source() -> None:
    reports, segments, _ = tables(LONG, LONG, outlet=["Gull Post", "Skua"])
    credits = schema.CREDITS.from_rows(
        {"report_id": r, "char_start": 0, "char_end": 3, "agency": "Northern Wire", "role": "copy"}
        for r in ("r0000", "r0001")
    )
    (row,) = stage.align(reports, segments, credits)[1].to_pylist()
    assert row["from_report_id"] is None
    assert row["with_report_id"] == "r0000"
    assert "Northern Wire" in row["evidence"]


QUOTE = '"We heard the hull scrape twice and then all the lamps on the lower deck went out," Ruud Hale'


def relation(*texts: str, outlet: list[str]) -> str:
    found = stage.sharings(*tables(*texts, outlet=outlet))
    return stage.relation(found.get(("r0000", "r0001")))


def test_a_shared_quotation_is_a_common_source_where_both_cite_who_printed_it() -> None:
    rest = [" ".join(f"o{i}x{n}" for n in range(90)) for i in range(2)]
    bare = [f"{QUOTE} said. {r}" for r in rest]
    cited = [f"{QUOTE} said, according to the Washington Post. {r}" for r in rest]
    assert relation(*bare, outlet=["Tern", "Skua"]) == "independent"
    assert relation(*cited, outlet=["Tern", "Skua"]) == "common_source"


def test_a_teaser_that_quotes_is_taken_from_its_own_outlets_report() -> None:
    teaser = f"A ferry scraped a rock. {QUOTE} said on Monday morning at the quay."
    full = f"{QUOTE} said on Monday morning at the quay. " + " ".join(f"o{n}" for n in range(200))
    assert relation(teaser, full, outlet=["Tern", "Tern"]) == "derived"
    assert relation(teaser, full, outlet=["Tern", "Skua"]) == "common_source"


def test_order_refuses_circles() -> None:
    order = Order(["c", "b", "a"])
    assert order.add("a", "b")
    assert order.add("b", "c")
    assert not order.add("c", "a")
    assert order.sorted("c", "a") == ("a", "c")


def circle_free(edges: list[tuple[str, str]]) -> bool:
    """Whether taking away nodes that nothing leads to takes all of them away (Kahn 1962)."""
    nodes = {n for edge in edges for n in edge}
    while nodes:
        free = {n for n in nodes if not any(b == n and a in nodes for a, b in edges)}
        if not free:
            return False
        nodes -= free
    return True


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=30))
def test_the_order_takes_every_edge_that_closes_no_circle_and_no_other(edges: list[tuple[str, str]]) -> None:
    order, taken = Order("abcdef"), []
    for edge in edges:
        closes = not circle_free([*taken, edge])
        assert order.add(*edge) is not closes
        if not closes:
            taken.append(edge)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["Tern", "Skua", "Auk"]), st.integers(1, 5), st.booleans()), min_size=3, max_size=7
    )
)
def test_copy_graph_has_no_circle(made: list[tuple[str, int, bool]]) -> None:
    # Copies of one text that credit one another, with times that say the opposite: clues that run in circles.
    names = {"Tern": "Reuters", "Skua": "the BBC", "Auk": "CNN"}
    texts = [
        f"{LONG} " + (f"It was first reported by {names[other]}. " if credits else "") + f"Edition {day} of ours."
        for (_, day, credits), other in zip(made, [*[m[0] for m in made[1:]], made[0][0]], strict=True)
    ]
    outlets = [names[name].removeprefix("the ") for name, _, _ in made]
    times = [datetime(2024, 5, day, tzinfo=UTC) for _, day, _ in made]
    rows = stage.align(*tables(*texts, outlet=outlets, published_at=times))[1].to_pylist()
    assert rows
    assert circle_free([(r["from_report_id"], r["report_id"]) for r in rows if r["from_report_id"]])


def test_order_of_input_does_not_matter() -> None:
    reports, segments, credits = tables(LONG, f"New. {LONG[:300]}", f"{LONG[200:]} And so on.", "Nothing of it.")
    one = stage.align(reports, segments, credits)
    two = stage.align(reports.take([3, 1, 0, 2]), segments.take([2, 0, 3, 1]), credits)
    assert one[0].equals(two[0])
    assert one[1].equals(two[1])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet='ab "“”.\n‘’İU-', max_size=120), min_size=2, max_size=4))
def test_any_text_gives_spans_on_words(texts: list[str]) -> None:
    for row in shared(*texts):
        for side in "ab":
            words = [w for w, _, _ in comparable(str(row[side]))]
            assert len(words) >= passages.LEAST
            assert str(row[side])[0].isalnum()


def test_hostile_text_ends() -> None:
    shared("the " * 40_000, "the " * 40_000, '"' * 100_000)


def test_misread_encodings_are_put_right_in_comparison_only() -> None:
    right = "The mayor said he doesn’t fear \u201cthe café\u201d — déjà vu."
    wrong = _misread(right)
    ours, theirs = tokens(right), tokens(wrong)
    assert ours[0].tolist() == theirs[0].tolist()
    words = [wrong[a:b] for a, b in zip(theirs[1], theirs[2], strict=True)]
    assert _misread("doesn’t") in words
    assert [right[a:b] for a, b in zip(ours[1], ours[2], strict=True)][4] == "doesn’t"
    assert tokens("he said ''no'' twice")[2].tolist() == [2, 7, 12, 20]


def _misread(text: str) -> str:
    """UTF-8 read as Windows-1252, and as Latin-1 where that has no character."""
    return "".join(
        bytes([b]).decode("cp1252") if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(b) for b in text.encode()
    )


COPIED = (
    "Divers raised the wreck of the ferry Aurelia off Calda on Tuesday after eleven days of work in heavy seas. "
    "The harbour board paid for the cranes and the tugs that towed the hull to the yard at Molo."
)
OWN = "Eleven sailors of the ferry drowned near Calda when the engine caught fire in a January storm."


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("A January storm and an engine fire near Calda had drowned eleven sailors of the ferry.", 1),
        ("Four sailors of the ferry Aurelia from Calda told the board on Tuesday what they earned last year.", 0),
        ("A January storm and an engine fire near Calda had drowned 90 sailors of the 12 ferries.", 0),
    ],
)
def test_a_sentence_in_other_words_beside_a_copied_passage(other: str, expected: int) -> None:
    own = OWN.replace("Eleven", "11") if "90" in other else OWN
    rows = shared(f"{COPIED}\n\n{own}", f"{other}\n\n{COPIED}")
    found = [r for r in rows if r["kind"] == "rewritten"]
    assert len(found) == expected, found
    for r in found:
        assert (f"{r['a']}.", f"{r['b']}.") == (own, other)
        assert r["words"] >= 8 and not r["quotation"]


def test_pairs_that_were_compared_are_not_compared_again(monkeypatch: pytest.MonkeyPatch) -> None:
    phrase = "sign up here for our morning letter with all the harbour news you need"
    stock = [" ".join(f"o{i}x{n}" for n in range(90)) + " " + phrase for i in range(3)]
    other = "A January storm and an engine fire near Calda had drowned eleven sailors of the ferry."
    texts = f"{COPIED}\n\n{OWN}", f"{other}\n\n{COPIED}", *stock, f"{FERRY}. {phrase}"
    outlets = ["Tern", "Skua", *["Gull Post"] * 4]
    before = stage.aligned(*tables(*texts[:5], outlet=outlets[:5]), schema.COMPARED.empty())[2]
    whole = stage.aligned(*tables(*texts, outlet=outlets), schema.COMPARED.empty())
    asked: list[list[list[int]]] = []
    find = passages.find
    monkeypatch.setattr(passages, "find", lambda words, pairs: asked.append(pairs.tolist()) or find(words, pairs))
    monkeypatch.setattr(rewriting, "_best", lambda *_: pytest.fail("the first two were read before"))
    grown = stage.aligned(*tables(*texts, outlet=outlets), before)
    assert [t.to_pylist() for t in grown] == [t.to_pylist() for t in whole]
    assert asked and all(b == 5 for _, b in asked[0])
    rows = {(r["report_a"], r["report_b"]): r for r in grown[2].to_pylist()}
    assert [p["kept"] for p in rows["r0002", "r0003"]["passages"]] == [False]
    assert "rewritten" in grown[0]["kind"].to_pylist() and rows["r0000", "r0001"]["reworded"]


def test_what_was_compared_counts_from_each_report() -> None:
    texts = "A line before all. " + LONG, LONG
    one = stage.aligned(*tables(*texts), schema.COMPARED.empty())
    moved = one[2].set_column(0, "report_a", pa.array(["r0001"])).set_column(1, "report_b", pa.array(["r0002"]))
    three = "Nothing of this is elsewhere.", *texts
    assert stage.align(*tables(*three))[0].to_pylist() == stage.aligned(*tables(*three), moved)[0].to_pylist()


def test_the_same_facts_without_copying_are_no_passage() -> None:
    two = OWN, "A January storm and an engine fire near Calda had drowned eleven sailors of the ferry."
    assert shared(*two) == []


def test_sentences_in_other_words_make_no_derivation() -> None:
    given = tables(f"{COPIED}\n\n{OWN}", f"A January storm and an engine fire near Calda drowned sailors.\n\n{COPIED}")
    with_them, without = stage.align(*given), stage.align(*given, reworded=False)
    assert with_them[1].equals(without[1])
    assert {"rewritten"} & set(without[0].column("kind").to_pylist()) == set()
