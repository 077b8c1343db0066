"""One action in progress on a family of cases: its lock, the cases it touched, and what it has to write down.

Lock protocol (docs/decisions): whoever changes a case locks the root of its family first and reads below it only then.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor, PostRef
from yiwang.kernel.base.events import publish
from yiwang.kernel.cases import _book, _reading
from yiwang.kernel.cases._errors import missing
from yiwang.kernel.cases._flow import Flow
from yiwang.kernel.cases._keys import Keys
from yiwang.kernel.cases._moves import Marking, Round, place
from yiwang.kernel.cases.contracts import Instance
from yiwang.kernel.cases.models import Case, CaseEvent, Clock, Task

TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class Words:
    """What came with a choice."""

    form: Mapping[str, Any] = field(default_factory=dict)
    grounds: str = ""


@dataclass(slots=True)
class Held:
    """A case under its family's lock, its open tasks by place, and its clocks once they were needed."""

    case: Case
    flow: Flow
    tasks: dict[str, Task]
    clocks: list[Clock] | None = None
    dirty: set[str] = field(default_factory=set)
    is_new: bool = False

    @property
    def marking(self) -> Marking:
        stored = self.case.marking
        return Marking(
            open=frozenset(self.tasks),
            forks={name: frozenset(arrived) for name, arrived in stored.get("forks", {}).items()},
            rounds={name: Round(*counts) for name, counts in stored.get("rounds", {}).items()},
            taken=frozenset(stored.get("taken", ())),
            outcome=self.case.outcome,
            is_ended=self.case.closed_at is not None,
        )

    @property
    def ids(self) -> dict[str, int]:
        """The open tasks by place."""
        return {name: task.pk for name, task in self.tasks.items()}

    @property
    def undo(self) -> dict[str, Any]:
        """How the choices that could still be taken back would be, by their tasks."""
        kept: dict[str, Any] = self.case.marking.get("undo", {})
        return kept

    def keep(self, undo: Mapping[str, Any]) -> None:
        """What of the choices can still be taken back."""
        if undo != self.undo:
            rest = {name: part for name, part in self.case.marking.items() if name != "undo"}
            self.set(marking={**rest, "undo": dict(undo)} if undo else rest)

    def mark(self, marking: Marking) -> None:
        """Keep what open tasks alone do not tell; an empty mark is not written."""
        forks = {name: sorted(arrived) for name, arrived in marking.forks.items()}
        rounds = {name: [one.among, one.counted] for name, one in marking.rounds.items()}
        parts = {"forks": forks, "rounds": rounds, "taken": sorted(marking.taken)}
        stored = {name: part for name, part in parts.items() if part}
        if self.undo:
            stored["undo"] = self.undo
        if stored != self.case.marking:
            self.set(marking=stored)
        if marking.outcome != self.case.outcome:
            self.set(outcome=marking.outcome)

    def set(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self.case, name, value)
            self.dirty.add(name)


def by_place(tasks: Iterable[Task]) -> dict[str, Task]:
    return {place(task.step, task.instance): task for task in tasks}


def held_of(case: Case, tasks: Iterable[Task]) -> Held:
    return Held(case, _book.pinned(case.flow_id, case.flow_hash), by_place(tasks))


class Turn:
    """An action of `by` at `at`; `effective_at` is when it counts in law."""

    def __init__(self, root: Case, *, by: Actor, at: datetime, effective_at: datetime | None = None) -> None:
        self.root = root
        self.by = by
        self.at = at
        self.effective_at = effective_at or at
        self.post: PostRef | None = None
        # How sub-cases come out that end because their parent does, and whether decided ones go their own way.
        self.ends_as = TERMINATED
        self.spares_decided = True
        self.queue: deque[tuple[int, str]] = deque()
        # Who gets a step that is opened again, and what a choice did that cannot be taken back.
        self.handlers: dict[tuple[int, str], int] = {}
        self.lasting: set[str] = set()
        self.ran: list[dict[str, Any]] = []
        self.asked: dict[tuple[int, str], list[Instance]] = {}
        self._held: dict[int, Held] = {}
        self.keys = Keys()
        self._events: list[dict[str, Any]] = []

    def hold(self, case_id: int) -> Held:
        """A case of this family with its open tasks. Raises NoSuchCase."""
        if case_id not in self._held:
            case = self.root if case_id == self.root.pk else _reading.case(case_id)
            if case is None or case.family_id != self.root.pk:
                raise missing()
            self.take(held_of(case, _reading.open_tasks(case_id) if case.closed_at is None else ()))
        return self._held[case_id]

    def take(self, held: Held) -> None:
        self._held[held.case.pk] = held

    def write(self, held: Held, kind: str, **values: Any) -> None:
        """Add a line to the case's history."""
        post = self.post
        event = {
            "case_id": held.case.pk,
            "kind": kind,
            "actor_kind": self.by.kind.value,
            "account_id": self.by.account_id,
            "org_id": post.org_id if post else None,
            "as_backup": post.is_backup if post else False,
            "effective_at": self.effective_at,
            "recorded_at": self.at,
            **values,
        }
        self._events.append(event)

    def tell(self, held: Held, name: str, **more: Any) -> None:
        """Publish an event for other apps: numbers and codes only."""
        case = held.case
        payload = {
            "case_id": case.pk,
            "root_id": case.family_id,
            "number": case.number,
            "kind": case.kind,
            "org_id": case.org_id,
            "applicant_id": case.applicant_id,
            "outcome": case.outcome,
            **more,
        }
        publish(f"cases.case.{name}", payload, at=self.at)

    def flush(self) -> None:
        """Write what has gathered, so that whoever reads next sees it."""
        for event in self._events:
            rows.add(CaseEvent, event)
        self._events.clear()
        for held in self._held.values():
            if held.dirty:
                rows.update(held.case, sorted(held.dirty))
                held.dirty.clear()

    def moved(self, held: Held) -> None:
        """Count a change that a page opened before must notice."""
        held.set(version=held.case.version + 1)


def turn_on(case_id: int, *, by: Actor, at: datetime) -> tuple[Turn, Held]:
    """Lock the family of a case and begin a turn on it. Raises NoSuchCase."""
    found = _reading.locked(case_id)
    if found is None:
        raise missing()
    turn = Turn(found.root, by=by, at=at)
    turn.keys = found.keys
    flow = _book.pinned(found.case.flow_id, found.case.flow_hash)
    turn.take(Held(found.case, flow, by_place(found.tasks), clocks=found.clocks))
    return turn, turn.hold(case_id)
