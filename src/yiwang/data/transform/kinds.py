"""Pack kind Transformation (治理加工): one table of the lake made of others by one SELECT."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, StringConstraints, model_validator

from yiwang.data.engine.contracts import Layer
from yiwang.kernel.packs.contracts import PackFault, PackModel, PackPart, register

TRANSFORMATION = "Transformation"
LAYERS = tuple(Layer)
ROWS_MAX = 200
Table = Annotated[
    str, StringConstraints(pattern=r"^(raw|standard|registry|topic)\.[A-Za-z0-9][A-Za-z0-9._\-]*$", max_length=120)
]
Alias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
ColumnType = Annotated[
    str,
    StringConstraints(
        pattern=r"^(VARCHAR|BIGINT|INTEGER|DOUBLE|BOOLEAN|DATE|TIMESTAMP|DECIMAL\([0-9]{1,2}, ?[0-9]{1,2}\))$"
    ),
]
Rows = Annotated[tuple[Mapping[ColumnName, Any], ...], Field(max_length=ROWS_MAX)]


class InputPart(PackPart):
    """A table; `columns` where no source or transformation of the packs says what it holds."""

    table: Table
    columns: Mapping[ColumnName, ColumnType] = Field(default_factory=dict)


class IncrementalPart(PackPart):
    """Of `input`, which only grows, what is new is read: added to what is there, or with `key` all rows of the keys that it names, made anew."""

    input: Alias
    key: ColumnName | None = None


class ExamplePart(PackPart):
    """Rows of each input, and the rows that come of them; columns not written are empty, and not compared."""

    name: str = ""
    given: Mapping[Alias, Rows]
    then: Rows


class TransformationPack(PackModel):
    """`inputs` gives each table the name under which `sql` reads it; `table` is what it writes."""

    kind_title: ClassVar[str] = "治理加工"
    field_names: ClassVar = {
        "table": "写入的表", "inputs": "输入", "sql": "查询", "incremental": "增量", "input": "增长的输入", "key": "键",
        "columns": "列", "given": "给出的行", "then": "得到的行", "summary": "说明",
    }  # fmt: skip
    overridable: ClassVar[frozenset[str]] = frozenset({"sql"})

    table: Table
    summary: Annotated[str, Field(max_length=300)] = ""
    inputs: Annotated[Mapping[Alias, Table | InputPart], Field(min_length=1, max_length=20)]
    sql: Annotated[str, Field(min_length=8, max_length=20_000)]
    incremental: IncrementalPart | None = None
    examples: tuple[ExamplePart, ...] = ()

    @property
    def tables(self) -> dict[str, str]:
        """Input tables by their names in the SQL."""
        return {name: part if isinstance(part, str) else part.table for name, part in self.inputs.items()}

    @property
    def layer(self) -> Layer:
        return Layer(self.table.partition(".")[0])

    @model_validator(mode="after")
    def _goes_upwards(self) -> "TransformationPack":
        for fault in self._faults():
            raise fault
        return self

    def _faults(self) -> Iterator[PackFault]:
        if self.layer is Layer.RAW:
            raise PackFault("原始层只由汇聚写入", "请写到 standard、registry 或 topic 层")
        for table in self.tables.values():
            if LAYERS.index(Layer(table.partition(".")[0])) > LAYERS.index(self.layer):
                yield PackFault(f"“{table}”在“{self.table}”的上层", "数据只往上走：raw → standard → registry → topic")
            if table == self.table:
                yield PackFault("不能读自己写的表", "请换一个表名")
        if self.incremental and self.incremental.input not in self.inputs:
            yield PackFault(f"incremental 的“{self.incremental.input}”不在 inputs 里", "请写 inputs 里的名字")
        for example in self.examples:
            if stranger := next((name for name in example.given if name not in self.inputs), None):
                yield PackFault(f"例子里的“{stranger}”不在 inputs 里", "请写 inputs 里的名字")


def register_kinds() -> None:
    from yiwang.data.transform import _check

    register(TRANSFORMATION, TransformationPack, check=_check.check, examples=_check.examples)
