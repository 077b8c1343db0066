"""The hotline's part of a played day: people call, operators dispatch, units sign and see to it, the hotline calls back."""

import random
from collections.abc import Callable
from datetime import datetime

from yiwang.demo.place._play_kinds import Calls
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CannotAdvance, TaskView
from yiwang.kernel.people import queries as people
from yiwang.services.hotline import actions, queries
from yiwang.services.hotline.contracts import Caller, Channel, Spot, TicketKind, TicketView

IN_HAND_MAX = 40
ZEAL = 0.35
Try = Callable[[str, Callable[[], object]], None]


def turn(calls: Calls, share: float, attempt: Try, chance: random.Random, at: datetime) -> None:
    """Somebody may call, and every ticket in hand may go a step further."""
    for n in range(int(calls.a_day * share) + (chance.random() < calls.a_day * share % 1)):
        attempt("来电", lambda n=n: _call(calls, f"demo-{at:%Y%m%d%H%M}-{n}", chance, at))  # type: ignore[misc]
    for ticket in queries.listed(SYSTEM, size=IN_HAND_MAX, case__status="open").items:
        if chance.random() < ZEAL:
            attempt("热线办理", lambda ticket=ticket: _go_on(ticket, calls, chance, at))  # type: ignore[misc]


def _call(calls: Calls, key: str, chance: random.Random, at: datetime) -> TicketView:
    said = chance.choice(calls.said)
    phone = f"139{chance.randrange(10**8):08d}"
    return actions.take(
        kind=TicketKind(said.kind),
        channel=Channel.PHONE,
        content=said.words,
        caller=Caller(name=chance.choice(calls.callers), phone=phone),
        spot=Spot(words=said.place, region_code=said.region),
        category=said.category,
        key=key,
        by=SYSTEM,
        at=at,
    )


def _go_on(ticket: TicketView, calls: Calls, chance: random.Random, at: datetime) -> None:
    tasks = cases.peek(ticket.case_id, at=at).steps_open
    task = next((one for one in tasks if one.instance), tasks[0])
    ways = [f"{task.step}.{choice.code}" for choice in task.choices]
    known = {way: weight for way, weight in calls.ways.items() if way in ways}
    if not known:
        return
    (way,) = chance.choices(list(known), list(known.values()))
    engine.advance(
        case_id=ticket.case_id,
        step=task.step,
        instance=task.instance,
        choice=way.partition(".")[2],
        grounds=chance.choice(calls.grounds.get(way, ("已处理。",))),
        form=calls.forms.get(way, {}),
        by=_holder(task, at),
        at=at,
    )


def _holder(task: TaskView, at: datetime) -> Actor:
    holders = people.holders(task.post, task.org_id, at=at)
    if not holders:
        raise CannotAdvance("这个岗位没有人。", hint="请先任命。")
    return people.actor_of(holders[0].id, at=at)
