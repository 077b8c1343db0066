"""The month of the hotline in figures: how much of what, from where, to whom, how well, when, beside the month before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, Left

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.cases.contracts import CaseStatus
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.services.hotline import _figures, _policy, _topic_reads
from yiwang.services.hotline._topic_shapes import Agreement, QuestionView, TopicView
from yiwang.services.hotline.contracts import CHANNEL_NAMES, KIND_NAMES, URGENCY_NAMES, Rates
from yiwang.services.hotline.models import Ticket

TOPICS_SHOWN, LINES_MAX = 10, 40
NO_CATEGORY, NO_UNIT, NO_PLACE = "未分类", "未派单", "未标明"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a figure: this month and the month before."""

    code: str
    name: str
    now: int
    before: int

    @property
    def change_percent(self) -> int | None:
        """None where there was nothing before: nothing grows by a percentage of nothing."""
        return round(100 * (self.now - self.before) / self.before) if self.before else None


@dataclass(frozen=True, slots=True)
class UnitRates:
    name: str
    now: Rates
    before: Rates | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything on the page, in the PDF and in the CSV. `heat[weekday][hour]` counts tickets, Monday first."""

    month: date
    previous: date
    following: date
    is_running: bool
    total: Line
    closed: Line
    overdue_open: int
    kinds: tuple[Line, ...]
    channels: tuple[Line, ...]
    urgencies: tuple[Line, ...]
    branches: tuple[Line, ...]
    units: tuple[Line, ...]
    regions: tuple[Line, ...]
    heat: tuple[tuple[int, ...], ...]
    rates: tuple[UnitRates, ...]
    place: Rates | None
    place_before: Rates | None
    topics: tuple[TopicView, ...]
    questions: tuple[QuestionView, ...]
    agreement: Agreement

    @property
    def busiest(self) -> tuple[int, int, int]:
        """Weekday, hour and count of the fullest hour."""
        return max(
            ((day, hour, n) for day, row in enumerate(self.heat) for hour, n in enumerate(row)), key=lambda one: one[2]
        )


def monthly(by: Actor, *, month: date, at: datetime) -> Report:
    """The month that `month` lies in, of the hotlines whose tickets `by` may see. Raises NotPermitted.

    A constant number of queries, over two months of tickets.
    """
    _topic_reads.require_sight(by)
    this = month.replace(day=1)
    previous, following = _shifted(this, -1), _shifted(this, 1)
    rows = access.visible(
        by,
        Ticket.objects.filter(received_at__gte=_begin(previous), received_at__lt=_begin(following)),
        _topic_reads.SEE,
    )
    tree = _policy.tree()
    now, before = _rates(this, following), {one.org_id: one for one in _rates(previous, this)}
    names = orgs.named({*_ids(rows), *(one.org_id for one in now)})
    places = orgs.regions(set(rows.values_list("region_code", flat=True).distinct()))
    last = min(_shifted(this, 1), at.astimezone(LEGAL_TIME).date())
    return Report(
        month=this,
        previous=previous,
        following=following,
        is_running=_begin(following) > at,
        total=_total(rows, this),
        closed=_total(rows.filter(case__status=CaseStatus.CLOSED), this),
        overdue_open=rows.filter(is_late=True, case__status=CaseStatus.OPEN, received_at__gte=_begin(this)).count(),
        kinds=_lines(rows, F("kind"), this, {kind.value: name for kind, name in KIND_NAMES.items()}.get),
        channels=_lines(rows, F("channel"), this, {one.value: name for one, name in CHANNEL_NAMES.items()}.get),
        urgencies=_lines(rows, F("urgency"), this, {one.value: name for one, name in URGENCY_NAMES.items()}.get),
        branches=_lines(rows, Left("category", 2), this, lambda code: tree.name(code) or NO_CATEGORY),
        units=_lines(rows, F("lead_org_id"), this, lambda one: names[one].short_name if one in names else NO_UNIT),
        regions=_lines(rows, F("region_code"), this, lambda code: places[code].name if code in places else NO_PLACE),
        heat=_heat(rows.filter(received_at__gte=_begin(this))),
        rates=tuple(
            UnitRates(names[one.org_id].short_name, one, before.get(one.org_id)) for one in now if one.org_id in names
        ),
        place=_summed(now, this, following),
        place_before=_summed(list(before.values()), previous, this),
        topics=tuple(_topic_reads.hot_topics(by, size=TOPICS_SHOWN)),
        questions=tuple(one for one in _topic_reads.questions(by, at=at) if one.month == this),
        agreement=_topic_reads.agreement(by, since=this, until=last),
    )


def csv_rows(report: Report) -> list[list[str]]:
    """The figures as lines of a table: figure, row, this month, the month before."""
    found = [["指标", "项目", f"{report.month:%Y-%m}", f"{report.previous:%Y-%m}"]]
    found.append(["受理量", "合计", str(report.total.now), str(report.total.before)])
    found.append(["办结量", "合计", str(report.closed.now), str(report.closed.before)])
    for title, lines in figures(report):
        found += [[title, line.name, str(line.now), str(line.before)] for line in lines]
    for unit in (*report.rates, *((UnitRates("合计", report.place, report.place_before),) if report.place else ())):
        for title, name in (
            ("响应率%", "response_percent"),
            ("解决率%", "solved_percent"),
            ("满意率%", "satisfied_percent"),
        ):
            found.append([title, unit.name, _percent(unit.now, name), _percent(unit.before, name)])
    found += [["热点（件）", topic.name, str(topic.tickets), ""] for topic in report.topics]
    for day, row in enumerate(report.heat):
        found += [["时段", f"周{'一二三四五六日'[day]}{hour:02}时", str(n), ""] for hour, n in enumerate(row) if n]
    return found


def figures(report: Report) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    """Each figure with its name, in the order of the page."""
    return (
        ("诉求类型", report.kinds), ("来源", report.channels), ("紧急程度", report.urgencies), ("一级分类", report.branches),
        ("承办单位", report.units), ("地区", report.regions),
    )  # fmt: skip


def _percent(rates: Rates | None, name: str) -> str:
    value = getattr(rates, name) if rates else None
    return "" if value is None else str(value)


def _rates(since: date, until: date) -> list[Rates]:
    return _figures.rates(since, until - timedelta(days=1))


def _summed(rates: list[Rates], since: date, until: date) -> Rates | None:
    """The place's own rates: of all tickets together, not the mean of its units' rates."""
    if not rates:
        return None
    names = ("dispatched", "responded", "asked", "solved", "satisfied", "excluded", "returned", "redone", "late")
    return Rates(
        org_id=0, since=since, until=until, **{name: sum(getattr(one, name) for one in rates) for name in names}
    )


def _ids(rows: QuerySet[Ticket]) -> set[int]:
    return set(rows.filter(lead_org__isnull=False).values_list("lead_org_id", flat=True).distinct())


def _total(rows: QuerySet[Ticket], this: date) -> Line:
    begin = _begin(this)
    counts = rows.aggregate(
        now=Count("pk", filter=Q(received_at__gte=begin)), before=Count("pk", filter=Q(received_at__lt=begin))
    )
    return Line("", "合计", counts["now"], counts["before"])


def _lines(rows: QuerySet[Ticket], what: object, this: date, name: Callable[..., str | None]) -> tuple[Line, ...]:
    begin = _begin(this)
    counted = (
        rows.annotate(what=what)
        .values("what")
        .annotate(
            now=Count("pk", filter=Q(received_at__gte=begin)), before=Count("pk", filter=Q(received_at__lt=begin))
        )
        .order_by("-now", "-before", "what")[:LINES_MAX]
    )
    return tuple(
        Line(str(one["what"] or ""), name(one["what"]) or str(one["what"] or ""), one["now"], one["before"])
        for one in counted
    )


def _heat(rows: QuerySet[Ticket]) -> tuple[tuple[int, ...], ...]:
    counted: Mapping[tuple[int, int], int] = {
        (day, hour): n
        for day, hour, n in rows.annotate(
            day=ExtractIsoWeekDay("received_at", tzinfo=LEGAL_TIME), hour=ExtractHour("received_at", tzinfo=LEGAL_TIME)
        )
        .values_list("day", "hour")
        .annotate(n=Count("pk"))
        .order_by()
    }
    return tuple(tuple(counted.get((day, hour), 0) for hour in range(24)) for day in range(1, 8))


def _shifted(month: date, by: int) -> date:
    place = month.year * 12 + month.month - 1 + by
    return date(place // 12, place % 12 + 1, 1)


def _begin(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LEGAL_TIME)
