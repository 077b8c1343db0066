"""Transformations and lineage on the desk; names of tables and columns only, never what is in them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from yiwang.data.transform import _named, _picture, queries
from yiwang.kernel.base.http import actor, audience


@never_cache
@require_GET
@audience("staff")
def board(request: HttpRequest) -> HttpResponse:
    """Transformations in their order, tables of the lake, and runs."""
    queries.require_viewing(actor(request))
    known = queries.ordered()
    tables = queries.tables()
    context = {
        "transformations": [(each, queries.is_stale(each.id)) for each in known],
        "tables": [(each, _named.layer(each.name)) for each in tables],
        "names": _named.names([each.name for each in tables]),
        "page": queries.runs(cursor=request.GET.get("cursor")),
    }
    return render(request, "transform/board.html", context)


@never_cache
@require_GET
@audience("staff")
def lineage(request: HttpRequest) -> HttpResponse:
    """`?table=` and, for one column, `&column=`: the picture, and every edge of it as a row."""
    queries.require_viewing(actor(request))
    table, column = request.GET.get("table", "")[:140], request.GET.get("column", "")[:100]
    found = queries.lineage(table, column or None)
    tables = {spot.table for edge in found.edges for spot in (edge.source, edge.to)} | {table}
    names = _named.names(tables)
    context = {
        "found": found,
        "names": names,
        "layer": _named.layer(table),
        # Drawn from names that are escaped one by one.
        "picture": mark_safe(_picture.drawn(found, names)),  # noqa: S308
        "run": queries.last_run_of(table),
    }
    return render(request, "transform/lineage.html", context)


urlpatterns = [
    path("desk/transform", board, name="desk-transform"),
    path("desk/lineage", lineage, name="desk-lineage"),
]
