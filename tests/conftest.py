from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import onrecord
from onrecord.query import Record

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def example_record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    """The record of the sample reports, built once a session."""
    path = tmp_path_factory.mktemp("example") / "record.duckdb"
    record = onrecord.build([ROOT / "examples" / "reports"], path)
    yield record
    record.close()
