"""Who showed the code that somebody at a counter scanned a moment ago: for doors that fill forms, and for nobody else."""

from datetime import datetime, timedelta

from django.utils import timezone

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import MandateKind, NoSuchAccount, PartyView
from yiwang.support.codes import _scenes, _values
from yiwang.support.codes._code import CodeKind
from yiwang.support.codes._values import Bearer
from yiwang.support.codes.contracts import BearerView, HolderGone, NoSuchScan
from yiwang.support.codes.kinds import ScenePack
from yiwang.support.codes.models import Scan

FILLING = timedelta(minutes=30)
"""So long somebody stands at a counter."""


def of_scan(scan_id: int, by: Actor, *, at: datetime) -> BearerView:
    """See queries.bearer_of."""
    row = Scan.objects.filter(pk=scan_id, account_id=by.account_id, is_offline=False, at__gt=at - FILLING).first()
    scene = _scenes.pack_of(row.scene_id).as_type(ScenePack) if row else None
    if row is None or scene is None or not scene.fills:
        raise NoSuchScan("这次扫码已过半小时，或不是您扫的。", hint="请对方刷新“我的码”，再扫一次。")
    shown_by = _person(row.shown_by)
    mandate_id, holder = _holder(row, shown_by, at)
    kind = CodeKind.PERSON if mandate_id is None else CodeKind.FIRM
    told = _values.read(Bearer(kind, holder, shown_by, timezone.localdate(at), row.shown_by), scene.learns)
    return BearerView(row.pk, row.shown_by, mandate_id, row.org_id, tuple(told.values))


def _person(account_id: int) -> PartyView:
    try:
        return people.party(people.account(account_id).party_id or 0)
    except NoSuchAccount as wrong:
        raise _gone() from wrong


def _holder(row: Scan, shown_by: PartyView, at: datetime) -> tuple[int | None, PartyView]:
    """Oneself, or the firm of a mandate that still holds. Raises HolderGone."""
    if row.subject_key == shown_by.subject_key:
        return None, shown_by
    for mandate in people.mandates_of(row.shown_by, at=at):
        if mandate.kind is MandateKind.FIRM_AGENT:
            firm = people.party(mandate.principal_id)
            if firm.subject_key == row.subject_key:
                return mandate.id, firm
    raise _gone()


def _gone() -> HolderGone:
    return HolderGone("出示这个码的账号或授权已失效。", hint="请对方重新登录后再出示，企业请核对授权。")
