"""A score's grade in word and colour, a bar's width, and a cell of a row."""

from decimal import Decimal

from django import template
from django.utils.safestring import SafeString

from yiwang.data.quality.contracts import FailingRow
from yiwang.data.quality.kinds import QualityPolicy
from yiwang.kernel.design.templatetags.design import badge

register = template.Library()
BAR = 160


@register.simple_tag
def grade(score: Decimal, policy: QualityPolicy) -> SafeString:
    """良好, 合格 or 不合格 by the policy's thresholds."""
    if score >= policy.good:
        return badge("良好", "green")
    return badge("合格", "amber") if score >= policy.fair else badge("不合格", "red")


@register.simple_tag
def width(score: Decimal) -> int:
    return int(score * BAR / 100)


@register.simple_tag
def cell(row: FailingRow, name: str) -> str:
    return row.values.get(name) or "（空）"
