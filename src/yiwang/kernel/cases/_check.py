"""What is wrong with a flow: found when the pack is loaded, long before a case gets stuck in it."""

from collections.abc import Callable, Iterator, Mapping

from yiwang.kernel.cases._check_back import late_decisions, restarts, returns, rounds
from yiwang.kernel.cases._findings import Finding, waiting
from yiwang.kernel.cases._graph import Survey, forward, parts, survey, ways
from yiwang.kernel.cases.contracts import OUTCOMES
from yiwang.kernel.cases.kinds import (
    JOIN,
    ApplicantStep,
    AutomaticStep,
    Choice,
    ClockPart,
    EachStep,
    EndStep,
    FlowPack,
    OutsideStep,
    ParallelStep,
    PostStep,
    Silence,
    Step,
    SubcasesStep,
    Waiting,
)


def findings(body: FlowPack) -> list[Finding]:
    """Everything that is wrong with a flow by itself; what it names outside is checked against the packs."""
    broken = list(_broken_ways(body))
    if broken:
        return broken
    found = survey(body)
    return [part for check in _CHECKS for part in check(body, found)]


def _broken_ways(body: FlowPack) -> Iterator[Finding]:
    known = "、".join(body.steps)
    if body.start not in body.steps:
        yield Finding("start", f"没有环节“{body.start}”。", f"请写已有的环节：{known}。")
    for name, step in body.steps.items():
        for way in ways(step):
            if way.to != JOIN and way.to not in body.steps:
                yield Finding(f"steps.{name}.{way.where}", f"没有环节“{way.to}”。", f"请写已有的环节：{known}。")
        if isinstance(step, ParallelStep):
            for index, branch in enumerate(step.branches):
                if branch not in body.steps:
                    yield Finding(f"steps.{name}.branches.{index}", f"没有环节“{branch}”。", "请写已有的环节。")
    if JOIN in body.steps:
        yield Finding(f"steps.{JOIN}", f"“{JOIN}”是汇合的专用词。", "请换一个环节名。")


def _unreachable(body: FlowPack, found: Survey) -> Iterator[Finding]:
    for name in body.steps.keys() - found.scopes.keys():
        yield Finding(f"steps.{name}", "从起点走不到这一环节。", "请从某个环节通到它，或删去它。")


def _leaking(body: FlowPack, found: Survey) -> Iterator[Finding]:
    for leak in found.leaks:
        where = f"steps.{leak.step}.{leak.where}"
        if leak.to == JOIN:
            yield Finding(where, "这里没有可汇合的分支。", "join 只能写在并行分支里，且不与 leaves 同写。")
        elif isinstance(body.steps[leak.step], EachStep) and ".choices." in where:
            yield Finding(
                where, f"一家单位不能把全案带到“{leak.to}”。", "请写 to: join；要终止会签而离开，请加 leaves: true。"
            )
        elif where.rpartition(".")[2].isdigit():
            yield Finding(where, f"分支“{leak.to}”还能从别处走到。", "每个分支要有自己的环节。")
        else:
            remedy = "分支办完请写 to: join；要放弃其他分支而离开，请加 leaves: true；不在分支里请删去 leaves。"
            yield Finding(where, f"走到“{leak.to}”会越出所在的并行分支。", remedy)


def _unjoined(body: FlowPack, found: Survey) -> Iterator[Finding]:
    for name, step in body.steps.items():
        if not isinstance(step, ParallelStep) or name not in found.scopes:
            continue
        if isinstance(step.join, int) and step.join > len(step.branches):
            yield Finding(f"steps.{name}.join", "要汇合的分支比实有的多。", f"请写不大于{len(step.branches)}的数。")
        for index, branch in enumerate(step.branches):
            scope = (*found.scopes[name], (name, branch))
            inside = [body.steps[one] for one, at in found.scopes.items() if at == scope]
            if inside and not any(way.to == JOIN for one in inside for way in ways(one)):
                yield Finding(
                    f"steps.{name}.branches.{index}", "这个分支走不到汇合。", "请让分支的最后一环节写 to: join。"
                )


