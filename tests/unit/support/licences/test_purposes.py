"""加注件: asked for, answered or resting on a law, marked, verified, taken back; and the credential of a wallet."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import ofdkit
import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM, Denied
from yiwang.kernel.workdays.queries import legal_day
from yiwang.support.licences import _credential, actions, queries
from yiwang.support.licences.contracts import (
    CannotAnswer,
    CannotAsk,
    CopyAsk,
    CopyNotGiven,
    CopyState,
    CopyView,
    Holder,
    LicenceNotFound,
    LicenceView,
    NoCopy,
)
from yiwang.support.notify import queries as messages
from yiwang.support.seals import actions as seals
from yiwang.support.seals.contracts import Format

As = Callable[[str], Client]
Ask = Callable[..., CopyView]
BASE = "http://testserver"


@pytest.fixture
def card(world: World) -> LicenceView:
    """The neighbour's senior card, of the hour of the test: pages know no other."""
    return actions.issue(
        type_id="senior-card",
        holder=Holder("周敏", "111", world.neighbour.id_number),
        issuer_org_id=world.org("health").id,
        fields={"name": "周敏", "id_number": world.neighbour.id_number, "born_on": "1948-11-02", "sex": "2"},
        by=world.actor("health.approver"),
        at=timezone.now(),
    )


@pytest.fixture
def ask(world: World, card: LicenceView) -> Ask:
    def asked(**changes: Any) -> CopyView:
        wanted = {
            "type_id": card.type_id,
            "id_number": world.neighbour.id_number,
            "org_id": world.org("human-resources").id,
            "purpose": "办理养老服务补贴",
            "until": timezone.localdate() + timedelta(days=30),
            "case_number": "990102202611230000017",
        } | changes
        return actions.ask_copy(wanted=CopyAsk(**wanted), by=world.actor("human-resources.clerk"), at=timezone.now())

    return asked


def test_nothing_is_given_without_the_holders_leave(ask: Ask, world: World) -> None:
    copy, clerk = ask(), world.actor("human-resources.clerk")
    assert (copy.state, copy.authority) == (CopyState.ASKED, "本人同意")
    said = messages.inbox(world.neighbour.id).items[0].zh
    assert ("区人社局申请使用" in said.text, said.detail) == (True, "用途：办理养老服务补贴")
    assert queries.verify(copy.code) is None
    with pytest.raises(CopyNotGiven, match="等持证人同意"):
        actions.copy_file(copy_id=copy.id, format_=Format.OFD, base=BASE, by=clerk, at=timezone.now())
    mother = world.mother.subject_key
    with pytest.raises(LicenceNotFound):
        actions.answer_copy(
            copy_id=copy.id, subject_key=mother, is_agreed=True, by=world.actor("mother"), at=timezone.now()
        )
    late = timezone.now() + timedelta(days=8)
    with pytest.raises(CannotAnswer):
        actions.answer_copy(
            copy_id=copy.id,
            subject_key=world.neighbour.subject_key,
            is_agreed=True,
            by=world.actor("neighbour"),
            at=late,
        )
    assert queries.copies_of_holder(world.neighbour.subject_key, on=legal_day(late))[0].state is CopyState.UNANSWERED


def test_a_law_takes_the_place_of_leave_and_the_holder_is_told(ask: Ask, world: World) -> None:
    copy = ask(ground="statutory_duty")
    assert copy.is_in_force
    assert "第三项" in copy.authority
    assert messages.inbox(world.neighbour.id).items[0].zh.title == "有单位依法调用了您的证照"
    with pytest.raises(CannotAnswer):
        actions.withdraw_copy(
            copy_id=copy.id, subject_key=world.neighbour.subject_key, by=world.actor("neighbour"), at=timezone.now()
        )


def test_what_is_asked_must_be_in_order(ask: Ask, world: World) -> None:
    today = timezone.localdate()
    for wrong in (
        {"purpose": " "},
        {"purpose": "字" * 61},
        {"until": today - timedelta(days=1)},
        {"until": today + timedelta(days=91)},
        {"ground": "because"},
        {"ground": "emergency"},  # another kind of unit's
    ):
        with pytest.raises(CannotAsk):
            ask(**wrong)
    with pytest.raises(LicenceNotFound):
        ask(id_number=world.mother.id_number)
    with pytest.raises(Denied):
        ask(org_id=world.org("other-health").id)


