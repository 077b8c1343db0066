"""How limits, types and texts in two languages are shown on pages of matters."""

from typing import Any

from django import template
from django.utils.translation import get_language, gettext, ngettext

from yiwang.kernel.workdays.contracts import Limit
from yiwang.services.matters.contracts import HandlingType, ImplementationView, MatterType

register = template.Library()

_TITLES = {"window": "窗口办理", "web": "网上办理", "mobile": "手机办理", "post": "邮寄办理"}


@register.filter
def limit(value: Limit | None) -> str:
    """`5个工作日`; a list that does not say is not filled in by us."""
    if value is None:
        return gettext("清单未载明")
    shapes = {
        "workday": ngettext("%(n)d个工作日", "%(n)d个工作日", value.n),
        "day": ngettext("%(n)d日", "%(n)d日", value.n),
        "workhour": ngettext("%(n)d个工作时", "%(n)d个工作时", value.n),
        "hour": ngettext("%(n)d小时", "%(n)d小时", value.n),
    }
    return shapes[value.unit.value] % {"n": value.n}


@register.filter
def in_english(item: Any, name: str = "name") -> str:
    """`{{ material|in_english:"why" }}`: the English beside the Chinese, where the reader wants it and it is there."""
    english = getattr(item, f"{name}_en", "") if (get_language() or "").startswith("en") else ""
    return english or getattr(item, name)


@register.filter
def type_title(value: MatterType | HandlingType) -> str:
    return gettext(value.label)


@register.filter
def channel_title(value: str) -> str:
    return gettext(_TITLES.get(value, value))


@register.filter
def result_title(item: ImplementationView) -> str:
    """What comes out, and whether it is paper: `出生医学证明（电子证照）`."""
    kind, _, name = item.result.partition(":")
    if kind == "licence":
        return gettext("电子证照")
    return gettext("%(name)s（纸质）") % {"name": name} if kind == "paper" else name
