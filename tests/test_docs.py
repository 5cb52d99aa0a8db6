"""The documents' site builds, its links lead somewhere, and the commands that it shows do what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parent.parent


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.anchors.add(str(given["id"]))
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if tag in ("script", "img", "iframe") and given.get("src"):
            self.loaded.append(str(given["src"]))
        if tag == "link" and given.get("rel") in ("stylesheet", "preload", "icon"):
            self.loaded.append(str(given["href"]))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Page]:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    env = os.environ | {"NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    # 404.html is served at any address, so its links start at the site's root, wherever that will be.
    found = (path for path in folder.rglob("*.html") if path.name != "404.html")
    return {path.resolve(): Page(path.read_text(encoding="utf-8")) for path in found}


def test_every_link_leads_somewhere(site: dict[Path, Page]) -> None:
    dead = []
    for path, page in site.items():
        for link in (*page.links, *page.loaded):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or link.startswith("data:"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            other = site.get(target)
            known = "" if other is None else unquote(parts.fragment)
            if not target.exists() or (other is not None and known and known not in other.anchors):
                dead.append(f"{path.name}: {link}")
    assert not dead
    assert len(site) > 10


def test_nothing_is_loaded_from_elsewhere(site: dict[Path, Page]) -> None:
    assert not [link for page in site.values() for link in page.loaded if urlsplit(link).netloc]


def test_the_reference_is_whole(site: dict[Path, Page]) -> None:
    from onrecord import schema

    pages = {p.name: page.anchors for p, page in site.items()}
    assert set(schema.TABLES) <= pages["tables.html"]
    assert "onrecord-build" in pages["commands.html"]
    assert "onrecord.query.Record.sql" in pages["python.html"]
