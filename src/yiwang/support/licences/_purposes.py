"""加注件: a unit asks for one licence of one holder for one purpose; the holder answers, or a law does; what it gets says what it is for."""

import io
import secrets
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import translation

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.base.events import publish
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.files import actions as files
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.support.licences import _copies, _making, _policy, _purpose_rows, _rows, _telling, queries
from yiwang.support.licences._purpose_rows import standing
from yiwang.support.licences.contracts import (
    CannotAnswer,
    CannotAsk,
    CopyAsk,
    CopyNotGiven,
    CopyState,
    CopyView,
    LicenceNotFound,
    NoCopy,
)
from yiwang.support.licences.kinds import UseGround
from yiwang.support.licences.models import Licence, PurposeCopy
from yiwang.support.seals import actions as seal_actions
from yiwang.support.seals import queries as seals
from yiwang.support.seals.contracts import Format

ASK = "licences.ask"
PURPOSE_MAX = 60
BY_LEAVE = "本人同意"


@transaction.atomic
def ask_copy(*, wanted: CopyAsk, by: Actor, at: datetime) -> CopyView:
    """Ask for a holder's valid licence of a type; with a ground of law it is given at once, else its holder is asked.

    Raises CannotAsk, LicenceNotFound (no such holder, or nothing valid), NotPermitted.
    """
    access.require(by, ASK, at_org=wanted.org_id)
    today, unit = at.astimezone(LEGAL_TIME).date(), orgs.get(wanted.org_id)
    ground = _checked(wanted, unit, today)
    row = Licence.objects.filter(
        _rows.in_force(today), type_id=wanted.type_id, subject_key=sealed_index(wanted.id_number)
    ).last()
    audit.record("licences.copy.asked", target=f"licence:{row.pk if row else 0}", by=by, at=at)
    if row is None:
        raise LicenceNotFound("这个人没有这类有效证照。", hint="请核对证件号码，或请对方提供原件。")
    copy = PurposeCopy.objects.create(
        licence=row,
        code="".join(secrets.choice(_making.CODE_SIGNS) for _ in range(12)),
        subject_key=row.subject_key,
        org_id=unit.id,
        account_id=by.account_id,
        purpose=wanted.purpose.strip(),
        ground=wanted.ground,
        authority=ground.basis if ground else BY_LEAVE,
        case_number=wanted.case_number,
        state=CopyState.ASKED.value,
        answer_by=today + timedelta(days=_policy.policy().answer_days),
        until=wanted.until,
        asked_at=at,
    )
    if ground:
        _give(copy, row, by, at)
    else:
        facts = {"due": copy.answer_by, "why": f"用途：{copy.purpose}"}
        _telling.tell(row, unit, "licence-asked", facts, key=f"copy:{copy.pk}", by=by, at=at)
    return _purpose_rows.view(copy, on=today)


@transaction.atomic
def answer_copy(*, copy_id: int, subject_key: str, is_agreed: bool, by: Actor, at: datetime) -> CopyView:
    """The holder gives leave or not; `subject_key` is whose licences the page found to be the reader's. Raises LicenceNotFound, CannotAnswer."""
    copy = _locked(copy_id, subject_key)
    today = at.astimezone(LEGAL_TIME).date()
    if standing(copy, today) is not CopyState.ASKED:
        raise CannotAnswer("这份申请已经答复过，或已过答复期限。", hint="请刷新后再看。")
    if is_agreed:
        _give(copy, copy.licence, by, at)
    else:
        _end(copy, CopyState.DECLINED, by, at)
    return _purpose_rows.view(copy, on=today)


@transaction.atomic
def withdraw_copy(*, copy_id: int, subject_key: str, by: Actor, at: datetime) -> CopyView:
    """The holder takes leave back; the copy is no longer valid. What rests on a law stays. Raises LicenceNotFound, CannotAnswer."""
    copy = _locked(copy_id, subject_key)
    today = at.astimezone(LEGAL_TIME).date()
    if copy.ground or standing(copy, today) is not CopyState.GIVEN:
        raise CannotAnswer("这份加注件不能撤回。", hint="依法调用的不需要同意；有异议可以拨打12345。")
    _end(copy, CopyState.WITHDRAWN, by, at)
    return _purpose_rows.view(copy, on=today)


@transaction.atomic
def copy_file(*, copy_id: int, format_: Format, base: str, by: Actor, at: datetime) -> int:
    """The sealed file of a copy (kernel.files), made at the first asking; each day's fetching is told to the holder.

    Raises LicenceNotFound, CopyNotGiven, NoCopy (out of force since, no seal), NoPdf, NotPermitted.
    """
    copy = PurposeCopy.objects.select_for_update().filter(pk=copy_id).first()
    if copy is None:
        raise LicenceNotFound("没有这份加注件。", hint="请核对后再试。")
    access.require(by, ASK, at_org=copy.org_id)
    today = at.astimezone(LEGAL_TIME).date()
    if standing(copy, today) is not CopyState.GIVEN:
        raise CopyNotGiven(f"这份加注件现在是“{standing(copy, today).word}”，不能取用。", hint="需要时请重新申请。")
    row = copy.licence
    if not _rows.view(row, on=today).is_valid or copy.version != row.version:
        raise NoCopy("证照已经失效或变更，这份加注件不能再用。", hint="请重新申请。")
    _disclose(copy, row, by, at)
    name = f"{format_.value}_file_id"
    if getattr(copy, name) is None:
        setattr(copy, name, _stored(copy, row, format_, base, at))
        copy.save(update_fields=[name])
    return int(getattr(copy, name))


