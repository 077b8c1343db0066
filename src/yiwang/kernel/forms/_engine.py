"""What answers are worth: which questions are asked, what is missing, what is wrong. Pure; form.js does the same in the browser."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext

from yiwang.kernel.base.contracts import Place
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.elements.contracts import ElementType, NotThisElement
from yiwang.kernel.forms import _text
from yiwang.kernel.forms._build import AS_OF
from yiwang.kernel.forms.contracts import Answers, FieldDef, FormDef, GroupDef, Known, NotAForm
from yiwang.kernel.rules.contracts import Expression

SIZE_MAX, DEPTH_MAX = 256 * 1024, 4
PICKED = (ElementType.CODE, ElementType.BOOL)


@dataclass(slots=True)
class Outcome:
    """`cleaned` are answers as they are stored; `places` what is wrong; `asked` the paths of questions that were asked."""

    cleaned: Answers = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def blame(self, where: str, message: str) -> None:
        self.places.append(Place(where, message))


def bounded(answers: object) -> Answers:
    """Answers of a size and shape that a form can have. Raises NotAForm."""
    if not isinstance(answers, dict) or _depth(answers, 0) > DEPTH_MAX:
        raise NotAForm("提交的内容不是一张表单。", hint="请回到表单页面重新提交。")
    if len(json.dumps(answers, ensure_ascii=False, default=str).encode()) > SIZE_MAX:
        raise NotAForm("提交的内容过长。", hint="请缩短文字说明后再提交。")
    return answers


def _depth(value: object, level: int) -> int:
    # Stops as soon as it is too deep: a nested bomb is not walked.
    if level > DEPTH_MAX:
        return level
    if isinstance(value, dict):
        return max((_depth(each, level + 1) for each in value.values()), default=level)
    if isinstance(value, list):
        return max((_depth(each, level + 1) for each in value), default=level)
    return level


def examine(form: FormDef, answers: Answers, *, known: Mapping[str, Known], today: date) -> Outcome:
    """Go through the form in its order; a condition sees only answers before it that were asked and right."""
    out = Outcome()
    facts: dict[str, Any] = {AS_OF: today}
    _refuse_unknown(form, answers, out)
    held = with_known(form, answers, known)
    scopes: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for group in form.groups:
        if not holds(group.when, facts):
            continue
        if group.repeat:
            scopes[group.id] = _items(group, held.get(group.id), facts, out, today)
        else:
            out.cleaned |= _fields(group, held, facts, "", out, today)
            scopes[group.id] = [("", facts)]
    _check(form, scopes, out)
    return out


def with_known(form: FormDef, answers: Answers, known: Mapping[str, Known]) -> Answers:
    """Answers with what registers hold laid over them; `children.0.sex` fills, and if need be makes, the first child.

    An offer lies under the answers: it fills what is blank outside repeated groups.
    """
    fixed = {path: each.value for path, each in known.items() if not each.may_change}
    offered = {path: each.value for path, each in known.items() if each.may_change and "." not in path}
    held = {**offered, **answers, **{path: value for path, value in fixed.items() if "." not in path}}
    for group in form.groups:
        own = {path: value for path, value in fixed.items() if group.repeat and path.startswith(f"{group.id}.")}
        if own:
            held[group.id] = _items_with(held.get(group.id), own)
    return held


def _items_with(given: object, own: Mapping[str, Any]) -> object:
    items = [dict(each) if isinstance(each, dict) else each for each in given] if isinstance(given, list) else []
    for path, value in own.items():
        _, index, name = path.split(".")
        items += [{} for _ in range(int(index) + 1 - len(items))]
        if isinstance(item := items[int(index)], dict):
            item[name] = value
    return items


def holds(when: Expression | None, facts: Mapping[str, Any]) -> bool:
    """A condition without enough answers does not hold yet."""
    return when is None or when.evaluate(facts) is True


def _refuse_unknown(form: FormDef, answers: Answers, out: Outcome) -> None:
    allowed = {group.id if group.repeat else each.name for group in form.groups for each in group.fields}
    for key in answers:
        if key not in allowed:
            out.blame(str(key)[:60], gettext("表单里没有这一项。"))


def _items(
    group: GroupDef, raw: object, facts: dict[str, Any], out: Outcome, today: date
) -> list[tuple[str, dict[str, Any]]]:
    repeat, items = group.repeat, [] if raw in (None, "") else raw
    assert repeat
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        out.blame(group.id, gettext("格式不对，请回到表单页面重新填写。"))
        return []
    if not repeat.min <= len(items) <= repeat.max:
        least, most = {"n": repeat.min, "noun": repeat.noun}, {"n": repeat.max, "noun": repeat.noun}
        low = gettext("至少填写%(n)d%(noun)s。") % least
        out.blame(group.id, low if len(items) < repeat.min else gettext("最多填写%(n)d%(noun)s。") % most)
        return []
    scopes, cleaned = [], []
    for i, item in enumerate(items):
        scope, prefix = dict(facts), f"{group.id}.{i}."
        for key in item.keys() - {each.name for each in group.fields}:
            out.blame(prefix + str(key)[:60], gettext("表单里没有这一项。"))
        cleaned.append(_fields(group, item, scope, prefix, out, today))
        scopes.append((prefix, scope))
    out.cleaned[group.id] = cleaned
    return scopes


def _fields(
    group: GroupDef, given: Mapping[str, Any], facts: dict[str, Any], prefix: str, out: Outcome, today: date
) -> Answers:
    cleaned: Answers = {}
    for each in group.fields:
        if not holds(each.when, facts):
            continue
        path, raw = prefix + each.name, given.get(each.name)
        out.asked.append(path)
        if raw is None or raw == "" or raw == [] or (isinstance(raw, str) and not raw.strip()):
            if each.is_required or (each.required_when and each.required_when.evaluate(facts) is True):
                out.blame(path, missing(each))
            continue
        try:
            stored, fact = read(each, raw, today)
        except NotThisElement as wrong:
            out.blame(path, f"{wrong.message}{wrong.hint}")
            continue
        cleaned[each.name] = stored
        if fact is not None:
            facts[each.name] = fact
    return cleaned


def missing(each: FieldDef) -> str:
    if each.type in PICKED:
        return gettext("请选择%(label)s。") % {"label": each.label}
    if each.type is ElementType.FILE:
        return gettext("请上传%(label)s。") % {"label": each.label}
    return gettext("请填写%(label)s。") % {"label": each.label}


def read(each: FieldDef, raw: object, today: date) -> tuple[Any, Any]:
    """The answer as it is stored, and as a condition sees it (None where it is no fact). Raises NotThisElement."""
    named = replace(each.element, title=each.label)
    if each.type is ElementType.FILE:
        return _file_ids(each, raw), None
    if each.is_multiple:
        values = raw if isinstance(raw, list) else [raw]
        if len(values) > len(each.codes.items if each.codes else ()):
            raise NotThisElement(gettext("%(label)s选得太多。") % {"label": each.label}, hint="")
        return list(dict.fromkeys(elements.value_of(named, one, codes=each.codes) for one in values)), None
    if isinstance(raw, str) and each.type in (ElementType.TEXT, ElementType.ADDRESS):
        raw = _text.public(raw).strip()
        if _text.has_description(raw) and not _text.is_well_described(raw):
            raise NotThisElement(
                gettext("%(label)s里的部件描述不完整。") % {"label": each.label},
                hint=gettext("请用“生僻字”帮助重新录入。"),
            )
    if isinstance(raw, list | dict):
        raise NotThisElement(gettext("%(label)s的格式不对。") % {"label": each.label}, hint="")
    value = elements.value_of(named, raw, codes=each.codes, today=today)
    return elements.as_json(value), value


def _file_ids(each: FieldDef, raw: object) -> list[int]:
    ids = raw if isinstance(raw, list) else [raw]
    taken = [int(one) for one in ids if isinstance(one, int | str) and str(one).isdecimal() and len(str(one)) < 19]
    if len(taken) != len(ids) or any(isinstance(one, bool) for one in ids):
        raise NotThisElement(gettext("%(label)s还没有上传。") % {"label": each.label}, hint=gettext("请先上传文件。"))
    if len(set(taken)) > each.files_max:
        raise NotThisElement(
            gettext("%(label)s最多%(n)d个文件。") % {"label": each.label, "n": each.files_max},
            hint=gettext("请删去多余的文件。"),
        )
    return list(dict.fromkeys(taken))


def _check(form: FormDef, scopes: dict[str, list[tuple[str, dict[str, Any]]]], out: Outcome) -> None:
    """Cross-field conditions, once per item where the blamed field repeats."""
    wrong = {place.where for place in out.places}
    home = {each.name: group.id for group in form.groups for each in group.fields}
    for check in form.checks:
        for prefix, facts in scopes.get(home[check.field], ()):
            path = prefix + check.field
            if path in out.asked and path not in wrong and check.when.evaluate(facts) is False:
                out.blame(path, check.sentence.in_language(_language()))


def _language() -> str:
    from django.utils.translation import get_language

    return "en" if (get_language() or "").startswith("en") else "zh"
