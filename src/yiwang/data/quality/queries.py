"""Reading reports, problems and trends; each narrowed to what one may see."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Count, F, QuerySet, Sum

from yiwang.data.catalogue import queries as catalogue
from yiwang.data.engine import queries as lake
from yiwang.data.quality import _scan
from yiwang.data.quality._compile import Scan as Scan
from yiwang.data.quality._compile import compiled as compiled
from yiwang.data.quality.contracts import (
    VIEW,
    Dimension,
    FailingRow,
    FindingView,
    Inspection,
    NoSuchProblem,
    NoSuchReport,
    OrgScore,
    Point,
    ProblemView,
    ReportView,
    StandingView,
    Totals,
)
from yiwang.data.quality.models import DataObjection, Finding, Problem, Report, Standing
from yiwang.data.quality.models import FailingRow as FailingRowModel
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.orgs import queries as orgs

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

POINTS_MAX = 200


def scanned(connection: "DuckDBPyConnection", scan: Scan, *, keys_max: int = 0) -> Inspection:
    """What a compiled scan counts on DuckDB: any relation, no catalogue, nothing kept."""
    return _scan.run(connection, scan, keys_max=keys_max)


def report(report_id: int, by: Actor) -> ReportView:
    """A report with its findings. Raises NoSuchReport."""
    row = _seen(Report.objects.all(), by).filter(pk=report_id).first()
    if row is None:
        raise NoSuchReport("没有这份质量报告，或您不能查看。", hint="请从资源的质量页打开。")
    return view_of(row)


def latest(resource: str, by: Actor) -> ReportView:
    """The newest report of a resource. Raises NoSuchReport."""
    row = _seen(Report.objects.filter(resource=resource), by).order_by("-inspected_at", "-id").first()
    if row is None:
        raise NoSuchReport("这项资源还没有质量报告，或您不能查看。", hint="运行 yiwang quality inspect 资源代码。")
    return view_of(row)


def newest_of(resources: Iterable[str]) -> dict[str, ReportView]:
    """The newest report of each resource that has one, without findings and titles; one query. For apps: nothing is narrowed."""
    rows = Standing.objects.filter(resource__in=set(resources)).exclude(report=None).select_related("report")
    return {row.resource: _report(row.report, row.resource, ()) for row in rows if row.report}


def reports(resource: str, by: Actor, cursor: str | None = None, *, size: int = 20) -> Page[ReportView]:
    """Reports of a resource without their findings, the newest first."""
    page = keyset(
        _seen(Report.objects.filter(resource=resource), by), order=("-inspected_at", "-id"), cursor=cursor, size=size
    )
    title = catalogue.named([resource]).get(resource, resource)
    return page.map(lambda row: _report(row, title, ()))


def view_of(row: Report) -> ReportView:
    """A report as other apps see it; three queries."""
    findings = Finding.objects.filter(report=row).annotate(kept=Count("rows")).order_by("-failed", "code")
    title = catalogue.named([row.resource]).get(row.resource, row.resource)
    return _report(row, title, tuple(_finding(each) for each in findings))


def failing(finding_id: int, by: Actor, cursor: str | None = None, *, size: int = 20) -> Page[FailingRow]:
    """The rows that failed a rule, masked; as many as are kept. Raises NoSuchReport."""
    finding = Finding.objects.filter(pk=finding_id, report__in=_seen(Report.objects.all(), by)).first()
    if finding is None:
        raise NoSuchReport("没有这份质量报告，或您不能查看。", hint="请从资源的质量页打开。")
    page = keyset(FailingRowModel.objects.filter(finding=finding), order=("place",), cursor=cursor, size=size)
    return page.map(lambda row: FailingRow(row.place, row.shown))


def worst(by: Actor, cursor: str | None = None, *, org_id: int | None = None, size: int = 20) -> Page[StandingView]:
    """Resources by their newest score, the worst first."""
    rows = _seen(Standing.objects.exclude(report=None), by).select_related("report")
    rows = rows.filter(org=org_id) if org_id else rows
    page = keyset(rows, order=("score", "id"), cursor=cursor, size=size)
    titles = catalogue.named(row.resource for row in page.items)
    names = orgs.named({row.org_id for row in page.items})
    open_now = _open_by_resource(row.resource for row in page.items)
    return page.map(
        lambda row: StandingView(
            row.resource, titles.get(row.resource, row.resource), row.org_id, names[row.org_id].name,
            _report(row.report, titles.get(row.resource, row.resource), ()), open_now.get(row.resource, 0),
        )
    )  # fmt: skip


def totals(by: Actor, *, org_id: int | None = None) -> Totals:
    """The figures on top of the page; three queries."""
    standings, problems = (
        _seen(Standing.objects.exclude(report=None), by),
        _seen(Problem.objects.filter(closed_at=None), by),
    )
    objections = _seen(DataObjection.objects.filter(case__closed_at=None), by)
    if org_id:
        standings, problems, objections = (rows.filter(org=org_id) for rows in (standings, problems, objections))
    figures = standings.aggregate(
        resources=Count("id"), rows=Sum("report__rows"), faulty=Sum("report__faulty_rows"), lost=Sum(100 - F("score"))
    )
    count = figures["resources"]
    mean = 100 - figures["lost"] / count if count else None
    return Totals(count, figures["rows"] or 0, figures["faulty"] or 0, mean, problems.count(), objections.count())


def by_org(by: Actor) -> list[OrgScore]:
    """Each unit's mean score and open problems, the worst first; three queries."""
    rows = (
        _seen(Standing.objects.exclude(report=None), by)
        .values("org")
        .annotate(resources=Count("id"), total=Sum("score"), faulty=Sum("report__faulty_rows"))
    )
    found = list(rows)
    names = orgs.named({row["org"] for row in found})
    waiting = dict(
        Problem.objects.filter(closed_at=None, org__in=names)
        .values_list("org")
        .annotate(n=Count("id"))
        .values_list("org", "n")
    )
    scored = [
        OrgScore(
            row["org"],
            names[row["org"]].name,
            row["resources"],
            row["total"] / row["resources"],
            row["faulty"],
            waiting.get(row["org"], 0),
        )
        for row in found
    ]
    return sorted(scored, key=lambda one: (one.score, one.name))


