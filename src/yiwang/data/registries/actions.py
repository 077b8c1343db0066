"""Changing the registries: snapshots of the lake, bulk loading, births, corrections; opening a file for a purpose."""

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from yiwang.data.engine import queries as lake
from yiwang.data.registries import (
    _bulk,
    _entering,
    _files,
    _former,
    _house,
    _objections,
    _own,
    _placing,
    _standing,
    _taking,
    models,
    queries,
)
from yiwang.data.registries.contracts import (
    OPEN,
    TAKE,
    AlreadyRegistered,
    EnrolmentRecord,
    FileView,
    HouseholdRecord,
    IntakeView,
    KinshipRecord,
    LegalPersonRecord,
    MarriageRecord,
    NotForThisPost,
    NothingToTake,
    PersonRecord,
)
from yiwang.data.registries.kinds import KeptRegistry
from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import events
from yiwang.kernel.base.contracts import Actor, ActorKind, Invalid
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.forms.contracts import ObjectionView
from yiwang.kernel.people import queries as people

OBJECTION = "objection"
OWN_PURPOSE = "查看自己的档案"
UPDATED = "registries.registry.updated"
_LOCK = 0x7267


def take_over(*, registry: str, is_forced: bool = False, by: Actor, at: datetime) -> IntakeView:
    """入库: bring the newest snapshot of the registry's table in, once. For workers and commands.

    New entries are added, of others the changed values only; what was replaced is kept. All of it is there for readers at once, at the
    end. A take-over that was cut off goes on: run it again. Raises NoSuchRegistry, NothingToTake, TooMuchGone, NotForThisPost.
    """
    if by.kind is not ActorKind.SYSTEM and not access.may_anywhere(by, TAKE):
        raise NotForThisPost("您的岗位不能更新基础库。", hint="请联系数据管理员。")
    pack = queries.pack_of(registry)
    body = pack.as_type(KeptRegistry)
    snapshot = lake.current(body.feed.table) if body.feed and lake.find_table(body.feed.table) else None
    if snapshot is None:
        raise NothingToTake(f"“{body.title}”没有可以更新的湖表快照。", hint="请先汇聚和加工，或在配置包写 feed。")
    with _alone(registry):
        intake, _ = models.Intake.objects.get_or_create(
            register=_entering.register_of(registry), table=snapshot.table, snapshot=snapshot.number, hash=pack.hash,
            defaults={"taken_at": at},
        )  # fmt: skip
        if not intake.is_done:
            _taking.take(intake, body, snapshot, is_forced=is_forced)
            _settle(intake, registry, by=by, at=at)
    return queries.as_intake(intake, registry)


@transaction.atomic
def _settle(intake: models.Intake, registry: str, *, by: Actor, at: datetime) -> None:
    _standing.stand(intake)
    intake.kept = intake.read - intake.unkeyed - intake.twice - intake.added - intake.changed
    intake.is_done, intake.taken_at = True, at
    intake.save(update_fields=["is_done", "taken_at", "read", "kept", "changed", "gone", "unkeyed", "twice"])
    models.Register.objects.filter(pk=intake.register_id).update(fresh_at=at)
    sums = {"added": intake.added, "changed": intake.changed, "gone": intake.gone}
    detail = {"table": intake.table, "snapshot": intake.snapshot, "read": intake.read, **sums}
    audit.record("registries.snapshot.taken", target=f"registry:{registry}", by=by, at=at, detail=detail)
    events.publish(UPDATED, {"registry": registry, "intake": intake.pk, **sums}, at=at)


@transaction.atomic
def hand_over(*, registry: str, rows: Iterable[Mapping[str, str | None]], by: Actor, at: datetime) -> int:
    """What a register of this house says now of some of its rows, by the columns of the registry's pack; said again it changes nothing.

    Returns how many were added or changed; none where the packs keep no such registry.
    """
    found = queries.registry(registry)
    if found is None or not found.of:
        return 0
    body = queries.pack_of(registry).as_type(KeptRegistry)
    count = 0
    for part in _own.slices(rows):
        tally = _own.enter(registry, _own.rows_of(body, part), at=at)
        count += tally.added + tally.changed
    audit.record("registries.handed-over", target=f"registry:{registry}", by=by, at=at, detail={"changed": count})
    return count


