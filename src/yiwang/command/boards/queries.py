"""The leader's board, put together in a constant number of queries; only organisations that the reader leads."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from yiwang.command.boards import _figures, _parts
from yiwang.command.boards.contracts import Board, Net, NoBoard, Note
from yiwang.command.boards.kinds import BOARD, BoardPack, FigureKey
from yiwang.kernel.access import queries as access
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.services.applications.contracts import KIND as APPLICATION
from yiwang.services.journeys.contracts import KIND as JOURNEY

SEE = "board.view"
FILED = (APPLICATION, JOURNEY)
HANDLED = (APPLICATION,)
"""Matters are handled one by one; the journey around them would count the same days twice."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """What a board is about: its pack, its organisations, its days."""

    pack: BoardPack
    offices: dict[int, OrgView]
    since: date
    until: date
    at: datetime

    def note(self, key: FigureKey, period: str = "") -> Note:
        part = self.pack.figures[key]
        spoken = period or f"{self.since:%Y-%m-%d} 至 {self.until:%Y-%m-%d}"
        return Note(part.title.zh, part.meaning.zh, spoken, part.source.zh, part.owner.zh)


def board(by: Actor, *, at: datetime) -> Board:
    """What is wrong now, and the figures behind it. Raises NotPermitted, NoBoard."""
    frame = _frame(by, at)
    ids = list(frame.offices)
    trend_from = frame.until - timedelta(days=frame.pack.trend_days - 1)
    filings = cases.daily(frame.until - timedelta(days=1), frame.until, org_ids=ids, kinds=FILED, roots_only=True)
    summary = cases.summary(frame.since, frame.until, org_ids=ids, kinds=HANDLED, at=at).whole
    red = _parts.red_units(cases.overdue_by_org(org_ids=ids, at=at), frame.offices)
    ratings = _parts.ratings(frame.since, frame.until, frame.offices)
    soon = cases.due_soon(org_ids=ids, at=at)
    now = "此刻"
    return Board(
        title=frame.pack.title.zh,
        scope=_scope(by),
        sentence=_figures.sentence(red, ratings, soon),
        is_red=bool(red or ratings.unanswered),
        cut_off=at,
        since=frame.since,
        until=frame.until,
        figures=(
            _figures.filings(filings, summary, frame.note("filings", f"{frame.until:%Y-%m-%d}")),
            _figures.on_time(summary, frame.pack.targets.on_time, frame.note("on-time")),
            *_figures.days(summary, frame.note("days")),
            _figures.overdue(red, soon, summary, frame.note("overdue", now)),
            _figures.satisfied(ratings, frame.pack.targets.satisfied, frame.note("satisfied")),
        ),
        red_units=red,
        ratings=ratings,
        funnel=cases.funnel(frame.since, frame.until, org_ids=ids, kinds=HANDLED),
        trend=tuple(cases.daily(trend_from, frame.until, org_ids=ids, kinds=HANDLED)),
        funnel_note=frame.note("funnel"),
        trend_note=frame.note("trend", f"{trend_from:%Y-%m-%d} 至 {frame.until:%Y-%m-%d}"),
        satisfied_note=frame.note("satisfied"),
        overdue_note=frame.note("overdue", now),
        nets=_nets(frame),
        awaited=tuple(text.zh for text in frame.pack.awaited),
    )


def _frame(by: Actor, at: datetime) -> _Frame:
    if not access.may_anywhere(by, SEE):
        raise NotPermitted("您的岗位不能查看运行看板。", hint="看板供分管领导和效能监督岗位使用。")
    found = packs.all_of(BOARD)
    if not found:
        raise NoBoard("当地没有设置看板。", hint="请在配置包中加入 Board。")
    pack = found[0].as_type(BoardPack)
    until = at.astimezone(LEGAL_TIME).date()
    offices = {office.id: office for office in access.orgs_within(by, SEE)}
    return _Frame(pack, offices, until - timedelta(days=pack.period_days - 1), until, at)


def _nets(frame: _Frame) -> tuple[Net, ...]:
    kinds = [net.kind for net in frame.pack.nets]
    found = cases.by_kind(frame.since, frame.until, org_ids=list(frame.offices), kinds=kinds, at=frame.at)
    return tuple(
        Net(net.title.zh, net.kind, found.get(net.kind), net.source.zh, net.owner.zh) for net in frame.pack.nets
    )


def _scope(by: Actor) -> str:
    return "、".join(dict.fromkeys(f"{post.title}" for post in by.posts if post.title))
