"""Imports point down only; stages do not know each other; files stay readable."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "onrecord"
FILES = sorted(PACKAGE.rglob("*.py"))
GROUND = {"schema", "model", "options", "errors", "text", "lexicon", "asked", "terms"}
LAYERS = {  # what each module may import of onrecord, by first name below the package
    "stages": GROUND,
    "engines": GROUND | {"limits"},
    "textlaws": GROUND,
    "laws": GROUND | {"textlaws"},
    "collecting": GROUND,
    "limits": GROUND | {"collecting"},
    "isolating": GROUND | {"limits"},
    "folders": GROUND,
    "store": GROUND | {"collecting", "folders", "laws"},
    "correcting": GROUND | {"store"},
    "perreport": GROUND | {"laws", "limits", "stages"},
    "run": GROUND | {"perreport", "engines", "store"},
    "annotating": GROUND | {"perreport", "run"},
    "carry": GROUND | {"store"},
    "carrystories": GROUND | {"carry", "store"},
    "touching": GROUND | {"store", "stages"},
    "bearing": GROUND | {"store", "stages"},
    "forgetting": GROUND | {"store", "stages"},
    "aligning": GROUND | {"store", "stages"},
    "uttering": GROUND | {"store", "stages"},
    "acrossreports": GROUND
    | {"carrystories", "forgetting", "isolating", "laws", "limits", "stages", "perreport", "run", "store", "uttering"},
    "refusing": GROUND | {"laws", "perreport", "store"},
    "intake": GROUND | {"limits", "run", "stages"},
    "pipeline": GROUND
    | {"carry", "intake", "correcting", "stages", "engines", "store", "perreport", "acrossreports", "run", "touching"}
    | {"refusing", "collecting", "annotating", "bearing", "carrystories"},
    "copied": GROUND | {"laws", "store"},
    "excerpts": GROUND | {"perreport", "stages", "store", "touching"},
    "intact": GROUND | {"carry", "copied", "laws", "pipeline"},
    "doubting": GROUND | {"carry", "carrystories", "run", "stages", "store"},
    "recoding": GROUND
    | {
        "acrossreports",
        "carry",
        "carrystories",
        "collecting",
        "copied",
        "engines",
        "doubting",
        "excerpts",
        "growing",
        "intact",
        "perreport",
        "pipeline",
        "run",
        "stages",
    }
    | {"store", "touching"},
    "growing": GROUND
    | {"acrossreports", "annotating", "carry", "carrystories", "collecting", "copied", "engines", "forgetting"}
    | {"aligning", "intact", "laws", "limits", "pipeline", "refusing", "run", "store", "uttering"},
    "changing": GROUND | {"growing", "recoding", "intake", "limits", "pipeline", "run", "store", "stages"},
    "notebook": GROUND,
    "pictures": GROUND,
    "leading": set(),
    "query": GROUND | {"laws", "store", "notebook"},
    "corrections": GROUND | {"correcting", "pipeline", "query", "run", "store"},
    "brief": GROUND | {"query", "pictures", "leading"},
    "exports": GROUND | {"query"},
    "publishing": GROUND | {"engines", "exports", "folders", "pipeline", "query", "run"},
    "web": GROUND | {"store", "query", "corrections", "correcting", "leading"},
}


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "onrecord":
            rest = node.module.split(".")[1:]
            names |= {".".join(rest)} if rest else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {a.name.partition(".")[2] for a in node.names if a.name.startswith("onrecord.")}
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    allowed = LAYERS.get(parts[0], set() if parts[0] in GROUND else None)
    if allowed is None:
        return
    for name in imported(path):
        top = name.split(".")[0]
        if top.startswith("__"):
            continue
        same = top == parts[0] and parts[0] != "stages"
        if parts[0] in GROUND:
            assert top in GROUND, f"{path.name} imports {name}"
        elif parts[0] == "stages":
            stage = parts[1]
            inner = name.split(".")
            assert top in allowed or inner[:2] == ["stages", stage], f"stage {stage} imports {name}"
        else:
            assert same or top in allowed, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_stay_readable(path: Path) -> None:
    longest = 700 if path.name == "schema.py" else 460  # the tables are declared in one place, a line a column
    assert len(path.read_text(encoding="utf-8").splitlines()) <= longest
