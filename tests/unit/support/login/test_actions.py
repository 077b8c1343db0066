"""Signing in by password: right and wrong, lock-out, firms; tokens and mandates."""

from datetime import date, timedelta

import pytest

from tests import world as w
from tests.world import World
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import ANONYMOUS, SYSTEM
from yiwang.kernel.people import actions as people
from yiwang.kernel.people.contracts import BadAccount, BadMandate, NotYours, PartyKind
from yiwang.support.login import _lockout, actions, contracts, queries
from yiwang.support.login.contracts import Admission, Door, Step
from yiwang.support.login.models import FailedSignIns, Token

LATER = w.AT + timedelta(minutes=2)


def sign_in(identifier: str, password: str = w.PASSWORD, door: Door = Door.PERSON, **more: object) -> Admission:
    given: dict[str, object] = {"at": w.AT, "uscc": ""} | more
    return actions.sign_in(door=door, identifier=identifier, password=password, by=ANONYMOUS, **given)  # type: ignore[arg-type]


def wrong(identifier: str, times: int, at: object = w.AT) -> None:
    for _ in range(times):
        with pytest.raises(contracts.SignInRefused):
            sign_in(identifier, "wrong", at=at)


def test_residents_sign_in_by_phone_or_number_and_staff_by_work_number(world: World) -> None:
    mother, clerk = world.account("mother"), world.account("health.clerk")
    assert sign_in("13900000001") == sign_in(world.mother.id_number) == Admission(mother.id, None, Step.DONE)
    assert sign_in("health.clerk", door=Door.STAFF).account_id == clerk.id
    for identifier, door in (
        ("health.clerk", Door.PERSON),
        ("13900000001", Door.STAFF),
        ("household-system", Door.STAFF),
    ):
        with pytest.raises(contracts.SignInRefused):
            sign_in(identifier, door=door)


def test_a_refusal_does_not_tell_whether_the_name_exists(world: World) -> None:
    said = []
    for identifier in ("13900000001", "13999999999"):
        with pytest.raises(contracts.SignInRefused) as refused:
            sign_in(identifier, "wrong")
        said.append((refused.value.message, refused.value.hint, refused.value.places))
    assert said[0] == said[1]


def test_five_wrong_passwords_lock_the_name_for_a_quarter_of_an_hour(world: World) -> None:
    wrong("13900000001", 5)
    with pytest.raises(contracts.SignInLocked, match="15分钟"):
        sign_in("13900000001")
    assert sign_in("13900000002").account_id == world.account("father").id
    assert sign_in("13900000001", at=w.AT + timedelta(minutes=16)).step is Step.DONE
    wrong("13900000001", 4, at=w.AT + timedelta(minutes=17))
    assert sign_in("13900000001", at=w.AT + timedelta(minutes=17)).step is Step.DONE


def test_a_right_password_forgives_and_time_forgets(world: World) -> None:
    wrong("13900000001", 4)
    sign_in("13900000001")
    wrong("13900000001", 4)
    wrong("13900000001", 4, at=w.AT + timedelta(hours=2))
    assert sign_in("13900000001", at=w.AT + timedelta(hours=2)).step is Step.DONE


def test_failures_and_records_hold_no_personal_data(world: World) -> None:
    wrong("13900000001", 5)
    key = FailedSignIns.objects.get().key
    assert "139" not in key[:11]
    trail = audit.trail(f"sign-in:{key[:16]}")
    assert [record.event for record in trail.items][:1] == ["login.locked"]
    assert "13900000001" not in str(trail)


def test_a_closed_account_does_not_sign_in(world: World) -> None:
    people.set_active(account_id=world.account("mother").id, is_active=False, by=SYSTEM, at=w.AT)
    with pytest.raises(contracts.SignInRefused):
        sign_in("13900000001")


def test_a_shared_phone_asks_for_the_id_number(world: World) -> None:
    people.correct_party(party_id=world.father.id, phone="13900000001", by=SYSTEM, at=w.AT)
    with pytest.raises(contracts.SignInRefused) as refused:
        sign_in("13900000001")
    assert refused.value.places[0].where == "identifier"
    assert sign_in(world.father.id_number).account_id == world.account("father").id


