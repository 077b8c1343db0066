"""The pack kind OutsideSystem: where a system is, how patient we are with it, and how its words map to ours."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from yiwang.kernel.packs.contracts import Pack, PackFault, PackId, PackModel, PackPart, PackSet, Problem

OUTSIDE_SYSTEM, FLOW = "OutsideSystem", "Flow"
STANDIN = "standin:"  # wherever the played system of this name (else of the one named behind it) listens
UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
Field_ = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
PathText = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_\-]*(\.[A-Za-z0-9_\-]+)*$", max_length=160)
]


def _seconds(value: Any) -> Any:
    if isinstance(value, int):
        return value
    found = re.fullmatch(r"([1-9]\d{0,5}) (second|minute|hour|day)s?", str(value).strip())
    if not found:
        raise PackFault(f"“{value}”不是时长。", "请写数字加单位,如 10 seconds、5 minutes、3 days。")
    return int(found[1]) * UNITS[f"{found[2]}s"]


_DURATION = WithJsonSchema(
    {
        "anyOf": [
            {"type": "integer", "minimum": 1},
            {"type": "string", "pattern": "^ *[1-9][0-9]{0,5} (second|minute|hour|day)s? *$"},
        ]
    }
)
Seconds = Annotated[int, BeforeValidator(_seconds), _DURATION, Field(ge=1)]


class Timeouts(PackPart):
    connect: Seconds = 3
    answer: Seconds = 10


class Retry(PackPart):
    """Waits grow from `first` to `most`, each within ±20 %; after `give_up` people take over."""

    first: Seconds = 5
    most: Seconds = 600
    give_up: Seconds = 3 * 86400
    down_after: Annotated[int, Field(ge=1, le=20)] = 3


class FieldMap(PackPart):
    """Where a value of the message comes from: a place in the case's data, or a data element."""

    source: PathText = Field(alias="from")
    element: PackId | None = None
    is_required: bool = Field(default=False, alias="required")
    person: Field_ | None = Field(default=None, alias="of")


def _field_map(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


class ResultMap(PackPart):
    """What an outcome of theirs means at our step, and which facts come with it."""

    choice: Annotated[str, StringConstraints(max_length=40)] = ""
    facts: Mapping[PathText, PathText] = Field(default_factory=dict)


class Subject(PackPart):
    """One kind of business with the system. `persons` names the message fields that hold ID numbers of those told about."""

    title: str
    steps: tuple[str, ...] = ()
    purpose: str = ""
    fields: Mapping[
        Field_, Annotated[FieldMap, BeforeValidator(_field_map, json_schema_input_type=FieldMap | PathText)]
    ]
    constants: Mapping[Field_, str | int | bool] = Field(default_factory=dict)
    persons: Mapping[Field_, Field_] = Field(default_factory=dict)
    results: Mapping[str, ResultMap] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _persons_are_fields(self) -> "Subject":
        for person, name in self.persons.items():
            if name not in self.fields:
                raise PackFault(f"persons.{person} 指向的 {name} 不是报文字段。", "请改为 fields 中的一个字段。")
        strangers = {entry.person for entry in self.fields.values() if entry.person} - self.persons.keys()
        if strangers:
            raise PackFault(
                f"字段的 of 写了未声明的人:{'、'.join(sorted(strangers))}。", "请在 persons 中写明其证件号码字段。"
            )
        return self


class OutsideSystem(PackModel):
    """A system that is not ours. Its id is the name that flows use and stands in addresses: no dots."""

    kind_title: ClassVar[str] = "外部系统"
    field_names: ClassVar = {
        "owner": "所属单位类别", "url": "地址", "url_setting": "地址设置项", "subjects": "业务",
        "timeouts": "等待时间", "retry": "重试", "poll_every": "查询间隔", "has_reconciliation": "每日对账",
        "element": "数据元", "required": "必有", "of": "谁的信息", "choice": "对应办法", "facts": "带回的内容",
        "first": "首次间隔", "most": "最长间隔", "give_up": "多久放弃", "down_after": "连续几次算停机",
        "steps": "环节", "purpose": "用途", "fields": "字段", "constants": "固定值", "persons": "涉及的人",
        "results": "结果", "connect": "连接", "answer": "应答", "from": "来自",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset(
        {"title", "url", "timeouts", "retry", "poll_every", "has_reconciliation"}
    )

    owner: Name | None = None
    url: Annotated[
        str, StringConstraints(pattern=r"^standin:[a-z-]*$|^(https?|smtps?)://[^\s/?#@]+(/[^\s?#]*)?$", max_length=200)
    ] = ""
    url_setting: Annotated[str, StringConstraints(pattern=r"^YIWANG_[A-Z0-9_]+$", max_length=80)]
    subjects: Annotated[Mapping[Name, Subject], Field(min_length=1)]
    timeouts: Timeouts = Timeouts()
    retry: Retry = Retry()
    poll_every: Seconds | None = None
    has_reconciliation: bool = True


def subject_at(spec: OutsideSystem, step: str) -> str:
    """Which business of a system a step means: the one that names the step, or its only one."""
    for name, part in spec.subjects.items():
        if step in part.steps or step == name:
            return name
    return next(iter(spec.subjects)) if len(spec.subjects) == 1 else step


def check(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    """The id is a plain name; a mapped element exists; what the results choose is offered where flows ask this system."""
    body = pack.as_type(OutsideSystem)
    if "." in pack.id:
        yield pack.problem("id", "外部系统的编号不能带点。", "请用 household 这样的名字，流程用它指称这个系统。")
    elements = set(packs.ids("DataElement"))
    for name, subject in body.subjects.items():
        for field, entry in subject.fields.items():
            if entry.element and elements and entry.element not in elements:
                where = ("subjects", name, "fields", field, "element")
                yield pack.problem(where, f"没有数据元 {entry.element}。", "请核对数据元编号。")
    yield from _offered(pack, body, packs)


def _offered(pack: Pack, body: OutsideSystem, packs: PackSet) -> Iterator[Problem]:
    for flow, step, choices in _steps_at(body.id, packs):
        subject = body.subjects.get(subject_at(body, step))
        if subject is None:
            remedy = "请在一个业务的 steps 里写上这个环节，或让业务与环节同名。"
            yield pack.problem("subjects", f"流程 {flow} 的环节 {step} 不知道办哪一种业务。", remedy)
            continue
        for outcome, result in subject.results.items():
            choice = result.choice or outcome
            if choice not in choices:
                where = ("subjects", subject_at(body, step), "results", outcome)
                known = "、".join(choices)
                yield pack.problem(where, f"流程 {flow} 的环节 {step} 没有选择“{choice}”。", f"可写：{known}。")


def _steps_at(system: str, packs: PackSet) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Flow, step and choices wherever a flow asks this system."""
    for flow in packs.all_of(FLOW):
        for name, step in (flow.raw.get("steps") or {}).items():
            if isinstance(step, dict) and step.get("type") == "outside" and step.get("system") == system:
                yield flow.id, name, tuple(step.get("choices") or ())
