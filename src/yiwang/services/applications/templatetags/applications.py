"""What pages ask of the materials of a filing."""

from collections.abc import Iterable

from django import template

from yiwang.services.applications.contracts import MaterialRow

register = template.Library()


@register.filter
def prechecked(rows: Iterable[MaterialRow]) -> bool:
    """Whether a rule said anything of any of them."""
    return any(row.precheck is not None for row in rows)
