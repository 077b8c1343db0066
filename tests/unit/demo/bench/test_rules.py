"""The rules bench measures what it says: the same firms met by the engine and by hand."""

from yiwang.demo.bench import queries


def test_engine_and_hand_come_to_the_same() -> None:
    figures = queries.rules(rules_count=12, firms=2000, threads=1, rounds=1)
    population = figures["population"]
    assert population["evaluations"] == 24_000
    assert population["met"] == population["met_by_hand"] > 0
    assert population["unknown"] > 0
    assert figures["record"]["ms_for_all_rules"]["answers"] > 0
