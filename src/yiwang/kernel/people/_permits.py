"""Who may change records of people, as far as the kernel can tell without posts' permissions."""

from django.utils.translation import gettext as _

from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.people.contracts import NotYours


def staff_or_system(by: Actor) -> None:
    """Raises NotYours for everybody else."""
    if by.kind not in (ActorKind.STAFF, ActorKind.SYSTEM):
        raise NotYours(_("这项操作由工作人员办理。"), hint=_("请到政务服务大厅窗口办理。"))


def own_or_staff(by: Actor, party_id: int) -> None:
    """The party itself, or staff; an agent may not change the record of its principal. Raises NotYours."""
    if by.party_id != party_id or by.party_id is None:
        staff_or_system(by)