def trend(by: Actor, *, resource: str = "", org_id: int | None = None, since: date, until: date) -> list[Point]:
    """The mean score of each day on which something was inspected, of the day's last report of each resource."""
    rows = _seen(Report.objects.filter(as_of__gte=since, as_of__lte=until, score__isnull=False), by)
    rows = rows.filter(resource=resource) if resource else rows
    rows = rows.filter(org=org_id) if org_id else rows
    newest = rows.order_by("as_of", "resource", "-inspected_at", "-id").distinct("as_of", "resource")
    days: dict[date, list[tuple[Decimal, int]]] = {}
    for day, score, faulty in newest.values_list("as_of", "score", "faulty_rows"):
        days.setdefault(day, []).append((score, faulty))
    points = [
        Point(day, _mean([score for score, _ in found]), sum(faulty for _, faulty in found), len(found))
        for day, found in days.items()
    ]
    return points[-POINTS_MAX:]


def problems(
    by: Actor,
    cursor: str | None = None,
    *,
    org_id: int | None = None,
    resource: str = "",
    is_open: bool = True,
    size: int = 20,
) -> Page[ProblemView]:
    """What was sent back to its source, the newest first."""
    rows = _seen(Problem.objects.filter(closed_at__isnull=is_open), by)
    rows = rows.filter(org=org_id) if org_id else rows
    rows = rows.filter(resource=resource) if resource else rows
    page = keyset(rows.select_related("case"), order=("-raised_at", "-id"), cursor=cursor, size=size)
    return Page(_problems(page.items), page.next_cursor, page.previous_cursor)


def problem(problem_id: int, by: Actor) -> ProblemView:
    """One of them. Raises NoSuchProblem."""
    row = _seen(Problem.objects.filter(pk=problem_id), by).select_related("case").first()
    if row is None:
        raise NoSuchProblem("没有这件问题数据，或您不能查看。", hint="请从数据质量页打开。")
    return _problems([row])[0]


