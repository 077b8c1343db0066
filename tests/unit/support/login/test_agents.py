"""Agents of firms online: asked by the registered representative, counting once accepted, ended by either; both are told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests import world as w
from tests.world import World
from yiwang.data.registries import actions as registries
from yiwang.data.registries.contracts import LegalPersonRecord
from yiwang.data.registries.models import LegalPerson
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import BadMandate, NotYours
from yiwang.support.login import actions, contracts, queries
from yiwang.support.login.contracts import Assurance, Method, Proof
from yiwang.support.notify import queries as notify

SURE = Proof("m", (Method.TEXT_MESSAGE,), Assurance.CODE, w.AT)
UNTIL = w.AT.date() + timedelta(days=90)


def register(world: World, **more: Any) -> LegalPersonRecord:
    record = LegalPersonRecord(
        uscc=world.firm.id_number,
        name=world.firm.name,
        kind="个人独资企业",
        legal_representative=world.mother.name,
        representative_key=world.mother.subject_key,
        region_code="990102001001",
        address="柳岸街1号",
        industry="餐饮业",
        established_on=date(2020, 3, 1),
        capital_fen=10_000_000,
    )
    record = replace(record, **more)
    registries.load(firms=[record], by=SYSTEM, at=w.AT)
    return record


def ask(world: World, by: str = "mother", **more: Any) -> contracts.AppointmentView:
    given = {"uscc": world.firm.id_number, "identifier": "13900000002", "scope": "*", "ends_on": UNTIL, "proof": SURE}
    return actions.appoint_agent(by=world.actor(by), at=w.AT, **(given | more))


def told(world: World, who: str) -> list[str]:
    return [message.template for message in notify.inbox_of(world.actor(who)).items]


def test_an_agent_counts_from_accepting_until_withdrawn_and_both_are_told(world: World) -> None:
    register(world)
    father = world.actor("father")
    asked = ask(world)
    assert people.mandates_of(father.account_id or 0, at=w.AT) == []
    assert [each.firm_name for each in queries.invitations_of(father, at=w.AT)] == [world.firm.name]
    with pytest.raises(BadMandate):
        ask(world)
    with pytest.raises(contracts.NoSuchAppointment):
        actions.answer_appointment(appointment_id=asked.id, accepts=True, by=world.actor("neighbour"), at=w.AT)
    mandate = actions.answer_appointment(appointment_id=asked.id, accepts=True, by=father, at=w.AT)
    assert mandate
    assert world.actor("father", mandate).acting_for == world.firm.id
    assert people.mandates_of(father.account_id or 0, at=w.AT + timedelta(days=91)) == []
    (firm,) = queries.firms_led_by(world.actor("mother"), at=w.AT)
    assert ([each.id for each in firm.agents], firm.invitations) == ([mandate.id], ())
    with pytest.raises(NotYours):
        actions.end_agency(mandate_id=mandate.id, by=world.actor("neighbour"), at=w.AT)
    actions.end_agency(mandate_id=mandate.id, by=world.actor("mother"), at=w.AT)
    assert people.mandates_of(father.account_id or 0, at=w.AT) == []
    assert told(world, "mother") == ["login.agent-ended", "login.agent-accepted", "login.agent-asked-copy"]
    assert told(world, "father") == ["login.agent-ended", "login.agent-accepted", "login.agent-asked"]


def test_only_the_registered_representative_of_an_open_firm_asks_and_is_sure(world: World) -> None:
    with pytest.raises(NotYours):
        ask(world)
    register(world)
    for stranger in ("neighbour", "health.clerk"):
        with pytest.raises((NotYours, contracts.NotSureEnough)):
            ask(world, stranger)
    weak = Proof("m", (Method.PASSWORD,), Assurance.PASSWORD, w.AT)
    with pytest.raises(contracts.NotSureEnough):
        ask(world, proof=weak)
    wrong = (
        {"identifier": "13900000001"},
        {"identifier": "13999999999"},
        {"identifier": "health.clerk"},
        {"ends_on": w.AT.date() - timedelta(days=1)},
        {"ends_on": None},
        {"scope": "nothing.known"},
    )
    for given in wrong:
        with pytest.raises(BadMandate):
            ask(world, **given)


def test_a_firm_that_closed_or_changed_hands_gives_no_authority(world: World) -> None:
    register(world, representative_key=world.neighbour.subject_key)
    asked = ask(world, "neighbour")
    for change in ({"status": "revoked"}, {"status": "open", "representative_key": world.mother.subject_key}):
        LegalPerson.objects.update(**change)
        with pytest.raises(NotYours):
            actions.answer_appointment(appointment_id=asked.id, accepts=True, by=world.actor("father"), at=w.AT)
    LegalPerson.objects.update(status="revoked")
    with pytest.raises(NotYours):
        ask(world, "mother", identifier="13900000003")


def test_an_invitation_lapses_is_declined_or_taken_back_once(world: World) -> None:
    register(world)
    father, mother = world.actor("father"), world.actor("mother")
    asked = ask(world)
    late = w.AT + timedelta(days=15)
    with pytest.raises(contracts.NoSuchAppointment):
        actions.answer_appointment(appointment_id=asked.id, accepts=True, by=father, at=late)
    actions.answer_appointment(appointment_id=asked.id, accepts=False, by=father, at=w.AT)
    with pytest.raises(contracts.NoSuchAppointment):
        actions.answer_appointment(appointment_id=asked.id, accepts=True, by=father, at=w.AT)
    again = ask(world)
    with pytest.raises(NotYours):
        actions.cancel_appointment(appointment_id=again.id, by=world.actor("neighbour"), at=w.AT)
    actions.cancel_appointment(appointment_id=again.id, by=mother, at=w.AT)
    assert queries.invitations_of(father, at=w.AT) == []


def test_the_page_leads_representative_and_agent_through_it(world: World, client_as: Callable[[str], Client]) -> None:
    register(world)
    hers, his = client_as("mother"), client_as("father")
    until = (timezone.localdate() + timedelta(days=30)).isoformat()
    given = {"uscc": world.firm.id_number, "agent": "13900000002", "scope": "*", "ends_on": until}
    assert hers.post("/account/firms", given)["Location"].startswith("/login/confirm?level=2")
    code = hers.post("/login/confirm", {"method": "sms", "level": "2"}).context["demo_code"]
    hers.post("/login/confirm", {"method": "sms", "level": "2", "secret": code})
    assert hers.post("/account/firms", given)["Location"] == "/account/firms"
    assert "等对方接受" in hers.get("/account/firms").content.decode()
    asked = queries.invitations_of(world.actor("father"), at=timezone.now())[0]
    english = his.get("/account/firms", headers={"Accept-Language": "en"}).content.decode()
    assert "I am asked to act for" in english
    his.post(f"/account/firms/invitations/{asked.id}/answer", {"answer": "accept"})
    assert "不再经办" in his.get("/account/firms").content.decode()
    page = hers.get("/account/firms").content.decode()
    assert (world.father.name in page, "林**" in page) == (False, True)
