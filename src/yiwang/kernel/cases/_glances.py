"""Single things about a case that its followers ask with every event: each one statement that the server knows. Asks nobody's permission."""

from yiwang.kernel.base import rows

_OPENED_BY_AGENT = (
    "SELECT account_id FROM cases_caseevent WHERE case_id = %s AND kind = 'opened' AND actor_kind = 'agent' LIMIT 1"
)
_APPLICANTS_TURN = "SELECT 1 FROM cases_task WHERE case_id = %s AND status = 'open' AND kind = 'applicant' LIMIT 1"


def agent_of(case_id: int) -> int | None:
    """The account that opened a case under a mandate; None where nobody's agent did."""
    found = rows.fetch(_OPENED_BY_AGENT, [case_id])
    return int(found[0][0]) if found else None


def waits_for_applicant(case_id: int) -> bool:
    """Whether a step of the case is open that its applicant takes."""
    return bool(rows.fetch(_APPLICANTS_TURN, [case_id]))
