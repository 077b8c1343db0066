"""The pack kind Registry (基础库): who answers for a registry, and how an objection to it runs."""

from collections.abc import Iterable
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from yiwang.kernel.packs.contracts import Pack, PackId, PackModel, PackSet, Problem, register

REGISTRY = "Registry"
OrgKind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]


class RegistryPack(PackModel):
    """`id` is the name under which the registry is a fact source; `units` are tried in order at the region and above."""

    kind_title: ClassVar[str] = "基础库"
    field_names: ClassVar = {"units": "负责单位", "flow": "异议的流程"}

    units: Annotated[tuple[OrgKind, ...], Field(min_length=1, max_length=5)]
    flow: PackId


def _check(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    flow = pack.as_type(RegistryPack).flow
    if packs.find("Flow", flow) is None:
        yield pack.problem("flow", f"没有流程“{flow}”。", "请核对编号，或先写这个流程。")


def register_kinds() -> None:
    register(REGISTRY, RegistryPack, check=_check)
