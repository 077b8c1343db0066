"""The catalogue on the desk: list, one entry, proposing a change, what one's unit owes, the one ledger, lists, census."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.data.catalogue import _content, _forms, _listing_pages, actions, queries
from yiwang.data.catalogue._viewing import unit_of, viewer
from yiwang.data.catalogue.contracts import (
    EDIT,
    Content,
    Cycle,
    Filter,
    Grade,
    NewData,
    NoSuchCensus,
    Opening,
    RequestKind,
    ResourceView,
    Shape,
    Sharing,
    State,
    TaskState,
    Way,
)
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound, YiwangError
from yiwang.kernel.base.http import audience
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.orgs import queries as orgs

CHOICES: dict[str, Any] = {
    "sharings": Sharing,
    "openings": Opening,
    "cycles": Cycle,
    "grades": Grade,
    "shapes": Shape,
    "ways": Way,
    "states": State,
    "types": _content.TYPE_NAMES.items(),
    "sensitivities": _content.SENSITIVITIES.items(),
}
LISTS = (("demand", "需求清单"), ("responsibility", "责任清单"), ("negative", "负面清单"))
BAR = 300


@never_cache
@require_GET
@audience("staff")
def listed(request: HttpRequest) -> HttpResponse:
    by = viewer(request)
    wanted = _forms.filters(request.GET)
    context = {
        "page": queries.listed(by, wanted, cursor=request.GET.get("cursor")),
        "wanted": wanted,
        "gap": queries.GAPS.get(wanted.gap, ("",))[0],
        "unit": orgs.named([wanted.org_id]).get(wanted.org_id) if wanted.org_id else None,
        "units": queries.providers(by),
        "may_edit": access.may_anywhere(by, EDIT),
    }
    return render(request, "catalogue/list.html", context | CHOICES)


@never_cache
@require_GET
@audience("staff")
def one(request: HttpRequest, code: str) -> HttpResponse:
    return _show(request, code, None)


def _show(request: HttpRequest, code: str, wrong: YiwangError | None) -> HttpResponse:
    by = viewer(request)
    found = queries.get(code, by)
    sources = queries.sources(item.element_id for item in found.items if item.element_id)
    mine = queries.units_of(by)
    has = queries.listed_of(mine)
    items = [(item, sources.get(item.element_id), item.element_id in has) for item in found.items]
    unit = orgs.get(found.org_id)
    system = queries.system(found.content.system) if found.content.system else None
    context = {
        "found": found,
        "said": found.content,
        "items": items,
        "unit": unit,
        "officer": queries.officer(found.org_id),
        "system": system,
        "matters": queries.matter_titles(found.content.matters),
        "history": queries.history(code),
        "requests": queries.requests(resource_code=code).items,
        "is_mine": found.org_id in mine,
        "mine": list(orgs.named(mine).values()),
        "wrong": wrong,
        "given": request.POST,
    }
    return render(request, "catalogue/one.html", context | CHOICES, status=wrong.status if wrong else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@audience("staff")
def propose(request: HttpRequest, code: str = "") -> HttpResponse:
    """A new entry, or a change of one, on its way to review."""
    by = viewer(request)
    before = queries.get(code, by) if code else None
    mine = list(orgs.named(queries.units_of(by)).values())
    if not mine or (before is not None and before.org_id not in {org.id for org in mine}):
        raise Denied("只有本单位的目录才能编制。", hint="请联系提供单位的联络员。")
    wrong: YiwangError | None = None
    said = before.content if before else Content("", "")
    if request.method == "POST":
        said = _forms.content(request.POST, before.content if before else None)
        try:
            done = actions.propose(
                code=code or request.POST.get("code", "").strip()[:120],
                org_id=before.org_id if before else unit_of(request, mine),
                content=said,
                reason=request.POST.get("reason", ""),
                by=by,
                at=timezone.now(),
            )
        except (Conflict, Denied, Invalid, NotFound) as refused:
            wrong = refused
        else:
            messages.success(request, f"已提交，等首席数据官签发。编号{done.case_number}")
            return redirect("desk-catalogue-mine")
    return _edit(request, before, said, mine, wrong)


def _edit(
    request: HttpRequest, before: ResourceView | None, said: Content, mine: list[Any], wrong: YiwangError | None
) -> HttpResponse:
    blank = [None] * (_forms.BLANK_ROWS if said.items else 8)
    context = {
        "before": before,
        "said": said,
        "mine": mine,
        "rows": list(enumerate([*said.items, *blank])),
        "systems": [each for org in mine for each in queries.systems(org.id)],
        "elements": elements.all(),
        "wrong": wrong,
        "given": request.POST,
    }
    return render(request, "catalogue/edit.html", context | CHOICES, status=wrong.status if wrong else 200)


@require_POST
@audience("staff")
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Retire the entry, claim an element of it, or ask its unit for the data."""
    by, given, now = viewer(request), request.POST, timezone.now()
    found, reason = queries.get(code, by), request.POST.get("reason", "")
    try:
        match given.get("what", ""):
            case "retire":
                done = actions.propose(code=code, org_id=found.org_id, content=None, reason=reason, by=by, at=now)
            case "claim":
                element = given.get("element", "")[:120]
                done = actions.claim(element_id=element, resource_code=code, reason=reason, by=by, at=now)
            case _:
                mine = list(orgs.named(queries.units_of(by)).values())
                done = actions.demand(
                    org_id=unit_of(request, mine),
                    provider_id=found.org_id,
                    title=found.title,
                    reason=reason,
                    resource_code=code,
                    by=by,
                    at=now,
                )
    except (Conflict, Denied, Invalid) as refused:
        return _show(request, code, refused)
    messages.success(request, f"已提交，编号{done.case_number}")
    return redirect("desk-resource", code=code)


