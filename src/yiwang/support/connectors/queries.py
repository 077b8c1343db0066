"""How lines stand, what is on its way about a case, and what the comparisons left over."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import Count, Min

from yiwang.kernel.base import rows
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.packs import queries as packs
from yiwang.support.connectors._signing import require_genuine
from yiwang.support.connectors._wire import exchange
from yiwang.support.connectors.contracts import (
    DifferenceKind,
    DifferenceView,
    LineView,
    NoSuchSystem,
    PushState,
    PushView,
    ReconciliationView,
    ReportKind,
    ReportState,
    ReportView,
    Via,
)
from yiwang.support.connectors.kinds import OUTSIDE_SYSTEM, OutsideSystem, Subject
from yiwang.support.connectors.models import Difference, Line, Push, Reconciliation, Report

__all__ = ["exchange", "require_genuine"]  # signed messages with peers that have a protocol of their own
WAITING_MAX = 500
_DOWN = "SELECT system, down_since FROM connectors_line WHERE down_since IS NOT NULL"


def systems() -> list[OutsideSystem]:
    """Every system that the packs declare."""
    return [pack.as_type(OutsideSystem) for pack in packs.all_of(OUTSIDE_SYSTEM)]


def system(name: str) -> OutsideSystem:
    """One system by the name that flows use. Raises NoSuchSystem."""
    for each in systems():
        if each.id == name:
            return each
    raise NoSuchSystem("没有这个外部系统。", hint="请在配置包的 outside/ 中定义它。")


def subject_of(spec: OutsideSystem, name: str) -> Subject:
    """One kind of business with a system; a system's only one needs no name. Raises NoSuchSystem."""
    if not name and len(spec.subjects) == 1:
        return next(iter(spec.subjects.values()))
    part = spec.subjects.get(name)
    if part is None:
        raise NoSuchSystem(f"外部系统{spec.title}没有业务“{name}”。", hint="请在该系统的配置中补上 subjects。")
    return part


def pushes_about(about: str) -> list[PushView]:
    """Every message about a case, oldest first."""
    rows = Push.objects.filter(about=about).defer("content").order_by("id")
    down = _down()
    return [push_view(row, down) for row in rows]


def outages(abouts: Iterable[str]) -> dict[str, str]:
    """The sentence for each of these cases that waits for a system which is down; others are left out. Two queries."""
    down = _down()
    rows = Push.objects.filter(about__in=list(abouts), state=PushState.WAITING, system__in=down).defer("content")
    return {row.about: push_view(row, down).sentence for row in rows}


def find_push(system: str, reference: str) -> PushView | None:
    """The latest message under a reference."""
    row = Push.objects.filter(system=system, reference=reference).defer("content").order_by("-id").first()
    return push_view(row) if row else None


def reports_about(about: str) -> list[ReportView]:
    rows = Report.objects.filter(push__about=about).defer("content").order_by("id")
    return [report_view(row) for row in rows]


def waiting_references(system: str, consumer: str) -> list[str]:
    """What waits to be carried to a system for one consumer, oldest first, at most 500."""
    rows = Push.objects.filter(system=system, consumer=consumer, state=PushState.WAITING).order_by("id")
    return list(rows.values_list("reference", flat=True)[:WAITING_MAX])


def lines() -> list[LineView]:
    """How every line stands, in five queries however many there are."""
    known = {row.system: row for row in Line.objects.all()}
    waiting = {
        row["system"]: row
        for row in Push.objects.filter(state=PushState.WAITING)
        .values("system")
        .annotate(count=Count("id"), oldest=Min("created_at"))
    }
    open_rows = Difference.objects.filter(settled_at__isnull=True).values("system").annotate(count=Count("id"))
    differences = {row["system"]: row["count"] for row in open_rows}
    last = Reconciliation.objects.order_by("system", "-id").distinct("system")
    reconciled = {row.system: reconciliation_view(row) for row in last}
    return [
        _line_view(
            spec,
            known.get(spec.id) or Line(system=spec.id),
            waiting.get(spec.id, {}),
            differences.get(spec.id, 0),
            reconciled.get(spec.id),
        )
        for spec in systems()
    ]


