"""Contracts as the JSON that a schema describes: the same as if the schema had read and checked them."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from ninja import Schema

from yiwang.kernel.base.http import contract_as


class Lamp(StrEnum):
    GREEN = "green"


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    lamp: Lamp
    unseen: str = "not in the schema"


@dataclass(frozen=True, slots=True)
class Thing:
    number: str
    opened_at: datetime
    closed_at: datetime | None
    first: Step | None
    last: Step | None
    steps: tuple[Step, ...]


class StepOut(Schema):
    name: str
    lamp: str
    length: int

    @staticmethod
    def resolve_length(step: Any) -> int:
        return len(step.name)


class ThingOut(Schema):
    number: str
    opened_at: datetime
    closed_at: datetime | None
    first: StepOut | None
    last: StepOut | None
    steps: list[StepOut]


THING = Thing(
    "1", datetime(2026, 11, 22, 9, tzinfo=UTC), None, Step("收件", Lamp.GREEN), None, (Step("审核", Lamp.GREEN),)
)


def test_nested_contracts_come_out_as_their_schemas_say() -> None:
    answer = contract_as(ThingOut, THING, status=201)
    assert answer.status_code == 201
    assert json.loads(answer.content) == ThingOut.model_validate(THING).model_dump(mode="json")


def test_a_mapping_of_fields_is_as_good_as_a_contract() -> None:
    fields = {name: getattr(THING, name) for name in ThingOut.model_fields}
    answer = contract_as(ThingOut, fields | {"number": "2"})
    assert json.loads(answer.content)["number"] == "2"
    assert json.loads(answer.content)["steps"] == [{"name": "审核", "lamp": "green", "length": 2}]
