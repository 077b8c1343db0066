"""Reading ratings: of a case, of a period and body, of a matter; and what may be ticked."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.packs import queries as packs
from yiwang.services.feedback.contracts import Channel, Level, RatingView, Score
from yiwang.services.feedback.kinds import POLICY, RatingPolicy, Tag
from yiwang.services.feedback.models import Invitation, Rating

LEGAL_ZONE = ZoneInfo("Asia/Shanghai")


def policy() -> RatingPolicy:
    """The rating policy in force."""
    return packs.all_of(POLICY)[0].as_type(RatingPolicy)


def tags_for(level: Level) -> tuple[Tag, ...]:
    return policy().tags.get(str(level.value), ())


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


def listed(by: Actor, *, cursor: str | None = None, bad_only: bool = False) -> Page[RatingView]:
    """Ratings that `by` may see, newest first, without silent ones."""
    rows = access.visible(by, Rating.objects.exclude(level=None), "cases.view")
    rows = rows.filter(level__gte=Level.BAD) if bad_only else rows
    rows = rows.select_related("case", "follow_up")
    return keyset(rows, order=("-rated_at", "-id"), cursor=cursor).map(view)


def scores(since: date, until: date) -> list[Score]:
    """Figures of every organisation rated in a period (legal days, both included); one query."""
    rows = (
        _within(since, until)
        .values("org_id")
        .annotate(
            **{f"n{level.value}": _count(level=level.value) for level in Level},
            silent=Count("id", filter=Q(level=None)),
            excluded=Count("id", filter=Q(excluded_at__isnull=False)),
        )
        .order_by("org_id")
    )
    return [_score(row, since, until) for row in rows]


def place_score(since: date, until: date, *, subject: str = "") -> Score:
    """Figures of the whole place, or of one matter or journey."""
    rows = _within(since, until)
    rows = rows.filter(subject=subject) if subject else rows
    counted = rows.aggregate(
        **{f"n{level.value}": _count(level=level.value) for level in Level},
        silent=Count("id", filter=Q(level=None)),
        excluded=Count("id", filter=Q(excluded_at__isnull=False)),
    )
    return _score({"org_id": 0, **counted}, since, until)


def subject_of(case: CaseView) -> str:
    """What a case is about, for grouping ratings: its journey's or matter's id."""
    data = cases.data(case.id)
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
    )


def _within(since: date, until: date) -> Any:
    start = datetime.combine(since, time.min, LEGAL_ZONE)
    end = datetime.combine(until, time.max, LEGAL_ZONE)
    return Rating.objects.filter(rated_at__gte=start, rated_at__lte=end)


def _count(**which: int) -> Count:
    return Count("id", filter=Q(excluded_at=None, **which))


def _score(row: dict[str, Any], since: date, until: date) -> Score:
    levels = {level.value: row[f"n{level.value}"] for level in Level}
    return Score(row["org_id"], levels, row["silent"], row["excluded"], since, until)
