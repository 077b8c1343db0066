"""Pack kind RetentionPolicy: which store, for how long, on which basis."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from yiwang.kernel.packs.contracts import Pack, PackFault, PackModel, PackSet, Problem
from yiwang.kernel.retention.contracts import named, stores

POLICY = "RetentionPolicy"
_KEEP = re.compile(r"(\d{1,3}) (days|months|years)")


class RetentionPolicyPack(PackModel):
    """How long things of a store are kept, counted from what the store says."""

    kind_title: ClassVar[str] = "保存期限"
    field_names: ClassVar = {"store": "保存的内容", "keep": "保存多久", "after": "期满后"}
    overridable: ClassVar[frozenset[str]] = frozenset({"keep"})

    store: str
    keep: Annotated[str, Field(examples=["180 days", "30 years"])]
    after: Literal["erase"] = "erase"

    @field_validator("keep")
    @classmethod
    def _readable(cls, text: str) -> str:
        found = _KEEP.fullmatch(text)
        if found is None or int(found[1]) == 0:
            raise PackFault(f"“{text}”不是期限", "请写成“180 days”“24 months”或“30 years”")
        return text

    def before(self, at: datetime) -> datetime:
        """What is older than this moment is past its time."""
        found = _KEEP.fullmatch(self.keep)
        assert found is not None
        return earlier(at, int(found[1]), found[2])


def earlier(at: datetime, n: int, unit: str) -> datetime:
    """The same day so many days, months or years before; the last of the month where there is no such day."""
    from datetime import timedelta

    if unit == "days":
        return at - timedelta(days=n)
    months = at.year * 12 + at.month - 1 - (n if unit == "months" else 12 * n)
    year, month = divmod(months, 12)
    for day in range(at.day, 27, -1):
        try:
            return at.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return at.replace(year=year, month=month + 1)


def one_policy_a_store(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """A store that exists, and one period for it."""
    policy = pack.as_type(RetentionPolicyPack)
    if policy.store not in stores():
        yield pack.problem("store", f"没有“{policy.store}”这种内容。", f"可写的有：{named(stores())}。")
    if not policy.legal_basis:
        yield pack.problem("legal_basis", "没有写依据。", "请写明规定保存期限的条文。")
    for other in packs.all_of(POLICY):
        if other.id < pack.id and other.as_type(RetentionPolicyPack).store == policy.store:
            yield pack.problem("store", f"“{policy.store}”的期限已由 {other.path} 规定。", "请删去一处。")
