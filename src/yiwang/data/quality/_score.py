"""From counts to scores of the six dimensions (GB/T 36344): weighted means of the shares that passed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from yiwang.data.quality.contracts import DIMENSION_OF, Dimension, Inspection, Trait
from yiwang.data.quality.kinds import QualityPolicy

DELIVERED, READABLE = "delivered-in-time", "items-readable"


@dataclass(frozen=True, slots=True)
class Figure:
    """What a rule came to, as a score takes it."""

    code: str
    sentence: str
    trait: str
    dimension: Dimension
    columns: tuple[str, ...]
    pack: str
    weight: int
    judged: int
    failed: int
    keys: tuple[str, ...] = ()


def figures(found: Inspection, columns: Mapping[str, tuple[str, ...]]) -> list[Figure]:
    """Each rule of a scan."""
    return [
        Figure(
            t.rule.code, t.rule.sentence[:200], t.rule.trait.value, DIMENSION_OF[t.rule.trait],
            columns.get(t.rule.code, ()), t.rule.pack, t.rule.weight, t.judged, t.failed, t.keys,
        )
        for t in found.tallies
    ]  # fmt: skip


def readable(declared: Iterable[str], there: Iterable[str]) -> Figure:
    """可访问性: the items of the entry that can be read where the data stand."""
    declared = tuple(declared)
    missing = sorted(set(declared) - set(there))
    sentence = f"目录所列信息项都能读到{'，缺：' + '、'.join(missing) if missing else ''}"
    return Figure(READABLE, sentence[:200], "", Dimension.ACCESSIBLE, (), "", 1, len(declared), len(missing))


def delivered(policy: QualityPolicy, cycle: str, changed_at: datetime, at: datetime) -> Figure | None:
    """时效性: the newest data are no older than the update cycle allows; None where the cycle promises nothing."""
    days = policy.days.get(cycle)
    if days is None:
        return None
    age = (at - changed_at).days
    sentence = f"按更新周期在{days}天内更新过（最近一次在{age}天前）"
    return Figure(DELIVERED, sentence, Trait.TIMELINESS.value, Dimension.TIMELY, (), "", 1, 1, int(age > days))


def dimensions(found: Iterable[Figure]) -> dict[Dimension, Decimal]:
    """The score of each dimension that has something to judge."""
    sums: dict[Dimension, tuple[Decimal, int]] = {}
    for one in found:
        if one.judged:
            rate = Decimal(one.judged - one.failed) / Decimal(one.judged)
            total, weights = sums.get(one.dimension, (Decimal(0), 0))
            sums[one.dimension] = (total + rate * one.weight, weights + one.weight)
    return {name: _down(100 * total / weights) for name, (total, weights) in sums.items()}


def overall(scores: Mapping[Dimension, Decimal], policy: QualityPolicy) -> Decimal | None:
    """The mean by the policy's weights over the dimensions that have a score."""
    weights = {name: policy.weights.get(name, 0) for name in scores}
    if not sum(weights.values()):
        return None
    total = sum((scores[name] * weight for name, weight in weights.items()), Decimal(0))
    return _down(total / sum(weights.values()))


def _down(value: Decimal) -> Decimal:
    """Two places, never rounded up: only what is faultless has 100."""
    return value.quantize(Decimal("0.01"), rounding="ROUND_DOWN")
