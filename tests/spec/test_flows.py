"""Flows: the machine against a slow model, the checker against everything that can go wrong, and tables of both."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.flows import CUP, POLL, TENNIS, body, flow
from tests.spec import flow_maker
from tests.spec.flow_model import Model
from yiwang.kernel.cases import _machine
from yiwang.kernel.cases._check import findings
from yiwang.kernel.cases._examples import outcome_of, played
from yiwang.kernel.cases._flow import Flow, flow_of
from yiwang.kernel.cases._moves import Cancelled, Closed, Ended, Marking, Move, NotOffered, NotOpen, Opened
from yiwang.kernel.cases.kinds import FlowExample, FlowPack, Waiting

SEEDS = st.integers(min_value=0, max_value=2**32)


@settings(max_examples=200)
@given(SEEDS)
def test_machine_agrees_with_the_slow_model(seed: int) -> None:
    random = Random(seed)
    made, levels = flow_maker.sound(random)
    assert findings(made) == []
    flow, model = flow_of(made, "x"), Model(made, levels)
    move = _machine.begin(flow)
    opened = _counted(set(), move)
    for _ in range(40):
        assert move.marking.open == model.open == opened
        assert move.marking.is_ended == model.is_over
        if model.is_over:
            assert move.marking.outcome == model.tree.outcome
            return
        step = random.choice(sorted(model.open))
        assert set(_machine.offered(flow, move.marking, step)) == model.offered(step)
        choice = random.choice(sorted(model.offered(step)))
        move = _machine.take(flow, move.marking, step, choice)
        model.take(step, choice)
        opened = _counted(opened, move)


def _counted(opened: set[str], move: Move) -> set[str]:
    """The open steps, from the commands alone: what the tables of tasks are written from."""
    opened = set(opened)
    for command in move.commands:
        match command:
            case Opened(step):
                assert step not in opened
                opened.add(step)
            case Closed(step, how, _) if how != "automatic":
                opened.remove(step)
            case Cancelled(places):
                opened -= set(places)
            case Ended():
                assert not opened
    return opened


@settings(max_examples=600)
@given(SEEDS)
def test_a_flow_without_findings_never_gets_stuck(seed: int) -> None:
    made = flow_maker.heap(Random(seed))
    if findings(made):
        return
    flow = flow_of(made, "x")
    reached = _reachable(flow)
    for marking in reached:
        assert marking.is_ended or marking.open
    _every_marking_leads_to_an_end(flow, reached)


def _key(marking: Marking) -> object:
    forks = tuple(sorted((name, tuple(sorted(arrived))) for name, arrived in marking.forks.items()))
    return marking.open, forks, marking.taken, marking.is_ended


def _next(flow: Flow, marking: Marking) -> list[Marking]:
    return [
        _machine.take(flow, marking, step, choice).marking
        for step in marking.open
        for choice in _machine.offered(flow, marking, step)
    ]


def _reachable(flow: Flow, most: int = 300) -> list[Marking]:
    found = {}
    waiting = [_machine.begin(flow).marking]
    while waiting and len(found) < most:
        marking = waiting.pop()
        if _key(marking) not in found:
            found[_key(marking)] = marking
            waiting += _next(flow, marking)
    return list(found.values())


def _every_marking_leads_to_an_end(flow: Flow, markings: list[Marking]) -> None:
    for marking in markings:
        seen, waiting = set(), [marking]
        while waiting:
            one = waiting.pop(0)
            if one.is_ended:
                break
            if _key(one) not in seen:
                seen.add(_key(one))
                waiting += _next(flow, one)
        else:
            pytest.fail(f"stuck at {marking.open}")


def test_the_maker_of_heaps_makes_some_that_are_sound_and_parallel() -> None:
    good = [made for seed in range(3000) if not findings(made := flow_maker.heap(Random(seed)))]
    assert len(good) > 20
    assert any("parallel" in {step.type for step in made.steps.values()} for made in good)


LATE = """
start: fork
steps:
  fork: {name: 并, type: parallel, branches: [a, b], join: any, late: run, to: c}
  a: {name: 甲, post: p, choices: {on: {name: 办, to: join}}}
  b: {name: 乙, post: p, choices: {on: {name: 办, to: join}}}
  c: {name: 丙, post: p, choices: {on: {name: 办, to: end}, back: {name: 退, to: fork}}}
  end: {name: 完, type: end}
