"""/desk/hotline/topics: hot topics and the tickets behind each; /desk/hotline/report: the month as page, PDF and CSV."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yiwang.kernel.access import queries as access
from yiwang.kernel.base import tables
from yiwang.kernel.base.contracts import Conflict, Invalid, YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.design import queries as design
from yiwang.services.hotline import _forms, _questions, _reports, _topic_reads
from yiwang.services.hotline._questions import LEAD
from yiwang.services.hotline._reports import Line, Report

REPEATED_DAYS = 30
_PRINT = Path(__file__).parent / "static" / "hotline" / "print.css"
_BAR = 160
_WEEKDAYS = "一二三四五六日"
_HOURS = range(24)
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@never_cache
@require_GET
@audience("staff")
def topics(request: HttpRequest) -> HttpResponse:
    """Today's topics, who came again and again, and what is being solved this month."""
    by, now = actor(request), timezone.now()
    rising_only = request.GET.get("rising") == "1"
    context = {
        "topics": _topic_reads.hot_topics(by, rising_only=rising_only),
        "rising_only": rising_only,
        "run": _topic_reads.last_run(),
        "callers": _topic_reads.repeated_callers(by, since=now - timedelta(days=REPEATED_DAYS), until=now),
        "questions": _topic_reads.questions(by, at=now),
        "may_choose": access.may_anywhere(by, LEAD),
        "days": REPEATED_DAYS,
    }
    return render(request, "hotline/topics.html", context)


@never_cache
@require_GET
@audience("staff")
def topic(request: HttpRequest, topic_id: int) -> HttpResponse:
    """One topic and the tickets behind it."""
    return _topic(request, topic_id, None)


def _topic(request: HttpRequest, topic_id: int, wrong: YiwangError | None) -> HttpResponse:
    by, now = actor(request), timezone.now()
    may_choose = access.may_anywhere(by, LEAD)
    context = {
        "topic": _topic_reads.topic(topic_id, by),
        "page": _topic_reads.behind(topic_id, by, cursor=request.GET.get("cursor")),
        "chosen": [one for one in _topic_reads.questions(by, at=now) if one.topic_id == topic_id],
        "may_choose": may_choose,
        "units": _forms.units() if may_choose else [],
        "month": request.POST.get("month") or f"{timezone.localdate():%Y-%m}",
        "given": request.POST,
        "wrong": wrong,
    }
    return render(request, "hotline/topic.html", context, status=wrong.status if wrong else 200)


@never_cache
@require_POST
@audience("staff")
def choose(request: HttpRequest, topic_id: int) -> HttpResponse:
    """This topic as a month's question: why and how it is to be solved, and who leads."""
    given, month = request.POST, _MONTH.fullmatch(request.POST.get("month", ""))
    try:
        _questions.choose_question(
            month=date(int(month[1]), int(month[2]), 1) if month else date.min,
            title=given.get("title", ""),
            plan=given.get("plan", ""),
            lead_org_id=_forms.whole(given.get("lead", "")) or 0,
            topic_id=topic_id,
            by=actor(request),
            at=timezone.now(),
        )
    except (Conflict, Invalid) as refused:
        return _topic(request, topic_id, refused)
    messages.success(request, "已选为每月一题。")
    return redirect("desk-hotline-topics")


@require_POST
@audience("staff")
def drop(request: HttpRequest, question_id: int) -> HttpResponse:
    """Off the list; it stays in the books."""
    _questions.drop_question(question_id=question_id, by=actor(request), at=timezone.now())
    messages.success(request, "已从每月一题撤下。")
    return redirect("desk-hotline-topics")


@never_cache
@require_GET
@audience("staff")
def report(request: HttpRequest) -> HttpResponse:
    """The month in figures; `?month=2026-11`."""
    return render(request, "hotline/report.html", _context(_asked(request)))


@never_cache
@require_GET
@audience("staff")
def report_csv(request: HttpRequest) -> HttpResponse:
    """The same figures as a table."""
    found = _asked(request)
    return tables.answer(_reports.csv_rows(found), filename=f"hotline-{found.month:%Y-%m}.csv")


@never_cache
@require_GET
@audience("staff")
def report_pdf(request: HttpRequest) -> HttpResponse:
    """The same page as a document. Raises NoPdf."""
    found = _asked(request)
    pdf = design.pdf(
        render_to_string("hotline/report_print.html", _context(found)), style=_PRINT.read_text(encoding="utf-8")
    )
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="hotline-{found.month:%Y-%m}.pdf"'
    return answer


def _asked(request: HttpRequest) -> Report:
    found = _MONTH.fullmatch(request.GET.get("month", ""))
    month = date(int(found[1]), int(found[2]), 1) if found else timezone.localdate()
    return _reports.monthly(actor(request), month=month, at=timezone.now())


def _context(found: Report) -> dict[str, Any]:
    most = max((n for row in found.heat for n in row), default=0)
    figures = [
        {"title": title, "lines": [_bar(line, lines) for line in lines if line.now or line.before]}
        for title, lines in _reports.figures(found)
    ]
    heat = [(_WEEKDAYS[day], [(n, _level(n, most)) for n in row], sum(row)) for day, row in enumerate(found.heat)]
    day, hour, n = found.busiest
    return {
        "report": found,
        "figures": figures,
        "heat": heat,
        "hours": _HOURS,
        "busiest": f"周{_WEEKDAYS[day]}{hour}时（{n}件）" if n else "",
    }


def _bar(line: Line, lines: tuple[Line, ...]) -> dict[str, Any]:
    most = max(1, *(max(one.now, one.before) for one in lines))
    return {"line": line, "now": round(_BAR * line.now / most), "before": round(_BAR * line.before / most)}


def _level(n: int, most: int) -> int:
    """0 for nothing, 1 to 5 by how much of the most."""
    return 0 if not n else min(5, 1 + (5 * (n - 1)) // most)


urlpatterns = [
    path("desk/hotline/topics", topics, name="desk-hotline-topics"),
    path("desk/hotline/topics/<int:topic_id>", topic, name="desk-hotline-topic"),
    path("desk/hotline/topics/<int:topic_id>/question", choose, name="desk-hotline-choose"),
    path("desk/hotline/questions/<int:question_id>/drop", drop, name="desk-hotline-drop-question"),
    path("desk/hotline/report", report, name="desk-hotline-report"),
    path("desk/hotline/report.csv", report_csv, name="desk-hotline-report-csv"),
    path("desk/hotline/report.pdf", report_pdf, name="desk-hotline-report-pdf"),
]
