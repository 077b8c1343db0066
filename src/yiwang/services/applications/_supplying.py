"""What happens to the materials of a filing afterwards: handed in, judged, kept for another time."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.files import queries as files
from yiwang.services.applications import _materials, _promises
from yiwang.services.applications.contracts import (
    CannotCheckPromise,
    CannotSupply,
    MaterialStatus,
    MaterialView,
    NotYourMaterial,
)
from yiwang.services.applications.models import FiledMaterial, KeptFile


@transaction.atomic
def supply(*, case_id: int, key: str, file_id: int, by: Actor, at: datetime) -> MaterialView:
    """Hand in a material that is lacking, faulty, promised or to be made up for.

    Raises NoSuchMaterial, CannotSupply (settled, or the case is over), NotYourMaterial, NotYourCase.
    """
    case = cases.get(case_id, by)
    row = _materials.one(case, key)
    if not case.is_open or row.status in {MaterialStatus.VERIFIED, MaterialStatus.GENERATED}:
        raise CannotSupply(_("这份材料不需要再提交。"), hint=_("请查看办件进度。"))
    require_own([file_id], by)
    row.file_id, row.status = file_id, MaterialStatus.PROVIDED.value
    row.problem, row.make_up_on, row.checked_at, row.checked_by = None, None, None, None
    # What was said of the paper before is not said of this one.
    row.said, row.precheck = None, None
    row.save()
    if case.applicant_id is not None:
        keep([row], party_id=case.applicant_id, at=at)
    engine.note(case_id=case_id, text=f"已补交材料：{row.name}", is_visible=True, by=by, at=at)
    audit.record("applications.material.supplied", target=case.number, by=by, at=at, detail={"key": key})
    return _materials.views([row])[0]


@transaction.atomic
def check_material(*, case_id: int, key: str, problem: str = "", by: Actor, at: datetime) -> MaterialView:
    """A clerk's verdict on one material: fine, or what is wrong with it. Raises NotYourCase, NoSuchMaterial."""
    case = cases.get(case_id, by)
    row = _materials.one(case, key)
    if by.acting_for is not None and not by.posts:
        raise NotYourMaterial("材料由经办人员审核。", hint="")
    row.status, row.problem = _verdict(row, problem)
    row.checked_by, row.checked_at = by.account_id, at
    row.save(update_fields=["status", "problem", "checked_by", "checked_at"])
    detail = {"key": key, "fine": not problem}
    audit.record("applications.material.checked", target=case.number, by=by, at=at, detail=detail)
    return _materials.views([row])[0]


@transaction.atomic
def check_promise(*, case_id: int, key: str, is_kept: bool, words: str, by: Actor, at: datetime) -> MaterialView:
    """What the check of a promise found: kept settles it; if not, the check's flow goes on to hear the applicant and decide.

    Raises NotYourCase, NothingPromised, CannotCheckPromise, and as taking the step does: NotYourStep, SameHolder, GroundsMissing.
    """
    case = cases.get(case_id, by)
    check = cases.peek(_promises.running_check(case, key))
    choice = "kept" if is_kept else "broken"
    step = next((t.step for t in check.steps_open if any(each.code == choice for each in t.choices)), None)
    if step is None:
        raise CannotCheckPromise("承诺核查正在等申请人说明。", hint="申请人说明后或逾期不说明的，再作认定。")
    engine.advance(case_id=check.id, step=step, choice=choice, grounds=words, by=by, at=at)
    detail = {"key": key, "kept": is_kept}
    audit.record("applications.promise.said", target=case.number, by=by, at=at, detail=detail)
    row = _materials.one(case, key)
    return _materials.views([row], _promises.views([row], at=at))[0]


@transaction.atomic
def forget_kept(*, kept_id: int, by: Actor, at: datetime) -> None:
    """Take a file out of one's materials centre; filings that used it keep it."""
    gone, _ = KeptFile.objects.filter(pk=kept_id, party=by.acting_for).delete()
    if not gone:
        raise NotYourMaterial("材料中心没有这份材料。", hint="请刷新页面。")
    audit.record("applications.kept.forgotten", target=f"kept:{kept_id}", by=by, at=at)


def _verdict(row: FiledMaterial, problem: str) -> tuple[str, str | None]:
    if problem:
        return MaterialStatus.FAULTY.value, problem
    if row.status == MaterialStatus.FAULTY:
        return (MaterialStatus.PROVIDED if row.file_id else MaterialStatus.LACKING).value, None
    return row.status, None


def require_own(file_ids: list[int], by: Actor) -> None:
    """Files belong to who acts or to whom they act for; staff take files in at the window."""
    if by.posts or not file_ids:
        return
    refs = files.named(file_ids)
    owners = {by.party_id, by.acting_for}
    if len(refs) < len(set(file_ids)) or any(ref.owner_party_id not in owners for ref in refs.values()):
        raise NotYourMaterial(_("只能使用自己上传的文件。"), hint=_("请重新上传这份材料。"))


def keep(handed_in: Sequence[FiledMaterial], *, party_id: int, at: datetime) -> None:
    """Put handed-in files into the applicant's materials centre, counting each use."""
    for row in handed_in:
        if row.file_id is None:
            continue
        kept, is_new = KeptFile.objects.get_or_create(
            party_id=party_id,
            key=row.key,
            file_id=row.file_id,
            defaults={"name": row.name, "kept_at": at, "last_used_at": at},
        )
        if not is_new:
            kept.last_used_at, kept.used_times = at, kept.used_times + 1
            kept.save(update_fields=["last_used_at", "used_times"])
