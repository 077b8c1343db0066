"""What happens in a case, told to those whom it concerns: the packs say on which occasion which words go to whom."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.events import Event
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import TaskKind
from yiwang.support.notify import _telling, _webhooks, jobs
from yiwang.support.notify._telling import Occasion

# What is told of an event, if anything by itself: of going on nobody hears, except where it is now the applicant's turn.
OCCASIONS: Mapping[str, str] = {
    "cases.case.opened": "opened",
    "cases.case.accepted": "accepted",
    "cases.case.advanced": "",
    "cases.case.decided": "decided",
    "cases.case.closed": "closed",
    "cases.case.paused": "paused",
    "cases.case.resumed": "resumed",
    "cases.case.extended": "extended",
    "cases.case.due_soon": "due-soon",
    "cases.case.overdue": "overdue",
}
_MAY_ASK = frozenset({"cases.case.opened", "cases.case.advanced"})


def case_happened(*, events: Sequence[Event]) -> None:
    """People are told, in the order of the events, and systems that subscribed are called."""
    # Most steps are an office's: that is known without reading the cases.
    asked = cases.applicants_turn(event.payload["case_id"] for event in events if event.name in _MAY_ASK)
    _telling.tell_many([one for event in events for one in _occasions(event, asked)], by=SYSTEM)
    _webhooks.hear(events)


def campaign_running(*, payload: dict[str, Any], at: datetime) -> None:
    """As a job of its own: a hundred thousand recipients take minutes."""
    jobs.send_campaign(payload["campaign_id"])


def _occasions(event: Event, asked: Collection[int]) -> Iterator[Occasion]:
    case_id, at = event.payload["case_id"], event.at
    if name := OCCASIONS[event.name]:
        # The same event may be delivered again: its time tells it from another of the same kind.
        yield Occasion(name, case_id, f"{case_id}:{at.isoformat()}", at, _facts(name, event.payload))
    if event.name in _MAY_ASK and case_id in asked:
        for task in cases.peek(case_id).steps_open:
            if task.kind is TaskKind.APPLICANT:
                yield Occasion("asked", case_id, f"task:{task.id}", at, task=task)


def _facts(occasion: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    if occasion == "paused":
        return {"reason": payload.get("title")}
    return {"why": _last_grounds(payload["case_id"], occasion)} if occasion == "extended" else {}


def _last_grounds(case_id: int, kind: str) -> str:
    told = [event.grounds for event in cases.history(case_id, visible_only=True) if event.kind == kind]
    return told[-1] if told else ""
