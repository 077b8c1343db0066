"""An occasion of a case becomes messages: which templates fit, who reads them, what they may name."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseTold, TaskView
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.kernel.people import queries as people
from yiwang.support.notify import _sending, queries
from yiwang.support.notify._sending import Draft, Reader
from yiwang.support.notify.kinds import MessageTemplate

POST = "post:"
ABOVE_MAX = 6
CLOCKS_IN_ORDER = ("promised", "statutory")


class Occasion(NamedTuple):
    """Something that happened in a case, by the name that the packs' templates have for it. The same `key` again tells nothing."""

    name: str
    case_id: int
    key: str
    at: datetime
    facts: Mapping[str, Any] = {}
    task: TaskView | None = None


def tell(
    *,
    occasion: str,
    case_id: int,
    key: str,
    by: Actor,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Send whatever the packs have for an occasion of a case: to the applicant and their agent, or to holders of a post.

    The same `key` again sends nothing. Raises NoSuchCase.
    """
    tell_many([Occasion(occasion, case_id, key, at, facts or {})], by=by)


@rows.action
def tell_many(occasions: Sequence[Occasion], *, by: Actor) -> None:
    """As `tell` for what happened in many cases, in this order: what it asks it asks for all of them. Raises NoSuchCase."""
    templates = {name: queries.templates_on(name) for name in {one.name for one in occasions}}
    wanted = [one for one in occasions if templates[one.name]]
    told = cases.told_of(one.case_id for one in wanted)
    fitting = [(one, body) for one in wanted for body in templates[one.name] if _fits(body, told[one.case_id])]
    if fitting:
        units = orgs.named(told[one.case_id].org_id for one, _ in fitting)
        drafts = [_draft(one, body, told[one.case_id], units, by) for one, body in fitting]
        _sending.keep([draft for draft in drafts if draft.readers], by=by)


def _draft(one: Occasion, body: MessageTemplate, case: CaseTold, units: Mapping[int, OrgView], by: Actor) -> Draft:
    said = _facts(case, units[case.org_id], one) | {name: value for name, value in one.facts.items() if value}
    return Draft(body, _readers(body, case, one.at, by), said, case.number, one.key, one.at, case.org_id)


def _readers(body: MessageTemplate, case: CaseTold, at: datetime, by: Actor) -> list[Reader]:
    if body.to.startswith(POST):
        holders = _holders(body.to.removeprefix(POST), case.org_id, at)
        return [Reader(None, account_id) for account_id in dict.fromkeys(holders)]
    return _sending.readers_of(case.applicant_id, case.agent_id, by) if case.applicant_id is not None else []


def _fits(body: MessageTemplate, case: CaseTold) -> bool:
    if body.part_of != "any" and (body.part_of == "root") != case.is_root:
        return False
    values = {"outcome": case.outcome, "kind": case.kind, "flow": case.flow_id}
    if any(values.get(name) in barred for name, barred in body.unless.items()):
        return False
    return all(values.get(name) in allowed for name, allowed in body.when.items())


def _facts(case: CaseTold, unit: OrgView, one: Occasion) -> dict[str, Any]:
    return {
        "title": case.root_title,
        "part": case.title,
        "tail": case.root_number[-4:],
        "day": one.at,
        "due": one.task.due_at if one.task else _due(case.dues) or _due(case.root_dues),
        "step": one.task.name if one.task else "",
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
