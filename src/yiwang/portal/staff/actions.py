"""Opening a case at the desk: it shows personal data, so it is written down."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from yiwang.governance.incidents import queries as incidents
from yiwang.governance.incidents.contracts import KIND as INCIDENT
from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView, EventView, TaskKind, TaskView
from yiwang.kernel.forms import actions as filling
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.forms.contracts import Answers, Difference, FormDef, Subject, SummaryGroup
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import AccountView, PartyView
from yiwang.office.supervision import queries as supervision
from yiwang.portal.staff._clockbar import bar
from yiwang.portal.staff._family import tree
from yiwang.portal.staff.contracts import DeskCase, Elsewhere
from yiwang.services.applications import queries as applications
from yiwang.services.applications.contracts import PROMISE_CHECK, Basics
from yiwang.services.hotline import queries as hotline
from yiwang.services.journeys import queries as journeys
from yiwang.support.licences import queries as licences

PURPOSE = "办理该办件"
AGENT = ActorKind.AGENT.value


@transaction.atomic
def open_case(*, number: str, by: Actor, at: datetime) -> DeskCase:
    """One case with its applicant's data; one disclosure per sitting. Raises NoSuchCase, NotYourCase."""
    case = cases.get(cases.by_number(number).id, by, at=at)
    party = people.party(case.applicant_id) if case.applicant_id else None
    if party is not None:
        _disclose(case, party, by=by, at=at)
    groups, differences = _facts(case, party, by=by, at=at)
    history = tuple(cases.history(case.id))
    names = _names(history)
    mine = tuple(task for task in case.steps_open if _is_mine(task, by))
    return DeskCase(
        case=case,
        applicant_name=party.name if party else "",
        applicant_id_number=party.id_number if party else "",
        applicant_phone=party.phone if party else "",
        agent_name=next((names.get(e.actor_id or 0, "") for e in history if e.actor_kind == AGENT), ""),
        groups=groups,
        differences=differences,
        materials=tuple(applications.materials(case)),
        documents=tuple(applications.documents(case.root_id)),
        licences=tuple(licences.of_case(case.number)),
        bars=tuple(bar(clock, at=at) for clock in case.clocks),
        extendable=tuple(clock for clock in case.clocks if not clock.task_id and not clock.stopped_at),
        mine=mine,
        others=_elsewhere([task for task in case.steps_open if task not in mine and not task.instance]),
        rounds=tuple(cases.rounds(case.id, at=at)),
        recallable=tuple(cases.recallable(case.id, by)),
        returns={task.id: tuple(cases.returns(case.id, task.step)) for task in mine if not task.instance},
        receivers=_receivers(case, by, at=at),
        may_end=case.is_open and _may(by, "cases.supervise", case),
        reopenings=tuple(cases.reopenings(case.id)) if _may(by, "cases.reopen", case) else (),
        correction_ways=tuple(cases.correction_ways(case.id)) if _may(by, "cases.correct", case) else (),
        corrections=tuple(cases.corrections(case.id)),
        history=history,
        names=names,
        org_name=orgs.get(case.org_id).name,
        promise=applications.promise_of_check(case, at=at) if case.kind == PROMISE_CHECK else None,
        card=supervision.of_card_case(case.id),
        cards=tuple(supervision.of_watched(case.id)),
        ticket=hotline.panel(case, by, at=at) if case.kind in hotline.KINDS else None,
        may_give_cards=access.may_anywhere(by, supervision.SUPERVISE),
        family=() if _is_journey(case) else tree(case, at=at),
        incident=incidents.by_case(case.id) if case.kind == INCIDENT else None,
        progress=journeys.progress(case.root_id, at=at) if _is_journey(case) else None,
    )


def _disclose(case: CaseView, party: PartyView, *, by: Actor, at: datetime) -> None:
    audit.disclose(
        subject_key=party.subject_key,
        elements=["person.name", "person.id-number", "person.phone", "application.answers"],
        purpose=PURPOSE,
        authority=case.title,
        case_number=case.number,
        by=by,
        at=at,
    )


def _facts(
    case: CaseView, party: PartyView | None, *, by: Actor, at: datetime
) -> tuple[tuple[SummaryGroup, ...], Mapping[str, Difference]]:
    """The form as the applicant saw it, and where the registers say something else."""
    basics = Basics.from_data(cases.data(case.id))
    if not basics.form_id:
        return (), {}
    form = forms.by_hash(basics.form_id, basics.form_hash) if basics.form_hash else forms.get(basics.form_id)
    answers = dict(basics.answers)
    groups = tuple(forms.summary(form, answers))
    if party is None:
        return groups, {}
    return groups, _differences(form, answers, case, party, by=by, at=at)


def _differences(
    form: FormDef, answers: Answers, case: CaseView, party: PartyView, *, by: Actor, at: datetime
) -> Mapping[str, Difference]:
    roles = ("mother", "father", "spouse")
    related = {role: str(answers[f"{role}_id_number"]) for role in roles if answers.get(f"{role}_id_number")}
    known = filling.prefill(
        form=form,
        subject=Subject(party.id, party.id_number, party.kind.value, related),
        purpose=PURPOSE,
        authority=case.title,
        case_number=case.number,
        by=by,
        at=at,
    )
    return {found.path: found for found in forms.diff(form, answers, known)}


def _is_mine(task: TaskView, by: Actor) -> bool:
    """Whether one of the actor's posts is the one the step waits for; the engine asks again when it is taken."""
    held = any(post.post_type == task.post and post.org_id == task.org_id for post in by.posts)
    return task.kind != TaskKind.APPLICANT and held and task.assignee_id in {None, by.account_id}


def _elsewhere(tasks: Sequence[TaskView]) -> tuple[Elsewhere, ...]:
    units = orgs.named([task.org_id for task in tasks])
    holders = people.accounts({task.assignee_id for task in tasks if task.assignee_id is not None})
    titles = {post.id: post.title for post in access.post_types()}
    return tuple(
        Elsewhere(
            task,
            units[task.org_id].short_name,
            titles.get(task.post, ""),
            holders[task.assignee_id].name if task.assignee_id in holders else "",
        )
        for task in tasks
    )


def _receivers(case: CaseView, by: Actor, *, at: datetime) -> tuple[tuple[TaskView, Sequence[AccountView]], ...]:
    found = cases.receivers(case.id, by, at=at) if case.is_open else {}
    return tuple((task, found[task.id]) for task in case.steps_open if task.id in found)


def _may(by: Actor, permission: str, case: CaseView) -> bool:
    return access.may(by, permission, case.org_id)


def _is_journey(case: CaseView) -> bool:
    """A one-thing, or a part of one, has a list of its own, in the order of its parts."""
    return cases.peek(case.root_id).kind == "journey" if not case.is_root else case.kind == "journey"


def _names(history: Sequence[EventView]) -> dict[int, str]:
    ids = {event.actor_id for event in history if event.actor_id is not None}
    return {account.id: account.name for account in people.accounts(ids).values()}