def test_the_copy_says_what_it_is_for_and_is_over_when_its_leave_is(
    ask: Ask, card: LicenceView, world: World, client_as: As, client: Client
) -> None:
    now, org = timezone.now(), world.org("health")
    seals.found_authority(by=SYSTEM, at=now)
    seals.make_seal(org_id=org.id, kind="licence", name=org.name, grounds="启用", by=SYSTEM, at=now)
    clerk, holder = client_as("human-resources.clerk"), client_as("neighbour")
    asked = clerk.post(
        "/desk/licences/copies/new",
        {
            "org": world.org("human-resources").id,
            "type": card.type_id,
            "id_number": world.neighbour.id_number,
            "purpose": "办理养老服务补贴",
            "until": f"{timezone.localdate() + timedelta(days=30)}",
        },
        follow=True,
    )
    assert "等持证人同意" in asked.content.decode()
    copy = queries.copies_of_holder(world.neighbour.subject_key)[0]
    assert holder.get("/my/licences/uses").content.decode().count('value="agree"') == 1
    assert client_as("mother").post(f"/my/licences/uses/{copy.id}", {"answer": "agree"}).status_code == 404
    assert "撤回同意" in holder.post(f"/my/licences/uses/{copy.id}", {"answer": "agree"}, follow=True).content.decode()

    path = f"/desk/licences/copies/{copy.id}"
    assert f"{path}/copy.ofd" in clerk.get(path).content.decode()
    data = clerk.get(f"{path}/copy.ofd").content
    assert clerk.get(f"/api/licences/copies/{copy.id}/file").content == data
    assert client_as("health.clerk").get(path).status_code == 404
    assert client_as("health.approver").get(f"{path}/copy.ofd").status_code == 403
    with ofdkit.open(io.BytesIO(data)) as document:
        text = document.text()
    assert "仅用于办理养老服务补贴" in text
    assert "临江区人力资源和社会保障局使用，有效期至" in text
    assert copy.code_spaced in text
    uses = holder.get("/my/data-use").content.decode()
    assert "调用老年人优待证：办理养老服务补贴" in uses

    page = client.get(f"/v/{copy.code}").content.decode()
    assert all(
        words in page for words in ("is-valid", "这是一份加注件", "办理养老服务补贴", "临江区人力资源和社会保障局")
    )
    assert "周敏" not in page
    assert "仅用于" in client.post("/v/file", {"file": _upload(data)}).content.decode()
    holder.post(f"/my/licences/uses/{copy.id}", {"answer": "withdraw"})
    assert "持证人已经撤回同意" in client.post("/v/file", {"file": _upload(data)}).content.decode()
    assert "is-invalid" in client.get(f"/v/{copy.code}").content.decode()
    assert clerk.get(f"{path}/copy.ofd").status_code == 403


def test_a_copy_is_over_with_its_day_and_with_a_change_of_the_licence(
    ask: Ask, card: LicenceView, world: World
) -> None:
    copy, clerk = ask(ground="statutory_duty"), world.actor("human-resources.clerk")
    over = queries.verify(copy.code, on=copy.until + timedelta(days=1))
    assert over is not None
    assert (over.is_valid, "已过使用期限" in over.sentence) == (False, True)
    boss = world.actor("health.approver")
    actions.correct(licence_id=card.id, grounds="性别写错", fields={"sex": "1"}, by=boss, at=timezone.now())
    changed = queries.verify(copy.code)
    assert changed is not None
    assert (changed.is_valid, "有过变更" in changed.sentence) == (False, True)
    with pytest.raises(NoCopy):
        actions.copy_file(copy_id=copy.id, format_=Format.OFD, base=BASE, by=clerk, at=timezone.now())


def test_a_wallet_gets_a_credential_that_anybody_can_check(
    card: LicenceView, world: World, client_as: As, client: Client
) -> None:
    path = f"/my/licences/{card.id}/credential.json"
    assert client_as("mother").get(path).status_code == 404
    answer = client_as("neighbour").get(path)
    made = json.loads(answer.content)
    assert answer["Content-Type"] == "application/vc"
    assert made["credentialSubject"]["holderName"] == "周敏"
    assert made["id"] == f"{BASE}/v/{card.verify_code}"
    told = client.get("/.well-known/did.json").json()
    assert made["issuer"]["id"] == told["id"] == "did:web:testserver"
    method = next(each for each in told["verificationMethod"] if each["id"] == made["proof"]["verificationMethod"])
    assert _credential.is_sound(made, _credential.key_of(method["publicKeyMultibase"]))
    assert "is-valid" in _checked(client, made)
    changed = {**made, "credentialSubject": {**made["credentialSubject"], "holderName": "陈敏"}}
    assert "内容被改动" in _checked(client, changed)
    elsewhere = {**made, "proof": {**made["proof"], "verificationMethod": "did:web:elsewhere#z6Mk"}}
    assert "不是本地公布的密钥" in _checked(client, elsewhere)
    actions.revoke(licence_id=card.id, grounds="签发有误", by=world.actor("health.approver"), at=timezone.now())
    assert "撤销这份证照" in _checked(client, made)


def test_a_new_key_is_published_before_it_signs_and_a_leaked_one_is_believed_no_more(card: LicenceView) -> None:
    now = timezone.now()

    def made_at(at: Any) -> dict[str, Any]:
        return actions.credential(licence_id=card.id, base=BASE, by=SYSTEM, at=at)

    def listed() -> list[str]:
        return [each["publicKeyMultibase"] for each in queries.did_document(BASE)["verificationMethod"]]

    def signer(made: dict[str, Any]) -> str:
        return str(made["proof"]["verificationMethod"]).rpartition("#")[2]

    first = made_at(now)
    second = actions.roll_credential_key(by=SYSTEM, at=now)
    assert listed() == [signer(first), second]
    assert signer(made_at(now + timedelta(hours=23))) == signer(first)
    assert signer(made_at(now + timedelta(hours=25))) == second
    third = actions.roll_credential_key(at_once=True, by=SYSTEM, at=now)
    assert listed() == [third]
    report, _ = queries.verify_file(json.dumps(first).encode())
    assert not report.is_valid


def _checked(client: Client, document: dict[str, Any]) -> str:
    return client.post("/v/file", {"file": _upload(json.dumps(document).encode())}).content.decode()


def _upload(content: bytes) -> io.BytesIO:
    stream = io.BytesIO(content)
    stream.name = "copy.ofd"
    return stream
