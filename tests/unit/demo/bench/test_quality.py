"""The bench of quality rules counts by hand what the scan counts; a peer is a process that may not be there."""

import sys
from pathlib import Path

from yiwang.demo.bench import queries


def test_thirty_rules_count_the_same_compiled_and_by_hand() -> None:
    found = queries.quality(
        rows=5000, threads=1, rounds=1, python=Path(sys.executable), peer_rows=500, tell=lambda sentence: None
    )
    assert found["rules"] == 30
    assert found["same_counts_as_by_hand"]
    assert found["peers"].pop("rows") == 500
    assert set(found["peers"]) == {"great_expectations", "cuallee", "soda", "spark"}
    assert all("No module named" in said or said["differ_by_null_alone"] for said in found["peers"].values())
