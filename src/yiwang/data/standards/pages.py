"""The data standard on the desk: elements, items of standards, code lists; one element with who uses it and who answers."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yiwang.data.standards import actions, queries
from yiwang.data.standards.contracts import EDIT, RELATIONS, VIEW, Relation
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Denied, Invalid
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.elements.contracts import Sensitivity

TABS = (("elements", "数据元"), ("items", "标准条目"), ("codes", "代码集"))
TYPES = {
    "text": "文字", "code": "代码", "integer": "整数", "decimal": "小数", "date": "日期", "datetime": "日期时间",
    "bool": "是否", "id-number": "公民身份号码", "uscc": "统一社会信用代码", "phone": "电话", "file": "文件",
    "address": "地址", "digits": "数字",
}  # fmt: skip
SENSITIVITIES = {
    Sensitivity.GENERAL.value: "一般",
    Sensitivity.PERSONAL.value: "个人信息",
    Sensitivity.SENSITIVE.value: "敏感个人信息",
}


@never_cache
@require_GET
@audience("staff")
def listed(request: HttpRequest) -> HttpResponse:
    """One of three lists with one search box."""
    _require_viewing(request)
    tab, text = request.GET.get("tab", "elements"), request.GET.get("q", "").strip()[:60]
    tab = tab if tab in dict(TABS) else "elements"
    cursor, group = request.GET.get("cursor"), request.GET.get("group", "")[:60]
    context: dict[str, Any] = {
        "tab": tab,
        "tabs": TABS,
        "text": text,
        "group": group,
        "types": TYPES,
        "sensitivities": SENSITIVITIES,
    }
    match tab:
        case "items":
            context |= {"page": queries.items(text, group=group, cursor=cursor), "groups": queries.groups()}
            context |= {"standards": queries.standards()}
        case "codes":
            context |= {"lists": queries.code_lists(text)}
        case _:
            context |= {"page": queries.search(text, cursor)}
    return render(request, "standards/list.html", context)


@never_cache
@require_GET
@audience("staff")
def element(request: HttpRequest, element_id: str) -> HttpResponse:
    """What it is, which register and unit answer for it, which items it is set beside, who names it."""
    _require_viewing(request)
    found = queries.element(element_id)
    may_edit = access.may_anywhere(actor(request), EDIT)
    context = {
        "element": found,
        "type": TYPES[found.type.value],
        "sensitivity": SENSITIVITIES[found.sensitivity.value],
        "authority": queries.authority_title(found),
        "answer": queries.answer(element_id),
        "usages": queries.used_by(element_id),
        "mappings": [(each, RELATIONS[each.relation]) for each in queries.mappings(element_id)],
        "suggestions": queries.suggestions(element_id) if may_edit else [],
        "relations": RELATIONS.items(),
        "may_edit": may_edit,
    }
    return render(request, "standards/element.html", context)


@never_cache
@require_GET
@audience("staff")
def code_list(request: HttpRequest, list_id: str) -> HttpResponse:
    """A code list as it holds on a day, and its versions."""
    _require_viewing(request)
    day = _day(request.GET.get("on", ""))
    versions = queries.code_list_versions(list_id)
    context = {"list": queries.code_list(list_id, on=day), "versions": versions, "on": day}
    return render(request, "standards/code_list.html", context)


@require_POST
@audience("staff")
def set_mapping(request: HttpRequest, element_id: str) -> HttpResponse:
    """Set the element beside an item, or end that."""
    given, by, now = request.POST, actor(request), timezone.now()
    identifier = given.get("identifier", "").strip()[:60]
    try:
        if "end" in given:
            actions.unmap_element(element_id=element_id, identifier=identifier, by=by, at=now)
        else:
            relation = given.get("relation", "")
            actions.map_element(
                element_id=element_id,
                identifier=identifier,
                relation=Relation(relation) if relation in set(Relation) else Relation.SAME,
                by=by,
                at=now,
            )
    except Invalid as wrong:
        messages.error(request, f"{wrong} {wrong.hint}")
    else:
        messages.success(request, "已保存对应关系。")
    return redirect("desk-standard-element", element_id=element_id)


def _require_viewing(request: HttpRequest) -> None:
    if not access.may_anywhere(actor(request), VIEW):
        raise Denied("您的岗位不能查看数据标准。", hint="请联系本单位负责人确认岗位。")


def _day(text: str) -> date:
    try:
        return parse_date(text) or timezone.localdate()
    except ValueError:
        return timezone.localdate()


urlpatterns = [
    path("desk/standards", listed, name="desk-standards"),
    path("desk/standards/elements/<str:element_id>", element, name="desk-standard-element"),
    path("desk/standards/elements/<str:element_id>/mapping", set_mapping, name="desk-standard-mapping"),
    path("desk/standards/codes/<str:list_id>", code_list, name="desk-standard-codes"),
]
