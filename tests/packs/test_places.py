"""The second city: the same matters with other limits and materials, alone in an installation and beside the first."""

from collections.abc import Iterator
from datetime import date

import pytest

from tests.world import AT, MADE_AT, OFFICES, World, make_uscc, place_packs
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.orgs import actions as orgs
from yiwang.kernel.orgs.contracts import NewOrganisation, NewRegion
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import PackSet
from yiwang.services.journeys import queries as journeys
from yiwang.services.journeys._book import open_book
from yiwang.services.journeys.kinds import JourneyPack
from yiwang.services.matters import actions as matter_actions
from yiwang.services.matters import queries as matters
from yiwang.services.matters.contracts import ImplementationView
from yiwang.services.matters.kinds import MATTER, MatterPack

CARD = "anlan.human-resources.social-security-card"
BENEFIT = "anlan.medical-insurance.maternity-benefit"
REGISTRATION = "anlan.police.birth-registration"
JOURNEY = "anlan.birth.one-thing"
FIRST, SECOND = "990102000000", "990202000000"
TODAY = date(2026, 11, 23)


def limits_and_materials(packs: PackSet) -> dict[str, tuple[str, tuple[str, ...]]]:
    found = {}
    for pack in packs.all_of(MATTER):
        body = pack.as_type(MatterPack)
        found[pack.id] = (str(body.promise.promised), tuple(material.key for material in body.materials))
    return found


def test_the_second_city_has_the_same_matters_with_its_own_limits_and_materials() -> None:
    first, second = (limits_and_materials(place_packs(place)) for place in ("anlan", "yundu"))
    assert first.keys() == second.keys()
    assert {name for name in first if first[name][0] != second[name][0]} == {CARD, "anlan.health.parenting-guidance"}
    assert (first[CARD][0], second[CARD][0]) == ("3个工作日", "2个工作日")
    assert set(first[BENEFIT][1]) - set(second[BENEFIT][1]) == {"diagnosis"}


def test_it_overrides_nothing_but_limits_and_materials() -> None:
    touched = {
        field.removeprefix("-").split(".")[0]
        for pack in place_packs("yundu")
        for layer in pack.layers
        if layer.place == "yundu"
        for field in layer.fields
    }
    assert touched == {"promise", "materials", "examples"}


@pytest.fixture
def province(world: World) -> Iterator[World]:
    """Both cities in one installation, each with a district and its offices."""
    orgs.create_regions(
        regions=[NewRegion("990200000000", "云渡市"), NewRegion(SECOND, "渡口区")], by=SYSTEM, at=MADE_AT
    )
    for n, (name, short, mark, kind, region, _) in enumerate(OFFICES.values()):
        if region == FIRST:
            orgs.create_organisation(
                organisation=NewOrganisation(
                    uscc=make_uscc("11990200MB", n + 1),
                    name=f"渡口区{name[3:]}",
                    short_name=short,
                    doc_mark=f"渡{mark}"[:8],
                    kind=kind,
                    region_code=SECOND,
                    opened_on=TODAY,
                ),
                by=SYSTEM,
                at=MADE_AT,
            )
    with packs.using(place_packs("anhe")):
        matter_actions.publish(by=SYSTEM, at=AT)
        yield world


def here(matter_id: str, region: str) -> ImplementationView:
    return matters.implementation(matter_id, on=TODAY, region_code=region)


def test_each_office_of_a_province_gets_its_own_citys_list(province: World) -> None:
    assert [str(here(CARD, region).promised) for region in (FIRST, SECOND)] == ["3个工作日", "2个工作日"]
    lists = [{material.key for material in here(BENEFIT, region).materials} for region in (FIRST, SECOND)]
    assert lists[0] - lists[1] == {"diagnosis"}
    make_up = [
        next(m.make_up for m in here(REGISTRATION, region).materials if m.key == "householder-consent")
        for region in (FIRST, SECOND)
    ]
    assert [str(limit) for limit in make_up] == ["5个工作日", "10个工作日"]


def test_a_one_thing_is_planned_and_asks_as_the_applicants_city_says(province: World) -> None:
    example = packs.get("Journey", JOURNEY).as_type(JourneyPack).examples[0]
    plans = [journeys.plan(JOURNEY, example.given, region_code=region, on=TODAY) for region in (FIRST, SECOND)]
    assert [plan.promised_days for plan in plans] == [5, 4]
    asked = [
        {material.key for material in open_book(JOURNEY, region).parts["benefit"].matter.materials}
        for region in (FIRST, SECOND)
    ]
    assert asked[0] - asked[1] == {"diagnosis"}


def test_publishing_again_changes_nothing(province: World) -> None:
    report = matter_actions.publish(by=SYSTEM, at=AT)
    assert (report.created, report.updated, report.ended) == (0, 0, 0)