def _endless(body: FlowPack, found: Survey) -> Iterator[Finding]:
    graph = forward(body, found.scopes)
    ends = {name for name in graph if isinstance(body.steps[name], EndStep)}
    if not ends:
        yield Finding("steps", "没有结束环节。", "请加一个 type: end 的环节，并通到它。")
        return
    stuck = {name: graph[name] for name in graph.keys() - _leading_to(graph, ends)}
    circling = _unattended_circle(body, found)
    for name in stuck:
        # Named where they get stuck, not all the way there; an automatic circle is said below.
        if name not in circling and all(name in _reached(stuck, other) for other in _reached(stuck, name)):
            yield Finding(
                f"steps.{name}", "从这一环节走不到结束。", "请给它一条通向结束环节的路，不靠只能用一次的办法。"
            )


def _reached(graph: Mapping[str, set[str]], start: str) -> set[str]:
    reached, ahead = {start}, [start]
    while ahead:
        new = graph.get(ahead.pop(), set()) - reached
        reached |= new
        ahead += new
    return reached


def _leading_to(graph: Mapping[str, set[str]], ends: set[str]) -> set[str]:
    leading = set(ends)
    while more := {name for name, to in graph.items() if name not in leading and to & leading}:
        leading |= more
    return leading


def _circles(body: FlowPack, found: Survey) -> Iterator[Finding]:
    for name in _unattended_circle(body, found):
        yield Finding(f"steps.{name}", "自动环节连成了圈，会一直转下去。", "请在圈中放一个有人办理的环节。")


def _unattended_circle(body: FlowPack, found: Survey) -> set[str]:
    graph = forward(body, found.scopes)
    # Those who are asked, or the sub-cases, may turn out to be none: such a step is then gone through at once.
    by_itself = AutomaticStep | EachStep | SubcasesStep
    unattended = {name for name in graph if isinstance(body.steps[name], by_itself | ParallelStep)}
    # What can leave the circle is peeled off until only circles stay.
    while loose := {name for name in unattended if not graph[name] & unattended}:
        unattended -= loose
    return {name for name in unattended if isinstance(body.steps[name], by_itself)}


def _untaken(body: FlowPack, found: Survey) -> Iterator[Finding]:
    for name, step in waiting(body):
        where = f"steps.{name}"
        for code, choice in step.choices.items():
            if choice.by == "post" and isinstance(step, ApplicantStep):
                yield Finding(f"{where}.choices.{code}.by", "申请人环节没有岗位。", "请改为岗位环节，或删去 by。")
            if choice.by == "post" and isinstance(step, OutsideStep) and not step.post:
                yield Finding(f"{where}.choices.{code}.by", "没有写由哪个岗位办。", "请在这一环节写 post。")
        if all(choice.once for choice in step.choices.values()):
            yield Finding(f"{where}.choices", "所有办法都只能用一次，用完就没有办法了。", "请留一个不写 once 的办法。")


def _silences(body: FlowPack, found: Survey) -> Iterator[Finding]:
    for name, step in waiting(body):
        if step.silence:
            yield from _silence(f"steps.{name}.silence", step.silence, step, has_limit=step.limit is not None)
    for name, clock in body.clocks.items():
        if clock.silence:
            yield from _clock_silence(f"clocks.{name}.silence", clock, body)


def _silence(where: str, silence: Silence, step: Step, *, has_limit: bool) -> Iterator[Finding]:
    if not has_limit:
        yield Finding(where, "没有期限，就没有逾期。", "请写 limit，或删去 silence。")
    if bool(silence.take) == bool(silence.to):
        yield Finding(where, "take 和 to 要写且只写一个。", "take 指一个办法,to 指一个环节。")
    if silence.step:
        yield Finding(f"{where}.step", "环节的逾期只管本环节。", "请删去 step。")
    if silence.take and isinstance(step, Waiting) and silence.take not in step.choices:
        yield Finding(f"{where}.take", f"这一环节没有办法“{silence.take}”。", f"可写：{'、'.join(step.choices)}。")
    if not isinstance(step, ApplicantStep) and silence.basis is None:
        yield Finding(
            where, "逾期即视为办理，须有法律依据。", "请写 basis: {title: …, article: …}，或删去 silence（只报警）。"
        )


def _clock_silence(where: str, clock: ClockPart, body: FlowPack) -> Iterator[Finding]:
    silence = clock.silence
    assert silence is not None
    step = body.steps.get(silence.step or "")
    if not isinstance(step, Waiting) or isinstance(step, EachStep) or silence.take not in step.choices:
        yield Finding(where, "要写在哪个环节取哪个办法。", "请写 step 和 take,均为流程里已有的。")
    if silence.to or silence.basis is None:
        yield Finding(where, "时限届满的后果须有法律依据，且只能取一个办法。", "请写 basis 和 take，不写 to。")


