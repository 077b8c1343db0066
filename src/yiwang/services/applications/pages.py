"""Pages of one's materials and documents: hand something in, open a file, read a document, keep files for next time."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.kernel.base.contracts import Invalid, Place, YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.design.queries import address
from yiwang.kernel.files import actions as files
from yiwang.kernel.files import queries as stored
from yiwang.services.applications import actions, queries
from yiwang.services.applications._apply_pages import urlpatterns as apply
from yiwang.services.applications._counter_pages import urlpatterns as counter
from yiwang.services.applications.contracts import NoSuchMaterial


@require_GET
@audience("signed-in")
def document(request: HttpRequest, document_id: int) -> HttpResponse:
    """An official document as paper or, with `?download`, as a file; for the applicant and for staff who may see the case."""
    by = actor(request)
    found = queries.document(document_id, by)
    context = {"document": found, "case": cases.peek(found.case_id), "is_mine": not by.posts}
    if "download" not in request.GET:
        return render(request, "applications/document.html", context)
    response = render(request, "applications/document_file.html", context)
    response["Content-Disposition"] = content_disposition_header(True, f"{found.title}{found.document_no}.html")
    return response


@require_GET
@audience("signed-in")
def material_file(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """The file behind one material of a case that the reader may see."""
    case = cases.get(cases.by_number(number).id, actor(request))
    material = queries.material_file(case, key)
    if material is None or material.file_id is None:
        raise NoSuchMaterial("这份材料没有文件。", hint="请从办件页面打开。")
    return stored.response(material.file_id, inline=True)


@require_http_methods(["GET", "POST"])
@audience("applicant")
def supply(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """Hand in one material of a running case: a fresh file, or one kept earlier."""
    by, now = actor(request), timezone.now()
    case = cases.get(cases.by_number(number).id, by)
    material = queries.material_file(case, key)
    if material is None:
        raise NoSuchMaterial("办件中没有这份材料。", hint="请从办件进度页打开。")
    wrong: YiwangError | None = None
    if request.method == "POST":
        try:
            file_id = _given_file(request)
            actions.supply(case_id=case.id, key=key, file_id=file_id, by=by, at=now)
            return redirect(reverse("my-case", args=[number]))
        except YiwangError as refused:
            wrong = refused
    reusable = [k for k in queries.kept(by.acting_for or 0, size=50).items if k.key == key]
    context = {"case": case, "material": material, "reusable": reusable, "wrong": wrong}
    return render(request, "applications/supply.html", context, status=wrong.status if wrong else 200)


@require_GET
@audience("signed-in")
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """回执: what was filed and when, until when it is promised, whom to call, where to look."""
    case = cases.get(cases.by_number(number).root_id, actor(request), at=timezone.now())
    track = address("track")
    context = {
        "receipt": queries.receipt(case),
        "track_url": request.build_absolute_uri(f"{track}?number={case.number}") if track else "",
        "case_url": f"/my/cases/{case.number}" if address("my-cases") else "",
    }
    return render(request, "applications/receipt.html", context)


def _given_file(request: HttpRequest) -> int:
    upload = request.FILES.get("file")
    chosen = request.POST.get("kept", "")
    if upload is not None:
        by = actor(request)
        ref = files.store(
            stream=upload,
            filename=upload.name or "",
            purpose="application-material",
            owner_party_id=by.acting_for,
            by=by,
            at=timezone.now(),
        )
        return ref.id
    if chosen.isdecimal() and len(chosen) < 12:
        return int(chosen)
    raise Invalid("还没有选择文件。", places=[Place("file", "请选择要提交的文件。")], code="applications.no-file")


@require_GET
@audience("applicant")
def materials(request: HttpRequest) -> HttpResponse:
    """材料中心: what was handed in before and may be used again."""
    party = actor(request).acting_for or 0
    page = queries.kept(party, cursor=request.GET.get("cursor"))
    return render(request, "applications/materials.html", {"page": page})


@require_GET
@audience("applicant")
def kept_file(request: HttpRequest, kept_id: int) -> HttpResponse:
    return stored.response(queries.kept_one(kept_id, actor(request)).file_id, inline=True)


@require_POST
@audience("applicant")
def forget(request: HttpRequest, kept_id: int) -> HttpResponse:
    actions.forget_kept(kept_id=kept_id, by=actor(request), at=timezone.now())
    return redirect("my-materials")


urlpatterns = [
    *apply,
    *counter,
    path("documents/<int:document_id>", document, name="document"),
    path("cases/<str:number>/receipt", receipt, name="receipt"),
    path("cases/<str:number>/materials/<slug:key>/file", material_file, name="material-file"),
    path("my/cases/<str:number>/materials/<slug:key>", supply, name="supply-material"),
    path("my/materials", materials, name="my-materials"),
    path("my/materials/<int:kept_id>/file", kept_file, name="kept-file"),
    path("my/materials/<int:kept_id>/forget", forget, name="forget-kept"),
]
