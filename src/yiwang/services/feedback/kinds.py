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

    overridable: ClassVar[frozenset[str]] = frozenset({"tags", "silence_after", "follow_up"})

    tags: Mapping[Annotated[str, Field(pattern=r"^[1-5]$")], tuple[Tag, ...]]
    silence_after: Limit
    follow_up: PackId
    verifies: str = "service-centre"


def register_kinds() -> None:
    register(POLICY, RatingPolicy)
