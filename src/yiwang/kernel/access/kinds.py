"""The pack kind of post types (岗位类型)."""

from collections.abc import Iterable
from typing import ClassVar

from yiwang.kernel.access.contracts import Reach, declared_permissions
from yiwang.kernel.packs.contracts import Pack, PackModel, PackSet, Problem, register

POST_TYPE = "PostType"


class PostTypePack(PackModel):
    """What a post of this type permits, and whether its holder signs in with a second factor."""

    kind_title: ClassVar[str] = "岗位类型"
    field_names: ClassVar = {
        "permissions": "权限", "reach": "管到哪里", "needs_second_factor": "要动态口令",
    }  # fmt: skip

    overridable = frozenset({"title", "permissions", "needs_second_factor"})

    permissions: tuple[str, ...]
    reach: Reach = Reach.OWN
    needs_second_factor: bool = False


def register_kinds() -> None:
    register(POST_TYPE, PostTypePack, check=_unknown_permissions)


def _unknown_permissions(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    known = declared_permissions()
    for i, word in enumerate(pack.as_type(PostTypePack).permissions):
        if word not in known:
            remedy = f"请改为其中之一：{'、'.join(sorted(known))}。"
            yield pack.problem(("permissions", i), f"没有“{word}”这个权限。", remedy)
