"""秒批: filed, decided by rule with reasons, left to a person where the rule cannot say yes; killed, raced, withdrawn, sent back."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

import pytest

from tests.singles import Singles
from yiwang.data.registries.models import Entry
from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import SYSTEM, Actor, Unavailable
from yiwang.kernel.base.events import Event
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.forms import contracts as forms
from yiwang.kernel.forms.contracts import Fact, Subject, register_fact_source, sources_for
from yiwang.kernel.ledger import queries as ledger
from yiwang.services.applications import actions as applications
from yiwang.services.applications import queries as filed
from yiwang.services.verdicts import actions, listeners, queries
from yiwang.services.verdicts.contracts import MACHINE, Left, VerdictView
from yiwang.services.verdicts.models import Act, Verdict
from yiwang.support.licences import queries as licences
from yiwang.support.licences.contracts import Status


def elder(singles: Singles) -> Actor:
    return singles.world.actor("neighbour", singles.for_elder)


def apply(singles: Singles, *, by: Actor | None = None, once: str = "old-man-0001") -> CaseView:
    answers = {"truthful": True} if by is None else {"truthful": True, "phone": "13900000001"}
    return applications.file(
        code=singles.senior, answers=answers, materials={}, once=once, by=by or elder(singles), at=singles.world.at
    )


def decide(case: CaseView, at: datetime) -> VerdictView | None:
    """What the listener does, at a moment of the test's."""
    for verdict in actions.judge(case_id=case.id, by=MACHINE, at=at):
        if not verdict.is_settled:
            actions.act(verdict_id=verdict.id, by=MACHINE, at=at)
    return next(iter(queries.of_case(case.number)[-1:]), None)


def test_what_is_met_is_decided_by_a_job_with_the_reasons_in_the_document(
    singles: Singles, run_jobs: Callable[[], int]
) -> None:
    case = apply(singles)
    assert cases.peek(case.id).is_open, "nothing is decided inside the request that files"
    run_jobs()
    case = cases.peek(case.id)
    assert (case.outcome, case.is_open) == ("granted", False)
    verdict = queries.taken_in(case.number)
    assert verdict is not None
    assert [(ground.code, ground.answer.value) for ground in verdict.grounds] == [
        ("sixty", "met"),
        ("local", "met"),
        ("first", "met"),
    ]
    (accept, decision) = filed.documents(case.id)
    assert (accept.event, decision.event) == ("accept", "grant-instantly")
    text = "".join(decision.paragraphs)
    for said in ("系统自动审批", "年满六十周岁（符合，依据《老年人权益保障法》第二条）", "没有领过优待证"):
        assert said in text
    (card,) = licences.of_case(case.number)
    assert card.status is Status.VALID
    event = next(each for each in cases.history(case.id) if each.choice == "at-once")
    assert (event.actor_kind, event.actor_id) == ("system", None)
    assert event.grounds.startswith("系统自动审批：年满六十周岁")


def test_the_facts_are_sealed_disclosed_and_in_the_ledger(singles: Singles) -> None:
    case = apply(singles)
    verdict = decide(case, singles.world.at)
    assert verdict is not None
    row = Verdict.objects.get(pk=verdict.id)
    assert row.facts == {
        "born_on": "1953-01-20",
        "is_registered_here": True,
        "has_residence_permit": False,
        "holds_card": False,
    }
    assert row.sources["born_on"] == "population"
    assert "1953" not in str(row.grounds)
    told = [each for each in audit.disclosures_of(singles.elder.subject_key).items if each.case_number == case.number]
    assert {"person.born-on", "person.region", "licence:senior-card"} <= {e for each in told for e in each.elements}
    assert any(each.purpose == "系统自动审批老年人优待证申领" for each in told)
    opening = ledger.content(verdict.leaf_id)
    assert opening is not None
    assert '"answer":"met"' in opening.content.replace(" ", "")


def test_what_is_not_met_is_left_to_a_person_with_the_reasons(singles: Singles) -> None:
    case = apply(singles, by=singles.world.actor("mother"))
    verdict = decide(case, singles.world.at)
    assert verdict is not None
    assert (verdict.left, verdict.answer.value) == (Left.NOT_MET, "not-met")
    case = cases.peek(case.id)
    assert [task.step for task in case.steps_open] == ["intake"]
    assert not Act.objects.exists()
    note = next(each for each in cases.history(case.id) if each.kind == "note")
    assert not note.is_visible
    assert "请人工办理：有条件不符合。年满六十周岁（不符合" in note.grounds
    # The person decides as ever, and the document is theirs.
    engine.advance(
        case_id=case.id, step="intake", choice="at-once", by=singles.world.actor("health.clerk"), at=singles.world.at
    )
    assert [each.event for each in filed.documents(case.id)] == ["accept"]


def test_whom_no_register_knows_is_left_to_a_person(singles: Singles) -> None:
    case = apply(singles)
    Entry.objects.filter(key=singles.elder.subject_key).delete()
    verdict = decide(case, singles.world.at)
    assert verdict is not None
    assert verdict.left is Left.UNKNOWN
    missing = {str(title) for ground in verdict.grounds for title in ground.missing}
    assert missing == {"出生日期", "本市户籍"}


class Down:
    """A register that is away."""

    def facts(
        self, subject: Subject, elements: set[str], *, purpose: str, case_number: str | None, by: Actor, at: datetime
    ) -> Mapping[str, Fact]:
        raise Unavailable("户籍系统没有回应。")


@pytest.fixture
def population_down() -> Iterator[None]:
    (before,) = [each for each in sources_for("person.born-on") if each.name == "population"]
    register_fact_source("population", before.elements, Down(), title=before.title)
    yield
    del forms._sources["population"]


