"""Two tills in the world, a case that owes a fee, and a fee officer."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from tests.flows import body
from tests.unit.support.payments.till import Till
from tests.world import CITY, MADE_AT, World, place_packs
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.cases import actions as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, PackSet
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_queries
from yiwang.kernel.people.contracts import AccountView, NewPost, NewStaff
from yiwang.support.payments import _channels, actions, contracts
from yiwang.support.payments.contracts import Charge, OrderView
from yiwang.support.payments.kinds import FeeItemPack, PaymentChannelPack

FEE, OTHER_FEE = "test.fees.court", "test.fees.balls"
OWES = """
id: test.owes
start: intake
outcomes: {played: {name: 已打, good: true}, unpaid: {name: 未缴费}}
steps:
  intake: {name: 收件, post: window-clerk, choices: {accept: {name: 受理, to: fee, accepts: true}}}
  fee: {name: 缴费, type: outside, system: payments, post: window-clerk, limit: 10 days, choices: {
      paid: {name: 已缴费, to: play},
      failed: {name: 算不出费用, to: intake},
      unpaid: {name: 逾期未缴费, by: post, to: end, outcome: unpaid}}}
  play: {name: 打球, post: window-clerk, choices: {
      done: {name: 打完, to: end, outcome: played, decides: true},
      again: {name: 退回缴费, to: fee}}}
  end: {name: 散场, type: end}
"""


def _fee(item_id: str, code: str, fen: int) -> Pack:
    data = {
        "kind": "FeeItem", "id": item_id, "title": "场地费", "code": code, "unit": "小时", "quantity": "hours",
        "legal_basis": [{"title": "俱乐部章程"}],
        "facts": {"hours": {"title": "小时", "type": "integer"}, "is_junior": {"title": "少年", "type": "bool"}},
        "tariff": [{"from": "2020-01-01", "fen": fen, "source": {"title": "价目表"}}],
        "reductions": [{"code": "junior", "sentence": "少年半价", "when": "is_junior", "basis": {"title": "价目表"}, "percent": 50}],
    }  # fmt: skip
    item = FeeItemPack.model_validate(data)
    return Pack("FeeItem", item_id, 1, item.title, f"{item_id}-1", "club", "club.yaml", item, data)


def _channel(name: str) -> Pack:
    data = {"kind": "PaymentChannel", "id": name, "title": name, "adapter": name, "url_setting": "YIWANG_TILL"}
    channel = PaymentChannelPack.model_validate(data)
    return Pack("PaymentChannel", name, 1, channel.title, f"{name}-1", "club", "club.yaml", channel, data)


@pytest.fixture
def tills(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Till]]:
    """Channels `east` and `west`, and a flow that waits for money."""
    found = {name: Till(name) for name in ("east", "west")}
    for name, till in found.items():
        monkeypatch.setitem(_channels.ADAPTERS, name, lambda _, till=till: till)
    flow = body(OWES)
    ours = [
        Pack("Flow", flow.id, 1, flow.title, "owes-1", "club", "club.yaml", flow, {}),
        _fee(FEE, "990001", 1001), _fee(OTHER_FEE, "990002", 300), _channel("east"), _channel("west"),
    ]  # fmt: skip
    with packs.using(PackSet([*place_packs(), *ours])):
        yield found


def fee_officer(world: World) -> AccountView:
    """The city's fee officer."""
    post = NewPost(world.org("city").id, "fee-officer", "收费管理员")
    (account,) = people.create_staff(staff=[NewStaff("fees", "收费员", (post,))], by=SYSTEM, at=MADE_AT)
    return account


@pytest.fixture
def officer(world: World) -> Actor:
    return people_queries.actor_of(fee_officer(world).id, at=world.at)


@pytest.fixture
def case(world: World, tills: dict[str, Till]) -> Callable[[], CaseView]:
    def opener() -> CaseView:
        return cases.open_case(
            kind="tests", flow="test.owes", title="租场地", org_id=world.org("health").id, region_code=CITY,
            applicant_id=world.mother.id, subject="陈晓岚", data={}, limits={}, by=world.actor("mother"), at=world.at,
        )  # fmt: skip

    return opener


@pytest.fixture
def order(world: World, case: Callable[[], CaseView]) -> Callable[..., OrderView]:
    keys = count()

    def opener(**facts: object) -> OrderView:
        return actions.open_order(
            fee_item_id=FEE, payer_id=world.mother.id, case_number=case().number, facts={"hours": 2} | facts,
            key=f"k{next(keys)}", by=SYSTEM, at=world.at,
        )  # fmt: skip

    return opener


@pytest.fixture
def charged(monkeypatch: pytest.MonkeyPatch) -> list[Charge]:
    """What every case owes, for the test to fill."""
    owed: list[Charge] = []
    monkeypatch.setattr(contracts, "_billers", [lambda case: tuple(owed)])
    return owed
