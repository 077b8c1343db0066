"""What is wrong with a form pack: unknown elements, conditions over what is not asked yet, and asking what registers hold."""

from collections.abc import Iterable, Iterator
from datetime import date

from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.elements.contracts import Element, ElementType
from yiwang.kernel.forms import _engine
from yiwang.kernel.forms._build import Sources, build, rule_types
from yiwang.kernel.forms.contracts import FormDef, Known
from yiwang.kernel.forms.kinds import FieldPart, FormExample, FormPack, GroupPart
from yiwang.kernel.packs import queries as packs_queries
from yiwang.kernel.packs.contracts import Pack, PackSet, Problem
from yiwang.kernel.rules import queries as rules

Where = tuple[str | int, ...]
ELEMENT = "DataElement"


def check(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Every problem of a form among its packs."""
    with packs_queries.using(packs):
        # Conditions over fields without an element would only repeat what is said of the field.
        return list(_unknown_elements(pack, packs)) or list(_problems(pack))


def _unknown_elements(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    for g, group in enumerate(pack.as_type(FormPack).groups):
        for f, part in enumerate(group.fields):
            if packs.find(ELEMENT, part.element) is None:
                yield pack.problem(("groups", g, "fields", f, "element"), *packs.missing(ELEMENT, part.element))


def _problems(pack: Pack) -> Iterator[Problem]:
    seen: dict[str, Element] = {}
    body = pack.as_type(FormPack)
    for g, group in enumerate(body.groups):
        yield from _condition(pack, ("groups", g, "when"), group.when, seen)
        for f, part in enumerate(group.fields):
            where: Where = ("groups", g, "fields", f)
            element = elements.get(part.element)
            yield from _fits(pack, where, part, element)
            yield from _asks_once(pack, where, group, part, element)
            yield from _condition(pack, (*where, "when"), part.when, seen)
            yield from _condition(pack, (*where, "required_when"), part.required_when, seen)
            if not part.multiple:
                seen[part.name] = element
    for c, rule in enumerate(body.checks):
        yield from _condition(pack, ("checks", c, "when"), rule.when, seen)
        if rule.field not in {part.name for group in body.groups for part in group.fields}:
            yield pack.problem(("checks", c, "field"), f"没有字段“{rule.field}”。", "请写一个表单里的字段名。")


def _fits(pack: Pack, where: Where, part: FieldPart, element: Element) -> Iterator[Problem]:
    if part.multiple and element.type is not ElementType.CODE:
        yield pack.problem((*where, "multiple"), "只有代码类的数据元可以多选。", "请删去 multiple。")
    if part.files > 1 and element.type is not ElementType.FILE:
        yield pack.problem((*where, "files"), "只有文件类的数据元有文件个数。", "请删去 files。")
    if part.photo and element.type is not ElementType.FILE:
        yield pack.problem((*where, "photo"), "只有文件类的数据元可以拍照。", "请删去 photo。")
    if part.default is not None:
        codes = elements.code_list(element.code_list) if element.code_list else None
        try:
            elements.value_of(element, part.default, codes=codes)
        except YiwangError as wrong:
            offered = "、".join(f"{item.code}（{item.name}）" for item in codes.offered) if codes else ""
            remedy = f"可写：{offered}。" if offered else wrong.hint or "请改写默认值。"
            yield pack.problem((*where, "default"), wrong.message, remedy)


def _asks_once(pack: Pack, where: Where, group: GroupPart, part: FieldPart, element: Element) -> Iterator[Problem]:
    """一数一源: what a register answers for is filled from it, or the form says why it asks all the same."""
    if not element.authority or part.ask:
        return
    if not (part.subject or group.subject):
        yield pack.problem(
            where,
            f"“{part.label or element.title}”由登记库 {element.authority} 掌握，不应再向群众要。",
            "请写 subject: applicant（由谁的登记信息填入），或写 ask: 为什么仍要填写。",
        )


def _condition(pack: Pack, where: Where, text: str | None, seen: dict[str, Element]) -> Iterator[Problem]:
    if not text:
        return
    try:
        rules.compile(text, rule_types(seen))
    except YiwangError as wrong:
        known = "、".join(seen) or "没有"
        yield pack.problem(where, wrong.message, f"{wrong.hint}条件只能用它前面的字段（{known}）和 as_of。")


def examples_hold(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Each example's answers are kept as `then` says, or refused at the fields that `fails` names."""
    with packs_queries.using(packs):
        form = build(pack, Sources(elements.get, elements.code_list))
        body = pack.as_type(FormPack)
        return [problem for i, one in enumerate(body.examples) for problem in _example(pack, form, i, one)]


def _example(pack: Pack, form: FormDef, index: int, example: FormExample) -> Iterator[Problem]:
    day = date.fromisoformat(example.as_of)
    known = {name: Known(value, str(value), "", "", day) for name, value in example.known.items()}
    out = _engine.examine(form, example.given, known=known, today=day)
    wrong = {place.where: place.message for place in out.places}
    expected = set(example.fails or ())
    for path in sorted(wrong.keys() ^ expected):
        what = f"“{path}”不能通过：{wrong[path].rstrip('。')}。" if path in wrong else f"“{path}”没有被拦下。"
        yield pack.problem(("examples", index), what, "请核对例子或表单。")
    for name, value in (example.then or {}).items():
        if out.cleaned.get(name) != value:
            yield pack.problem(
                ("examples", index, "then"), f"“{name}”是“{out.cleaned.get(name)}”。", "请核对例子或表单。"
            )
