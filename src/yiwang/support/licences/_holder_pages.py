"""我的证照: what a person or firm holds or keeps."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.files import queries as files
from yiwang.kernel.packs.contracts import Text
from yiwang.support.licences import actions, queries
from yiwang.support.licences._request import own_key
from yiwang.support.licences.contracts import LicenceView
from yiwang.support.seals.contracts import Format


@never_cache
@require_GET
@audience("applicant")
def mine(request: HttpRequest) -> HttpResponse:
    """Cards as in a wallet."""
    views = queries.of_holder(own_key(actor(request)))
    names = queries.issuer_names(views)
    cards = [
        {
            "licence": view,
            "url": code_url(request, view),
            "issuer": names.get(view.issuer_org_id, ""),
            "number": queries.shown_number(view),
        }
        for view in views
    ]
    paper = [{"title": _said(pack.title), "note": _said(note)} for pack, note in queries.paper_types()]
    return render(request, "licences/mine.html", {"cards": cards, "paper": paper})


@never_cache
@require_GET
@audience("applicant")
def sheet(request: HttpRequest, licence_id: int) -> HttpResponse:
    """One licence set as a document, to read and to print."""
    face = queries.face(licence_id, subject_key=own_key(actor(request)))
    url = code_url(request, face.licence)
    # Whoever takes a licence out of force owes its holder the reason.
    ended = None if face.licence.is_valid else next(iter(queries.history(licence_id)))
    facts = {"face": face, "licence": face.licence, "url": url, "ended": ended}
    return render(request, "licences/sheet.html", {**facts, "formats": queries.copy_formats(face.licence)})


@never_cache
@require_GET
@audience("applicant")
def copy(request: HttpRequest, licence_id: int, form: str) -> HttpResponse:
    """A sealed copy to keep, OFD or PDF; made at the first asking, the same file from then on."""
    face = queries.face(licence_id, subject_key=own_key(actor(request)))
    file_id = actions.sealed_copy(
        licence_id=licence_id,
        format_=Format(form),
        url=code_url(request, face.licence),
        by=actor(request),
        at=timezone.now(),
    )
    return files.response(file_id)


@never_cache
@require_GET
@audience("applicant")
def credential(request: HttpRequest, licence_id: int) -> HttpResponse:
    """The licence for a wallet: a signed W3C credential."""
    queries.face(licence_id, subject_key=own_key(actor(request)))
    made = actions.credential(
        licence_id=licence_id,
        base=request.build_absolute_uri("/").rstrip("/"),
        by=actor(request),
        at=timezone.now(),
    )
    response = JsonResponse(made, content_type="application/vc", json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="licence-{licence_id}.vc.json"'
    return response


@never_cache
@require_GET
@audience("applicant")
def show(request: HttpRequest, licence_id: int) -> HttpResponse:
    """The code alone, as large as the screen, to be scanned across a counter."""
    face = queries.face(licence_id, subject_key=own_key(actor(request)))
    facts = {"licence": face.licence, "issuer": face.issuer_name, "url": code_url(request, face.licence)}
    return render(request, "licences/show.html", {**facts, "now": timezone.now()})


def code_url(request: HttpRequest, view: LicenceView) -> str:
    return request.build_absolute_uri(reverse("licence-verify", args=[view.verify_code]))


def _said(text: Text) -> str:
    return text.in_language(get_language())


urlpatterns = [
    path("my/licences", mine, name="my-licences"),
    path("my/licences/<int:licence_id>", sheet, name="my-licence"),
    path("my/licences/<int:licence_id>/copy.ofd", copy, {"form": "ofd"}, name="my-licence-ofd"),
    path("my/licences/<int:licence_id>/copy.pdf", copy, {"form": "pdf"}, name="my-licence-pdf"),
    path("my/licences/<int:licence_id>/credential.json", credential, name="my-licence-credential"),
    path("my/licences/<int:licence_id>/show", show, name="my-licence-show"),
]
