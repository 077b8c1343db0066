"""Pages of packs for who writes or runs them: what is in force, who loaded it, what changed, what is asked."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Denied, PackInvalid
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, PackSet

VIEW = "packs.view"


def _require(request: HttpRequest) -> None:
    if not access.may_anywhere(actor(request), VIEW):
        raise Denied("您的岗位不能查看配置包。", hint="请联系人事管理员确认岗位。")


@never_cache
@require_GET
@audience("staff")
def in_force(request: HttpRequest) -> HttpResponse:
    """What is in force by kind, and the releases."""
    _require(request)
    current, wanted = packs.current(), request.GET.get("q", "").strip()[:60]
    titles = {place.id: str(place.title) for place in current.all_of("Place")}
    context = {
        "current": current,
        "count": len(current),
        "chain": [titles.get(place, place) for place in current.chain],
        "below": [titles.get(each.place, each.place) for each in current.places() if each.place != current.place],
        "titles": titles,
        "wanted": wanted,
        "groups": _by_kind(current, wanted),
        "releases": packs.releases(cursor=request.GET.get("cursor")),
    }
    return render(request, "staff/packs.html", context)


@never_cache
@require_GET
@audience("staff")
def changed(request: HttpRequest, number: int) -> HttpResponse:
    """What a release changed, against the one before it or another."""
    _require(request)
    before = request.GET.get("from", "")
    first = int(before) if before.isdigit() and len(before) < 10 else packs.release_before(number)
    changes = packs.diff_releases(first, number) if first else packs.diff_releases(number, number)
    context = {"title": f"第{number}版的变化", "first": first, "changes": changes}
    return render(request, "staff/packs_changes.html", context)


@never_cache
@require_GET
@audience("staff")
def waiting(request: HttpRequest) -> HttpResponse:
    """What loading the folder would change, or why it cannot be loaded."""
    _require(request)
    try:
        changes, problems = packs.diff(settings.YIWANG_PACKS), []
    except PackInvalid as wrong:
        changes, problems = [], wrong.message.splitlines()
    context = {"title": "目录中还没有装载的变化", "changes": changes, "problems": problems}
    return render(request, "staff/packs_changes.html", context)


@never_cache
@require_GET
@audience("staff")
def one(request: HttpRequest, kind: str, reference: str) -> HttpResponse:
    """One pack: its hash, and which file set what, in each place served."""
    _require(request)
    packs.get(kind, reference)
    read = [(each.place, pack) for each in packs.current().places() if (pack := each.find(kind, reference))]
    return render(request, "staff/pack.html", {"pack": packs.get(kind, reference), "read": _distinct(read)})


@never_cache
@require_GET
@audience("staff")
def asked(request: HttpRequest) -> HttpResponse:
    """Every element and material asked anywhere, who holds it, and what is saved."""
    _require(request)
    return render(request, "staff/packs_asked.html", {"report": forms.ask_report(packs.current())})


def _by_kind(current: PackSet, wanted: str) -> list[tuple[str, list[Pack]]]:
    """The packs under the names of their kinds, those whose name or number has the wanted words."""
    found: dict[str, list[Pack]] = {}
    for pack in sorted(current, key=lambda pack: (pack.id, pack.version)):
        if wanted.lower() in f"{pack.title} {pack.id}".lower():
            found.setdefault(pack.body.kind_title or pack.kind, []).append(pack)
    return sorted(found.items())


def _distinct(read: list[tuple[str, Pack]]) -> list[tuple[str, Pack]]:
    """A place that reads as the one before it is not shown again."""
    seen: dict[str, tuple[str, Pack]] = {}
    for place, pack in read:
        seen.setdefault(pack.hash, (place, pack))
    return list(seen.values())


urlpatterns = [
    path("desk/packs", in_force, name="desk-packs"),
    path("desk/packs/asked", asked, name="desk-packs-asked"),
    path("desk/packs/folder", waiting, name="desk-packs-folder"),
    path("desk/packs/releases/<int:number>", changed, name="desk-packs-release"),
    path("desk/packs/<slug:kind>/<str:reference>", one, name="desk-pack"),
]
