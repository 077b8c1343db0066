"""我的空间: what waits for me, my filings, one filing, and what I may do to it."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.kernel.base import throttle
from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.forms import actions as filling
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.forms.contracts import Answers
from yiwang.kernel.people import queries as people
from yiwang.portal.citizen import _cases, _drafts
from yiwang.services.applications import queries as applications
from yiwang.services.feedback import actions as feedback
from yiwang.services.feedback import queries as ratings
from yiwang.services.feedback.contracts import Channel, Level
from yiwang.services.journeys import queries as journeys
from yiwang.support.licences import queries as licences
from yiwang.support.notify import queries as messages

TRACKS_MAX = 20
TRACK_WINDOW = timedelta(minutes=10)
RECENT = 5


@never_cache
@require_GET
@audience("applicant")
def space(request: HttpRequest) -> HttpResponse:
    """What waits for me first, then everything that is mine."""
    by = actor(request)
    party = by.acting_for or 0
    context = {
        "waiting": _cases.waiting_of(party),
        "to_rate": [cases.peek(case_id) for case_id in ratings.waiting_of(party)[:RECENT]],
        "recent": cases.of_applicant(party, size=RECENT).items,
        "licences": licences.of_holder(people.party(party).subject_key)[:RECENT],
        "unread": messages.unread(party),
        "drafts": _drafts.unfinished(by, at=timezone.now()),
    }
    return render(request, "citizen/space.html", context)


@never_cache
@require_GET
@audience("applicant")
def my_cases(request: HttpRequest) -> HttpResponse:
    """All my filings, newest first."""
    page = cases.of_applicant(actor(request).acting_for or 0, request.GET.get("cursor"))
    return render(request, "citizen/cases.html", {"page": page})


@never_cache
@require_GET
@audience("applicant")
def my_case(request: HttpRequest, number: str) -> HttpResponse:
    """One filing: where each matter stands, who is waited for, what can be done."""
    whole = _cases.whole(number, actor(request), at=timezone.now())
    return render(request, "citizen/case.html", {"whole": whole, "progress": whole.progress})


@require_http_methods(["GET", "POST"])
@audience("applicant")
def step(request: HttpRequest, number: str, step: str, choice: str) -> HttpResponse:
    """Take a choice that waits for me; with a form where the flow names one."""
    by, now = actor(request), timezone.now()
    case = cases.get(cases.by_number(number).id, by)
    offered = _cases.offered(case, step, choice)
    form = forms.get(offered.form_id) if offered.form_id else None
    answers: Answers = {}
    wrong: YiwangError | None = None
    if request.method == "POST":
        try:
            if form is not None:
                answers, refused = filling.receive(form=form, data=request.POST, uploads=request.FILES, by=by, at=now)
                if refused is not None:
                    raise refused
                answers = forms.validate(form, answers, by=by)
            engine.advance(
                case_id=case.id,
                step=step,
                choice=choice,
                form=answers,
                grounds=request.POST.get("grounds", "")[:500],
                by=by,
                at=now,
            )
            return redirect("my-case", number=number)
        except YiwangError as error:
            wrong = error
    context = {"case": case, "choice": offered, "form": form, "answers": answers, "wrong": wrong}
    return render(request, "citizen/step.html", context, status=wrong.status if wrong else 200)


@require_POST
@audience("applicant")
def urge(request: HttpRequest, number: str) -> HttpResponse:
    """催办."""
    by = actor(request)
    case = cases.get(cases.by_number(number).id, by)
    engine.urge(case_id=case.id, by=by, at=timezone.now())
    return redirect("my-case", number=number)


@require_POST
@audience("applicant")
def recall(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """收回: one's own choice that nobody has acted on; the step waits again."""
    by = actor(request)
    case = cases.get(cases.by_number(number).id, by)
    instance = request.POST.get("instance", "")[:40]
    engine.recall(case_id=case.id, step=step, instance=instance, by=by, at=timezone.now())
    return redirect("my-case", number=number)


@require_POST
@audience("applicant")
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """撤回."""
    by = actor(request)
    case = cases.get(cases.by_number(number).id, by)
    engine.withdraw(case_id=case.id, reason=request.POST.get("reason", "")[:200], by=by, at=timezone.now())
    return redirect("my-case", number=number)


@require_http_methods(["GET", "POST"])
@audience("applicant")
def rate(request: HttpRequest, number: str) -> HttpResponse:
    """好差评: five levels, things to tick, a few words."""
    by, now = actor(request), timezone.now()
    case = cases.get(cases.by_number(number).id, by)
    wrong: YiwangError | None = None
    if request.method == "POST":
        given = request.POST
        try:
            feedback.rate(
                case_id=case.id,
                level=int(given["level"]) if given.get("level", "") in "12345" and given.get("level") else 0,
                channel=Channel.WEB,
                tags=given.getlist("tags")[:10],
                words=given.get("words", ""),
                by=by,
                at=now,
            )
            return redirect("my-case", number=number)
        except YiwangError as refused:
            wrong = refused
    levels = [(level, ratings.tags_for(level)) for level in Level]
    context = {"case": case, "levels": levels, "wrong": wrong, "given": request.POST}
    return render(request, "citizen/rate.html", context, status=wrong.status if wrong else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@audience("public")
def track(request: HttpRequest) -> HttpResponse:
    """Progress by number and the last four digits of the phone, without signing in."""
    now = timezone.now()
    number, tail = request.POST.get("number", ""), request.POST.get("tail", "")
    progress, wrong = None, None
    if request.method == "POST":
        try:
            visitor = request.META.get("REMOTE_ADDR", "")
            throttle.count("citizen.track", visitor, at=now, most=TRACKS_MAX, window=TRACK_WINDOW)
            progress = journeys.progress(applications.tracked(number[:40], tail[:4]).root.id, at=now)
        except YiwangError as refused:
            wrong = refused
    context = {"progress": progress, "wrong": wrong, "number": number or request.GET.get("number", "")[:40]}
    return render(request, "citizen/track.html", context, status=wrong.status if wrong else 200)


urlpatterns = [
    path("my", space, name="space"),
    path("my/cases", my_cases, name="my-cases"),
    path("my/cases/<str:number>", my_case, name="my-case"),
    path("my/cases/<str:number>/steps/<slug:step>/<slug:choice>", step, name="my-case-step"),
    path("my/cases/<str:number>/urge", urge, name="my-case-urge"),
    path("my/cases/<str:number>/recall/<slug:step>", recall, name="my-case-recall"),
    path("my/cases/<str:number>/withdraw", withdraw, name="my-case-withdraw"),
    path("my/cases/<str:number>/rate", rate, name="my-case-rate"),
    path("track", track, name="track"),
]