def test_a_firm_s_agent_signs_in_with_the_firm_s_code(world: World) -> None:
    firm, agent = world.firm.id_number, {"door": Door.FIRM, "uscc": world.firm.id_number}
    with pytest.raises(contracts.SignInRefused):
        sign_in("13900000003", **agent)
    mandate = world.mandate(world.firm, "neighbour")
    assert sign_in("13900000003", **agent).mandate_id == mandate.id
    assert sign_in("13900000003", door=Door.FIRM, uscc=firm.lower()).mandate_id == mandate.id
    for uscc in ("", "9" * 18):
        with pytest.raises(contracts.SignInRefused):
            sign_in("13900000003", door=Door.FIRM, uscc=uscc)


def test_a_token_is_a_machine_until_revoked_or_past_its_day(world: World) -> None:
    machine = world.account("machine")
    token = actions.issue_token(account_id=machine.id, title="户籍", expires_on=date(2026, 12, 31), by=SYSTEM, at=w.AT)
    assert queries.actor_of_token(token, at=w.AT).account_id == machine.id
    assert token.rpartition("_")[2] not in str(Token.objects.values())
    assert queries.actor_of_token(token, at=w.AT + timedelta(days=60)) is ANONYMOUS
    assert queries.actor_of_token(token[:-1], at=w.AT) is ANONYMOUS
    assert queries.actor_of_token("yw_", at=w.AT) is ANONYMOUS
    (view,) = queries.tokens_of(machine.id)
    actions.revoke_token(token_id=view.id, by=SYSTEM, at=w.AT)
    assert queries.actor_of_token(token, at=w.AT) is ANONYMOUS
    with pytest.raises(contracts.NoSuchToken):
        actions.revoke_token(token_id=view.id, by=SYSTEM, at=w.AT)


def test_tokens_are_for_machines_and_given_by_staff(world: World) -> None:
    given = {"title": "x", "expires_on": date(2026, 12, 31), "at": w.AT}
    with pytest.raises(BadAccount):
        actions.issue_token(account_id=world.account("mother").id, by=SYSTEM, **given)
    with pytest.raises(NotYours):
        actions.issue_token(account_id=world.account("machine").id, by=world.actor("mother"), **given)


def test_a_resident_authorises_by_the_agent_s_sign_in_name(world: World) -> None:
    mother = world.actor("mother")
    mandate = actions.authorise(identifier="13900000003", scope="*", ends_on=date(2026, 12, 31), by=mother, at=w.AT)
    assert world.actor("neighbour", mandate).acting_for == world.mother.id
    for _ in range(_lockout.TRIES):
        with pytest.raises(BadMandate):
            actions.authorise(identifier="13999999999", scope="*", ends_on=None, by=mother, at=w.AT)
    with pytest.raises(contracts.SignInLocked):
        actions.authorise(identifier="13900000003", scope="*", ends_on=date(2026, 12, 31), by=mother, at=w.AT)


def test_a_clerk_records_a_paper_of_authority_at_the_own_window(world: World) -> None:
    paper = {
        "kind": PartyKind.FIRM,
        "name": world.firm.name,
        "id_number": world.firm.id_number,
        "phone": "",
        "identifier": "13900000003",
        "scope": "*",
        "ends_on": date(2026, 12, 31),
        "document_no": "授权〔2026〕7号",
        "at": w.AT,
    }
    centre = world.org("service-centre").id
    mandate = actions.record_mandate(**paper, at_org=centre, by=world.actor("service-centre.clerk"))
    assert (mandate.principal_id, mandate.document_no) == (world.firm.id, "授权〔2026〕7号")
    with pytest.raises(NotPermitted):
        actions.record_mandate(**paper, at_org=centre, by=world.actor("other-health.clerk"))
    with pytest.raises(BadMandate):
        actions.record_mandate(**(paper | {"document_no": ""}), at_org=centre, by=world.actor("service-centre.clerk"))
