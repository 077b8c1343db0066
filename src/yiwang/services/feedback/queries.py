"""Reading ratings: of a case, of a period and body, of a matter; and what may be ticked."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Q, QuerySet

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.cases.contracts import CaseStatus
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Text
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.kernel.workdays.queries import day_begins
from yiwang.services.feedback.contracts import Channel, Level, OpenBadRating, RatingView, Response, Score
from yiwang.services.feedback.kinds import POLICY, RatingPolicy, Tag
from yiwang.services.feedback.models import Invitation, Rating

SEE = "cases.view"
_UNANSWERED = Q(follow_up__status=CaseStatus.OPEN, excluded_at=None, level__gte=Level.BAD)


def policy() -> RatingPolicy:
    """The rating policy in force."""
    return packs.all_of(POLICY)[0].as_type(RatingPolicy)


def tags_for(level: Level) -> tuple[Tag, ...]:
    return policy().tags.get(str(level.value), ())


def tag_names() -> dict[str, Text]:
    """What each thing to tick is called."""
    return {tag.code: tag.name for tags in policy().tags.values() for tag in tags}


def of_case(case_id: int) -> list[RatingView]:
    """Ratings of a case, oldest first."""
    rows = Rating.objects.select_related("case", "follow_up").filter(case=case_id).order_by("id")
    return [view(row) for row in rows]


def of_follow_up(follow_up_id: int) -> RatingView | None:
    """The rating that a bad-rating case follows."""
    row = Rating.objects.select_related("case", "follow_up").filter(follow_up=follow_up_id).first()
    return view(row) if row else None


def waiting_of(party_id: int) -> list[int]:
    """Closed cases that this party is still asked to rate, newest first; at most twenty."""
    rows = Invitation.objects.filter(party=party_id, settled_at=None).order_by("-id")
    return list(rows.values_list("case_id", flat=True)[:20])


def listed(
    by: Actor, *, cursor: str | None = None, bad_only: bool = False, unanswered_only: bool = False
) -> Page[RatingView]:
    """Ratings that `by` may see, newest first, without silent ones."""
    rows = access.visible(by, Rating.objects.exclude(level=None), SEE)
    rows = rows.filter(level__gte=Level.BAD) if bad_only or unanswered_only else rows
    rows = rows.filter(_UNANSWERED) if unanswered_only else rows
    rows = rows.select_related("case", "follow_up")
    return keyset(rows, order=("-rated_at", "-id"), cursor=cursor).map(view)


def count_unanswered(by: Actor, *, most: int = 100) -> int:
    """How many bad ratings that `by` may see are not answered yet, counted up to `most`."""
    return access.visible(by, Rating.objects.filter(_UNANSWERED), SEE)[:most].count()


def unanswered(org_ids: Sequence[int], *, size: int = 10) -> list[OpenBadRating]:
    """Bad ratings at these organisations whose follow-up is not finished, the oldest first; one query."""
    rows = Rating.objects.filter(_UNANSWERED, org__in=org_ids).select_related("case", "follow_up")
    return [
        OpenBadRating(row.org_id, Level(row.level), row.rated_at, row.case.title, row.follow_up.number)
        for row in rows.order_by("rated_at", "id")[:size]
        if row.follow_up and row.level
    ]


def response(since: date, until: date, *, org_ids: Sequence[int] | None = None, subject: str = "") -> Response:
    """What became of the bad ratings of a period, excluded ones left out; one query."""
    rows = _narrowed(since, until, org_ids, subject).filter(level__gte=Level.BAD, excluded_at=None)
    answered = Q(follow_up__status=CaseStatus.CLOSED) | Q(again__isnull=False)
    found = rows.aggregate(
        bad=Count("id"),
        answered=Count("id", filter=answered),
        better=Count("id", filter=Q(again__lte=Level.FAIR)),
    )
    return Response(**found)


def scores(since: date, until: date, *, org_ids: Sequence[int] | None = None) -> list[Score]:
    """Figures of every organisation rated in a period (legal days, both included), or of some; one query."""
    rows = (
        _narrowed(since, until, org_ids, "")
        .values("org_id")
        .annotate(
            **{f"n{level.value}": _count(level=level.value) for level in Level},
            silent=Count("id", filter=Q(level=None)),
            excluded=Count("id", filter=Q(excluded_at__isnull=False)),
        )
        .order_by("org_id")
    )
    return [_score(row, since, until) for row in rows]


def place_score(since: date, until: date, *, subject: str = "", org_ids: Sequence[int] | None = None) -> Score:
    """Figures of the whole place, of some organisations together, or of one matter or journey; one query."""
    rows = _narrowed(since, until, org_ids, subject)
    counted = rows.aggregate(
        **{f"n{level.value}": _count(level=level.value) for level in Level},
        silent=Count("id", filter=Q(level=None)),
        excluded=Count("id", filter=Q(excluded_at__isnull=False)),
    )
    return _score({"org_id": 0, **counted}, since, until)


def subject_of(data: Mapping[str, Any]) -> str:
    """What a case with this data is about, for grouping ratings: its journey's or matter's id."""
    return str(data.get("journey") or (data.get("matter") or {}).get("id") or "")


def view(row: Rating) -> RatingView:
    return RatingView(
        id=row.pk,
        case_id=row.case_id,
        case_number=row.case.number,
        org_id=row.org_id,
        level=Level(row.level) if row.level else None,
        channel=Channel(row.channel),
        tags=tuple(row.tags),
        words=row.words or "",
        is_silent=row.level is None,
        is_excluded=row.excluded_at is not None,
        rated_at=row.rated_at,
        follow_up_number=row.follow_up.number if row.follow_up else "",
        again=Level(row.again) if row.again else None,
        case_title=row.case.title,
        is_answered=row.follow_up is not None and row.follow_up.status == CaseStatus.CLOSED,
    )


def _narrowed(since: date, until: date, org_ids: Sequence[int] | None, subject: str) -> QuerySet[Rating]:
    start = day_begins(since)
    end = datetime.combine(until, time.max, LEGAL_TIME)
    rows = Rating.objects.filter(rated_at__gte=start, rated_at__lte=end)
    rows = rows if org_ids is None else rows.filter(org__in=org_ids)
    return rows.filter(subject=subject) if subject else rows


def _count(**which: int) -> Count:
    return Count("id", filter=Q(excluded_at=None, **which))


def _score(row: Mapping[str, Any], since: date, until: date) -> Score:
    levels = {level.value: row[f"n{level.value}"] for level in Level}
    return Score(row["org_id"], levels, row["silent"], row["excluded"], since, until)
