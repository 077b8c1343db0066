"""What a form on a page talks to: drafts, uploads, objections. The form itself stands on its owner's page."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.kernel.base.contracts import Invalid
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.elements.contracts import ElementType
from yiwang.kernel.files import actions as file_actions
from yiwang.kernel.files import queries as files
from yiwang.kernel.files.contracts import BadFile, NoSuchFile
from yiwang.kernel.forms import _engine, _summary, _token, actions, queries
from yiwang.kernel.forms.contracts import DraftSave, NotAForm


@require_http_methods(["PUT", "POST"])
@audience("signed-in")
def draft(request: HttpRequest, form_id: str, key: str) -> HttpResponse:
    """Keep a draft: JSON by PUT from form.js, or the whole page by POST without it."""
    form, by, at = queries.get(form_id), actor(request), timezone.now()
    if request.method == "PUT":
        saved = actions.save_draft(
            form_id=form.id, key=key, answers=_json(request), saving=_saving(request), by=by, at=at
        )
        return JsonResponse({"saved_at": saved.saved_at})
    answers, _ = actions.receive(form=form, data=request.POST, uploads=request.FILES, by=by, at=at)
    actions.save_draft(form_id=form.id, key=key, answers=answers, saving=queries.saving(request.POST), by=by, at=at)
    return redirect(_back(request))


def _saving(request: HttpRequest) -> DraftSave:
    number = request.headers.get("Draft-Saving", "")
    is_number = number.isascii() and number.isdigit() and len(number) < len(str(DraftSave.LAST))
    return DraftSave(request.headers.get("Draft-Page", "")[:32], int(number)) if is_number else DraftSave()


def _json(request: HttpRequest) -> dict[str, object]:
    if len(request.body) > _engine.SIZE_MAX:
        raise NotAForm("提交的内容过长。", hint="请缩短文字说明后再提交。")
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError) as broken:
        raise NotAForm("提交的内容不是一张表单。", hint="请刷新页面后重试。") from broken
    return _engine.bounded(found)


def _back(request: HttpRequest) -> str:
    target = request.POST.get("back") or request.headers.get("Referer") or "/"
    return target if url_has_allowed_host_and_scheme(target, {request.get_host()}) else "/"


@require_POST
@audience("signed-in")
def upload(request: HttpRequest, form_id: str) -> HttpResponse:
    """Take one file in for a file question; answers its id and name."""
    form, by = queries.get(form_id), actor(request)
    name = request.POST.get("field", "").rsplit(".", 1)[-1]
    sent = request.FILES.get("file")
    if form.field(name).type is not ElementType.FILE or sent is None:
        raise BadFile("没有收到文件。", hint="请重新选择文件。")
    ref = file_actions.store(
        stream=sent,
        filename=sent.name or "",
        purpose="form",
        owner_party_id=by.acting_for,
        by=by,
        at=timezone.now(),
    )
    return JsonResponse({"id": ref.id, "filename": ref.filename, "is_image": ref.is_image, "size": ref.size_bytes})


@require_GET
@audience("signed-in")
def own_file(request: HttpRequest, file_id: int) -> HttpResponse:
    """An upload, for the one whose business it is."""
    ref, by = files.get(file_id), actor(request)
    if by.acting_for is None or ref.owner_party_id != by.acting_for:
        raise NoSuchFile("没有这个文件。")
    return files.response(file_id, inline=True)


@require_POST
@audience("signed-in")
def objection(request: HttpRequest, form_id: str) -> HttpResponse:
    """Hear that a register is wrong: from the dialog, or by way of a page of its own."""
    form, by, at = queries.get(form_id), actor(request), timezone.now()
    token = request.POST.get("token") or request.POST.get(f"known.{request.POST.get('object', '')}", "")
    held = _token.read(token, at=at)
    shown = {"label": _summary.in_language(form.field(held["field"]).label), "held": held["held"], "token": token}
    shown["back"] = _back(request)
    if "claimed" not in request.POST:
        _keep_draft(request, form_id)
        return render(request, "forms/objection.html", shown)
    try:
        actions.object_to(held=held, claimed=request.POST["claimed"], words=request.POST.get("words", ""), by=by, at=at)
    except Invalid as wrong:
        if _wants_json(request):
            raise
        return render(request, "forms/objection.html", {**shown, "wrong": wrong}, status=422)
    if _wants_json(request):
        return JsonResponse({"is_recorded": True})
    return render(request, "forms/objection.html", {**shown, "is_done": True})


def _keep_draft(request: HttpRequest, form_id: str) -> None:
    """Leaving the form for the objection page without JavaScript must not cost what was typed."""
    key, form, by, at = request.POST.get("draft_key"), queries.get(form_id), actor(request), timezone.now()
    if key:
        answers, _ = actions.receive(form=form, data=request.POST, uploads=request.FILES, by=by, at=at)
        actions.save_draft(form_id=form.id, key=key, answers=answers, saving=queries.saving(request.POST), by=by, at=at)


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


urlpatterns = [
    path("forms/files/<int:file_id>", own_file, name="forms-file"),
    path("forms/<str:form_id>/drafts/<str:key>", draft, name="forms-draft"),
    path("forms/<str:form_id>/files", upload, name="forms-upload"),
    path("forms/<str:form_id>/objection", objection, name="forms-objection"),
]
