"""The clock bar: a time limit as stretches of counted, paused and remaining time. Pure."""

from datetime import datetime

from yiwang.kernel.cases.contracts import ClockView
from yiwang.portal.staff.contracts import ClockBar, Segment

FULL = 1000


def bar(clock: ClockView, *, at: datetime) -> ClockBar:
    """From the clock's start to whichever is later, now or the due time."""
    now = clock.stopped_at or at
    end = max(now, clock.due_at or now)
    whole = max((end - clock.started_at).total_seconds(), 1.0)

    def place(moment: datetime) -> int:
        passed = (min(max(moment, clock.started_at), end) - clock.started_at).total_seconds()
        return round(FULL * passed / whole)

    marks = _stretches(clock, now)
    due = place(clock.due_at) if clock.due_at else FULL
    segments = [Segment(kind, place(a), place(b) - place(a)) for kind, a, b in marks]
    if clock.due_at and now > clock.due_at:
        segments.append(Segment("over", due, FULL - due))
    return ClockBar(clock, tuple(s for s in segments if s.width > 0), due)


def _stretches(clock: ClockView, now: datetime) -> list[tuple[str, datetime, datetime]]:
    found, at = [], clock.started_at
    for pause in sorted(clock.pauses, key=lambda pause: pause.since):
        found.append(("counted", at, pause.since))
        at = pause.until or now
        found.append(("paused", pause.since, at))
    return [*found, ("counted", at, now)]
