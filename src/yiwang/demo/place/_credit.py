"""Made-up credit records of the demo place's firms, delivered by its authorities as they deliver any."""

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import count, islice

from yiwang.demo.place.kinds import CreditPart, DemoPlace
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.support.credit import actions
from yiwang.support.credit.contracts import NewRecord, RecordKind, Severity

SOURCE = "demo.credit"
_PIECE = 1000
FIRMS_MOST = 6_000
"""So many of the made-up firms may have a record, however many there are."""


def seed(
    *,
    place: DemoPlace,
    named: Sequence[tuple[str, str]],
    others: Sequence[tuple[str, str]],
    seed: int,
    by: Actor,
    at: datetime,
) -> int:
    """Records of the named firms as the pack says, and of others by their share; firms are (code, region). Returns how many."""
    made = _records(place, named, others, random.Random(f"{seed}/credit"), at.date())
    total = 0
    while piece := list(islice(made, _PIECE)):
        report = actions.take_records(source=SOURCE, records=piece, by=by, at=at)
        if report.problems:
            raise ValueError(f"演示的信用记录有误：{dict(report.problems)}")
        total += report.created
    return total


def _records(
    place: DemoPlace,
    named: Sequence[tuple[str, str]],
    others: Sequence[tuple[str, str]],
    chance: random.Random,
    today: date,
) -> Iterator[NewRecord]:
    numbers, units = count(1), _Units()
    for firm, (uscc, region) in zip(place.firms, named, strict=True):
        for part in firm.credit:
            yield _record(part, uscc, units.of(part.authority, region), next(numbers), part.days_ago, today)
    for uscc, region in others:
        for part in place.credit:
            if chance.random() * 1000 < part.per_mille:
                days = part.days_ago + chance.randrange(part.spread_days + 1)
                yield _record(part, uscc, units.of(part.authority, region), next(numbers), days, today)


class _Units:
    """Who decides what where, each asked for once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], OrgView] = {}

    def of(self, kind: str, region: str) -> OrgView:
        where = (kind, region)
        if where not in self._known:
            self._known[where] = orgs.handling(kind, region)
        return self._known[where]


def _record(part: CreditPart, uscc: str, unit: OrgView, number: int, days: int, today: date) -> NewRecord:
    day = today - timedelta(days=days)
    return NewRecord(
        number=str(number),
        kind=RecordKind(part.kind),
        uscc=uscc,
        title=part.title,
        decided_on=day,
        authority=unit.name,
        authority_uscc=unit.uscc,
        document_no=f"{unit.doc_mark}{part.word}〔{day.year}〕{number}号",
        severity=Severity(part.severity) if part.severity else None,
        list_id=part.list,
        content=f"演示数据：{part.content}",
    )
