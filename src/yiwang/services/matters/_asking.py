"""What a matter asks: its materials with where they come from; and which of them an office already holds."""

from collections.abc import Iterator

from yiwang.kernel.forms import queries as forms
from yiwang.kernel.forms.contracts import Asked, Saving
from yiwang.kernel.packs.contracts import Pack, PackSet, Problem
from yiwang.services.matters.contracts import SourceKind
from yiwang.services.matters.kinds import MATTER, MaterialPart, MatterPack

_KINDS = {SourceKind.LICENCE: "LicenceType", SourceKind.SHARE: "DataElement"}


def asked(pack: Pack, packs: PackSet) -> Iterator[Asked]:
    for part in pack.as_type(MatterPack).materials:
        kind = _KINDS.get(part.source_kind)
        held = packs.find(kind, part.reference) if kind else None
        is_asked = part.source_kind is SourceKind.APPLICANT
        yield Asked(
            MATTER, pack.id, str(pack.title), "material", part.key, str(part.name), part.reference,
            part.source if held else "", str(held.title) if held else part.source_kind.label, not is_asked,
            str(part.ask or part.why) if is_asked else "",
        )  # fmt: skip


def saving(pack: Pack, packs: PackSet) -> Saving:
    body = pack.as_type(MatterPack)
    fields = list(forms.get(body.form).fields())
    return Saving(
        MATTER, pack.id, str(pack.title), len(fields),
        sum(bool(field.element.authority) and not field.ask for field in fields),
        len(body.materials), sum(part.source_kind is not SourceKind.APPLICANT for part in body.materials),
    )  # fmt: skip


def asked_though_held(pack: Pack, packs: PackSet, body: MatterPack) -> Iterator[Problem]:
    """A paper asked of people although an office holds what it says, without a reason."""
    titles = {str(licence.title): f"licence:{licence.id}" for licence in packs.all_of("LicenceType")}
    titles |= {str(e.title): f"share:{e.id}" for e in packs.all_of("DataElement") if e.raw.get("authority")}
    keys = _taken_over_elsewhere(pack, packs)
    for n, part in enumerate(body.materials):
        if part.source_kind is not SourceKind.APPLICANT or part.ask:
            continue
        source = titles.get(_plain(part)) or keys.get(part.key)
        if source:
            yield pack.problem(
                f"materials.{n}.from",
                f"“{part.name}”已由 {source} 掌握，不能再要申请人提供。",
                f"请写 from: {source}，或写 ask: 为什么仍要提交。",
            )


def _plain(part: MaterialPart) -> str:
    """The paper itself, whether its copy or its original is asked for."""
    name = str(part.name)
    for word in ("复印件", "原件", "电子件", "扫描件"):
        name = name.removesuffix(word)
    return name


def _taken_over_elsewhere(pack: Pack, packs: PackSet) -> dict[str, str]:
    """What other matters take over, by the material's key: the same key means the same paper everywhere."""
    found: dict[str, str] = {}
    for other in packs.all_of(MATTER):
        for part in other.as_type(MatterPack).materials:
            if other.id != pack.id and part.source_kind in _KINDS:
                found.setdefault(part.key, part.source)
    return found
