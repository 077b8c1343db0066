"""`{% load cases %}`: a flow drawn in a page, lying for desks and standing for phones (design shows the one that fits)."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from yiwang.kernel.cases import queries

register = template.Library()


@register.simple_tag
def case_flow(case_id: int) -> SafeString:
    """The flow of a case, with where it stands."""
    return _both(queries.flow_pictures(case_id=case_id))


@register.simple_tag
def flow(reference: str) -> SafeString:
    """A flow by its id, without a case."""
    return _both(queries.flow_pictures(flow=reference))


def _both(pictures: list[str]) -> SafeString:
    # _picture escapes every word it takes from packs.
    return mark_safe("".join(pictures))  # noqa: S308
