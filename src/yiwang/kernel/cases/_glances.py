"""What the followers of a case ask with every event, by statements that the server knows. Asks nobody's permission."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from yiwang.kernel.base import rows
from yiwang.kernel.cases import _book
from yiwang.kernel.cases._errors import missing
from yiwang.kernel.cases._told_shapes import CaseTold
from yiwang.kernel.cases._views import outcome_name

_TOLD = (
    "SELECT c.id, c.number, c.title, c.kind, c.flow_id, c.flow_hash, c.outcome, c.org_id, c.applicant_id, "
    "(SELECT account_id FROM cases_caseevent WHERE case_id = root.id AND kind = 'opened' AND actor_kind = 'agent' LIMIT 1), "
    "root.id, root.number, root.title "
    "FROM cases_case c JOIN cases_case root ON root.id = coalesce(c.root_id, c.id) WHERE c.id = ANY(%s::bigint[])"
)
# Of a limit that was started anew the last one counts.
_DUES = (
    "SELECT case_id, name, due_at FROM cases_clock WHERE case_id = ANY(%s::bigint[]) AND task_id IS NULL ORDER BY id"
)
_APPLICANTS_TURN = (
    "SELECT case_id FROM cases_task WHERE case_id = ANY(%s::bigint[]) AND status = 'open' AND kind = 'applicant'"
)

Clocks = Sequence[tuple[str, datetime | None]]


def told(case_id: int) -> CaseTold:
    """What a message about a case may name. Raises NoSuchCase."""
    return told_of([case_id])[case_id]


def told_of(case_ids: Iterable[int]) -> dict[int, CaseTold]:
    """As `told` for many cases, in two questions. Raises NoSuchCase."""
    wanted = sorted(set(case_ids))
    found = rows.fetch(_TOLD, [wanted])
    if len(found) < len(wanted):
        raise missing()
    clocks: dict[int, list[tuple[str, datetime | None]]] = {}
    for case_id, name, due_at in rows.fetch(_DUES, [sorted({number for row in found for number in (row[0], row[10])})]):
        clocks.setdefault(case_id, []).append((name, due_at))
    return {row[0]: _told(row, clocks) for row in found}


def applicants_turn(case_ids: Iterable[int]) -> set[int]:
    """In which of these cases a step is open that the applicant takes."""
    return {case_id for (case_id,) in rows.fetch(_APPLICANTS_TURN, [sorted(set(case_ids))])}


def _told(row: Sequence[Any], clocks: Mapping[int, Clocks]) -> CaseTold:
    own, number, title, kind, flow_id, flow_hash, outcome, org_id, applicant_id, agent_id, *root = row
    root_id, root_number, root_title = root
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
        dues=_dues(clocks.get(own, ())),
        root_dues=_dues(clocks.get(root_id, ())),
    )


def _dues(clocks: Clocks) -> dict[str, datetime]:
    return {name: due_at for name, due_at in dict(clocks).items() if due_at is not None}
