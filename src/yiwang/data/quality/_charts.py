"""Figures of a trend as the page's picture takes them, and as bars for paper."""

from collections.abc import Sequence
from datetime import date, timedelta

from yiwang.data.quality.contracts import Point

DAYS = 90


def window(today: date) -> tuple[date, date]:
    return today - timedelta(days=DAYS), today


def picture(points: Sequence[Point]) -> list[list[str | float | int]]:
    """Day, mean score, faulty rows."""
    return [[point.day.isoformat(), float(point.score), point.faulty_rows] for point in points]
