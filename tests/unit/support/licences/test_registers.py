"""免提交: whoever stands in a register holds the paper that it vouches for; and one result is one licence, however often it comes."""

import threading
from dataclasses import replace
from datetime import date

import pytest
from django.db import connection

from tests.unit.support.licences.conftest import Issue
from tests.world import AT, World
from yiwang.data.registries import actions as registries
from yiwang.data.registries.contracts import HouseholdRecord, MarriageRecord, PersonRecord
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.licences import queries
from yiwang.support.licences.models import Licence

TODAY = AT.date()


def register(world: World, *, died_on: date | None = None) -> None:
    mother, father = world.mother, world.father
    person = PersonRecord(
        id_number=mother.id_number,
        name=mother.name,
        sex="2",
        born_on=date(1993, 3, 15),
        ethnicity="01",
        region_code="990102001001",
        address="柳岸社区1号",
        household_no="99010200100100001",
        relation="02",
        died_on=died_on,
    )
    husband = replace(person, id_number=father.id_number, name=father.name, sex="1", relation="01", died_on=None)
    book = HouseholdRecord("99010200100100001", "family", "990102001001", "柳岸社区1号", father.subject_key)
    marriage = MarriageRecord(
        "J990102-2020-000001", father.subject_key, mother.subject_key, date(2020, 5, 20), "临江区民政局"
    )
    registries.load(people=[person, husband], households=[book], marriages=[marriage], by=SYSTEM, at=AT)


def test_a_registered_resident_holds_what_the_registers_vouch_for(world: World) -> None:
    papers = ["resident-id", "household-book", "marriage-certificate", "vaccination-certificate", "birth-certificate"]
    assert queries.held(world.mother.subject_key, papers, on=TODAY) == frozenset()
    register(world)
    expected = {"resident-id", "household-book", "marriage-certificate"}
    assert queries.held(world.mother.subject_key, papers, on=TODAY) == expected
    assert not queries.holds(world.neighbour.subject_key, "resident-id", on=TODAY)


def test_the_dead_hold_no_identity_card(world: World) -> None:
    register(world, died_on=date(2026, 1, 1))
    assert not queries.holds(world.mother.subject_key, "resident-id", on=TODAY)


def test_an_unknown_type_is_held_by_nobody(world: World) -> None:
    assert not queries.holds(world.mother.subject_key, "no-such-type", on=TODAY)


@pytest.mark.django_db(transaction=True)
def test_the_same_result_delivered_by_two_workers_at_once_is_one_licence(issue: Issue) -> None:
    start, found = threading.Barrier(4), []

    def deliver() -> None:
        try:
            start.wait()
            found.append(issue(by=SYSTEM).id)
        finally:
            connection.close()

    workers = [threading.Thread(target=deliver) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert Licence.objects.count() == 1