"""


@pytest.mark.parametrize(
    ("text", "given_", "then"),
    [
        (TENNIS, "", {"request"}),
        (TENNIS, "request.enter", {"first", "second", "third"}),
        (TENNIS, "request.enter first.done", {"second", "third"}),
        (TENNIS, "request.enter third.done first.done", {"prize"}),
        (TENNIS, "request.enter second.injured", "lost"),
        (TENNIS, "request.ask photo.silence", "lost"),
        (TENNIS, "request.ask photo.send request.enter first.done second.done prize.cup", "won"),
        (LATE, "a.on", {"b", "c"}),
        (LATE, "a.on b.on", {"c"}),
        (LATE, "a.on c.back", {"a", "b"}),
        (LATE, "a.on c.on", "completed"),
    ],
)
def test_walks(text: str, given_: str, then: set[str] | str) -> None:
    made = flow(text)
    move = _machine.begin(made)
    for step in given_.split():
        move = played(made, move.marking, step)
    assert (move.marking.outcome if move.marking.is_ended else set(move.marking.open)) == then


def test_a_choice_that_is_used_up_is_refused() -> None:
    made = flow(TENNIS)
    move = played(made, _machine.begin(made).marking, "request.ask")
    move = played(made, move.marking, "photo.send")
    assert _machine.offered(made, move.marking, "request") == ("enter",)
    with pytest.raises(NotOffered):
        _machine.take(made, move.marking, "request", "ask")
    with pytest.raises(NotOpen):
        _machine.take(made, move.marking, "photo", "send")


def test_a_step_without_silence_only_raises_the_alarm() -> None:
    made = flow(TENNIS)
    with pytest.raises(NotOffered):
        _machine.lapse(made, _machine.begin(made).marking, "request")


SOUND = """
start: a
clocks: {law: {name: 法定, limit: 5 workdays, pauses: [hearing]}}
pauses: {hearing: {name: 听证}}
steps:
  a: {name: 收, post: p, choices: {on: {name: 收, to: fork, starts: [law]}}}
  fork: {name: 并, type: parallel, branches: [b, c], to: d}
  b: {name: 乙, post: p, choices: {on: {name: 办, to: join}}}
  c: {name: 丙, post: p, limit: 2 days, choices: {on: {name: 办, to: join}}}
  d: {name: 定, post: p, choices: {yes: {name: 准, to: auto, outcome: granted, decides: true},
      no: {name: 不准, to: end, outcome: refused, decides: true, grounds: required}}}
  auto: {name: 发, type: automatic, to: end}
  end: {name: 完, type: end}
