"""Issue licences and change their standing; each act has its grounds, its record and its proof."""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import translation

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import throttle
from yiwang.kernel.base.contracts import SYSTEM, Actor, YiwangError
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.files import actions as files
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.people.contracts import IdType
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.support.licences import _acts, _copies, _face, _making, _rows, _standing, queries
from yiwang.support.licences._batches import issue_part, read_batch, start_batch
from yiwang.support.licences._credentials import credential, roll_credential_key
from yiwang.support.licences._issuing import issue
from yiwang.support.licences._life import lapse, remind, renew, transfer
from yiwang.support.licences._proofs import open_proof
from yiwang.support.licences._purposes import answer_copy, ask_copy, copy_file, withdraw_copy
from yiwang.support.licences.contracts import (
    BatchReport,
    CannotChange,
    Change,
    Holder,
    LicenceNotFound,
    LicenceView,
    NoCopy,
    Operation,
    Status,
    TooManyLookups,
)
from yiwang.support.licences.kinds import LICENCE_TYPE, LicenceTypePack
from yiwang.support.licences.models import Licence, LicenceCopy, LicenceKeeper
from yiwang.support.seals import actions as seal_actions
from yiwang.support.seals import queries as seals
from yiwang.support.seals.contracts import Format

__all__ = [
    "BATCH_MAX",
    "GROUNDS_MAX",
    "answer_copy",
    "ask_copy",
    "cancel",
    "change",
    "change_many",
    "copy_file",
    "correct",
    "count_lookup",
    "credential",
    "identify_holder",
    "issue",
    "issue_part",
    "lapse",
    "open_line",
    "open_proof",
    "read_batch",
    "remind",
    "renew",
    "resume",
    "revoke",
    "roll_credential_key",
    "sealed_copy",
    "start_batch",
    "suspend",
    "transfer",
    "withdraw_copy",
]

BATCH_MAX = 200
GROUNDS_MAX = _acts.GROUNDS_MAX
# Generous to a counter that scans all day, hopeless for guessing: six wrong codes fill a window.
LOOKUPS_MAX, LOOKUP_WINDOW, MISS_WEIGHT = 60, timedelta(minutes=5), 10


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
    row = _acts.locked(licence_id)
    access.require(by, _standing.PERMISSIONS[to], at_org=row.issuer_id)
    said = _acts.grounds(grounds)
    step, today = _standing.STEPS[to], at.astimezone(LEGAL_TIME).date()
    if Status(row.status) not in step.before:
        word = _standing.status_on(row.status, row.valid_to, today).word
        raise CannotChange(f"这份证照现在是“{word}”，不能这样处理。", hint="请刷新后核对证照状态。")
    row.status, row.changed_at = step.after.value, at
    if to in (Change.REVOKE, Change.CANCEL):
        # A case that is decided anew may issue again: what is over no longer stands in the way.
        row.issue_key = ""
    row.save(update_fields=["status", "changed_at", "issue_key"])
    _acts.conclude(row, step.operation, _acts.version(row), said, today, by, at)
    return _rows.view(row, on=today)


def change_many(*, licence_ids: Sequence[int], to: Change, grounds: str, by: Actor, at: datetime) -> BatchReport:
    """Change several licences on the same grounds; each stands for itself. Raises GroundsNeeded, CannotChange (too many)."""
    _acts.grounds(grounds)
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
    row = _acts.locked(licence_id)
    access.require(by, "licences.issue", at_org=row.issuer_id)
    said, today = _acts.grounds(grounds), at.astimezone(LEGAL_TIME).date()
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
    _acts.conclude(row, Operation.CORRECT, _rows.keep_version(row, at=at), said, today, by, at)
    return _rows.view(row, on=today)


