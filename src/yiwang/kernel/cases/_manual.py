"""The manual page of a flow: its picture, who does what by when, its limits and its worked examples."""

from collections.abc import Iterator

from yiwang.kernel.cases import _picture
from yiwang.kernel.cases._flow import flow_of
from yiwang.kernel.cases.kinds import (
    Choice,
    EndStep,
    FlowExample,
    FlowPack,
    OutsideStep,
    ParallelStep,
    PostStep,
    Step,
    SubcasesStep,
    Waiting,
)
from yiwang.kernel.packs.contracts import Pack, PackSet, Sheet, origin, section, sheet, table


def sheets(pack: Pack, packs: PackSet) -> Iterator[Sheet]:
    body = pack.as_type(FlowPack)
    name = f"flows/{pack.id}@{pack.version}"
    yield Sheet(f"{name}.svg", _picture.of_flow(flow_of(body, pack.hash), "horizontal"))
    text = sheet(
        str(pack.title),
        f"流程 · `{pack.reference}` · 内容 `{pack.hash[:12]}`",
        f"![{pack.title}]({pack.id}@{pack.version}.svg)",
        section(
            "环节", table(("环节", "谁办", "期限", "办法和去向"), (_row(body, step) for step in body.steps.values()))
        ),
        section("时限", table(("时限", "长短", "算到", "可以暂停的事由"), _clocks(body))),
        section(
            "结果", table(("代码", "结果", "算办成"), ((c, o.name, _yes(o.good)) for c, o in body.outcomes.items()))
        ),
        section(
            "例子", table(("例子", "已办", "应到"), ((e.name, _given(body, e), _then(body, e)) for e in body.examples))
        ),
        section("来源", origin(pack)),
    )
    yield Sheet(f"{name}.md", text, str(pack.title))


def _row(body: FlowPack, step: Step) -> tuple[str, str, str, str]:
    limit = str(step.limit) if isinstance(step, Waiting) and step.limit else ""
    return str(step.name), _who(step), limit, _ways(body, step)


def _who(step: Step) -> str:
    if isinstance(step, PostStep):
        return f"岗位 {step.post}"
    if isinstance(step, OutsideStep):
        return f"外部系统 {step.system}"
    if isinstance(step, SubcasesStep):
        return "各个子件"
    if isinstance(step, ParallelStep):
        return "同时进行的分支"
    if isinstance(step, EndStep):
        return ""
    return "申请人" if isinstance(step, Waiting) else "系统自动"


def _ways(body: FlowPack, step: Step) -> str:
    if isinstance(step, Waiting):
        return "\n".join(_choice(body, choice) for choice in step.choices.values())
    if isinstance(step, ParallelStep):
        return "、".join(_named(body, branch) for branch in step.branches) + f"，汇合后到 {_named(body, step.to)}"
    return "" if isinstance(step, EndStep) else f"到 {_named(body, step.to)}"


def _choice(body: FlowPack, choice: Choice) -> str:
    notes = [
        word for word, holds in (("须说明理由", choice.grounds == "required"), ("只能用一次", choice.once)) if holds
    ]
    return f"{choice.name} → {_named(body, choice.to)}" + (f"（{'，'.join(notes)}）" if notes else "")


def _named(body: FlowPack, step: str) -> str:
    return str(body.steps[step].name) if step in body.steps else "汇合"


def _clocks(body: FlowPack) -> Iterator[tuple[str, str, str, str]]:
    for clock in body.clocks.values():
        pauses = "、".join(str(body.pauses[name].name) for name in clock.pauses)
        until = {"decision": "作出决定", "end": "办结"}[clock.until]
        yield str(clock.name), str(clock.limit or "随办件而定"), until, pauses


def _given(body: FlowPack, example: FlowExample) -> str:
    return "\n".join(_deed(body, given) for given in example.given) or "刚开始"


def _deed(body: FlowPack, given: str) -> str:
    name, _, what = given.partition(".")
    step = body.steps.get(name)
    if isinstance(step, Waiting) and what in step.choices:
        return f"{step.name}：{step.choices[what].name}"
    words = {"silence": "逾期", "all": "全部办成", "some": "部分办成", "none": "都没办成"}
    return f"{_named(body, name)}：{words.get(what, what)}"


def _then(body: FlowPack, example: FlowExample) -> str:
    then, said = example.then, []
    if then.ended is not None:
        said.append(f"以 {then.ended} 结束")
    if then.open is not None:
        said.append("在办：" + ("、".join(_named(body, name) for name in then.open) or "没有"))
    if then.offered:
        said.append("可以：" + "、".join(_deed(body, given) for given in then.offered))
    if then.not_offered:
        said.append("不可以：" + "、".join(_deed(body, given) for given in then.not_offered))
    if then.running is not None:
        said.append("在走的时限：" + ("、".join(str(body.clocks[name].name) for name in then.running) or "没有"))
    return "\n".join(said)


def _yes(value: bool) -> str:
    return "是" if value else "否"
