"""The effect that flows of faulty data name: the problem ends with its case."""

from yiwang.data.quality import actions
from yiwang.kernel.cases.contracts import EffectContext, register_effect


def settle(context: EffectContext) -> None:
    """`{do: quality.settle, with: {as: corrected}}`."""
    outcome = str(context.params.get("as") or "corrected")
    actions.settle(case_id=context.case.id, outcome=outcome, by=context.by, at=context.at)


def register() -> None:
    register_effect("quality.settle", settle)
