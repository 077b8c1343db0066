"""Rating a case, recording silence, and what follows a bad rating."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.base.events import publish
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseTold, CaseView
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.workdays import queries as workdays
from yiwang.services.feedback import queries
from yiwang.services.feedback.contracts import (
    KIND,
    BadRating,
    CannotRate,
    Channel,
    Level,
    NotYoursToRate,
    RatingView,
)
from yiwang.services.feedback.models import Invitation, Rating

WORDS_MAX = 500
RATED_KINDS = frozenset({"application", "journey"})
# Whoever rated before the invitation came is not silent.
_INVITE = """
INSERT INTO feedback_invitation (case_id, org_id, party_id, subject, expires_at)
SELECT %s, %s, %s, %s, %s WHERE NOT EXISTS (SELECT 1 FROM feedback_rating WHERE case_id = %s)
ON CONFLICT (case_id) DO NOTHING RETURNING id
"""


@transaction.atomic
def rate(
    *,
    case_id: int,
    level: int,
    channel: Channel,
    tags: Sequence[str] = (),
    words: str = "",
    by: Actor,
    at: datetime,
) -> RatingView:
    """Rate a closed case once per channel; 不满意 and worse open a case of their own.

    Raises NotYoursToRate, CannotRate (still open, or rated already), BadRating.
    """
    case = cases.get(case_id, by)
    if case.applicant_id is None or by.acting_for != case.applicant_id:
        raise NotYoursToRate("只有申请人可以评价这个办件。", hint="请用申报时的身份登录。")
    if case.is_open:
        raise CannotRate("办件还没有办结。", hint="办结后会请您评价。")
    given = _level(level)
    _require_known(given, tags, words)
    row = Rating(
        case_id=case.id,
        org_id=case.org_id,
        subject=queries.subject_of(cases.data(case.id)),
        level=given.value,
        channel=channel,
        tags=list(tags),
        words=words.strip() or None,
        rated_at=at,
        account_id=by.account_id,
    )
    _insert(row)
    Invitation.objects.filter(case=case.id, settled_at=None).update(settled_at=at)
    if given.is_bad:
        row.follow_up_id = _follow_up(case, row, by=by, at=at).id
        row.save(update_fields=["follow_up"])
    ledger.append(
        kind="feedback.rated",
        subject=f"case:{case.number}",
        content={"level": given.value, "channel": channel, "tags": list(tags)},
        by=by,
        at=at,
    )
    audit.record("feedback.rated", target=case.number, by=by, at=at, detail={"level": given.value})
    publish("feedback.rated", {"case_id": case.id, "level": given.value}, at=at)
    return queries.view(row)


@transaction.atomic
def exclude(*, follow_up_id: int, by: Actor, at: datetime) -> None:
    """Take a mistaken or malicious rating out of all figures; the follow-up case holds the grounds."""
    Rating.objects.filter(follow_up=follow_up_id).update(excluded_at=at)
    audit.record("feedback.excluded", target=f"case:{follow_up_id}", by=by, at=at)


@transaction.atomic
def rate_again(*, follow_up_id: int, level: int, by: Actor, at: datetime) -> None:
    """What the person says after the unit put things right (再评); the first rating stands beside it."""
    given = _level(level)
    Rating.objects.filter(follow_up=follow_up_id).update(again=given.value, again_at=at)
    detail = {"level": given.value}
    audit.record("feedback.rated-again", target=f"case:{follow_up_id}", by=by, at=at, detail=detail)


@rows.action
def invite(*, closed: Mapping[int, datetime], by: Actor, at: datetime) -> None:
    """Ask the applicants of these root cases, each closed at its moment, to rate them; a repeat changes nothing."""
    told = cases.told_of(closed).values()
    rated = [case for case in told if case.applicant_id is not None and case.is_root and case.kind in RATED_KINDS]
    data = cases.data_of(case.id for case in rated)
    answers = rows.ask(*(_invitation(case, data[case.id], closed[case.id]) for case in rated)) if rated else []
    for case, invited in zip(rated, answers, strict=True):
        if invited:
            audit.record("feedback.invited", target=case.number, by=by, at=at)


@transaction.atomic
def record_silence(*, by: Actor, at: datetime, size: int = 500) -> int:
    """Mark cases that nobody rated in time as silent, so that they are not mistaken for satisfied ones."""
    waiting = Invitation.objects.select_for_update(skip_locked=True).filter(settled_at=None, expires_at__lte=at)
    due = list(waiting.order_by("expires_at")[:size])
    Rating.objects.bulk_create(
        [
            Rating(
                case_id=row.case_id,
                org_id=row.org_id,
                subject=row.subject,
                channel=Channel.WEB,
                rated_at=row.expires_at,
            )
            for row in due
        ],
        ignore_conflicts=True,
    )
    Invitation.objects.filter(pk__in=[row.pk for row in due]).update(settled_at=at)
    if due:
        detail = {"cases": len(due)}
        audit.record("feedback.silence-recorded", target="feedback", by=by, at=at, detail=detail)
    return len(due)


def _invitation(case: CaseTold, data: Mapping[str, Any], closed_at: datetime) -> rows.Statement:
    expires_at = workdays.due(closed_at, queries.policy().silence_after).at
    return _INVITE, [case.id, case.org_id, case.applicant_id, queries.subject_of(data), expires_at, case.id]


def _level(level: int) -> Level:
    try:
        return Level(level)
    except ValueError as wrong:
        place = Place("level", "请选择满意度。")
        raise BadRating("还没有选择满意度。", places=[place]) from wrong


def _require_known(level: Level, tags: Sequence[str], words: str) -> None:
    offered = {tag.code for tag in queries.tags_for(level)}
    if set(tags) - offered:
        raise BadRating("选项有误。", places=[Place("tags", "请重新选择。")], hint="请刷新页面。")
    if len(words) > WORDS_MAX:
        raise BadRating("文字太长。", places=[Place("words", f"请在{WORDS_MAX}字以内说明。")])
    if level.is_bad and not tags and not words.strip():
        place = Place("words", "请勾选或写一句哪里不满意，我们才好改。")
        raise BadRating("请说明不满意的地方。", places=[place])


def _insert(row: Rating) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as twice:
        raise CannotRate("这个办件已经评价过。", hint="谢谢您，不用重复评价。") from twice


def _follow_up(case: CaseView, row: Rating, *, by: Actor, at: datetime) -> CaseView:
    """A case of its own in the same family of number, handled by whoever handled the rated one."""
    return engine.open_case(
        kind=KIND,
        flow=queries.policy().follow_up,
        title=f"差评核实整改：{case.title}",
        org_id=case.org_id,
        region_code=case.region_code,
        applicant_id=case.applicant_id,
        subject=case.subject,
        data={
            "rated_case": case.number,
            "level": row.level,
            "tags": list(row.tags),
            "words": row.words or "",
        },
        limits={},
        by=by,
        at=at,
    )
