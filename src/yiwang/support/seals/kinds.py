"""The pack kind `SealPolicy`: the place's authority, kinds of seals, and which post may put which seal on what."""

from collections.abc import Iterable
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from yiwang.kernel.packs import queries as packs_in_force
from yiwang.kernel.packs.contracts import Pack, PackId, PackModel, PackPart, PackSet, Problem, Text

SEAL_POLICY = "SealPolicy"
POST_TYPE = "PostType"
ANYTHING = "*"
# What the first word of a thing that is sealed means in packs; other words are the apps' own.
PACKS_OF_THINGS = {"licence": "LicenceType", "matter": "Matter", "document": "DocumentTemplate"}
Years = Annotated[int, Field(ge=1, le=30)]


class Lives(PackPart):
    """For how many years each kind of certificate holds."""

    root: Years = 20
    issuing: Years = 10
    maker: Years = 5
    organisation: Years = 3
    person: Years = 3


class SealKind(PackPart):
    """A kind of seal: its size, and what stands below the name on its picture."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
    title: Text
    width_mm: Annotated[int, Field(ge=20, le=60)] = 42
    inscription: Annotated[str, StringConstraints(max_length=12)] = ""


class UseRule(PackPart):
    """Holders of these posts may put this seal on these things (`licence:birth-certificate`, `licence`, `*`).

    `automatic` lets the system do it where a decision that was taken already asks for it.
    """

    seal: str
    posts: tuple[PackId, ...] = ()
    on: Annotated[tuple[str, ...], Field(min_length=1)]
    automatic: bool = False

    def covers(self, thing: str) -> bool:
        return any(each in (ANYTHING, thing) or thing.startswith(f"{each}:") for each in self.on)


class SealPolicy(PackModel):
    """One for a place."""

    kind_title: ClassVar[str] = "印章管理规则"
    field_names: ClassVar = {
        "authority": "证书机构名称", "lives": "证书年限", "root": "根证书", "issuing": "签发证书", "maker": "制章者证书",
        "organisation": "机构证书", "person": "个人证书", "list_hours": "吊销列表有效小时", "kinds": "印章种类",
        "width_mm": "直径毫米", "inscription": "下部文字", "uses": "用印规则", "seal": "印章种类", "posts": "岗位",
        "on": "用于", "automatic": "可以自动用印",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"title", "authority", "list_hours", "kinds", "uses"})

    authority: Annotated[str, StringConstraints(min_length=2, max_length=40)]
    lives: Lives = Lives()
    list_hours: Annotated[int, Field(ge=1, le=24 * 90)] = 48
    kinds: Annotated[tuple[SealKind, ...], Field(min_length=1)]
    uses: tuple[UseRule, ...] = ()

    def seal_kind(self, name: str) -> SealKind | None:
        return next((each for each in self.kinds if each.id == name), None)


def policy() -> SealPolicy:
    """The policy in force. Raises PackNotFound when there is none."""
    found = packs_in_force.all_of(SEAL_POLICY)
    pack = found[0] if found else packs_in_force.get(SEAL_POLICY, "national.seals.policy")
    return pack.as_type(SealPolicy)


def check(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Every rule names a kind of seal, posts and things that are there; no two kinds share a name."""
    body = pack.as_type(SealPolicy)
    names = [each.id for each in body.kinds]
    for name in {each for each in names if names.count(each) > 1}:
        yield pack.problem("kinds", f"印章种类“{name}”写了两次。", "请删去一个或改名。")
    for index, rule in enumerate(body.uses):
        if rule.seal not in names:
            yield pack.problem(("uses", index, "seal"), f"没有印章种类“{rule.seal}”。", f"请改为：{'、'.join(names)}。")
        if not rule.posts and not rule.automatic:
            yield pack.problem(("uses", index), "这条规则没有人可以用。", "请写 posts，或写 automatic: true。")
        for each in rule.posts:
            if packs.find(POST_TYPE, each) is None:
                yield pack.problem(("uses", index, "posts"), *packs.missing(POST_TYPE, each))
        for each in rule.on:
            yield from _unknown_thing(pack, packs, index, each)


def _unknown_thing(pack: Pack, packs: PackSet, index: int, thing: str) -> Iterable[Problem]:
    word, _, name = thing.partition(":")
    kind = PACKS_OF_THINGS.get(word)
    if name and kind and packs.find(kind, name) is None:
        yield pack.problem(("uses", index, "on"), *packs.missing(kind, name))
