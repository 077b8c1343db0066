"""Cases that come from elsewhere; part of `contracts`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from yiwang.kernel.base.contracts import Invalid


class BadPast(Invalid):
    """A case of the past ends before it began, has not ended yet, or ends as its flow does not know."""

    code = "cases.bad-past"


@dataclass(frozen=True, slots=True)
class PastCase:
    """A case that was closed elsewhere. `title` names nobody; `subject` and `data` are sealed."""

    title: str
    org_id: int
    region_code: str
    outcome: str
    opened_at: datetime
    closed_at: datetime
    subject: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordedCase:
    id: int
    number: str
