"""The pages in a real browser: no error, no request that leaves the machine, no breach of the content policy."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from onrecord import brief
from onrecord.query import Record
from onrecord.web import Settings, create
from tests.looking import CONTRAST, misheard, unreached
from tests.test_web import plant

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome", "chrome") if (found := shutil.which(name))),
    None,
)
QUIET = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium or google-chrome on the PATH")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, "--disable-sync"])
        yield opened
        opened.close()


def served(path: Path) -> Iterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create(Settings(path)), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=20)


@pytest.fixture(scope="module")
def home(example_record: Record, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("browser") / "record.duckdb"
    shutil.copy(example_record.path, path)
    yield from served(path)


@pytest.fixture(scope="module")
def hostile_home(example_record: Record, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("hostile-browser") / "record.duckdb"
    shutil.copy(example_record.path, path)
    plant(path)
    yield from served(path)


def watched(browser: Browser, home: str, **options: Any) -> tuple[Page, list[str]]:
    page = browser.new_context(**options).new_page()
    wrong: list[str] = []
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: wrong.append(str(e)))
    page.on("dialog", lambda d: (wrong.append(f"dialog {d.message}"), d.dismiss())[0])
    page.on("request", lambda r: wrong.append(r.url) if not r.url.startswith(home) else None)
    return page, wrong


def addresses(page: Page, home: str) -> list[str]:
    story = page.request.get(f"{home}/stories.json").json()["stories"][0]["story_id"]
    told = page.request.get(f"{home}/stories/{story}.json").json()
    event = max(told["events"], key=lambda e: e["n_reports"])
    entity = page.request.get(f"{home}/api/tables/entities?limit=1").json()["rows"][0]["entity_id"]
    report = told["reports"][0]["report_id"]
    return [
        "/", f"/stories/{story}", f"/stories/{story}/compare", f"/reports/{report}#c3-30",
        f"/events/{event['event_id']}", f"/entities/{entity}", "/search?q=market", "/sql?q=SELECT+*+FROM+events",
        "/record", "/api", "/corrections",
    ]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_whole(browser: Browser, home: str, scheme: Any, width: int) -> None:
    page, wrong = watched(browser, home, color_scheme=scheme, viewport={"width": width, "height": 844})
    for address in addresses(page, home):
        page.goto(home + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert page.locator("main h1").count() == 1, address
        if width == 1280:
            assert page.evaluate(CONTRAST) == [], address
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(int(c) for c in ground[4:-1].split(",")) < 200) == (scheme == "dark")
    page.context.close()
    assert wrong == []


def test_no_script_of_a_report_runs(browser: Browser, hostile_home: str) -> None:
    page, wrong = watched(browser, hostile_home)
    for address in addresses(page, hostile_home):
        page.goto(hostile_home + address)
    page.context.close()
    assert wrong == []


def test_the_ledger_opens_and_leads_to_the_characters(browser: Browser, home: str) -> None:
    page, wrong = watched(browser, home)
    page.goto(home + addresses(page, home)[1])
    page.locator("article.event details.ledger > summary").first.click()
    link = page.locator("article.event details.ledger[open] a.cite").first
    assert link.is_visible()
    link.click()
    page.wait_for_selector("mark.here")
    assert page.locator("mark.here").first.inner_text().strip()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.locator("[data-theme-toggle]").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.context.close()
    assert wrong == []


def test_a_correction_is_recorded_and_undone_by_one_click(browser: Browser, home: str) -> None:
    page, wrong = watched(browser, home)
    page.goto(home + addresses(page, home)[1])
    page.locator("article.event details.ledger > summary").first.click()
    page.locator("article.event [data-correct][data-table=events]").first.click()
    page.locator("dialog input[name=who]").fill("Ada Reader")
    page.locator("dialog button[type=submit]").click()
    page.wait_for_selector(".toast button", timeout=90_000)
    assert "Ada Reader" in page.locator("ul.corrected").first.inner_text()
    page.locator(".toast button").click()
    page.locator("ul.corrected").first.wait_for(state="detached", timeout=90_000)
    page.context.close()
    assert wrong == []


def test_a_screen_reader_hears_names_landmarks_and_an_order_of_headings(browser: Browser, home: str) -> None:
    page, _ = watched(browser, home)
    titles = set()
    for address in addresses(page, home):
        page.goto(home + address)
        assert misheard(page) == [], address
        assert page.evaluate("document.documentElement.lang") == "en"
        titles.add(page.title())
    assert len(titles) == len(addresses(page, home))
    page.goto(home + addresses(page, home)[1])
    told = page.locator("main").aria_snapshot()
    assert 'group "Timeline of events"' in told
    assert 'link "14 May 2024' in told or "explod" in told
    page.context.close()


def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser: Browser, home: str) -> None:
    page, wrong = watched(browser, home)
    for address in addresses(page, home):
        page.goto(home + address.partition("#")[0])
        assert unreached(page) == [], address
    page.goto(home + "/")
    page.keyboard.press("Tab")
    assert "Skip" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.context.close()
    assert wrong == []


def test_a_dialog_is_opened_and_left_by_keys_and_finds_what_to_merge(browser: Browser, home: str) -> None:
    page, wrong = watched(browser, home)
    page.goto(home + addresses(page, home)[1])
    page.locator("article.event details.ledger > summary").first.press("Enter")
    button = page.locator("article.event [data-correct][data-table=events]").first
    button.press("Enter")
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    page.locator("dialog input[value=merge]").check()
    choices = page.locator("dialog [data-for=merge] [data-choices] label")
    choices.first.wait_for()
    likely = choices.count()
    page.locator("dialog input[name=find]").fill("police")
    page.wait_for_function(
        "n => document.querySelectorAll('[data-for=merge] [data-choices] label').length < n", arg=likely
    )
    assert all("police" in words.lower() for words in choices.all_inner_texts())
    choices.first.locator("input").check()
    page.locator("dialog input[name=find]").fill("nothinglikeit")
    page.wait_for_function("document.querySelectorAll('[data-for=merge] [data-choices] label').length === 1")
    page.locator("dialog input[name=find]").press("Enter")
    assert page.locator("dialog").evaluate("d => d.open")
    page.locator("dialog input[name=why]").focus()
    page.keyboard.press("Escape")
    assert not page.locator("dialog").evaluate("d => d.open")
    assert page.evaluate("document.activeElement.dataset.table") == "events"
    page.context.close()
    assert wrong == []


def test_paper_shows_what_the_screen_shows_in_black_on_white(browser: Browser, home: str) -> None:
    page, _ = watched(browser, home, color_scheme="dark", reduced_motion="reduce")
    for address in addresses(page, home):
        page.goto(home + address)
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate(CONTRAST) == [], address
        assert page.locator("main h1").is_visible()
        assert not page.locator(".masthead, .foot").filter(visible=True).count()
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
        page.emulate_media(media="screen", color_scheme="dark")
    page.goto(home + addresses(page, home)[1])
    folded = page.locator("details.ledger:not([open])").count()
    assert folded > 3
    assert page.pdf(format="A4").count(b"/Type /Page\n") >= 3
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.ledger:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details.ledger:not([open])").count() == folded
    page.context.close()


def test_a_brief_is_read_on_screen_and_paper(browser: Browser, example_record: Record, tmp_path: Path) -> None:
    path = tmp_path / "brief.html"
    briefs = [brief.story_brief(example_record, s) for s in brief.story_ids(example_record)[:1]]
    path.write_text(brief.page(briefs), encoding="utf-8")
    for scheme in ("light", "dark"):
        page, _ = watched(browser, "file://", color_scheme=scheme, reduced_motion="reduce")
        page.goto(path.as_uri())
        assert page.evaluate(CONTRAST) == [], scheme
        for event in page.locator("article.event[id] h3").all():
            assert event.locator("a.at").count() == 1
        page.reload()
        page.emulate_media(media="print", color_scheme=scheme)
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.locator("details table").first.is_visible()
        page.context.close()
