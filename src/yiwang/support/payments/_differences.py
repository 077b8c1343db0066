"""What both sides do not agree on becomes a case of whoever looks after the money."""

from datetime import date, datetime

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.cases import actions as cases
from yiwang.kernel.cases.contracts import EffectContext
from yiwang.kernel.orgs import queries as orgs
from yiwang.support.payments import kinds
from yiwang.support.payments.contracts import DIFFERENCE_KIND, DifferenceKind, yuan
from yiwang.support.payments.models import Difference


def note(
    channel: str,
    day: date,
    kind: DifferenceKind,
    number: str,
    ours_fen: int,
    theirs_fen: int,
    *,
    by: Actor,
    at: datetime,
) -> bool:
    """Open a case, once as long as the difference stands; true when it is new."""
    row = Difference(
        channel=channel, day=day, kind=kind, number=number[:80], ours_fen=ours_fen, theirs_fen=theirs_fen, found_at=at
    )
    # Asked by insert, not by look: the daily comparison and a callback may find it at one moment.
    Difference.objects.bulk_create([row], ignore_conflicts=True)
    kept = (
        Difference.objects.select_for_update()
        .filter(channel=channel, kind=kind, number=number[:80], settled_at__isnull=True)
        .first()
    )
    if kept is None or kept.case_id is not None:
        return False
    policy = kinds.policy()
    unit = orgs.handling(policy.difference_unit, policy.difference_region)
    case = cases.open_case(
        kind=DIFFERENCE_KIND,
        flow=policy.difference_flow,
        title=f"对账差异:{kind.word}",
        org_id=unit.id,
        region_code=unit.region_code,
        applicant_id=None,
        subject="",
        data={
            "channel": channel,
            "day": day.isoformat(),
            "number": number[:80],
            "ours": yuan(ours_fen),
            "theirs": yuan(theirs_fen),
        },
        limits={},
        by=SYSTEM,
        at=at,
    )
    kept.case_number, kept.case_id = case.number, case.id
    kept.save(update_fields=["case_number", "case_id"])
    audit.record("payments.difference.found", target=f"case:{case.id}", by=by, at=at, detail={"kind": kind})
    return True


def settle(context: EffectContext) -> None:
    """The effect `payments.settle_difference`: people have found out what it was."""
    Difference.objects.filter(case_id=context.case.id, settled_at__isnull=True).update(settled_at=context.at)
