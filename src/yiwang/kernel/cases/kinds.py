"""The pack kind Flow: what a flow file may say. Whether what it says makes sense is decided in `_check`."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Discriminator, Field, StringConstraints, Tag

from yiwang.kernel.packs.contracts import LegalBasis, PackId, PackModel, PackPart, Text
from yiwang.kernel.workdays.contracts import Limit

FLOW = "Flow"
POST_TYPE, FORM, OUTSIDE_SYSTEM = "PostType", "Form", "OutsideSystem"
JOIN = "join"
HANDLING, ROOT, OF_KIND = "handling", "root", "kind:"
DATA, PLAN = "data:", "plan:"

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=40)]
FunctionName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", max_length=80)]
At = Annotated[str, StringConstraints(pattern=r"^(handling|root|kind:[a-z][a-z0-9-]*)$", max_length=60)]
ForEach = Annotated[
    str,
    StringConstraints(
        pattern=r"^(data:[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*|plan:[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+)$",
        max_length=80,
    ),
]
Join = Literal["all", "any"] | Annotated[int, Field(ge=1, le=999)]
Late = Literal["cancel", "run"]


def _effect(value: Any) -> Any:
    return {"do": value} if isinstance(value, str) else value


class EffectCall(PackPart):
    """A registered function to run in the step's transaction; written `app.function` or `{do: …, with: {…}}`."""

    do: FunctionName
    params: Mapping[str, Any] = Field(default_factory=dict, alias="with")


Effects = tuple[Annotated[EffectCall, BeforeValidator(_effect, json_schema_input_type=EffectCall | FunctionName)], ...]


class Yellow(PackPart):
    """When a lamp turns yellow: after a share of the limit (`80%`), or with so much left (`2 workdays`)."""

    share: Annotated[int, Field(ge=1, le=99)] | None = None
    left: Limit | None = None


def _yellow(value: Any) -> Any:
    if isinstance(value, Yellow):
        return value
    share = re.fullmatch(r"([1-9]?\d)%", str(value).strip())
    return {"share": int(share[1])} if share else {"left": value}


_Share = Annotated[str, StringConstraints(pattern=r"^ *[1-9]?[0-9]% *$")]
YellowText = Annotated[Yellow, BeforeValidator(_yellow, json_schema_input_type=Limit | _Share)]


class Route(PackPart):
    """A way on: to a step, or to the `join` of the branch; `leaves` gives up the other branches."""

    to: Name
    outcome: Name | None = None
    leaves: bool = False
    effects: Effects = ()


class Choice(Route):
    """One thing that can be done at a step."""

    name: Text
    starts: tuple[Name, ...] = ()
    stops: tuple[Name, ...] = ()
    grounds: Literal["none", "optional", "required"] = "none"
    grounds_list: tuple[Text, ...] = ()
    remedies: Text | None = None
    once: bool = False
    accepts: bool = False
    decides: bool = False
    by: Literal["post", "applicant", "system"] | None = None
    form: PackId | None = None
    words: Text | None = None
    # At a step of many: whether the answer counts towards the join.
    counts: bool = True


class Silence(PackPart):
    """What a limit that ran out does beyond the alarm: takes a choice, or goes on by itself."""

    take: Name | None = None
    step: Name | None = None
    to: Name | None = None
    outcome: Name | None = None
    leaves: bool = False
    effects: Effects = ()
    effective: Literal["due", "start"] = "due"
    basis: LegalBasis | None = None
    words: Text | None = None

    @property
    def route(self) -> Route | None:
        """The way on of a silence that takes no choice."""
        if self.to is None:
            return None
        return Route(to=self.to, outcome=self.outcome, leaves=self.leaves, effects=self.effects)


class StepPart(PackPart):
    """What every step has."""

    name: Text
    words: Text | None = None