def _checked(wanted: CopyAsk, unit: OrgView, today: date) -> UseGround | None:
    rules = _policy.policy()
    if not wanted.purpose.strip() or len(wanted.purpose) > PURPOSE_MAX:
        raise CannotAsk(f"请写明用途（{PURPOSE_MAX}字以内）。", hint="如：办理老年人优待证。")
    if not today <= wanted.until <= today + timedelta(days=rules.days_max):
        raise CannotAsk(f"使用期限最长{rules.days_max}天。", hint="请改短。")
    if not wanted.ground:
        return None
    ground = rules.ground(wanted.ground)
    if ground is None or (ground.unit_kinds and unit.kind not in ground.unit_kinds):
        raise CannotAsk("这项法定依据不适用于本单位。", hint="请改为征求持证人同意。")
    return ground


def _give(copy: PurposeCopy, row: Licence, by: Actor, at: datetime) -> None:
    """From here on the copy counts; the ledger says for what, by a digest that the unit's copy opens."""
    copy.version = row.version
    _end(copy, CopyState.GIVEN, by, at)
    unit = orgs.get(copy.org_id)
    if copy.ground:
        facts = {"why": f"用途：{copy.purpose}；依据：{copy.authority}"}
        _telling.tell(row, unit, "licence-used", facts, key=f"copy:{copy.pk}", by=by, at=at)


def _end(copy: PurposeCopy, state: CopyState, by: Actor, at: datetime) -> None:
    copy.state, copy.answered_at = state.value, at
    content = {
        "copy": copy.code,
        "licence": copy.licence.identifier,
        "org": orgs.get(copy.org_id).uscc,
        "purpose": str(copy.purpose),
        "authority": copy.authority,
        "case": copy.case_number,
        "state": state.value,
        "until": copy.until,
    }
    kind = f"licences.copy.{state.value}"
    copy.leaf_id = ledger.append(kind=kind, subject=f"licence-copy:{copy.pk}", content=content, by=by, at=at).id
    copy.save()
    audit.record(kind, target=f"licence-copy:{copy.pk}", by=by, at=at)
    publish(kind, {"copy_id": copy.pk, "org_id": copy.org_id, "case_number": copy.case_number}, at=at)


def _disclose(copy: PurposeCopy, row: Licence, by: Actor, at: datetime) -> None:
    body = _rows.type_of(row)
    audit.disclose(
        subject_key=copy.subject_key,
        elements=[rule.element for rule in body.fields if rule.name in row.fields],
        purpose=f"调用{body.title}：{copy.purpose}",
        authority=copy.authority,
        case_number=copy.case_number or None,
        by=by,
        at=at,
    )


def _stored(copy: PurposeCopy, row: Licence, format_: Format, base: str, at: datetime) -> int:
    seal = seals.usable(row.issuer_id, _copies.KIND_OF_SEAL, at=at)
    if seal is None:
        raise NoCopy("签发单位还没有电子证照专用章。", hint="请持证人打印证照，或到签发单位窗口领取。")
    with translation.override("zh-hans"):
        face = queries.face(row.pk, on=at.astimezone(LEGAL_TIME).date())
        mark = _copies.Mark(
            code=copy.code,
            text=f"仅用于{copy.purpose}",
            detail=f"{orgs.get(copy.org_id).name}使用，有效期至{copy.until:%Y-%m-%d}",
        )
        url = f"{base}/v/{copy.code}"
        is_pdf = format_ is Format.PDF
        plain = _copies.pdf(face, url=url, mark=mark) if is_pdf else _copies.ofd(face, url=url, at=at, mark=mark)
    put = seal_actions.seal_pdf if is_pdf else seal_actions.seal_ofd
    made = put(
        seal_id=seal.id,
        data=plain,
        place=_copies.STAMP,
        thing=f"licence:{row.type_id}",
        subject=f"licence-copy:{copy.pk}",
        purpose="电子证照加注件",
        case_number=copy.case_number,
        by=SYSTEM,
        at=at,
    )
    name = f"{copy.code}.{format_.value}"
    kept = files.store(
        stream=io.BytesIO(made.data), filename=name, purpose="licence", owner_party_id=None, by=SYSTEM, at=at
    )
    return kept.id


def _locked(copy_id: int, subject_key: str) -> PurposeCopy:
    copy = PurposeCopy.objects.select_for_update().filter(pk=copy_id, subject_key=subject_key).first()
    if copy is None:
        raise LicenceNotFound("没有这份申请。", hint="请刷新后再看。")
    return copy
