"""批量签发: a file is uploaded, looked through, confirmed; progress and report."""

import csv

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Conflict, Invalid
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.orgs import queries as orgs
from yiwang.support.licences import actions, queries
from yiwang.support.licences.contracts import BadBatch

BYTES_MAX = 20 * 1024 * 1024


@require_GET
@audience("staff")
def batches(request: HttpRequest) -> HttpResponse:
    """Batches of the reader's units, and the form that takes a file."""
    by = actor(request)
    ids = {post.org_id for post in by.posts if access.may(by, "licences.issue", post.org_id)}
    facts = {
        "page": queries.batches(by, cursor=request.GET.get("cursor")),
        "types": queries.electronic_types(),
        "units": [(org_id, org.name) for org_id, org in orgs.named(ids).items()],
    }
    return render(request, "licences/batches.html", facts)


@require_POST
@audience("staff")
def read(request: HttpRequest) -> HttpResponse:
    """Take a file in; nothing is issued before it is confirmed."""
    upload = request.FILES.get("file")
    try:
        content = upload.read(BYTES_MAX + 1) if upload else b""
        if not content or len(content) > BYTES_MAX:
            raise BadBatch("没有选文件，或文件超过20MB。", hint="请选择CSV或xlsx文件。")
        org = request.POST.get("org", "")
        batch = actions.read_batch(
            type_id=request.POST.get("type", ""),
            org_id=int(org) if org.isdigit() else 0,
            filename=str(upload.name) if upload else "",
            content=content,
            grounds=request.POST.get("grounds", ""),
            by=actor(request),
            at=timezone.now(),
        )
    except (Invalid, Conflict) as wrong:
        messages.error(request, f"{wrong.message}{wrong.hint}")
        return redirect("desk-licence-batches")
    return redirect("desk-licence-batch", batch_id=batch.id)


@never_cache
@require_GET
@audience("staff")
def one(request: HttpRequest, batch_id: int) -> HttpResponse:
    """How far it is, and which lines are left out; while it runs the page asks again by itself."""
    batch = queries.batch(batch_id, actor(request))
    after = request.GET.get("after", "")
    problems = queries.batch_problems(batch_id, after=int(after) if after.isdigit() else 0)
    done = round(100 * batch.issued / batch.right) if batch.right else 0
    response = render(request, "licences/batch.html", {"batch": batch, "problems": problems, "done": done})
    if batch.is_running:
        response["Refresh"] = "3"
    return response


@require_POST
@audience("staff")
def start(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Have the right lines issued."""
    try:
        actions.start_batch(batch_id=batch_id, by=actor(request), at=timezone.now())
    except Conflict as wrong:
        messages.error(request, f"{wrong.message}{wrong.hint}")
    return redirect("desk-licence-batch", batch_id=batch_id)


@never_cache
@require_GET
@audience("staff")
def report(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Every line with its number, or with why it was left out."""
    batch = queries.batch(batch_id, actor(request))
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="licences-{batch.id}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(["行", "编号", "电子证照标识", "没有签发的原因"])
    writer.writerows(queries.batch_report(batch.id))
    return response


@require_GET
@audience("staff")
def template(request: HttpRequest) -> HttpResponse:
    """An empty file for a type."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="licences.csv"'
    response.write("\ufeff")
    csv.writer(response).writerow(queries.batch_columns(request.GET.get("type", "")))
    return response


urlpatterns = [
    path("desk/licences/batches", batches, name="desk-licence-batches"),
    path("desk/licences/batches/new", read, name="desk-licence-batch-new"),
    path("desk/licences/batches/template", template, name="desk-licence-batch-template"),
    path("desk/licences/batches/<int:batch_id>", one, name="desk-licence-batch"),
    path("desk/licences/batches/<int:batch_id>/start", start, name="desk-licence-batch-start"),
    path("desk/licences/batches/<int:batch_id>/report.csv", report, name="desk-licence-batch-report"),
]
