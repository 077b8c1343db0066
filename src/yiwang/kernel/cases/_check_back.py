"""What is wrong with a flow's rounds, with its ways back, and with decisions that would come too late."""

from collections.abc import Iterator

from yiwang.kernel.cases._findings import Finding, waiting
from yiwang.kernel.cases._graph import Survey, is_around, leading_to
from yiwang.kernel.cases.kinds import JOIN, ApplicantStep, EachStep, FlowPack, ParallelStep, PostStep


def rounds(body: FlowPack, found: Survey) -> Iterator[Finding]:
    for name, step in waiting(body):
        where = f"steps.{name}"
        for code, choice in step.choices.items():
            if not choice.counts and not isinstance(step, EachStep):
                yield Finding(f"{where}.choices.{code}.counts", "只有会签环节才计票。", "请删去 counts。")
        if isinstance(step, EachStep):
            yield from _round(where, step)


def _round(where: str, step: EachStep) -> Iterator[Finding]:
    if not any(choice.to == JOIN for choice in step.choices.values()):
        yield Finding(f"{where}.choices", "会签单位没有交回意见的办法。", "请写一个 to: join 的办法。")
    against = [code for code, choice in step.choices.items() if not choice.counts]
    if against and step.otherwise is None:
        yield Finding(where, "不计票的意见多了，汇合不成，没有去处。", "请写 otherwise: {to: …}。")
    if step.otherwise and not against:
        yield Finding(f"{where}.otherwise", "每个意见都计票，永远走不到这里。", "请给不赞成的办法写 counts: false。")
    for code, choice in step.choices.items():
        if choice.decides or choice.accepts or choice.once or choice.starts or choice.stops or choice.by:
            yield Finding(
                f"{where}.choices.{code}", "一家单位的意见不能定结果，也不能改变全案的计时。", "请写在会签之后的环节。"
            )
        if choice.outcome and choice.to == JOIN:
            yield Finding(f"{where}.choices.{code}.outcome", "一家单位的意见定不了结果。", "请把 outcome 写在环节上。")
    if step.silence and step.silence.to:
        yield Finding(f"{where}.silence.to", "会签逾期要写视为哪种意见。", "请改写 take。")


def returns(body: FlowPack, found: Survey) -> Iterator[Finding]:
    for name, step in body.steps.items():
        if not isinstance(step, PostStep) or not step.may_return_to or name not in found.scopes:
            continue
        where = f"steps.{name}.may_return_to"
        if isinstance(step, EachStep):
            yield Finding(where, "一家会签单位不能把全案退回。", "请写一个 leaves: true 的办法。")
        elif step.may_return_to != "any":
            known = sorted(_earlier(body, found, name))
            for index, other in enumerate(step.may_return_to):
                if other not in known:
                    remedy = f"可写：{'、'.join(known) or '无'}。"
                    yield Finding(f"{where}.{index}", f"不能从这里退回到“{other}”。", remedy)


def _earlier(body: FlowPack, found: Survey, name: str) -> set[str]:
    """The steps of people that lead to a step, outside of any branch it is not in."""
    return {
        other
        for other in leading_to(body, found.scopes, name)
        if other != name
        and isinstance(body.steps[other], PostStep | ApplicantStep)
        and not isinstance(body.steps[other], EachStep)
        and is_around(found.scopes[other], found.scopes[name])
    }


def restarts(body: FlowPack, found: Survey) -> Iterator[Finding]:
    """Where a closed case may begin again, and how a decision may be put right."""
    if not isinstance(body.reopen, str):
        for index, name in enumerate(body.reopen):
            if not _may_begin(body, found, name):
                yield Finding(f"reopen.{index}", f"不能从“{name}”重新办理。", "请写并行分支之外、由人办理的环节。")
    for code, correction in body.corrections.items():
        where = f"corrections.{code}"
        if bool(correction.to) == bool(correction.outcome):
            yield Finding(where, "要写新的结果，或从哪一环节重新决定。", "请写 outcome 或 to，只写一个。")
        if correction.to and not _may_begin(body, found, correction.to):
            yield Finding(f"{where}.to", f"不能从“{correction.to}”重新决定。", "请写并行分支之外、由人办理的环节。")
    if body.corrections and not any(choice.decides for _, step in waiting(body) for choice in step.choices.values()):
        yield Finding(
            "corrections", "这个流程不作决定，没有可更正的。", "请给决定的办法写 decides: true，或删去 corrections。"
        )


def _may_begin(body: FlowPack, found: Survey, name: str) -> bool:
    return isinstance(body.steps.get(name), PostStep | ApplicantStep) and found.scopes.get(name) == ()


def late_decisions(body: FlowPack, found: Survey) -> Iterator[Finding]:
    running_on = {name for name, step in body.steps.items() if isinstance(step, ParallelStep) and step.late == "run"}
    for name, step in waiting(body):
        if not running_on & {fork for fork, _ in found.scopes.get(name, ())}:
            continue
        for code, choice in step.choices.items():
            if choice.decides:
                yield Finding(
                    f"steps.{name}.choices.{code}.decides",
                    "汇合之后还在走的分支不能再作决定。",
                    "请在汇合之后决定，或把 late: run 改为 cancel。",
                )