def fill(*, by: Actor, at: datetime) -> int:
    """Hand over what an earlier release kept in tables of its own, and say of older entries where they belong; what is there already stays.

    For commands: an installation runs it once after the upgrade. Returns how many rows and entries were looked at.
    """
    audit.record("registries.filled", target="registries", by=by, at=at)
    count = sum(_hand_over(_own.POPULATION, _own.people(part), at) for part in _former.people())
    for registry, parts, made in (
        (_own.HOUSEHOLDS, _former.households(), _own.households),
        (_own.MARRIAGES, _former.marriages(), _own.marriages),
        (_own.PARENTS, _former.kinships(), _own.parents),
        (_own.INSURANCE, _former.enrolments(), _own.enrolments),
    ):
        count += sum(_hand_over(registry, made(part, _known(part)), at) for part in parts)
    after = 0
    while firms := _house.firms_after(after):
        count += _hand_over(_own.LEGAL_PERSONS, _own.firms([record for _, record in firms]), at)
        after = firms[-1][0]
    return count + sum(_placing.place(pack) for pack in queries.packs_kept())


def _hand_over(registry: str, rows: list[_own.Given], at: datetime) -> int:
    """Those that no entry is kept of yet: an entry may know better by now."""
    there = _entering.keys_there(registry, [row.key for row in rows])
    _own.enter(registry, [row for row in rows if row.key not in there], at=at)
    return len(rows)


@transaction.atomic
def open_file(
    *,
    registry: str,
    key: str,
    purpose: str,
    case_number: str | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    by: Actor,
    at: datetime,
) -> FileView:
    """一人一档, 一企一档: a file with its values as they are, for a purpose; who stands in it sees who opened it and why.

    Raises NoSuchRegistry, NoSuchFile, NotForThisPost, Invalid without a purpose.
    """
    if by.kind is not ActorKind.SYSTEM and not access.may_anywhere(by, OPEN):
        raise NotForThisPost("您的岗位不能查看档案。", hint="确因工作需要的，请联系本单位负责人。")
    if not 2 <= len(purpose.strip()) <= 60:
        raise Invalid("请写明为什么查看，2至60个字。", hint="本人会看到这句话。")
    found = queries.file_for(registry, key, as_of=as_of, known_at=known_at, by=by)
    for subject in found.subjects:
        audit.disclose(
            subject_key=subject, elements=sorted({each.element_id for each in found.values}), purpose=purpose.strip(),
            authority=_files.authority(registry), case_number=case_number or None, by=by, at=at,
        )  # fmt: skip
    return found


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
    """Hand records over to their registries; returns counts per kind. All or nothing: a duplicate key undoes the call."""
    counts = {
        "people": sum(_load(_own.POPULATION, _own.people(part), at) for part in _own.slices(people)),
        "households": _loaded(_own.HOUSEHOLDS, households, _own.households, at),
        "marriages": _loaded(_own.MARRIAGES, marriages, _own.marriages, at),
        "kinships": _loaded(_own.PARENTS, kinships, _own.parents, at),
        "enrolments": _loaded(_own.INSURANCE, enrolments, _own.enrolments, at),
        "firms": sum(_load_firms(part, at) for part in _own.slices(firms)),
    }
    audit.record("registries.loaded", target="registries", by=by, at=at, detail=counts)
    return counts


@transaction.atomic
def open_own_file(*, language: str = "zh", by: Actor, at: datetime) -> FileView | None:
    """What a registry holds of the one who asks, or of the firm that one acts for; None where it holds nothing. Raises NotForThisPost."""
    registry, key = queries.own_key(by)
    found = queries.find_file(registry, key, language=language)
    if found is not None:
        audit.disclose(
            subject_key=key, elements=sorted({each.element_id for each in found.values}), purpose=OWN_PURPOSE,
            authority=_files.authority(registry), case_number=None, by=by, at=at,
        )  # fmt: skip
    return found


def object_to_own(*, column: str, claimed: str, words: str, by: Actor, at: datetime) -> ObjectionView:
    """Say that a value of one's own file, or of the own firm's, is wrong. Raises NotForThisPost, NoSuchFile, Invalid."""
    registry, key = queries.own_key(by)
    return _objections.raised(registry, key, column, claimed, words, by=by, at=at)


