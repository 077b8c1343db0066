"""Effects that the follow-up flow of a bad rating names."""

from typing import Any

from yiwang.kernel.cases.contracts import EffectContext, register_effect
from yiwang.services.feedback import _summary, actions, queries
from yiwang.services.feedback.contracts import CannotRate


def exclude(context: EffectContext) -> None:
    """误评或恶意差评: the grounds stand in the case."""
    actions.exclude(follow_up_id=context.case.id, by=context.by, at=context.at)


def rate_again(context: EffectContext) -> None:
    """再评: `with: {level: 2}` says what the choice means."""
    level = int(context.params.get("level", 0))
    actions.rate_again(follow_up_id=context.case.id, level=level, by=context.by, at=context.at)


def hand_over(context: EffectContext) -> dict[str, Any]:
    """转热线工单: what was rated, how and why, in the words that the hotline and its unit read."""
    rating = queries.of_follow_up(context.case.id)
    if rating is None or rating.level is None:
        raise CannotRate("这件差评没有评价记录，不能转为工单。", hint="请督办答复。")
    tags = queries.tag_names()
    said = "、".join(tags[code].zh for code in rating.tags if code in tags)
    parts = [
        f"对“{rating.case_title}”（办件{rating.case_number}）的评价是“{_summary.level_names()[rating.level].zh}”。",
        f"不满意的地方：{said}。" if said else "",
        rating.words,
        "整改后当事人再评仍不满意。" if rating.again else "",
        f"督办补充：{context.grounds}" if context.grounds else "",
    ]
    return {"ticket": {"content": "\n".join(part for part in parts if part)}}


def register() -> None:
    register_effect("feedback.exclude", exclude)
    register_effect("feedback.rate_again", rate_again)
    register_effect("feedback.hand_over", hand_over)
