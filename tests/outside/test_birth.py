"""The demo place's own mappings against the played systems: what the one form says is enough for each of them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from tests.outside.played import Played
from tests.world import make_id_number, place_packs
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, PackSet
from yiwang.support.connectors import actions
from yiwang.support.connectors.contracts import OutsideReport
from yiwang.support.connectors.kinds import check

pytestmark = pytest.mark.django_db

CHILD = make_id_number("990102202611200", 28)
MOTHER = make_id_number("990102199604180", 2)
CASE = {"number": "990102202611230000011-02", "region_code": "990102000000", "title": "出生登记"}
LEARNED = {
    "birth_certificate_no": "Z990000001",
    "child_id_number": CHILD,
    "insured_no": "YB0000000001",
    "case": CASE,
}


@pytest.fixture(autouse=True)
def demo_place(db: None) -> Iterator[None]:
    with packs.using(place_packs()):
        yield


@pytest.fixture
def answers() -> dict[str, Any]:
    """The first worked example of the journey, as the sub-cases carry it."""
    journey = place_packs().get("Journey", "anlan.birth.one-thing")
    given = dict(journey.raw["examples"][0]["given"])
    (child,) = given.pop("children")
    account = {"account_no": "6222020200000000001", "account_name": "林知夏"}
    return {**given, **child, **account, "mother_id_number": MOTHER, "father_id_number": ""}


@pytest.mark.parametrize(
    ("system", "subject", "fact"),
    [
        ("household", "birth-registration", "child_id_number"),
        ("medical-insurance", "enrolment", "insured_no"),
        ("medical-insurance", "maternity-benefit", "benefit_fen"),
        ("tax", "premium", "premium_proof_no"),
        ("card-making", "social-card", "card_no"),
    ],
)
def test_one_form_is_enough(
    play: Callable[..., Played],
    heard: list[OutsideReport],
    answers: dict[str, Any],
    system: str,
    subject: str,
    fact: str,
) -> None:
    played, at = play(system), timezone.now()
    actions.push(
        system=system,
        reference="R",
        subject=subject,
        data=answers | LEARNED,
        consumer="tests",
        about=CASE["number"],
        by=SYSTEM,
        at=at,
    )
    assert actions.pump(system=system, by=SYSTEM, at=at) == 1
    assert {letter.hand_in().status_code for letter in played.finish()} == {200}
    assert heard[-1].choice in ("granted", "paid")
    assert heard[-1].facts[fact]


def test_a_result_that_no_step_offers_is_found_by_the_check() -> None:
    real = place_packs()
    household = real.get("OutsideSystem", "household")
    results = {"granted": {"choice": "hooray"}}
    subject = household.raw["subjects"]["birth-registration"] | {"results": results}
    raw = {**household.raw, "subjects": {"birth-registration": subject}}
    body = type(household.body).model_validate(raw)
    changed = Pack("OutsideSystem", "household", 1, household.title, "0", "anlan", "x.yaml", body, raw)
    found = [problem.what for problem in check(changed, PackSet([*real, changed]))]
    assert found == ["流程 anlan.birth.registration 的环节 household 没有选择“hooray”。"]
