"""Dated moves of organisations: planning one, and applying it to the tree."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import CharField, Value
from django.db.models.functions import Concat, Substr
from django.utils import timezone

from yiwang.kernel.orgs.contracts import CannotMove, NoSuchRegion
from yiwang.kernel.orgs.models import Organisation, OrgMove, Region

_BATCH = 2000
_STATE = ("name", "short_name", "doc_mark", "region_id", "parent_id")


def future(effective_on: date, at: datetime) -> bool:
    return effective_on > timezone.localdate(at)


def record_first_moves(rows: Sequence[Organisation], *, at: datetime) -> None:
    """The state an organisation opened with, so that `as_of` needs one table only."""
    OrgMove.objects.bulk_create(
        [
            OrgMove(
                organisation=row,
                effective_on=row.opened_on,
                recorded_at=at,
                applied_at=at,
                **{name: getattr(row, name) for name in _STATE},
            )
            for row in rows
        ],
        batch_size=_BATCH,
    )


def planned_move(
    row: Organisation,
    *,
    effective_on: date,
    texts: dict[str, str],
    region_code: str | None,
    parent: Organisation | None,
) -> OrgMove:
    """An unsaved move away from the last recorded state. Raises CannotMove, NoSuchRegion."""
    last = OrgMove.objects.filter(organisation=row).latest("effective_on")
    if last.effective_on >= effective_on:
        raise CannotMove("该日或之后已有变更记录。", hint="请选择更晚的生效日期。")
    if row.closed_on is not None or (parent is not None and parent.closed_on is not None):
        raise CannotMove("已撤销的单位不能再变更。", hint="请核对单位。")
    _not_below_itself(row, parent)
    state = {name: getattr(last, name) for name in _STATE} | texts
    if parent is not None:
        state["parent_id"] = parent.pk
    if region_code is not None:
        state["region_id"] = _region_id(region_code)
    return OrgMove(organisation=row, effective_on=effective_on, **state)


def apply_move(move: OrgMove, *, at: datetime) -> None:
    """Bring the organisation, and the paths of all below it, to the state of `move`."""
    row = Organisation.objects.select_for_update().get(pk=move.organisation_id)
    parent = Organisation.objects.get(pk=move.parent_id) if move.parent_id else None
    _not_below_itself(row, parent)
    Organisation.objects.filter(pk=row.pk).update(**{name: getattr(move, name) for name in _STATE})
    _move_paths(row.path, f"{parent.path if parent else '/'}{row.pk}/")
    move.applied_at = at
    move.save(update_fields=["applied_at"])


def _move_paths(old: str, new: str) -> None:
    if old != new:
        tail = Substr("path", len(old) + 1)
        Organisation.objects.filter(path__startswith=old).update(
            path=Concat(Value(new), tail, output_field=CharField())
        )


def _not_below_itself(row: Organisation, parent: Organisation | None) -> None:
    if parent is not None and parent.path.startswith(row.path):
        raise CannotMove("不能把单位放到自己或下级单位之下。", hint="请另选上级单位。")


def _region_id(code: str) -> int:
    region = Region.objects.filter(code=code).first()
    if region is None:
        raise NoSuchRegion("没有这个行政区划。", hint="请先登记行政区划。")
    return region.pk
