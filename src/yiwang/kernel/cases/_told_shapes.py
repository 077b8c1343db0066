"""What may be told of a case."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CaseTold:
    """As little of a case as a message names, and whom it concerns. `agent_id` is the account that opened its family under a mandate.

    `dues` are the limits over the whole case by name, `root_dues` those over its family.
    """

    id: int
    number: str
    title: str
    kind: str
    flow_id: str
    outcome: str
    outcome_name: str
    org_id: int
    applicant_id: int | None
    agent_id: int | None
    root_id: int
    root_number: str
    root_title: str
    dues: Mapping[str, datetime]
    root_dues: Mapping[str, datetime]

    @property
    def is_root(self) -> bool:
        return self.root_id == self.id
