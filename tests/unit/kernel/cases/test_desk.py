"""What is done to a case without moving it: signing, handing over, notes, files, urging."""

from datetime import timedelta
from io import BytesIO

import pytest

from tests.unit.kernel.cases.conftest import Club
from yiwang.kernel.base.contracts import SYSTEM, Invalid
from yiwang.kernel.cases import actions, queries
from yiwang.kernel.cases.contracts import (
    CannotHandOver,
    CannotSign,
    CannotUrge,
    HandledByOther,
    NotYourCase,
    NotYourStep,
    SameHolder,
    TextMissing,
    UrgedTooOften,
)
from yiwang.kernel.files import actions as files
from yiwang.kernel.people import actions as people


def test_signing_keeps_others_away(club: Club) -> None:
    case = club.open()
    task = case.steps_open[0].id
    with pytest.raises(NotYourStep):
        actions.sign_for(task_id=task, by=club.actor("cat"), at=club.at)
    actions.sign_for(task_id=task, by=club.actor("ann"), at=club.at)
    actions.sign_for(task_id=task, by=club.actor("ann"), at=club.at)
    with pytest.raises(CannotSign):
        actions.sign_for(task_id=task, by=club.actor("bob"), at=club.at)
    with pytest.raises(HandledByOther):
        club.take(case, "request.enter", "bob")
    assert club.take(case, "request.enter", "ann").version > case.version
    with pytest.raises(CannotSign):
        actions.sign_for(task_id=task, by=club.actor("ann"), at=club.at)
    assert [event.kind for event in queries.history(case.id)] == ["opened", "signed", "advanced"]


def test_a_batch_is_signed_for_whole_or_not_at_all(club: Club) -> None:
    tasks = [club.open().steps_open[0].id for _ in range(3)]
    far = club.open(org_id=club.world.org("other-health").id).steps_open[0].id
    with pytest.raises(NotYourStep):
        actions.sign_for_many(task_ids=[*tasks, far], by=club.actor("ann"), at=club.at)
    assert queries.counts(club.actor("ann"), at=club.at)["unsigned"] == 3
    signed = actions.sign_for_many(task_ids=tasks, by=club.actor("ann"), at=club.at)
    assert {task.assignee_id for task in signed} == {club.actor("ann").account_id}
    for wrong in ([], list(range(101))):
        with pytest.raises(Invalid):
            actions.sign_for_many(task_ids=wrong, by=club.actor("ann"), at=club.at)


def test_handing_over_stays_within_the_post(club: Club) -> None:
    case = club.open()
    task = case.steps_open[0].id
    bob = club.world.account("bob").id
    give = {"task_id": task, "to_account_id": bob, "reason": "出差", "at": club.at}
    actions.sign_for(task_id=task, by=club.actor("ann"), at=club.at)
    with pytest.raises(NotYourCase):
        actions.hand_over(by=club.actor("bob"), **give)
    with pytest.raises(TextMissing):
        actions.hand_over(by=club.actor("ann"), **{**give, "reason": " "})
    for stranger in ("far", "cat", "ann"):
        with pytest.raises(CannotHandOver):
            actions.hand_over(by=club.actor("ann"), **{**give, "to_account_id": club.world.account(stranger).id})
    given = actions.hand_over(by=club.actor("ann"), **give)
    assert (given.assignee_id, given.signed_at) == (bob, None)
    actions.hand_over(by=club.actor("warden"), **{**give, "to_account_id": club.world.account("ann").id})
    assert club.take(case, "request.enter", "ann")


def test_nobody_is_handed_what_they_may_not_decide(club: Club) -> None:
    case = club.open()
    for what in ("request.enter", "first.done", "second.done"):
        case = club.take(case, what, "ann")
    ann = club.world.account("ann").id
    people.appoint(
        account_id=ann,
        org_id=case.org_id,
        post_type="chair",
        title="chair",
        since=club.at.date(),
        by=SYSTEM,
        at=club.at,
    )
    with pytest.raises(SameHolder):
        actions.hand_over(
            task_id=case.steps_open[0].id, to_account_id=ann, reason="请假", by=club.actor("cat"), at=club.at
        )


def test_notes_are_internal_unless_said_otherwise(club: Club) -> None:
    case = club.open()
    actions.note(case_id=case.id, text="老客户", is_visible=False, by=club.actor("ann"), at=club.at)
    actions.note(case_id=case.id, text="请带证件", is_visible=True, by=club.actor("ann"), at=club.at)
    actions.note(case_id=case.id, text="好的", is_visible=False, by=club.player, at=club.at)
    assert [event.grounds for event in queries.history(case.id, visible_only=True)] == ["", "请带证件", "好的"]
    with pytest.raises(NotYourCase):
        actions.note(case_id=case.id, text="路过", is_visible=True, by=club.actor("far"), at=club.at)
    with pytest.raises(TextMissing):
        actions.note(case_id=case.id, text="  ", is_visible=True, by=club.actor("ann"), at=club.at)


def test_the_newest_file_of_a_role_comes_first(club: Club) -> None:
    case = club.open()
    for number in (1, 2):
        file = files.store(
            stream=BytesIO(b"%PDF-1.4\n%" + bytes([48 + number]) + b"\n%%EOF"), filename=f"{number}.pdf",
            purpose="case", owner_party_id=None, by=club.actor("ann"), at=club.at,
        )  # fmt: skip
        actions.attach(
            case_id=case.id, file_id=file.id, role="material:photo", title="照片", by=club.player, at=club.at
        )
    found = queries.attachments(case.id, role="material:")
    assert [one.title for one in found] == ["照片", "照片"]
    assert found[0].id > found[1].id
    assert queries.attachments(case.id, role="result") == []


def test_urging_has_its_pace(club: Club) -> None:
    case = club.open("test.weather")
    again = actions.urge(case_id=case.id, by=club.player, at=club.at, words="快一点")
    assert again == club.at + timedelta(hours=5)  # four working hours, with lunch between
    with pytest.raises(UrgedTooOften):
        actions.urge(case_id=case.id, by=club.player, at=club.at + timedelta(hours=1))
    actions.urge(case_id=case.id, by=club.player, at=again)
    with pytest.raises(NotYourCase):
        actions.urge(case_id=case.id, by=club.world.actor("neighbour"), at=again)
    with pytest.raises(CannotUrge):
        actions.urge(case_id=club.open().id, by=club.player, at=club.at)
