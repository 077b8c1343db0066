"""Issue licences and change their standing; each act has its grounds, its record and its proof."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, YiwangError
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.packs import queries as packs
from yiwang.support.licences import _face, _limits, _making, _rows, _standing
from yiwang.support.licences.contracts import (
    BatchReport,
    CannotChange,
    Change,
    GroundsNeeded,
    Holder,
    LicenceNotFound,
    LicenceView,
    Operation,
    Status,
)
from yiwang.support.licences.kinds import LICENCE_TYPE, LicenceTypePack
from yiwang.support.licences.models import Licence, LicenceKeeper, LicenceVersion

LEGAL_TIME = ZoneInfo("Asia/Shanghai")
BATCH_MAX = 200
GROUNDS_MAX = 500


@transaction.atomic
def issue(
    *,
    type_id: str,
    holder: Holder,
    issuer_org_id: int,
    fields: Mapping[str, Any],
    valid_from: date | None = None,
    valid_to: date | None = None,
    case_number: str = "",
    by: Actor,
    at: datetime,
    number: str = "",
    slot: str = "",
    keepers: Sequence[str] = (),
) -> LicenceView:
    """Issue a licence; for the same case, type, holder (and `slot`, for twins) the one that exists is returned.

    `keepers` are subject keys of others who keep it, such as the parents of a child. Raises StaysPaper, NoTypeCode,
    WrongFields, NotPermitted.
    """
    access.require(by, "licences.issue", at_org=issuer_org_id)
    pack = packs.get(LICENCE_TYPE, type_id)
    today = at.astimezone(LEGAL_TIME).date()
    _making.refuse_paper(pack)
    subject_key = sealed_index(holder.id_number or f"{holder.name}:{case_number}:{slot}")
    _one_at_a_time(case_number, type_id, subject_key, slot)
    before = _issued_before(case_number, type_id, subject_key, slot)
    if before:
        return _rows.view(before, on=today)
    row = _making.new_row(pack, holder, orgs.get(issuer_org_id), fields, valid_from or today, valid_to, number, today)
    row.subject_key, row.case_number, row.slot, row.changed_at = subject_key, case_number, slot, at
    row.save(force_insert=True)
    LicenceKeeper.objects.bulk_create(
        [LicenceKeeper(licence=row, subject_key=key) for key in dict.fromkeys(keepers) if key != subject_key]
    )
    _conclude(row, Operation.ISSUE, _rows.keep_version(row, at=at), "", today, by, at)
    return _rows.view(row, on=today)


def suspend(*, licence_id: int, grounds: str, by: Actor, at: datetime) -> LicenceView:
    """暂扣: out of force for a time. Raises CannotChange, GroundsNeeded, NotPermitted."""
    return change(licence_id=licence_id, to=Change.SUSPEND, grounds=grounds, by=by, at=at)


def resume(*, licence_id: int, grounds: str, by: Actor, at: datetime) -> LicenceView:
    """暂扣发还. Raises as `suspend`."""
    return change(licence_id=licence_id, to=Change.RESUME, grounds=grounds, by=by, at=at)


def cancel(*, licence_id: int, grounds: str, by: Actor, at: datetime) -> LicenceView:
    """注销: its purpose is over. Raises as `suspend`."""
    return change(licence_id=licence_id, to=Change.CANCEL, grounds=grounds, by=by, at=at)


def revoke(*, licence_id: int, grounds: str, by: Actor, at: datetime) -> LicenceView:
    """撤销: it should not have been given. Raises as `suspend`."""
    return change(licence_id=licence_id, to=Change.REVOKE, grounds=grounds, by=by, at=at)


@transaction.atomic
def change(*, licence_id: int, to: Change, grounds: str, by: Actor, at: datetime) -> LicenceView:
    """Change a licence's standing, on grounds. Raises LicenceNotFound, CannotChange, GroundsNeeded, NotPermitted."""
    row = _locked(licence_id)
    permission = "licences.suspend" if to in (Change.SUSPEND, Change.RESUME) else "licences.revoke"
    access.require(by, permission, at_org=row.issuer_id)
    said = _grounds(grounds)
    step, today = _standing.STEPS[to], at.astimezone(LEGAL_TIME).date()
    if Status(row.status) not in step.before:
        word = _standing.status_on(row.status, row.valid_to, today).word
        raise CannotChange(f"这份证照现在是“{word}”，不能这样处理。", hint="请刷新后核对证照状态。")
    row.status, row.changed_at = step.after.value, at
    row.save(update_fields=["status", "changed_at"])
    _conclude(row, step.operation, _version(row), said, today, by, at)
    return _rows.view(row, on=today)


def change_many(*, licence_ids: Sequence[int], to: Change, grounds: str, by: Actor, at: datetime) -> BatchReport:
    """Change several licences on the same grounds; each stands for itself. Raises GroundsNeeded, CannotChange (too many)."""
    _grounds(grounds)
    if len(licence_ids) > BATCH_MAX:
        raise CannotChange(f"一次最多处理{BATCH_MAX}份证照。", hint="请分批处理。")
    changed, failed = [], {}
    for licence_id in dict.fromkeys(licence_ids):
        try:
            changed.append(change(licence_id=licence_id, to=to, grounds=grounds, by=by, at=at).id)
        except YiwangError as wrong:
            failed[licence_id] = wrong.message
    return BatchReport(changed, failed)


