"""The materials of a family of cases: kept once at its root, shared by the matters that need them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.base.rows import ask, columns, insert, keys, new, read
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.files import queries as files
from yiwang.kernel.files.contracts import FileRef
from yiwang.kernel.workdays import queries as workdays
from yiwang.kernel.workdays.contracts import Limit
from yiwang.services.applications.contracts import (
    BadMaterials,
    MaterialInput,
    MaterialsLacking,
    MaterialStatus,
    MaterialView,
    NoSuchMaterial,
    PaperCheck,
    PromiseView,
    Wanted,
)
from yiwang.services.applications.models import FiledMaterial

_OF_CASE = f"SELECT {columns(FiledMaterial)} FROM applications_filedmaterial WHERE case_id = %s ORDER BY id"
_BY_SOURCE = {"generated": MaterialStatus.GENERATED, "share": MaterialStatus.PENDING}


def enter(
    case_id: int,
    *,
    wanted: Iterable[Wanted],
    inputs: Mapping[str, MaterialInput],
    held: Mapping[str, str],
    checks: Mapping[str, PaperCheck],
) -> list[FiledMaterial]:
    """Keep every material with how it stands at filing; rows without keys while nothing refers to them.

    Raises BadMaterials for keys nobody asked for.
    """
    wanted = list(wanted)
    unknown = sorted(set(inputs) - {item.key for item in wanted})
    refused = [item for item in wanted if _is_promise(inputs.get(item.key)) and not item.may_promise]
    if refused:
        places = [Place(f"materials.{item.key}", "这份材料不能用承诺代替。") for item in refused]
        raise BadMaterials("有材料不能用承诺代替。", places=places, hint="请提供这份材料。")
    if unknown:
        places = [Place(f"materials.{key}", "这份材料不在清单中。") for key in unknown]
        raise BadMaterials("材料与清单不符。", places=places, hint="请刷新页面后重新提交。")
    made = [_row(case_id, item, inputs.get(item.key), held.get(item.key, "")) for item in wanted]
    for row in made:
        row.precheck = checks[row.key].stored() if row.key in checks else None
    if any(row.status == MaterialStatus.PROMISED for row in made):
        for row, key in zip(made, keys(FiledMaterial, len(made)), strict=True):
            row.pk = key
    for row in made:
        insert(row)
    return made


def _row(case_id: int, item: Wanted, given: MaterialInput | None, evidence: str) -> FiledMaterial:
    return new(
        FiledMaterial,
        case_id=case_id,
        key=item.key,
        name=item.name,
        kind=item.kind,
        source=item.source,
        reference=item.reference,
        requirement=item.requirement,
        why=item.why,
        make_up=item.make_up,
        may_promise=item.may_promise,
        matters=list(item.matters),
        status=_status(item, given, evidence),
        evidence=evidence or None,
        file_id=given.file_id if given else None,
        said=dict(given.said) if given and given.said else None,
    )


def _status(item: Wanted, given: MaterialInput | None, evidence: str) -> MaterialStatus:
    if evidence:
        return MaterialStatus.VERIFIED
    if given is not None and given.file_id is not None:
        return MaterialStatus.PROVIDED
    if _is_promise(given):
        return MaterialStatus.PROMISED
    return _BY_SOURCE.get(item.source, MaterialStatus.LACKING)


def _is_promise(given: MaterialInput | None) -> bool:
    """A file in hand is worth more than a promise."""
    return given is not None and given.is_promised and given.file_id is None


def rows_of(case: CaseView, matter_id: str = "", *, lock: bool = False) -> list[FiledMaterial]:
    """The materials of a case: those of its family's root, narrowed to the case's own matter."""
    how = "FOR UPDATE" if lock else ""
    (found,) = ask((f"{_OF_CASE} {how}", [case.root_id]))
    return of_matter(read(FiledMaterial, found), matter_id)


def of_matter(rows: list[FiledMaterial], matter_id: str) -> list[FiledMaterial]:
    """Those that a matter needs: its own, and those that belong to all."""
    return [row for row in rows if not matter_id or not row.matters or matter_id in row.matters]


def one(case: CaseView, key: str) -> FiledMaterial:
    """One material under lock. Raises NoSuchMaterial."""
    row = FiledMaterial.objects.select_for_update().filter(case=case.root_id, key=key).first()
    if row is None:
        raise NoSuchMaterial("办件中没有这份材料。", hint="请刷新页面后再试。")
    return row


@dataclass(frozen=True, slots=True)
class Gap:
    """A material that may follow (容缺), and until when."""

    row: FiledMaterial
    make_up_on: date


def gaps(rows: list[FiledMaterial], *, at: datetime) -> list[Gap]:
    """What is open and may follow, with its day. Raises MaterialsLacking when a main material is open."""
    open_rows = [row for row in rows if not MaterialStatus(row.status).is_settled]
    blocking = [row.name for row in open_rows if row.kind != "gap-allowed"]
    if blocking:
        raise MaterialsLacking(
            f"还缺少或需要更正：{'、'.join(blocking)}。",
            hint="请先一次性告知补正，补齐后再受理。",
        )
    return [Gap(row, _make_up_on(row, at)) for row in open_rows]


def accept(rows: list[FiledMaterial], *, at: datetime) -> None:
    """Let a filing be accepted: every main material settled, gaps given their day. Raises MaterialsLacking."""
    for gap in gaps(rows, at=at):
        gap.row.status, gap.row.make_up_on = MaterialStatus.GAP.value, gap.make_up_on
        gap.row.save(update_fields=["status", "make_up_on"])


def _make_up_on(row: FiledMaterial, at: datetime) -> date:
    return workdays.due(at, Limit.parse(row.make_up)).on


def fault(rows: list[FiledMaterial], problems: Mapping[str, str], *, by: Actor, at: datetime) -> None:
    """Mark what has to be corrected, with the clerk's words for each. Raises NoSuchMaterial."""
    known = {row.key: row for row in rows}
    for key, words in problems.items():
        if key not in known:
            raise NoSuchMaterial("办件中没有这份材料。", hint="请刷新页面后再试。")
        row = known[key]
        row.status, row.problem = MaterialStatus.FAULTY.value, words
        row.checked_by, row.checked_at = by.account_id, at
        row.save(update_fields=["status", "problem", "checked_by", "checked_at"])


def views(rows: list[FiledMaterial], promises: Mapping[int, PromiseView] | None = None) -> list[MaterialView]:
    """Contracts of rows, with file names; one query more."""
    refs = files.named(row.file_id for row in rows if row.file_id)
    made = promises or {}
    return [_view(row, refs.get(row.file_id) if row.file_id else None, made.get(row.pk)) for row in rows]


def _view(row: FiledMaterial, ref: FileRef | None, promise: PromiseView | None) -> MaterialView:
    return MaterialView(
        id=row.pk,
        key=row.key,
        name=row.name,
        kind=row.kind,
        source=row.source,
        reference=row.reference,
        requirement=row.requirement,
        why=row.why,
        status=MaterialStatus(row.status),
        evidence=row.evidence or "",
        problem=row.problem or "",
        file_id=row.file_id,
        file_name=ref.filename if ref else "",
        media_type=ref.media_type if ref else "",
        make_up_on=row.make_up_on,
        checked_at=row.checked_at,
        may_promise=row.may_promise,
        matters=tuple(row.matters),
        promise=promise,
        precheck=PaperCheck.restored(row.precheck) if row.precheck else None,
    )
