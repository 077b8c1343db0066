"""A flow in the words of BPMN 2.0: which element each step, way, limit and join is. No geometry, no XML."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from yiwang.kernel.cases._flow import Flow
from yiwang.kernel.cases._layout import join_of, target_of
from yiwang.kernel.cases._views import basis, said
from yiwang.kernel.cases.kinds import (
    JOIN,
    POST_TYPE,
    ApplicantStep,
    AutomaticStep,
    EachStep,
    EndStep,
    OutsideStep,
    ParallelStep,
    PostStep,
    Step,
    SubcasesStep,
    Waiting,
)
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import PackNotFound
from yiwang.kernel.workdays.contracts import Limit

TASKS = {
    PostStep: "userTask",
    EachStep: "userTask",
    ApplicantStep: "userTask",
    OutsideStep: "serviceTask",
    AutomaticStep: "serviceTask",
    SubcasesStep: "callActivity",
}
START = "start"


@dataclass(frozen=True, slots=True)
class Node:
    """One flow node. `of` is the step whose place it shares; `limit` makes it a timer on that step's edge."""

    id: str
    tag: str
    of: str
    name: str = ""
    notes: str = ""
    performer: str = ""
    limit: Limit | None = None
    interrupts: bool = False
    terminates: bool = False
    # How many instances, or branches, are enough: "all" or a number; empty without any.
    enough: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One sequence flow; `way` is the pair of boxes of the flow's layout that it runs between."""

    id: str
    source: str
    target: str
    way: tuple[str, str]
    name: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Diagram:
    """Everything of a flow in BPMN's terms."""

    id: str
    name: str
    notes: str
    clocks: str
    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]


def diagram(flow: Flow) -> Diagram:
    """The elements of a flow, in the order of its file."""
    parts = [_parts(flow, name, step) for name, step in flow.steps.items()]
    begin = Line("begin", START, entry(flow.body.start), (START, flow.body.start))
    return Diagram(
        id=f"flow-{flow.id}",
        name=said(flow.title),
        notes="；".join(filter(None, map(basis, flow.body.legal_basis))),
        clocks=_clocks(flow),
        nodes=(Node(START, "startEvent", START), *(node for nodes, _ in parts for node in nodes)),
        lines=(begin, *(line for _, lines in parts for line in lines)),
    )


def entry(box: str) -> str:
    """The element at which a way to a box of the layout arrives."""
    return f"join-{box.removesuffix('+')}" if box.endswith("+") else f"step-{box}"


def _parts(flow: Flow, name: str, step: Step) -> tuple[list[Node], list[Line]]:
    match step:
        case EndStep():
            terminates = any(isinstance(one, ParallelStep) for one in flow.steps.values())
            return [Node(entry(name), "endEvent", name, said(step.name), terminates=terminates)], []
        case ParallelStep():
            return _parallel(flow, name, step)
    nodes = [_task(name, step)]
    ways = [
        Line(f"flow.{name}.{code}", "", entry(to), (name, to), *words) for code, to, words in _ways(flow, name, step)
    ]
    source = entry(name)
    lines: list[Line] = []
    if len(ways) > 1:
        source = f"which-{name}"
        nodes.append(Node(source, "exclusiveGateway", name))
        lines.append(Line(f"flow.{name}", entry(name), source, (name, name)))
    lines += [_from(way, source) for way in ways]
    if isinstance(step, Waiting) and step.limit:
        timer, onward = _timer(flow, name, step, step.limit)
        nodes += timer
        lines += onward
    return nodes, lines


def _from(way: Line, source: str) -> Line:
    return Line(way.id, source, way.target, way.way, way.name, way.notes)


def _task(name: str, step: Step) -> Node:
    tag = TASKS[type(step)]
    enough = str(step.join) if isinstance(step, SubcasesStep | EachStep) else ""
    return Node(entry(name), tag, name, said(step.name), _notes(step), _performer(step), enough=enough)


def _performer(step: Step) -> str:
    match step:
        case PostStep() | OutsideStep(post=str()):
            try:
                return said(packs.get(POST_TYPE, step.post or "").title)
            except PackNotFound:
                return step.post or ""
        case ApplicantStep():
            return gettext("申请人")
    return ""


def _notes(step: Step) -> str:
    match step:
        case OutsideStep():
            return gettext("由外部系统办理：%(system)s") % {"system": step.system}
        case AutomaticStep():
            return gettext("自动办理：%(effects)s") % {"effects": "、".join(call.do for call in step.effects) or "—"}
        case SubcasesStep():
            return gettext("每个部分是一个单独的办件：%(plan)s") % {"plan": step.plan}
    return said(step.words)