class Waiting(StepPart):
    """A step at which somebody has to do something."""

    limit: Limit | None = None
    yellow: YellowText | None = None
    silence: Silence | None = None
    choices: Annotated[Mapping[Name, Choice], Field(min_length=1)]


class PostStep(Waiting):
    """Staff at a post act."""

    type: Literal["post"] = "post"
    post: PackId
    at: At = HANDLING
    not_same_as: tuple[Name, ...] = ()
    same_holder_because: str = ""
    may_return_to: Literal["any"] | tuple[Name, ...] = ()


class EachStep(PostStep):
    """会签: a task for each organisation of a list; `to: join` hands in an answer, enough of them lead on.

    `at` says whose step it is as a whole; `otherwise` is the way on when the join can no longer be reached.
    """

    for_each: ForEach
    join: Join = "all"
    late: Late = "cancel"
    to: Name
    outcome: Name | None = None
    leaves: bool = False
    effects: Effects = ()
    otherwise: Route | None = None


class ApplicantStep(Waiting):
    """The applicant acts."""

    type: Literal["applicant"]


class OutsideStep(Waiting):
    """A system that is not ours acts and reports; a post may take the choices marked `by: post`.

    `system: handling` is the one that the kind of the handling organisation runs.
    """

    type: Literal["outside"]
    system: Name
    post: PackId | None = None
    at: At = HANDLING


class AutomaticStep(StepPart):
    """Nobody waits: effects run and the case goes on."""

    type: Literal["automatic"]
    to: Name
    outcome: Name | None = None
    leaves: bool = False
    effects: Effects = ()
    starts: tuple[Name, ...] = ()
    stops: tuple[Name, ...] = ()


class SubcasesStep(StepPart):
    """Cases of their own do the work; `plan` names the registered function that says which."""

    type: Literal["subcases"]
    plan: FunctionName
    join: Join = "all"
    late: Late = "cancel"
    to: Name
    outcome: Name | None = None
    leaves: bool = False
    effects: Effects = ()
    if_some: Route | None = None
    if_none: Route | None = None


class ParallelStep(StepPart):
    """Branches run at the same time until enough of them reach their `join`."""

    type: Literal["parallel"]
    branches: Annotated[tuple[Name, ...], Field(min_length=2, max_length=50)]
    join: Literal["all", "any"] | Annotated[int, Field(ge=1, le=50)] = "all"
    late: Late = "cancel"
    to: Name
    outcome: Name | None = None
    leaves: bool = False
    effects: Effects = ()


class EndStep(StepPart):
    """The case closes."""

    type: Literal["end"]
    outcome: Name | None = None


def _type(value: Any) -> str:
    if isinstance(value, EachStep) or (isinstance(value, dict) and "for_each" in value):
        return "each"
    return str(value.get("type", "post") if isinstance(value, dict) else getattr(value, "type", "post"))


Step = Annotated[
    Annotated[PostStep, Tag("post")]
    | Annotated[EachStep, Tag("each")]
    | Annotated[ApplicantStep, Tag("applicant")]
    | Annotated[OutsideStep, Tag("outside")]
    | Annotated[AutomaticStep, Tag("automatic")]
    | Annotated[SubcasesStep, Tag("subcases")]
    | Annotated[ParallelStep, Tag("parallel")]
    | Annotated[EndStep, Tag("end")],
    Discriminator(_type),
]


class PauseReason(PackPart):
    """A reason for which time is not counted, with the article that says so."""

    name: Text
    basis: LegalBasis | None = None


class Extension(PackPart):
    """How often and by how much a clock may be extended."""

    times: Annotated[int, Field(ge=1, le=9)] = 1
    max: Limit
    basis: LegalBasis | None = None


class ClockPart(PackPart):
    """A time limit over several steps; its length comes with the case unless given here."""

    name: Text
    limit: Limit | None = None
    until: Literal["decision", "end"] = "decision"
    yellow: YellowText | None = None
    pauses: tuple[Name, ...] = ()
    extension: Extension | None = None
    silence: Silence | None = None


