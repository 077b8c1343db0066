"""A time limit as law writes it, and the moment it ends."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from yiwang.kernel.base.contracts import Invalid
from yiwang.kernel.packs.contracts import PackFault

# Asia/Shanghai has known no other offset since 1992.
LEGAL_TIME = timezone(timedelta(hours=8), "Asia/Shanghai")
LIMIT_MAX = 3660


class Unit(StrEnum):
    WORKDAY = "workday"  # 工作日
    DAY = "day"  # 日
    WORKHOUR = "workhour"  # 工作时
    HOUR = "hour"  # 小时: by day and night, on holidays too


class NotALimit(Invalid):
    code = "workdays.not-a-limit"


class BeyondCalendar(Invalid):
    """A day so far away that nobody can say whether people work then."""

    code = "workdays.beyond-calendar"


_UNITS = {
    "workday": Unit.WORKDAY, "workdays": Unit.WORKDAY, "工作日": Unit.WORKDAY, "个工作日": Unit.WORKDAY,
    "day": Unit.DAY, "days": Unit.DAY, "日": Unit.DAY, "天": Unit.DAY, "自然日": Unit.DAY, "个自然日": Unit.DAY,
    "workhour": Unit.WORKHOUR, "workhours": Unit.WORKHOUR, "工作时": Unit.WORKHOUR, "个工作时": Unit.WORKHOUR,
    "hour": Unit.HOUR, "hours": Unit.HOUR, "小时": Unit.HOUR, "个小时": Unit.HOUR,
}  # fmt: skip
_WORDS = {Unit.WORKDAY: "个工作日", Unit.DAY: "日", Unit.WORKHOUR: "个工作时", Unit.HOUR: "小时"}


@dataclass(frozen=True, slots=True)
class Limit:
    """`n` units; a pack writes `10 workdays`, `5工作日`, `20 days`, `4 workhours` or `2 hours`. Zero is at once (当场)."""

    n: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 0 <= self.n <= LIMIT_MAX:
            raise NotALimit(f"期限 {self.n} 不在 0 到 {LIMIT_MAX} 之间。", hint="请核对数字和单位。")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises NotALimit."""
        found = re.fullmatch(r"\s*(\d{1,6})\s*(\S+)\s*", text)
        unit = _UNITS.get(found[2]) if found else None
        if not found or unit is None:
            raise NotALimit(
                f"“{text[:40]}”不是期限。", hint="请写成如 10 workdays、5工作日、20 days、4 workhours 或 2 hours。"
            )
        return cls(int(found[1]), unit)

    @property
    def text(self) -> str:
        """As packs and records write it; `parse` reads it back."""
        return f"{self.n} {self.unit}" if self.n == 1 else f"{self.n} {self.unit}s"

    def __str__(self) -> str:
        return f"{self.n}{_WORDS[self.unit]}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._read, serialization=core_schema.plain_serializer_function_ser_schema(lambda limit: limit.text)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        units = "|".join(sorted(_UNITS, key=lambda unit: (-len(unit), unit)))
        return {
            "type": "string",
            "pattern": rf"^\s*[0-9]{{1,6}}\s*({units})\s*$",
            "examples": ["10 workdays", "5工作日"],
        }

    @classmethod
    def _read(cls, value: object) -> Self:
        if isinstance(value, cls):
            return value
        try:
            return cls.parse(str(value))
        except NotALimit as error:
            raise PackFault(error.message, error.hint) from None


@dataclass(frozen=True, slots=True)
class Due:
    """When a limit ends: its last legal day, and the instant (the end of that day, or the exact work hour).

    `is_provisional` says that a year on the way has no published calendar yet, so the day may still move.
    """

    on: date
    at: datetime
    is_provisional: bool