@transaction.atomic
def correct(
    *,
    licence_id: int,
    grounds: str,
    by: Actor,
    at: datetime,
    fields: Mapping[str, Any] | None = None,
    holder: Holder | None = None,
    valid_to: date | None = None,
) -> LicenceView:
    """变更/更正: a new version with its own identifier; fields that are not named stay.

    Raises LicenceNotFound, CannotChange, WrongFields, GroundsNeeded, NotPermitted.
    """
    row = _locked(licence_id)
    access.require(by, "licences.issue", at_org=row.issuer_id)
    said, today = _grounds(grounds), at.astimezone(LEGAL_TIME).date()
    if _standing.status_on(row.status, row.valid_to, today) is not Status.VALID:
        raise CannotChange("只有有效的证照可以变更。", hint="请先核对证照状态。")
    pack = packs.get(LICENCE_TYPE, row.type_id)
    row.fields = _face.cleaned(pack.as_type(LicenceTypePack), {**row.fields, **(fields or {})})
    if holder:
        _making.hand_to(row, holder)
    row.type_hash, row.version, row.changed_at = pack.hash, row.version + 1, at
    row.valid_to = valid_to or row.valid_to
    row.identifier = str(_making.identifier(row, orgs.get(row.issuer_id).uscc))
    row.save()
    _conclude(row, Operation.CORRECT, _rows.keep_version(row, at=at), said, today, by, at)
    return _rows.view(row, on=today)


@transaction.atomic
def add_keeper(*, licence_id: int, subject_key: str, by: Actor, at: datetime) -> None:
    """Let another subject keep a licence, such as a child that has got its ID number. Raises LicenceNotFound, NotPermitted."""
    row = _locked(licence_id)
    access.require(by, "licences.issue", at_org=row.issuer_id)
    LicenceKeeper.objects.get_or_create(licence=row, subject_key=subject_key)
    audit.record("licences.keeper.added", target=f"licence:{row.pk}", by=by, at=at)


@transaction.atomic
def open_line(*, licence_id: int, name: str, by: Actor, at: datetime) -> str:
    """Show a clerk one masked line of a licence; its holder and keepers see that it was shown.

    Raises LicenceNotFound (also for a line that is not there), NotPermitted.
    """
    row = _locked(licence_id)
    access.require(by, "licences.view", at_org=row.issuer_id)
    rule = _rows.type_of(row).field(name)
    if rule is None or name not in row.fields:
        raise LicenceNotFound("证照上没有这一项。", hint="请刷新后再试。")
    keepers = LicenceKeeper.objects.filter(licence=row).values_list("subject_key", flat=True)
    for key in (row.subject_key, *keepers):
        audit.disclose(
            subject_key=key,
            elements=[rule.element],
            purpose=f"核对{_rows.type_of(row).title}",
            authority="、".join(f"《{basis.title}》第{basis.article}条" for basis in _rows.type_of(row).legal_basis),
            case_number=row.case_number or None,
            by=by,
            at=at,
        )
    return _face.spoken(rule, row.fields[name])


def count_lookup(*, visitor: str, by: Actor, at: datetime, was_miss: bool = False) -> None:
    """Count one public look-up of a visitor (any stable text, kept as a keyed digest). Raises TooManyLookups.

    Clerks are counted by account, so that a hall behind one address is not one visitor.
    """
    visitor = f"account:{by.account_id}" if by.account_id else visitor
    _limits.count(visitor, at, weight=_limits.MISS_WEIGHT if was_miss else 1)


def _one_at_a_time(*parts: str) -> None:
    """Two deliveries of the same result must not both find nothing and both issue."""
    digest = hashlib.sha256("|".join(("licences", *parts)).encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(digest[:15], 16)])


def _issued_before(case_number: str, type_id: str, subject_key: str, slot: str) -> Licence | None:
    if not case_number:
        return None
    same = Licence.objects.filter(case_number=case_number, type_id=type_id, subject_key=subject_key, slot=slot)
    return same.first()


def _locked(licence_id: int) -> Licence:
    row = Licence.objects.select_for_update().filter(pk=licence_id).first()
    if row is None:
        raise LicenceNotFound("没有这份证照。", hint="请核对后再试。")
    return row


def _version(row: Licence) -> LicenceVersion:
    return LicenceVersion.objects.get(licence=row, version=row.version)


def _grounds(text: str) -> str:
    said = text.strip()
    if not said or len(said) > GROUNDS_MAX:
        raise GroundsNeeded("请写明理由（500字以内）。", hint="理由会随证照状态一并留存。")
    return said


def _conclude(
    row: Licence, operation: Operation, version: LicenceVersion, grounds: str, on: date, by: Actor, at: datetime
) -> None:
    issuer = orgs.get(row.issuer_id).uscc
    _rows.keep_event(
        row, operation, digest=version.face_digest, issuer=issuer, grounds=grounds, effective_on=on, by=by, at=at
    )
