"""Steps of cases that run in outside systems: what a case asks becomes a push, what comes back moves the case."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.utils import timezone

from yiwang.kernel.base.contracts import SYSTEM, Actor, ActorKind
from yiwang.kernel.cases import actions as cases
from yiwang.kernel.cases import queries as cases_queries
from yiwang.kernel.cases.contracts import OutsideKind, OutsideRequest, Receipt
from yiwang.support.connectors import _sending, queries
from yiwang.support.connectors.contracts import CannotMap, CannotReach, OutsideReport, PushState, unavailable_sentence
from yiwang.support.connectors.kinds import subject_at

CONSUMER = "cases"


class CaseAdapter:
    """One for all systems that packs define. It stands at the edge: it reads the clock itself."""

    def push(self, request: OutsideRequest) -> Receipt:
        """Store the message, try to send it at once, and say truly whether it is there. Raises Unavailable if not yet."""
        at = timezone.now()
        spec = queries.system(request.system)
        try:
            pushed = _sending.push(
                system=spec.id,
                reference=request.reference,
                subject=subject_at(spec, request.step),
                data=_data(request),
                consumer=CONSUMER,
                about=request.case.number,
                message_id=request.message_id,
                by=SYSTEM,
                at=at,
            )
        except CannotMap as error:
            _report(request, "cannot-map", error.message, at)
            return Receipt()
        if pushed.state is PushState.WAITING:
            _sending.pump(system=spec.id, push_id=pushed.id, by=SYSTEM, at=at)
        now = queries.find_push(spec.id, request.reference)
        if now is not None and now.state is PushState.WAITING:
            raise CannotReach(now.sentence or "对方系统没有回答。", hint="稍后会自动重试。")
        return Receipt(now.receipt if now else "")


def hear(*, report: OutsideReport, by: Actor, at: datetime) -> None:
    """The consumer: a report moves the case, or is written in its history when it comes too late."""
    payload: dict[str, Any] = {"words": report.sentence}
    if report.kind.value in (OutsideKind.RESULT, OutsideKind.FAILED):
        payload |= {"choice": report.choice, "grounds": report.sentence, "data": report.facts}
    elif report.is_late:
        return  # a result or a later stage is there already: an earlier stage would read as a step back
    cases.report_outside(
        system=report.system,
        message_id=report.message_id,
        reference=report.reference,
        kind=OutsideKind(report.kind.value),
        payload=payload,
        by=by,
        at=at,
    )


def say_line_is_down(*, payload: dict[str, Any], at: datetime) -> None:
    """Every case that waits for the system says so, once for each time it is down."""
    spec, since = queries.system(payload["system"]), datetime.fromisoformat(payload["since"])
    for reference in queries.waiting_references(spec.id, CONSUMER):
        _progress(spec.id, reference, f"down:{payload['since']}", unavailable_sentence(str(spec.title), since), at)


def _data(request: OutsideRequest) -> dict[str, Any]:
    """The case's data with the form's answers on top, and over them what the case has learned since."""
    case, answers = request.case, request.data.get("answers")
    known = {"number": case.number, "region_code": case.region_code, "title": case.title}
    learned = cases_queries.results(case.id)
    return {**request.data, **(answers if isinstance(answers, Mapping) else {}), **learned, "case": known}


def _report(request: OutsideRequest, code: str, sentence: str, at: datetime) -> None:
    cases.report_outside(
        system=request.system,
        message_id=f"{request.message_id}:{code}",
        reference=request.reference,
        kind=OutsideKind.FAILED,
        payload={"choice": "", "words": sentence},
        by=_machine(request.system),
        at=at,
    )


def _progress(system: str, reference: str, what: str, sentence: str, at: datetime) -> None:
    cases.report_outside(
        system=system,
        message_id=str(uuid5(NAMESPACE_URL, f"{system}/{reference}/{what}")),
        reference=reference,
        kind=OutsideKind.PROGRESS,
        payload={"words": sentence},
        by=_machine(system),
        at=at,
    )


def _machine(system: str) -> Actor:
    return Actor(kind=ActorKind.MACHINE, name=str(queries.system(system).title))
