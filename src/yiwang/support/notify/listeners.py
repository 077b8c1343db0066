"""What happens in a case, told to those whom it concerns: the packs say on which occasion which words go to whom."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import TaskKind
from yiwang.support.notify import _webhooks, actions, jobs

OCCASIONS = (
    "opened", "accepted", "advanced", "decided", "closed", "paused", "resumed", "extended", "due_soon", "overdue"
)  # fmt: skip


def opened(*, payload: dict[str, Any], at: datetime) -> None:
    _tell("opened", payload, at)
    _webhooks.hear("cases.case.opened", payload, at)
    _ask(payload, at)


def accepted(*, payload: dict[str, Any], at: datetime) -> None:
    _tell("accepted", payload, at)
    _webhooks.hear("cases.case.accepted", payload, at)


def advanced(*, payload: dict[str, Any], at: datetime) -> None:
    """Going on is not told, except where it is now the applicant's turn."""
    _ask(payload, at)


def decided(*, payload: dict[str, Any], at: datetime) -> None:
    _tell("decided", payload, at)
    _webhooks.hear("cases.case.decided", payload, at)


def closed(*, payload: dict[str, Any], at: datetime) -> None:
    _tell("closed", payload, at)
    _webhooks.hear("cases.case.closed", payload, at)


def paused(*, payload: dict[str, Any], at: datetime) -> None:
    _tell("paused", payload, at, reason=payload.get("title"))
    _webhooks.hear("cases.case.paused", payload, at)


def resumed(*, payload: dict[str, Any], at: datetime) -> None:
    _tell("resumed", payload, at)
    _webhooks.hear("cases.case.resumed", payload, at)


def extended(*, payload: dict[str, Any], at: datetime) -> None:
    _tell("extended", payload, at, why=_last_grounds(payload["case_id"], "extended"))
    _webhooks.hear("cases.case.extended", payload, at)


def due_soon(*, payload: dict[str, Any], at: datetime) -> None:
    _tell("due-soon", payload, at)


def overdue(*, payload: dict[str, Any], at: datetime) -> None:
    _tell("overdue", payload, at)
    _webhooks.hear("cases.case.overdue", payload, at)


def campaign_running(*, payload: dict[str, Any], at: datetime) -> None:
    """As a job of its own: a hundred thousand recipients take minutes."""
    jobs.send_campaign(payload["campaign_id"])


def _ask(payload: Mapping[str, Any], at: datetime) -> None:
    # Most steps are an office's: that is known without reading the case.
    if not cases.waits_for_applicant(payload["case_id"]):
        return
    for task in cases.peek(payload["case_id"]).steps_open:
        if task.kind is TaskKind.APPLICANT:
            key = f"task:{task.id}"
            actions.tell(occasion="asked", case_id=payload["case_id"], key=key, task=task, by=SYSTEM, at=at)


def _tell(occasion: str, payload: Mapping[str, Any], at: datetime, **facts: Any) -> None:
    # The same event may be delivered again: its time tells it from another of the same kind.
    key = f"{payload['case_id']}:{at.isoformat()}"
    actions.tell(occasion=occasion, case_id=payload["case_id"], key=key, facts=facts, by=SYSTEM, at=at)


def _last_grounds(case_id: int, kind: str) -> str:
    told = [event.grounds for event in cases.history(case_id, visible_only=True) if event.kind == kind]
    return told[-1] if told else ""
