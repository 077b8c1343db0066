"""Rules at the door: a condition, a compiled rule, a decision with its reasons, and what can be wrong."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from yiwang.kernel.base.contracts import NotFound, PackInvalid
from yiwang.kernel.rules._decision import Answer, Condition, Decision, Mode, Reason
from yiwang.kernel.rules._dialects import Dialect
from yiwang.kernel.rules._expression import Expression
from yiwang.kernel.rules._lowered import Lowered
from yiwang.kernel.rules._population import CannotRead, Counts, Population, Verdict
from yiwang.kernel.rules._rule import BoundParameter, CompiledRule, Output, RuleFact
from yiwang.kernel.rules._ruleset import FactsDiffer, RuleSet
from yiwang.kernel.rules._sql import CannotLower
from yiwang.kernel.rules._values import FactType

__all__ = [
    "Answer",
    "BoundParameter",
    "CannotCompile",
    "CannotLower",
    "CannotRead",
    "CompiledRule",
    "Condition",
    "Counts",
    "Decision",
    "Dialect",
    "Expression",
    "Fact",
    "FactType",
    "Facts",
    "FactsDiffer",
    "Lowered",
    "Mode",
    "NoValueThen",
    "Output",
    "Population",
    "Reason",
    "RuleFact",
    "RuleSet",
    "Verdict",
]

Fact: TypeAlias = bool | int | Decimal | date | datetime | str | None
Facts: TypeAlias = Mapping[str, object]


class CannotCompile(PackInvalid):
    """An expression that is not in the language, or does not fit its facts; `message` and `hint` are for its author."""

    code = "rules.cannot-compile"


class NoValueThen(NotFound):
    """A parameter has no value on that day."""

    code = "rules.no-value-then"
