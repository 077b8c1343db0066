"""Whatever happens in whatever order, a debt is paid once: random interleavings of pay, callback, retry, refund, crash."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.unit.support.payments.till import Till
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM, Actor, YiwangError
from yiwang.support.payments import actions, queries
from yiwang.support.payments.contracts import Notice, OrderState, OrderView, Said, Word
from yiwang.support.payments.models import Order, Receipt

pytestmark = pytest.mark.django_db
CHANNELS = st.sampled_from(["east", "west"])
BREAKS = st.sampled_from(["", "", "before", "after"])
STEPS = 20


class Died(Exception):
    """The process is gone before it could commit."""


class Debt(RuleBasedStateMachine):
    order_of: Callable[..., OrderView]
    tills: dict[str, Till]
    payer: Actor
    officer: Actor
    begun_at: datetime

    @initialize()
    def owe(self) -> None:
        for till in self.tills.values():
            till.__init__(till.name)  # type: ignore[misc]
        self.order = type(self).order_of()
        self.asked, self.key, self.at = 0, 0, self.begun_at

    def tick(self) -> None:
        self.at += timedelta(seconds=30)

    @rule(channel=CHANNELS, breaks=BREAKS)
    def start(self, channel: str, breaks: str) -> None:
        self.tick()
        self.tills[channel].breaks = breaks
        with suppress(YiwangError):
            actions.start_payment(number=self.order.number, channel=channel, by=self.payer, at=self.at)
        self.tills[channel].breaks = ""

    @rule(channel=CHANNELS, which=st.integers(0, 5), wrong=st.booleans())
    def pay_at_the_page(self, channel: str, which: int, wrong: bool) -> None:
        wanted = list(self.tills[channel].wanted)
        if wanted:
            amount = self.tills[channel].wanted[wanted[which % len(wanted)]]
            self.tills[channel].pay(wanted[which % len(wanted)], amount + 1 if wrong and which == 5 else None)

    @rule(channel=CHANNELS, which=st.integers(0, 5))
    def bank_declines(self, channel: str, which: int) -> None:
        wanted = list(self.tills[channel].wanted)
        if wanted:
            self.tills[channel].decline(wanted[which % len(wanted)])

    @precondition(lambda self: any(till.notices for till in self.tills.values()))
    @rule(which=st.integers(0, 9), dies=st.booleans())
    def hear(self, which: int, dies: bool) -> None:
        """Any notice ever written, again and again, late, in any order."""
        self.tick()
        all_of_them = [(till.name, notice) for till in self.tills.values() for notice in till.notices]
        channel, notice = all_of_them[which % len(all_of_them)]
        with suppress(Died), transaction.atomic():
            actions.receive(channel=channel, notice=notice, by=SYSTEM, at=self.at)
            if dies:
                raise Died

    @rule(channel=CHANNELS, which=st.integers(0, 3))
    def hear_something_false(self, channel: str, which: int) -> None:
        """Another channel's payment, a number never given out, a used message id with another sum."""
        numbers = [*self.tills["west" if channel == "east" else "east"].wanted, "JF0"]
        said = Said(Word.PAID, self.order.amount_fen, "X")
        before = Order.objects.get(number=self.order.number).state
        with pytest.raises(YiwangError):
            notice = Notice(f"X-{which}", numbers[which % len(numbers)], said)
            actions.receive(channel=channel, notice=notice, by=SYSTEM, at=self.at)
        assert Order.objects.get(number=self.order.number).state == before

    @rule(breaks=BREAKS, channel=CHANNELS)
    def look_after(self, breaks: str, channel: str) -> None:
        self.tick()
        self.tills[channel].breaks = breaks
        actions.look_after(by=SYSTEM, at=self.at + timedelta(minutes=3))
        self.tills[channel].breaks = ""

    @rule(part=st.sampled_from([1, 700, 1302, 2002]), again=st.booleans())
    def refund(self, part: int, again: bool) -> None:
        self.tick()
        self.key += not again
        with suppress(YiwangError):
            actions.refund(
                number=self.order.number, amount_fen=part, reason="场地未开放", key=f"{self.order.number}:{self.key}",
                by=self.officer, at=self.at,
            )  # fmt: skip

    @rule()
    def close(self) -> None:
        self.tick()
        actions.close_order(number=self.order.number, reason="撤回", by=SYSTEM, at=self.at)

    @rule()
    def owe_again(self) -> None:
        """The same debt asked for anew while its order lives is the same order."""
        live = queries.get(self.order.number)
        if live.state in (OrderState.OPEN, OrderState.PAID):
            again = actions.open_order(
                fee_item_id=live.fee_item_id, payer_id=live.payer_id, case_number=live.case_number,
                facts={"hours": 9}, key=f"again-{self.order.number}-{self.at}", by=SYSTEM, at=self.at,
            )  # fmt: skip
            assert again.number == live.number

    @invariant()
    def books_hold(self) -> None:
        if not hasattr(self, "order"):
            return
        receipts = Receipt.objects.filter(order__number=self.order.number)
        now = Order.objects.get(number=self.order.number)
        kept = now.amount_fen - now.refunded_fen if now.state in ("paid", "refunded") else 0
        assert sum(row.amount_fen for row in receipts) == kept

    def teardown(self) -> None:
        """When the lines are well again and everything has been heard, the purse has paid what is owed, once."""
        if not hasattr(self, "order"):
            return
        for _ in range(4):
            for till in self.tills.values():
                till.breaks = ""
                for notice in till.notices:
                    actions.receive(channel=till.name, notice=notice, by=SYSTEM, at=self.at)
            actions.look_after(by=SYSTEM, at=self.at + timedelta(minutes=5))
        now = queries.get(self.order.number)
        owed = now.amount_fen - now.refunded_fen if now.state in (OrderState.PAID, OrderState.REFUNDED) else 0
        assert sum(till.net_fen for till in self.tills.values()) == owed
        self.books_hold()


def _run(order: Callable[..., OrderView], tills: dict[str, Till], officer: Actor, world: World, examples: int) -> None:
    known = {"order_of": staticmethod(order), "tills": tills, "payer": world.actor("mother"), "officer": officer}
    run_state_machine_as_test(
        type("DebtHere", (Debt,), known | {"begun_at": world.at}),
        settings=settings(
            max_examples=examples, stateful_step_count=STEPS, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def test_a_debt_is_paid_once(
    order: Callable[..., OrderView], tills: dict[str, Till], officer: Actor, world: World
) -> None:
    _run(order, tills, officer, world, 6)


@pytest.mark.slow
def test_a_debt_is_paid_once_in_hundreds_of_lives(
    order: Callable[..., OrderView], tills: dict[str, Till], officer: Actor, world: World
) -> None:
    _run(order, tills, officer, world, 150)
