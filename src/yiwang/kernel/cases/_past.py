"""Cases that were opened and closed elsewhere, before: taken over as they were, many at once, with their own times."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from django.db import transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind, Denied, Place
from yiwang.kernel.cases import _book, _numbers
from yiwang.kernel.cases.contracts import OUTCOMES, BadPast, CaseStatus, PastCase, RecordedCase
from yiwang.kernel.cases.models import Case, CaseEvent

_BATCH = 2_000


class NotByHand(Denied):
    """Only the system takes history over, at an operator's command."""

    code = "cases.not-by-hand"


@transaction.atomic
def record_past(*, kind: str, flow: str, cases: Sequence[PastCase], by: Actor, at: datetime) -> list[RecordedCase]:
    """Write closed cases as rows with two events each, in the order given; nothing of them is run, timed or told on.

    What happened counts at its own time (`effective_at`), and says that it was written down now (`recorded_at`). One audit record for all.
    Raises BadPast, NotByHand, PackNotFound.
    """
    if by.kind is not ActorKind.SYSTEM:
        raise NotByHand("历史办件只能由系统批量导入。", hint="请管理员用命令导入。")
    followed = _book.current(flow)
    _require_sound(cases, OUTCOMES.keys() | followed.body.outcomes.keys(), at)
    drawn = _numbers.of_past([(past.region_code, past.opened_at) for past in cases])
    rows = [
        Case(
            number=number,
            query_code=code,
            kind=kind,
            title=past.title,
            subject=past.subject,
            flow_id=followed.id,
            flow_version=followed.version,
            flow_hash=followed.hash,
            status=CaseStatus.CLOSED.value,
            outcome=past.outcome,
            org_id=past.org_id,
            region_code=past.region_code,
            opened_at=past.opened_at,
            decided_at=past.closed_at,
            closed_at=past.closed_at,
            data=dict(past.data),
        )
        for past, (number, code) in zip(cases, drawn, strict=True)
    ]
    Case.objects.bulk_create(rows, batch_size=_BATCH)
    CaseEvent.objects.bulk_create(
        [event for row, past in zip(rows, cases, strict=True) for event in _events(row, past, by, at)],
        batch_size=_BATCH,
    )
    first = min((past.opened_at for past in cases), default=at)
    audit.record(
        "cases.past.recorded",
        target=f"cases.past:{kind}",
        by=by,
        at=at,
        detail={
            "count": len(rows),
            "first": first.isoformat(),
            "numbers": [row.number for row in rows[:1] + rows[-1:]],
        },
    )
    return [RecordedCase(row.pk, row.number) for row in rows]


def _require_sound(cases: Sequence[PastCase], outcomes: AbstractSet[str], at: datetime) -> None:
    wrong = [
        Place(f"cases.{n}", sentence)
        for n, past in enumerate(cases)
        for sentence in (
            *(["办结时间早于收件时间。"] if past.closed_at < past.opened_at else []),
            *(["办结时间还没有到。"] if past.closed_at > at else []),
            *([f"流程没有结果“{past.outcome}”。"] if past.outcome not in outcomes else []),
        )
    ]
    if wrong:
        raise BadPast("有历史办件不能导入。", places=wrong, hint="请核对时间和结果。")


def _events(row: Case, past: PastCase, by: Actor, at: datetime) -> list[CaseEvent]:
    told = (("opened", past.opened_at, None), ("closed", past.closed_at, {"outcome": past.outcome}))
    return [
        CaseEvent(
            case=row,
            kind=kind,
            actor_kind=by.kind.value,
            org_id=row.org_id,
            detail=detail,
            effective_at=when,
            recorded_at=at,
        )
        for kind, when, detail in told
    ]
