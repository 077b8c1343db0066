"""Entries that packs bring: entered where the unit is, once, and never over what somebody revised."""

from dataclasses import replace

import pytest

from tests.world import AT, CITY, DISTRICT, MADE_AT, OPENED_ON, World, make_uscc, place_packs
from yiwang.data.catalogue import actions, queries
from yiwang.data.catalogue.contracts import Filter, Origin, State
from yiwang.data.catalogue.kinds import SEED, CatalogueSeed
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.orgs import actions as orgs
from yiwang.kernel.orgs.contracts import NewOrganisation

AGREED = (
    "anlan.market.enterprises",
    "anlan.police.residents",
    "anlan.civil.marriages",
    "anlan.hrss.enrolments",
    "anlan.env.air-quality",
)


@pytest.fixture
def units(world: World) -> World:
    """Every unit that a pack gives entries to."""
    wanted = {(body.provider, body.region) for body in seeds()} - {
        (office.kind, office.region_code) for office in world.offices.values()
    }
    assert {region for _, region in wanted} <= {CITY, DISTRICT}
    new = [
        NewOrganisation(
            uscc=make_uscc("11990100MD", number),
            name=f"{kind}{region}",
            short_name=kind,
            doc_mark="某",
            kind=kind,
            region_code=region,
            opened_on=OPENED_ON,
            is_demo=True,
        )
        for number, (kind, region) in enumerate(sorted(wanted), start=1)
    ]
    orgs.create_many(organisations=new, by=SYSTEM, at=MADE_AT)
    return world


def seeds() -> list[CatalogueSeed]:
    return [pack.as_type(CatalogueSeed) for pack in place_packs().all_of(SEED)]


def test_what_packs_bring_is_entered_once_and_revised_by_people_only(units: World) -> None:
    first = actions.publish(by=SYSTEM, at=AT)
    expected = sum(len(body.resources) for body in seeds())
    assert (first.created, first.homeless) == (expected, ())
    assert expected >= 40
    assert all(queries.resource(code).state is State.IN_FORCE for code in AGREED)
    found = queries.source_of("firm.name")
    assert found is not None
    assert found.resource_code == "anlan.market.enterprises"

    kept = queries.resource(AGREED[0])
    by_hand = replace(kept.content, contact="注册分局")
    actions.revise(code=kept.code, content=by_hand, by=SYSTEM, at=AT)
    again = actions.publish(by=SYSTEM, at=AT)
    assert (again.created, again.revised, again.clashes) == (0, 0, (kept.code,))
    assert queries.resource(kept.code).content.contact == "注册分局"
    assert queries.listed(SYSTEM, Filter(), size=200).items[0].title
    assert queries.resource(AGREED[1]).origin is Origin.PACK


def test_units_that_are_not_there_are_left_out(world: World) -> None:
    done = actions.publish(by=SYSTEM, at=AT)
    assert "anlan.catalogue.market" in done.homeless
    assert done.created < sum(len(body.resources) for body in seeds())
