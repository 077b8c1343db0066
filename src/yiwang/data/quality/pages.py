"""Quality on the desk: what is wrong and who is on it, one resource's report (page and PDF), failing rows, one problem, an objection."""

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yiwang.data.catalogue import queries as catalogue
from yiwang.data.quality import _book, _charts, actions, queries
from yiwang.data.quality.contracts import VIEW, NewObjection, ReportView
from yiwang.kernel.access import queries as access
from yiwang.kernel.base import tables
from yiwang.kernel.base.contracts import Actor, Conflict, Denied, Invalid, YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.design import queries as design

_PRINT = Path(__file__).parent / "static" / "quality" / "print.css"


@never_cache
@require_GET
@audience("staff")
def board(request: HttpRequest) -> HttpResponse:
    """What is wrong today, the worst resources, waiting objections, units and the trend, as far as one may see; `?org=` for one unit."""
    by, today = actor(request), timezone.localdate()
    units = access.orgs_within(by, VIEW)
    asked = request.GET.get("org", "")
    org = next((unit for unit in units if str(unit.id) == asked), units[0] if len(units) == 1 else None)
    org_id = org.id if org else None
    since, until = _charts.window(today)
    points = queries.trend(by, org_id=org_id, since=since, until=until)
    context = {
        "org": org,
        "totals": queries.totals(by, org_id=org_id),
        "problems": queries.problems(by, request.GET.get("problems"), org_id=org_id, size=10),
        "worst": queries.worst(by, request.GET.get("cursor"), org_id=org_id, size=10),
        "objections": queries.objections_waiting(by, org_id=org_id),
        "units": queries.by_org(by) if org is None else [],
        "points": points,
        "chart": _charts.picture(points),
        "policy": _book.policy(),
    }
    return render(request, "quality/board.html", context)


@never_cache
@require_GET
@audience("staff")
def resource(request: HttpRequest, code: str) -> HttpResponse:
    """The newest report of a resource."""
    return _show(request, queries.latest(code, actor(request)), None)


@never_cache
@require_GET
@audience("staff")
def report(request: HttpRequest, report_id: int) -> HttpResponse:
    return _show(request, queries.report(report_id, actor(request)), None)


def _show(request: HttpRequest, found: ReportView, wrong: YiwangError | None) -> HttpResponse:
    by = actor(request)
    context = _report_context(by, found) | {"wrong": wrong, "given": request.POST}
    context["problems"] = queries.problems(by, resource=found.resource, size=20)
    context["reports"] = queries.reports(found.resource, by, request.GET.get("cursor"), size=10)
    context["items"] = catalogue.resource(found.resource).items
    return render(request, "quality/report.html", context, status=wrong.status if wrong else 200)


def _report_context(by: Actor, found: ReportView) -> dict[str, Any]:
    since, until = _charts.window(found.as_of)
    points = queries.trend(by, resource=found.resource, since=since, until=until)
    most = max(found.row_scores.values(), default=1)
    return {
        "report": found,
        "points": points,
        "chart": _charts.picture(points),
        "policy": _book.policy(),
        "row_scores": [
            (tens, count, max(1, 160 * count // most)) for tens, count in sorted(found.row_scores.items(), reverse=True)
        ],
    }


@never_cache
@require_GET
@audience("staff")
def report_pdf(request: HttpRequest, report_id: int) -> HttpResponse:
    """The report as a document. Raises NoPdf."""
    by = actor(request)
    found = queries.report(report_id, by)
    pdf = design.pdf(
        render_to_string("quality/report_print.html", _report_context(by, found)),
        style=_PRINT.read_text(encoding="utf-8"),
    )
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="quality-{found.id}.pdf"'
    return answer


@never_cache
@require_GET
@audience("staff")
def rows(request: HttpRequest, finding_id: int) -> HttpResponse:
    """The rows that failed a rule, masked."""
    page = queries.failing(finding_id, actor(request), request.GET.get("cursor"))
    return render(request, "quality/rows.html", {"page": page, "columns": _columns(page.items)})


@never_cache
@require_GET
@audience("staff")
def problem(request: HttpRequest, problem_id: int) -> HttpResponse:
    """One problem with its rows; the case has its own page."""
    by = actor(request)
    found = queries.problem(problem_id, by)
    finding = queries.finding_of(found)
    page = queries.failing(finding, by, request.GET.get("cursor")) if finding else None
    context = {
        "problem": found,
        "page": page,
        "columns": _columns(page.items if page else ()),
        "is_ours": any(post.org_id == found.org_id for post in by.posts),
    }
    return render(request, "quality/problem.html", context)


@require_POST
@audience("staff")
def problem_rows(request: HttpRequest, problem_id: int) -> HttpResponse:
    """The rows as they are, for the unit whose they are; recorded."""
    taken = actions.take_rows(problem_id=problem_id, by=actor(request), at=timezone.now())
    return tables.answer([list(taken.columns), *map(list, taken.rows)], filename=f"problem-{problem_id}.csv")


@require_POST
@audience("staff")
def objection(request: HttpRequest, code: str) -> HttpResponse:
    """Say that a value is wrong, from where it is seen."""
    by = actor(request)
    given = {name: request.POST.get(name, "").strip()[:500] for name in ("item", "key", "held", "claimed", "words")}
    try:
        actions.object_to(new=NewObjection(resource=code, **given), by=by, at=timezone.now())
    except (Conflict, Denied, Invalid) as refused:
        return _show(request, queries.latest(code, by), refused)
    messages.success(request, "异议已转给数源单位，答复会出现在办件里。")
    return redirect("desk-quality-resource", code=code)


def _columns(rows: Any) -> list[str]:
    return sorted({name for row in rows for name in row.values})


urlpatterns = [
    path("desk/quality", board, name="desk-quality"),
    path("desk/quality/resources/<str:code>", resource, name="desk-quality-resource"),
    path("desk/quality/resources/<str:code>/objection", objection, name="desk-quality-objection"),
    path("desk/quality/reports/<int:report_id>", report, name="desk-quality-report"),
    path("desk/quality/reports/<int:report_id>.pdf", report_pdf, name="desk-quality-report-pdf"),
    path("desk/quality/findings/<int:finding_id>", rows, name="desk-quality-rows"),
    path("desk/quality/problems/<int:problem_id>", problem, name="desk-quality-problem"),
    path("desk/quality/problems/<int:problem_id>/rows.csv", problem_rows, name="desk-quality-problem-rows"),
]
