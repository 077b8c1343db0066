"""Changing the registries: bulk loading, and births taken over from the household authority."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from yiwang.data.registries import _bulk, models, queries
from yiwang.data.registries.contracts import (
    AlreadyRegistered,
    EnrolmentRecord,
    HouseholdRecord,
    KinshipRecord,
    LegalPersonRecord,
    MarriageRecord,
    PersonRecord,
)
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.sealing import sealed_index


@transaction.atomic
def load(
    *,
    households: Iterable[HouseholdRecord] = (),
    people: Iterable[PersonRecord] = (),
    marriages: Iterable[MarriageRecord] = (),
    kinships: Iterable[KinshipRecord] = (),
    enrolments: Iterable[EnrolmentRecord] = (),
    firms: Iterable[LegalPersonRecord] = (),
    by: Actor,
    at: datetime,
) -> dict[str, int]:
    """COPY records in; returns counts per kind. All or nothing: a duplicate key undoes the call."""
    counts = {
        "households": _bulk.copy_records(HouseholdRecord, households),
        "people": _bulk.copy_records(PersonRecord, people),
        "marriages": _bulk.copy_records(MarriageRecord, marriages),
        "kinships": _bulk.copy_records(KinshipRecord, kinships),
        "enrolments": _bulk.copy_records(EnrolmentRecord, enrolments),
        "firms": _bulk.copy_records(LegalPersonRecord, firms),
    }
    audit.record("registries.loaded", target="registries", by=by, at=at, detail=counts)
    return counts


@transaction.atomic
def register_birth(*, person: PersonRecord, parent_keys: tuple[str, ...], by: Actor, at: datetime) -> PersonRecord:
    """Take over a child whom the household authority has registered. Raises AlreadyRegistered.

    The authority allots the ID number; the registry only records it, with the parents named.
    """
    key = sealed_index(person.id_number)
    known = queries.find_person(key)
    if known is not None:
        raise AlreadyRegistered("人口库中已有这个证件号码。", hint="请与户籍部门核对。")
    _bulk.copy_records(PersonRecord, [person])
    links = [KinshipRecord(parent_key=parent, child_key=key) for parent in parent_keys]
    _bulk.copy_records(KinshipRecord, links)
    audit.record("registries.birth.registered", target=f"person:{key[:12]}", by=by, at=at)
    return replace(person, subject_key=key)


@transaction.atomic
def enrol(*, subject_key: str, scheme: str, region_code: str, since: date, by: Actor, at: datetime) -> EnrolmentRecord:
    """Record participation in a scheme; a repeat returns what stands."""
    row, _ = models.Enrolment.objects.get_or_create(
        subject_key=subject_key,
        scheme=scheme,
        until=None,
        defaults={"region_code": region_code, "since": since},
    )
    audit.record("registries.enrolled", target=f"person:{subject_key[:12]}", by=by, at=at)
    return EnrolmentRecord(subject_key, scheme, row.region_code, row.since, row.until)
