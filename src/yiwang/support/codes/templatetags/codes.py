"""`{% load codes %}{% fill_by_code %}` inside a form of the desk: scan a code, and its declared values go into the fields."""

from collections.abc import Mapping
from typing import Any

from django import template

from yiwang.kernel.base.contracts import ANONYMOUS
from yiwang.support.codes import queries

register = template.Library()


@register.inclusion_tag("codes/_fill.html", takes_context=True)
def fill_by_code(context: Mapping[str, Any]) -> dict[str, Any]:
    """Nothing where no scene that fills forms is open to the reader."""
    found = [each for each in queries.scenes_for(context.get("actor", ANONYMOUS)) if each.fills]
    return {"scene": found[0] if found else None}
