"""督办: a case that does not get on becomes a matter of supervision, as a sub-case under the same number."""

from yiwang.kernel.cases.contracts import CaseView, Part, register_plan
from yiwang.office.supervision.contracts import MATTER

FLOW = "national.supervision.matter"
SLOT = "supervision"


def matter(case: CaseView) -> list[Part]:
    """One matter, at the unit that leads the case."""
    return [Part(slot=SLOT, title=f"督办：{case.title}"[:200], kind=MATTER, flow=FLOW, org_id=case.org_id)]


def register() -> None:
    register_plan("supervision.matter", matter)
