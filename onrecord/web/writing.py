"""Corrections written in a process of their own: the server goes on reading the record as it was until the new one has
taken its place, and a write that fails takes no page with it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from onrecord.errors import OnrecordError, RecordError, UsageError

_ONE_AT_A_TIME = threading.Lock()
TIMEOUT = 1800.0


def write(record: Path, asked: dict[str, Any]) -> dict[str, Any]:
    """Make or undo a correction of a record; what it did. `asked` is {"make": {...}} or {"undo": id}, with why and who.

    Raises `UsageError` when the correction does not fit the record, `RecordError` when it cannot be written.
    """
    with _ONE_AT_A_TIME:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "onrecord.web.writing", str(record.resolve())],
                input=json.dumps(asked),
                capture_output=True,
                text=True,
                timeout=TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise RecordError(f"{record.name}: the correction took too long; the record is as it was") from error
    try:
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise RecordError(f"{record.name}: the correction could not be written ({last[:300]})") from None
    if "refused" in answer:
        raise (UsageError if answer["kind"] == "UsageError" else RecordError)(answer["refused"])
    return answer


def _main(record: str) -> None:
    from onrecord import corrections

    asked = json.load(sys.stdin)
    told = {"why": asked.get("why") or None, "who": asked.get("who") or None}
    try:
        if "undo" in asked:
            done = corrections.undo(record, asked["undo"], **told)
        else:
            done = corrections.make(record, corrections.Change.from_json(asked["make"]), **told)
    except OnrecordError as error:
        print(json.dumps({"refused": str(error), "kind": type(error).__name__}))
    else:
        print(json.dumps(done.to_json(), default=str))


if __name__ == "__main__":
    _main(sys.argv[1])
