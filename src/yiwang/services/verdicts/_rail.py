"""The entry in the staff rail for what the system decided by rule, where it decides anything at all."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem
from yiwang.kernel.packs import queries as packs
from yiwang.services.verdicts import queries
from yiwang.services.verdicts.kinds import INSTANT


def entries(by: Actor) -> Iterable[RailGroup]:
    if not packs.all_of(INSTANT) or not access.may_anywhere(by, queries.SEE):
        return ()
    return (RailGroup("秒批", (RailItem("系统自动审批", reverse("desk-verdicts"), icon="check"),), order=55),)
