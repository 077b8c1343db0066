"""An entry's content: as JSON for its revisions, what is wrong with it, and what changed, in words. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields, replace
from enum import StrEnum
from typing import Any

from yiwang.data.catalogue.contracts import (
    Content,
    Cycle,
    Grade,
    ItemView,
    Opening,
    Shape,
    Sharing,
    Way,
)
from yiwang.kernel.base.contracts import Place
from yiwang.kernel.base.text import bigrams
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.elements.contracts import ElementType, Sensitivity

CODE = re.compile(r"[a-z][a-z0-9]*(\.[a-z0-9]+(-[a-z0-9]+)*){1,5}")
ITEMS_MAX = 400
LENGTHS = {
    "title": 120, "summary": 1000, "sharing_condition": 400, "refusal_basis": 400, "opening_condition": 400,
    "contact": 80, "phone": 40, "lake_table": 140,
}  # fmt: skip
NAMES = {
    "title": "名称", "summary": "摘要", "items": "信息项", "system": "所属系统", "shape": "格式", "sharing": "共享属性",
    "sharing_condition": "共享条件", "refusal_basis": "不予共享的依据", "ways": "共享方式", "opening": "开放属性",
    "opening_condition": "开放条件", "update_cycle": "更新周期", "grade": "数据级别", "contact": "联系处室",
    "phone": "联系电话", "keywords": "关键词", "matters": "关联事项", "lake_table": "湖内表",
}  # fmt: skip
ITEM_NAMES = {
    "title": "名称", "element_id": "数据元", "type": "类型", "length": "长度", "is_key": "主键",
    "sensitivity": "敏感级别", "note": "说明",
}  # fmt: skip
TYPE_NAMES = {
    "text": "文字", "code": "代码", "integer": "整数", "decimal": "小数", "date": "日期", "datetime": "日期时间",
    "bool": "是否", "id-number": "公民身份号码", "uscc": "统一社会信用代码", "phone": "电话", "file": "文件", "address": "地址",
}  # fmt: skip
SENSITIVITIES = {"general": "一般", "personal": "个人信息", "sensitive": "敏感个人信息"}
_ENUMS: Mapping[str, type[StrEnum]] = {
    "shape": Shape,
    "sharing": Sharing,
    "opening": Opening,
    "update_cycle": Cycle,
    "grade": Grade,
}


def as_json(content: Content) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(content).items()}


def from_json(stored: Mapping[str, Any]) -> Content:
    given: dict[str, Any] = {name: kind(stored[name]) for name, kind in _ENUMS.items() if name in stored}
    given["items"] = tuple(ItemView(**item) for item in stored.get("items", ()))
    given["ways"] = tuple(Way(way) for way in stored.get("ways", ()))
    for name in ("keywords", "matters"):
        given[name] = tuple(stored.get(name, ()))
    rest = {f.name: stored[f.name] for f in fields(Content) if f.name in stored and f.name not in given}
    return Content(**given, **rest)


def completed(content: Content) -> Content:
    """Items that name an element take its type and, where they say nothing stricter, its length and sensitivity."""
    return replace(content, items=tuple(_of_element(item) for item in content.items))


def _of_element(item: ItemView) -> ItemView:
    element = elements.find(item.element_id) if item.element_id else None
    if element is None:
        return item
    order = list(Sensitivity)
    given = Sensitivity(item.sensitivity) if item.sensitivity in SENSITIVITIES else Sensitivity.GENERAL
    stricter = max(given, element.sensitivity, key=order.index)
    return replace(
        item,
        type=element.type.value,
        length=item.length or element.max_length,
        sensitivity=stricter.value,
        title=item.title or str(element.title),
    )


def problems(content: Content) -> Iterator[Place]:
    """What keeps an entry from being in force; `where` is the field."""
    if not content.title.strip():
        yield Place("title", "还没有名称。请写这项数据叫什么，如“企业登记基本信息”。")
    if not content.summary.strip():
        yield Place("summary", "还没有摘要。请用一两句话说明里面是什么、管什么用。")
    for name, most in LENGTHS.items():
        if len(getattr(content, name)) > most:
            yield Place(name, f"{NAMES[name]}过长，最多{most}个字。")
    if content.sharing is Sharing.REFUSED and not content.refusal_basis.strip():
        yield Place("refusal_basis", "不予共享要写明法律、行政法规或者国务院决定的名称和条款。")
    if content.sharing is Sharing.CONDITIONAL and not content.sharing_condition.strip():
        yield Place("sharing_condition", "有条件共享要写明条件，如“用于社会救助核对，经提供单位同意”。")
    if content.sharing is not Sharing.REFUSED and not content.ways:
        yield Place("ways", "请至少选一种共享方式。")
    yield from _opening(content)
    yield from _items(content)


def _opening(content: Content) -> Iterator[Place]:
    personal = [item.title for item in content.items if item.sensitivity in ("personal", "sensitive")]
    if content.opening is Opening.OPEN and personal:
        yield Place("opening", f"含个人信息（{'、'.join(personal[:3])}等），不能无条件开放。")
    if content.opening is Opening.OPEN and content.sharing is Sharing.REFUSED:
        yield Place("opening", "不予共享的数据不能向社会开放。")
    if content.opening is Opening.ON_REQUEST and not content.opening_condition.strip():
        yield Place("opening_condition", "有条件开放要写明条件。")


def _items(content: Content) -> Iterator[Place]:
    if not content.items:
        yield Place("items", "还没有信息项。请至少列出一项，如“企业名称”。")
    if len(content.items) > ITEMS_MAX:
        yield Place("items", f"信息项过多，最多{ITEMS_MAX}项。请分成几项资源。")
    seen: set[str] = set()
    for number, item in enumerate(content.items, start=1):
        where = f"items.{number}"
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,79}", item.name):
            yield Place(where, f"第{number}项的英文名“{item.name[:40]}”只能用小写字母、数字和下划线，以字母开头。")
        elif item.name in seen:
            yield Place(where, f"第{number}项的英文名“{item.name}”重复。")
        seen.add(item.name)
        if not item.title or len(item.title) > 80 or len(item.note) > 200:
            yield Place(where, f"第{number}项没有中文名称，或文字过长。")
        if item.element_id and elements.find(item.element_id) is None:
            yield Place(where, f"第{number}项的数据元“{item.element_id[:60]}”不在数据标准中。")
        if item.type not in {each.value for each in ElementType} or item.sensitivity not in SENSITIVITIES:
            yield Place(where, f"第{number}项的类型或敏感级别不认识。")


def changes(before: Content, after: Content) -> list[str]:
    """What changed, one sentence a field: for the reviewer, and for the history."""
    words = [
        _changed(NAMES[f.name], _spoken(getattr(before, f.name)), _spoken(getattr(after, f.name)))
        for f in fields(Content)
        if f.name != "items" and getattr(before, f.name) != getattr(after, f.name)
    ]
    return [*words, *_item_changes(before.items, after.items)]


def _item_changes(before: tuple[ItemView, ...], after: tuple[ItemView, ...]) -> Iterator[str]:
    old, new = ({item.name: item for item in side} for side in (before, after))
    for name in [each.name for each in after if each.name not in old]:
        yield f"增加信息项“{new[name].title}”（{name}）。"
    for name in [each.name for each in before if each.name not in new]:
        yield f"去掉信息项“{old[name].title}”（{name}）。"
    for name in [each.name for each in after if each.name in old and old[each.name] != each]:
        told = [
            _changed(label, _spoken_item(field, old[name]), _spoken_item(field, new[name])).rstrip("。")
            for field, label in ITEM_NAMES.items()
            if getattr(old[name], field) != getattr(new[name], field)
        ]
        yield f"信息项“{new[name].title}”：{'；'.join(told)}。"
    kept_before = [each.name for each in before if each.name in new]
    kept_after = [each.name for each in after if each.name in old]
    if kept_before != kept_after:
        yield "信息项的次序有调整。"


def _changed(name: str, old: str, new: str) -> str:
    if not old:
        return f"填写了{name}：{_short(new)}。"
    return f"{name}由“{_short(old)}”改为“{_short(new)}”。" if new else f"删去了{name}“{_short(old)}”。"


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:117]}……"


def _spoken(value: object) -> str:
    if isinstance(value, tuple):
        return "、".join(_spoken(each) for each in value)
    return str(getattr(value, "label", value))


def _spoken_item(name: str, item: ItemView) -> str:
    value = getattr(item, name)
    if isinstance(value, bool):
        return "是" if value else "否"
    known = {"type": TYPE_NAMES, "sensitivity": SENSITIVITIES}.get(name, {})
    return known.get(value, "" if value is None else str(value))


def words(code: str, content: Content) -> list[str]:
    """What an entry is found by: its title, keywords, the titles of its items and its code, whole and in pieces."""
    return words_of(code, content.title, content.keywords, [item.title for item in content.items])


def words_of(code: str, title: str, keywords: Sequence[str], items: Sequence[str]) -> list[str]:
    """Pieces of two signs of all, and each sign of title and keywords: who types one sign means those."""
    said = " ".join([title, *keywords])
    pieces = {*bigrams(" ".join([said, *items])), *bigrams(code.replace(".", " ").replace("-", " "))}
    return sorted({*pieces, *bigrams(" ".join(said)), code})
