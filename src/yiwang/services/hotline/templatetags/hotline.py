"""Words of tickets in the reader's language."""

from collections.abc import Mapping

from django import template
from django.utils.translation import gettext

register = template.Library()


@register.filter
def ticket_kind(code: str) -> str:
    """`help` → 求助."""
    names = {
        "consultation": gettext("咨询"),
        "help": gettext("求助"),
        "complaint": gettext("投诉"),
        "report": gettext("举报"),
        "suggestion": gettext("建议"),
        "praise": gettext("表扬"),
    }
    return names.get(code, code)


@register.simple_tag
def topic(topics: Mapping[str, str], number: str) -> str:
    """What a ticket of a list is about."""
    return topics.get(number, "")
