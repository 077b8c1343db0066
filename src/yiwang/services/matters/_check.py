"""What `packs check` asks of a matter beyond its shape: that what it names exists and that the law allows it."""

from collections.abc import Iterator

from yiwang.kernel.packs.contracts import Pack, PackSet, Problem, known_kinds
from yiwang.kernel.workdays.contracts import Limit
from yiwang.services.matters._asking import asked_though_held
from yiwang.services.matters._check_alone import alone
from yiwang.services.matters._check_fees import fees
from yiwang.services.matters.contracts import SourceKind
from yiwang.services.matters.kinds import MATTER, PROCEDURE, MatterPack, ProcedurePack


def check_matter(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    body = pack.as_type(MatterPack)
    yield from _names(pack, packs, body)
    yield from _limits(pack, packs, body)
    yield from asked_though_held(pack, packs, body)
    yield from fees(pack, packs, body)
    if body.stands_alone:
        yield from alone(pack, packs, body)
    yield from _assurance(pack, body)
    for other in packs.all_of(MATTER):
        if other.id < pack.id and other.as_type(MatterPack).code.base == body.code.base:
            yield pack.problem("code.base", f"基本编码与 {other.id} 相同。", "请给其中一个换编码。")


def _assurance(pack: Pack, body: MatterPack) -> Iterator[Problem]:
    """A level that is demanded is demanded where people file, is explained, and shuts nobody out."""
    if body.assurance == 1:
        if body.assurance_why:
            yield pack.problem(
                "assurance_why", "没有要求更高的认证等级，却写了理由。", "请写 assurance: 2，或删去理由。"
            )
        return
    if not body.stands_alone:
        yield pack.problem("assurance", "认证等级只在单独申请时核对。", "请写 stands_alone: true，或去掉 assurance。")
    if body.assurance_why is None or not body.assurance_why.en:
        yield pack.problem(
            "assurance_why", "没有写为什么要再确认身份。", "请写 assurance_why: {zh: …, en: …}，本人会看到。"
        )
    if "window" not in body.channels:
        yield pack.problem("channels", "没有这么可靠的登录方式的人无处可办。", "请加上 window，或去掉 assurance。")


def check_procedure(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    body = pack.as_type(ProcedurePack)
    for other in packs.all_of(PROCEDURE):
        shared = set(body.applies_to) & set(other.as_type(ProcedurePack).applies_to)
        if other.id < pack.id and shared:
            titles = "、".join(sorted(kind.label for kind in shared))
            yield pack.problem("applies_to", f"{titles}已由 {other.id} 规定。", "一类事项只能适用一种程序。")


def _names(pack: Pack, packs: PackSet, body: MatterPack) -> Iterator[Problem]:
    wanted = [("form", "Form", body.form), ("flow", "Flow", body.flow)]
    kind, _, reference = body.result.partition(":")
    if kind == "licence":
        wanted.append(("result", "LicenceType", reference))
    for n, material in enumerate(body.materials):
        if material.source_kind is SourceKind.LICENCE:
            wanted.append((f"materials.{n}.from", "LicenceType", material.reference))
        if material.source_kind is SourceKind.SHARE:
            wanted.append((f"materials.{n}.from", "DataElement", material.reference))
    for where, kind, name in wanted:
        if kind in known_kinds() and packs.find(kind, name) is None:
            yield pack.problem(where, *packs.missing(kind, name))


def _limits(pack: Pack, packs: PackSet, body: MatterPack) -> Iterator[Problem]:
    promise = body.promise
    if _is_longer(promise.promised, promise.statutory):
        yield pack.problem("promise.promised", "承诺时限长于法定时限。", "请把承诺时限改到法定时限以内。")
    for law in packs.all_of(PROCEDURE):
        procedure = law.as_type(ProcedurePack)
        decision = procedure.periods.get("decision")
        if body.type not in procedure.applies_to or decision is None or promise.statutory_basis:
            continue
        if _is_longer(promise.statutory, decision.limit):
            yield pack.problem(
                "promise.statutory",
                f"长于{law.title}的{decision.limit}（{decision.article}条）。",
                "请改短，或在 statutory_basis 写明另有规定的法律条文。",
            )


def _is_longer(one: Limit, other: Limit) -> bool:
    """Work days against calendar days cannot be compared without a start, so they are not."""
    return one.unit == other.unit and one.n > other.n
