"""Pages of the desk: the lists, one case, and everything that is done to it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.kernel.base.contracts import Actor, Conflict, Invalid, YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import Box, CannotAdvance, CaseView, ChoiceView, NoSuchCase
from yiwang.kernel.forms import actions as filling
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.forms.contracts import Answers
from yiwang.kernel.people import queries as people
from yiwang.kernel.workdays.contracts import Limit
from yiwang.portal.staff import actions
from yiwang.portal.staff._rail import TITLES
from yiwang.portal.staff.packs import urlpatterns as of_packs
from yiwang.services.applications import actions as applications
from yiwang.services.applications import queries as written

# The boxes that one kind of case is looked through by.
KIND_BOXES = (Box.TODO, Box.OVERDUE, Box.UNIT, Box.WAITING, Box.DONE)


@never_cache
@require_GET
@audience("staff")
def desk(request: HttpRequest) -> HttpResponse:
    """One box of the desk."""
    name = request.GET.get("box", Box.TODO.value)
    box = Box(name) if name in set(Box) else Box.TODO
    kind = request.GET.get("kind", "")[:40]
    page = cases.work_list(actor(request), box=box.value, kind=kind or None, cursor=request.GET.get("cursor"))
    context: dict[str, Any] = {"page": page, "box": box.value, "title": TITLES[box][0], "may_sign": box is Box.UNSIGNED}
    here = {row.kind for row in page.items}
    if len(here) > 1:
        context["kinds"] = sorted((code, cases.kind(code).name) for code in here)
    if kind:
        boxes = [(each.value, TITLES[each][0]) for each in KIND_BOXES]
        context |= {"kind": kind, "boxes": boxes, "title": cases.kind(kind).name}
    return render(request, "staff/desk.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@audience("staff")
def search(request: HttpRequest) -> HttpResponse:
    """Straight to a case by its number or query code, or to those of the person with an ID number or a telephone.

    Our own form sends a POST: a person's number does not belong into addresses.
    """
    wanted, by = (request.POST.get("q") or request.GET.get("q", "")).strip()[:60], actor(request)
    try:
        case = cases.seen_by_number(wanted, by)
    except YiwangError:
        parties = {party.id: party for party in people.found_parties(wanted)} if wanted else {}
        found = cases.of_applicants_seen_by(by, list(parties), at=timezone.now()) if parties else []
        rows = [(case, parties[case.applicant_id].name) for case in found if case.applicant_id is not None]
        context = {"searched_for": wanted, "rows": rows}
        return render(request, "staff/search.html", context, status=200 if rows or not wanted else 404)
    return redirect("desk-case", number=case.number)


@never_cache
@require_GET
@audience("staff")
def case(request: HttpRequest, number: str) -> HttpResponse:
    """One case on one page."""
    return _show(request, number, None)


def _show(request: HttpRequest, number: str, wrong: YiwangError | None, answers: Answers | None = None) -> HttpResponse:
    found = actions.open_case(number=number, by=actor(request), at=timezone.now())
    shown_forms = {
        choice.form_id: forms.get(choice.form_id) for task in found.mine for choice in task.choices if choice.form_id
    }
    context = {
        "found": found,
        "case": found.case,
        "wrong": wrong,
        "forms": shown_forms,
        "answers": answers or {},
    }
    return render(request, "staff/case.html", context, status=wrong.status if wrong else 200)


@require_POST
@audience("staff")
def advance(request: HttpRequest, number: str, step: str, choice: str) -> HttpResponse:
    """Take a choice; the next thing to do opens."""
    by, now = actor(request), timezone.now()
    current = cases.get(cases.by_number(number).id, by)
    answers: Answers = {}
    try:
        instance = request.POST.get("instance", "")[:40]
        offered = _offered(current, step, instance, choice)
        answers, unread = _answers(request, offered, by, now)
        if unread is not None:
            raise unread
        engine.advance(
            case_id=current.id,
            step=step,
            instance=instance,
            choice=choice,
            form=forms.validate(forms.get(offered.form_id), answers, by=by) if offered.form_id else {},
            grounds=_grounds(request),
            expected_version=int(request.POST["version"]) if request.POST.get("version", "").isdecimal() else None,
            by=by,
            at=now,
        )
    except (Conflict, Invalid) as refused:
        return _show(request, number, refused, answers)
    messages.success(request, f"已办理：{offered.name}（{current.number}）")
    return _next(request, current)


@never_cache
@require_POST
@audience("staff")
def preview(request: HttpRequest, number: str, step: str, choice: str) -> HttpResponse:
    """The document that a choice would issue. A POST, for its words are not for addresses and logs; nothing is written."""
    by, now = actor(request), timezone.now()
    current = cases.get(cases.by_number(number).id, by)
    documents, wrong = [], None
    try:
        documents = written.preview(
            case_id=current.id, step=step, choice=choice, grounds=_grounds(request), by=by, at=now
        )
    except (Conflict, Invalid) as refused:
        wrong = refused
    context: dict[str, Any] = {"documents": documents, "wrong": wrong}
    if request.POST.get("fragment"):
        return render(request, "staff/_preview.html", context)
    ticked, words = _words(request)
    offered = _offered(current, step, request.POST.get("instance", "")[:40], choice)
    context |= {"case": current, "step": step, "choice": offered, "grounds_ticked": ticked, "grounds_said": words}
    return render(request, "staff/preview.html", context)


def _offered(current: CaseView, step: str, instance: str, choice: str) -> ChoiceView:
    for task in current.steps_open:
        for each in task.choices:
            if (task.step, task.instance, each.code) == (step, instance, choice):
                return each
    raise CannotAdvance("这一步已经办完。", hint="请刷新后再看。")


def _answers(request: HttpRequest, offered: ChoiceView, by: Actor, at: datetime) -> tuple[Answers, Invalid | None]:
    """What was filled into the form of a choice, and what of it could not be read."""
    if not offered.form_id:
        return {}, None
    form = forms.get(offered.form_id)
    return filling.receive(form=form, data=request.POST, uploads=request.FILES, by=by, at=at)


def _grounds(request: HttpRequest) -> str:
    """Ticked grounds and own words, as one text the applicant will read."""
    ticked, words = _words(request)
    return "；".join([*ticked, words] if words else ticked)


def _words(request: HttpRequest) -> tuple[list[str], str]:
    ticked = [ground[:200] for ground in request.POST.getlist("ground")[:10]]
    return ticked, request.POST.get("grounds", "").strip()[:2000]


def _next(request: HttpRequest, done: CaseView) -> HttpResponse:
    """The next item of the list opens after an action; at its end the list itself."""
    page = cases.work_list(actor(request), box=Box.TODO.value, size=2)
    following = next((row for row in page.items if row.case_id != done.id), None)
    if following is None or request.POST.get("stay"):
        return redirect("desk")
    return redirect("desk-case", number=following.number)


@require_POST
@audience("staff")
def check_material(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """Mark a material as fine, or say what is wrong with it."""
    by = actor(request)
    problem = request.POST.get("problem", "").strip()[:300] if request.POST.get("verdict") == "faulty" else ""
    current = cases.get(cases.by_number(number).id, by)
    try:
        if request.POST.get("verdict") == "faulty" and not problem:
            raise Invalid("请写明这份材料哪里要更正。", hint="申请人会看到这句话。", code="staff.no-problem")
        applications.check_material(case_id=current.id, key=key, problem=problem, by=by, at=timezone.now())
    except (Conflict, Invalid) as refused:
        return _show(request, number, refused)
    return redirect(reverse("desk-case", args=[number]) + "#materials")


def _doing(act: Callable[[HttpRequest, CaseView, Actor, datetime], object]) -> Callable[..., HttpResponse]:
    """A POST on one case that comes back to its page, with what went wrong if it did."""

    @require_POST
    @audience("staff")
    def view(request: HttpRequest, number: str) -> HttpResponse:
        by, now = actor(request), timezone.now()
        current = cases.get(cases.by_number(number).id, by)
        try:
            act(request, current, by, now)
        except (Conflict, Invalid) as refused:
            return _show(request, number, refused)
        return redirect("desk-case", number=number)

    return view


@_doing
def note(request: HttpRequest, current: CaseView, by: Actor, at: datetime) -> None:
    engine.note(
        case_id=current.id,
        text=request.POST.get("text", "")[:2000],
        is_visible=request.POST.get("visible") == "1",
        by=by,
        at=at,
    )


@_doing
def pause(request: HttpRequest, current: CaseView, by: Actor, at: datetime) -> None:
    engine.pause(case_id=current.id, reason=request.POST.get("reason", "")[:40], by=by, at=at)


@_doing
def resume(_request: HttpRequest, current: CaseView, by: Actor, at: datetime) -> None:
    engine.resume(case_id=current.id, by=by, at=at)


@_doing
def extend(request: HttpRequest, current: CaseView, by: Actor, at: datetime) -> None:
    days = request.POST.get("days", "")
    if not days.isdecimal() or not 0 < int(days) < 100:
        raise Invalid("请填写延长多少个工作日。", code="staff.no-days")
    engine.extend(
        case_id=current.id,
        clock=request.POST.get("clock", "")[:40],
        limit=Limit.parse(f"{days} workdays"),
        reason=request.POST.get("reason", "")[:500],
        by=by,
        at=at,
    )


@_doing
def recall(request: HttpRequest, current: CaseView, by: Actor, at: datetime) -> None:
    step, instance = request.POST.get("step", "")[:40], request.POST.get("instance", "")[:40]
    engine.recall(case_id=current.id, step=step, instance=instance, by=by, at=at)
    messages.success(request, f"已撤回（{current.number}）")


@_doing
def send_back(request: HttpRequest, current: CaseView, by: Actor, at: datetime) -> None:
    engine.send_back(
        case_id=current.id,
        step=request.POST.get("step", "")[:40],
        to=request.POST.get("to", "")[:40],
        grounds=request.POST.get("grounds", "")[:2000],
        expected_version=int(request.POST["version"]) if request.POST.get("version", "").isdecimal() else None,
        by=by,
        at=at,
    )
    messages.success(request, f"已退回（{current.number}）")


@_doing
def hand_over(request: HttpRequest, current: CaseView, by: Actor, at: datetime) -> None:
    given = {name: request.POST.get(name, "") for name in ("task", "to")}
    if not all(value.isdecimal() for value in given.values()):
        raise Invalid("请选择转给谁。", hint="没有可选的人员时，请先给本岗位任命其他人员。", code="staff.no-receiver")
    task = engine.hand_over(
        task_id=int(given["task"]),
        to_account_id=int(given["to"]),
        reason=request.POST.get("reason", "")[:500],
        by=by,
        at=at,
    )
    messages.success(request, f"已转办：{task.name}（{current.number}）")


@_doing
def end(request: HttpRequest, current: CaseView, by: Actor, at: datetime) -> None:
    engine.terminate(case_id=current.id, reason=request.POST.get("reason", "").strip()[:2000], by=by, at=at)
    messages.success(request, f"已终止办理（{current.number}）")


@_doing
def reopen(request: HttpRequest, current: CaseView, by: Actor, at: datetime) -> None:
    step, reason = request.POST.get("step", "")[:40], request.POST.get("reason", "")[:2000]
    engine.reopen(case_id=current.id, step=step, reason=reason, by=by, at=at)
    messages.success(request, f"已重新办理（{current.number}）")


@_doing
def correct(request: HttpRequest, current: CaseView, by: Actor, at: datetime) -> None:
    code, reason = request.POST.get("correction", "")[:40], request.POST.get("reason", "")[:2000]
    engine.correct_decision(case_id=current.id, correction=code, reason=reason, by=by, at=at)
    messages.success(request, f"已更正（{current.number}）")


@require_POST
@audience("staff")
def sign(request: HttpRequest) -> HttpResponse:
    """Sign for the ticked tasks at once."""
    ids = [int(value) for value in request.POST.getlist("task")[:100] if value.isdecimal()]
    if not ids:
        raise NoSuchCase("没有选中要签收的办件。", hint="请先勾选。")
    done = engine.sign_for_many(task_ids=ids, by=actor(request), at=timezone.now())
    messages.success(request, f"已签收{len(done) if hasattr(done, '__len__') else len(ids)}件。")
    return redirect(f"{reverse('desk')}?box={Box.TODO.value}")


urlpatterns = [
    *of_packs,
    path("desk", desk, name="desk"),
    path("desk/search", search, name="desk-search"),
    path("desk/sign", sign, name="desk-sign"),
    path("desk/cases/<str:number>", case, name="desk-case"),
    path("desk/cases/<str:number>/steps/<slug:step>/<slug:choice>", advance, name="desk-advance"),
    path("desk/cases/<str:number>/steps/<slug:step>/<slug:choice>/preview", preview, name="desk-preview"),
    path("desk/cases/<str:number>/materials/<slug:key>", check_material, name="desk-check-material"),
    path("desk/cases/<str:number>/note", note, name="desk-note"),
    path("desk/cases/<str:number>/pause", pause, name="desk-pause"),
    path("desk/cases/<str:number>/resume", resume, name="desk-resume"),
    path("desk/cases/<str:number>/extend", extend, name="desk-extend"),
    path("desk/cases/<str:number>/recall", recall, name="desk-recall"),
    path("desk/cases/<str:number>/return", send_back, name="desk-return"),
    path("desk/cases/<str:number>/hand-over", hand_over, name="desk-hand-over"),
    path("desk/cases/<str:number>/end", end, name="desk-end"),
    path("desk/cases/<str:number>/reopen", reopen, name="desk-reopen"),
    path("desk/cases/<str:number>/correct", correct, name="desk-correct"),
]