@never_cache
@require_GET
@audience("staff")
def mine(request: HttpRequest) -> HttpResponse:
    """What one's unit owes: census forms, drafts, what runs, what is missing."""
    by = viewer(request)
    units = queries.units_of(by)
    rows = [row for row in queries.ledger(by) if row.org_id in units]
    context = {
        "units": list(orgs.named(units).values()),
        "officers": [(org, queries.officer(org.id)) for org in orgs.named(units).values()],
        "tasks": queries.census_tasks_of(units),
        "drafts": [
            row for unit in units for row in queries.listed(by, Filter(org_id=unit, state=State.DRAFT), size=50).items
        ],
        "requests": queries.requests(org_ids=units, is_open=True, size=50).items,
        "ledger": rows,
        "waiting": TaskState.WAITING,
    }
    return render(request, "catalogue/mine.html", context)


@never_cache
@require_GET
@audience("staff")
def ledger(request: HttpRequest) -> HttpResponse:
    """一本账: one line a unit, what is missing, and where to look."""
    by = viewer(request)
    rows = queries.ledger(by)
    most = max((row.total for row in rows), default=0) or 1
    bars = [
        {
            "row": row,
            "free": BAR * row.unconditional // most,
            "cond": BAR * row.conditional // most,
            "cond_at": BAR * row.unconditional // most,
            "refused": BAR * row.refused // most,
            "refused_at": BAR * (row.unconditional + row.conditional) // most,
        }
        for row in rows
    ]
    names = ("total", "unconditional", "conditional", "refused", "items", "unlinked", "no_contact", "no_system")
    sums = {name: sum(getattr(row, name) for row in rows) for name in names}
    context = {"bars": bars, "sums": sums, "split": queries.split(by), "units": len(rows)}
    return render(request, "catalogue/ledger.html", context)


