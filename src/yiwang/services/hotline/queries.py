"""Reading tickets: one, lists, those that are alike, suggestions, answers, figures of units."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.cases import queries as cases
from yiwang.services.hotline import _intake, _lists, _policy, contracts
from yiwang.services.hotline._figures import overdue as overdue
from yiwang.services.hotline._figures import rates as rates
from yiwang.services.hotline._figures import rulings as rulings
from yiwang.services.hotline._figures import screening as screening
from yiwang.services.hotline._figures import watch as watch
from yiwang.services.hotline._hints import alike as alike
from yiwang.services.hotline._hints import answers as answers
from yiwang.services.hotline._hints import suggest as suggest
from yiwang.services.hotline._hints import unit_for as unit_for
from yiwang.services.hotline._learning import labelled as labelled
from yiwang.services.hotline._list_shapes import TicketRow
from yiwang.services.hotline._policy import Tree
from yiwang.services.hotline._standing import is_callers as is_callers
from yiwang.services.hotline._standing import mine as mine
from yiwang.services.hotline._standing import panel as panel
from yiwang.services.hotline._standing import standing as standing
from yiwang.services.hotline._topic_reads import agreement as agreement
from yiwang.services.hotline._topic_reads import behind as behind
from yiwang.services.hotline._topic_reads import hot_topics as hot_topics
from yiwang.services.hotline._topic_reads import last_run as last_run
from yiwang.services.hotline._topic_reads import near as near
from yiwang.services.hotline._topic_reads import near_topics as near_topics
from yiwang.services.hotline._topic_reads import questions as questions
from yiwang.services.hotline._topic_reads import repeated_callers as repeated_callers
from yiwang.services.hotline._topic_reads import topic as topic
from yiwang.services.hotline._views import as_view as as_view
from yiwang.services.hotline._views import calls as calls
from yiwang.services.hotline.contracts import Channel, NoSuchTicket, TicketView
from yiwang.services.hotline.models import Ticket

SEE, LEAD = "cases.view", "hotline.lead"


KINDS = frozenset({contracts.KIND, contracts.HELP})
"""Kinds of cases that have a panel."""


def view(number: str) -> TicketView:
    """A ticket without asking who looks: for apps that have asked themselves. Raises NoSuchTicket."""
    return as_view(_one(Ticket.objects.filter(number=number.strip())))


def by_case(case_id: int) -> TicketView | None:
    """The ticket of a case; None for a case that is none."""
    row = Ticket.objects.filter(case=case_id).select_related("case").first()
    return as_view(row) if row else None


def get(number: str, by: Actor) -> TicketView:
    """A ticket as `by` may see it. Raises NoSuchTicket, NotYourCase."""
    found = view(number)
    cases.get(found.case_id, by)
    return found


def listed(by: Actor, *, cursor: str | None = None, size: int = 20, **which: object) -> Page[TicketView]:
    """Whole tickets of the hotlines that `by` watches, newest first; `which` are columns: kind, channel, lead_org … A page shows `rows`."""
    found = access.visible(by, Ticket.objects.filter(**which), SEE).select_related("case")
    return keyset(found, order=("-received_at", "-id"), cursor=cursor, size=size).map(as_view)


def rows(
    by: Actor, *, state: str = "all", kind: str = "", cursor: str | None = None, size: int = 20
) -> Page[TicketRow]:
    """Tickets of the hotlines that `by` watches, newest first; `state` open, closed or all; one query."""
    return _lists.tickets(by, SEE, state=state, kind=kind, cursor=cursor, size=size)


def of_phone(phone: str, by: Actor, *, size: int = 10) -> list[TicketView]:
    """What came before from a number that was shown: a claim. Never a 举报, which no number leads to."""
    wanted = _intake.phone_of(phone)
    if len(wanted) < 5:
        return []
    rows = access.visible(by, Ticket.objects.filter(phone_index=sealed_index(wanted)), SEE)
    return [as_view(row) for row in rows.select_related("case").order_by("-id")[:size]]


def shared(
    *,
    numbers: Sequence[str] = (),
    codes: Sequence[str] = (),
    categories: Sequence[str] = (),
    statuses: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    size: int = 100,
) -> list[TicketView]:
    """Tickets that came over the open interface, newest first; anybody may know of them. Never a 举报."""
    rows = Ticket.objects.filter(channel=Channel.OPEN311.value, is_confidential=False).select_related("case")
    rows = rows.filter(number__in=numbers) if numbers else rows
    rows = rows.filter(case__query_code__in=codes) if codes else rows
    rows = rows.filter(category__in=categories) if categories else rows
    rows = rows.filter(case__status__in=statuses) if statuses else rows
    rows = rows.filter(received_at__gte=since) if since else rows
    rows = rows.filter(received_at__lte=until) if until else rows
    return [as_view(row) for row in rows.order_by("-received_at", "-id")[:size]]


def categories() -> Tree:
    """All categories of the place."""
    return _policy.tree()


def _one(rows: QuerySet[Ticket]) -> Ticket:
    row = rows.select_related("case").first()
    if row is None:
        raise NoSuchTicket("没有这件工单。", hint="请核对编号。")
    return row
