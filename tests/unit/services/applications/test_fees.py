"""A matter with a fee: filed, accepted, paid on the page, handled; the case waits meanwhile and staff see the money."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.jobs import run_waiting
from tests.singles import Singles
from tests.unit.support.payments.conftest import fee_officer
from tests.unit.support.payments.till import Till
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions as cases
from yiwang.kernel.cases import queries as cases_queries
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.packs import queries as packs
from yiwang.services.applications import actions
from yiwang.services.matters._check_fees import fees
from yiwang.services.matters.kinds import MatterPack
from yiwang.support.login.contracts import Assurance
from yiwang.support.notify.models import Message
from yiwang.support.payments import _channels
from yiwang.support.payments import actions as payments
from yiwang.support.payments import queries as bills

pytestmark = pytest.mark.django_db
MATTER = "992009001003"


def filed(singles: Singles, **changes: Any) -> CaseView:
    world = singles.world
    answers = {
        "phone": world.mother.phone, "residence_address": "安澜市临江区江畔街道柳岸社区9号", "reason": "lost",
        "is_low_income": False, "truthful": True,
    }  # fmt: skip
    case = actions.file(
        code=singles.code(MATTER, "police-household"), answers=answers | changes, materials={}, once="a" * 32,
        assurance=Assurance.CODE, by=world.actor("mother"), at=timezone.now(),
    )  # fmt: skip
    cases.advance(
        case_id=case.id, step="intake", choice="accept", by=world.actor("police-household.clerk"), at=timezone.now()
    )
    run_waiting()
    return case


def test_the_case_waits_until_its_fee_is_paid_on_the_page(
    singles: Singles, client_as: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    till = Till("sandbox")
    monkeypatch.setitem(_channels.ADAPTERS, "sandbox", lambda _: till)
    case, mother = filed(singles), client_as("mother")
    (order,) = bills.of_case(case.number)
    assert order.amount_fen == 1500
    assert "15.00" in str(Message.objects.get(template="anlan.messages.fee-due").wording)
    for path in (f"/my/cases/{case.number}", "/my"):
        assert f"/my/payments/{order.number}" in mother.get(path).content.decode()
    assert "您缴费" in mother.get(f"/my/cases/{case.number}").content.decode()
    page = mother.get(f"/my/payments/{order.number}").content.decode()
    assert "15.00" in page
    assert "支付沙箱" in page
    assert client_as("father").get(f"/my/payments/{order.number}").status_code == 403
    mother.post(f"/my/payments/{order.number}/start", {"channel": "sandbox"})
    page = mother.get(f"/my/payments/{order.number}", headers={"Accept-Language": "en"}).content.decode()
    assert "https://sandbox.example/pay/" in page
    assert "To the payment page" in page
    till.pay(next(iter(till.wanted)))
    mother.post(f"/my/payments/{order.number}/check")
    run_waiting()
    assert [task.step for task in cases_queries.peek(case.id).steps_open] == ["handle"]
    (receipt,) = bills.receipts_of(order.number)
    numbers = {"code": receipt.code, "number": receipt.number, "check_code": receipt.check_code}
    verified = Client().get("/receipts", numbers).content.decode()
    assert "真实有效" in verified
    assert "陈晓岚" not in verified
    assert Client().get("/receipts", numbers | {"check_code": "x"}).status_code == 404
    assert Client().get("/api/receipts/verify", numbers).json()["amount_fen"] == 1500
    assert mother.get("/api/my/payments").json()["items"][0]["state"] == "paid"
    assert "已缴费" in mother.get("/my/payments").content.decode()


def test_who_is_exempt_pays_nothing_and_waits_for_nothing(singles: Singles) -> None:
    case = filed(singles, is_low_income=True)
    assert [task.step for task in cases_queries.peek(case.id).steps_open] == ["handle"]
    (order,) = bills.of_case(case.number)
    assert (order.state, order.sum.reductions[0].code) == ("waived", "low-income")


def test_a_matter_whose_flow_does_not_wait_for_its_fee_is_refused(singles: Singles) -> None:
    pack = packs.get("Matter", "anlan.police.residence-permit-replacement")
    body = pack.as_type(MatterPack)
    dry = body.model_copy(update={"flow": "standard.public-service@1"})
    assert [each.where for each in fees(pack, packs.current(), dry)] == ["flow"]
    part = body.fees[0].model_copy(update={"facts": {"colour": "reason"}})
    said = [each.what for each in fees(pack, packs.current(), body.model_copy(update={"fees": (part,)}))]
    assert [("colour" in each, "is_low_income" in each) for each in said] == [(True, False), (False, True)]


def test_staff_see_orders_fees_and_comparisons_where_their_post_allows(
    singles: Singles, client_as: Callable[[str], Client]
) -> None:
    case = filed(singles)
    (order,) = bills.of_case(case.number)
    singles.world.accounts["city.fees"] = fee_officer(singles.world)
    desk = client_as("city.fees")
    assert order.number in desk.get("/desk/payments").content.decode()
    assert "103042716" in desk.get("/desk/fees").content.decode()
    assert desk.get(f"/desk/payments/{order.number}").status_code == 200
    assert desk.get("/desk/reconciliations").status_code == 200
    assert client_as("health.clerk").get("/desk/reconciliations").status_code == 403
    assert client_as("health.clerk").get(f"/desk/payments/{order.number}").status_code == 404
    payments.close_order(number=order.number, reason="测试", by=SYSTEM, at=timezone.now())
    assert "已关闭" in desk.get("/desk/payments?state=closed").content.decode()
