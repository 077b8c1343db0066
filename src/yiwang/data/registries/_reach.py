"""Whose files a post reaches: those of its region. An entry without one is for posts of a whole city or above."""

from django.db.models import Q

from yiwang.data.registries.contracts import OPEN
from yiwang.data.registries.kinds import KeptRegistry
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor

_CITY_DIGITS = 4


def reaches(by: Actor, body: KeptRegistry, region_code: str, permission: str = OPEN) -> bool:
    """A registry whose pack names no region is open to every post that may open files."""
    if body.region is None:
        return access.may_anywhere(by, permission)
    stems = access.regions(by, permission)
    return region_code.startswith(stems) if region_code else any(_is_whole(stem) for stem in stems)


def entries(by: Actor, body: KeptRegistry, permission: str) -> Q:
    """The same as a condition on entries."""
    if body.region is None or "" in (stems := access.regions(by, permission)):
        return Q()
    # An empty list, so that who reaches no region sees none.
    reached = Q(pk__in=[])
    for stem in stems:
        reached |= Q(region_code__startswith=stem)
    return reached | Q(region_code="") if any(_is_whole(stem) for stem in stems) else reached


def _is_whole(stem: str) -> bool:
    return len(stem) <= _CITY_DIGITS
