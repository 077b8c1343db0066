"""Inserting a case: its number, its row, its place in a family."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yiwang.kernel.base import rows
from yiwang.kernel.cases import _numbers
from yiwang.kernel.cases._flow import Flow
from yiwang.kernel.cases._reading import DATA
from yiwang.kernel.cases._turn import Held, Turn
from yiwang.kernel.cases.models import Case
from yiwang.kernel.workdays.contracts import Limit


@dataclass(frozen=True, slots=True)
class NewCase:
    """What a case begins with."""

    kind: str
    flow: Flow
    title: str
    org_id: int
    region_code: str
    applicant_id: int | None
    subject: str
    data: Mapping[str, Any]
    limits: Mapping[str, Limit] = field(default_factory=dict)
    parent: Case | None = None
    slot: str = ""
    filed_by_id: int | None = None


def insert(turn: Turn, new: NewCase, drawn: tuple[str, str] | None = None) -> Held:
    """Insert a case below `new.parent`, whose root the turn has locked; no step is open yet. `drawn` is its number and code, if they are known."""
    number, code = drawn or (_numbers.of_child(turn.root) if new.parent else _numbers.of_root(turn, new.region_code))
    case = row(new, number, code, turn)
    if new.parent:
        case.root, case.parent = turn.root, new.parent
        turn.hold(turn.root.pk).set(children=turn.root.children)
    else:
        turn.root = case
    case.pk = turn.keys.give(Case)
    rows.insert(case)
    # Its first effects ask for what it was opened with: as it is stored, and without going there.
    rows.remember((DATA, case.pk), lambda: _stored(case))
    held = Held(case, new.flow, {}, clocks=[], is_new=True)
    turn.take(held)
    turn.write(held, "opened")
    return held


def row(new: NewCase, number: str, code: str, turn: Turn) -> Case:
    return rows.new(
        Case,
        number=number,
        query_code=code,
        kind=new.kind,
        title=new.title,
        subject=new.subject,
        flow_id=new.flow.id,
        flow_version=new.flow.version,
        flow_hash=new.flow.hash,
        org_id=new.org_id,
        region_code=new.region_code,
        applicant_id=new.applicant_id,
        filed_by_id=new.filed_by_id,
        slot=new.slot,
        opened_at=turn.effective_at,
        limits={name: limit.text for name, limit in new.limits.items()},
        data=dict(new.data),
    )


def _stored(case: Case) -> Any:
    field: Any = Case._meta.get_field("data")
    return field.decode(field.encode(case.data))