"""

B = "b: {name: 乙, post: p, choices: {on: {name: 办, to: join}}}"
C = "c: {name: 丙, post: p, limit: 2 days, choices: {on: {name: 办, to: join}}}"
AUTO = "auto: {name: 发, type: automatic, to: end}"
END = "end: {name: 完, type: end}"

WRONG = {
    "unknown start": ("start: a", "start: x", "start"),
    "unknown target": ("to: auto", "to: nowhere", "steps.d.choices.yes.to"),
    "unknown branch": ("[b, c]", "[b, x]", "steps.fork.branches.1"),
    "unreachable": ("to: d}", "to: auto}", "steps.d"),
    "leak": (B, B.replace("join", "d"), "steps.b.choices.on.to"),
    "no join": (AUTO, "auto: {name: 发, type: automatic, to: join}", "steps.auto.to"),
    "join of too many": ("[b, c], to: d", "[b, c], join: 3, to: d", "steps.fork.join"),
    "branch in branch": (C, C.replace("join", "b"), "steps.c.choices.on.to"),
    "no end": (END, "end: {name: 完, type: automatic, to: a}", "steps"),
    "dead end": (AUTO, "auto: {name: 发, post: p, choices: {on: {name: 转, to: auto}}}", "steps.auto"),
    "circle": (AUTO, "auto: {name: 发, type: automatic, to: auto}", "steps.auto"),
    "all used up": ("on: {name: 收, to: fork, starts: [law]}", "on: {name: 收, to: fork, starts: [law], once: true}", "steps.a.choices"),
    "silence without basis": ("limit: 2 days,", "limit: 2 days, silence: {take: on},", "steps.c.silence"),
    "silence without limit": ("c: {name: 丙, post: p, limit: 2 days,", "c: {name: 丙, post: p, silence: {take: on, basis: {title: 法}},", "steps.c.silence"),
    "silence takes nothing": ("limit: 2 days,", "limit: 2 days, silence: {take: x, basis: {title: 法}},", "steps.c.silence.take"),
    "silence does two things": ("limit: 2 days,", "limit: 2 days, silence: {take: on, to: join, basis: {title: 法}},", "steps.c.silence"),
    "clock silence without step": ("pauses: [hearing]}", "pauses: [hearing], silence: {take: on, basis: {title: 法}}}", "clocks.law.silence"),
    "unknown outcome": ("outcome: granted", "outcome: splendid", "steps.d.choices.yes.outcome"),
    "decision without outcome": ("outcome: granted, decides", "decides", "steps.d.choices.yes"),
    "refusal without grounds": (", grounds: required", "", "steps.d.choices.no"),
    "same holder": ("to: d}", "to: e}\n  e: {name: 审, post: p, choices: {on: {name: 过, to: d}}}", "steps.d"),
    "not another post": ("d: {name: 定, post: p,", "d: {name: 定, post: p, not_same_as: [auto],", "steps.d.not_same_as.0"),
    "unknown pause": ("pauses: [hearing]", "pauses: [war]", "clocks.law.pauses.0"),
    "unknown clock": ("starts: [law]", "starts: [moon, law]", "steps.a.choices.on.starts.0"),
    "clock never starts": (", starts: [law]", "", "clocks.law"),
    "nobody takes it": (C, "c: {name: 丙, type: outside, system: x, choices: {on: {name: 办, to: join, by: post}}}", "steps.c.choices.on.by"),
    "join as a name": (END, "end: {name: 完, type: end}\n  join: {name: 汇, type: end}", "steps.join"),
}  # fmt: skip


def test_a_sound_flow_has_no_findings() -> None:
    assert findings(body(SOUND)) == []
    assert findings(body(TENNIS)) == []


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found_where_it_stands(name: str) -> None:
    old, new, where = WRONG[name]
    assert SOUND.count(old) == 1, "the table must break exactly one place"
    found = findings(body(SOUND.replace(old, new)))
    assert where in {finding.where for finding in found}, found
    assert all(finding.what and finding.remedy for finding in found)


ROUND = """
start: a
steps:
  a: {name: 拟, post: p, choices: {on: {name: 送, to: b}}}
  b: {name: 会签, post: p, for_each: "data:units", join: 2, to: c, otherwise: {to: a}, choices: {
      yes: {name: 同意, to: join}, no: {name: 不同意, to: join, counts: false}, stop: {name: 叫停, to: a, leaves: true}}}
  c: {name: 定, post: p, choices: {on: {name: 定, to: end}}}
  end: {name: 完, type: end}
