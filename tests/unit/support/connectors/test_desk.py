"""/desk/outside: who sees it, what it says when a system is down, and what can be settled there."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.packs import queries as packs
from yiwang.support.connectors import actions, api, pages, queries
from yiwang.support.connectors.contracts import DifferenceKind, PushState, register_consumer
from yiwang.support.connectors.models import Difference, Push

PACKS = Path(__file__).parents[3] / "outside" / "packs"


@pytest.fixture
def now() -> datetime:
    """Of this test, not of when its module was read."""
    return timezone.now()


def deaf(**_: Any) -> None:
    """A consumer that does nothing."""


register_consumer("deaf", "tests.unit.support.connectors.test_desk.deaf")


@pytest.fixture(autouse=True)
def systems() -> Any:
    with packs.using(PACKS):
        yield


def push(now: datetime, reference: str = "R-1") -> Push:
    view = actions.push(
        system="medical-insurance",
        reference=reference,
        subject="enrolment",
        data={"id_number": "990102202611200028"},
        consumer="deaf",
        about=reference,
        by=SYSTEM,
        at=now,
    )
    return Push.objects.get(pk=view.id)


@pytest.mark.django_db
def test_a_line_goes_down_after_three_failures_and_comes_back(settings: Any, tmp_path: Path, now: datetime) -> None:
    settings.YIWANG_HOME = tmp_path
    push(now)
    for minute in range(3):
        actions.pump(system="medical-insurance", by=SYSTEM, at=now + timedelta(minutes=minute))
    (line,) = [line for line in queries.lines() if line.system == "medical-insurance"]
    assert (line.is_up, line.waiting, line.down_since) == (False, 1, now)
    (view,) = queries.pushes_about("R-1")
    assert "暂不可用，自" in view.sentence


@pytest.mark.django_db
def test_a_refused_message_can_be_sent_again(now: datetime) -> None:
    row = push(now)
    Push.objects.filter(pk=row.pk).update(state=PushState.REFUSED, next_at=None)
    assert [view.id for view in queries.stuck().items] == [row.pk]
    assert actions.retry(push_id=row.pk, by=SYSTEM, at=now).state is PushState.WAITING
    assert queries.count_to_settle() == 0


@pytest.mark.django_db
def test_the_overview_costs_the_same_however_much_waits(django_assert_max_num_queries: Any, now: datetime) -> None:
    for i in range(30):
        push(now, f"R-{i}")
        Difference.objects.create(
            system="tax", reference=f"R-{i}", about="", kind=DifferenceKind.UNKNOWN_HERE, found_at=now
        )
    with django_assert_max_num_queries(8):
        queries.lines()
        queries.differences()
        queries.stuck()


class TestWhoMay:
    """With the real posts: the data steward settles, the supervisor looks, a clerk is turned away."""

    @pytest.fixture
    def systems(self) -> None:
        """The real packs."""

    @pytest.mark.parametrize(
        ("who", "status"), [("city.steward", 200), ("city.supervisor", 200), ("health.clerk", 403)]
    )
    def test_looking(self, rf: RequestFactory, world: World, who: str, status: int) -> None:
        from django.contrib.messages.middleware import MessageMiddleware

        from yiwang.kernel.base.contracts import Denied

        request = rf.get("/desk/outside")
        request.actor = world.actor(who)  # type: ignore[attr-defined]
        request.session = {}  # type: ignore[assignment]
        MessageMiddleware(lambda _: None).process_request(request)  # type: ignore[arg-type, return-value]
        if status == 403:
            with pytest.raises(Denied):
                pages.overview(request)
        else:
            page = pages.overview(request).content.decode()
            assert "公安户籍管理系统" in page
            assert ("核对今日" in page) == (who == "city.steward")

    def test_a_clerk_cannot_settle(self, world: World, now: datetime) -> None:
        from yiwang.kernel.base.contracts import Denied

        row = Difference.objects.create(system="tax", reference="R", about="", kind="unknown-here", found_at=now)
        with pytest.raises(Denied):
            actions.settle(difference_id=row.pk, note="处理了", by=world.actor("health.clerk"), at=now)

    def test_the_desk_api_is_for_staff(self, db: None) -> None:
        assert Client().get("/api/desk/outside/lines").status_code == 401
        assert api.desk.audience == "staff"