def _ways(flow: Flow, name: str, step: Step) -> Iterator[tuple[str, str, tuple[str, str]]]:
    """Code, box and words of every way that somebody takes; silence is the timer's."""
    if isinstance(step, EachStep):
        yield "to", target_of(flow, name, step.to), (gettext("够数"), "")
        if step.otherwise:
            yield "otherwise", target_of(flow, name, step.otherwise.to), (gettext("不够数"), "")
    match step:
        case Waiting():
            for code, choice in step.choices.items():
                if isinstance(step, EachStep) and choice.to == JOIN:
                    continue  # one of many answers: the step itself counts them
                notes = [gettext("只能一次") if choice.once else "", gettext("放弃其余分支") if choice.leaves else ""]
                words = (said(choice.name), "；".join(filter(None, notes)))
                yield code, target_of(flow, name, choice.to), words
        case SubcasesStep():
            routes = {"to": (step, gettext("办成")), "if_some": (step.if_some, gettext("部分办成"))}
            routes["if_none"] = (step.if_none, gettext("都没办成"))
            for code, (route, said_) in routes.items():
                if route:
                    yield code, target_of(flow, name, route.to), (said_, "")
        case AutomaticStep():
            yield "to", target_of(flow, name, step.to), ("", "")


def _parallel(flow: Flow, name: str, step: ParallelStep) -> tuple[list[Node], list[Line]]:
    join = join_of(name)
    enough = "1" if step.join == "any" else str(step.join)
    waits_for_all = step.join == "all" or step.join == len(step.branches)
    late = gettext("其余分支继续办完") if step.late == "run" else gettext("其余分支不再办理")
    meeting = Node(
        entry(join),
        "parallelGateway" if waits_for_all else "complexGateway",
        join,
        notes="" if waits_for_all else late,
        enough="" if waits_for_all else enough,
    )
    lines = [Line(f"flow.{name}.{branch}", entry(name), entry(branch), (name, branch)) for branch in step.branches]
    onward = target_of(flow, name, step.to)
    lines.append(Line(f"flow.{name}.to", entry(join), entry(onward), (join, onward)))
    return [Node(entry(name), "parallelGateway", name, said(step.name)), meeting], lines


def _timer(flow: Flow, name: str, step: Waiting, limit: Limit) -> tuple[list[Node], list[Line]]:
    """A limit is a timer on the step's edge: silence with an effect ends the step, an alarm only says so."""
    timer, silence = f"limit-{name}", step.silence
    if isinstance(step, EachStep):
        # Each of many has the limit for itself: the step as a whole goes on.
        deemed = said(step.choices[silence.take].name) if silence and silence.take else gettext("超期告警")
        node = Node(timer, "boundaryEvent", name, str(limit), limit=limit)
        alarm = Node(f"late-{name}", "endEvent", name, deemed)
        return [node, alarm], [Line(f"limit.{name}.late", timer, alarm.id, (name, name))]
    route = (step.choices[silence.take].to if silence.take else silence.to) if silence else None
    node = Node(timer, "boundaryEvent", name, str(limit), limit=limit, interrupts=route is not None)
    if route is None or silence is None:
        alarm = Node(f"late-{name}", "endEvent", name, gettext("超期告警"))
        return [node, alarm], [Line(f"limit.{name}.late", timer, alarm.id, (name, name))]
    to = target_of(flow, name, route)
    words = said(step.choices[silence.take].name) if silence.take else gettext("逾期未办")
    return [node], [Line(f"limit.{name}.silence", timer, entry(to), (name, to), words, basis(silence.basis))]


def _clocks(flow: Flow) -> str:
    """The limits over several steps, one a line; they have no place on any one step's edge."""
    return "\n".join(_clock(flow, name) for name in flow.body.clocks)


def _clock(flow: Flow, name: str) -> str:
    clock = flow.body.clocks[name]
    pauses: Mapping[str, str] = {code: said(reason.name) for code, reason in flow.body.pauses.items()}
    told = [str(clock.limit) if clock.limit else gettext("期限随办件")]
    told.append(gettext("到决定为止") if clock.until == "decision" else gettext("到办结为止"))
    if clock.pauses:
        told.append(gettext("不计：%(reasons)s") % {"reasons": "、".join(pauses[code] for code in clock.pauses)})
    if clock.extension:
        told.append(gettext("可延长%(limit)s") % {"limit": clock.extension.max})
    return f"{said(clock.name)}：{'；'.join(told)}"
