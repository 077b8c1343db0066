"""证照台账: what clerks look up, open and change."""

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Conflict, Invalid
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.design.contracts import Moment
from yiwang.kernel.people.contracts import IdType
from yiwang.support.licences import actions, queries
from yiwang.support.licences.contracts import (
    BatchReport,
    Change,
    EventView,
    GroundsNeeded,
    Holder,
    LicenceView,
    RegisterFilter,
    Status,
    WrongFields,
)

CHANGES = (
    (Change.SUSPEND, "暂扣"),
    (Change.RESUME, "发还（暂扣解除）"),
    (Change.CANCEL, "注销"),
    (Change.REVOKE, "撤销"),
    (Change.WITHDRAW, "吊销"),
    (Change.MOVE_OUT, "办理转出"),
    (Change.STAY, "取消转出"),
)
STATUSES = tuple((status.value, status.word) for status in Status)


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
    may_issue = access.may(actor(request), "licences.issue", view.issuer_org_id)
    body = queries.type_of(view)
    facts = {
        "chain": queries.chain(view),
        "may_issue": may_issue,
        "may_renew": may_issue and body.validity.renewal is not None and view.status in (Status.VALID, Status.LAPSED),
        "may_transfer": may_issue and body.may_transfer and view.status in (Status.VALID, Status.MOVING),
        "may_correct": may_issue and view.is_valid,
        "is_firm": body.holder == "firm",
        "inputs": [(rule.name, queries.label_of(rule)) for rule in body.fields],
        "licence": view,
        "lines": queries.masked_lines(licence_id),
        "moments": [_moment(event) for event in queries.history(licence_id)],
        "issuer": queries.issuer_names([view]).get(view.issuer_org_id, ""),
        "changes": [each for each in CHANGES if each[0] in queries.changes_of(view)],
        "may_change": access.may(actor(request), "licences.suspend", view.issuer_org_id),
    }
    return render(request, "licences/one.html", facts)


@require_POST
@audience("staff")
def renew(request: HttpRequest, licence_id: int) -> HttpResponse:
    """延续, until the day that is named or by the years of the type."""
    return _acted(
        request,
        licence_id,
        "已延续。",
        lambda: actions.renew(
            licence_id=licence_id,
            grounds=request.POST.get("grounds", ""),
            valid_to=_day(request.POST.get("valid_to", "")),
            by=actor(request),
            at=timezone.now(),
        ),
    )


@require_POST
@audience("staff")
def correct(request: HttpRequest, licence_id: int) -> HttpResponse:
    """变更: what is filled in replaces what stood there."""
    return _acted(
        request,
        licence_id,
        "已变更，证照换了新版本。",
        lambda: actions.correct(
            licence_id=licence_id,
            grounds=request.POST.get("grounds", ""),
            fields=_fields(request),
            by=actor(request),
            at=timezone.now(),
        ),
    )


@require_POST
@audience("staff")
def transfer(request: HttpRequest, licence_id: int) -> HttpResponse:
    """转移给另一个持证主体."""
    kind = IdType.USCC if request.POST.get("is_firm") else IdType.CITIZEN_ID
    return _acted(
        request,
        licence_id,
        "已转移，这是新的证照。",
        lambda: actions.transfer(
            licence_id=licence_id,
            holder=Holder(
                request.POST.get("name", "").strip()[:80], kind.value, request.POST.get("id_number", "").strip()[:30]
            ),
            grounds=request.POST.get("grounds", ""),
            fields=_fields(request),
            by=actor(request),
            at=timezone.now(),
        ),
    )


def _acted(request: HttpRequest, licence_id: int, done: str, act: Callable[[], LicenceView]) -> HttpResponse:
    """To the licence that the act was about, or to the one that took its place."""
    try:
        licence_id = act().id
    except (Invalid, Conflict) as wrong:
        places = "；".join(place.message for place in wrong.places) if isinstance(wrong, Invalid) else ""
        messages.error(request, f"{wrong.message}{places}{wrong.hint}")
    else:
        messages.success(request, done)
    return redirect("desk-licence", licence_id=licence_id)


def _fields(request: HttpRequest) -> dict[str, str]:
    """Lines that were filled in; empty ones stay as they are."""
    named = {name.removeprefix("field."): value for name, value in request.POST.items() if name.startswith("field.")}
    return {name: str(value).strip() for name, value in named.items() if str(value).strip()}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as wrong:
        raise WrongFields("日期写得不对。", hint="请写成2026-11-23这样。") from wrong


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
    path("desk/licences/<int:licence_id>/renewal", renew, name="desk-licence-renewal"),
    path("desk/licences/<int:licence_id>/correction", correct, name="desk-licence-correction"),
    path("desk/licences/<int:licence_id>/transfer", transfer, name="desk-licence-transfer"),
    path("desk/licences/<int:licence_id>/lines/<str:name>", open_line, name="desk-licence-line"),
]
