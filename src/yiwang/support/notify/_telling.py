"""An occasion of a case becomes messages: which templates fit, who reads them, what they may name."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseTold, TaskView
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import queries as people
from yiwang.support.notify import _sending, queries
from yiwang.support.notify.kinds import MessageTemplate

POST = "post:"
ABOVE_MAX = 6
CLOCKS_IN_ORDER = ("promised", "statutory")


def tell(
    *,
    occasion: str,
    case_id: int,
    key: str,
    by: Actor,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
    task: TaskView | None = None,
) -> None:
    """Send whatever the packs have for an occasion of a case: to the applicant and their agent, or to holders of a post.

    The same `key` again sends nothing. Raises NoSuchCase.
    """
    templates = queries.templates_on(occasion)
    if not templates:
        return
    case = cases.told(case_id)
    fitting = [body for body in templates if _fits(body, case)]
    if not fitting:
        return
    said = _facts(case, at, task) | {name: value for name, value in (facts or {}).items() if value}
    for body in fitting:
        if body.to.startswith(POST):
            readers = _holders(body.to.removeprefix(POST), case.org_id, at)
            _sending.send_to_staff(
                template=body.id,
                account_ids=readers,
                facts=said,
                case_number=case.number,
                by=by,
                at=at,
                key=key,
                org_id=case.org_id,
            )
        elif case.applicant_id is not None:
            parties = _sending.readers_of(case.applicant_id, case.agent_id, by)
            _sending.keep(body.id, parties, said, case.number, key, by=by, at=at, org_id=case.org_id)


def _fits(body: MessageTemplate, case: CaseTold) -> bool:
    if body.part_of != "any" and (body.part_of == "root") != case.is_root:
        return False
    values = {"outcome": case.outcome, "kind": case.kind, "flow": case.flow_id}
    if any(values.get(name) in barred for name, barred in body.unless.items()):
        return False
    return all(values.get(name) in allowed for name, allowed in body.when.items())


def _facts(case: CaseTold, at: datetime, task: TaskView | None) -> dict[str, Any]:
    unit = orgs.get(case.org_id)
    return {
        "title": case.root_title,
        "part": case.title,
        "tail": case.root_number[-4:],
        "day": at,
        "due": task.due_at if task else _due(case.dues) or _due(case.root_dues),
        "step": task.name if task else "",
        "unit": unit.short_name or unit.name,
        "phone": unit.phone,
        "result": case.outcome_name,
    }


def _due(dues: Mapping[str, datetime]) -> datetime | None:
    named = [dues[name] for name in CLOCKS_IN_ORDER if name in dues]
    return named[0] if named else min(dues.values(), default=None)


def _holders(post_type: str, org_id: int, at: datetime) -> list[int]:
    """Who holds such a post at the organisation, or at the nearest one above it."""
    org = orgs.get(org_id)
    for _ in range(ABOVE_MAX):
        found = [account.id for account in people.holders(post_type, org.id, at=at)]
        if found or org.parent_id is None:
            return found
        org = orgs.get(org.parent_id)
    return []
