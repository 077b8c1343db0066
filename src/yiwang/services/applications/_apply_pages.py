"""Pages of applying for one matter: its form, its materials, the review before it is filed."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.kernel.base import idempotency
from yiwang.kernel.base.contracts import Actor, Invalid, YiwangError
from yiwang.kernel.base.http import actor, assurance, audience
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.forms import actions as forms
from yiwang.kernel.forms import queries as form_queries
from yiwang.kernel.forms.contracts import AnswersInvalid
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.workdays import queries as workdays
from yiwang.services.applications import _counter, _single, actions, queries
from yiwang.services.applications.contracts import AssuranceNeeded, Channel, NotForThisApplicant, PromiseOffer
from yiwang.services.matters.contracts import ImplementationView


@require_GET
@audience("public")
def apply(request: HttpRequest, code: str) -> HttpResponse:
    """To the form of one organisation's item; of a matter that several carry out, first to the choice of the place."""
    today = workdays.legal_day(timezone.now())
    offered = queries.places(code, on=today)
    if len(offered) == 1:
        return redirect("apply-fill", offered[0].code)
    if not offered:
        return redirect("apply-fill", code)
    return render(request, "applications/places.html", {"places": offered, "title": offered[0]})


@require_http_methods(["GET", "POST"])
@audience("applicant")
def fill(request: HttpRequest, code: str) -> HttpResponse:
    """The form, with what registers know already in it."""
    by, now = actor(request), timezone.now()
    matter = _single.implementation(code, on=workdays.legal_day(now))
    form = _single.form(matter)
    try:
        known = actions.prefill(code=code, by=by, at=now)
    except NotForThisApplicant as mistaken:
        other = {"matter": matter, "is_for_firms": "person" not in matter.audience}
        return render(request, "applications/other_applicant.html", other, status=mistaken.status)
    draft = form_queries.draft(form.id, code, by)
    answers = draft.answers if draft else {}
    wrong: Invalid | None = None
    if request.method == "POST":
        answers, wrong = forms.receive(form=form, data=request.POST, uploads=request.FILES, by=by, at=now)
        saving = form_queries.saving(request.POST)
        forms.save_draft(form_id=form.id, key=code, answers=answers, saving=saving, by=by, at=now)
        if wrong is None and form_queries.intent(request.POST)[0] == "next":
            wrong = _refused(code, answers, by, now)
            if wrong is None:
                return redirect("apply-materials", code)
    context = {
        "matter": matter,
        "form": form,
        "answers": answers,
        "known": known,
        "wrong": wrong,
        "saved_at": draft.saved_at if draft else None,
        "here_url": reverse("apply-fill", args=[code]),
        "is_unsure": assurance(request) < matter.assurance,
    }
    return render(request, "applications/fill.html", context, status=422 if wrong else 200)


def _refused(code: str, answers: dict[str, Any], by: Actor, now: datetime) -> Invalid | None:
    """What is wrong with the answers, to stand beside the fields."""
    try:
        actions.check(code=code, answers=answers, by=by, at=now)
    except Invalid as wrong:
        return wrong
    return None


@require_http_methods(["GET", "POST"])
@audience("applicant")
def materials(request: HttpRequest, code: str) -> HttpResponse:
    """What has to be handed in, what may follow, and what nobody has to hand in."""
    by, now = actor(request), timezone.now()
    matter = _single.implementation(code, on=workdays.legal_day(now))
    try:
        checked = actions.check(code=code, answers=_answers(matter, by), by=by, at=now)
    except AnswersInvalid:
        return redirect("apply-fill", code)
    kept = queries.kept(by.acting_for or 0, size=100).items
    sent = queries.sent(matter.form_id, code, by)
    wrong: Invalid | None = None
    offer = PromiseOffer(checked.party.id, matter.region_code, now)
    rows = queries.material_rows(checked.wanted, checked.held, sent, kept, offer)
    if request.method == "POST":
        sent, wrong = actions.receive_materials(
            form_id=matter.form_id, key=code, rows=rows, data=request.POST, uploads=request.FILES, by=by, at=now
        )
        rows = queries.material_rows(checked.wanted, checked.held, sent, kept, offer)
        if wrong is None and "next" in request.POST:
            wrong = queries.missing(rows)
            if wrong is None:
                return redirect("apply-review", code)
    context = {"matter": matter, "rows": rows, "wrong": wrong}
    return render(request, "applications/hand_in.html", context, status=422 if wrong else 200)


