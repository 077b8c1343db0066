"""Ingest on the desk: sources with their last delivery, one batch with its figures, what drifted and what was set aside."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yiwang.data.ingest import actions, queries
from yiwang.data.ingest.contracts import CannotDecide
from yiwang.kernel.base import tables
from yiwang.kernel.base.http import actor, audience


@never_cache
@require_GET
@audience("staff")
def board(request: HttpRequest) -> HttpResponse:
    """Sources that one may see, batches, and those that wait for a word; `?source=` for one."""
    by = actor(request)
    sources = queries.sources_seen(by)
    asked = request.GET.get("source", "")
    source = next((each for each in sources if each.source.id == asked), None)
    context = {
        "sources": sources,
        "source": source,
        "held": queries.held(by),
        "page": queries.batches_seen(
            by, source_id=source.source.id if source else "", cursor=request.GET.get("cursor")
        ),
    }
    return render(request, "ingest/board.html", context)


@never_cache
@require_GET
@audience("staff")
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One batch; what was set aside is masked."""
    by = actor(request)
    found = queries.batch_seen(batch_id, by)
    context = {
        "batch": found,
        "source": queries.source_row(found.source_id, by),
        "page": queries.quarantine_seen(batch_id, by, request.GET.get("cursor")),
        "may_decide": queries.may_decide(found, by),
    }
    return render(request, "ingest/batch.html", context)


@require_POST
@audience("staff")
def decide(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Let a held batch go on as it is, or refuse it."""
    go_on = request.POST.get("go_on") == "yes"
    try:
        actions.decide(batch_id=batch_id, go_on=go_on, by=actor(request), at=timezone.now())
    except CannotDecide as wrong:
        messages.error(request, wrong.message)
    else:
        messages.success(request, "已放行，随后继续汇聚。" if go_on else "已退回，请通知报送单位。")
    return redirect("desk-ingest-batch", batch_id=batch_id)


@require_POST
@audience("staff")
def quarantine(request: HttpRequest, batch_id: int) -> HttpResponse:
    """What was set aside as it was found, for the unit whose it is; recorded."""
    rows = actions.take_quarantine(batch_id=batch_id, by=actor(request), at=timezone.now())
    head = ["环节", "行", "列", "原因", "内容"]
    body = [[row.stage, row.line, row.column, row.words, row.content] for row in rows]
    return tables.answer([head, *body], filename=f"quarantine-{batch_id}.csv")


urlpatterns = [
    path("desk/ingest", board, name="desk-ingest"),
    path("desk/ingest/batches/<int:batch_id>", batch, name="desk-ingest-batch"),
    path("desk/ingest/batches/<int:batch_id>/decision", decide, name="desk-ingest-decide"),
    path("desk/ingest/batches/<int:batch_id>/quarantine.csv", quarantine, name="desk-ingest-quarantine"),
]
