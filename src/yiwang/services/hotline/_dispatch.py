"""Whose a topic at a place is: a ruling first, then the catalogue of the packs, the longest topic and the nearest place."""

from dataclasses import dataclass

from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import NobodyHandles, OrgView
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.services.hotline import _policy
from yiwang.services.hotline.kinds import Entry
from yiwang.services.hotline.models import Ruling


@dataclass(frozen=True, slots=True)
class Found:
    """A unit and why it is this one; `helpers` are units that the catalogue names beside it."""

    org: OrgView
    reason: str
    helpers: tuple[OrgView, ...] = ()


def find(category: str, region_code: str) -> Found | None:
    """Who handles a topic at a place; None where no unit of the kind is there or above. At most a few queries."""
    ruled = _ruling(category, region_code)
    if ruled is not None:
        return ruled
    entry, otherwise = _entry(category, region_code)
    unit = _office(entry.unit, region_code) if entry else None
    if entry is None or unit is None:
        local = _office(otherwise, region_code) if otherwise else None
        why = "派单目录没有写这一类" if entry is None else "这里没有目录所写的单位"
        return Found(local, f"{why}，先派属地。") if local else None
    names = _policy.tree().name(entry.topic)
    helpers = tuple(found for one in entry.helpers if (found := _office(one, region_code)) is not None)
    basis = f"（{entry.basis.title}）" if entry.basis else ""
    return Found(unit, f"派单目录：{names}归{unit.short_name}办{basis}。", helpers)


def around(region_code: str) -> list[str]:
    """A region's code and those above it, the nearest first."""
    ends = (12, 9, 6, 4, 2)
    return list(dict.fromkeys(region_code[:end].ljust(12, "0") for end in ends)) if region_code else []


def topics(category: str) -> list[str]:
    """A category's code and those above it, the longest first."""
    return [category[:end] for end in range(len(category), 0, -2)]


def _ruling(category: str, region_code: str) -> Found | None:
    places = around(region_code)
    rows = Ruling.objects.filter(category__in=topics(category), region_code__in=places, ended_at=None)
    best = min(rows, key=lambda row: (-len(row.category), places.index(row.region_code)), default=None)
    if best is None:
        return None
    return Found(orgs.get(best.org_id), f"会商裁定（{best.decided_at.astimezone(LEGAL_TIME):%Y-%m-%d}）。")


def _entry(category: str, region_code: str) -> tuple[Entry | None, str]:
    known, otherwise = _policy.entries()
    for topic in topics(category):
        for place in [*around(region_code), None]:
            if (topic, place) in known:
                return known[topic, place], otherwise
    return None, otherwise


def _office(kind: str, region_code: str) -> OrgView | None:
    try:
        return orgs.handling(kind, region_code)
    except NobodyHandles:
        return None
