"""The sandbox channel over HTTP in a process of its own: pay, hear it twice and forged, close, refund, file of the day."""

from collections.abc import Callable

import httpx
import pytest
from django.utils import timezone

from tests.outside.played import Letter, Played
from tests.patience import PATIENCE_SECONDS
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions as cases
from yiwang.support.payments import actions, queries
from yiwang.support.payments.contracts import OrderState, OrderView

pytestmark = pytest.mark.django_db
FEE = "anhe.fees.residence-permit-replacement"


@pytest.fixture
def order(world: World) -> OrderView:
    case = cases.open_case(
        kind="tests", flow="standard.public-service", title="补领居住证", org_id=world.org("police-household").id,
        region_code="990102000000", applicant_id=world.mother.id, subject="陈晓岚", data={}, limits={},
        by=world.actor("mother"), at=world.at,
    )  # fmt: skip
    return actions.open_order(
        fee_item_id=FEE, payer_id=world.mother.id, case_number=case.number,
        facts={"is_low_income": False, "reason": "lost"}, key="first", by=SYSTEM, at=timezone.now(),
    )  # fmt: skip


def press(page: str, what: str) -> None:
    with httpx.Client(trust_env=False, timeout=PATIENCE_SECONDS) as client:
        assert "15.00" in client.get(page).text
        assert client.post(page, data={"what": what}).status_code == 303


def test_a_payment_goes_all_the_way(play: Callable[..., Played], order: OrderView, world: World) -> None:
    till = play("sandbox", duplicate=1000)
    mother, now = world.actor("mother"), timezone.now()
    page = actions.start_payment(number=order.number, channel="sandbox", by=mother, at=now)
    press(page, "pay")
    letters = till.work()
    assert len(letters) == 2  # the mood says everything twice
    letter: Letter = letters[0]
    forged = letter.body.replace(b'"amount_fen": 1500', b'"amount_fen": 1')
    assert forged != letter.body
    assert letter.hand_in(body=forged).status_code == 401
    assert letter.hand_in(timestamp="1").status_code == 401
    assert queries.get(order.number).state is OrderState.OPEN
    assert [each.hand_in().status_code for each in letters] == [200, 200]
    assert queries.get(order.number).state is OrderState.PAID
    assert len(queries.receipts_of(order.number)) == 1
    today = timezone.localdate()
    found = actions.reconcile(channel="sandbox", day=today, by=SYSTEM, at=timezone.now())
    assert (found.theirs_count, found.theirs_fen, found.differences) == (1, 1500, 0)


def test_a_failed_try_a_lost_notice_and_a_second_try(
    play: Callable[..., Played], order: OrderView, world: World
) -> None:
    play("sandbox", lose=1000)
    mother = world.actor("mother")
    press(actions.start_payment(number=order.number, channel="sandbox", by=mother, at=timezone.now()), "fail")
    assert actions.check(number=order.number, by=mother, at=timezone.now()).state is OrderState.OPEN
    press(actions.start_payment(number=order.number, channel="sandbox", by=mother, at=timezone.now()), "pay")
    assert actions.check(number=order.number, by=mother, at=timezone.now()).state is OrderState.PAID
    assert [each.state for each in queries.payments_of(order.number)] == ["failed", "kept"]
