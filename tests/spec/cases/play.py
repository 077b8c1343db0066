"""Plays random actions on a case in the database and on the slow model, and compares after each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import connection

from tests.spec.cases.maker import UNITS
from tests.spec.cases.model import Done, Model, NotPossible, silences
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM, Actor, Conflict, Denied
from yiwang.kernel.cases import actions, queries
from yiwang.kernel.cases.contracts import CaseView, OutsideKind, TaskView
from yiwang.kernel.cases.kinds import ApplicantStep, FlowPack, OutsideStep, SubcasesStep
from yiwang.kernel.workdays.contracts import Limit, Unit

ACTORS = ("ann", "bob", "cat", "dan", "far", "mother", "system")


WHOLE = ("pause", "resume", "extend", "reopen", "correct")


class NotReported(Exception):
    """There was nothing a system outside could report on, or it came too late."""


class Crash(Exception):
    """The machine stops in the middle of an action."""


@dataclass
class Play:
    """One case with its model; `taken` names who took each of the things done."""

    world: World
    body: FlowPack
    at: datetime
    actors: dict[str, Actor]
    done: list[Done] = field(default_factory=list)
    takers: list[str] = field(default_factory=list)
    case_id: int = 0
    began: datetime = field(init=False)
    recalled: int = 0

    def open(self) -> None:
        self.case_id = actions.open_case(
            kind="match",
            flow=self.body.id,
            title="随机",
            org_id=self.world.org("health").id,
            region_code="990102000000",
            applicant_id=self.world.mother.id,
            subject="陈晓岚",
            data={"units": self.units},
            limits={},
            by=self.actors["mother"],
            at=self.at,
        ).id
        self.began = self.at

    @property
    def units(self) -> list[int]:
        return [self.world.org(unit).id for unit in UNITS]

    @property
    def case(self) -> CaseView:
        return queries.peek(self.case_id, at=self.at)

    def model(self, done: list[Done] | None = None) -> Model:
        """Worked out anew, each time, from all that was done."""
        asked = [str(unit) for unit in self.units]
        return Model(self.body, asked, self.began, self.done if done is None else done)

    def did(self, one: Done, who: str) -> None:
        self.done.append(one)
        self.takers.append(who)

    def catch_up(self) -> Model:
        """What silence has done by now, and how the sub-cases came out, put into the list of what was done."""
        for _ in range(100):
            model = self.model()
            due = silences(model, self.at)
            if not due:
                return model
            self.did(Done("silence", due[0][1], at=due[0][0]), "law")
        raise AssertionError("silence without end")

    def settle(self) -> Model:
        """The model with every step of sub-cases gone on whose join is certain."""
        model = self.catch_up()
        for _ in range(20):
            steps = [token.step for token in model.tokens if isinstance(self.body.steps[token.step], SubcasesStep)]
            certain = [(step, tally) for step in steps if (tally := settled(self, step))]
            if not certain:
                return model
            self.did(Done("part", *certain[0], at=self.at), "law")
            model = self.catch_up()
        raise AssertionError("sub-cases without end")

    def compare(self) -> None:
        """Sweep, and see that the case stands as the model does."""
        actions.sweep(by=SYSTEM, at=self.at)
        model, case = self.settle(), self.case
        places = {f"{task.step}#{task.instance}" if task.instance else task.step for task in case.steps_open}
        assert places == model.open, (sorted(places), sorted(model.open), self.done)
        assert case.is_open != model.is_over, self.done
        assert len(places) == len(case.steps_open)
        if model.is_over:
            assert case.outcome == model.outcome, self.done
        assert bool(case.decided_at) == bool(model.decided), self.done
        standing = {token.place: token for token in model.tokens}
        for task in case.steps_open:
            token = standing[f"{task.step}#{task.instance}" if task.instance else task.step]
            if isinstance(self.body.steps[task.step], ApplicantStep) and token.own:
                assert task.opened_at == token.at, self.done
            assert task.due_at == model.due(token), (task.step, task.due_at, model.due(token), self.done)

    def tasks(self) -> list[TaskView]:
        return list(self.case.steps_open)


@contextmanager
def crashing(after: int) -> Iterator[None]:
    """Break off at the statement after so many."""
    left = [after]

    def count(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        # Not at the end itself: whether that came through nobody could know.
        left[0] -= not str(sql).startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))
        if left[0] == 0:
            left[0] = -1
            raise Crash
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield


@dataclass
class Player:
    """Chooses what to do next."""

    play: Play
    random: Random
    is_whole: bool = False
    told: list[str] = field(default_factory=list)

    def step(self) -> None:
        kinds = ["take"] * 12 + [
            "back",
            "back",
            "recall",
            "recall",
            "recall",
            "sleep",
            "sleep",
            "part",
            "part",
            "close",
        ]
        if self.is_whole:
            # No two things are done in the same instant.
            self.play.at += timedelta(seconds=1)
            kinds += ["pause", "pause", "resume", "resume", "extend", "sleep", "again", "again", "again"]
        kind = self.random.choice(kinds)
        getattr(self, f"_{kind}")()
        # What fell due while nobody looked takes effect before whatever is done next.
        if kind != "sleep" or not self.is_whole:
            self.play.compare()

    def _sleep(self) -> None:
        self.play.at += timedelta(hours=self.random.choice([1, 20, 60]))
        if self.random.random() < 0.5:
            self.play.compare()

    def _take(self) -> None:
        play = self.play
        model = play.model()
        if model.is_over:
            return
        place = self.random.choice(sorted(model.open))
        offered = model.offered(place) or ["on"]
        one = Done("take", place, self.random.choice(offered), play.at)
        step, _, instance = place.partition("#")

        def act(by: Actor) -> None:
            if by == SYSTEM and isinstance(play.body.steps[step], OutsideStep) and one.how != "home":
                self._reported(step, one.how)
                return
            actions.advance(
                case_id=play.case_id, step=step, instance=instance, choice=one.how, grounds="如此", by=by, at=play.at
            )

        self._act(one, act)

    def _reported(self, step: str, choice: str) -> None:
        """What the system outside says counts once, however often it says it."""
        play = self.play
        task = next((task for task in play.tasks() if task.step == step), None)
        number = f"{play.case.number}:{step}:{task.id}" if task else self.told[-1] if self.told else ""
        if not number:
            raise NotReported
        self.told.append(number)
        message = f"m{len(self.told)}"
        for turn in range(self.random.choice([1, 1, 2])):
            taken_in = actions.report_outside(
                system="rival", message_id=message, reference=number, kind=OutsideKind.RESULT,
                payload={"choice": choice}, by=SYSTEM, at=play.at,
            )  # fmt: skip
            assert taken_in == (turn == 0)
        if task is None:
            raise NotReported

    def _pause(self) -> None:
        self._whole(Done("pause", at=self.play.at), "ann", lambda by: actions.pause(
            case_id=self.play.case_id, reason="rain", by=by, at=self.play.at
        ))  # fmt: skip

    def _resume(self) -> None:
        self._whole(Done("resume", at=self.play.at), "ann", lambda by: actions.resume(
            case_id=self.play.case_id, by=by, at=self.play.at
        ))  # fmt: skip

    def _extend(self) -> None:
        days = self.random.randint(1, 3)
        self._whole(Done("extend", how=str(days), at=self.play.at), "cat", lambda by: actions.extend(
            case_id=self.play.case_id, clock="law", limit=Limit(days, Unit.WORKDAY), reason="难", by=by, at=self.play.at
        ))  # fmt: skip

    def _again(self) -> None:
        """Reopen, or put the decision right; sub-cases have rounds of their own and are left out."""
        play = self.play
        if any(isinstance(part, SubcasesStep) for part in play.body.steps.values()):
            return
        model = play.catch_up()
        if model.is_over and self.random.random() < 0.6:
            able = sorted(model.reopenings()) if self.random.random() < 0.85 else []
            step = self.random.choice(able or sorted(play.body.steps))
            self._whole(Done("reopen", place=step, at=play.at), "warden", lambda by: actions.reopen(
                case_id=play.case_id, step=step, reason="重办", by=by, at=play.at
            ))  # fmt: skip
        elif play.body.corrections and (model.decided or self.random.random() < 0.1):
            name = self.random.choice(sorted(play.body.corrections))
            if play.body.corrections[name].to and play.body.corrections[name].to not in model.been:
                return
            self._whole(Done("correct", how=name, at=play.at), "warden", lambda by: actions.correct_decision(
                case_id=play.case_id, correction=name, reason="有误", by=by, at=play.at
            ))  # fmt: skip

    def _whole(self, one: Done, who: str, act: Callable[[Actor], object]) -> None:
        self._act(one, act, who)

    def _back(self) -> None:
        play = self.play
        model = play.catch_up()
        ways = [(place, to) for place in sorted(model.open) for to in model.returns(place)]
        if not ways or model.is_over:
            return
        place, to = self.random.choice(ways)

        def act(by: Actor) -> None:
            actions.send_back(case_id=play.case_id, step=place, to=to, grounds="不对", by=by, at=play.at)

        self._act(Done("back", place, to, play.at), act)

    def _act(self, one: Done, act: Callable[[Actor], object], who: str = "") -> None:
        """Do it as somebody; if they may and it is possible it is done in the model too, else nothing changes."""
        who, play = who or self._somebody(one), self.play
        is_possible = self._is_possible(one, who)
        crash = crashing(self.random.randint(1, 25)) if self.random.random() < 0.15 else nullcontext()
        try:
            with crash:
                act(play.actors[who])
        except Crash:
            return
        except (Conflict, Denied, NotReported):
            was_refused = True
        else:
            was_refused = False
        assert was_refused != is_possible, (one, who, play.done)
        if was_refused:
            return
        play.catch_up()
        play.did(one, who)
        play.settle()

    def _is_possible(self, one: Done, who: str) -> bool:
        before = list(self.play.done)
        self.play.catch_up()
        done, self.play.done = list(self.play.done), before
        del self.play.takers[len(before) :]
        try:
            self.play.model([*done, one])
        except NotPossible:
            return False
        return one.what in WHOLE or self._may(one, who)

    def _somebody(self, one: Done) -> str:
        """Mostly somebody who may."""
        able = [who for who in ACTORS if self._may(one, who)]
        return self.random.choice(able) if able and self.random.random() < 0.85 else self.random.choice(ACTORS)

    def _may(self, one: Done, who: str) -> bool:
        step, _, instance = one.place.partition("#")
        part: Any = self.play.body.steps[step]
        if who == "system":
            return True
        if isinstance(part, ApplicantStep):
            return who == "mother"
        if isinstance(part, SubcasesStep) or (isinstance(part, OutsideStep) and part.choices[one.how].by != "post"):
            return False
        org = int(instance) if instance else self.play.world.org("health").id
        actor = self.play.actors[who]
        fits = any(post.post_type == part.post and post.org_id == org for post in actor.posts)
        task = next(
            (task for task in self.play.tasks() if (task.step, task.instance) == (step, instance)),
            None,
        )
        return fits and (task is None or task.assignee_id in (None, actor.account_id))

    def _recall(self) -> None:
        """What is taken back never was: the rest of what was done, done without it, must lead to where the case stands."""
        play = self.play
        mine = [index for index, one in enumerate(play.done) if one.what == "take" and play.takers[index] != "system"]
        if not mine:
            return
        index = self.random.choice(mine[-3:])
        one, who = play.done[index], play.takers[index]
        step, _, instance = one.place.partition("#")
        model = play.catch_up()
        is_last = index == len(play.done) - 1
        # After a first one was taken back, those before it may have been forgotten when it was taken.
        must = is_last and not play.recalled and not self._was_lasting(index) and not model.is_over
        try:
            actions.recall(case_id=play.case_id, step=step, instance=instance, by=play.actors[who], at=play.at)
        except (Conflict, Denied):
            assert not must, (one, play.done)
            return
        taken = max(
            number
            for number, each in enumerate(play.done)
            if each.what == "take" and each.place == one.place and play.takers[number] == who
        )
        assert not self._was_lasting(taken), (play.done[taken], play.done)
        del play.done[taken], play.takers[taken]
        play.recalled += 1
        try:
            play.model()
        except NotPossible as never:
            raise AssertionError(("taken back behind others", one, play.done)) from never

    def _was_lasting(self, index: int) -> bool:
        return self.play.model(self.play.done[: index + 1]).lasting

    def _close(self) -> None:
        play = self.play
        if self.random.random() < 0.8 or (model := play.catch_up()).is_over:
            return
        if self.random.random() < 0.5 and not model.decided:
            actions.withdraw(case_id=play.case_id, by=play.actors["mother"], at=play.at)
            play.did(Done("close", how="withdrawn", at=play.at), "mother")
        else:
            actions.terminate(case_id=play.case_id, reason="停", by=play.actors["warden"], at=play.at)
            play.did(Done("close", how="terminated", at=play.at), "warden")

    def _part(self) -> None:
        """Finish one sub-case; when its step's join is reached, or cannot be, the parent goes on."""
        play = self.play
        play.compare()
        slots = [slot for slot in queries.family(play.case_id, at=play.at).slots if slot.case and slot.case.is_open]
        if not slots:
            return
        slot = self.random.choice(slots)
        assert slot.case is not None
        choice = self.random.choice(["win", "lose"])
        actions.advance(
            case_id=slot.case.id, step="play", choice=choice, grounds="如此", by=play.actors["ann"], at=play.at
        )


def settled(play: Play, step: str) -> str:
    """How the sub-cases of a step came out, if that is certain; from their rows, counted by hand."""
    part = play.body.steps[step]
    assert isinstance(part, SubcasesStep)
    slots = [slot for slot in queries.family(play.case_id, at=play.at).slots if slot.step == step]
    good = sum(slot.is_good for slot in slots)
    over = sum(slot.case is not None and not slot.case.is_open for slot in slots)
    wanted = {"all": len(slots), "any": 1}[str(part.join)] if isinstance(part.join, str) else part.join
    # A round may bring fewer than are wanted, or none, when those of another step stand already: all of them is all.
    if good >= wanted or good == len(slots):
        return "all"
    if over < len(slots):
        return ""
    return "some" if good else "none"
