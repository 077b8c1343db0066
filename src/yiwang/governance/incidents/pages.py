"""The grid worker's report page, the map and list, and one incident with what can be done to it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.data.places import queries as places
from yiwang.governance.incidents import _one, _photos, actions, queries
from yiwang.governance.incidents.contracts import BadReport, Filters, NewReport, NoSuchIncident
from yiwang.kernel.base.contracts import Actor, Conflict, Denied, Invalid, NotFound, Place, YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.cases.contracts import CaseStatus
from yiwang.kernel.files import queries as files
from yiwang.kernel.orgs import queries as orgs

STATES = (("open", "在办"), ("closed", "已结"), ("all", "全部"))
PERIODS = ((0, "不限时间"), (1, "一天内"), (7, "七天内"), (30, "三十天内"))
WORKER = "incidents/worker.js"


@never_cache
@require_http_methods(["GET", "POST"])
@audience("staff")
def report(request: HttpRequest) -> HttpResponse:
    """A report in three taps; without JavaScript the same form is sent as it is."""
    by, now = actor(request), timezone.now()
    wrong: YiwangError | None = None
    if request.method == "POST":
        try:
            done = actions.report(
                new=_new(request, by, now), key=request.POST.get("once", "")[:64] or "form", by=by, at=now
            )
        except (Conflict, Denied, Invalid, NotFound) as refused:
            wrong = refused
        else:
            said = "已并入同一事件" if done.is_merged else "已上报"
            messages.success(request, f"{said}：{done.title}（{done.code}）")
            return redirect("grid-report")
    mine = queries.reported_by(by.account_id or 0)
    known = queries.types()
    often = [key for key in dict.fromkeys(incident.type_key for _, incident in mine) if key in known]
    groups: dict[str, list[Any]] = {"常报": [known[key] for key in often]} if often else {}
    for each in (each for key, each in known.items() if key not in often):
        groups.setdefault(f"{'事件' if each.scope == 'event' else '部件'} · {each.class_name}", []).append(each)
    context = {
        "groups": groups,
        "grids": places.grids_of(by.account_id or 0),
        "mine": mine,
        "wrong": wrong,
        "given": request.POST,
    }
    return render(request, "incidents/report.html", context, status=wrong.status if wrong else 200)


@require_GET
@audience("public")
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker that keeps the report page for times without a network; its reach is /grid/."""
    found = finders.find(WORKER)
    assert isinstance(found, str)
    with open(found, encoding="utf-8") as script:
        return HttpResponse(script.read(), content_type="text/javascript; charset=utf-8")


@never_cache
@require_GET
@audience("staff")
def board(request: HttpRequest) -> HttpResponse:
    """The map with grids and, beside it, the list of the same."""
    by, now = actor(request), timezone.now()
    chosen = _filters(request)
    page = queries.listed(by, chosen, at=now, cursor=request.GET.get("cursor"))
    home = _home(by)
    classes = {f"{each.scope}:{each.code[:2]}": each.class_name for each in queries.types().values()}
    context = {
        "page": page,
        "chosen": chosen,
        "states": STATES,
        "periods": PERIODS,
        "classes": [
            (key, f"{name}{'（部件）' if key.startswith('component') else ''}") for key, name in classes.items()
        ],
        "regions": [(each.code, each.name) for each in orgs.regions_within(home)],
        "home": home,
        "points": queries.points(by, chosen, at=now),
        "counts": queries.counts(by, at=now),
    }
    return render(request, "incidents/board.html", context)


@never_cache
@require_GET
@audience("staff")
def one(request: HttpRequest, code: str) -> HttpResponse:
    return _show(request, code, None)


def _show(request: HttpRequest, code: str, wrong: YiwangError | None) -> HttpResponse:
    found = _one.gathered(code, by=actor(request), at=timezone.now())
    context = {"found": found, "incident": found.incident, "wrong": wrong, "given": request.POST}
    return render(request, "incidents/one.html", context, status=wrong.status if wrong else 200)


def _doing(act: Callable[[HttpRequest, str, Actor, datetime], object]) -> Callable[..., HttpResponse]:
    """A POST on one incident that comes back to its page, with what went wrong if it did."""

    @require_POST
    @audience("staff")
    def view(request: HttpRequest, code: str) -> HttpResponse:
        queries.get(code, actor(request))
        try:
            act(request, code, actor(request), timezone.now())
        except (Conflict, Denied, Invalid) as refused:
            return _show(request, code, refused)
        messages.success(request, "已办理。")
        return redirect("desk-incident", code=code)

    return view


