"""/desk/cards: cards of one's units with a chart, and giving one out; /desk/recalculations: what a new calendar changed."""

import itertools
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.kernel.access import queries as access
from yiwang.kernel.base import tables
from yiwang.kernel.base.contracts import Actor, Conflict, Denied, Invalid, NotFound, YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import RedatedView
from yiwang.kernel.orgs import queries as orgs
from yiwang.office.supervision import actions, queries
from yiwang.office.supervision.contracts import STATUS_NAMES, Colour, UnitFigure

STATES = [("open", "未了结"), *((status.value, name) for status, name in STATUS_NAMES.items() if status != "noted")]
BAR = 300
CSV_ROWS_MAX = 200_000


@never_cache
@require_GET
@audience("staff")
def cards(request: HttpRequest) -> HttpResponse:
    """Cards by unit, state and month, and how the units compare."""
    by = actor(request)
    since, until = _month(request.GET.get("month", ""))
    chosen = {name: request.GET.get(name, "")[:20] for name in ("unit", "state", "month")}
    page = queries.listed(
        by,
        org_id=int(chosen["unit"]) if chosen["unit"].isdecimal() else None,
        status=chosen["state"] if chosen["state"] in dict(STATES) else "",
        since=since,
        until=until,
        with_warnings=request.GET.get("warnings") == "1",
        cursor=request.GET.get("cursor"),
    )
    today = timezone.localdate()
    figures = queries.figures(by, since or today.replace(day=1), until or today)
    names = orgs.named(
        [*(figure.org_id for figure in figures), *(card.org_id for card in page.items), *queries.units(by)]
    )
    context = {
        "page": page.map(lambda card: {"card": card, "unit": names[card.org_id].short_name}),
        "bars": _bars(figures, {org_id: org.short_name for org_id, org in names.items()}),
        "period": (since or today.replace(day=1), until or today),
        "units": sorted((org.id, org.short_name) for org in names.values()),
        "states": STATES,
        "chosen": chosen | {"warnings": request.GET.get("warnings", "")},
        "may_issue": access.may_anywhere(by, queries.SUPERVISE),
    }
    return render(request, "supervision/cards.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@audience("staff")
def new(request: HttpRequest) -> HttpResponse:
    """Give out a card by hand."""
    given = request.POST or request.GET
    number, colour = given.get("case", "").strip()[:24], given.get("colour", "yellow")
    wrong: YiwangError | None = None
    if request.method == "POST":
        try:
            card = actions.issue(
                case_number=number,
                colour=Colour(colour) if colour in set(Colour) else Colour.WARNING,
                reason=request.POST.get("reason", ""),
                by=actor(request),
                at=timezone.now(),
            )
        except (Conflict, Invalid, NotFound, Denied) as refused:
            wrong = refused
        else:
            messages.success(request, f"已发{card.colour_name}：{card.number}")
            return redirect("desk-cards")
    context = {"number": number, "colour": colour, "reason": given.get("reason", ""), "wrong": wrong}
    return render(request, "supervision/new.html", context, status=wrong.status if wrong else 200)


@require_POST
@audience("staff")
def urge(request: HttpRequest) -> HttpResponse:
    """催办 by a supervisor; who holds the step is told, and supervision counts it."""
    number = request.POST.get("case", "").strip()[:24]
    try:
        found = cases.by_number(number)
        engine.urge(case_id=found.id, words=request.POST.get("reason", "")[:500], by=actor(request), at=timezone.now())
    except (Conflict, Invalid, NotFound, Denied) as refused:
        context = {"number": number, "colour": "yellow", "reason": request.POST.get("reason", ""), "wrong": refused}
        return render(request, "supervision/new.html", context, status=refused.status)
    messages.success(request, f"已催办：{found.number}")
    return redirect("desk-cards")


@never_cache
@require_GET
@audience("staff")
def recalculations(request: HttpRequest) -> HttpResponse:
    """Every time that a calendar changed what was running."""
    page = cases.redatings(request.GET.get("cursor"))
    return render(request, "supervision/recalculations.html", {"page": page})


@never_cache
@require_GET
@audience("staff")
def recalculation(request: HttpRequest, run_id: int) -> HttpResponse:
    """What one of them changed where the reader supervises."""
    run = cases.redating(run_id)
    page = cases.redated(run_id, actor(request), request.GET.get("cursor"))
    names = orgs.named(line.org_id for line in page.items)
    lines = page.map(lambda line: {"line": line, "unit": names[line.org_id].short_name})
    context = {"run": run, "page": lines, "seats": _seats(actor(request))}
    return render(request, "supervision/recalculation.html", context)


@never_cache
@require_GET
@audience("staff")
def recalculation_csv(request: HttpRequest, run_id: int) -> HttpResponse:
    """The same as a file for spreadsheets."""
    cases.redating(run_id)
    rows = itertools.islice(_redated(run_id, actor(request)), CSV_ROWS_MAX)
    return tables.answer(itertools.chain([RedatedView.COLUMNS], rows), filename=f"recalculation-{run_id}.csv")


def _seats(by: Actor) -> list[str]:
    """Where the posts stand from which the actor supervises."""
    held = {post.org_id for post in by.posts if access.may(by, queries.SUPERVISE, post.org_id)}
    return [org.short_name for org in orgs.named(held).values()]


def _redated(run_id: int, by: Actor) -> Iterator[tuple[str, ...]]:
    cursor: str | None = None
    while True:
        page = cases.redated(run_id, by, cursor, size=200)
        yield from (line.row for line in page.items)
        cursor = page.next_cursor
        if cursor is None:
            return


def _month(text: str) -> tuple[date | None, date | None]:
    """The first and last day of `2026-11`; nothing for anything else."""
    found = re.fullmatch(r"(20\d{2})-(0[1-9]|1[0-2])", text)
    if not found:
        return None, None
    first = date(int(found[1]), int(found[2]), 1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _bars(figures: list[UnitFigure], names: dict[int, str]) -> list[dict[str, Any]]:
    """One line a unit: yellow and red cards side by side, on one scale."""
    most = max((figure.yellow + figure.red for figure in figures), default=0) or 1
    return [
        {
            "figure": figure,
            "unit": names[figure.org_id],
            "yellow": BAR * figure.yellow // most,
            "red": BAR * figure.red // most,
            "start": BAR * figure.yellow // most,
        }
        for figure in figures
    ]


urlpatterns = [
    path("desk/cards", cards, name="desk-cards"),
    path("desk/cards/new", new, name="desk-card-new"),
    path("desk/cards/urge", urge, name="desk-card-urge"),
    path("desk/recalculations", recalculations, name="desk-recalculations"),
    path("desk/recalculations/<int:run_id>", recalculation, name="desk-recalculation"),
    path("desk/recalculations/<int:run_id>.csv", recalculation_csv, name="desk-recalculation-csv"),
]
