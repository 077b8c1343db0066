"""What is made public of ratings: figures of the place, its units or one matter, never of a person."""

from dataclasses import dataclass
from datetime import date, timedelta

from yiwang.kernel.elements import queries as elements
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.packs.contracts import Text
from yiwang.services.feedback import queries
from yiwang.services.feedback.contracts import Level, Response, Score

LEVELS = "feedback.level"
PERIOD = timedelta(days=89)
RATED_MIN = 5
"""A unit's own figures are published from so many ratings on: fewer would tell who said what."""


@dataclass(frozen=True, slots=True)
class UnitLine:
    name: str
    score: Score


@dataclass(frozen=True, slots=True)
class PublicSummary:
    """Everything on the public page; `levels` are (name, number, percent of those who rated)."""

    since: date
    until: date
    score: Score
    response: Response
    levels: tuple[tuple[Text, int, int], ...]
    units: tuple[UnitLine, ...]


def public_summary(today: date, *, subject: str = "") -> PublicSummary:
    """Ninety days of the place with its units, or of one matter or journey; four queries at most."""
    since = today - PERIOD
    score = queries.place_score(since, today, subject=subject)
    return PublicSummary(
        since=since,
        until=today,
        score=score,
        response=queries.response(since, today, subject=subject),
        levels=_levels(score),
        units=() if subject else _units(since, today),
    )


def level_names() -> dict[int, Text]:
    return {int(item.code): item.name for item in elements.code_list(LEVELS).items}


def _levels(score: Score) -> tuple[tuple[Text, int, int], ...]:
    names = level_names()
    return tuple(
        (names[level.value], n, round(100 * n / score.rated) if score.rated else 0)
        for level, n in ((level, score.levels[level.value]) for level in Level)
    )


def _units(since: date, until: date) -> tuple[UnitLine, ...]:
    scores = [score for score in queries.scores(since, until) if score.rated >= RATED_MIN]
    offices = orgs.named(score.org_id for score in scores)
    lines = [UnitLine(offices[score.org_id].name, score) for score in scores if score.org_id in offices]
    return tuple(sorted(lines, key=lambda line: (line.score.satisfied_percent or 0, line.name)))
