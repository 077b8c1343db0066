"""Reading verdicts: of a case, of a spot check, of a unit, and what another version of a rule would have said."""

from yiwang.kernel.cases.contracts import CaseView
from yiwang.services.verdicts import _rows
from yiwang.services.verdicts.contracts import DrawView, NoSuchDraw, VerdictView
from yiwang.services.verdicts.models import Act, Draw, Verdict

BATCH = 200


def of_case(case_number: str) -> list[VerdictView]:
    """The verdicts given in a case, oldest first; one query where there are none, three else. The caller asks who may see the case."""
    return _rows.views(list(_rows.verdicts().filter(case__number=case_number).order_by("id")))


def taken_in(case_number: str) -> VerdictView | None:
    """The verdict by which the system decided a case; None where a person did."""
    return next((each for each in reversed(of_case(case_number)) if each.is_taken), None)


def get(verdict_id: int) -> VerdictView:
    """One verdict. The caller asks who may see its case."""
    return _rows.views([_rows.verdicts().get(pk=verdict_id)])[0]


def of_check(case: CaseView) -> DrawView:
    """The draw that opened a spot check. Raises NoSuchDraw."""
    row = _rows.draws().filter(check_case=case.id).first()
    if row is None:
        raise NoSuchDraw("这个办件不是办后抽查。", hint="请从待办列表打开抽查。")
    return _rows.draw_view(row)


def unfinished() -> list[int]:
    """Verdicts that were given and not acted upon: whoever gave them was killed."""
    open_ones = Verdict.objects.filter(left="").exclude(pk__in=Act.objects.values("verdict"))
    return list(open_ones.order_by("id").values_list("pk", flat=True)[:BATCH])


def undrawn() -> list[int]:
    """Verdicts that were acted upon and not drawn yet."""
    rows = Act.objects.filter(is_taken=True).exclude(pk__in=Draw.objects.values("act"))
    return list(rows.order_by("id").values_list("verdict_id", flat=True)[:BATCH])
