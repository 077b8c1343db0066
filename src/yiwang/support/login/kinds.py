"""The pack kind CounterCheckPolicy (窗口核验规则): which documents prove somebody at a counter, and for how long that stands."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from yiwang.kernel.packs import queries as packs_in_force
from yiwang.kernel.packs.contracts import Pack, PackModel, PackPart, PackSet, Problem

COUNTER_CHECK = "CounterCheckPolicy"


class ProvingDocument(PackPart):
    """A document with a photograph that a clerk compares with the person in front."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]*$", max_length=40)]
    title: Annotated[str, StringConstraints(min_length=1, max_length=40)]


class CounterCheckPolicy(PackModel):
    """What is looked at, on which ground, and when it has to be done again."""

    kind_title: ClassVar[str] = "窗口核验规则"
    field_names: ClassVar = {"documents": "可以核验的证件", "stands_days": "有效天数", "id": "编号", "title": "名称"}

    overridable: ClassVar[frozenset[str]] = frozenset({"documents", "stands_days"})

    documents: Annotated[tuple[ProvingDocument, ...], Field(min_length=1, max_length=12)]
    stands_days: Annotated[int, Field(ge=1, le=3660)]

    @property
    def authority(self) -> str:
        return "；".join(f"《{each.title}》第{each.article}条" for each in self.legal_basis)[:200]

    def title_of(self, document: str) -> str:
        """The document's name; its id where the pack no longer has it."""
        return next((each.title for each in self.documents if each.id == document), document)


def check(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    """A ground in law, and every document once."""
    body = pack.as_type(CounterCheckPolicy)
    if not body.legal_basis or not all(each.article for each in body.legal_basis):
        yield pack.problem("legal_basis", "没有写到条的依据。", "请写 {title: …, article: …}。")
    ids = [each.id for each in body.documents]
    for index, name in enumerate(ids):
        if name in ids[:index]:
            yield pack.problem(("documents", index), f"证件 {name} 写了两次。", "请去掉一个。")


def policy() -> CounterCheckPolicy | None:
    """The rule in force; None where a place checks nobody at its counters."""
    return next((pack.as_type(CounterCheckPolicy) for pack in packs_in_force.all_of(COUNTER_CHECK)), None)
