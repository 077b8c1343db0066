"""加注件: asked for at a desk, answered by the holder."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, Conflict, Invalid, NotFound
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.files import queries as files
from yiwang.kernel.orgs import queries as orgs
from yiwang.support.licences import actions, queries
from yiwang.support.licences._request import own_key
from yiwang.support.licences.contracts import CannotAsk, CopyAsk
from yiwang.support.seals.contracts import Format


@require_GET
@audience("staff")
def asked(request: HttpRequest) -> HttpResponse:
    """What the reader's units asked for, and the form that asks."""
    by = actor(request)
    page = queries.copies_asked(by, cursor=request.GET.get("cursor"))
    facts = {
        "page": page,
        "types": queries.electronic_types(),
        "units": _units(by),
        "policy": queries.use_policy(),
        "until": timezone.localdate() + timedelta(days=queries.use_policy().days_max),
    }
    return render(request, "licences/asked.html", facts)


@require_POST
@audience("staff")
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for one licence of one holder for one purpose."""
    try:
        copy = actions.ask_copy(wanted=_wanted(request), by=actor(request), at=timezone.now())
    except (Invalid, NotFound, Conflict) as wrong:
        messages.error(request, f"{wrong.message}{wrong.hint}")
        return redirect("desk-licence-copies")
    messages.success(request, "可以取用了。" if copy.is_in_force else "已请持证人同意，答复后可以取用。")
    return redirect("desk-licence-copy", copy_id=copy.id)


@require_GET
@audience("staff")
def one(request: HttpRequest, copy_id: int) -> HttpResponse:
    """One copy: how it stands, and the files."""
    copy = queries.copy_asked(copy_id, actor(request))
    formats = queries.copy_formats(copy.licence) if copy.is_in_force else []
    return render(request, "licences/copy.html", {"copy": copy, "formats": formats})


@never_cache
@require_GET
@audience("staff")
def file(request: HttpRequest, copy_id: int, form: str) -> HttpResponse:
    """The sealed file; the holder sees that it was fetched."""
    file_id = actions.copy_file(
        copy_id=copy_id,
        format_=Format(form),
        base=request.build_absolute_uri("/").rstrip("/"),
        by=actor(request),
        at=timezone.now(),
    )
    return files.response(file_id)


@never_cache
@require_GET
@audience("applicant")
def mine(request: HttpRequest) -> HttpResponse:
    """谁用了我的证照: what waits for my leave, and what was given."""
    return render(request, "licences/uses.html", {"copies": queries.copies_of_holder(own_key(actor(request)))})


@require_POST
@audience("applicant")
def answer(request: HttpRequest, copy_id: int) -> HttpResponse:
    """Give leave, refuse it, or take it back."""
    by, at = actor(request), timezone.now()
    word, key = request.POST.get("answer", ""), own_key(by)
    try:
        if word == "withdraw":
            actions.withdraw_copy(copy_id=copy_id, subject_key=key, by=by, at=at)
        elif word in ("agree", "decline"):
            actions.answer_copy(copy_id=copy_id, subject_key=key, is_agreed=word == "agree", by=by, at=at)
        else:
            raise CannotAsk(gettext("没有选同意还是不同意。"), hint=gettext("请选择一项。"))
    except (Conflict, Invalid) as wrong:
        messages.error(request, f"{wrong.message}{wrong.hint}")
    else:
        messages.success(request, gettext("已记下您的答复。"))
    return redirect("my-licence-uses")


@require_GET
@audience("public")
def keys(request: HttpRequest) -> HttpResponse:
    """The place's keys for credentials, as did:web has them."""
    told = queries.did_document(request.build_absolute_uri("/").rstrip("/"))
    return JsonResponse(told, content_type="application/did+json")


def _wanted(request: HttpRequest) -> CopyAsk:
    data = request.POST
    try:
        until, org_id = date.fromisoformat(data.get("until", "")), int(data.get("org", ""))
    except ValueError as wrong:
        raise CannotAsk("没有写清单位或使用期限。", hint="请重新填写。") from wrong
    return CopyAsk(
        type_id=data.get("type", "")[:120],
        id_number=data.get("id_number", "").strip().upper()[:30],
        org_id=org_id,
        purpose=data.get("purpose", ""),
        until=until,
        ground=data.get("ground", "")[:40],
        case_number=data.get("case_number", "").strip()[:40],
    )


def _units(by: Actor) -> list[tuple[int, str]]:
    """The reader's units from which copies may be asked for."""
    ids = dict.fromkeys(post.org_id for post in by.posts if access.may(by, "licences.ask", post.org_id))
    return [(org_id, org.name) for org_id, org in orgs.named(set(ids)).items()]


urlpatterns = [
    path(".well-known/did.json", keys, name="licence-keys"),
    path("my/licences/uses", mine, name="my-licence-uses"),
    path("my/licences/uses/<int:copy_id>", answer, name="my-licence-use"),
    path("desk/licences/copies", asked, name="desk-licence-copies"),
    path("desk/licences/copies/new", ask, name="desk-licence-copy-new"),
    path("desk/licences/copies/<int:copy_id>", one, name="desk-licence-copy"),
    path("desk/licences/copies/<int:copy_id>/copy.ofd", file, {"form": "ofd"}, name="desk-licence-copy-ofd"),
    path("desk/licences/copies/<int:copy_id>/copy.pdf", file, {"form": "pdf"}, name="desk-licence-copy-pdf"),
]
