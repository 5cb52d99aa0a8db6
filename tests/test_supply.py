"""What is installed: locked with hashes, listed with licences that fit ours, nothing of a name known to be squatted."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
SQUATTED = {("en-core-web-trf", None), ("en-core-sci-md", None), ("zh-core-web-sm", "999.9.9")}
# Permissive licences, and copyleft that reaches no further than the files it covers.
FITTING = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "MIT", "MPL-1.1", "MPL-2.0",
    "PSF-2.0", "Zlib", "Apache-2.0 WITH LLVM-exception",
}  # fmt: skip


@pytest.fixture(scope="module")
def sbom() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sbom", ROOT / "scripts" / "sbom.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["run", "dev", "bench", "spark"])
def test_every_package_is_locked_with_hashes(name: str, sbom: ModuleType) -> None:
    packages = sbom.locked((ROOT / "lock" / f"{name}.txt").read_text(encoding="utf-8"))
    assert len(packages) > 50
    assert all(hashes for _, _, hashes in packages)
    for package, version, _ in packages:
        assert (package, None) not in SQUATTED
        assert (package, version) not in SQUATTED


def test_the_bill_of_materials_is_that_of_the_locks(sbom: ModuleType) -> None:
    run, spark = ((ROOT / "lock" / f"{name}.txt").read_text(encoding="utf-8") for name in ("run", "spark"))
    listed = json.loads((ROOT / "sbom.cdx.json").read_text(encoding="utf-8"))
    told = [(c["name"], c["version"], [h["content"] for h in c["hashes"]]) for c in listed["components"]]
    added = sbom.optional(run, spark)
    assert told == [*sbom.locked(run), *added]
    assert {name for name, _, _ in added} == {"pyspark", "py4j"}
    assert {c["name"] for c in listed["components"] if c["scope"] == "optional"} == {"pyspark", "py4j"}


def test_the_bill_is_made_as_it_stands(sbom: ModuleType) -> None:
    run, spark = ((ROOT / "lock" / f"{name}.txt").read_text(encoding="utf-8") for name in ("run", "spark"))
    assert sbom.bill(run, spark) == json.loads((ROOT / "sbom.cdx.json").read_text(encoding="utf-8"))


def test_licences_fit() -> None:
    listed = json.loads((ROOT / "sbom.cdx.json").read_text(encoding="utf-8"))
    for component in listed["components"]:
        expression = component["licenses"][0]["expression"]
        offered = [set(re.split(r" AND ", part)) for part in re.split(r" OR ", expression)]
        assert any(parts <= FITTING for parts in offered), f"{component['name']}: {expression}"
