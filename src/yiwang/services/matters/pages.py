"""Pages of matters: find one, read its guide; staff see their lists and lay down new versions."""

from dataclasses import replace
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Invalid, Place, YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.packs import queries as packs
from yiwang.services.matters import _revision, _sketch, actions, queries
from yiwang.services.matters.contracts import MatterType, ways_in
from yiwang.services.matters.queries import Filter

AUDIENCES = (("", "全部"), ("person", "个人"), ("firm", "企业"))
THEMES = {"person": "matter.theme-person", "firm": "matter.theme-firm"}


@require_GET
@audience("public")
def index(request: HttpRequest) -> HttpResponse:
    """Matters by word, theme, organisation and kind of applicant."""
    wanted, today = _wanted(request), timezone.localdate()
    page = queries.search(wanted, on=today, cursor=request.GET.get("cursor"))
    context = {
        "wanted": wanted,
        "page": page,
        "audiences": [(code, _(title)) for code, title in AUDIENCES],
        "themes": _themes(wanted.audience),
        "departments": queries.departments(replace(wanted, org_id=None), on=today),
        "types": [(kind.value, _(kind.label)) for kind in MatterType],
    }
    return render(request, "matters/index.html", context)


def _wanted(request: HttpRequest) -> Filter:
    given = request.GET
    kind, org = given.get("type", ""), given.get("org", "")
    return Filter(
        text=given.get("q", "").strip()[: queries.QUERY_MAX],
        theme=given.get("theme", "")[:60],
        audience=given.get("for", "")[:20],
        type=MatterType(kind) if kind in set(MatterType) else None,
        org_id=int(org) if org.isdecimal() and len(org) < 10 else None,
        is_online=given.get("online") == "1",
    )


def _themes(audience_code: str) -> list[tuple[str, str, str]]:
    """Code, Chinese and English of the themes for this kind of applicant."""
    listed = elements.code_list(THEMES.get(audience_code, THEMES["person"]))
    return [(item.code, item.name.zh, item.name.en) for item in listed.offered]


@require_GET
@audience("public")
def guide(request: HttpRequest, code: str) -> HttpResponse:
    """The guide of one matter at one organisation; answer first."""
    today = timezone.localdate()
    matter = queries.by_code(code, on=today)
    elsewhere = queries.elsewhere(matter, on=today)
    context = {
        "matter": matter,
        "elsewhere": elsewhere,
        "sketch": _sketch.of(matter, elsewhere),
        "procedure": queries.procedure(matter.type),
        "flow": matter.flow_id if packs.find("Flow", matter.flow_id or "") else "",
        "ways": ways_in(matter),
    }
    return render(request, "matters/guide.html", context)


@require_GET
@audience("staff")
def desk_index(request: HttpRequest) -> HttpResponse:
    """The lists of the organisations whose lists this clerk may edit."""
    by, wanted = actor(request), _wanted(request)
    page = queries.editable(by, wanted, on=timezone.localdate(), cursor=request.GET.get("cursor"))
    may_edit = access.may_anywhere(by, queries.EDIT)
    return render(request, "matters/desk_index.html", {"page": page, "wanted": wanted, "may_edit": may_edit})


@require_http_methods(["GET", "POST"])
@audience("staff")
def desk_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Lay down a new version of one item with the day from which it holds."""
    by, now = actor(request), timezone.now()
    matter = queries.by_code(code, on=timezone.localdate())
    access.require(by, queries.EDIT, at_org=matter.org_id or 0)
    wrong: YiwangError | None = None
    if request.method == "POST":
        try:
            content = _revision.read(matter, request.POST)
            day = _day(request.POST.get("effective_on", ""))
            actions.revise(code=code, content=content, effective_on=day, by=by, at=now)
            return redirect(reverse("matters-desk-edit", args=[code]))
        except YiwangError as refused:
            wrong = refused
    fields = _revision.fields_of(matter, request.POST or None)
    context = {"matter": matter, "fields": fields, "history": queries.history(code), "wrong": wrong}
    return render(request, "matters/desk_edit.html", context, status=422 if wrong else 200)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        place = Place("effective_on", "请填写生效日期，如2026-12-01。")
        raise Invalid("还有内容没有填对。", places=[place], code="matters.bad-day") from wrong


urlpatterns = [
    path("matters", index, name="matters"),
    path("matters/<str:code>", guide, name="matter"),
    path("desk/matters", desk_index, name="matters-desk"),
    path("desk/matters/<str:code>", desk_edit, name="matters-desk-edit"),
]