@never_cache
@require_GET
@audience("staff")
def lists(request: HttpRequest, which: str) -> HttpResponse:
    """The list of demands, of responsibilities, of what is refused."""
    by, cursor = viewer(request), request.GET.get("cursor")
    context: dict[str, Any] = {"which": which, "lists": LISTS, "title": dict(LISTS).get(which, "")}
    if which == "demand":
        page = queries.requests(RequestKind.DEMAND, cursor=cursor)
        names = orgs.named({each.org_id for each in page.items} | {each.answering_id for each in page.items})
        context["page"] = page.map(
            lambda each: (each, names[each.org_id].short_name, names[each.answering_id].short_name)
        )
    elif which == "responsibility":
        rows = queries.responsibilities()
        names = orgs.named({row[0] for row in rows})
        titles = {each.id: str(each.title) for each in elements.all()}
        context["rows"] = [
            (names[org].short_name, titles.get(element, element), element, code, title)
            for org, element, code, title in rows
        ]
    elif which == "negative":
        context["page"] = queries.negative(by, cursor)
    else:
        raise NotFound("没有这张清单。", hint="请从数据目录进入。")
    return render(request, "catalogue/lists.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@audience("staff")
def censuses(request: HttpRequest) -> HttpResponse:
    """Campaigns with how far they are; the authority opens a new one."""
    by = viewer(request)
    wrong: YiwangError | None = None
    governs = queries.may_govern(by)
    if request.method == "POST":
        try:
            picked = [int(each) for each in request.POST.getlist("unit")[:500] if each.isdecimal()]
            done = actions.open_census(
                title=request.POST.get("title", ""),
                words=request.POST.get("words", ""),
                org_ids=picked,
                org_id=by.posts[0].org_id,
                by=by,
                at=timezone.now(),
            )
        except (Conflict, Denied, Invalid) as refused:
            wrong = refused
        else:
            messages.success(request, f"已发起，{done.asked}个单位收到填报任务。")
            return redirect("desk-census", census_id=done.id)
    context = {
        "censuses": queries.censuses(),
        "units": queries.providers(by) if governs else [],
        "governs": governs,
        "wrong": wrong,
        "given": request.POST,
    }
    return render(request, "catalogue/censuses.html", context, status=wrong.status if wrong else 200)


@never_cache
@require_GET
@audience("staff")
def census(request: HttpRequest, census_id: int) -> HttpResponse:
    """How far each unit is."""
    by = viewer(request)
    tasks = queries.census_tasks(census_id)
    names = orgs.named({task.org_id for task in tasks})
    context = {
        "census": queries.census(census_id),
        "tasks": [(task, names[task.org_id].short_name) for task in tasks],
        "mine": queries.units_of(by),
        "governs": queries.may_govern(by),
    }
    return render(request, "catalogue/census.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@audience("staff")
def census_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """The form that a unit's clerk fills; afterwards what was handed in."""
    by = viewer(request)
    task = queries.census_task(task_id)
    if task.org_id not in queries.units_of(by) and not queries.may_govern(by):
        raise NoSuchCensus("没有这件普查，或您不能查看。", hint="请从普查列表进入。")
    wrong: YiwangError | None = None
    rows: list[NewData] = list(task.added)
    if request.method == "POST":
        rows = _forms.added(request.POST)
        try:
            gone = [each[:120] for each in request.POST.getlist("gone")[:500]]
            actions.answer(task_id=task_id, gone=gone, added=rows, by=by, at=timezone.now())
        except (Conflict, Denied, Invalid) as refused:
            wrong = refused
        else:
            messages.success(request, "已提交，等数据主管部门验收。")
            return redirect("desk-catalogue-mine")
    entries = queries.listed(by, Filter(org_id=task.org_id), size=200).items
    blank = [None] * max(0, _forms.CENSUS_ROWS - len(rows))
    gone_now = set(request.POST.getlist("gone")) if wrong else set(task.gone)
    context = {
        "task": task,
        "unit": orgs.get(task.org_id),
        "entries": [(entry, entry.code in gone_now) for entry in entries],
        "rows": list(enumerate([*rows, *blank], start=1)),
        "titles": queries.named(task.gone),
        "may_fill": task.state is TaskState.WAITING and task.org_id in queries.units_of(by),
        "wrong": wrong,
    }
    return render(request, "catalogue/census_task.html", context | CHOICES, status=wrong.status if wrong else 200)


urlpatterns = [
    path("desk/catalogue", listed, name="desk-catalogue"),
    path("desk/catalogue/new", propose, name="desk-resource-new"),
    path("desk/catalogue/mine", mine, name="desk-catalogue-mine"),
    *_listing_pages.urlpatterns,
    path("desk/catalogue/ledger", ledger, name="desk-catalogue-ledger"),
    path("desk/catalogue/lists/<slug:which>", lists, name="desk-catalogue-lists"),
    path("desk/catalogue/census", censuses, name="desk-censuses"),
    path("desk/catalogue/census/<int:census_id>", census, name="desk-census"),
    path("desk/catalogue/census/tasks/<int:task_id>", census_task, name="desk-census-task"),
    path("desk/catalogue/resources/<str:code>", one, name="desk-resource"),
    path("desk/catalogue/resources/<str:code>/edit", propose, name="desk-resource-edit"),
    path("desk/catalogue/resources/<str:code>/ask", ask, name="desk-resource-ask"),
]
