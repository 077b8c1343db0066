"""What `packs check` says of a one-thing that cannot work, each with what to do."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.world import place_packs
from yiwang.kernel.packs.contracts import Pack, PackSet
from yiwang.services.journeys._check import check_journey
from yiwang.services.journeys._examples import examples_hold
from yiwang.services.journeys.kinds import JourneyPack

ID = "anlan.birth.one-thing"
Raw = dict[str, Any]


@pytest.fixture(scope="module")
def shipped() -> PackSet:
    return place_packs()


def changed(shipped: PackSet, change: Callable[[Raw], Any]) -> Pack:
    pack = shipped.get("Journey", ID)
    raw = deepcopy(dict(pack.raw))
    change(raw)
    body = JourneyPack.model_validate(raw)
    return Pack(pack.kind, pack.id, pack.version, body.title, "changed", pack.place, pack.path, body, raw)


def part(raw: Raw, slot: str) -> Raw:
    return next(part for part in raw["parts"] if part["slot"] == slot)


def test_the_shipped_one_thing_is_right(shipped: PackSet) -> None:
    pack = shipped.get("Journey", ID)
    assert not list(check_journey(pack, shipped))
    assert not list(examples_hold(pack, shipped))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda raw: part(raw, "certificate").update(after=["card"]), "先后顺序成了环"),
        (lambda raw: part(raw, "card").update(after=["certificate"]), "却不等它办完"),
        (lambda raw: part(raw, "card").update(after=["registration", "nothing"]), "没有名为“nothing”的前一项"),
        (lambda raw: part(raw, "card").update(slot="insurance"), "用了两次"),
        (
            lambda raw: part(raw, "card").update(needs=[{"from": "registration.x", "to": "nowhere", "title": "x"}]),
            "nowhere",
        ),
        (lambda raw: part(raw, "insurance").update(supplied={"mother_phone": "医院"}), "却又问一次"),
        (lambda raw: part(raw, "card").update(fields={"card_bank": "account_bank"}), "没有着落"),
        (lambda raw: raw.update(promised="4 workdays"), "最长的一串要5个工作日"),
        (lambda raw: raw.update(form="anlan.none"), "没有表单"),
        (lambda raw: part(raw, "card").update(matter="anlan.none"), "没有事项"),
    ],
)
def test_what_cannot_work_is_said_with_what_to_do(shipped: PackSet, change: Callable[[Raw], Any], said: str) -> None:
    problems = list(check_journey(changed(shipped, change), shipped))
    assert said in "".join(problem.what for problem in problems)
    assert all(problem.remedy for problem in problems)


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ({"days": 4}, "days 得到 5，应为 4"),
        ({"asked": []}, "asked 得到 child-photo"),
        ({"parts": ["certificate"]}, "parts 得到"),
        ({"fails": ["mother_name"]}, "填写通过了"),
    ],
)
def test_an_example_that_does_not_hold_is_said(shipped: PackSet, then: Raw, said: str) -> None:
    pack = changed(shipped, lambda raw: raw["examples"][0].update(then=then))
    assert said in "".join(problem.what for problem in examples_hold(pack, shipped))


def test_a_condition_comes_with_its_words(shipped: PackSet) -> None:
    with pytest.raises(ValueError, match="when 与 applies"):
        changed(shipped, lambda raw: part(raw, "benefit").pop("applies"))
