"""What the followers of a case ask with every event, by statements that the server knows. Asks nobody's permission."""

from collections.abc import Iterable
from datetime import datetime

from yiwang.kernel.base import rows
from yiwang.kernel.cases import _book
from yiwang.kernel.cases._errors import missing
from yiwang.kernel.cases._told_shapes import CaseTold
from yiwang.kernel.cases._views import outcome_name

_TOLD = (
    "SELECT c.id, c.number, c.title, c.kind, c.flow_id, c.flow_hash, c.outcome, c.org_id, c.applicant_id, "
    "(SELECT account_id FROM cases_caseevent WHERE case_id = root.id AND kind = 'opened' AND actor_kind = 'agent' LIMIT 1), "
    "root.id, root.number, root.title "
    "FROM cases_case c JOIN cases_case root ON root.id = coalesce(c.root_id, c.id) WHERE c.id = %s"
)
# Of a limit that was started anew the last one counts.
_DUES = (
    "SELECT case_id, name, due_at FROM cases_clock WHERE case_id = ANY(%s::bigint[]) AND task_id IS NULL ORDER BY id"
)
_APPLICANTS_TURN = "SELECT 1 FROM cases_task WHERE case_id = %s AND status = 'open' AND kind = 'applicant' LIMIT 1"


def told(case_id: int) -> CaseTold:
    """What a message about a case may name. Raises NoSuchCase."""
    found = rows.fetch(_TOLD, [case_id])
    if not found:
        raise missing()
    own, number, title, kind, flow_id, flow_hash, outcome, org_id, applicant_id, agent_id, *root = found[0]
    root_id, root_number, root_title = root
    clocks = rows.fetch(_DUES, [[own, root_id]])
    return CaseTold(
        id=own,
        number=number,
        title=title,
        kind=kind,
        flow_id=flow_id,
        outcome=outcome,
        outcome_name=outcome_name(_book.pinned(flow_id, flow_hash), outcome),
        org_id=org_id,
        applicant_id=applicant_id,
        agent_id=agent_id,
        root_id=root_id,
        root_number=root_number,
        root_title=root_title,
        dues=_dues(own, clocks),
        root_dues=_dues(root_id, clocks),
    )


def waits_for_applicant(case_id: int) -> bool:
    """Whether a step of the case is open that its applicant takes."""
    return bool(rows.fetch(_APPLICANTS_TURN, [case_id]))


def _dues(case_id: int, clocks: Iterable[tuple[int, str, datetime | None]]) -> dict[str, datetime]:
    last = {name: due_at for whose, name, due_at in clocks if whose == case_id}
    return {name: due_at for name, due_at in last.items() if due_at is not None}
