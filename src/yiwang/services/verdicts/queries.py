"""Reading verdicts: of a case, of a spot check, of a unit, and what another version of a rule would have said."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, QuerySet

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack
from yiwang.services.applications.contracts import Basics
from yiwang.services.verdicts import _replay, _rows
from yiwang.services.verdicts.contracts import (
    DrawView,
    Figures,
    GroundCount,
    Left,
    LeftCount,
    NoSuchDraw,
    Replayed,
    VerdictRow,
    VerdictView,
)
from yiwang.services.verdicts.kinds import INSTANT, InstantDecision
from yiwang.services.verdicts.models import Act, Draw, Verdict

SEE = "cases.view"
BATCH = 200
SAMPLE, GROUNDS_SHOWN = 2000, 10


def of_case(case_number: str) -> list[VerdictView]:
    """The verdicts given in a case, oldest first; one query where there are none, three else. The caller asks who may see the case."""
    return _rows.views(list(_rows.verdicts().filter(case__number=case_number).order_by("id")))


def decision_of(matter_id: str) -> Pack | None:
    """The rule by which a matter may be decided, if there is one."""
    found = (pack for pack in packs.all_of(INSTANT) if matter_id in pack.as_type(InstantDecision).matters)
    return next(found, None) if matter_id else None


def may_be_decided(case_ids: Collection[int]) -> set[int]:
    """For the matters of which of these cases there is a rule."""
    ruled = {matter for pack in packs.all_of(INSTANT) for matter in pack.as_type(InstantDecision).matters}
    data = cases.data_of(case_ids) if ruled and case_ids else {}
    return {case_id for case_id, opened in data.items() if Basics.from_data(opened).matter_id in ruled}


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
    open_ones = Verdict.objects.filter(~Exists(Act.objects.filter(verdict=OuterRef("pk"))), left="")
    return list(open_ones.order_by("id").values_list("pk", flat=True)[:BATCH])


def undrawn() -> list[int]:
    """Verdicts that were acted upon and not drawn yet."""
    rows = Act.objects.filter(~Exists(Draw.objects.filter(act=OuterRef("pk"))), is_taken=True)
    return list(rows.order_by("id").values_list("verdict_id", flat=True)[:BATCH])


def listed(
    by: Actor, *, since: datetime, left_only: bool = False, cursor: str | None = None, size: int = 20
) -> Page[VerdictRow]:
    """Verdicts of the units whose cases `by` may see, newest first; a constant number of queries."""
    rows = _visible(by, since)
    rows = rows.exclude(left="") if left_only else rows
    page = keyset(rows, order=("-id",), cursor=cursor, size=size)
    views = {view.id: view for view in _rows.views(page.items)}
    return page.map(lambda row: VerdictRow(row.case.number, row.case.title, row.org_id, views[row.pk]))


def figures(by: Actor, *, since: datetime) -> Figures:
    """What the system decided in these units since a moment; six queries."""
    rows = _visible(by, since).select_related(None)
    acts = Act.objects.filter(verdict__in=rows.order_by().values("pk"))
    left = Counter(dict(_counted(rows.exclude(left="")))) + Counter(dict(_counted(acts.filter(is_taken=False))))
    sample = list(rows.exclude(left="").order_by("-id").values_list("grounds", flat=True)[:SAMPLE])
    hindering = Counter(each["sentence"][0] for grounds in sample for each in grounds if each["answer"] != "met")
    checks = Draw.objects.filter(act__in=acts.values("pk"), is_drawn=True)
    found = dict(checks.values_list("check_case__outcome").annotate(n=Count("id")))
    return Figures(
        given=rows.count(),
        taken=acts.filter(is_taken=True).count(),
        left=tuple(LeftCount(Left(code), n) for code, n in left.most_common()),
        grounds=tuple(GroundCount(sentence, n) for sentence, n in hindering.most_common(GROUNDS_SHOWN)),
        sampled=len(sample),
        checks=sum(found.values()),
        checks_open=found.get("", 0),
        found_right=found.get("right", 0),
        found_wrong=found.get("wrong", 0),
    )


def replay(rule_id: str, rule_on: _replay.RuleOn) -> Iterator[Replayed]:
    """Every verdict by a rule decided again, by its own facts, by the rule that `rule_on` gives for its day; writes nothing."""
    return _replay.replay(rule_id, rule_on)


def _visible(by: Actor, since: datetime) -> QuerySet[Verdict]:
    return access.visible(by, _rows.verdicts().filter(given_at__gte=since), SEE)


def _counted(rows: "QuerySet[Verdict] | QuerySet[Act]") -> list[tuple[str, int]]:
    return list(rows.order_by().values_list("left").annotate(n=Count("id")))
