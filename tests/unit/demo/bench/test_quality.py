"""The bench of quality rules counts by hand what the scan counts."""

from yiwang.demo.bench import queries


def test_thirty_rules_count_the_same_compiled_and_by_hand() -> None:
    found = queries.quality(rows=5000, threads=1, rounds=1, tell=lambda sentence: None)
    assert found["rules"] == 30
    assert found["same_counts_as_by_hand"]
    assert set(found["peers"]) == {"great_expectations", "cuallee"}