def _outcomes(body: FlowPack, found: Survey) -> Iterator[Finding]:
    known = OUTCOMES.keys() | body.outcomes.keys()
    for where, part in parts(body):
        outcome = getattr(part, "outcome", None)
        if outcome and outcome not in known:
            yield Finding(
                f"{where}.outcome",
                f"没有结果“{outcome}”。",
                f"请在 outcomes 里写明，或用：{'、'.join(sorted(known))}。",
            )


def _decisions(body: FlowPack, found: Survey) -> Iterator[Finding]:
    for name, step in waiting(body):
        for code, choice in step.choices.items():
            if choice.decides:
                yield from _decision(f"steps.{name}.choices.{code}", choice, body)
        if isinstance(step, PostStep):
            yield from _holders(name, step, body)


def _decision(where: str, choice: Choice, body: FlowPack) -> Iterator[Finding]:
    if not choice.outcome:
        yield Finding(where, "作出决定要有结果。", "请写 outcome。")
    elif _is_known(body, choice.outcome) and not is_good(body, choice.outcome) and choice.grounds != "required":
        yield Finding(where, "不利的决定必须说明理由。", "请写 grounds: required。")


def _holders(name: str, step: PostStep, body: FlowPack) -> Iterator[Finding]:
    for index, other in enumerate(step.not_same_as):
        if other == name or not isinstance(body.steps.get(other), PostStep):
            yield Finding(f"steps.{name}.not_same_as.{index}", f"“{other}”不是另一个岗位环节。", "请写已有的岗位环节。")
    if step.same_holder_because or not any(choice.decides for choice in step.choices.values()):
        return
    before = [
        other
        for other, one in body.steps.items()
        if other != name and isinstance(one, PostStep) and any(choice.to == name for choice in one.choices.values())
    ]
    for other in sorted(set(before) - set(step.not_same_as)):
        remedy = f"请写 not_same_as: [{other}],确可一人办理的写 same_holder_because 和理由。"
        yield Finding(f"steps.{name}", f"承办“{other}”的人也能在这里作决定。", remedy)


def _clocks(body: FlowPack, found: Survey) -> Iterator[Finding]:
    for name, clock in body.clocks.items():
        for index, reason in enumerate(clock.pauses):
            if reason not in body.pauses:
                yield Finding(f"clocks.{name}.pauses.{index}", f"没有暂停事由“{reason}”。", "请在 pauses 里写明。")
    for where, names in _timed(body):
        for index, name in enumerate(names):
            if name not in body.clocks:
                yield Finding(
                    f"{where}.{index}", f"没有时限“{name}”。", f"请在 clocks 里写明：{'、'.join(body.clocks)}。"
                )
    started = {name for where, names in _timed(body) if where.endswith("starts") for name in names}
    for name in body.clocks.keys() - started:
        yield Finding(f"clocks.{name}", "没有哪一步让它起算。", "请在某个办法里写 starts,或删去它。")


def _timed(body: FlowPack) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, step in body.steps.items():
        if isinstance(step, AutomaticStep):
            yield f"steps.{name}.starts", step.starts
            yield f"steps.{name}.stops", step.stops
        if isinstance(step, Waiting):
            for code, choice in step.choices.items():
                yield f"steps.{name}.choices.{code}.starts", choice.starts
                yield f"steps.{name}.choices.{code}.stops", choice.stops


def is_good(body: FlowPack, outcome: str) -> bool:
    """Whether an outcome counts as done well: what depends on the case may begin."""
    own = body.outcomes.get(outcome)
    return own.good if own else outcome in OUTCOMES and OUTCOMES[outcome].is_good


def _is_known(body: FlowPack, outcome: str) -> bool:
    return outcome in OUTCOMES or outcome in body.outcomes


_CHECKS: tuple[Callable[[FlowPack, Survey], Iterator[Finding]], ...] = (
    _unreachable,
    _leaking,
    _unjoined,
    _endless,
    _circles,
    _untaken,
    rounds,
    returns,
    restarts,
    _silences,
    _outcomes,
    _decisions,
    late_decisions,
    _clocks,
)
