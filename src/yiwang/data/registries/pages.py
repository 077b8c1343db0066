"""Registries on the desk: how each stands, a search by exact numbers, one file with sources, history and who has read it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yiwang.data.registries import actions, queries
from yiwang.data.registries.contracts import OPEN, VIEW, NotForThisPost, RegistryView
from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import Actor, Invalid, YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.orgs import queries as orgs

READERS = 10


@never_cache
@require_GET
@audience("staff")
def board(request: HttpRequest) -> HttpResponse:
    """Every registry that keeps files: what feeds it and what was taken in."""
    by = actor(request)
    _require(by)
    behind, sizes = set(queries.behind()), queries.sizes()
    rows = [
        (each, sizes.get(each.id, 0), each.id in behind, queries.intakes(each.id, size=5).items)
        for each in queries.registries()
        if each.of
    ]
    may_view = access.may_anywhere(by, VIEW)
    return render(request, "registries/board.html", {"rows": rows, "may_view": may_view})


@never_cache
@require_GET
@audience("staff")
def registry(request: HttpRequest, registry: str) -> HttpResponse:
    """The search of one registry; of one that is about nobody also everything, page by page."""
    return _search(request, _known(request, registry), [], None)


@never_cache
@require_POST
@audience("staff")
def search(request: HttpRequest, registry: str) -> HttpResponse:
    """Files by their exact number, or name and one more; masked. By POST, so that no number stands in an address."""
    known = _known(request, registry)
    given = {name: request.POST.get(name, "")[:120] for name in ("number", "name", "narrow")}
    try:
        found = queries.search(known.id, **given, by=actor(request))
    except Invalid as wrong:
        return _search(request, known, [], wrong)
    return _search(request, known, found, None, is_asked=True)


@never_cache
@require_POST
@audience("staff")
def opened(request: HttpRequest, registry: str, key: str) -> HttpResponse:
    """One file, for the purpose that is written down."""
    known = _known(request, registry)
    try:
        return _file(request, known, key, None)
    except Invalid as wrong:
        return _search(request, known, [], wrong)


@never_cache
@require_POST
@audience("staff")
def objection(request: HttpRequest, registry: str, key: str) -> HttpResponse:
    """Say that a value is wrong, from where it is seen; the file is shown on."""
    known, wrong = _known(request, registry), None
    given = {name: request.POST.get(name, "").strip()[:300] for name in ("column", "claimed", "words")}
    try:
        actions.object_to_value(registry=known.id, key=key, **given, by=actor(request), at=timezone.now())
        messages.success(request, "异议已转给数源单位，由其在时限内核对答复。")
    except YiwangError as refused:
        wrong = refused
    return _file(request, known, key, wrong)


def _file(request: HttpRequest, known: RegistryView, key: str, wrong: YiwangError | None) -> HttpResponse:
    purpose, day = request.POST.get("purpose", "").strip()[:60], _day(request.POST.get("as_of", ""))
    case_number = request.POST.get("case_number", "").strip()[:40]
    found = actions.open_file(
        registry=known.id, key=key, purpose=purpose, case_number=case_number or None, as_of=day, by=actor(request),
        at=timezone.now(),
    )  # fmt: skip
    readers = audit.disclosures_of(key, size=READERS).items
    names = orgs.named({each.org_id for each in readers if each.org_id})
    context = {
        "registry": known, "file": found, "wrong": wrong, "purpose": purpose, "case_number": case_number, "day": day,
        "lines": [(each, queries.history(known.id, key, each.name)[1:]) for each in found.values],
        "name": queries.name_of(found), "number": queries.number_of(found),
        "region": queries.region_of(found),
        "readers": [(each, names[each.org_id].name if each.org_id in names else "") for each in readers],
        "today": timezone.localdate(),
    }  # fmt: skip
    return render(request, "registries/file.html", context, status=wrong.status if wrong else 200)


def _search(
    request: HttpRequest, known: RegistryView, found: list[Any], wrong: YiwangError | None, *, is_asked: bool = False
) -> HttpResponse:
    context = {
        "registry": known, "found": found, "wrong": wrong, "is_asked": is_asked, "given": request.POST,
        "titles": queries.search_titles(known.id), "purposes": queries.purposes(known.id), **_listed(request, known),
    }  # fmt: skip
    return render(request, "registries/search.html", context, status=wrong.status if wrong else 200)


def _listed(request: HttpRequest, known: RegistryView) -> dict[str, Any]:
    name = request.GET.get("called", "")[:120]
    page = queries.listed(known.id, request.GET.get("cursor"), name=name, by=actor(request))
    columns = queries.columns(known.id)
    return {
        "page": page and page.map(lambda row: list(zip(columns, row, strict=True))),
        "columns": columns,
        "called": name,
    }


def _known(request: HttpRequest, name: str) -> RegistryView:
    """Raises NoSuchRegistry, NotForThisPost."""
    if not access.may_anywhere(actor(request), OPEN):
        raise NotForThisPost("您的岗位不能查看档案。", hint="确因工作需要的，请联系本单位负责人。")
    return queries.keeping(name)


def _require(by: Actor) -> None:
    if not (access.may_anywhere(by, VIEW) or access.may_anywhere(by, OPEN)):
        raise NotForThisPost("您的岗位不能查看基础库。", hint="请联系数据管理员。")


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


urlpatterns = [
    path("desk/registries", board, name="desk-registries"),
    path("desk/registries/<slug:registry>", registry, name="desk-registry"),
    path("desk/registries/<slug:registry>/search", search, name="desk-registry-search"),
    path("desk/registries/<slug:registry>/files/<slug:key>", opened, name="desk-registry-file"),
    path("desk/registries/<slug:registry>/files/<slug:key>/objection", objection, name="desk-registry-objection"),
]
