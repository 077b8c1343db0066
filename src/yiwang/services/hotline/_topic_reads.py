"""Reading hot topics, repeated callers, how often suggestions were followed, and what was chosen to be solved each month."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

import numpy as np
from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import Left, TruncMonth

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.masking import mask_name, mask_phone
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.cases.contracts import CaseStatus
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.kernel.workdays.queries import legal_day
from yiwang.services.hotline import _policy, _rising, _signature, _signing
from yiwang.services.hotline._topic_shapes import (
    Agreement,
    NoSuchTopic,
    QuestionView,
    RepeatedCaller,
    TopicRunView,
    TopicView,
)
from yiwang.services.hotline._views import as_view
from yiwang.services.hotline.contracts import TicketView
from yiwang.services.hotline.models import MonthlyQuestion, Ticket, TicketSignature, Topic, TopicRun, TopicTicket

SEE = "cases.view"
REPEATED_MIN, REPEATED_MAX, LAST_NUMBERS = 3, 100, 5
NEAR, NEAR_MAX = 0.25, 3
MONTHS_SHOWN, MONTHS_AROUND = 24, 3


def hot_topics(by: Actor, *, region_code: str = "", rising_only: bool = False, size: int = 50) -> list[TopicView]:
    """Topics of today, those of most callers first. Raises NotPermitted for who sees no tickets."""
    require_sight(by)
    rows = Topic.objects.filter(is_current=True)
    if region_code:
        rows = rows.filter(region_code__startswith=region_code.rstrip("0"))
    if rising_only:
        rows = rows.filter(is_rising=True)
    return _views(list(rows.select_related("middle").order_by("-callers", "-tickets", "id")[:size]))


def topic(topic_id: int, by: Actor) -> TopicView:
    """Raises NoSuchTopic, NotPermitted."""
    require_sight(by)
    row = Topic.objects.filter(pk=topic_id).select_related("middle").first()
    if row is None:
        raise NoSuchTopic("没有这个热点。", hint="热点每晚重新归集，请回到列表看今天的。")
    return _views([row])[0]


def behind(topic_id: int, by: Actor, *, cursor: str | None = None, size: int = 20) -> Page[TicketView]:
    """The tickets behind a topic that `by` may see, newest first."""
    members = TopicTicket.objects.filter(topic=topic_id).values("ticket")
    rows = access.visible(by, Ticket.objects.filter(pk__in=members), SEE).select_related("case")
    return keyset(rows, order=("-received_at", "-id"), cursor=cursor, size=size).map(as_view)


def last_run() -> TopicRunView | None:
    row = TopicRun.objects.order_by("-pk").first()
    if row is None:
        return None
    return TopicRunView(row.at, row.since, row.tickets, row.signed, row.topics, row.rising, row.took_ms)


def near_topics(text: str) -> list[tuple[int, int]]:
    """Ids of today's topics that a text belongs to, with how close in percent; while somebody types, no query but one."""
    signed = _signature.signatures([text], _signing.seen())[0]
    if len(signed) < 4:
        return []
    stamp = TopicRun.objects.aggregate(last=Max("pk"))["last"] or 0
    ids, pieces, weights = _current(stamp)
    found = [(one, round(100 * _closeness(signed, own, weights))) for one, own in zip(ids, pieces, strict=True)]
    return sorted((one for one in found if one[1] >= 100 * NEAR), key=lambda one: (-one[1], one[0]))[:NEAR_MAX]


def near(text: str, by: Actor) -> list[tuple[TopicView, int]]:
    """Today's topics that a text belongs to, the closest first, each with how close in percent. Raises NotPermitted."""
    require_sight(by)
    found = dict(near_topics(text))
    views = {one.id: one for one in _views(list(Topic.objects.filter(pk__in=found).select_related("middle")))}
    return [(views[one], close) for one, close in found.items() if one in views]


def repeated_callers(by: Actor, *, since: datetime, until: datetime) -> list[RepeatedCaller]:
    """Who came three times or more, the most often first; masked. Whoever reported in confidence is not among them."""
    mine = access.visible(by, Ticket.objects.filter(received_at__gte=since, received_at__lt=until), SEE)
    counted = (
        mine.exclude(phone_index="")
        .values("phone_index")
        .annotate(n=Count("pk"), open=Count("pk", filter=Q(case__status=CaseStatus.OPEN)), last=Max("pk"))
        .filter(n__gte=REPEATED_MIN)
        .order_by("-n", "-last")[:REPEATED_MAX]
    )
    groups = list(counted)
    rows = mine.filter(phone_index__in=[one["phone_index"] for one in groups]).order_by("-received_at", "-pk")
    of: dict[str, list[Ticket]] = {}
    for row in rows.only("phone_index", "number", "category", "caller", "received_at"):
        of.setdefault(row.phone_index, []).append(row)
    return [_repeated(of[one["phone_index"]], one["n"], one["open"]) for one in groups]


