"""The hotline at the desk: taking down while somebody speaks, the list, what the duty leader sees, the rates of units."""

from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.data.places import queries as places
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, Conflict, Invalid, NotFound
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.files import queries as stored
from yiwang.kernel.orgs import queries as orgs
from yiwang.services.hotline import _forms, _policy, actions, queries
from yiwang.services.hotline.contracts import (
    CHANNEL_NAMES,
    KIND,
    KIND_NAMES,
    URGENCY_NAMES,
    BadTicket,
    Channel,
    NotForThisPost,
    TicketKind,
    Urgency,
)

TAKEN_BY_HAND = (Channel.PHONE, Channel.LETTER, Channel.POLICE)
FILTERS = (("open", "在办"), ("closed", "已办结"), ("all", "全部"))
TEXT_MAX, ALIKE_FROM = 4000, 6


@never_cache
@require_http_methods(["GET", "POST"])
@audience("staff")
def intake(request: HttpRequest) -> HttpResponse:
    """受理: one page for the time of a call; filing opens the next."""
    by, now = _operator(request), timezone.now()
    wrong: Conflict | Invalid | NotFound | None = None
    if request.method == "POST":
        try:
            ticket = actions.receive(**_forms.call(request, by), by=by, at=now)
            said = "已办结" if not ticket.is_open else "已派单" if ticket.lead_org_id else "已记下，待派单"
            messages.success(request, f"{said}：{ticket.number}（查询码{ticket.query_code}）")
            return redirect("desk-hotline")
        except (Conflict, Invalid, NotFound) as refused:
            wrong = refused
    policy, given = _policy.policy(), request.POST
    context = {
        "wrong": wrong,
        "given": given,
        "kinds": [(kind.value, name) for kind, name in KIND_NAMES.items()],
        "kind": given.get("kind") or TicketKind.HELP.value,
        "channels": [(channel.value, CHANNEL_NAMES[channel]) for channel in TAKEN_BY_HAND],
        "urgencies": [(urgency.value, name) for urgency, name in URGENCY_NAMES.items()],
        "urgency": given.get("urgency") or Urgency.NORMAL.value,
        "regions": _forms.regions(),
        "topics": [(node.code, queries.categories().line(node.code)) for node in queries.categories().leaves()],
        "units": _forms.units(),
        "reasons": policy.not_accepted,
        "secret": [kind.value for kind in policy.confidential],
    }
    return render(request, "hotline/intake.html", context, status=wrong.status if wrong else 200)


@never_cache
@require_POST
@audience("staff")
def hints(request: HttpRequest) -> HttpResponse:
    """What helps while typing: categories and units, doubles, answers, what came before from the number, places.

    A POST, for what callers say is not for addresses and logs; nothing is written.
    """
    by, now = _operator(request), timezone.now()
    text, place = request.POST.get("content", "")[:TEXT_MAX], request.POST.get("place", "")[:200]
    found = places.find(place, size=5) if place.strip() else []
    # Without a place no unit is named: whose it is depends on where it is.
    region = request.POST.get("region", "")[:12] or (found[0].region_code if found else "")
    context = {
        "suggestions": queries.suggest(text=text, region_code=region) if text.strip() else [],
        "alike": queries.alike(text=text, at=now) if len(text.strip()) >= ALIKE_FROM else [],
        "topics": queries.near(text, by) if len(text.strip()) >= ALIKE_FROM else [],
        "answers": queries.answers(text, on=now) if text.strip() else [],
        "before": queries.of_phone(request.POST.get("phone", "")[:20], by, size=5),
        "found": found,
        "is_empty": not (text.strip() or place.strip() or request.POST.get("phone", "").strip()),
    }
    return render(request, "hotline/_hints.html", context)


@never_cache
@require_GET
@audience("staff")
def tickets(request: HttpRequest) -> HttpResponse:
    """All tickets of the hotline, newest first."""
    chosen, kind = request.GET.get("show", "open"), request.GET.get("kind", "")[:12]
    chosen = chosen if chosen in dict(FILTERS) else "open"
    page = queries.rows(_operator(request), state=chosen, kind=kind, cursor=request.GET.get("cursor"))
    names = orgs.named(row.lead_org_id for row in page.items if row.lead_org_id)
    rows = page.map(lambda row: {"ticket": row, "unit": names[row.lead_org_id].short_name if row.lead_org_id else ""})
    kinds = [(one.value, name) for one, name in KIND_NAMES.items()]
    context = {"page": rows, "filters": FILTERS, "chosen": chosen, "kind": kind, "kinds": kinds}
    return render(request, "hotline/tickets.html", context)


