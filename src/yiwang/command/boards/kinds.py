"""The pack kind Board (看板): which figures, how they are meant, who answers for them, and the targets."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from yiwang.kernel.packs.contracts import PackModel, PackPart, Text, register

BOARD = "Board"
Percent = Annotated[int, Field(ge=0, le=100)]
CaseKind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
FigureKey = Literal["filings", "on-time", "days", "overdue", "satisfied", "funnel", "trend"]


class FigurePart(PackPart):
    """One figure: its name, what exactly it counts, where it comes from and who answers for it."""

    title: Text
    meaning: Text
    source: Text
    owner: Text


class Targets(PackPart):
    """Below these a figure is red."""

    on_time: Percent
    satisfied: Percent


class NetPart(PackPart):
    """Another net on the board: cases of one kind."""

    title: Text
    kind: CaseKind
    source: Text
    owner: Text


class BoardPack(PackModel):
    """A leader's board; `nets` are the kinds of case beside the services; `awaited` are sources that a place means to connect and has not yet."""

    kind_title: ClassVar[str] = "看板"
    field_names: ClassVar = {
        "targets": "目标", "period_days": "统计天数", "trend_days": "趋势天数", "figures": "指标",
        "awaited": "待建指标", "nets": "各网运行", "kind": "办件类别", "meaning": "含义", "source": "来源", "owner": "责任单位", "on_time": "按时办结率",
        "satisfied": "满意率",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset(
        {"title", "targets", "figures", "period_days", "trend_days", "nets", "awaited"}
    )

    targets: Targets
    period_days: Annotated[int, Field(ge=1, le=366)]
    trend_days: Annotated[int, Field(ge=2, le=92)]
    figures: Mapping[FigureKey, FigurePart]
    nets: tuple[NetPart, ...] = ()
    awaited: tuple[Text, ...] = ()


def register_kinds() -> None:
    register(BOARD, BoardPack)
