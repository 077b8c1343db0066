"""Codes to phones, registering, forgotten and changed passwords, the population registry."""

import re
from datetime import date, timedelta

import pytest
from pytest_django import Settings

from tests import world as w
from tests.world import World
from yiwang.data.registries import actions as registries
from yiwang.data.registries.contracts import PersonRecord
from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import ANONYMOUS, SYSTEM
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import PackSet
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_queries
from yiwang.kernel.people.contracts import AccountKind, BadAccount, BadParty, PartyKind
from yiwang.support.connectors.models import Push
from yiwang.support.login import _codes, actions, contracts
from yiwang.support.login.contracts import Admission, Door, Purpose, Step
from yiwang.support.login.models import PhoneCode

LATER = w.AT + timedelta(minutes=2)


def sign_in(identifier: str, password: str = w.PASSWORD, door: Door = Door.PERSON, **more: object) -> Admission:
    given: dict[str, object] = {"at": w.AT, "uscc": ""} | more
    return actions.sign_in(door=door, identifier=identifier, password=password, by=ANONYMOUS, **given)  # type: ignore[arg-type]


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
    with packs.using(PackSet([])):
        assert len(code_for("13900000001", Purpose.SIGN_IN)) == 6
        settings.YIWANG_DEMO = False
        with pytest.raises(contracts.CannotSend):
            code_for("13900000002", Purpose.SIGN_IN)


def test_a_code_goes_by_text_message_and_is_told_to_nobody_else(world: World, settings: Settings) -> None:
    settings.YIWANG_DEMO = False
    assert code_for("13900000001", Purpose.SIGN_IN) == ""
    (push,) = Push.objects.all()
    code = re.search(r"验证码(\d{6})，10分钟", push.content["text"])
    assert code is not None
    assert push.content["phone"] == "13900000001"
    assert actions.sign_in_by_code(phone="13900000001", code=code[1], by=ANONYMOUS, at=w.AT).step is Step.DONE


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


def in_registry(number: str, **more: object) -> None:
    values: dict[str, object] = {
        "id_number": number,
        "name": "孙桂芳",
        "sex": "2",
        "born_on": date(1955, 3, 4),
        "ethnicity": "01",
        "region_code": w.VILLAGE,
        "address": "柳岸社区1号",
        "household_no": "H1",
        "relation": "02",
        "phone": "13711110000",
    }
    person = PersonRecord(**(values | more))  # type: ignore[arg-type]
    registries.load(people=[person], by=SYSTEM, at=w.AT)


@pytest.mark.parametrize(
    ("name", "phone", "error"),
    [("孙小芳", "13711110000", BadParty), ("孙桂芳", "13811112222", contracts.CannotRegister)],
)
def test_another_name_or_phone_than_the_registry_s_is_refused_and_shown_to_the_person(
    world: World, name: str, phone: str, error: type[Exception]
) -> None:
    number = w.make_id_number("990102195503042", 22)
    in_registry(number)
    with pytest.raises(error):
        register(name=name, id_number=number, phone=phone)
    (shown,) = audit.disclosures_of(sealed_index(number), None).items
    assert (set(shown.elements), shown.purpose) == ({"person.name", "person.phone"}, "实名注册核验")


def test_the_person_in_the_registry_registers(world: World) -> None:
    number = w.make_id_number("990102195503042", 22)
    in_registry(number)
    register(name="孙桂芳", id_number=number, phone="13711110000")
    assert sign_in(number, "plum-tree-88").step is Step.DONE


def test_nobody_registers_as_one_who_died(world: World) -> None:
    number = w.make_id_number("990102195503042", 22)
    in_registry(number, died_on=date(2026, 1, 1))
    with pytest.raises(contracts.CannotRegister):
        register(name="孙桂芳", id_number=number, phone="13711110000")
