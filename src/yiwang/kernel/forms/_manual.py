"""The manual page of a form: every question, whether it must be answered and where a known answer comes from."""

from collections.abc import Iterator

from yiwang.kernel.elements import queries as elements
from yiwang.kernel.forms.contracts import source_title
from yiwang.kernel.forms.kinds import FieldPart, FormExample, FormPack, GroupPart
from yiwang.kernel.packs.contracts import Pack, PackSet, Sheet, origin, section, sheet, table

_HEAD = ("题目", "数据元", "必填", "什么时候问", "已知的从哪里来")


def sheets(pack: Pack, packs: PackSet) -> Iterator[Sheet]:
    body = pack.as_type(FormPack)
    groups = (
        section(_title(group), table(_HEAD, (_row(group, part) for part in group.fields))) for group in body.groups
    )
    text = sheet(
        str(pack.title),
        f"表单 · `{pack.reference}` · 内容 `{pack.hash[:12]}`",
        *groups,
        section("核对", table(("条件", "不符时说"), ((f"`{rule.when}`", rule.sentence) for rule in body.checks))),
        section(
            "例子", table(("例子", "填写", "结果"), (_example(n, each) for n, each in enumerate(body.examples, 1)))
        ),
        section("来源", origin(pack)),
    )
    yield Sheet(f"forms/{pack.id}@{pack.version}.md", text, str(pack.title))


def _title(group: GroupPart) -> str:
    repeat = f"（可填{group.repeat.min}到{group.repeat.max}{group.repeat.noun}）" if group.repeat else ""
    return f"{group.title}{repeat}"


def _row(group: GroupPart, part: FieldPart) -> tuple[str, str, str, str, str]:
    element = elements.get(part.element)
    required = "是" if part.required else f"`{part.required_when}` 时" if part.required_when else "否"
    whens = " 且 ".join(f"`{text}`" for text in (group.when, part.when) if text)
    known = source_title(element.authority) if element.authority else ""
    source = f"仍要填：{part.ask}" if part.ask else known
    return str(part.label or element.title), part.element, required, whens, source


def _example(number: int, example: FormExample) -> tuple[str, str, str]:
    given = "\n".join(f"{name}：{value}" for name, value in example.given.items())
    if example.fails is not None:
        return example.name or str(number), given, "拦下：" + "、".join(example.fails)
    return example.name or str(number), given, "\n".join(f"{name}：{v}" for name, v in (example.then or {}).items())