@never_cache
@require_GET
@audience("staff")
def lead(request: HttpRequest) -> HttpResponse:
    """值班长: what waits for a ruling or an approval, what is late, returned, silent, parked; screenings."""
    by, now = actor(request), timezone.now()
    if not access.may_anywhere(by, queries.LEAD):
        raise NotForThisPost("只有热线值班长可以看这一页。", hint="请换用值班长的账号。")
    watch = queries.watch(by, at=now)
    shown = [*watch.overdue, *watch.silent, *watch.parked, *watch.supervised]
    context = {
        "watch": watch,
        "mine": cases.work_list(by, box="todo", kind=KIND, size=50).items,
        "unit": [row for row in cases.work_list(by, box="unit", kind=KIND, size=50).items if row.step == "returned"],
        "names": _short(row.lead_org_id for row in shown),
        "screened": _short(row.org_id for row in watch.screenings),
        "rulings": queries.rulings(size=10).items,
    }
    return render(request, "hotline/lead.html", context)


@never_cache
@require_GET
@audience("staff")
def rates(request: HttpRequest) -> HttpResponse:
    """响应率、解决率、满意率 by unit for a month; a unit sees its own, the hotline and leaders see all below them."""
    by, month = actor(request), _month(request.GET.get("month", ""))
    seen = {org.id: org for org in access.orgs_within(by, queries.SEE)}
    everywhere = access.may_anywhere(by, queries.LEAD) or access.may_anywhere(by, "board.view")
    last = month.replace(day=monthrange(month.year, month.month)[1])
    regions = _forms.regions()
    region = chosen if (chosen := request.GET.get("region", "")) in dict(regions) else ""
    found = queries.rates(month, last, org_ids=None if everywhere else list(seen), region=region)
    names = orgs.named(row.org_id for row in found)
    rows = sorted(((names[row.org_id].name, row) for row in found), key=lambda one: one[1].satisfied_percent or 0)
    context = {"rows": rows, "month": month, "until": last, "policy": _policy.policy()}
    context |= {"regions": regions, "region": region}
    return render(request, "hotline/rates.html", context)


def _doing(act: Callable[[HttpRequest, str, Actor, datetime], str | None]) -> Callable[..., HttpResponse]:
    """A POST on one ticket that comes back to its case, with what went wrong if it did."""

    @require_POST
    @audience("staff")
    def view(request: HttpRequest, number: str) -> HttpResponse:
        try:
            if said := act(request, number, actor(request), timezone.now()):
                messages.success(request, said)
        except (Conflict, Invalid) as refused:
            messages.error(request, f"{refused.message}{refused.hint}")
        return redirect("desk-case", number=number)

    return view


@_doing
def contact(request: HttpRequest, number: str, by: Actor, at: datetime) -> str:
    actions.contact(number=number, words=request.POST.get("words", "")[:500], by=by, at=at)
    return "已记下首次联系。"


@_doing
def ask_help(request: HttpRequest, number: str, by: Actor, at: datetime) -> str:
    ids = [int(one) for one in request.POST.getlist("helper")[:20] if one.isdecimal()]
    made = actions.ask_help(number=number, org_ids=ids, words=request.POST.get("words", ""), by=by, at=at)
    return f"已请{len(made)}个单位协办。"


@_doing
def ask_screening(request: HttpRequest, number: str, by: Actor, at: datetime) -> str:
    reason, words = request.POST.get("reason", "")[:40], request.POST.get("words", "")
    actions.ask_screening(number=number, reason=reason, words=words, by=by, at=at)
    return "已申请甄别，由热线值班长决定。"


@_doing
def dispatch(request: HttpRequest, number: str, by: Actor, at: datetime) -> str:
    actions.dispatch(
        number=number,
        org_id=_forms.whole(request.POST.get("org_id", "")),
        category=_forms.category(request.POST.get("category", "")),
        urgency=_forms.urgency(request.POST.get("urgency", "")),
        words=request.POST.get("words", "")[:500],
        by=by,
        at=at,
    )
    return f"已派单（{number}）。"


