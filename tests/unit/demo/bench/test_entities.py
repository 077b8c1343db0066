"""The bench of entities finds who is who among few records, by the pack's weights."""

from yiwang.demo.bench import queries


def test_few_people_and_firms_are_told_apart() -> None:
    found = queries.entities(records=400, threads=1, seed=3, stock=False, shared=None, tell=lambda sentence: None)
    assert found["people"]["true_pairs"] > 100
    assert found["people"]["f1"] > 0.95
    assert found["firms"]["f1"] > 0.9
    assert found["people"]["recall_by_error"]["homophone"] > 0.8
    assert (found["real_firms"], "stock" in found) == ("not there", False)
