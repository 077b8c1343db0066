"""Worlds that stand between tests: the rows stay, what a test does to rows or values does not."""

from pathlib import Path

import pytest
from django.db import connection

from tests.standing import NotLasting, standing
from yiwang.kernel.base.models import Counter

MADE: list[str] = []


@standing
def ground() -> dict[str, int]:
    MADE.append("ground")
    return {"first": Counter.objects.create(series="ground", value=1).pk}


@standing
def upper(ground: dict[str, int]) -> dict[str, int]:
    MADE.append("upper")
    ground["second"] = Counter.objects.create(series="upper", value=2).pk
    return ground


def _series() -> set[str]:
    return set(Counter.objects.filter(series__in=("ground", "upper", "test")).values_list("series", flat=True))


@pytest.mark.parametrize("_again", range(3))
def test_rows_stay_and_deeds_do_not(ground: dict[str, int], upper: dict[str, int], _again: int) -> None:
    assert _series() == {"ground", "upper"}
    assert upper is ground
    assert sorted(ground) == ["first", "second"]
    assert MADE.count("ground") == MADE.count("upper")
    ground["third"] = 3
    Counter.objects.create(series="test", value=3)
    Counter.objects.filter(series="ground").delete()


def test_what_is_not_asked_for_is_not_there(ground: dict[str, int]) -> None:
    assert _series() == {"ground"}
    assert sorted(ground) == ["first"]


@pytest.mark.django_db
def test_without_any_the_database_is_bare() -> None:
    assert _series() == set()


def test_a_lost_connection_is_opened_again(ground: dict[str, int]) -> None:
    connection.close()


def test_and_the_ground_is_made_again(ground: dict[str, int]) -> None:
    assert _series() == {"ground"}
    assert Counter.objects.get(series="ground").pk == ground["first"]


@pytest.mark.django_db(transaction=True)
def test_a_test_that_commits_makes_its_own(upper: dict[str, int]) -> None:
    assert not connection.in_atomic_block
    assert _series() == {"ground", "upper"}


def test_nothing_of_it_is_left(ground: dict[str, int]) -> None:
    assert _series() == {"ground"}


@standing
def leaning(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def passing() -> int:
    return 1


@standing
def leaning_farther(ground: dict[str, int], passing: int) -> int:
    return passing


@pytest.mark.parametrize(("name", "word"), [("leaning", "tmp_path"), ("leaning_farther", "passing")])
def test_a_world_is_made_of_nothing_that_ends_before_it(request: pytest.FixtureRequest, name: str, word: str) -> None:
    with pytest.raises(NotLasting, match=word):
        request.getfixturevalue(name)
