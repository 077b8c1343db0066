"""`{% load parcels %}{% parcels_of case_number %}`: where a case's parcels are, for a progress page that has checked its reader."""

from typing import Any

from django import template

from yiwang.support.delivery import queries

register = template.Library()


@register.inclusion_tag("delivery/progress.html")
def parcels_of(case_number: str) -> dict[str, Any]:
    """The fragment for one case; nothing when nothing was sent."""
    return {"parcels": queries.of_case(case_number)}