@_doing
def dispatch(request: HttpRequest, code: str, by: Actor, at: datetime) -> None:
    actions.dispatch(
        code=code,
        step=request.POST.get("step", "")[:40],
        org_ids=[int(each) for each in request.POST.getlist("unit")[:50] if each.isdecimal()],
        whistle="whistle" in request.POST,
        words=request.POST.get("words", "").strip()[:500],
        by=by,
        at=at,
    )


@_doing
def merge(request: HttpRequest, code: str, by: Actor, at: datetime) -> None:
    actions.merge(code=code, into=request.POST.get("into", "")[:16], by=by, at=at)


@_doing
def act(request: HttpRequest, code: str, by: Actor, at: datetime) -> None:
    ticked = [each[:200] for each in request.POST.getlist("ground")[:10]]
    said = request.POST.get("words", "").strip()[:2000]
    actions.act(
        code=code,
        step=request.POST.get("step", "")[:40],
        choice=request.POST.get("choice", "")[:40],
        words="；".join([*ticked, said] if said else ticked),
        photos=_photos.store(request.FILES.getlist("photos"), by=by, at=at),
        position=_position(request),
        by=by,
        at=at,
    )


@require_GET
@audience("staff")
def photo(request: HttpRequest, file_id: int) -> HttpResponse:
    """A photo of a report or of what was done, for who may see the incident."""
    if not _one.may_see_photo(file_id, actor(request)):
        raise NoSuchIncident("没有这张照片，或您不能查看。", hint="请从事件页打开。")
    return files.response(file_id, inline=True)


def _new(request: HttpRequest, by: Actor, at: datetime) -> NewReport:
    given = request.POST
    position = _position(request) or _of_grid(given.get("grid", ""))
    if position is None:
        raise BadReport("还没有位置。", places=[Place("position", "请允许定位，或选择所在网格。")])
    seen_at = parse_datetime(given.get("seen_at", "")) if given.get("seen_at") else None
    return NewReport(
        type_key=given.get("type", ""),
        lon=position[0],
        lat=position[1],
        seen_at=seen_at if seen_at is not None and seen_at.tzinfo else at,
        photos=_photos.store(request.FILES.getlist("photos"), by=by, at=at),
        photos_after=_photos.store(request.FILES.getlist("photos_after"), by=by, at=at),
        place=given.get("place", "").strip(),
        words=given.get("words", "").strip(),
        is_self_handled=bool(given.get("self_handled")),
        component=given.get("component", "").strip(),
        joins=given.get("joins", "").strip(),
    )


def _position(request: HttpRequest) -> tuple[float, float] | None:
    lon, lat = request.POST.get("lon", ""), request.POST.get("lat", "")
    return places.point(lon, lat) if lon and lat else None


def _of_grid(code: str) -> tuple[float, float] | None:
    found = places.named([code]).get(code) if code else None
    return (found.lon, found.lat) if found else None


def _filters(request: HttpRequest) -> Filters:
    given = request.GET
    state, days, region = given.get("state", ""), given.get("days", ""), given.get("region", "")
    return Filters(
        state=state if state in {*CaseStatus, "all"} else CaseStatus.OPEN.value,
        class_code=given.get("class", "")[:20],
        region=region if region.isdecimal() and len(region) == 12 else "",
        days=int(days) if days.isdecimal() and int(days) in dict(PERIODS) else 0,
    )


def _home(by: Actor) -> str:
    """The region whose map is shown first: that of one's own organisation."""
    own = orgs.named(post.org_id for post in by.posts)
    codes = sorted(each.region_code for each in own.values())
    return codes[0] if codes else "0" * 12


urlpatterns = [
    path("grid/report", report, name="grid-report"),
    path("grid/worker.js", worker, name="grid-worker"),
    path("desk/incidents", board, name="desk-incidents"),
    path("desk/incidents/photos/<int:file_id>", photo, name="desk-incident-photo"),
    path("desk/incidents/<slug:code>", one, name="desk-incident"),
    path("desk/incidents/<slug:code>/dispatch", dispatch, name="desk-incident-dispatch"),
    path("desk/incidents/<slug:code>/merge", merge, name="desk-incident-merge"),
    path("desk/incidents/<slug:code>/act", act, name="desk-incident-act"),
]
