"""A working day of the demo place: people file, correct, urge, withdraw and rate; clerks handle; outside systems answer.

Every deed is a public action by whoever may do it; what is refused is left. It keeps nothing between two turns, so it
may be stopped at any moment and go on from the records.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from typing import Any

from yiwang.demo.place import _families, _tickets
from yiwang.demo.place._families import Mother
from yiwang.demo.place._grid_play import GridPlayer
from yiwang.demo.place._play_kinds import DemoPlay
from yiwang.demo.place.kinds import Names
from yiwang.kernel.base.codes import id_check_digit
from yiwang.kernel.base.contracts import Actor, ActorKind, YiwangError
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView, ChoiceView, OutsideKind, TaskKind, TaskView
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import queries as people
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.services.feedback import actions as feedback
from yiwang.services.feedback import queries as ratings
from yiwang.services.feedback.contracts import KIND as BAD_RATING
from yiwang.services.feedback.contracts import Channel, Level

SLOW_EVERY = 7
"""One organisation in so many is slow: its steps fall overdue now and then."""
QUICK, SLOW = 0.75, 0.12
HOTLINE = "hotline"
STRANGERS_MAX = 30
"""Some could not open an account and were passed over; after so many in a row nobody filed any more."""
_RANGE = re.compile(r"(\d+)\.\.(\d+)")


@dataclass
class Turn:
    """What was done in one turn, and what was refused."""

    done: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def count(self, what: str) -> None:
        self.done[what] = self.done.get(what, 0) + 1


@dataclass
class Player:
    """Plays turns; `answers_outside` when nobody else plays the outside systems."""

    play: DemoPlay
    names: Names
    password: str
    without: set[str]
    seed: int
    answers_outside: bool
    acting: list[Mother] = field(default_factory=list)
    grids: GridPlayer | None = None
    _waiting: Iterator[Mother] | None = None
    _urged: set[int] = field(default_factory=set)

    def turn(self, *, filings: float, at: datetime) -> Turn:
        """One turn: everybody who has something going may do something, then some file anew; and the grids' part."""
        chance = random.Random(f"{self.seed}/{at.astimezone(LEGAL_TIME):%Y-%m-%d %H:%M}")
        turn = Turn()
        self._gather(at)
        for mother in self.acting:
            self._live(mother, turn, chance, at)
        for _ in range(int(filings) + (chance.random() < filings % 1)):
            self._file(turn, chance, at)
        if self.play.calls is not None and orgs.of_kind(HOTLINE):
            # A chance of their own, so that families live as they did without the hotline.
            calling = random.Random(f"{self.seed}/calls/{at.astimezone(LEGAL_TIME):%Y-%m-%d %H:%M}")
            share = filings / self.play.a_day
            _tickets.turn(self.play.calls, share, lambda what, deed: self._try(turn, what, deed), calling, at)
        if self.grids is not None:
            own = random.Random(f"grids/{self.seed}/{at.astimezone(LEGAL_TIME):%Y-%m-%d %H:%M}")
            self.grids.turn(filings / self.play.a_day, own, at, lambda what, deed: self._try(turn, what, deed))
        return turn

    def last_filed(self, at: datetime) -> datetime | None:
        """When somebody last filed: from there a play of past days goes on."""
        self._gather(at)
        roots = (cases.of_applicant(m.party_id, at=at, size=1).items for m in self.acting if m.party_id is not None)
        return max((root.opened_at for page in roots for root in page), default=None)

    def _gather(self, at: datetime) -> None:
        """Those who filed before, found again in the order in which they came."""
        if self._waiting is not None:
            return
        rest = _families.mothers(at, without=self.without)
        strangers: list[Mother] = []
        for mother in rest:
            if not _has_filed(mother, at):
                strangers.append(mother)
            else:
                self.acting.append(mother)
                strangers.clear()
            if len(strangers) == STRANGERS_MAX:
                break
        self._waiting = chain(strangers, rest)

    def _file(self, turn: Turn, chance: random.Random, at: datetime) -> None:
        mother = next(self._waiting, None) if self._waiting else None
        if mother is None:
            return

        def deed() -> None:
            by = _families.enter(mother, password=self.password, at=at)
            self.acting.append(Mother(mother.person, by.party_id, by.account_id))
            family = self.play.family(chance)
            _families.file(mother, family, self.names, self.play.journey, by=by, chance=chance, at=at)

        self._try(turn, "申报", deed)

    def _live(self, mother: Mother, turn: Turn, chance: random.Random, at: datetime) -> None:
        if mother.party_id is None or mother.account_id is None:
            return
        by = people.actor_of(mother.account_id, at=at)
        for root in cases.of_applicant(mother.party_id, at=at).items:
            if root.is_open:
                self._go_on(root, by, turn, chance, at)
            elif root.kind != BAD_RATING and chance.random() < self.play.rated and not ratings.of_case(root.id):
                self._try(turn, "评价", lambda root=root: self._rate(root, by, chance, at))  # type: ignore[misc]

    def _go_on(self, root: CaseView, by: Actor, turn: Turn, chance: random.Random, at: datetime) -> None:
        if root.kind != BAD_RATING and chance.random() < self.play.withdrawn and root.accepted_at is None:
            words = chance.choice(self.play.withdrawals)
            self._try(turn, "撤回", lambda: engine.withdraw(case_id=root.id, by=by, at=at, reason=words))
            return
        if root.kind != BAD_RATING and root.id not in self._urged and chance.random() < self.play.urged:
            self._urged.add(root.id)
            words = chance.choice(self.play.urges)
            self._try(turn, "催办", lambda: engine.urge(case_id=root.id, by=by, at=at, words=words))
        family = cases.family(root.id, at=at)
        for case in (family.root, *(slot.case for slot in family.slots if slot.case is not None)):
            for task in case.steps_open:
                if case.is_open and chance.random() < _zeal(task):
                    self._take(case, task, by, turn, chance, at)

    def _take(
        self, case: CaseView, task: TaskView, resident: Actor, turn: Turn, chance: random.Random, at: datetime
    ) -> None:
        if task.kind is TaskKind.OUTSIDE:
            if self.answers_outside:
                self._try(turn, "外部系统答复", lambda: self._answer(case, task, chance, at))
            return
        by = resident if task.kind is TaskKind.APPLICANT else _clerk(task, chance, at)
        code = self.play.pick(chance, task.step, [choice.code for choice in task.choices])
        if by is None or code is None:
            return
        choice = next(each for each in task.choices if each.code == code)

        def deed() -> None:
            if by is not resident and task.assignee_id is None:
                engine.sign_for(task_id=task.id, by=by, at=at)
                if chance.random() < 0.2:
                    return  # signed for in the morning, handled later
            engine.advance(
                case_id=case.id,
                step=task.step,
                choice=code,
                form=self._form(choice, chance),
                grounds=self._grounds(choice, chance),
                by=by,
                at=at,
            )

        self._try(turn, choice.name, deed)

    def _form(self, choice: ChoiceView, chance: random.Random) -> dict[str, Any] | None:
        wanted = self.play.forms.get(choice.form_id) if choice.form_id else None
        return {name: _filled(text, chance) for name, text in wanted.items()} if wanted else None

    def _grounds(self, choice: ChoiceView, chance: random.Random) -> str:
        return "" if choice.grounds == "none" else self.play.words_for(chance, choice.code)

    def _answer(self, case: CaseView, task: TaskView, chance: random.Random, at: datetime) -> None:
        """What the outside system reports; the platform hears it as from the system itself."""
        call = cases.outside_call(task.id)
        code = self.play.pick(chance, task.step, [choice.code for choice in task.choices if choice.by != "post"])
        if call is None or code is None:
            return
        facts = {"id_number": _child_number(case), "today": f"{at.astimezone(LEGAL_TIME):%Y-%m-%d}"}
        is_good = code not in self.play.grounds
        wanted = self.play.outside.get(call.system, {}) if is_good else {}
        data = {name: _filled(text, chance, **facts) for name, text in wanted.items()}
        engine.report_outside(
            system=call.system,
            message_id=f"played:{call.reference}",
            reference=call.reference,
            kind=OutsideKind.RESULT,
            payload={"choice": code, "data": data, "grounds": self.play.words_for(chance, code)},
            by=Actor(kind=ActorKind.MACHINE, name=call.system),
            at=at,
        )

    def _rate(self, root: CaseView, by: Actor, chance: random.Random, at: datetime) -> None:
        level = Level(self.play.level(chance))
        tags = [tag.code for tag in ratings.tags_for(level)]
        words = chance.choice(self.play.bad_words if level.is_bad else self.play.good_words)
        feedback.rate(
            case_id=root.id,
            level=level,
            channel=Channel.MOBILE,
            tags=chance.sample(tags, min(len(tags), chance.randrange(3))),
            words=words,
            by=by,
            at=at,
        )

    def _try(self, turn: Turn, what: str, deed: Callable[[], object]) -> None:
        try:
            deed()
        except YiwangError as refused:
            where = "、".join(place.where for place in getattr(refused, "places", ()))
            turn.refused.append(" ".join(filter(None, (f"{what}：{refused.code}", refused.message, where))))
        else:
            turn.count(what)


