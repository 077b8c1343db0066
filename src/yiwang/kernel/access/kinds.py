"""The pack kind of post types (岗位类型)."""

from collections.abc import Iterable
from typing import ClassVar

from yiwang.kernel.access.contracts import Reach, declared_permissions
from yiwang.kernel.packs.contracts import Pack, PackModel, PackSet, Problem, register

POST_TYPE = "PostType"


class PostTypePack(PackModel):
    """What a post of this type permits, and whether its holder signs in with a second factor.

    `in_region` permits at every organisation of the own one's region and of those below, whoever it belongs to: a desk of command
    sees what its streets have, though they are not under it.
    """

    kind_title: ClassVar[str] = "岗位类型"
    field_names: ClassVar = {
        "permissions": "权限", "reach": "管到哪里", "needs_second_factor": "要动态口令",
        "in_region": "在本行政区划内都有的权限",
    }  # fmt: skip

    overridable = frozenset({"title", "permissions", "needs_second_factor", "in_region"})

    permissions: tuple[str, ...]
    reach: Reach = Reach.OWN
    in_region: tuple[str, ...] = ()
    needs_second_factor: bool = False


def register_kinds() -> None:
    register(POST_TYPE, PostTypePack, check=_unknown_permissions)


def _unknown_permissions(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    known = declared_permissions()
    body = pack.as_type(PostTypePack)
    for field, words in (("permissions", body.permissions), ("in_region", body.in_region)):
        for i, word in enumerate(words):
            if word not in known:
                remedy = f"请改为其中之一：{'、'.join(sorted(known))}。"
                yield pack.problem((field, i), f"没有“{word}”这个权限。", remedy)
