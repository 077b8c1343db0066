"""Permissions: declared by the apps that ask for them, granted by the packs of post types."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from yiwang.kernel.base.contracts import Denied

_WORD = re.compile(r"[a-z]+(\.[a-z]+(-[a-z]+)*)+")
_declared: dict[str, str] = {}


class Reach(StrEnum):
    """Where a post's permissions count: at its own organisation, there and at all below it, or at all in its region."""

    OWN = "own"
    BELOW = "below"
    REGION = "region"


class NotPermitted(Denied):
    code = "access.not-permitted"


@dataclass(frozen=True, slots=True)
class PostTypeView:
    """A type of post as the packs in force define it; `in_region` are those permissions that count in all of its region."""

    id: str
    title: str
    permissions: frozenset[str]
    reach: Reach
    needs_second_factor: bool
    in_region: frozenset[str] = frozenset()

    def reach_of(self, permission: str) -> Reach:
        return Reach.REGION if permission in self.in_region else self.reach


@dataclass(frozen=True, slots=True)
class Reached:
    """Where an actor may do something: at organisations by id, at all open ones below paths of the tree and in regions (stems of codes)."""

    own: tuple[int, ...]
    below: tuple[str, ...]
    regions: tuple[str, ...] = ()

    def values(self) -> dict[str, list[int] | list[str]]:
        """The values that orgs.queries.IDS_WITHIN asks for."""
        return {"orgs_own": list(self.own), "orgs_below": list(self.below), "orgs_regions": list(self.regions)}


def declare_permissions(permissions: Mapping[str, str]) -> None:
    """Make dotted permission words known, each with a Chinese phrase; called in AppConfig.ready()."""
    for word, phrase in permissions.items():
        if not _WORD.fullmatch(word):
            raise ValueError(f"{word!r} is no permission word such as cases.act")
        _declared[word] = phrase


def declared_permissions() -> dict[str, str]:
    return dict(_declared)
