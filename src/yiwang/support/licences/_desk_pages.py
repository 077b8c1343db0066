"""证照台账: what clerks look up, open and change."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Invalid
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.design.contracts import Moment
from yiwang.support.licences import actions, queries
from yiwang.support.licences.contracts import BatchReport, Change, EventView, GroundsNeeded, RegisterFilter, Status

CHANGES = (
    (Change.SUSPEND, "暂扣"),
    (Change.RESUME, "发还（暂扣解除）"),
    (Change.CANCEL, "注销"),
    (Change.REVOKE, "撤销"),
    (Change.WITHDRAW, "吊销"),
)
STATUSES = tuple((status.value, status.word) for status in Status if status is not Status.LAPSED)


@require_GET
@audience("staff")
def register(request: HttpRequest) -> HttpResponse:
    """The register of the reader's units, with search, and one change for many."""
    wanted = RegisterFilter(
        words=request.GET.get("words", "")[:120],
        type_id=request.GET.get("type", ""),
        status=request.GET.get("status", ""),
    )
    page = queries.register(actor(request), wanted, cursor=request.GET.get("cursor"))
    issuers = queries.issuer_names(page.items)
    facts = {
        "page": page,
        "wanted": wanted,
        "rows": [(view, issuers.get(view.issuer_org_id, "")) for view in page.items],
        "types": queries.types(),
        "statuses": STATUSES,
        "changes": CHANGES,
        "may_change": access.may_anywhere(actor(request), "licences.suspend"),
    }
    return render(request, "licences/register.html", facts)


@require_POST
@audience("staff")
def change(request: HttpRequest) -> HttpResponse:
    """Change the ticked licences on the same grounds."""
    back = request.POST.get("next", "")
    try:
        report = actions.change_many(
            licence_ids=[int(each) for each in request.POST.getlist("licence") if each.isdigit()],
            to=_chosen(request.POST.get("to", "")),
            grounds=request.POST.get("grounds", ""),
            by=actor(request),
            at=timezone.now(),
        )
    except Invalid as wrong:
        messages.error(request, f"{wrong.message}{wrong.hint}")
    else:
        _tell(request, report)
    return redirect(back if back.startswith("/desk/licences") else "desk-licences")


def _chosen(word: str) -> Change:
    if word not in list(Change):
        raise GroundsNeeded("没有选怎样处理。", hint="请选择一种处理方式。")
    return Change(word)


def _tell(request: HttpRequest, report: BatchReport) -> None:
    if report.changed:
        messages.success(request, f"已处理{len(report.changed)}份证照。")
    for licence_id, why in report.failed.items():
        messages.error(request, f"第{licence_id}号：{why}")
    if not report.changed and not report.failed:
        messages.error(request, "没有选中证照。")


@require_GET
@audience("staff")
def one(request: HttpRequest, licence_id: int) -> HttpResponse:
    """One licence: masked face, history, what may be done."""
    view = queries.registered(licence_id, actor(request))
    facts = {
        "licence": view,
        "lines": queries.masked_lines(licence_id),
        "moments": [_moment(event) for event in queries.history(licence_id)],
        "issuer": queries.issuer_names([view]).get(view.issuer_org_id, ""),
        "changes": [each for each in CHANGES if each[0] in queries.changes_of(view)],
        "may_change": access.may(actor(request), "licences.suspend", view.issuer_org_id),
    }
    return render(request, "licences/one.html", facts)


def _moment(event: EventView) -> Moment:
    tone = "done" if event.status is Status.VALID else "wrong"
    words = dict.fromkeys((event.operation.word, event.status.word))
    return Moment(" → ".join(words), at=event.at, note=event.grounds, state=tone)


@require_POST
@audience("staff")
def open_line(request: HttpRequest, licence_id: int, name: str) -> HttpResponse:
    """Show one masked value; the person it concerns sees that it was shown."""
    value = actions.open_line(licence_id=licence_id, name=name, by=actor(request), at=timezone.now())
    return JsonResponse({"value": value})


urlpatterns = [
    path("desk/licences", register, name="desk-licences"),
    path("desk/licences/changes", change, name="desk-licence-changes"),
    path("desk/licences/<int:licence_id>", one, name="desk-licence"),
    path("desk/licences/<int:licence_id>/lines/<str:name>", open_line, name="desk-licence-line"),
]
