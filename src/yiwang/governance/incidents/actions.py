"""Reporting, merging, sending out, putting right and looking again; each step is the case's, taken here with what belongs to it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from yiwang.data.places import queries as places
from yiwang.governance.incidents import _book, _intake, _near
from yiwang.governance.incidents._census import import_census as import_census
from yiwang.governance.incidents.contracts import (
    DISPATCH,
    KIND,
    REPORT,
    BadReport,
    CannotDispatch,
    CannotMerge,
    Channel,
    IncidentView,
    NewReport,
    NoSuchIncident,
    NotYoursToReport,
    Reported,
)
from yiwang.governance.incidents.models import Arrival, Incident, Report
from yiwang.governance.incidents.queries import view_of
from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases.contracts import CaseStatus
from yiwang.kernel.files import queries as files
from yiwang.kernel.orgs import queries as orgs

FILING, SENDING = "file", "dispatch"
UNITS_MAX = 20


@transaction.atomic
def report(*, new: NewReport, key: str, by: Actor, at: datetime) -> Reported:
    """Take a report: a new incident, or one more report of one that is known; the same key again changes nothing.

    Raises NotYoursToReport, BadReport, NoSuchType, NoSuchIncident, BadCoordinates, NobodyHandles.
    """
    if not access.may_anywhere(by, REPORT):
        raise NotYoursToReport("您的岗位不能上报网格事件。", hint="群众反映问题请拨打12345。")
    before = Report.objects.select_related("incident__case").filter(account=by.account_id, key=key).first()
    if before is not None:
        return _reported(before)
    kind, grid = _intake.checked(new, at=at)
    part = _intake.component(new)
    _intake.lock(kind)
    incident = _intake.known(new, kind, part, at=at)
    is_first = incident is None
    if incident is None:
        incident = _open(new, part.mark if part else "", grid.region_code, grid.code, by=by, at=at)
    row = Report.objects.create(
        incident=incident,
        account_id=by.account_id,
        channel=Channel.GRID.value,
        key=key,
        words=new.words.strip() or None,
        place=new.place.strip() or None,
        lon=new.lon,
        lat=new.lat,
        photos=list(new.photos),
        photos_after=list(new.photos_after),
        is_first=is_first,
        seen_at=new.seen_at,
        received_at=at,
    )
    if not is_first:
        engine.note(case_id=incident.case_id, text="又有人上报同一问题，已并入。", is_visible=False, by=by, at=at)
    audit.record("incidents.reported", target=f"incident:{incident.code}", by=by, at=at, detail={"first": is_first})
    return _reported(row)


@transaction.atomic
def merge(*, code: str, into: str, by: Actor, at: datetime) -> IncidentView:
    """Put an incident that is not filed yet under another open one of its kind; its reports stay visible there.

    Raises NoSuchIncident, CannotMerge, NotYourStep, Denied.
    """
    row = _locked(code, by, DISPATCH)
    target = Incident.objects.filter(code=into, scope=row.scope, case__status=CaseStatus.OPEN).first()
    if target is None or target.pk == row.pk:
        raise CannotMerge("要并入的事件已经结案，或就是这一件。", hint="请核对16位案卷编号。")
    row.merged_into = target
    row.save(update_fields=["merged_into"])
    engine.advance(case_id=row.case_id, step=FILING, choice="merge", by=by, at=at)
    Report.objects.filter(incident=row).update(incident=target, is_first=False)
    engine.note(case_id=target.case_id, text=f"案卷{row.code}的上报已并入本案。", is_visible=False, by=by, at=at)
    audit.record("incidents.merged", target=f"incident:{code}", by=by, at=at, detail={"into": into})
    return view_of(row)


@transaction.atomic
def dispatch(
    *, code: str, step: str, org_ids: Sequence[int], whistle: bool = False, words: str = "", by: Actor, at: datetime
) -> IncidentView:
    """Send an incident to units, all at once; with `whistle` they are called to the spot first (吹哨报到).

    `step` is the level that sends. Raises NoSuchIncident, CannotDispatch, NotYourStep, Denied.
    """
    row = _locked(code, by, DISPATCH)
    wanted = list(dict.fromkeys(org_ids))
    if not 0 < len(wanted) <= UNITS_MAX or wanted != [each for each in wanted if each in orgs.named(wanted)]:
        raise CannotDispatch(f"请选1至{UNITS_MAX}个处置单位。", hint="请从单位名单里选。")
    row.unit_ids, row.called_ids = wanted, wanted if whistle else row.called_ids
    row.save(update_fields=["unit_ids", "called_ids"])
    choice = "whistle" if whistle else "dispatch"
    engine.advance(case_id=row.case_id, step=step, choice=choice, grounds=words, by=by, at=at)
    audit.record("incidents.dispatched", target=f"incident:{code}", by=by, at=at, detail={"units": wanted})
    return view_of(row)


@transaction.atomic
def act(
    *,
    code: str,
    step: str,
    choice: str,
    words: str = "",
    photos: Sequence[int] = (),
    position: tuple[float, float] | None = None,
    by: Actor,
    at: datetime,
) -> IncidentView:
    """Take a choice at a step with photos and the position one takes it from: arriving, putting right, looking again.

    Raises NoSuchIncident, BadReport (photos), BadCoordinates, and what the engine refuses.
    """
    row = _locked(code, by, "")
    _require_pictures(photos)
    if step == "whistle":
        _arrive(row, position, by=by, at=at)
    # Before the step is taken: afterwards the case may be no business of theirs any more.
    for number in photos:
        engine.attach(
            case_id=row.case_id,
            file_id=number,
            role=f"incident:{step}",
            title="现场照片",
            is_visible=True,
            by=by,
            at=at,
        )
    engine.advance(case_id=row.case_id, step=step, choice=choice, grounds=words, by=by, at=at)
    audit.record("incidents.acted", target=f"incident:{code}", by=by, at=at, detail={"step": step, "choice": choice})
    return view_of(row)


def _open(new: NewReport, mark: str, region_code: str, grid_code: str, *, by: Actor, at: datetime) -> Incident:
    policy, kind = _book.policy(), _book.type_of(new.type_key)
    case = engine.open_case(
        kind=KIND,
        flow=policy.self_flow if new.is_self_handled else policy.flow,
        title=kind.name,
        org_id=_book.command_for(region_code).id,
        region_code=region_code,
        applicant_id=None,
        subject="",
        data={
            "incident": {
                "type": kind.key,
                "lon": new.lon,
                "lat": new.lat,
                "grid_code": grid_code,
                "place": new.place.strip(),
                "component": mark,
            }
        },
        limits={},
        by=by,
        at=at,
    )
    return Incident.objects.select_related("case").get(case=case.id)


def _locked(code: str, by: Actor, permission: str) -> Incident:
    row = Incident.objects.select_for_update(of=("self",)).select_related("case").filter(code=code).first()
    if row is None:
        raise NoSuchIncident("没有这个事件。", hint="请核对16位案卷编号。")
    if permission:
        access.require(by, permission, at_org=row.org_id)
    return row


def _require_pictures(photos: Sequence[int]) -> None:
    most = _book.policy().photos_max
    stored = files.named(photos)
    if len(photos) > most or any(number not in stored or not stored[number].is_image for number in photos):
        raise BadReport("照片有误。", places=[Place("photos", f"照片要是 JPG 或 PNG 图片，最多{most}张。")])


def _arrive(row: Incident, position: tuple[float, float] | None, *, by: Actor, at: datetime) -> None:
    own = [post.org_id for post in by.posts if post.org_id in row.called_ids]
    if not own:
        return  # the engine says whose step it is
    far = None
    if position is not None:
        position = places.point(*position)
        far = _near.metres(*position, row.lon, row.lat) if row.lon is not None and row.lat is not None else None
    lon, lat = position or (None, None)
    Arrival.objects.create(
        incident=row, org_id=own[0], account_id=by.account_id, lon=lon, lat=lat, distance_m=far, arrived_at=at
    )


def _reported(row: Report) -> Reported:
    incident = row.incident
    return Reported(row.pk, incident.code, incident.case.number, incident.title, not row.is_first)