@require_http_methods(["GET", "POST"])
@audience("applicant")
def review(request: HttpRequest, code: str) -> HttpResponse:
    """Everything once more in the order of the form; then it is filed."""
    by, now = actor(request), timezone.now()
    matter = _single.implementation(code, on=workdays.legal_day(now))
    wrong: YiwangError | None = None
    if request.method == "POST":
        try:
            return redirect("receipt", _file(request, matter, by, now).number)
        except AnswersInvalid:
            return redirect("apply-fill", code)
        except AssuranceNeeded as unsure:
            return redirect(_prove(code, unsure.level))
        except YiwangError as refused:
            wrong = refused
    try:
        checked = actions.check(code=code, answers=_answers(matter, by), by=by, at=now)
    except AnswersInvalid:
        return redirect("apply-fill", code)
    sent = queries.sent(matter.form_id, code, by)
    context = {
        "matter": matter,
        "checked": checked,
        "known": actions.prefill(code=code, by=by, at=now),
        "due": workdays.due(now, matter.promised) if matter.promised else None,
        "rows": queries.material_rows(
            checked.wanted, checked.held, sent, offer=PromiseOffer(checked.party.id, matter.region_code, now)
        ),
        "wrong": wrong,
        "is_unsure": assurance(request) < matter.assurance,
        "filled_by": _filled_by(matter, by),
        "fill_url": reverse("apply-fill", args=[code]),
        "materials_url": reverse("apply-materials", args=[code]),
    }
    return render(request, "applications/review.html", context, status=wrong.status if wrong else 200)


def _file(request: HttpRequest, matter: ImplementationView, by: Actor, now: datetime) -> CaseView:
    """File it, and let the draft go; a page that is sent again after that leads to the first filing."""
    once = request.POST.get("once", "")[:64]
    before = idempotency.answered(route=actions.ROUTE, key=once, by=by, at=now)
    if before is not None:
        return cases.peek(before["case_id"], at=now)
    case = actions.file(
        code=matter.code,
        answers=_answers(matter, by),
        materials=queries.sent(matter.form_id, matter.code, by).inputs,
        once=once,
        channel=_channel(request, matter, by),
        language=get_language() or "zh-hans",
        assurance=assurance(request),
        by=by,
        at=now,
    )
    actions.forget_draft(form_id=matter.form_id, key=matter.code, by=by, at=now)
    return case


def _channel(request: HttpRequest, matter: ImplementationView, by: Actor) -> Channel:
    """At the counter, where a clerk filled it in; else by what one holds in one's hand."""
    if _counter.unit_of(matter.form_id, matter.code, by) is not None:
        return Channel.WINDOW
    return Channel.MOBILE if "Mobi" in request.headers.get("User-Agent", "") else Channel.WEB


def _filled_by(matter: ImplementationView, by: Actor) -> str:
    """The unit at whose counter the draft was filled in, if it was."""
    unit = _counter.unit_of(matter.form_id, matter.code, by)
    return orgs.get(unit).name if unit else ""


def _prove(code: str, level: int) -> str:
    """To proving oneself, and back to the page from which it was to be filed: the draft is there still."""
    onward = {"level": str(level), "next": reverse("apply-review", args=[code])}
    return f"{reverse('login-confirm')}?{urlencode(onward)}"


def _answers(matter: ImplementationView, by: Actor) -> dict[str, Any]:
    draft = form_queries.draft(matter.form_id, matter.code, by)
    return draft.answers if draft else {}


urlpatterns = [
    path("apply/<str:code>", apply, name="apply"),
    path("apply/<str:code>/form", fill, name="apply-fill"),
    path("apply/<str:code>/materials", materials, name="apply-materials"),
    path("apply/<str:code>/review", review, name="apply-review"),
]
