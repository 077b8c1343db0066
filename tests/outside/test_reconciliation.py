"""Both sides agree at the end of the day, or a person is told where they do not."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.outside.played import Played
from tests.outside.steps import hand_in, moment, pump, push, reconcile
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.connectors import actions, queries
from yiwang.support.connectors.contracts import (
    DifferenceKind,
    OutsideReport,
    ReportKind,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outside_packs")]


class TestReconciliation:
    """Both sides agree at the end of the day, or a person is told where they do not."""

    def test_a_lost_answer_is_found(
        self, play: Callable[..., Played], data: dict[str, Any], heard: list[OutsideReport]
    ) -> None:
        household = play("household", lose=1000)
        push(data)
        pump()
        for _ in range(7):
            assert household.work(minutes=30) == []
        assert heard == []

        done = reconcile()
        assert (done.ours, done.theirs, done.repaired, done.differences) == (1, 1, 3, 0)
        assert heard[-1].choice == "granted"
        assert reconcile().repaired == 0

    def test_polling_finds_it_too(
        self, play: Callable[..., Played], data: dict[str, Any], heard: list[OutsideReport]
    ) -> None:
        household = play("household", lose=1000)
        push(data)
        pump()
        for _ in range(7):
            household.work(minutes=30)
        assert actions.poll(system="household", by=SYSTEM, at=moment()) == 3
        assert actions.poll(system="household", by=SYSTEM, at=moment()) == 0
        assert [report.kind for report in heard] == [ReportKind.ACCEPTED, ReportKind.PROGRESS, ReportKind.RESULT]

    def test_what_they_never_got_is_sent_again_under_its_own_id(
        self, play: Callable[..., Played], data: dict[str, Any], home: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from yiwang.support.connectors import _reconciling
        from yiwang.support.connectors.models import Push

        monkeypatch.setattr(_reconciling, "MIDNIGHT_MARGIN", timedelta(0))
        play("household")
        push(data)
        Push.objects.update(state="sent", sent_at=moment(), next_at=None)
        assert reconcile().repaired == 1
        assert pump() == 1

    def test_an_item_we_never_sent_is_listed_until_somebody_settles_it(
        self, play: Callable[..., Played], data: dict[str, Any]
    ) -> None:
        from yiwang.support.connectors.models import Push

        play("household")
        push(data)
        pump()
        Push.objects.all().delete()
        assert reconcile().differences == 1
        assert reconcile().differences == 1
        (difference,) = queries.differences().items
        assert difference.kind is DifferenceKind.UNKNOWN_HERE
        assert "fields" not in difference.detail

        actions.settle(difference_id=difference.id, note="对方误录,已请其作废。", by=SYSTEM, at=moment())
        assert queries.differences().items == []

    def test_an_answer_the_case_cannot_take_is_a_difference(
        self, play: Callable[..., Played], data: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import tests.outside.conftest as conftest
        from yiwang.kernel.base.contracts import Conflict

        def closed(**_: Any) -> None:
            raise Conflict("这一步已经办完。", code="cases.closed")

        monkeypatch.setattr(conftest, "remember", closed)
        household = play("household")
        push(data)
        pump()
        assert set(hand_in(household.finish())) == {200}
        (difference,) = queries.differences().items
        assert (difference.kind, difference.detail["code"]) == (DifferenceKind.NOT_APPLIED, "cases.closed")

    def test_a_file_cut_short_is_no_reconciliation(
        self, play: Callable[..., Played], data: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from yiwang.kernel.base.contracts import Unavailable
        from yiwang.support.connectors import _wire

        play("household")
        monkeypatch.setattr(_wire, "_get", lambda *_: b'{"reference": "x"}\n')
        with pytest.raises(Unavailable):
            _wire.reconciliation(queries.system("household"), date(2026, 11, 23))
