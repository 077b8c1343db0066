"""What crosses the boundary of audit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yiwang.kernel.base.contracts import ActorKind


@dataclass(frozen=True, slots=True)
class AuditView:
    """One act: `event` in the past tense, `target` as `kind:id`."""

    id: int
    event: str
    target: str
    actor_kind: ActorKind
    account_id: int | None
    principal_id: int | None
    org_id: int | None
    at: datetime
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DisclosureView:
    """One use of a person's or firm's data: which elements, to whom, for what, on which authority."""

    id: int
    elements: Sequence[str]
    purpose: str
    authority: str
    case_number: str | None
    actor_kind: ActorKind
    account_id: int | None
    org_id: int | None
    post_title: str
    leaf_id: int
    at: datetime
