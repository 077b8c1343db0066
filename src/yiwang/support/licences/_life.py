"""The later life of a licence: renewed, passed to another holder, run out, and its holder reminded before that."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.events import publish
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.support.licences import _acts, _making, _rows, _standing, _telling
from yiwang.support.licences.contracts import (
    CannotRenew,
    CannotTransfer,
    Holder,
    LicenceView,
    Operation,
    Status,
    WrongFields,
)
from yiwang.support.licences.kinds import LICENCE_TYPE, LicenceTypePack, Validity
from yiwang.support.licences.models import Licence

AT_ONCE_MAX = 500


@transaction.atomic
def renew(*, licence_id: int, grounds: str, by: Actor, at: datetime, valid_to: date | None = None) -> LicenceView:
    """延续: a new version that holds longer, by the years of its type or until `valid_to`.

    Raises LicenceNotFound, CannotRenew (this type is not, not yet, no longer), WrongFields, GroundsNeeded, NotPermitted.
    """
    row = _acts.locked(licence_id)
    access.require(by, "licences.issue", at_org=row.issuer_id)
    said, today = _acts.grounds(grounds), at.astimezone(LEGAL_TIME).date()
    pack = packs.get(LICENCE_TYPE, row.type_id)
    validity = pack.as_type(LicenceTypePack).validity
    end = _require_renewable(row, validity, today)
    is_late = today > end
    start = today if is_late else end + timedelta(days=1)
    new_end = valid_to or _standing.valid_until(validity.kind, validity.years, start)
    if new_end is None or new_end <= max(end, today):
        raise WrongFields("没有写清延续到哪一天。", hint="请写一个晚于现有有效期的日期。")
    row.valid_from, row.valid_to = (today if is_late else row.valid_from), new_end
    row.status, row.reminded_days = Status.VALID.value, None
    _next_version(row, pack, at)
    row.save()
    _acts.conclude(row, Operation.RENEW, _rows.keep_version(row, at=at), said, today, by, at)
    return _rows.view(row, on=today)


@transaction.atomic
def transfer(
    *,
    licence_id: int,
    holder: Holder,
    grounds: str,
    by: Actor,
    at: datetime,
    fields: Mapping[str, Any] | None = None,
    number: str = "",
) -> LicenceView:
    """转移: the licence ends and another takes its place for another holder, until the same day; the two stay linked.

    Fields that are not named stay. Raises LicenceNotFound, CannotTransfer, WrongFields, GroundsNeeded, NotPermitted.
    """
    row = _acts.locked(licence_id)
    access.require(by, "licences.issue", at_org=row.issuer_id)
    said, today = _acts.grounds(grounds), at.astimezone(LEGAL_TIME).date()
    pack = packs.get(LICENCE_TYPE, row.type_id)
    _require_transferable(row, pack, holder, today)
    issuer = orgs.get(row.issuer_id)
    new = _making.new_row(pack, holder, issuer, {**row.fields, **(fields or {})}, today, row.valid_to, number, today)
    row.status, row.issue_key, row.changed_at = Status.CANCELLED.value, "", at
    row.save(update_fields=["status", "issue_key", "changed_at"])
    _acts.conclude(row, Operation.CANCEL, _acts.version(row), f"转移给新的持证主体：{said}", today, by, at)
    new.before, new.case_number, new.changed_at = row, row.case_number, at
    new.save(force_insert=True)
    _acts.conclude(new, Operation.MOVE_IN, _rows.keep_version(new, at=at), said, today, by, at)
    return _rows.view(new, on=today)


@transaction.atomic
def lapse(*, by: Actor, at: datetime) -> int:
    """过期失效: write down of up to 500 licences that their time is over; returns how many. Ask until there are none."""
    today = at.astimezone(LEGAL_TIME).date()
    over = Licence.objects.select_for_update(skip_locked=True).filter(_alive(), valid_to__lt=today)
    rows = list(over.order_by("valid_to", "id")[:AT_ONCE_MAX])
    for row in rows:
        row.status, row.changed_at = Status.LAPSED.value, at
        row.save(update_fields=["status", "changed_at"])
        _acts.conclude(row, Operation.LAPSE, _acts.version(row), "有效期届满", today, by, at)
    return len(rows)


@transaction.atomic
def remind(*, by: Actor, at: datetime) -> int:
    """Tell up to 500 holders, once for each lead of the type's pack, that a licence ends soon; returns how many. Ask until none."""
    today = at.astimezone(LEGAL_TIME).date()
    told = 0
    for pack in packs.all_of(LICENCE_TYPE):
        for days in sorted(pack.as_type(LicenceTypePack).validity.remind_days):
            told += _remind(pack.id, days, today, AT_ONCE_MAX - told, by, at)
    return told


def _remind(type_id: str, days: int, today: date, most: int, by: Actor, at: datetime) -> int:
    unsaid = Q(reminded_days__isnull=True) | Q(reminded_days__gt=days)
    ending = Licence.objects.select_for_update(skip_locked=True).filter(
        unsaid, type_id=type_id, status=Status.VALID.value, valid_to__range=(today, today + timedelta(days=days))
    )
    rows = list(ending.order_by("valid_to", "id")[:most])
    for row in rows:
        row.reminded_days = days
        row.save(update_fields=["reminded_days"])
        key = f"{row.valid_to}:{days}"
        _telling.tell(row, orgs.get(row.issuer_id), "licence-ending", {}, key=key, by=by, at=at)
        publish("licences.licence.ending", {"licence_id": row.pk, "days": days}, at=at)
        audit.record("licences.holder.reminded", target=f"licence:{row.pk}", by=by, at=at, detail={"days": days})
    return len(rows)


def _alive() -> Q:
    return Q(status__in=[status.value for status in _standing.ALIVE])


def _require_renewable(row: Licence, validity: Validity, today: date) -> date:
    """The last day that it has now."""
    rule, end = validity.renewal, row.valid_to
    if rule is None or end is None:
        raise CannotRenew("这类证照不办延续。", hint="到期后请重新申请。")
    status = _standing.status_on(row.status, end, today)
    if status not in (Status.VALID, Status.LAPSED):
        raise CannotRenew(f"这份证照现在是“{status.word}”，不能延续。", hint="请先核对证照状态。")
    opens = end - timedelta(days=rule.opens_days)
    if today < opens:
        raise CannotRenew(f"还没有到可以延续的时候，{opens:%Y-%m-%d}起可以办。", hint="到时会提醒持证人。")
    if today > end + timedelta(days=rule.late_days):
        raise CannotRenew("有效期已过，不能再延续。", hint="请按新发办理。")
    return end


def _require_transferable(row: Licence, pack: Pack, holder: Holder, today: date) -> None:
    if not pack.as_type(LicenceTypePack).may_transfer:
        raise CannotTransfer("法律没有规定这类证照可以转移。", hint="请由新的主体重新申请，原证照另行注销。")
    status = _standing.status_on(row.status, row.valid_to, today)
    if status not in (Status.VALID, Status.MOVING):
        raise CannotTransfer(f"这份证照现在是“{status.word}”，不能转移。", hint="请先核对证照状态。")
    if not holder.id_number or sealed_index(holder.id_number) == row.subject_key:
        raise CannotTransfer("新的持证主体没有证件号码，或与现在的相同。", hint="同一主体的内容变化请用变更。")


def _next_version(row: Licence, pack: Pack, at: datetime) -> None:
    """From here on the licence speaks under another identifier."""
    row.type_hash, row.version, row.changed_at = pack.hash, row.version + 1, at
    row.identifier = str(_making.identifier(row, orgs.get(row.issuer_id).uscc))
