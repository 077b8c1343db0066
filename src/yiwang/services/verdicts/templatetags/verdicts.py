"""What the system decided by rule, for a page that has checked its reader: the applicant's, and the desk's."""

from typing import Any

from django import template
from django.utils.translation import get_language

from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.packs.contracts import Text
from yiwang.services.verdicts import queries
from yiwang.services.verdicts.contracts import SPOT_CHECK

register = template.Library()


@register.inclusion_tag("verdicts/_for_applicant.html")
def instantly_decided(case_number: str) -> dict[str, Any]:
    """That the system decided a case, with the reasons; nothing where a person did."""
    return {"verdict": queries.taken_in(case_number)}


@register.inclusion_tag("verdicts/_for_staff.html")
def verdicts_of(case: CaseView) -> dict[str, Any]:
    """The verdicts in a case; of a spot check the one that is checked, with its draw."""
    if case.kind == SPOT_CHECK:
        draw = queries.of_check(case)
        return {"verdicts": [queries.get(draw.verdict_id)], "checked": draw.case_number}
    return {"verdicts": queries.of_case(case.number)}


@register.filter
def in_language(text: Text) -> str:
    """The reader's language, where the pack has it."""
    return text.in_language(get_language())
