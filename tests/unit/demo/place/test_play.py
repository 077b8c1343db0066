"""A played day: right people, through public actions, the same for the same seed, and stoppable anywhere."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.families import Family
from tests.world import AT
from yiwang.demo.place import actions
from yiwang.demo.place._play_kinds import PLAY, DemoPlay
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.workdays import queries as workdays
from yiwang.site.cli.demo import play_past

pytest_plugins = ["tests.families"]


def played(turns: int, *, filings: float = 6, start: datetime = AT, **more: Any) -> actions.Played:
    moments = [start + timedelta(hours=n) for n in range(turns)]
    return actions.play(
        moments=moments, turns_a_day=6 / filings, seed=7, answers_outside=True, by=SYSTEM, at=AT, **more
    )


def test_a_family_files_and_clerks_and_systems_handle(family: Family) -> None:
    done = played(14, filings=0.4).done
    assert done["申报"] >= 1
    assert done["受理"] >= 1
    assert done["签发"] >= 1
    assert done["外部系统答复"] >= 1


def test_every_deed_has_a_doer_who_may(family: Family) -> None:
    played(10, filings=0.4)
    (root, *_) = cases.of_applicant(family.world.mother.id, at=AT).items
    for event in cases.history(root.id):
        assert event.actor_kind in {"resident", "staff", "machine", "system"}
    accepted = next(event for event in cases.history(root.id) if event.choice == "accept")
    assert accepted.actor_id == family.world.account("service-centre.clerk").id


def test_stopped_and_begun_again_it_goes_on(family: Family) -> None:
    def stop(moment: datetime, done: Any) -> None:
        if moment >= AT + timedelta(hours=3):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        played(8, filings=1, tell=stop)
    again = played(12, filings=0.001, start=AT + timedelta(hours=4))
    assert "申报" not in again.done
    assert again.done


def test_past_days_go_on_after_the_last_filing(family: Family) -> None:
    played(1, filings=1)
    assert played(1, filings=1, goes_on=True).done == {}


def test_past_work_days_are_played_at_their_times(family: Family, capsys: pytest.CaptureFixture[str]) -> None:
    play_past(1, seed=7)
    told = capsys.readouterr().err
    days = set(re.findall(r"^· (\d\d-\d\d) ", told, re.MULTILINE))
    assert len(days) == 1
    assert "deeds" in told
    today = timezone.localdate()
    day = date.fromisoformat(f"{today.year}-{days.pop()}")
    assert workdays.is_workday(day if day < today else day.replace(year=day.year - 1))


def test_it_plays_only_in_the_demo_place(db: None) -> None:
    with pytest.raises(actions.NotDemoPlace):
        played(1)


def test_the_plan_takes_no_way_it_cannot_go_on_from() -> None:
    import random

    play = packs.all_of(PLAY)[0].as_type(DemoPlay)
    chance = random.Random(1)
    taken = {play.pick(chance, "household", ["granted", "refused", "correct", "confirm"]) for _ in range(300)}
    assert taken == {"granted", "refused"}
    assert play.pick(chance, "household", ["correct"]) is None
