"""The pack kind `Scope`: what a system may ask to learn of whoever signs in, in plain words."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from yiwang.kernel.packs.contracts import Pack, PackModel, PackSet, Problem, Text
from yiwang.support.oidc import _claims

SCOPE = "Scope"
ELEMENT = "DataElement"
ClaimName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


class Scope(PackModel):
    """One scope. Its id is the word of the protocol; `says` stands on the page where people consent."""

    kind_title: ClassVar[str] = "登录授权范围"
    field_names: ClassVar = {
        "says": "向本人说明",
        "claims": "提供的信息",
        "audiences": "适用对象",
        "level": "最低认证等级",
    }

    overridable: ClassVar[frozenset[str]] = frozenset({"title", "says", "level"})

    says: Text
    claims: tuple[ClaimName, ...] = ()
    audiences: Annotated[tuple[Literal["person", "firm", "staff", "machine"], ...], Field(min_length=1)]
    level: Annotated[int, Field(ge=1, le=4)] = 1


def check(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    """Only what there is to tell; said in both languages; personal data never to a machine."""
    body = pack.as_type(Scope)
    known = _claims.CLAIMS
    elements = set(packs.ids(ELEMENT))
    for index, name in enumerate(body.claims):
        if name not in known:
            yield pack.problem(
                ("claims", index), f"没有可以提供的信息“{name}”。", f"可写：{'、'.join(sorted(known))}。"
            )
        elif elements and known[name].element and known[name].element not in elements:
            yield pack.problem(("claims", index), f"没有数据元 {known[name].element}。", "请先在数据标准中登记。")
    if not body.says.en:
        yield pack.problem("says", "没有英文。", "请写成 {zh: …, en: …}。")
    if body.claims and "machine" in body.audiences:
        yield pack.problem("audiences", "后台系统没有人登录，不能提供个人信息。", "请去掉 machine 或 claims。")
