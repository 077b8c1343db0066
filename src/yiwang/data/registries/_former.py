"""The tables that an earlier release kept of persons and their relations: read once, when `fill` hands them over to files."""

from collections.abc import Iterator, Sequence
from typing import Any

from yiwang.data.registries import models
from yiwang.data.registries.contracts import (
    EnrolmentRecord,
    HouseholdRecord,
    KinshipRecord,
    MarriageRecord,
    PersonRecord,
)

Part = Sequence[Any]
_SIZE = 5000


def people() -> Iterator[Part]:
    for rows in _parts(models.Person):
        yield [PersonRecord(**{**_columns(row, PersonRecord), "phone": row.phone or ""}) for row in rows]


def households() -> Iterator[Part]:
    return _records(models.Household, HouseholdRecord)


def marriages() -> Iterator[Part]:
    return _records(models.Marriage, MarriageRecord)


def kinships() -> Iterator[Part]:
    """In the order of children, so that both parents of one are mostly in one part."""
    after = ""
    while children := _children(after):
        after = children[-1]
        rows = models.Kinship.objects.filter(child_key__in=children).order_by("child_key", "id")
        yield [KinshipRecord(row.parent_key, row.child_key) for row in rows]


def enrolments() -> Iterator[Part]:
    return _records(models.Enrolment, EnrolmentRecord)


def _children(after: str) -> list[str]:
    found = models.Kinship.objects.filter(child_key__gt=after).order_by("child_key")
    return list(found.values_list("child_key", flat=True).distinct()[:_SIZE])


def _records(model: Any, record: Any) -> Iterator[Part]:
    return ([record(**_columns(row, record)) for row in rows] for rows in _parts(model))


def _parts(model: Any) -> Iterator[list[Any]]:
    after = 0
    while rows := list(model.objects.filter(pk__gt=after).order_by("pk")[:_SIZE]):
        after = rows[-1].pk
        yield rows


def _columns(row: Any, record: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in record.__dataclass_fields__ if hasattr(row, name)}