def agreement(by: Actor, *, since: date, until: date) -> Agreement:
    """How the categories that people decided compare with what was suggested when the ticket came in."""
    decided = TicketSignature.objects.filter(
        received_at__gte=_begin(since),
        received_at__lt=_begin(until + timedelta(days=1)),
        ticket__in=access.visible(by, Ticket.objects.exclude(category="").filter(dispatched_at__isnull=False), SEE),
    )
    counts = decided.annotate(branch=Left("ticket__category", 2), said=Left("advice", 2)).aggregate(
        decided=Count("pk"),
        none=Count("pk", filter=Q(advice="")),
        same=Count("pk", filter=Q(ticket__category=F("advice"))),
        same_branch=Count("pk", filter=Q(branch=F("said"))),
    )
    return Agreement(since, until, **counts)


def questions(by: Actor, *, at: datetime) -> list[QuestionView]:
    """每月一题, the latest month first, each with its messages month by month."""
    require_sight(by)
    rows = MonthlyQuestion.objects.filter(dropped_at__isnull=True).order_by("-month", "pk")[:MONTHS_SHOWN]
    chosen = list(rows)
    names = orgs.named(row.lead_org_id for row in chosen)
    return [_question(row, names[row.lead_org_id].short_name, _counted(row, at)) for row in chosen]


def require_sight(by: Actor) -> None:
    """Raises NotPermitted unless the hotline's tickets are the reader's to see."""
    for office in orgs.of_kind(_policy.policy().office):
        if access.may(by, SEE, office.id):
            return
    for office in orgs.of_kind(_policy.policy().office):
        access.require(by, SEE, at_org=office.id)


def _views(rows: Sequence[Topic]) -> list[TopicView]:
    regions = orgs.regions({row.region_code for row in rows})
    tree = _policy.tree()
    return [
        TopicView(
            id=row.pk,
            name=row.name,
            category=row.category,
            category_name=tree.line(row.category),
            region_code=row.region_code,
            region_name=regions[row.region_code].name if row.region_code in regions else "",
            tickets=row.tickets,
            callers=row.callers,
            weeks=tuple(row.weeks),
            rising=_rising.rising(row.weeks[-1], sum(row.weeks[:-1])),
            first_at=row.first_at,
            last_at=row.last_at,
            middle_number=row.middle.number,
        )
        for row in rows
    ]


def _repeated(tickets: Sequence[Ticket], count: int, still_open: int) -> RepeatedCaller:
    tree, caller = _policy.tree(), tickets[0].caller or {}
    named = dict.fromkeys(tree.name(row.category[:2]) for row in tickets if row.category)
    return RepeatedCaller(
        phone_masked=mask_phone(str(caller.get("phone", ""))),
        name_masked=mask_name(str(caller.get("name", ""))),
        tickets=count,
        open=still_open,
        categories=tuple(named),
        last_at=tickets[0].received_at,
        numbers=tuple(row.number for row in tickets[:LAST_NUMBERS]),
    )


def _counted(row: MonthlyQuestion, at: datetime) -> dict[date, int]:
    """Messages by month, from three months before the question to three after it; one query."""
    first, last = _months_on(row.month, -MONTHS_AROUND), min(_months_on(row.month, MONTHS_AROUND), legal_day(at))
    months = [month for n in range(2 * MONTHS_AROUND + 1) if (month := _months_on(first, n)) <= last]
    of = _of_question(row).filter(
        received_at__gte=_begin(first), received_at__lt=_begin(_months_on(first, len(months)))
    )
    month_of = TruncMonth("received_at", tzinfo=LEGAL_TIME)
    counted = of.annotate(month=month_of).order_by().values_list("month").annotate(n=Count("pk"))
    found = {month.date(): n for month, n in counted}
    return {month: found.get(month, 0) for month in months}


def _months_on(day: date, n: int) -> date:
    """The first of the month that is so many months on."""
    years, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(years, month + 1, 1)


def _question(row: MonthlyQuestion, lead: str, months: dict[date, int]) -> QuestionView:
    return QuestionView(
        id=row.pk,
        month=row.month,
        title=row.title,
        plan=row.plan,
        topic_id=row.topic_id,
        category_name=_policy.tree().line(row.category),
        lead_org_id=row.lead_org_id,
        lead_name=lead,
        before=sum(n for month, n in months.items() if month < row.month),
        since=sum(n for month, n in months.items() if month >= row.month),
        months=tuple(months.items()),
    )


def _of_question(row: MonthlyQuestion) -> QuerySet[Ticket]:
    if row.topic_id is not None:
        return Ticket.objects.filter(pk__in=TopicTicket.objects.filter(topic=row.topic_id).values("ticket"))
    return Ticket.objects.filter(category__startswith=row.category)


def _begin(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LEGAL_TIME)


@lru_cache(maxsize=2)
def _current(stamp: int) -> tuple[list[int], list[list[int]], dict[int, float]]:
    rows = list(Topic.objects.filter(is_current=True).order_by("pk").values_list("pk", "pieces"))
    all_pieces = np.array(sorted({piece for _, pieces in rows for piece in pieces}), dtype=np.int64)
    rare = _signing.seen().rarity(all_pieces)
    weights = dict(zip(all_pieces.tolist(), rare.tolist(), strict=True))
    return [one for one, _ in rows], [pieces for _, pieces in rows], weights


def _closeness(one: Sequence[int], other: Sequence[int], weights: dict[int, float]) -> float:
    """The weight of what both have beside the weight of what they have on the average."""
    both = sum(weights[piece] ** 2 for piece in set(one) & set(other) if piece in weights)
    usual = sum(weights[piece] ** 2 for piece in other)
    return both / usual if usual else 0.0
