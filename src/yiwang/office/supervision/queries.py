"""Reading cards: of a case, the list that somebody may see, and figures by unit."""

from collections.abc import Sequence
from datetime import date, datetime, time

from django.db.models import Count, Q, QuerySet, Sum

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.kernel.workdays.queries import day_begins
from yiwang.office.supervision.contracts import SCORING, CardStatus, CardView, Colour, NoSuchCard, UnitFigure
from yiwang.office.supervision.kinds import POLICY, CardPolicy
from yiwang.office.supervision.models import Card, Cause

SEE, SUPERVISE = "cases.view", "cases.supervise"
OPEN = (CardStatus.PROPOSED, CardStatus.ISSUED, CardStatus.CONFIRMED)


def policy() -> CardPolicy | None:
    """The policy in force; without one nobody is given a card."""
    found = packs.all_of(POLICY)
    return found[0].as_type(CardPolicy) if found else None


def get(card_id: int) -> CardView:
    """A card without asking who looks. Raises NoSuchCard."""
    row = _rows().filter(pk=card_id).first()
    if row is None:
        raise NoSuchCard("没有这张牌。", hint="请核对编号。")
    return _view(row)


def of_card_case(case_id: int) -> CardView | None:
    """The card whose case this is."""
    row = _rows().filter(case=case_id).first()
    return _view(row) if row else None


def of_watched(case_id: int) -> list[CardView]:
    """Warnings and cards that a case brought, oldest first."""
    return [_view(row) for row in _rows().filter(watched=case_id).order_by("id")]


def listed(
    by: Actor,
    *,
    org_id: int | None = None,
    status: str = "",
    since: date | None = None,
    until: date | None = None,
    with_warnings: bool = False,
    cursor: str | None = None,
    size: int = 20,
) -> Page[CardView]:
    """Cards of units that `by` sees or supervises, the latest first; legal days of drawing up, both included."""
    rows = _narrowed(by, since, until)
    rows = rows if with_warnings else rows.exclude(colour=Colour.WARNING)
    rows = rows.filter(org=org_id) if org_id else rows
    rows = rows.filter(status__in=OPEN) if status == "open" else rows.filter(status=status) if status else rows
    return keyset(rows, order=("-proposed_at", "-id"), cursor=cursor, size=size).map(_view)


def figures(by: Actor, since: date, until: date) -> list[UnitFigure]:
    """Each unit's cards of a period, the highest score first; one query."""
    standing = ~Q(status__in=(CardStatus.LIFTED, CardStatus.DROPPED))
    rows = (
        _narrowed(by, since, until)
        .values("org_id")
        .annotate(
            warnings=Count("id", filter=Q(colour=Colour.WARNING)),
            yellow=Count("id", filter=standing & Q(colour=Colour.YELLOW)),
            red=Count("id", filter=standing & Q(colour=Colour.RED)),
            open=Count("id", filter=Q(status__in=OPEN)),
            lifted=Count("id", filter=Q(status=CardStatus.LIFTED)),
            points=Sum("score", filter=Q(status__in=SCORING), default=0),
        )
        .order_by("-points", "-red", "-yellow", "org_id")
    )
    return [
        UnitFigure(
            org_id=row["org_id"],
            warnings=row["warnings"],
            yellow=row["yellow"],
            red=row["red"],
            open=row["open"],
            lifted=row["lifted"],
            score=row["points"],
            since=since,
            until=until,
        )
        for row in rows
    ]


def units(by: Actor) -> list[int]:
    """Organisations with cards that `by` sees; one query."""
    rows = _narrowed(by, None, None).exclude(colour=Colour.WARNING)
    return list(rows.order_by("org_id").values_list("org_id", flat=True).distinct())


def count_open(by: Actor, *, most: int = 100) -> int:
    """How many cards that `by` sees are not finished, counted up to `most`."""
    return _narrowed(by, None, None).filter(status__in=OPEN)[:most].count()


def watched(*, after: int, size: int) -> Sequence[int]:
    """Causes that still run, in the order of their ids, from one on."""
    rows = Cause.objects.filter(pk__gt=after, settled_at__isnull=True).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:size])


def _rows() -> QuerySet[Card]:
    return Card.objects.select_related("case", "watched").defer(
        "case__data", "case__result", "case__subject", "watched__data", "watched__result", "watched__subject"
    )


def _narrowed(by: Actor, since: date | None, until: date | None) -> QuerySet[Card]:
    rows = _rows().filter(access.org_filter(by, SEE, "org") | access.org_filter(by, SUPERVISE, "issuer"))
    if since is not None:
        rows = rows.filter(proposed_at__gte=day_begins(since))
    if until is not None:
        rows = rows.filter(proposed_at__lte=datetime.combine(until, time.max, LEGAL_TIME))
    return rows


def _view(row: Card) -> CardView:
    return CardView(
        id=row.pk,
        number=row.number,
        colour=Colour(row.colour),
        status=CardStatus(row.status),
        org_id=row.org_id,
        issuer_id=row.issuer_id,
        case_number=row.case.number if row.case else "",
        watched_number=row.watched.number,
        watched_title=row.watched.title,
        reason=row.reason or "",
        rule=row.rule,
        score=row.score,
        proposed_at=row.proposed_at,
        issued_at=row.issued_at,
        confirmed_at=row.confirmed_at,
        closed_at=row.closed_at,
    )
