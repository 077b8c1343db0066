"""编目 from a file: a unit's list read, shown with what is wrong by line, asked for as a whole."""

from pathlib import Path
from tempfile import NamedTemporaryFile

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from yiwang.data.catalogue import actions, queries
from yiwang.data.catalogue._import import NEEDED
from yiwang.data.catalogue._viewing import unit_of, viewer
from yiwang.data.catalogue.contracts import ListingView
from yiwang.kernel.base.contracts import Actor, Conflict, Denied, Invalid, YiwangError
from yiwang.kernel.base.http import audience
from yiwang.kernel.orgs import queries as orgs


@never_cache
@require_http_methods(["GET", "POST"])
@audience("staff")
def listing(request: HttpRequest) -> HttpResponse:
    """A unit's list as a file, read and compared with the catalogue."""
    by = viewer(request)
    mine = list(orgs.named(queries.units_of(by)).values())
    wrong: YiwangError | None = None
    if request.method == "POST":
        try:
            done = _read(request, unit_of(request, mine), by)
            return redirect("desk-catalogue-listing", done.id)
        except (Denied, Invalid) as refused:
            wrong = refused
    context = {"mine": mine, "needed": NEEDED, "wrong": wrong}
    return render(request, "catalogue/listing.html", context, status=wrong.status if wrong else 200)


def _read(request: HttpRequest, org_id: int, by: Actor) -> ListingView:
    upload = request.FILES.get("file")
    if upload is None:
        raise Invalid("还没有选择文件。", hint="请选择 xlsx 或 CSV 文件。")
    with NamedTemporaryFile() as kept:
        for piece in upload.chunks():
            kept.write(piece)
        kept.flush()
        return actions.read_listing(
            org_id=org_id, path=Path(kept.name), name=upload.name or "", by=by, at=timezone.now()
        )


@never_cache
@require_http_methods(["GET", "POST"])
@audience("staff")
def one_listing(request: HttpRequest, listing_id: int) -> HttpResponse:
    """What the file would change, what is wrong by line; asked for all at once."""
    by = viewer(request)
    found = queries.find_listing(listing_id, by)
    wrong: YiwangError | None = None
    if request.method == "POST":
        try:
            asked = actions.ask_listing(
                listing_id=listing_id, reason=request.POST.get("reason", ""), by=by, at=timezone.now()
            )
        except (Conflict, Invalid) as refused:
            wrong = refused
        else:
            messages.success(request, f"已提交{len(asked)}项，等首席数据官签发。")
            return redirect("desk-catalogue-mine")
    context = {"found": found, "unit": orgs.get(found.org_id), "wrong": wrong, "given": request.POST}
    return render(request, "catalogue/one_listing.html", context, status=wrong.status if wrong else 200)


urlpatterns = [
    path("desk/catalogue/listing", listing, name="desk-catalogue-listings"),
    path("desk/catalogue/listing/<int:listing_id>", one_listing, name="desk-catalogue-listing"),
]