def _has_filed(mother: Mother, at: datetime) -> bool:
    return mother.party_id is not None and bool(cases.of_applicant(mother.party_id, at=at, size=1).items)


def _zeal(task: TaskView) -> float:
    return SLOW if task.org_id % SLOW_EVERY == 0 and task.kind is not TaskKind.APPLICANT else QUICK


def _clerk(task: TaskView, chance: random.Random, at: datetime) -> Actor | None:
    """Whoever signed for it, else one of those who hold the post today."""
    if task.assignee_id is not None:
        return people.actor_of(task.assignee_id, at=at)
    holders = people.holders(task.post, task.org_id, at=at)
    return people.actor_of(chance.choice(holders).id, at=at) if holders else None


def _filled(text: str, chance: random.Random, **facts: str) -> Any:
    span = _RANGE.fullmatch(text)
    if span:
        return chance.randint(int(span[1]), int(span[2]))
    serial = f"{chance.randrange(10**9):09d}"
    return text.format(serial=serial, short=serial[:8], **facts)


def _child_number(case: CaseView) -> str:
    """A citizen's number as the household system would allot it; sequences from 900 on are the play's."""
    answers = cases.data(case.id).get("answers") or {}
    born_on = datetime.fromisoformat(str(answers["child_born_at"])).date() if "child_born_at" in answers else date.min
    male = answers.get("child_sex") == _families.MALE
    first = f"{case.region_code[:6]}{born_on:%Y%m%d}{900 + 2 * (case.id % 49) + (1 if male else 0):03d}"
    return first + id_check_digit(first)
