"""The pack kind RatingPolicy: what may be ticked at each level, when silence is recorded, who follows up."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from yiwang.kernel.packs.contracts import PackId, PackModel, PackPart, Text, register
from yiwang.kernel.workdays.contracts import Limit

POLICY = "RatingPolicy"


class Tag(PackPart):
    """One thing to tick instead of typing."""

    code: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=40)]
    name: Text


class RatingPolicy(PackModel):
    """`tags` by level (`1` … `5`); after `silence_after` a case without a rating is marked silent."""

    kind_title: ClassVar[str] = "评价规则"
    field_names: ClassVar = {
        "tags": "评价标签", "silence_after": "多久算默认好评", "follow_up": "差评回访期限", "verifies": "核实岗位",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"tags", "silence_after", "follow_up"})

    tags: Mapping[Annotated[str, Field(pattern=r"^[1-5]$")], tuple[Tag, ...]]
    silence_after: Limit
    follow_up: PackId
    verifies: str = "service-centre"


def register_kinds() -> None:
    register(POLICY, RatingPolicy)
