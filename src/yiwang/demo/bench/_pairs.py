"""Our engine beside SpiffWorkflow, in alternating rounds: what differs is then not the hour of the run."""

import time
from collections.abc import Callable
from datetime import timedelta

import psycopg
from django.db import connection
from django.utils import timezone

from yiwang.demo.bench._measure import cpu_seconds, least_and_median
from yiwang.demo.bench._peer import STEPS, Peer, make_table
from yiwang.demo.bench._people import Desk
from yiwang.demo.bench.contracts import Figures, Installation
from yiwang.kernel.cases import actions, queries
from yiwang.kernel.workdays.contracts import Limit

FLOW = "bench.joint-review"
CHOICES = ("accept", "pass", "pass", "grant")
_LIMITS = {"promised": Limit.parse("5 workdays")}
_A_TURN = 5


def transitions(rounds: int, each: int) -> Figures:
    """The pure transition function against the peer's engine: CPU ms of one life, nothing stored."""
    peer, taken = Peer(), [f"{step}.{choice}" for step, choice in zip(STEPS, CHOICES, strict=True)]

    def ours() -> None:
        if not queries.rehearse(FLOW, taken).is_ended:
            raise RuntimeError("the flow did not end")

    return _paired(ours, peer.in_memory, rounds, each, ())


def stored(site: Installation, desk: Desk, rounds: int, each: int) -> Figures:
    """Through the public actions with access, clocks, audit, events and ledger, against the peer saved to the same server."""
    with site.superuser() as theirs:
        make_table(theirs)
        peer = Peer()
        pids = (_backend(), theirs.info.backend_pid)
        return _paired(lambda: _life(desk), lambda: peer.stored(theirs), rounds, each, pids)


def _life(desk: Desk) -> None:
    at = timezone.now()
    case = actions.open_case(
        kind="application",
        flow=FLOW,
        title="并联审查",
        org_id=desk.org_id,
        region_code=desk.region_code,
        applicant_id=desk.applicant.party_id,
        subject="测速",
        data={"what": "bench"},
        limits=_LIMITS,
        by=desk.applicant,
        at=at,
    )
    takers = (desk.clerk, desk.reviewer, desk.reviewer, desk.approver)
    for step, choice, by in zip(STEPS, CHOICES, takers, strict=True):
        case = actions.advance(case_id=case.id, step=step, choice=choice, by=by, at=at + timedelta(seconds=1))
    if case.is_open:
        raise RuntimeError("the case did not close")


def _paired(
    ours: Callable[[], None], theirs: Callable[[], None], rounds: int, each: int, pids: tuple[int, ...]
) -> Figures:
    ours()
    theirs()
    pairs = [_by_turns(ours, theirs, each, pids) for _ in range(rounds)]
    return {
        "ours_cpu_ms": least_and_median([mine for mine, _ in pairs], 3),
        "peer_cpu_ms": least_and_median([other for _, other in pairs], 3),
        "ratio": least_and_median([other / mine for mine, other in pairs]),
    }


def _by_turns(
    ours: Callable[[], None], theirs: Callable[[], None], each: int, pids: tuple[int, ...]
) -> tuple[float, float]:
    """CPU ms of one of each. A few of ours, a few of theirs and so on: a machine that is shared changes its speed within seconds."""
    turns = max(1, each // _A_TURN)
    spent = [(_spent(ours, pids), _spent(theirs, pids)) for _ in range(turns)]
    mine, other = (sum(side) * 1000 / (turns * _A_TURN) for side in zip(*spent, strict=True))
    return mine, other


def _spent(work: Callable[[], None], pids: tuple[int, ...]) -> float:
    """CPU seconds of a turn, with the PostgreSQL backends of both sides (the idle one adds nothing)."""
    begun = cpu_seconds(*pids)
    for _ in range(_A_TURN):
        work()
    if pids:
        # A backend's time is charged tick by tick.
        time.sleep(0.02)
    return cpu_seconds(*pids) - begun


def _backend() -> int:
    connection.ensure_connection()
    raw: psycopg.Connection[object] = connection.connection
    return int(raw.info.backend_pid)
