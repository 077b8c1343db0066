"""What is due: price of the day times quantity, less the best reduction that applies. Integer fen throughout."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from yiwang.kernel.rules import queries as rules
from yiwang.kernel.rules.contracts import Answer
from yiwang.support.payments.contracts import FactsMissing, Reduction, Sum

if TYPE_CHECKING:
    from yiwang.support.payments.kinds import FeeItemPack, ReductionPart

QUANTITY_MAX = 100_000


def due(item: "FeeItemPack", facts: Mapping[str, Any], *, on: date) -> Sum:
    """What the facts come to on a day. Raises FactsMissing where there is no price or no quantity.

    A reduction that cannot be judged is not taken off, and the answer says what it lacks.
    """
    price = item.price(on)
    if price is None:
        raise FactsMissing(f"{on} 没有收费标准。", hint="请核对收费项目的 tariff。")
    quantity = _quantity(item, facts)
    gross = price.fen * quantity
    known: dict[str, Any] = {**facts, "as_of": on}
    decided = rules.decide([each.condition for each in item.reductions], known, "any", types=item.types)
    answers = {reason.code: reason for reason in decided.reasons}
    applied = [_taken_off(each, gross) for each in item.reductions if answers[each.code].answer is Answer.MET]
    best = max(applied, key=lambda each: each.off_fen, default=None)
    return Sum(
        unit_fen=price.fen,
        quantity=quantity,
        gross_fen=gross,
        reductions=(best,) if best else (),
        amount_fen=gross - (best.off_fen if best else 0),
        source=price.source.title,
        unknown={code: reason.missing for code, reason in answers.items() if reason.answer is Answer.UNKNOWN},
    )


def _quantity(item: "FeeItemPack", facts: Mapping[str, Any]) -> int:
    if item.quantity is None:
        return 1
    said = str(facts.get(item.quantity, ""))
    if not said.isascii() or not said.isdigit() or len(said) > 6 or not 1 <= int(said) <= QUANTITY_MAX:
        raise FactsMissing("没有写明数量，算不出应缴多少。", hint="请补齐数量。")
    return int(said)


def _taken_off(part: "ReductionPart", gross: int) -> Reduction:
    # Odd fen go to the payer.
    off = -(-gross * part.percent // 100) if part.percent is not None else min(gross, part.fen or 0)
    return Reduction(part.code, part.sentence.zh, part.basis.title, off)
