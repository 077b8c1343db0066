"""Signing in: right and wrong passwords, lock-out, codes, second factors, registering, tokens, mandates."""

from datetime import date, timedelta

import pyotp
import pytest
from pytest_django import Settings

from tests import world as w
from tests.world import World
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import ANONYMOUS, SYSTEM
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_queries
from yiwang.kernel.people.contracts import AccountKind, BadAccount, BadMandate, BadParty, NotYours, PartyKind
from yiwang.support.login import _codes, _lockout, actions, contracts, queries
from yiwang.support.login.contracts import Admission, Door, Purpose, Step
from yiwang.support.login.models import FailedSignIns, PhoneCode, Token

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


# --- second factor


def enrolled(world: World, key: str) -> tuple[pyotp.TOTP, list[str]]:
    account_id = world.account(key).id
    enrolment = actions.begin_second_factor(account_id=account_id, issuer="安澜政务", by=SYSTEM, at=w.AT)
    totp = pyotp.TOTP(enrolment.secret)
    codes = actions.confirm_second_factor(account_id=account_id, code=totp.at(w.AT), by=SYSTEM, at=w.AT)
    return totp, codes


def test_posts_that_packs_name_must_set_up_a_second_factor(world: World) -> None:
    assert sign_in("city.steward", door=Door.STAFF).step is Step.ENROL
    enrolled(world, "city.steward")
    assert sign_in("city.steward", door=Door.STAFF).step is Step.CODE
    steward = world.actor("city.steward")
    with pytest.raises(contracts.SecondFactorNeeded):
        actions.remove_second_factor(account_id=steward.account_id or 0, code="000000", by=steward, at=w.AT)


def test_a_code_opens_once_with_one_step_of_drift(world: World) -> None:
    totp, _ = enrolled(world, "mother")
    account_id = world.account("mother").id

    def give(code: str, at: object) -> None:
        actions.pass_second_factor(account_id=account_id, code=code, by=ANONYMOUS, at=at)  # type: ignore[arg-type]

    with pytest.raises(contracts.CodeWrong):
        give(totp.at(w.AT), w.AT)
    give(totp.at(LATER), LATER + timedelta(seconds=30))
    with pytest.raises(contracts.CodeWrong):
        give(totp.at(LATER), LATER + timedelta(seconds=30))
    with pytest.raises(contracts.CodeWrong):
        give(totp.at(LATER + timedelta(minutes=1)), LATER + timedelta(minutes=3))


def test_a_recovery_code_opens_once_and_wrong_codes_lock(world: World) -> None:
    totp, codes = enrolled(world, "mother")
    account_id = world.account("mother").id
    assert len(set(codes)) == 8
    actions.pass_second_factor(account_id=account_id, code=codes[0].upper(), by=ANONYMOUS, at=LATER)
    for _ in range(5):
        with pytest.raises(contracts.CodeWrong):
            actions.pass_second_factor(account_id=account_id, code=codes[0], by=ANONYMOUS, at=LATER)
    with pytest.raises(contracts.SignInLocked):
        actions.pass_second_factor(account_id=account_id, code=totp.at(LATER), by=ANONYMOUS, at=LATER)


def test_one_sets_up_and_takes_off_only_one_s_own(world: World) -> None:
    mother, father = world.actor("mother"), world.actor("father")
    with pytest.raises(NotYours):
        actions.begin_second_factor(account_id=mother.account_id or 0, issuer="x", by=father, at=w.AT)
    totp, _ = enrolled(world, "mother")
    actions.remove_second_factor(account_id=mother.account_id or 0, code=totp.at(LATER), by=mother, at=LATER)
    assert not queries.has_second_factor(mother.account_id or 0)


def test_a_colleague_with_the_permission_resets_a_lost_second_factor(world: World) -> None:
    enrolled(world, "health.clerk")
    health, clerk = world.org("health").id, world.account("health.clerk").id
    with pytest.raises(NotPermitted):
        actions.reset_second_factor(account_id=clerk, at_org=health, by=world.actor("health.reviewer"), at=w.AT)
    people.appoint(
        account_id=world.account("health.reviewer").id,
        org_id=health,
        post_type="office-admin",
        title="人事管理员",
        since=w.AT.date(),
        by=SYSTEM,
        at=w.AT,
    )
    admin = world.actor("health.reviewer")
    with pytest.raises(NotYours):
        actions.reset_second_factor(account_id=world.account("city.steward").id, at_org=health, by=admin, at=w.AT)
    actions.reset_second_factor(account_id=clerk, at_org=health, by=admin, at=w.AT)
    assert not queries.has_second_factor(clerk)


# --- codes to phones, registering


def code_for(phone: str, purpose: Purpose, at: object = w.AT) -> str:
    return actions.send_code(phone=phone, purpose=purpose, by=ANONYMOUS, at=at)  # type: ignore[arg-type]


def test_a_code_signs_in_once(world: World) -> None:
    code = code_for("139 0000 0001", Purpose.SIGN_IN)
    assert (
        actions.sign_in_by_code(phone="13900000001", code=code, by=ANONYMOUS, at=LATER).account_id
        == world.account("mother").id
    )
    with pytest.raises(contracts.CodeWrong):
        actions.sign_in_by_code(phone="13900000001", code=code, by=ANONYMOUS, at=LATER)
    assert "13900000001" not in str(PhoneCode.objects.values())


