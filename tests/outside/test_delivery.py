"""Parcels through the played courier: to the door, in any order, lost, and sent again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from tests.outside.played import Played
from tests.outside.test_cases import both_packs, file  # noqa: F401 fixtures
from tests.world import World
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases.contracts import CaseView
from yiwang.support.connectors import actions as connectors
from yiwang.support.delivery import actions, queries
from yiwang.support.delivery.contracts import BadOrder, CannotReorder, DeliveryView, ParcelState, Recipient
from yiwang.support.notify import queries as notify

pytestmark = pytest.mark.django_db
ADDRESS = "安澜市临江区江畔街道柳岸社区12号楼3单元402室"


@pytest.fixture
def case(file: Callable[..., CaseView]) -> CaseView:  # noqa: F811
    return file()


def order(case: CaseView, **changes: Any) -> DeliveryView:
    values = {"recipient": Recipient("陈晓岚", "13900000001"), "address": ADDRESS, "items": ["居民户口簿"]}
    return actions.order(case_number=case.number, by=SYSTEM, at=timezone.now(), **values | changes)  # type: ignore[arg-type]


def carry() -> int:
    return connectors.pump(system="delivery", by=SYSTEM, at=timezone.now())


def test_to_the_door(play: Callable[..., Played], case: CaseView, world: World, run_jobs: Callable[[], int]) -> None:
    courier = play("delivery")
    parcel = order(case)
    assert (parcel.recipient, parcel.phone, parcel.address) == ("陈**", "139****0001", "安澜市临江区****")
    assert carry() == 1
    assert {letter.hand_in().status_code for letter in courier.finish()} == {200}
    run_jobs()

    (parcel,) = queries.of_case(case.number)
    assert parcel.state is ParcelState.SIGNED
    assert parcel.waybill_no.startswith("AL")
    states = [status.state for status in parcel.history]
    assert states == ["accepted", "picked-up", "under-way", "under-way", "signed"]
    templates = {message.template for message in notify.inbox(world.mother.id, size=50).items}
    assert {"anlan.messages.parcel-sent", "anlan.messages.parcel-signed"} <= templates


def test_backwards_and_twice(play: Callable[..., Played], case: CaseView, run_jobs: Callable[[], int]) -> None:
    courier = play("delivery", duplicate=1000)
    order(case)
    carry()
    letters = courier.finish()
    assert {letter.hand_in().status_code for letter in letters[::-1]} == {200}
    (parcel,) = queries.of_case(case.number)
    assert parcel.state is ParcelState.SIGNED
    assert [status.state for status in parcel.history] == ["accepted", "picked-up", "under-way", "under-way", "signed"]


def test_lost_alerts_the_unit_and_is_sent_again(
    play: Callable[..., Played], case: CaseView, world: World, run_jobs: Callable[[], int]
) -> None:
    courier = play("delivery", refuse=1000)
    parcel = order(case)
    carry()
    for letter in courier.finish():
        letter.hand_in()
    run_jobs()

    clerk, stranger = world.actor("police-household.clerk"), world.actor("other-health.clerk")
    assert [each.id for each in queries.to_make_good(clerk).items] == [parcel.id]
    assert queries.to_make_good(stranger).items == []
    alerts = [message.template for message in notify.inbox_of(clerk).items]
    assert alerts == ["anlan.messages.parcel-lost-unit"]
    assert notify.inbox(world.mother.id).items[0].template == "anlan.messages.parcel-lost"

    with pytest.raises(NotPermitted):
        actions.reorder(order_id=parcel.id, by=stranger, at=timezone.now())
    again = actions.reorder(order_id=parcel.id, by=clerk, at=timezone.now())
    assert (again.replaces_id, again.state) == (parcel.id, ParcelState.ORDERED)
    assert queries.to_make_good(clerk).items == []
    with pytest.raises(CannotReorder):
        actions.reorder(order_id=parcel.id, by=clerk, at=timezone.now())


def test_what_an_order_needs(case: CaseView) -> None:
    with pytest.raises(BadOrder) as caught:
        order(case, recipient=Recipient(" ", ""), address="短", items=[])
    assert [place.where for place in caught.value.places] == ["recipient.name", "recipient.phone", "address", "items"]


def test_who_may_ask_where_it_is(
    case: CaseView, client_as: Callable[[str], Any], django_assert_max_num_queries: Any
) -> None:
    order(case)
    assert client_as("mother").get(f"/api/parcels/{case.number}").json()[0]["recipient"] == "陈**"
    assert client_as("police-household.clerk").get(f"/api/parcels/{case.number}").status_code == 200
    assert client_as("neighbour").get(f"/api/parcels/{case.number}").status_code == 403
    for _ in range(5):
        order(case)
    with django_assert_max_num_queries(2):
        assert len(queries.of_case(case.number)) == 6


def test_the_fragment_for_progress_pages(case: CaseView) -> None:
    from django.template import Context, Template

    order(case)
    html = Template("{% load parcels %}{% parcels_of number %}").render(Context({"number": case.number}))
    assert "已下单" in html
    assert "居民户口簿" in html
    assert ADDRESS not in html
