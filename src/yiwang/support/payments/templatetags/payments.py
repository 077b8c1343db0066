"""`{% load payments %}`: money as people read it, and what a case or a person has to pay."""

from typing import Any

from django import template

from yiwang.kernel.base.contracts import Actor
from yiwang.support.payments import queries
from yiwang.support.payments.contracts import yuan as as_yuan

register = template.Library()


@register.filter
def yuan(fen: int) -> str:
    """Integer fen as yuan: 1,234.50."""
    return as_yuan(fen)


@register.inclusion_tag("payments/of_case.html")
def bills_of(case_number: str) -> dict[str, Any]:
    """The fees of one case, for a page that has checked its reader; nothing where none are due."""
    return {"orders": queries.of_case(case_number)}


@register.inclusion_tag("payments/to_pay.html")
def to_pay(by: Actor) -> dict[str, Any]:
    """What the reader has still to pay."""
    return {"orders": queries.open_of_payer(by)}
