"""Grades A–D: facts counted from records, decided by a table of the packs; and the measures that follow."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import get_language

from yiwang.kernel.packs.contracts import Pack
from yiwang.kernel.rules import queries as rules
from yiwang.support.credit import _records, kinds
from yiwang.support.credit.contracts import GradeView, MeasureView, RecordKind, Severity
from yiwang.support.credit.kinds import CreditMeasurePack, CreditPolicyPack
from yiwang.support.credit.models import CreditRecord


class Line(NamedTuple):
    """What a grade needs of a record that is neither withdrawn nor repaired."""

    uscc: str
    kind: str
    severity: str
    list_id: str
    decided_on: date
    publish_until: date | None
    is_public: bool

    def is_live(self, on: date) -> bool:
        return self.is_public and (self.publish_until is None or self.publish_until > on)


class Facts(NamedTuple):
    """What the table reads, by these names."""

    serious: int = 0
    general: int = 0
    minor: int = 0
    black_lists: int = 0
    red_lists: int = 0
    broken: int = 0


def lines(usccs: Collection[str], *, on: date) -> dict[str, list[Line]]:
    """Of many subjects in one query; absent where there is nothing."""
    found: dict[str, list[Line]] = {}
    rows = CreditRecord.objects.filter(_records.in_force(on), uscc__in=usccs)
    for row in rows.values_list(*Line._fields):
        line = Line(*row)
        found.setdefault(line.uscc, []).append(line)
    return found


def facts(of: Iterable[Line], *, on: date, policy: CreditPolicyPack) -> Facts:
    """Bad records of the window (by the day of the document), lists as they stand."""
    since = _records.months_after(on, -policy.window_months)
    found: Counter[str] = Counter()
    for line in of:
        if line.kind in (RecordKind.RED.value, RecordKind.BLACK.value):
            found[f"{line.kind}_lists"] += line.is_live(on)
        elif line.decided_on > since and RecordKind(line.kind).is_bad:
            found["broken" if line.kind == RecordKind.BROKEN.value else line.severity or Severity.GENERAL.value] += 1
    return Facts(**found)


def grade(of: Facts, *, on: date) -> GradeView:
    """Most subjects have the same facts: what was decided once a day and release is remembered."""
    return _graded(of, on, kinds.policy().grading, rules.rule(kinds.policy().grading, on=on).hash)


@lru_cache(maxsize=4096)
def _graded(of: Facts, on: date, rule_id: str, _: str) -> GradeView:
    decision = rules.rule(rule_id, on=on).decide(of._asdict())
    row = next((each for each in decision.reasons if each.answer == "met"), None)
    return GradeView(
        grade=str(decision.outputs["grade"]),
        title=str(decision.outputs["title"]),
        reason=row.sentence if row else str(decision.outputs["title"]),
        facts=of._asdict(),
        rule_id=rule_id,
        on=on,
    )


def measures(of: Iterable[Line], grade_: str, *, on: date, policy: CreditPolicyPack) -> tuple[MeasureView, ...]:
    """What packs declare for the lists that a subject stands on and for its grade; nothing else."""
    listed = frozenset(line.list_id for line in of if line.list_id and line.is_live(on))
    language = get_language()
    return tuple(
        _measure(pack, because, language)
        for pack in kinds.measures()
        if (because := _because(pack.as_type(CreditMeasurePack), listed, grade_, policy))
    )


def _because(body: CreditMeasurePack, listed: frozenset[str], grade_: str, policy: CreditPolicyPack) -> str:
    for name in body.lists:
        found = policy.list_of(name)
        if name in listed and found is not None:
            return found.title.in_language(get_language())
    return grade_ if grade_ in body.grades else ""


def _measure(pack: Pack, because: str, language: str | None) -> MeasureView:
    body = pack.as_type(CreditMeasurePack)
    basis = "；".join(
        f"《{each.title}》{each.document_no}" + (f"第{each.article}条" if each.article else "")
        for each in body.legal_basis
    )
    return MeasureView(
        id=pack.id,
        title=pack.title.in_language(language),
        is_punishment=body.type == "punishment",
        does=body.does.in_language(language),
        because=because,
        basis=basis,
    )
