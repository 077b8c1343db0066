"""Pages of one-things: what one saves, its form, materials and review."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.kernel.base import idempotency
from yiwang.kernel.base.contracts import Actor, Invalid, YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.forms import actions as forms
from yiwang.kernel.forms import queries as form_queries
from yiwang.kernel.forms.contracts import FormDef
from yiwang.kernel.orgs.contracts import RegionView
from yiwang.services.applications import actions as application_actions
from yiwang.services.applications import queries as applications
from yiwang.services.applications.contracts import Channel, PromiseOffer, Sent
from yiwang.services.journeys import actions, queries


@require_GET
@audience("public")
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "journeys/index.html", {"journeys": queries.all_of()})


@require_GET
@audience("public")
def landing(request: HttpRequest, journey_id: str) -> HttpResponse:
    """What is saved, who may, in which order; and where to begin."""
    context = {
        "journey": queries.get(journey_id),
        "found": queries.explain(journey_id),
        "regions": _regions(journey_id),
    }
    return render(request, "journeys/landing.html", context)


@require_GET
@audience("public")
def start(request: HttpRequest, journey_id: str) -> HttpResponse:
    """From the landing page to the form of the chosen place."""
    return redirect("journey-fill", journey_id, _region(journey_id, request.GET.get("region", "")).code)


@require_http_methods(["GET", "POST"])
@audience("applicant")
def fill(request: HttpRequest, journey_id: str, region: str) -> HttpResponse:
    """The one form, with what registers know already in it."""
    by, now = actor(request), timezone.now()
    form, place = queries.form(journey_id), _region(journey_id, region)
    draft = form_queries.draft(form.id, place.code, by)
    answers, wrong = (draft.answers if draft else {}), None
    if request.method == "POST":
        answers, wrong = forms.receive(form=form, data=request.POST, uploads=request.FILES, by=by, at=now)
        saving = form_queries.saving(request.POST)
        forms.save_draft(form_id=form.id, key=place.code, answers=answers, saving=saving, by=by, at=now)
        if wrong is None and form_queries.intent(request.POST)[0] == "next":
            wrong = _refused(journey_id, place.code, answers, by, now)
            if wrong is None:
                return redirect("journey-materials", journey_id, place.code)
    context = {
        "journey": queries.get(journey_id),
        "place": place,
        "form": form,
        "answers": answers,
        "known": actions.prefill(journey_id=journey_id, by=by, at=now),
        "wrong": wrong,
        "saved_at": draft.saved_at if draft else None,
        "here_url": reverse("journey-fill", args=[journey_id, place.code]),
    }
    return render(request, "journeys/fill.html", context, status=422 if wrong else 200)


def _refused(journey_id: str, region: str, answers: dict[str, Any], by: Actor, now: datetime) -> Invalid | None:
    """What is wrong with the answers, to stand beside the fields."""
    try:
        actions.check(journey_id=journey_id, region_code=region, answers=answers, by=by, at=now)
    except Invalid as wrong:
        return wrong
    return None


@require_http_methods(["GET", "POST"])
@audience("applicant")
def materials(request: HttpRequest, journey_id: str, region: str) -> HttpResponse:
    """What has to be handed in, what may follow, and what nobody has to hand in."""
    by, now = actor(request), timezone.now()
    place, form = _region(journey_id, region), queries.form(journey_id)
    checked = actions.check(
        journey_id=journey_id, region_code=place.code, answers=_answers(form, place, by), by=by, at=now
    )
    kept = applications.kept(by.acting_for or 0, size=100).items
    sent, wrong = applications.sent(form.id, place.code, by), None
    offer = PromiseOffer(checked.party.id, place.code, now)
    rows = applications.material_rows(checked.wanted, checked.held, sent, kept, offer)
    if request.method == "POST":
        sent, wrong = application_actions.receive_materials(
            form_id=form.id, key=place.code, rows=rows, data=request.POST, uploads=request.FILES, by=by, at=now
        )
        rows = applications.material_rows(checked.wanted, checked.held, sent, kept, offer)
        if wrong is None and "next" in request.POST:
            wrong = applications.missing(rows)
            if wrong is None:
                return redirect("journey-review", journey_id, place.code)
    context = {
        "journey": queries.get(journey_id),
        "place": place,
        "rows": rows,
        "wrong": wrong,
    }
    return render(request, "journeys/materials.html", context, status=422 if wrong else 200)


@require_http_methods(["GET", "POST"])
@audience("applicant")
def review(request: HttpRequest, journey_id: str, region: str) -> HttpResponse:
    """Everything once more in the order of the form; then it is filed."""
    by, now = actor(request), timezone.now()
    place, form = _region(journey_id, region), queries.form(journey_id)
    answers, sent = _answers(form, place, by), applications.sent(form.id, place.code, by)
    wrong: YiwangError | None = None
    if request.method == "POST":
        try:
            case = _file(request, journey_id, place.code, answers, sent, by, now)
            return redirect("receipt", case.number)
        except YiwangError as refused:
            wrong = refused
    checked = actions.check(journey_id=journey_id, region_code=place.code, answers=answers, by=by, at=now)
    context = {
        "journey": queries.get(journey_id),
        "place": place,
        "form": form,
        "answers": checked.answers,
        "known": actions.prefill(journey_id=journey_id, by=by, at=now),
        "plan": checked.plan,
        "due": queries.due(checked.plan, at=now),
        "rows": applications.material_rows(
            checked.wanted, checked.held, sent, offer=PromiseOffer(checked.party.id, place.code, now)
        ),
        "wrong": wrong,
        "fill_url": reverse("journey-fill", args=[journey_id, place.code]),
    }
    return render(request, "journeys/review.html", context, status=wrong.status if wrong else 200)


def _file(
    request: HttpRequest, journey_id: str, region: str, answers: dict[str, Any], sent: Sent, by: Actor, now: datetime
) -> CaseView:
    """File it, and let the draft go; a page that is sent again after that leads to the first filing."""
    form, once = queries.form(journey_id), request.POST.get("once", "")[:64]
    before = idempotency.answered(route=actions.ROUTE, key=once, by=by, at=now)
    if before is not None:
        return cases.peek(before["case_id"], at=now)
    case = actions.file(
        journey_id=journey_id,
        region_code=region,
        answers=answers,
        materials=sent.inputs,
        once=once,
        channel=Channel.MOBILE if "Mobi" in request.headers.get("User-Agent", "") else Channel.WEB,
        language=get_language() or "zh-hans",
        by=by,
        at=now,
    )
    application_actions.forget_draft(form_id=form.id, key=region, by=by, at=now)
    return case


def _answers(form: FormDef, place: RegionView, by: Actor) -> dict[str, Any]:
    draft = form_queries.draft(form.id, place.code, by)
    return draft.answers if draft else {}


def _regions(journey_id: str) -> list[RegionView]:
    """Where a one-thing can be begun: the regions of the organisations that lead it."""
    return queries.regions(journey_id)


def _region(journey_id: str, code: str) -> RegionView:
    for region in _regions(journey_id):
        if region.code == code:
            return region
    raise Http404(_("这个地方还不能办这件事。"))


urlpatterns = [
    path("journeys", index, name="journeys"),
    path("journeys/<str:journey_id>", landing, name="journey"),
    path("journeys/<str:journey_id>/start", start, name="journey-start"),
    path("journeys/<str:journey_id>/<str:region>/form", fill, name="journey-fill"),
    path("journeys/<str:journey_id>/<str:region>/materials", materials, name="journey-materials"),
    path("journeys/<str:journey_id>/<str:region>/review", review, name="journey-review"),
]
