"""What another version of a rule would have said, by the facts that were known then. Reads only."""

from collections.abc import Callable, Iterator
from datetime import date

from yiwang.kernel.retention import queries as retention
from yiwang.kernel.rules.contracts import Answer, CompiledRule, Decision
from yiwang.services.verdicts._retention import STORE
from yiwang.services.verdicts._words import ANSWERS
from yiwang.services.verdicts.contracts import Ground, Replayed
from yiwang.services.verdicts.models import Act, Verdict

BATCH = 500
RuleOn = Callable[[date], CompiledRule]


def replay(rule_id: str, rule_on: RuleOn) -> Iterator[Replayed]:
    """Every verdict by a rule, oldest first, decided again by what `rule_on` gives for its day; read in batches."""
    last = 0
    while rows := _batch(rule_id, last):
        taken = set(Act.objects.filter(verdict__in=rows, is_taken=True).values_list("verdict_id", flat=True))
        for row in rows:
            yield _again(row, rule_on(row.on), row.pk in taken)
        last = rows[-1].pk


def _batch(rule_id: str, after: int) -> list[Verdict]:
    # Of some the facts are forgotten; what they would come to now nobody can say.
    rows = Verdict.objects.filter(rule_id=rule_id, pk__gt=after).exclude(pk__in=retention.done(STORE))
    rows = rows.select_related("case").order_by("pk")
    return list(rows.defer("outputs", "case__data", "case__result", "case__subject")[:BATCH])


def _again(row: Verdict, rule: CompiledRule, was_taken: bool) -> Replayed:
    decision = rule.decide(row.facts)
    return Replayed(
        case_number=row.case.number,
        on=row.on,
        version=row.rule_version,
        was_taken=was_taken,
        before=Answer(row.answer),
        after=decision.answer,
        why=tuple(_differences([Ground.restored(each) for each in row.grounds], decision)),
    )


def _differences(before: list[Ground], decision: Decision) -> Iterator[str]:
    """Each condition that comes to something else now, that is new, or that is gone."""
    known = {ground.code: ground for ground in before}
    for reason in decision.reasons:
        old = known.pop(reason.code, None)
        now = ANSWERS[reason.answer]
        if old is None:
            yield f"新的条件“{reason.sentence}”：{now}"
        elif old.answer is not reason.answer:
            yield f"“{reason.sentence}”：{ANSWERS[old.answer]} → {now}"
    for gone in known.values():
        yield f"不再要求“{gone.sentence}”（原为{ANSWERS[gone.answer]}）"
