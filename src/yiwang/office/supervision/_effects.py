"""Effects that the flow of a card names."""

from yiwang.kernel.cases.contracts import Effect, EffectContext, register_effect
from yiwang.office.supervision import actions
from yiwang.office.supervision.contracts import CardStatus

MARKS = {
    "issue": CardStatus.ISSUED,
    "confirm": CardStatus.CONFIRMED,
    "lift": CardStatus.LIFTED,
    "drop": CardStatus.DROPPED,
    "settle": CardStatus.RECTIFIED,
}


def _marking(status: CardStatus) -> Effect:
    def effect(context: EffectContext) -> dict[str, str]:
        card = actions.mark(card_case_id=context.case.id, status=status, by=context.by, at=context.at)
        return {"card_number": card.number}

    return effect


def register() -> None:
    for name, status in MARKS.items():
        register_effect(f"supervision.{name}", _marking(status))
