"""Text messages through the played carrier: receipts late and twice, bad numbers, a carrier in too little haste."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.outside.played import Played
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.connectors import actions as connectors
from yiwang.support.connectors import queries as connectors_queries
from yiwang.support.notify import actions, queries
from yiwang.support.notify.contracts import MessageView, SmsState

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
CASE = "990102202611230000123"
FACTS = {"title": "新生儿出生一件事", "tail": "0123", "day": NOON, "due": NOON + timedelta(days=7)}


def send(party_id: int, *, at: datetime = NOON, key: str = "", case_number: str = CASE) -> list[MessageView]:
    return actions.send(
        template="anlan.messages.accepted",
        to_party_id=party_id,
        facts=FACTS,
        case_number=case_number,
        by=SYSTEM,
        at=at,
        key=key,
    )


def pump(at: datetime = NOON) -> int:
    return connectors.pump(system="sms", by=SYSTEM, at=at)


def state(party_id: int) -> SmsState:
    return queries.inbox(party_id).items[0].sms


def test_the_usual_form_arrives_and_the_receipt_comes_back(play: Callable[..., Played], world: World) -> None:
    carrier = play("sms")
    (message,) = send(world.mother.id)
    assert message.zh.text == "您申报的“新生儿出生一件事”（尾号0123）已于11月23日受理，11月30日前办结。"
    assert message.en.text.endswith("was accepted on 23 November and will be completed by 30 November.")
    assert pump() == 1
    (letter,) = carrier.finish()
    assert letter.hand_in().status_code == 200
    assert state(world.mother.id) is SmsState.DELIVERED


def test_what_goes_over_the_wire(play: Callable[..., Played], world: World) -> None:
    from yiwang.support.connectors.models import Push

    play("sms")
    send(world.mother.id)
    content = Push.objects.get().content
    assert content["text"].startswith("【安澜政务】您申报的“新生儿出生一件事”（尾号0123）已于11月23日受理")
    assert world.mother.name not in content["text"]
    assert content["phone"] == world.mother.phone


def test_receipts_twice_and_out_of_order(play: Callable[..., Played], world: World) -> None:
    carrier = play("sms", duplicate=1000)
    send(world.mother.id)
    pump()
    letters = carrier.finish()
    assert len(letters) == 2
    assert {letter.hand_in().status_code for letter in letters} == {200}
    assert state(world.mother.id) is SmsState.DELIVERED


def test_a_telephone_that_is_off(play: Callable[..., Played], world: World) -> None:
    carrier = play("sms", refuse=1000)
    send(world.mother.id)
    pump()
    for letter in carrier.finish():
        letter.hand_in()
    assert state(world.mother.id) is SmsState.UNDELIVERED


def test_a_number_the_carrier_does_not_take(play: Callable[..., Played], world: World) -> None:
    play("sms")
    odd = world.firm  # a landline
    send(odd.id)
    assert pump() == 0
    assert state(odd.id) is SmsState.FAILED


def test_the_carriers_own_throttle_delays_and_loses_nothing(play: Callable[..., Played], world: World) -> None:
    carrier = play("sms")
    for number in range(8):
        send(world.mother.id, case_number=f"case-{number}")
    assert pump() == 6
    (waiting,) = {
        push.trouble for n in range(8) for push in connectors_queries.pushes_about(f"case-{n}") if push.trouble
    }
    assert waiting == "throttled"
    carrier.control(advance_minutes=61)
    assert pump(NOON + timedelta(minutes=61)) == 2


def test_enough_for_one_day_is_held_back_but_kept_in_the_site(play: Callable[..., Played], world: World) -> None:
    play("sms")
    for number in range(9):
        send(world.mother.id, case_number=f"case-{number}")
    states = [message.sms for message in queries.inbox(world.mother.id, size=50).items]
    assert states.count(SmsState.WAITING) == 8
    assert states.count(SmsState.HELD) == 1
    send(world.mother.id, at=NOON + timedelta(days=1))
    assert state(world.mother.id) is SmsState.WAITING


@pytest.mark.parametrize(
    ("hour", "day", "until"), [(22, 23, (24, 8)), (3, 24, (24, 8)), (8, 24, None), (20, 23, None), (21, 23, (24, 8))]
)
def test_nobody_is_woken(
    play: Callable[..., Played], world: World, hour: int, day: int, until: tuple[int, int] | None
) -> None:
    from yiwang.support.connectors.models import Push

    play("sms")
    at = NOON.replace(day=day, hour=hour)
    send(world.mother.id, at=at)
    expected = NOON.replace(day=until[0], hour=until[1]) if until else at
    assert Push.objects.get().next_at == expected
    assert pump(at) == (0 if until else 1)


def test_the_same_event_twice_is_one_message(play: Callable[..., Played], world: World) -> None:
    play("sms")
    assert len(send(world.mother.id, key="event-1")) == 1
    assert send(world.mother.id, key="event-1") == []
    assert len(queries.inbox(world.mother.id).items) == 1


def test_the_same_kind_about_the_same_case_is_joined_for_a_while(play: Callable[..., Played], world: World) -> None:
    play("sms")
    send(world.mother.id)
    send(world.mother.id, at=NOON + timedelta(minutes=9))
    assert state(world.mother.id) is SmsState.JOINED
    send(world.mother.id, at=NOON + timedelta(minutes=11))
    assert state(world.mother.id) is SmsState.WAITING
    assert len(queries.inbox(world.mother.id).items) == 3


def test_an_hour_without_the_carrier(play: Callable[..., Played], world: World) -> None:
    carrier = play("sms")
    carrier.control(down_minutes=60)
    send(world.mother.id)
    tried = [pump(NOON + timedelta(minutes=minute)) for minute in range(60)]
    assert sum(tried) == 0
    carrier.control(advance_minutes=61)
    assert pump(NOON + timedelta(minutes=75)) == 1
