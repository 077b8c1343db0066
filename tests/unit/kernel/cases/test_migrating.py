"""Running cases move to another version of their flow, or are named with what keeps them."""

from datetime import timedelta

import pytest

from tests import flows
from tests.unit.kernel.cases.conftest import Club
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions, queries
from yiwang.kernel.cases.contracts import CaseView, MigrationReport, NotYourCase
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import PackNotFound, PackSet

TRIAL = """
id: test.trial
version: {version}
start: entry
outcomes: {{won: {{name: 胜, good: true}}}}
clocks: {{season: {{name: 赛季, limit: 9 workdays, until: end}}}}
steps:
  entry: {{name: 报名, post: umpire, choices: {{go: {{name: 入场, to: fork, starts: [season]}}}}}}
  fork: {{name: 并, type: parallel, branches: [first, second], to: prize}}
  first: {{name: 第一盘, post: umpire, choices: {{done: {{name: 完, to: join}}}}}}
  second: {{name: 第二盘, post: umpire, choices: {{done: {{name: 完, to: join}}}}}}
  prize: {{name: 发奖, post: chair, choices: {{cup: {{name: 颁杯, to: end, outcome: won}}}}}}
  end: {{name: 完, type: end}}
"""


def version(number: int, *changes: tuple[str, str]) -> PackSet:
    """The trial of version 1 beside a later one."""
    text = TRIAL.format(version=number)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return flows.packs_of(flows.body(TRIAL.format(version=1)), flows.body(text))


@pytest.fixture
def cases(club: Club) -> list[CaseView]:
    """One at its start, one in both branches, one with the first branch done, one at its end, one closed."""
    with packs.using(flows.packs_of(flows.body(TRIAL.format(version=1)))):
        made = [club.open("test.trial") for _ in range(5)]
        for case in made[1:]:
            club.take(case, "entry.go", "ann")
        for case in made[2:]:
            club.take(case, "first.done", "ann")
        for case in made[3:]:
            club.take(case, "second.done", "ann")
        club.take(made[4], "prize.cup", "cat")
        return made


def migrate(club: Club, to: int = 2, **more: bool) -> MigrationReport:
    return actions.migrate_version(flow="test.trial", to=to, by=SYSTEM, at=club.at + timedelta(days=1), **more)


def test_what_can_follow_follows_and_goes_on(club: Club, cases: list[CaseView]) -> None:
    with packs.using(version(2, ("name: 发奖", "name: 隆重发奖"))):
        looked = migrate(club, dry_run=True)
        assert [line.case_id for line in looked.moved] == [case.id for case in cases[:4]]
        assert queries.peek(cases[0].id).flow_version == 1
        report = migrate(club)
        assert (report.moved, report.stays) == (looked.moved, ())
        assert migrate(club).moved == ()
        assert [queries.peek(case.id).flow_version for case in cases] == [2, 2, 2, 2, 1]
        case = club.take(cases[2], "second.done", "ann")
        assert [task.name for task in case.steps_open] == ["隆重发奖"]
        assert club.take(case, "prize.cup", "cat").outcome == "won"
        told = [event.sentence for event in queries.history(cases[2].id)]
        assert "流程由第1版改为第2版" in told


@pytest.mark.parametrize(
    ("change", "stays", "reason"),
    [
        ((("first", "opening"),), [1, 2], "第一盘"),
        ((("branches: [first, second]", "branches: [second, third]"), ("first: {", "third: {")), [1, 2], "第一盘"),
        ((("season", "summer"),), [1, 2, 3], "在走的时限“赛季”"),
        ((("prize: {name: 发奖, post: chair", "prize: {name: 发奖, type: applicant"),), [3], "换了类型"),
    ],
)
def test_what_cannot_follow_is_named_with_the_reason(
    club: Club, cases: list[CaseView], change: tuple[tuple[str, str], ...], stays: list[int], reason: str
) -> None:
    with packs.using(version(2, *change)):
        report = migrate(club)
        kept = {line.case_id: line for line in report.stays}
        assert sorted(kept) == [cases[index].id for index in stays]
        assert reason in "".join("".join(line.reasons) for line in kept.values())
        assert all(queries.peek(case_id).flow_version == 1 for case_id in kept)


def test_a_task_goes_to_the_new_post_unless_somebody_signed(club: Club, cases: list[CaseView]) -> None:
    task = queries.peek(cases[1].id).steps_open[0]
    actions.sign_for(task_id=task.id, by=club.actor("ann"), at=club.at)
    change = ("first: {name: 第一盘, post: umpire", "first: {name: 第一盘, post: chair")
    other = ("entry: {name: 报名, post: umpire", "entry: {name: 报名, post: chair")
    with packs.using(version(2, change, other)):
        report = migrate(club)
        assert [line.case_id for line in report.stays] == [cases[1].id]
        assert club.take(cases[0], "entry.go", "cat").is_open


def test_steps_that_are_gone_are_still_told_by_name(club: Club, cases: list[CaseView]) -> None:
    with packs.using(version(2, ("entry", "arrival"), ("报名", "到场"))):
        migrate(club)
        told = [event.sentence for event in queries.history(cases[1].id)]
        assert told[1] == "报名：入场"
        assert next(task.step for task in queries.tasks(cases[1].id)) == "entry"
        assert "<svg" in queries.flow_picture(case_id=cases[1].id)


def test_only_the_operator_and_only_to_what_there_is(club: Club, cases: list[CaseView]) -> None:
    with packs.using(version(2)):
        with pytest.raises(NotYourCase):
            actions.migrate_version(flow="test.trial", to=2, by=club.actor("warden"), at=club.at)
        with pytest.raises(PackNotFound):
            migrate(club, to=7)
