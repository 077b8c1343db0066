"""The manual page of a matter: what applies, what to bring, how long it takes, how it goes."""

from collections.abc import Iterator

from yiwang.kernel.packs.contracts import LegalBasis, Pack, PackSet, Sheet, origin, section, sheet, table
from yiwang.services.matters.kinds import MaterialPart, MatterExample, MatterPack

_LEVELS = {"state": "国家级", "province": "省级", "city": "市级", "county": "县级", "town": "乡镇级", "village": "村级"}
_CHANNELS = {"window": "窗口", "web": "电脑端", "mobile": "移动端", "post": "快递"}
_AUDIENCES = {
    "person": "自然人", "firm": "企业法人", "institution": "事业法人", "society": "社会组织法人", "agency": "行政机关",
    "other": "其他组织",
}  # fmt: skip
_MATERIALS = ("材料", "从哪里来", "形式", "份数", "要件", "什么时候要", "为什么要")


def sheets(pack: Pack, packs: PackSet) -> Iterator[Sheet]:
    body = pack.as_type(MatterPack)
    conditions = ((c.sentence, f"`{c.when}`" if c.when else "由人判断", c.basis) for c in body.conditions)
    text = sheet(
        str(pack.title),
        f"事项 · `{pack.reference}` · 内容 `{pack.hash[:12]}`",
        table(("项目", "内容"), _facts(body)),
        section("受理条件", table(("条件", "怎样判断", "依据"), conditions)),
        section("材料", table(_MATERIALS, (_material(part, packs) for part in body.materials))),
        section("例子", table(("例子", "填写", "要交的材料", "不符合的条件"), map(_example, body.examples))),
        section("收费", table(("项目", "标准", "依据"), ((f.name, f.amount, f.basis) for f in body.fees))),
        section("填什么", _link(packs, "Form", body.form, "forms")),
        section("怎样办", _picture(packs, body.flow), _link(packs, "Flow", body.flow, "flows")),
        section("常见问题", *(f"**{q.question}**\n\n{q.answer}" for q in body.questions)),
        section("来源", origin(pack)),
    )
    yield Sheet(f"matters/{pack.id}@{pack.version}.md", text, str(pack.title))


def _facts(body: MatterPack) -> Iterator[tuple[str, str]]:
    yield "事项类型", body.type.label
    yield "基本编码", body.code.base
    yield "行使层级", _LEVELS[body.level]
    yield "办理单位类别", body.handled_by
    yield "办件类型", body.handling.label
    yield "服务对象", "、".join(_AUDIENCES[each] for each in body.audience)
    yield "办理渠道", "、".join(_CHANNELS[each] for each in body.channels)
    yield "法定时限", _with_note(str(body.promise.statutory), body.promise.statutory_note)
    yield "承诺时限", _with_note(str(body.promise.promised), body.promise.promised_note)
    yield "到现场次数", str(body.visits)
    yield "办理结果", body.result
    yield "依据", "；".join(_basis(each) for each in body.legal_basis)


def _with_note(text: str, note: str) -> str:
    return f"{text}（{note}）" if note else text


def _basis(basis: LegalBasis) -> str:
    return f"{basis.title}第{basis.article}条" if basis.article else basis.title


def _material(part: MaterialPart, packs: PackSet) -> tuple[str, ...]:
    kind = f"可容缺，{part.make_up}内补交" if part.make_up else "主件"
    when = str(part.requirement or "") or (f"`{part.when}`" if part.when else "")
    return str(part.name), _source(part, packs), part.form, str(part.copies), kind, when, str(part.why)


def _example(example: MatterExample) -> tuple[str, ...]:
    given = "\n".join(f"{name}：{value}" for name, value in example.given.items())
    return example.name, given, "、".join(example.asks), "、".join(example.unmet)


def _source(part: MaterialPart, packs: PackSet) -> str:
    kind = {"licence": "LicenceType", "share": "DataElement"}.get(part.source_kind.value)
    found = packs.find(kind, part.reference) if kind else None
    return f"{part.source_kind.label}：{found.title}" if found else part.source_kind.label


def _link(packs: PackSet, kind: str, name: str, folder: str) -> str:
    found = packs.find(kind, name)
    return f"[{found.title}](../{folder}/{found.id}@{found.version}.md)" if found else ""


def _picture(packs: PackSet, name: str) -> str:
    found = packs.find("Flow", name)
    return f"![{found.title}](../flows/{found.id}@{found.version}.svg)" if found else ""