@_doing
def decline(request: HttpRequest, number: str, by: Actor, at: datetime) -> str:
    reason, words = request.POST.get("reason", "")[:40], request.POST.get("words", "")[:500]
    actions.decline(number=number, reason=reason, words=words, by=by, at=at)
    return "已按不予受理办结。"


@_doing
def add_photo(request: HttpRequest, number: str, by: Actor, at: datetime) -> str:
    uploads = request.FILES.getlist("photo")
    if not uploads:
        raise BadTicket("没有选照片。", hint="请选择一张照片。")
    actions.add_photo(number=number, upload=uploads[0], by=by, at=at)
    return "已加处置后照片。"


@never_cache
@require_POST
@audience("staff")
def caller(request: HttpRequest, number: str) -> HttpResponse:
    """Who called: of a 举报 only for its keeper, with a purpose. Each time is written down."""
    by, now, wrong, found = actor(request), timezone.now(), None, None
    ticket = queries.get(number, by)
    try:
        if ticket.is_confidential:
            found = actions.reveal(number=number, purpose=request.POST.get("purpose", "")[:200], by=by, at=now)
        else:
            found = actions.show_caller(number=number, by=by, at=now)
    except (Conflict, Invalid) as refused:
        wrong = refused
    context = {"ticket": ticket, "caller": found, "wrong": wrong}
    return render(request, "hotline/caller.html", context, status=wrong.status if wrong else 200)


@never_cache
@require_GET
@audience("staff")
def photo(request: HttpRequest, number: str, file_id: int) -> HttpResponse:
    """A photo of a ticket that the reader may see."""
    ticket = queries.get(number, actor(request))
    if file_id not in {one.file_id for one in cases.attachments(ticket.case_id)}:
        raise BadTicket("没有这张照片。")
    return stored.response(file_id, inline=True)


@require_POST
@audience("staff")
def decide_screening(request: HttpRequest, screening_id: int) -> HttpResponse:
    """同意或不同意甄别."""
    agreed, words = request.POST.get("agreed") == "1", request.POST.get("words", "")
    try:
        actions.decide_screening(
            screening_id=screening_id, agreed=agreed, words=words, by=actor(request), at=timezone.now()
        )
        messages.success(request, "已决定。")
    except (Conflict, Invalid) as refused:
        messages.error(request, f"{refused.message}{refused.hint}")
    return redirect("desk-hotline-lead")


def _operator(request: HttpRequest) -> Actor:
    """Raises NotForThisPost unless the reader takes tickets down."""
    by = actor(request)
    if not access.may_anywhere(by, actions.TAKE):
        raise NotForThisPost("只有热线受理员可以用这一页。", hint="请换用受理员的账号。")
    return by


def _short(ids: Iterable[int | None]) -> dict[int, str]:
    """Short names of units, in one query."""
    return {org_id: org.short_name for org_id, org in orgs.named(one for one in ids if one is not None).items()}


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return timezone.localdate().replace(day=1)


_OF_TICKET = "desk/hotline/tickets/<str:number>"
urlpatterns = [
    path("desk/hotline", intake, name="desk-hotline"),
    path("desk/hotline/hints", hints, name="desk-hotline-hints"),
    path("desk/hotline/tickets", tickets, name="desk-hotline-tickets"),
    path("desk/hotline/lead", lead, name="desk-hotline-lead"),
    path("desk/hotline/rates", rates, name="desk-hotline-rates"),
    path(f"{_OF_TICKET}/contact", contact, name="desk-hotline-contact"),
    path(f"{_OF_TICKET}/help", ask_help, name="desk-hotline-help"),
    path(f"{_OF_TICKET}/screening", ask_screening, name="desk-hotline-screening"),
    path(f"{_OF_TICKET}/dispatch", dispatch, name="desk-hotline-dispatch"),
    path(f"{_OF_TICKET}/decline", decline, name="desk-hotline-decline"),
    path(f"{_OF_TICKET}/caller", caller, name="desk-hotline-caller"),
    path(f"{_OF_TICKET}/photo", add_photo, name="desk-hotline-add-photo"),
    path(f"{_OF_TICKET}/photos/<int:file_id>", photo, name="desk-hotline-photo"),
    path("desk/hotline/screenings/<int:screening_id>", decide_screening, name="desk-hotline-decide"),
]