"""
WRONG_ROUND = {
    "nobody can answer": ("yes: {name: 同意, to: join}, no: {name: 不同意, to: join, counts: false}, ", "", "steps.b.choices"),
    "votes against lead nowhere": (", otherwise: {to: a}", "", "steps.b"),
    "never otherwise": (", counts: false", "", "steps.b.otherwise"),
    "one drags all along": (", leaves: true", "", "steps.b.choices.stop.to"),
    "one decides": ("yes: {name: 同意,", "yes: {name: 同意, decides: true, outcome: granted,", "steps.b.choices.yes"),
    "one says how it ends": ("yes: {name: 同意,", "yes: {name: 同意, outcome: granted,", "steps.b.choices.yes.outcome"),
    "counts elsewhere": ("on: {name: 定,", "on: {name: 定, counts: false,", "steps.c.choices.on.counts"),
    "silence goes on": ("join: 2,", "join: 2, limit: 2 days, silence: {to: a, basis: {title: 法}},", "steps.b.silence.to"),
    "circle of nobody": ("to: c, otherwise", "to: b, otherwise", "steps.b"),
}  # fmt: skip


def test_a_sound_round_has_no_findings() -> None:
    assert findings(body(ROUND)) == []
    assert findings(body(POLL)) == []


@pytest.mark.parametrize("name", WRONG_ROUND)
def test_what_is_wrong_with_a_round_is_found_where_it_stands(name: str) -> None:
    old, new, where = WRONG_ROUND[name]
    assert ROUND.count(old) == 1, "the table must break exactly one place"
    assert where in {finding.where for finding in findings(body(ROUND.replace(old, new)))}


@pytest.mark.parametrize("example", body(POLL).examples, ids=lambda example: example.name)
def test_a_round_in_the_examples_of_a_flow(example: FlowExample) -> None:
    assert outcome_of(flow(POLL), example) == ""


WRONG_BACK = {
    "into a branch": ("judge: {name: 判罚,", "judge: {name: 判罚, may_return_to: [first],", "steps.judge.may_return_to.0"),
    "to a later step": ("warm: {name: 热身,", "warm: {name: 热身, may_return_to: [judge],", "steps.warm.may_return_to.0"),
    "to the end": ("judge: {name: 判罚,", "judge: {name: 判罚, may_return_to: [end],", "steps.judge.may_return_to.0"),
    "begin in a branch": ("start: entry", "start: entry\nreopen: [first]", "reopen.0"),
    "correct without outcome": ("strip: {name: 取消成绩, outcome: void,", "strip: {name: 取消成绩,", "corrections.strip"),
    "correct to nowhere": ("to: judge, effects: [test.strip]", "to: first, effects: [test.strip]", "corrections.rejudge.to"),
    "unknown outcome": ("outcome: void, effects", "outcome: lost, effects", "corrections.strip.outcome"),
}  # fmt: skip
PLAIN_CUP = CUP.replace(" may_return_to: any,", "").replace(" may_return_to: [form, entry],", "")


def test_a_flow_with_ways_back_has_no_findings() -> None:
    assert findings(body(CUP)) == []


@pytest.mark.parametrize("name", WRONG_BACK)
def test_what_is_wrong_with_a_way_back_is_found_where_it_stands(name: str) -> None:
    old, new, where = WRONG_BACK[name]
    assert PLAIN_CUP.count(old) == 1, "the table must break exactly one place"
    assert where in {finding.where for finding in findings(body(PLAIN_CUP.replace(old, new)))}


LATE_LEAVING = """
start: fork
outcomes: {won: {name: 胜}}
steps:
  fork: {name: 并, type: parallel, branches: [a, b], join: any, late: run, to: c}
  a: {name: 甲, post: p, choices: {on: {name: 办, to: join}}}
  b: {name: 乙, post: p, choices: {on: {name: 办, to: join}, out: {name: 离, to: c, leaves: true, outcome: won}}}
  c: {name: 丙, post: p, choices: {on: {name: 办, to: end}}}
  end: {name: 完, type: end}
"""


def test_a_late_branch_cannot_drag_the_case_along() -> None:
    made = flow(LATE_LEAVING)
    move = played(made, _machine.begin(made).marking, "a.on")
    move = played(made, move.marking, "b.out")
    assert move.marking.open == {"c"}
    assert played(made, move.marking, "c.on").marking.outcome == "completed"


def test_a_late_branch_cannot_return_the_case() -> None:
    made = flow(LATE_LEAVING)
    move = played(made, _machine.begin(made).marking, "a.on")
    with pytest.raises(NotOffered):
        _machine.send_back(made, move.marking, "b", "c")


def test_a_branch_that_may_run_on_cannot_decide() -> None:
    made = body(
        LATE_LEAVING.replace(
            "leaves: true, outcome: won", "leaves: true, outcome: won, decides: true, grounds: required"
        )
    )
    assert [finding.where for finding in findings(made)] == ["steps.b.choices.out.decides"]


def _waiting_steps(made: FlowPack) -> list[str]:
    return [name for name, step in made.steps.items() if isinstance(step, Waiting)]


def test_every_open_step_always_offers_something() -> None:
    made = flow(TENNIS)
    for marking in _reachable(made):
        for step in marking.open:
            assert step in _waiting_steps(made.body)
            assert _machine.offered(made, marking, step)
