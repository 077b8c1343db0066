"""The order of parts against a slow and obviously right way of reckoning it."""

from collections.abc import Mapping
from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from yiwang.services.journeys._order import cycle, schedule

Graph = tuple[dict[str, int], dict[str, tuple[str, ...]]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Parts that wait only for earlier ones, listed in any order."""
    names = [f"p{n}" for n in range(draw(st.integers(1, 7)))]
    days = {name: draw(st.integers(0, 9)) for name in names}
    after = {
        name: tuple(draw(st.lists(st.sampled_from(names[:n]), unique=True, max_size=3))) if n else ()
        for n, name in enumerate(names)
    }
    shuffled = draw(st.permutations(names))
    return days, {name: after[name] for name in shuffled}


def longest(name: str, days: Mapping[str, int], after: Mapping[str, tuple[str, ...]]) -> int:
    return days[name] + max((longest(before, days, after) for before in after[name]), default=0)


@given(graphs())
def test_the_whole_is_as_long_as_its_longest_chain(graph: Graph) -> None:
    days, after = graph
    made = schedule(days, after)
    assert made.ends == {name: longest(name, days, after) for name in days}
    assert made.days == max(made.ends.values())
    for chain in made.paths:
        assert sum(days[name] for name in chain) == made.days
        assert all(before in after[name] for before, name in pairwise(chain))


@given(graphs())
def test_slack_is_what_a_part_may_be_late(graph: Graph) -> None:
    days, after = graph
    made = schedule(days, after)
    for name in days:
        late = days | {name: days[name] + made.slack[name]}
        assert schedule(late, after).days == made.days
        assert schedule(late | {name: late[name] + 1}, after).days == made.days + 1


@given(graphs())
def test_a_chain_has_no_ring_and_a_closed_one_has(graph: Graph) -> None:
    days, after = graph
    assert cycle(after) == ()
    for first, last in combinations(days, 2):
        closed = after | {first: (*after[first], last), last: (*after[last], first)}
        ring = cycle(closed)
        assert ring[0] == ring[-1]
        assert all(before in closed[name] for name, before in pairwise(ring))


def test_nothing_takes_no_time() -> None:
    assert (schedule({}, {}).days, schedule({}, {}).paths) == (0, ())
