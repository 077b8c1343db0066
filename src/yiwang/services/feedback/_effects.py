"""Effects that the follow-up flow of a bad rating names."""

from yiwang.kernel.cases.contracts import EffectContext, register_effect
from yiwang.services.feedback import actions


def exclude(context: EffectContext) -> None:
    """误评或恶意差评: the grounds stand in the case."""
    actions.exclude(follow_up_id=context.case.id, by=context.by, at=context.at)


def rate_again(context: EffectContext) -> None:
    """再评: `with: {level: 2}` says what the choice means."""
    level = int(context.params.get("level", 0))
    actions.rate_again(follow_up_id=context.case.id, level=level, by=context.by, at=context.at)


def register() -> None:
    register_effect("feedback.exclude", exclude)
    register_effect("feedback.rate_again", rate_again)
