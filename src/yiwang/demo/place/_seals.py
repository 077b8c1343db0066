"""The demo place's certification authority, and a seal for each unit that issues licences."""

from collections.abc import Iterable
from datetime import datetime

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.support.licences import queries as licences
from yiwang.support.seals import actions
from yiwang.support.seals.contracts import NoSm2


def seed(bodies: Iterable[OrgView], *, by: Actor, at: datetime) -> int:
    """Returns how many seals were made: none on a machine without SM2, where everything else goes on."""
    kinds = licences.issuing_kinds()
    try:
        actions.found_authority(by=by, at=at)
    except NoSm2:
        return 0
    issuing = [body for body in bodies if body.kind in kinds]
    for body in issuing:
        actions.make_seal(org_id=body.id, kind="licence", name=body.name, grounds="演示地启用", by=by, at=at)
    return len(issuing)
