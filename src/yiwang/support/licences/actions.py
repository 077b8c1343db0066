"""Issue licences and change their standing; each act has its grounds, its record and its proof."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, YiwangError
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.base.numbering import next_number
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack
from yiwang.support.licences import _face, _limits, _numbers, _rows, _standing
from yiwang.support.licences._identifier import Identifier
from yiwang.support.licences.contracts import (
    BatchReport,
    CannotChange,
    Change,
    GroundsNeeded,
    Holder,
    LicenceNotFound,
    LicenceView,
    Medium,
    NoTypeCode,
    Operation,
    Status,
    StaysPaper,
    WrongFields,
)
from yiwang.support.licences.kinds import LICENCE_TYPE, LicenceTypePack
from yiwang.support.licences.models import Licence, LicenceKeeper, LicenceVersion

LEGAL_TIME = ZoneInfo("Asia/Shanghai")
# Without signs that are taken for one another when read aloud or off paper.
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
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
    _refuse_paper(pack)
    subject_key = sealed_index(holder.id_number or f"{holder.name}:{case_number}:{slot}")
    _one_at_a_time(case_number, type_id, subject_key, slot)
    before = _issued_before(case_number, type_id, subject_key, slot)
    if before:
        return _rows.view(before, on=today)
    row = _new_row(pack, holder, orgs.get(issuer_org_id), fields, valid_from or today, valid_to, number, today)
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
        _hand_to(row, holder)
    row.type_hash, row.version, row.changed_at = pack.hash, row.version + 1, at
    row.valid_to = valid_to or row.valid_to
    row.identifier = str(_identifier(row, orgs.get(row.issuer_id).uscc))
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


def count_lookup(*, visitor: str, by: Actor, at: datetime, was_miss: bool = False) -> None:
    """Count one public look-up of a visitor (any stable text, kept as a keyed digest). Raises TooManyLookups.

    Clerks are counted by account, so that a hall behind one address is not one visitor.
    """
    visitor = f"account:{by.account_id}" if by.account_id else visitor
    _limits.count(visitor, at, weight=_limits.MISS_WEIGHT if was_miss else 1)


def _refuse_paper(pack: Pack) -> None:
    body = pack.as_type(LicenceTypePack)
    if body.medium is Medium.PAPER:
        raise StaysPaper(f"{body.title}仍以纸质发放。", hint=str(body.paper_note or ""))
    if body.type_code is None:
        raise NoTypeCode(f"{body.title}还没有证照类型代码，不能签发。", hint="请在本地配置包中填写 type_code。")


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


def _new_row(
    pack: Pack,
    holder: Holder,
    issuer: OrgView,
    fields: Mapping[str, Any],
    valid_from: date,
    valid_to: date | None,
    number: str,
    today: date,
) -> Licence:
    body = pack.as_type(LicenceTypePack)
    where = f"{pack.id}:{issuer.id if body.number.per == 'issuer' else '*'}:{today.year}"
    count = next_number(f"licences:{where}")
    validity = body.validity
    row = Licence(
        type_id=pack.id,
        type_hash=pack.hash,
        type_code=str(body.type_code),
        serial=f"{today:%Y}{count:08d}",
        number=number or _number(body, issuer, today, count),
        issuer_id=issuer.id,
        status=Status.VALID.value,
        issued_on=today,
        valid_from=valid_from,
        valid_to=valid_to or _standing.valid_until(validity.kind, validity.years, valid_from),
        fields=_face.cleaned(body, fields),
        verify_code="".join(secrets.choice(CODE_SIGNS) for _ in range(12)),
    )
    _hand_to(row, holder)
    row.identifier = str(_identifier(row, issuer.uscc))
    return row


def _number(body: LicenceTypePack, issuer: OrgView, today: date, count: int) -> str:
    if body.number.given or not body.number.pattern:
        raise WrongFields(f"{body.title}的编号由来源系统给出，这次没有给。", hint="请连同编号一起签发。")
    return _numbers.number(body.number.pattern, on=today, region=issuer.region_code, mark=issuer.doc_mark, serial=count)


def _identifier(row: Licence, issuer_uscc: str) -> Identifier:
    return Identifier(row.type_code, issuer_uscc, row.serial, row.version)


def _hand_to(row: Licence, holder: Holder) -> None:
    if not holder.name.strip():
        raise WrongFields("没有写持证主体的名称。", hint="请补上姓名或名称。")
    row.holder_name, row.holder_id_type, row.holder_id_number = holder.name, holder.id_type, holder.id_number
    row.holder_name_index = sealed_index(holder.name)
    if holder.id_number:
        row.subject_key = sealed_index(holder.id_number)


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