@transaction.atomic
def identify_holder(*, licence_id: int, id_number: str, by: Actor, at: datetime) -> LicenceView:
    """Tie a licence to the ID number that its holder has got since, as a newborn does; what it says stays.

    Raises LicenceNotFound, CannotChange (the holder has another number already), NotPermitted.
    """
    row = _acts.locked(licence_id)
    access.require(by, "licences.issue", at_org=row.issuer_id)
    key = sealed_index(id_number)
    if row.holder_id_number and row.subject_key != key:
        raise CannotChange("这份证照的持证人已有证件号码。", hint="信息有误请用变更。")
    row.subject_key, row.holder_id_type, row.holder_id_number = key, IdType.CITIZEN_ID.value, id_number
    row.changed_at = at
    row.save(update_fields=["subject_key", "holder_id_type", "holder_id_number", "changed_at"])
    audit.record("licences.holder.identified", target=f"licence:{row.pk}", by=by, at=at)
    return _rows.view(row, on=at.astimezone(LEGAL_TIME).date())


@transaction.atomic
def open_line(*, licence_id: int, name: str, by: Actor, at: datetime) -> str:
    """Show a clerk one masked line of a licence; its holder and keepers see that it was shown.

    Raises LicenceNotFound (also for a line that is not there), NotPermitted.
    """
    row = _acts.locked(licence_id)
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


@transaction.atomic
def sealed_copy(*, licence_id: int, format_: Format, url: str, by: Actor, at: datetime) -> int:
    """The file (kernel.files) of a licence with its issuer's seal on it, made and kept at the first asking.

    The page that calls this has checked whose licence it is; `url` is where the copy sends its reader.
    Raises LicenceNotFound, NoCopy (out of force, no seal), NoPdf, NoSm2.
    """
    row = _acts.locked(licence_id)
    if not _rows.view(row, on=at.astimezone(LEGAL_TIME).date()).is_valid:
        raise NoCopy("只有有效的证照可以下载。", hint="请先核对证照状态。")
    before = LicenceCopy.objects.filter(licence=row, version=row.version, format=format_.value).first()
    if before:
        return before.file_id
    sealed = _sealed(row, format_, url, at)
    kept = files.store(
        stream=io.BytesIO(sealed),
        filename=f"{row.number or row.serial}.{format_.value}",
        purpose="licence",
        owner_party_id=None,
        by=SYSTEM,
        at=at,
    )
    LicenceCopy.objects.create(licence=row, version=row.version, format=format_.value, file_id=kept.id, made_at=at)
    audit.record("licences.copy.made", target=f"licence:{row.pk}", by=by, at=at, detail={"format": format_.value})
    return kept.id


def _sealed(row: Licence, format_: Format, url: str, at: datetime) -> bytes:
    """The issuer's own seal, put on by the system: the decision that it stands for was taken when it was issued."""
    seal = seals.usable(row.issuer_id, _copies.KIND_OF_SEAL, at=at)
    if seal is None:
        raise NoCopy("签发单位还没有电子证照专用章。", hint="请打印本页，或到签发单位窗口领取。")
    with translation.override("zh-hans"):
        face = queries.face(row.pk, on=at.astimezone(LEGAL_TIME).date())
        plain = _copies.pdf(face, url=url) if format_ is Format.PDF else _copies.ofd(face, url=url, at=at)
    put = seal_actions.seal_pdf if format_ is Format.PDF else seal_actions.seal_ofd
    made = put(
        seal_id=seal.id,
        data=plain,
        place=_copies.STAMP,
        thing=f"licence:{row.type_id}",
        subject=f"licence:{row.pk}:{row.version}",
        purpose="电子证照签发",
        case_number=row.case_number,
        by=SYSTEM,
        at=at,
    )
    return made.data


def count_lookup(*, visitor: str, by: Actor, at: datetime, was_miss: bool = False) -> None:
    """Count one public look-up of a visitor (any stable text, kept as a keyed digest). Raises TooManyLookups.

    Clerks are counted by account, so that a hall behind one address is not one visitor.
    """
    visitor = f"account:{by.account_id}" if by.account_id else visitor
    weight = MISS_WEIGHT if was_miss else 1
    try:
        throttle.count("licences.lookup", visitor, at=at, most=LOOKUPS_MAX, window=LOOKUP_WINDOW, weight=weight)
    except throttle.TooOften as wrong:
        raise TooManyLookups("查验得太频繁了。", hint="请五分钟后再试，或到签发单位窗口核验。") from wrong