def test_codes_expire_wear_out_and_are_not_sent_too_often(world: World) -> None:
    code = code_for("13900000001", Purpose.SIGN_IN)
    with pytest.raises(contracts.CodeTooSoon):
        code_for("13900000001", Purpose.SIGN_IN)
    with pytest.raises(contracts.CodeWrong):
        actions.sign_in_by_code(phone="13900000001", code=code, by=ANONYMOUS, at=w.AT + timedelta(minutes=11))
    code = code_for("13900000001", Purpose.SIGN_IN, LATER)
    for _ in range(_codes.TRIES):
        with pytest.raises(contracts.CodeWrong):
            actions.sign_in_by_code(phone="13900000001", code="x", by=ANONYMOUS, at=LATER)
    with pytest.raises(contracts.CodeWrong):
        actions.sign_in_by_code(phone="13900000001", code=code, by=ANONYMOUS, at=LATER)
    for i in range(2, _codes.A_DAY):
        code_for("13900000001", Purpose.SIGN_IN, w.AT + timedelta(minutes=2 * i))
    with pytest.raises(contracts.CodeTooSoon, match="今天"):
        code_for("13900000001", Purpose.SIGN_IN, w.AT + timedelta(hours=2))
    assert code_for("13900000001", Purpose.SIGN_IN, w.AT + timedelta(days=1))


def test_without_a_channel_only_the_demo_place_tells_the_code(world: World, settings: Settings) -> None:
    assert len(code_for("13900000001", Purpose.SIGN_IN)) == 6
    settings.YIWANG_DEMO = False
    with pytest.raises(contracts.CannotSend):
        code_for("13900000002", Purpose.SIGN_IN)


def test_a_registered_channel_carries_the_code(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(contracts, "_senders", [lambda phone, code: sent.append((phone, code))])
    settings.YIWANG_DEMO = False
    assert code_for("13900000001", Purpose.SIGN_IN) == ""
    ((phone, code),) = sent
    assert phone == "13900000001"
    assert actions.sign_in_by_code(phone=phone, code=code, by=ANONYMOUS, at=w.AT).step is Step.DONE


def register(phone: str = "13811112222", **more: str) -> object:
    given = {"name": "王小云", "id_number": w.make_id_number("990102199501012", 34), "password": "plum-tree-88"}
    code = code_for(phone, Purpose.REGISTER)
    return actions.register(**(given | {"phone": phone, "code": code} | more), by=ANONYMOUS, at=w.AT)


def test_a_resident_registers_and_signs_in(world: World) -> None:
    register()
    (account,) = people_queries.accounts_named("13811112222")
    assert (account.kind, account.name) == (AccountKind.RESIDENT, "王小云")
    assert sign_in("13811112222", "plum-tree-88").account_id == account.id


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"id_number": "990102199501012341"}, BadParty),
        ({"name": ""}, BadParty),
        ({"password": "123"}, BadAccount),
        ({"password": "12345678"}, BadAccount),
        ({"code": "x"}, contracts.CodeWrong),
    ],
)
def test_what_a_registration_refuses(world: World, given: dict[str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        register(**given)
    assert people_queries.accounts_named("13811112222") == []


def test_a_slip_of_the_pen_does_not_cost_the_code(world: World) -> None:
    code = code_for("13811112222", Purpose.REGISTER)
    given = {"name": "王小云", "phone": "13811112222", "code": code, "password": "plum-tree-88", "at": w.AT}
    with pytest.raises(BadParty):
        actions.register(**given, id_number="1", by=ANONYMOUS)
    number = w.make_id_number("990102199501012", 34)
    actions.register(**given, id_number=number, by=ANONYMOUS)
    with pytest.raises(contracts.CodeWrong):
        actions.register(**given, id_number=number, by=ANONYMOUS)


def test_knowing_a_number_is_not_being_that_person(world: World) -> None:
    people.ensure_party(
        kind=PartyKind.PERSON,
        name="孙桂芳",
        id_type="111",  # type: ignore[arg-type]
        id_number=(number := w.make_id_number("990102195503042", 22)),
        phone="13711110000",
        by=SYSTEM,
        at=w.AT,
    )
    with pytest.raises(contracts.CannotRegister):
        register(name="孙桂芳", id_number=number)
    with pytest.raises(contracts.CannotRegister):
        register(phone="13811112223", name="陈晓岚", id_number=world.mother.id_number)


def test_a_forgotten_password_needs_the_phone_on_record(world: World) -> None:
    code = code_for("13900000002", Purpose.FORGOTTEN)
    new = {"code": code, "password": "plum-tree-88", "by": ANONYMOUS, "at": w.AT}
    with pytest.raises(contracts.SignInRefused):
        actions.set_new_password(id_number=world.mother.id_number, phone="13900000002", **new)
    code = code_for("13900000001", Purpose.FORGOTTEN)
    actions.set_new_password(id_number=world.mother.id_number, phone="13900000001", **(new | {"code": code}))
    assert sign_in("13900000001", "plum-tree-88").step is Step.DONE


def test_changing_the_password_asks_for_the_old_one(world: World) -> None:
    mother = world.actor("mother")
    with pytest.raises(BadAccount):
        actions.change_password(old="wrong", new="plum-tree-88", by=mother, at=w.AT)
    actions.change_password(old=w.PASSWORD, new="plum-tree-88", by=mother, at=w.AT)
    assert sign_in("13900000001", "plum-tree-88").step is Step.DONE


# --- tokens and mandates


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
