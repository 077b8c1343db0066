"""Groups from pairs, numbers that stay: pure."""

from yiwang.data.entities._clusters import joined, numbered


def test_pairs_join_into_groups() -> None:
    assert joined([(1, 2), (3, 4), (2, 3), (7, 8)]) == {1: 1, 2: 1, 3: 1, 4: 1, 7: 7, 8: 7}


def test_what_a_person_keeps_apart_stays_apart_also_through_a_third() -> None:
    groups = joined([(1, 2), (2, 3)], apart=[(1, 3)])
    assert groups[1] == groups[2] != groups[3]
    groups = joined([(1, 2), (3, 4), (2, 3)], apart=[(4, 1)])
    assert groups[1] == groups[2] != groups[3] == groups[4]


def test_numbers_stay_with_most_of_the_records() -> None:
    first = numbered({1: 1, 2: 1, 3: 3}, {}, last=0)
    assert (dict(first.entity), first.last) == ({1: 1, 2: 1, 3: 2}, 2)
    merged = numbered({1: 1, 2: 1, 3: 1}, first.entity, last=2)
    assert (set(merged.entity.values()), dict(merged.merged), merged.last) == ({1}, {2: (1,)}, 2)
    split = numbered({1: 1, 2: 1, 3: 3}, merged.entity, last=2)
    assert (dict(split.entity), dict(split.split), split.last) == ({1: 1, 2: 1, 3: 3}, {1: (3,)}, 3)
