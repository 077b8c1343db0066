"""Cases that were opened and closed elsewhere, before: taken over as they were, many at once, with their own times."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from django.db import connection, transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.codes import mod_11_10
from yiwang.kernel.base.contracts import Actor, ActorKind, Denied, Place
from yiwang.kernel.cases import _book
from yiwang.kernel.cases._numbers import LENGTH, SIGNS
from yiwang.kernel.cases.contracts import OUTCOMES, BadPast, CaseStatus, PastCase, RecordedCase
from yiwang.kernel.cases.models import Case, CaseEvent
from yiwang.kernel.workdays.contracts import LEGAL_TIME

_BATCH = 2_000
_DRAW = (
    "INSERT INTO base_counter (series, value) SELECT * FROM unnest(%s::text[], %s::bigint[]) ORDER BY 1 "
    "ON CONFLICT (series) DO UPDATE SET value = base_counter.value + EXCLUDED.value RETURNING series, value"
)


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
    numbers, codes = _numbers(cases), _codes(len(cases))
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
        for past, number, code in zip(cases, numbers, codes, strict=True)
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


def _numbers(cases: Sequence[PastCase]) -> list[str]:
    """The next numbers of each region's days, all series drawn at once and in one order."""
    heads = [past.region_code[:6] + past.opened_at.astimezone(LEGAL_TIME).strftime("%Y%m%d") for past in cases]
    wanted = Counter(heads)
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, [[f"cases:{head}" for head in wanted], list(wanted.values())])
        last: Mapping[str, int] = dict(cursor.fetchall())
    begin = {head: last[f"cases:{head}"] - count for head, count in wanted.items()}
    numbers = []
    for head in heads:
        begin[head] += 1
        digits = f"{head}{begin[head]:06}"
        numbers.append(digits + mod_11_10(digits))
    return numbers


def _codes(count: int) -> list[str]:
    """Codes that no case has."""
    found: set[str] = set()
    while len(found) < count:
        drawn = {"".join(secrets.choice(SIGNS) for _ in range(LENGTH)) for _ in range(count - len(found))}
        known = Case.objects.filter(query_code__in=drawn).values_list("query_code", flat=True)
        found |= drawn - set(known)
    return sorted(found, key=lambda _: secrets.randbits(32))


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
