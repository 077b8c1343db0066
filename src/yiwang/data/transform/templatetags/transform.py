"""What people call a table."""

from collections.abc import Mapping

from django import template

register = template.Library()


@register.simple_tag
def called(table: str, names: Mapping[str, str]) -> str:
    """Its title where there is one, else its name in the lake."""
    return names.get(table, table)