def test_a_register_that_is_down_leaves_the_case_to_a_person_and_says_so(
    singles: Singles, request: pytest.FixtureRequest
) -> None:
    case = apply(singles)
    request.getfixturevalue("population_down")
    verdict = decide(case, singles.world.at)
    assert verdict is not None
    assert verdict.left is Left.SILENT
    note = next(each for each in cases.history(case.id) if each.kind == "note")
    assert "没有回应：户籍信息" in note.grounds
    assert [row.number for row in cases.work_list(singles.world.actor("health.clerk"), at=singles.world.at).items] == [
        case.number
    ]


def test_killed_after_the_verdict_it_is_taken_up_and_done_once(singles: Singles, run_jobs: Callable[[], int]) -> None:
    case = apply(singles)
    (given,) = actions.judge(case_id=case.id, by=MACHINE, at=singles.world.at)
    assert cases.peek(case.id).is_open
    assert queries.unfinished() == [given.id]
    run_jobs()  # the event is delivered again
    assert cases.peek(case.id).outcome == "granted"
    for _ in range(2):
        actions.act(verdict_id=given.id, by=MACHINE, at=singles.world.at)
        listeners.case_moved(
            events=[Event("cases.case.opened", {"kind": "application", "case_id": case.id}, singles.world.at)]
        )
    assert (Verdict.objects.count(), Act.objects.count()) == (1, 1)
    assert len(licences.of_case(case.number)) == 1
    assert queries.unfinished() == []


def test_withdrawn_in_between_nothing_is_taken(singles: Singles) -> None:
    case = apply(singles)
    (given,) = actions.judge(case_id=case.id, by=MACHINE, at=singles.world.at)
    engine.withdraw(case_id=case.id, by=elder(singles), at=singles.world.at)
    acted = actions.act(verdict_id=given.id, by=MACHINE, at=singles.world.at)
    assert (acted.is_taken, acted.left) == (False, Left.MOVED_ON)
    assert cases.peek(case.id).outcome == "withdrawn"
    assert actions.judge(case_id=case.id, by=MACHINE, at=singles.world.at) == []


def test_a_person_at_it_is_not_overtaken(singles: Singles) -> None:
    case = apply(singles)
    (given,) = actions.judge(case_id=case.id, by=MACHINE, at=singles.world.at)
    task = cases.peek(case.id).steps_open[0]
    engine.sign_for(task_id=task.id, by=singles.world.actor("health.clerk"), at=singles.world.at)
    assert actions.act(verdict_id=given.id, by=MACHINE, at=singles.world.at).left is Left.SIGNED
    assert cases.peek(case.id).is_open


def test_sent_back_it_gets_a_new_verdict_that_overrules_nobody(singles: Singles) -> None:
    world = singles.world
    case = apply(singles)
    engine.advance(case_id=case.id, step="intake", choice="accept", by=world.actor("health.clerk"), at=world.at)
    assert actions.judge(case_id=case.id, by=MACHINE, at=world.at) == []
    engine.advance(
        case_id=case.id,
        step="handle",
        choice="back",
        grounds="户籍地址要再核",
        by=world.actor("health.reviewer"),
        at=world.at,
    )
    verdict = decide(case, world.at)
    assert verdict is not None
    assert (verdict.answer.value, verdict.left) == ("met", Left.RETURNED)
    assert cases.peek(case.id).is_open


def test_corrected_by_the_applicant_it_is_decided_anew(singles: Singles) -> None:
    world = singles.world
    case = apply(singles)
    entry = Entry.objects.get(key=singles.elder.subject_key)
    Entry.objects.filter(pk=entry.pk).delete()
    first = decide(case, world.at)
    assert first is not None
    assert first.left is Left.UNKNOWN
    engine.advance(
        case_id=case.id,
        step="intake",
        choice="correct",
        grounds="请先到派出所核对户籍",
        by=world.actor("health.clerk"),
        at=world.at,
    )
    entry.save(force_insert=True)
    engine.advance(case_id=case.id, step="correction", choice="submit", by=elder(singles), at=world.at)
    second = decide(case, world.at + timedelta(minutes=1))
    assert second is not None
    assert second.is_taken
    assert [each.left for each in queries.of_case(case.number)] == [Left.UNKNOWN, None]
    assert cases.peek(case.id).outcome == "granted"


def test_nobody_else_makes_a_document_say_that_the_system_decided(singles: Singles) -> None:
    case = apply(singles)
    engine.advance(
        case_id=case.id,
        step="intake",
        choice="at-once",
        form={"instant": 1},
        grounds="系统自动审批",
        by=singles.world.actor("health.clerk"),
        at=singles.world.at,
    )
    assert [each.event for each in filed.documents(case.id)] == ["accept"]


def test_a_second_card_is_left_to_a_person(singles: Singles) -> None:
    decide(apply(singles), singles.world.at)
    again = decide(apply(singles, once="old-man-0002"), singles.world.at)
    assert again is not None
    assert again.left is Left.NOT_MET
    assert [g.code for g in again.grounds if g.answer.value == "not-met"] == ["first"]


def test_a_decision_that_was_taken_back_is_not_taken_again_by_the_system(singles: Singles) -> None:
    world = singles.world
    case = apply(singles)
    decide(case, world.at)
    engine.correct_decision(case_id=case.id, correction="revoke", reason="x", by=SYSTEM, at=world.at)
    listeners.case_moved(events=[Event("cases.case.opened", {"kind": "application", "case_id": case.id}, world.at)])
    assert cases.peek(case.id).outcome == "revoked"
    assert Verdict.objects.count() == 1