def object_to_value(
    *, registry: str, key: str, column: str, claimed: str, words: str, by: Actor, at: datetime
) -> ObjectionView:
    """Say from where a value is seen that it is wrong; it goes to who provides it. Raises NotForThisPost, NoSuchFile, Invalid."""
    if by.kind is not ActorKind.SYSTEM and not access.may_anywhere(by, OPEN):
        raise NotForThisPost("您的岗位不能查看档案。", hint="确因工作需要的，请联系本单位负责人。")
    queries.file_for(registry, key, by=by)
    return _objections.raised(registry, key, column, claimed, words, by=by, at=at)


def _load(registry: str, rows: list[_own.Given], at: datetime) -> int:
    _own.enter(registry, rows, at=at, is_new=True)
    return len(rows)


def _loaded(
    registry: str,
    records: Iterable[_own.Relation],
    made: Callable[[list[Any], Mapping[str, PersonRecord]], list[_own.Given]],
    at: datetime,
) -> int:
    """Records that name persons."""
    count = 0
    for part in _own.slices(records):
        _load(registry, made(part, _known(part)), at)
        count += len(part)
    return count


def _known(records: Iterable[_own.Relation]) -> dict[str, PersonRecord]:
    """The registered persons whom records name."""
    return queries.people({key for record in records for key in record.keys_named})


def _load_firms(firms: list[LegalPersonRecord], at: datetime) -> int:
    count = _bulk.copy_firms(firms)
    _own.enter(_own.LEGAL_PERSONS, _own.firms(firms), at=at)
    return count


@transaction.atomic
def register_birth(*, person: PersonRecord, parent_keys: tuple[str, ...], by: Actor, at: datetime) -> PersonRecord:
    """Take over a child whom the household authority has registered. Raises AlreadyRegistered.

    The authority allots the ID number; the registry only records it, with the parents named.
    """
    key = sealed_index(person.id_number)
    known = queries.find_person(key)
    if known is not None:
        raise AlreadyRegistered("人口库中已有这个证件号码。", hint="请与户籍部门核对。")
    _load(_own.POPULATION, _own.people([person]), at)
    kinships = [KinshipRecord(parent_key=parent, child_key=key) for parent in parent_keys]
    _loaded(_own.PARENTS, kinships, _own.parents, at)
    audit.record("registries.birth.registered", target=f"person:{key[:12]}", by=by, at=at)
    return replace(person, subject_key=key)


@transaction.atomic
def answer_objection(*, objection_id: int, by: Actor, at: datetime) -> CaseView | None:
    """Open the case in which the registry's unit answers an objection; again, the case that there is.

    None where no registry of ours stands behind the value. Raises NobodyHandles.
    """
    said = forms.objection(objection_id)
    registry = queries.registry(said.source)
    if registry is None:
        return None
    party = people.party(said.party_id) if said.party_id else None
    before = models.RaisedObjection.objects.filter(objection_id=objection_id).first()
    if before is not None:
        return cases.peek(before.case_id)
    about = _objections.about(said, party)
    case = engine.open_case(
        kind=OBJECTION,
        flow=registry.flow,
        title=f"登记信息异议：{_objections.label(said)}",
        org_id=_objections.unit(registry, about.region).id,
        region_code=about.region,
        applicant_id=party.id if party else None,
        subject=about.name,
        data=_objections.data(said, about.uscc),
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
    said = value.strip() or str(held["answers"]["claimed"])
    _objections.corrected(about, said, case_number=cases.peek(case_id).number, at=at)
    detail = {"element": about["element"]}
    audit.record("registries.record.corrected", target=f"case:{case_id}", by=by, at=at, detail=detail)


@transaction.atomic
def enrol(*, subject_key: str, scheme: str, region_code: str, since: date, by: Actor, at: datetime) -> EnrolmentRecord:
    """Record participation in a scheme; a repeat returns what stands."""
    standing = next((each for each in queries.enrolments_of(subject_key) if each.scheme == scheme), None)
    if standing is not None:
        return standing
    record = EnrolmentRecord(subject_key, scheme, region_code, since)
    _own.enter(_own.INSURANCE, _own.enrolments([record], _known([record])), at=at)
    audit.record("registries.enrolled", target=f"person:{subject_key[:12]}", by=by, at=at)
    return record


@contextlib.contextmanager
def _alone(registry: str) -> Iterator[None]:
    """One take-over of a registry at a time; the lock ends with the process that holds it."""
    key = int.from_bytes(hashlib.sha256(registry.encode()).digest()[:4], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, key])
        if not cursor.fetchone()[0]:
            raise NothingToTake("这个基础库正在更新。", hint="请等它结束。")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, key])