def finding_of(problem: ProblemView) -> int | None:
    """The finding whose rows a problem lists."""
    return Finding.objects.filter(report=problem.report_id, code=problem.rule).values_list("pk", flat=True).first()


def objections_waiting(by: Actor, *, org_id: int | None = None, size: int = 10) -> list[tuple[str, str, datetime]]:
    """Case number, resource and time of objections that nobody has answered, the oldest first."""
    rows = _seen(DataObjection.objects.filter(case__closed_at=None), by)
    rows = rows.filter(org=org_id) if org_id else rows
    found = list(rows.order_by("raised_at", "id").values_list("case__number", "resource", "raised_at")[:size])
    titles = catalogue.named(resource for _, resource, _ in found)
    return [(number, titles.get(resource, resource), at) for number, resource, at in found]


def inspectable() -> list[str]:
    """Resources whose table in the lake has a snapshot that no report is about yet, by code."""
    seen = dict(Standing.objects.exclude(report=None).values_list("resource", "report__snapshot"))
    found: dict[str, int] = {}
    for table in lake.tables():
        entry = catalogue.find_resource_of_table(table.name) if table.number else None
        if entry is not None:
            found[entry.code] = max(found.get(entry.code, 0), table.number)
    return sorted(code for code, number in found.items() if number != seen.get(code))


def may_view(by: Actor) -> bool:
    return access.may_anywhere(by, VIEW)


def _seen(rows: QuerySet, by: Actor) -> QuerySet:  # type: ignore[type-arg]  # any model with an org
    return access.visible(by, rows, VIEW)


def _mean(scores: list[Decimal]) -> Decimal:
    return round(sum(scores, Decimal(0)) / len(scores), 2)


def _open_by_resource(resources: Iterable[str]) -> dict[str, int]:
    rows = Problem.objects.filter(closed_at=None, resource__in=set(resources)).values_list("resource")
    return dict(rows.annotate(n=Count("id")).values_list("resource", "n"))


def _problems(rows: list[Problem]) -> list[ProblemView]:
    titles = catalogue.named(row.resource for row in rows)
    names = orgs.named({row.org_id for row in rows})
    tasks = cases.open_rows([row.case_id for row in rows if row.closed_at is None])
    first = {case_id: found[0] for case_id, found in tasks.items() if found}
    return [
        ProblemView(
            id=row.pk, resource=row.resource, title=titles.get(row.resource, row.resource), rule=row.rule,
            sentence=row.sentence, org_id=row.org_id, org_name=names[row.org_id].name, case_id=row.case_id,
            case_number=row.case.number, rows=row.rows, rows_now=row.rows_now, report_id=row.report_id,
            raised_at=row.raised_at, due_at=first[row.case_id].due_at if row.case_id in first else None,
            step=first[row.case_id].step_name if row.case_id in first else "", closed_at=row.closed_at, outcome=row.outcome,
        )
        for row in rows
    ]  # fmt: skip


def _report(row: Report, title: str, findings: tuple[FindingView, ...]) -> ReportView:
    return ReportView(
        id=row.pk, resource=row.resource, title=title, org_id=row.org_id, snapshot=row.snapshot, rows=row.rows,
        faulty_rows=row.faulty_rows, score=row.score,
        dimensions={Dimension(name): Decimal(score) for name, score in row.dimensions.items()},
        row_scores={int(tens): count for tens, count in row.row_scores.items()},
        as_of=row.as_of, inspected_at=row.inspected_at, findings=findings,
        left_out=tuple((code, why) for code, why in row.left_out),
    )  # fmt: skip


def _finding(row: Finding) -> FindingView:
    return FindingView(
        id=row.pk, code=row.code, sentence=row.sentence, trait=row.trait, dimension=Dimension(row.dimension),
        columns=tuple(row.columns), weight=row.weight, judged=row.judged, failed=row.failed, kept=getattr(row, "kept", 0),
    )  # fmt: skip
