"""Codes that are shown, and scanners at a counter, a library and a bus."""

from datetime import datetime
from typing import Any

import pytest

from tests.standing import standing
from tests.world import AT, MADE_AT, World
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_queries
from yiwang.kernel.people.contracts import AccountKind
from yiwang.support.codes import actions
from yiwang.support.codes.contracts import CodeKind, Holder, Shown

PERSON = Holder(CodeKind.PERSON)


@standing
def gate(world: World) -> Actor:
    """The account of a machine that reads codes."""
    account = people.create_account(
        username="bus-17", kind=AccountKind.MACHINE, name="17路车载机", by=SYSTEM, at=MADE_AT
    )
    people.appoint(
        account_id=account.id, org_id=world.org("service-centre").id, post_type="code-reader", title="车载机",
        since=MADE_AT.date(), by=SYSTEM, at=MADE_AT,
    )  # fmt: skip
    return people_queries.actor_of(account.id, at=AT)


@pytest.fixture
def show(world: World) -> Any:
    """`show("mother")`: the code on somebody's screen."""

    def shown(who: str = "mother", subject: Holder = PERSON, at: datetime = AT) -> Shown:
        return actions.show(subject=subject, by=world.actor(who), at=at)

    return shown
