"""Licences that a register vouches for: whoever is in it holds the paper, without a row of ours."""

from collections.abc import Callable

from yiwang.data.registries import queries as registries


def _is_resident(subject_key: str) -> bool:
    found = registries.find_person(subject_key)
    return found is not None and found.died_on is None


def _stands_in_a_book(subject_key: str) -> bool:
    found = registries.find_person(subject_key)
    return found is not None and found.died_on is None and bool(found.household_no)


def _is_married(subject_key: str) -> bool:
    return registries.marriage_of(subject_key) is not None


REGISTERS: dict[str, Callable[[str], bool]] = {
    "population": _is_resident,
    "households": _stands_in_a_book,
    "marriage": _is_married,
}
