"""Changing the registries: bulk loading, and births taken over from the household authority."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from yiwang.data.registries import _bulk, _objections, models, queries
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
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.people import queries as people

OBJECTION = "objection"


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
def answer_objection(*, objection_id: int, by: Actor, at: datetime) -> CaseView | None:
    """Open the case in which the registry's unit answers an objection; again, the case that there is.

    None where no registry of ours stands behind the value. Raises NobodyHandles.
    """
    said = forms.objection(objection_id)
    registry = queries.registry(said.source)
    if registry is None or said.party_id is None:
        return None
    party = people.party(said.party_id)
    before = models.RaisedObjection.objects.filter(objection_id=objection_id).first()
    if before is not None:
        return cases.peek(before.case_id)
    region = _objections.region(said, party.id_number)
    case = engine.open_case(
        kind=OBJECTION,
        flow=registry.flow,
        title=f"登记信息异议：{_objections.label(said)}",
        org_id=_objections.unit(registry, region).id,
        region_code=region,
        applicant_id=party.id,
        subject=party.name,
        data=_objections.data(said, party.uscc or ""),
        limits={},
        by=by,
        at=at,
    )
    models.RaisedObjection.objects.create(objection_id=objection_id, case_id=case.id)
    detail = {"objection": objection_id, "registry": registry.id}
    audit.record("registries.objection.taken", target=case.number, by=by, at=at, detail=detail)
    return case


@transaction.atomic
def correct(*, case_id: int, value: str, by: Actor, at: datetime) -> None:
    """Put a record right as an objection said, or as the unit found (`value`). Raises CannotCorrect, NotThisElement."""
    held = cases.data(case_id)
    about = held["objection"]
    _objections.corrected(about, value.strip() or str(held["answers"]["claimed"]))
    detail = {"element": about["element"]}
    audit.record("registries.record.corrected", target=f"case:{case_id}", by=by, at=at, detail=detail)


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
