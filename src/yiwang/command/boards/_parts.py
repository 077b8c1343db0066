"""The lists of a board with their names: units in the red, ratings by level, bad ones that wait."""

from collections.abc import Iterable, Mapping
from datetime import date

from yiwang.command.boards.contracts import BadRatingRow, LevelCount, Ratings, RedUnit
from yiwang.kernel.access import queries as access
from yiwang.kernel.cases.contracts import OverdueUnit
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.kernel.people import queries as people
from yiwang.services.feedback import queries as feedback
from yiwang.services.feedback.contracts import Level

LEVELS = "feedback.level"


def red_units(units: Iterable[OverdueUnit], offices: Mapping[int, OrgView]) -> tuple[RedUnit, ...]:
    """Worst first, with who is on it: the clerk who signed for it, else the post that has not."""
    found = list(units)
    clerks = people.accounts(unit.assignee_id for unit in found if unit.assignee_id)
    posts = {post.id: post.title for post in access.post_types()}
    rows = []
    for unit in found:
        office, clerk = offices[unit.org_id], clerks.get(unit.assignee_id or 0)
        rows.append(
            RedUnit(
                org_id=unit.org_id,
                name=office.short_name or office.name,
                phone=office.phone,
                count=unit.count,
                since=unit.since,
                case_number=unit.case_number,
                case_title=unit.case_title,
                step_name=unit.step_name,
                who=clerk.name if clerk else posts.get(unit.post, "外部系统"),
                is_signed=clerk is not None,
            )
        )
    return tuple(rows)


def ratings(since: date, until: date, offices: Mapping[int, OrgView]) -> Ratings:
    """Levels of a period, what became of the bad ones, and those that still wait."""
    ids = list(offices)
    score = feedback.place_score(since, until, org_ids=ids)
    response = feedback.response(since, until, org_ids=ids)
    names = {item.code: item.name.zh for item in elements.code_list(LEVELS).items}
    return Ratings(
        levels=tuple(
            LevelCount(level.value, names[str(level.value)], score.levels[level.value], level.is_bad) for level in Level
        ),
        silent=score.silent,
        excluded=score.excluded,
        satisfied_percent=score.satisfied_percent,
        bad=response.bad,
        answered=response.answered,
        unanswered=tuple(
            BadRatingRow(
                org_name=offices[row.org_id].short_name,
                phone=offices[row.org_id].phone,
                level_name=names[str(row.level.value)],
                case_title=row.case_title,
                follow_up_number=row.follow_up_number,
                since=row.rated_at,
            )
            for row in feedback.unanswered(ids)
        ),
    )
