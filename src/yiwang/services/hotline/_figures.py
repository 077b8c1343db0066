"""What duty leaders and units look at: what is late, who asked for screening, the rates of a period."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db.models import Count, F, Q

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.cases.contracts import CaseStatus
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.kernel.workdays.queries import day_begins
from yiwang.services.hotline import _policy
from yiwang.services.hotline._views import as_view, ruling_view, screening_view
from yiwang.services.hotline.contracts import (
    NoSuchTicket,
    Rates,
    RulingView,
    Satisfaction,
    ScreeningView,
    Watch,
)
from yiwang.services.hotline.models import Ruling, Screening, Ticket

LEAD = "hotline.lead"
COUNT_MAX = 1000
SOON = timedelta(days=7)


def screening(screening_id: int) -> ScreeningView:
    """One application for 甄别. Raises NoSuchTicket."""
    row = Screening.objects.select_related("ticket").filter(pk=screening_id).first()
    if row is None:
        raise NoSuchTicket("没有这个甄别申请。", hint="请刷新后再看。")
    return screening_view(row)


def rulings(*, cursor: str | None = None, size: int = 20) -> Page[RulingView]:
    """会商裁定, the latest first; those that were replaced too."""
    rows = Ruling.objects.select_related("ticket")
    return keyset(rows, order=("-decided_at", "-id"), cursor=cursor, size=size).map(ruling_view)


def overdue(by: Actor, *, at: datetime) -> int:
    """How many tickets are past their day at the hotlines that `by` leads, counted up to a thousand; one query."""
    rows = access.visible(by, Ticket.objects.filter(case__status=CaseStatus.OPEN), LEAD)
    return rows.filter(finished_at=None, is_parked=False, due_at__lte=at)[:COUNT_MAX].count()


def watch(by: Actor, *, at: datetime, size: int = 20) -> Watch:
    """What is late, silent, parked past its day, supervised, or waits to be screened, at the hotlines that `by` leads."""
    rows = access.visible(by, Ticket.objects.filter(case__status=CaseStatus.OPEN), LEAD).select_related("case")
    unfinished = rows.filter(finished_at=None, is_parked=False)
    lists = {
        "overdue": unfinished.filter(due_at__lte=at).order_by("due_at", "id"),
        "silent": unfinished.filter(respond_due_at__lte=at, responded_at=None).order_by("respond_due_at", "id"),
        "parked": rows.filter(is_parked=True, review_on__lte=at.date() + SOON).order_by("review_on", "id"),
        "supervised": rows.filter(redone__gte=1, solved=False).order_by("-id"),
    }
    found = {name: tuple(as_view(row) for row in queryset[:size]) for name, queryset in lists.items()}
    counts = {name: queryset[:COUNT_MAX].count() for name, queryset in lists.items()}
    asked = access.visible(by, Screening.objects.filter(decided_at=None), LEAD, "ticket__org").select_related("ticket")
    counts["screenings"] = asked[:COUNT_MAX].count()
    screenings = tuple(screening_view(row) for row in asked.order_by("asked_at", "id")[:size])
    return Watch(**found, screenings=screenings, counts=counts)


def rates(since: date, until: date, *, org_ids: Sequence[int] | None = None, region: str = "") -> list[Rates]:
    """响应率、解决率、满意率 of every unit to which tickets went in a period (legal days, both included); one query.

    `region` leaves the tickets of that place and those below it.
    """
    start, end = day_begins(since), datetime.combine(until, time.max, LEGAL_TIME)
    rows = Ticket.objects.filter(dispatched_at__gte=start, dispatched_at__lte=end, lead_org__isnull=False)
    rows = rows if org_ids is None else rows.filter(lead_org__in=org_ids)
    rows = rows.filter(region_code__startswith=orgs.stem(region)) if region else rows
    counted, heard = (
        Q(excluded=""),
        Q(excluded="", contacted=True, kind__in=[k.value for k in _policy.policy().assessed]),
    )
    found = (
        rows.values("lead_org_id")
        .annotate(
            n_dispatched=Count("id", filter=counted),
            n_responded=Count("id", filter=counted & Q(responded_at__lte=F("respond_due_at"))),
            n_asked=Count("id", filter=heard),
            n_solved=Count("id", filter=heard & Q(solved=True)),
            n_satisfied=Count("id", filter=heard & Q(satisfaction__lte=Satisfaction.FAIR.value)),
            n_excluded=Count("id", filter=~counted),
            n_returned=Count("id", filter=counted & Q(returns__gte=1)),
            n_redone=Count("id", filter=counted & Q(redone__gte=1)),
            n_late=Count("id", filter=counted & Q(is_late=True)),
        )
        .order_by("lead_org_id")
    )
    return [
        Rates(
            org_id=row["lead_org_id"] or 0,
            dispatched=row["n_dispatched"],
            responded=row["n_responded"],
            asked=row["n_asked"],
            solved=row["n_solved"],
            satisfied=row["n_satisfied"],
            excluded=row["n_excluded"],
            returned=row["n_returned"],
            redone=row["n_redone"],
            late=row["n_late"],
            since=since,
            until=until,
        )
        for row in found
    ]