def polls_due(at: datetime) -> list[str]:
    """Systems that are to be asked because they do not call back, or not always."""
    polled = dict(Line.objects.values_list("system", "polled_at"))
    due = []
    for spec in systems():
        last = polled.get(spec.id)
        if spec.poll_every and (last is None or at - last >= timedelta(seconds=spec.poll_every)):
            due.append(spec.id)
    return due


def differences(*, cursor: str | None = None, size: int = 20) -> Page[DifferenceView]:
    """Open differences, newest first."""
    rows = Difference.objects.filter(settled_at__isnull=True)
    return keyset(rows, order=("-id",), cursor=cursor, size=size).map(difference_view)


def count_to_settle() -> int:
    """How much waits for people: open differences, and messages refused or given up."""
    stuck_states = (PushState.REFUSED, PushState.GIVEN_UP)
    return (
        Difference.objects.filter(settled_at__isnull=True).count() + Push.objects.filter(state__in=stuck_states).count()
    )


def stuck(*, cursor: str | None = None, size: int = 20) -> Page[PushView]:
    """Messages that were refused or given up, newest first."""
    rows = Push.objects.filter(state__in=(PushState.REFUSED, PushState.GIVEN_UP)).defer("content")
    down = _down()
    return keyset(rows, order=("-id",), cursor=cursor, size=size).map(lambda row: push_view(row, down))


def push_view(row: Push, down: Mapping[str, datetime] | None = None) -> PushView:
    since = (_down() if down is None else down).get(row.system)
    return PushView(
        id=row.pk,
        system=row.system,
        system_title=next((str(each.title) for each in systems() if each.id == row.system), row.system),
        reference=row.reference,
        subject=row.subject,
        about=row.about,
        state=PushState(row.state),
        created_at=row.created_at,
        sent_at=row.sent_at,
        receipt=row.receipt,
        attempts=row.attempts,
        trouble=row.trouble,
        unavailable_since=since,
    )


def report_view(row: Report) -> ReportView:
    return ReportView(
        message_id=row.message_id,
        system=row.system,
        reference=row.reference,
        kind=ReportKind(row.kind),
        state=ReportState(row.state),
        via=Via(row.via),
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        trouble=row.trouble,
    )


def difference_view(row: Difference) -> DifferenceView:
    return DifferenceView(
        id=row.pk,
        system=row.system,
        reference=row.reference,
        about=row.about,
        kind=DifferenceKind(row.kind),
        detail=dict(row.detail),
        found_at=row.found_at,
        settled_at=row.settled_at,
    )


def reconciliation_view(row: Reconciliation) -> ReconciliationView:
    return ReconciliationView(
        system=row.system,
        day=row.day,
        run_at=row.run_at,
        ours=row.ours,
        theirs=row.theirs,
        repaired=row.repaired,
        differences=row.differences,
    )


def _down() -> dict[str, datetime]:
    return rows.remember("connectors.down", lambda: dict(rows.fetch(_DOWN, [])))


def _line_view(
    spec: OutsideSystem,
    row: Line,
    waiting: Mapping[str, object],
    open_differences: int,
    reconciled: ReconciliationView | None,
) -> LineView:
    count, oldest = waiting.get("count", 0), waiting.get("oldest")
    return LineView(
        system=spec.id,
        title=str(spec.title),
        is_up=row.down_since is None,
        down_since=row.down_since,
        trouble=row.trouble,
        waiting=count if isinstance(count, int) else 0,
        oldest_waiting_at=oldest if isinstance(oldest, datetime) else None,
        last_sent_at=row.last_sent_at,
        last_heard_at=row.last_heard_at,
        open_differences=open_differences,
        reconciled=reconciled,
    )
