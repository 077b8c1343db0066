"""Pack kinds of rules.

Parameter (参数: a dated number with its source), Rule (规则: conditions over declared facts), DecisionTable (决策表: rows of cells)
and DerivedFact (派生事实: a count or sum over child records), each with worked examples.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    Field,
    GetJsonSchemaHandler,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from yiwang.kernel.packs.contracts import LegalBasis, PackFault, PackId, PackModel, PackPart, Text
from yiwang.kernel.rules._decision import Answer, Condition, Mode

PARAMETER = "Parameter"
RULE = "Rule"
DECISION_TABLE = "DecisionTable"
DERIVED_FACT = "DerivedFact"
AS_OF = "as_of"
CONDITIONS_MAX = 60
FACTS_MAX = 60

FactName = Annotated[str, StringConstraints(pattern=r"^[^\W\d][\w.\-]*$", max_length=80)]
_DIGITS = re.compile(r"-?\d{1,18}(\.\d{1,6})?")


class ValuePart(PackPart):
    """A value and the day from which it holds, until the day before the next; `until` ends the last for good."""

    since: date = Field(alias="from")
    until: date | None = None
    value: Decimal
    source: LegalBasis

    @field_validator("value", mode="before")
    @classmethod
    def _exact(cls, value: object) -> object:
        if isinstance(value, bool) or not _DIGITS.fullmatch(str(value)):
            raise PackFault(f"“{value}”不是数", "请写如 2010 或 '0.06'，至多6位小数")
        return str(value)


class ParameterPack(PackModel):
    """A number that law or policy sets and changes: its values by date, each with the document that set it."""

    kind_title: ClassVar[str] = "参数"
    field_names: ClassVar = {
        "type": "数的类型", "unit": "单位", "values": "各时期的数", "from": "起始日", "until": "终止日", "value": "数值",
        "source": "出处",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"values", "note"})

    type: Literal["integer", "decimal"]
    unit: str = ""
    values: Annotated[tuple[ValuePart, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _in_order(self) -> "ParameterPack":
        for fault in self._faults():
            raise fault
        return self

    def _faults(self) -> Iterator[PackFault]:
        for n, value in enumerate(self.values):
            if self.type == "integer" and value.value != int(value.value):
                yield PackFault(f"{value.since} 起的数有小数", "请写 type: decimal，或改成整数", ("values", n))
            if value.until and value.until < value.since:
                yield PackFault(f"{value.since} 起的数止于 {value.until}", "请核对 from 和 until", ("values", n))
        for n, (earlier, later) in enumerate(zip(self.values, self.values[1:], strict=False), 1):
            if later.since <= earlier.since:
                yield PackFault(f"{later.since} 没有排在 {earlier.since} 之后", "请按 from 的先后写", ("values", n))
            elif earlier.until and (later.since - earlier.until).days != 1:
                remedy = "中间不能有空档或重叠；一直用到下一个数的，不写 until"
                yield PackFault(f"{earlier.until} 与 {later.since} 没有接上", remedy, ("values", n))

    def at(self, on: date) -> ValuePart | None:
        """The value in force on a day; None before the first and after the end."""
        found = [value for value in self.values if value.since <= on]
        return found[-1] if found and (found[-1].until is None or on <= found[-1].until) else None


class FactPart(PackPart):
    """A fact: what a data element says of it, or its own title and type."""

    element: PackId | None = None
    type: Literal["bool", "integer", "decimal", "date", "code", "text"] | None = None
    places: Annotated[int, Field(ge=0, le=6)] | None = None
    title: Text | None = None
    unit: str = ""

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [handler(core), {"type": "string", "title": "数据元"}]}

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"element": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one_source(self) -> "FactPart":
        if (self.element is None) == (self.type is None):
            raise PackFault("事实要写 element 或 type 之一", "请写数据元的 id，或写 type 和 title")
        if self.type and not self.title:
            raise PackFault("没有数据元的事实没有写名称", "请写 title")
        if self.places is not None and self.type != "decimal":
            raise PackFault("places 只用于 type: decimal", "请删去 places")
        return self


class OutputPart(PackPart):
    """A value that the rule works out where it is met."""

    title: Text
    value: str
    unit: str = ""


class RuleExample(PackPart):
    """Facts on a day, and what must come of them."""

    title: Text | None = None
    on: date | None = None
    given: dict[str, Any] = {}
    then: Answer
    failed: tuple[PackId, ...] | None = None
    missing: tuple[str, ...] | None = None
    outputs: dict[str, Any] | None = None


class RulePack(PackModel):
    """Conditions over declared facts, all or any of which must hold, each with its sentence and its basis."""

    kind_title: ClassVar[str] = "规则"
    field_names: ClassVar = {
        "mode": "全部符合或任一符合", "facts": "事实", "parameters": "参数", "conditions": "条件", "outputs": "算出的结果",
        "element": "数据元", "type": "类型", "places": "小数位数", "unit": "单位", "value": "算式", "on": "按哪一天",
        "given": "已知的事实", "then": "应得的结论", "failed": "不符合的条件", "missing": "缺的事实", "sentence": "条件内容",
        "when": "算式",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"note", "title", "examples"})

    mode: Mode = Mode.ALL
    facts: Annotated[dict[FactName, FactPart], Field(min_length=1, max_length=FACTS_MAX)]
    parameters: dict[FactName, PackId] = {}
    conditions: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=CONDITIONS_MAX)]
    outputs: dict[FactName, OutputPart] = {}
    examples: tuple[RuleExample, ...] = ()

    @model_validator(mode="after")
    def _names_differ(self) -> "RulePack":
        if AS_OF in self.facts or AS_OF in self.parameters:
            raise PackFault(f"“{AS_OF}”（按哪一天算）不用声明", "请删去，表达式里可以直接用")
        both = sorted(set(self.facts) & set(self.parameters))
        if both:
            raise PackFault(f"“{both[0]}”既是事实又是参数", "请给其中一个改名")
        codes = [condition.code for condition in self.conditions]
        twice = next((code for code in codes if codes.count(code) > 1), None)
        if twice:
            raise PackFault(f"条件代码“{twice}”写了两次", "请给其中一个改名")
        taken = sorted(set(self.outputs) & {"answer", "failed", "missing"})
        if taken:
            raise PackFault(f"结果不能叫“{taken[0]}”", "请给它改名")
        return self


class Hit(StrEnum):
    """Which row of a table applies: the first that holds, the only one, or all of them together."""

    FIRST = "first"
    UNIQUE = "unique"
    COLLECT = "collect"


CellValue = StrictBool | StrictInt | StrictStr | StrictFloat


class CellPart(PackPart):
    """What an input must be: a value, one of a list, or within bounds (min, max included; above, below not)."""

    one_of: tuple[CellValue, ...] = ()
    min: CellValue | None = None
    max: CellValue | None = None
    above: CellValue | None = None
    below: CellValue | None = None

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        one = {"type": ["string", "number", "boolean"], "title": "取值"}
        return {"anyOf": [handler(core), one, {"type": "array", "items": one, "title": "几个取值之一"}]}

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        if isinstance(given, list):
            return {"one_of": given}
        return given if isinstance(given, dict) else {"one_of": [given]}

    @model_validator(mode="after")
    def _says_something(self) -> "CellPart":
        if not self.values or (self.one_of and len(self.values) > len(self.one_of)):
            raise PackFault("格子要写取值，或写 min、max、above、below", "不限的格子请不写")
        return self

    @property
    def values(self) -> tuple[CellValue, ...]:
        return (*self.one_of, *(one for one in (self.min, self.max, self.above, self.below) if one is not None))


class RowPart(PackPart):
    """A row: what the inputs must be (one not named may be anything), and what comes of it."""

    code: PackId
    title: Text | None = None
    when: dict[FactName, CellPart] = {}
    then: dict[FactName, CellValue] = {}
    basis: LegalBasis | None = None


class TableOutputPart(PackPart):
    title: Text
    type: Literal["bool", "integer", "decimal", "date", "code", "text"]
    unit: str = ""


class DecisionTablePack(PackModel):
    """A table of inputs and outputs; a number in a cell of an output may be an expression over facts and parameters."""

    kind_title: ClassVar[str] = "决策表"
    field_names: ClassVar = {
        "hit": "取哪一行", "partial": "可以有管不到的", "facts": "事实", "parameters": "参数", "outputs": "结果", "rows": "行",
        "otherwise": "都不适用时", "element": "数据元", "type": "类型", "places": "小数位数", "unit": "单位", "value": "算式",
        "on": "按哪一天", "given": "已知的事实", "then": "结果", "failed": "不适用的行", "missing": "缺的事实", "when": "适用于",
        "one_of": "取值之一", "min": "不小于", "max": "不大于", "above": "大于", "below": "小于", "code": "代码", "basis": "依据",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"note", "title", "rows", "otherwise", "examples"})

    hit: Hit = Hit.UNIQUE
    partial: bool = False
    facts: Annotated[dict[FactName, FactPart], Field(min_length=1, max_length=FACTS_MAX)]
    parameters: dict[FactName, PackId] = {}
    outputs: Annotated[dict[FactName, TableOutputPart], Field(min_length=1)]
    rows: Annotated[tuple[RowPart, ...], Field(min_length=1, max_length=CONDITIONS_MAX)]
    otherwise: dict[FactName, CellValue] | None = None
    examples: tuple[RuleExample, ...] = ()

    @model_validator(mode="after")
    def _rows_fit(self) -> "DecisionTablePack":
        for fault in self._faults():
            raise fault
        return self

    def _faults(self) -> Iterator[PackFault]:
        codes = [row.code for row in self.rows]
        twice = next((code for code in codes if codes.count(code) > 1), None)
        if twice:
            yield PackFault(f"行“{twice}”写了两次", "请给其中一行改名")
        for row in self.rows:
            stray = next((name for name in row.when if name not in self.facts), None)
            if stray:
                yield PackFault(f"行“{row.code}”里的“{stray}”不是事实", "请写 facts 里的名称")
        for code, then in [
            *((row.code, row.then) for row in self.rows),
            *([("otherwise", self.otherwise)] if self.otherwise else []),
        ]:
            if set(then) != set(self.outputs):
                yield PackFault(f"“{code}”没有写全结果", f"每一行都要写 {'、'.join(self.outputs)}")
        if self.hit is Hit.COLLECT and (
            self.otherwise or any(one.type not in ("integer", "decimal") for one in self.outputs.values())
        ):
            yield PackFault("hit: collect 只能合计数，也没有 otherwise", "请改用 first 或 unique")


class ChildPart(PackPart):
    """The child relation: its name in the text, and its columns."""

    name: FactName
    columns: Annotated[dict[FactName, FactPart], Field(min_length=1, max_length=FACTS_MAX)]


class DerivedExample(PackPart):
    """Child records on a day, and what comes of them; null for unknown."""

    on: date | None = None
    given: tuple[dict[str, Any], ...] = ()
    value: Any = None


class DerivedFactPack(PackModel):
    """One fact out of a record's child records: counts, sums, least and greatest, in one SQL text."""

    kind_title: ClassVar[str] = "派生事实"
    field_names: ClassVar = {
        "type": "类型", "places": "小数位数", "unit": "单位", "relation": "下级记录", "name": "名称", "columns": "列", "sql": "查询",
        "parameters": "参数", "element": "数据元", "on": "按哪一天", "given": "下级记录", "value": "应得的值",
    }  # fmt: skip

    type: Literal["bool", "integer", "decimal", "date"]
    places: Annotated[int, Field(ge=0, le=6)] = 0
    unit: str = ""
    relation: ChildPart
    parameters: dict[FactName, PackId] = {}
    sql: Annotated[str, Field(max_length=2000)]
    examples: tuple[DerivedExample, ...] = ()