class OutcomePart(PackPart):
    """How a case can come out; `good` ones let dependent cases begin."""

    name: Text
    good: bool = False


class CorrectionPart(PackPart):
    """更正或撤销: what takes the place of a decision; with `to` the case is decided anew from there."""

    name: Text
    outcome: Name | None = None
    to: Name | None = None
    effects: Effects = ()
    basis: LegalBasis | None = None
    words: Text | None = None


class Then(PackPart):
    """What an example must lead to."""

    open: tuple[Name, ...] | None = None
    ended: Name | None = None
    offered: tuple[str, ...] = ()
    not_offered: tuple[str, ...] = ()
    running: tuple[Name, ...] | None = None


class FlowExample(PackPart):
    """`given` what is done, as `step.choice`, `step.silence` or `step.all|some|none`; `then` where the case stands.

    At a step of many the organisations are `1`, `2` … (`units` says how many): `countersign#2.agree`.
    """

    name: str
    units: Annotated[int, Field(ge=0, le=20)] = 2
    given: tuple[str, ...] = ()
    then: Then


class FlowPack(PackModel):
    """A flow: steps, who acts at each, what they may do and where that leads."""

    kind_title: ClassVar[str] = "流程"
    field_names: ClassVar = {
        "may_return_to": "可退回的环节", "reopen": "可重新办理的环节", "corrections": "更正办法",
        "start": "起点环节", "steps": "环节", "clocks": "时限", "pauses": "暂停事由", "outcomes": "结果",
        "yellow": "黄灯", "urge_every": "催办间隔", "withdraw": "撤回", "type": "环节类型",
        "words": "告知申请人的话", "limit": "期限", "silence": "逾期后果", "choices": "办法", "post": "岗位",
        "at": "在哪个单位办", "not_same_as": "不得同一人办的环节", "same_holder_because": "可由同一人办的理由",
        "system": "外部系统", "to": "去向", "outcome": "结果", "leaves": "放弃其他分支", "effects": "办理动作",
        "starts": "起算的时限", "stops": "停止的时限", "grounds": "理由", "grounds_list": "可选理由",
        "remedies": "救济途径", "once": "只能用一次", "accepts": "即为接收申请", "decides": "即为决定", "by": "由谁取",
        "form": "表单", "plan": "分办方案", "join": "汇合方式", "if_some": "部分办成时", "if_none": "都没办成时",
        "branches": "分支", "late": "晚到的分支", "until": "算到何时", "extension": "延长", "times": "次数",
        "max": "最长", "good": "算办成", "share": "用去的比例", "left": "剩余的时间", "take": "取哪个办法",
        "step": "环节", "effective": "生效时间", "do": "动作名称", "basis": "依据", "given": "已办的步骤",
        "then": "应到的状态", "open": "开着的环节", "ended": "结束的结果", "offered": "可取的办法",
        "not_offered": "不可取的办法", "running": "在走的时限",
        "counts": "算一份", "units": "会签单位数", "for_each": "逐个会签的单位", "otherwise": "汇合不成时", "with": "参数",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"title", "yellow", "urge_every"})
    named_lists: ClassVar = {"examples": "name"}

    start: Name
    steps: Annotated[Mapping[Name, Step], Field(min_length=2, max_length=200)]
    clocks: Mapping[Name, ClockPart] = Field(default_factory=dict)
    pauses: Mapping[Name, PauseReason] = Field(default_factory=dict)
    outcomes: Mapping[Name, OutcomePart] = Field(default_factory=dict)
    yellow: YellowText | None = None
    urge_every: Limit | None = None
    withdraw: Literal["before-decision", "never"] = "before-decision"
    reopen: Literal["any", "never"] | tuple[Name, ...] = "any"
    corrections: Mapping[Name, CorrectionPart] = Field(default_factory=dict)
    examples: tuple[FlowExample, ...] = ()
