"""Incidents, reports and components as other apps see them. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound, Place
from yiwang.kernel.cases.contracts import WorkRow
from yiwang.kernel.workdays.contracts import Limit

KIND = "incident"
REPORT, DISPATCH, VIEW, EDIT = "incidents.report", "incidents.dispatch", "incidents.view", "incidents.edit"
PERMISSIONS = {
    REPORT: "上报网格事件",
    DISPATCH: "立案、派遣网格事件",
    VIEW: "查看网格事件",
    EDIT: "维护城市部件",
}


class Scope(StrEnum):
    """部件 stand where they stand; 事件 happen."""

    EVENT = "event"
    COMPONENT = "component"


class Channel(StrEnum):
    """How a report came."""

    GRID = "grid"
    TICKET = "ticket"


class NoSuchIncident(NotFound):
    code = "incidents.no-such-incident"


class NoSuchType(NotFound):
    code = "incidents.no-such-type"


class BadReport(Invalid):
    """The report cannot be taken as it is."""

    code = "incidents.bad-report"


class NotYoursToReport(Denied):
    code = "incidents.not-yours"


class CannotMerge(Conflict):
    code = "incidents.cannot-merge"


class CannotDispatch(Conflict):
    code = "incidents.cannot-dispatch"


class BadCensus(Invalid):
    """A file of components that cannot be read at all."""

    code = "incidents.bad-census"


@dataclass(frozen=True, slots=True)
class TypeView:
    """小类 with its 大类; `key` is `event:0102`."""

    key: str
    scope: Scope
    code: str
    name: str
    class_name: str
    limit: Limit
    may_self_handle: bool
    closes_when: str


@dataclass(frozen=True, slots=True)
class NewReport:
    """What somebody saw; photos are ids of files that were taken in for it. `joins` is the code of an incident it repeats."""

    type_key: str
    lon: float
    lat: float
    seen_at: datetime
    photos: tuple[int, ...] = ()
    photos_after: tuple[int, ...] = ()
    place: str = ""
    words: str = ""
    is_self_handled: bool = False
    component: str = ""
    joins: str = ""


@dataclass(frozen=True, slots=True)
class Reported:
    """What became of a report: a new incident, or one more report under an old one."""

    report_id: int
    code: str
    case_number: str
    title: str
    is_merged: bool


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident; `code` is the 16 digits of its file, `org_id` the command desk that leads, `units` who puts it right."""

    code: str
    title: str
    type_key: str
    type_name: str
    scope: Scope
    case_id: int
    case_number: str
    is_open: bool
    outcome: str
    region_code: str
    grid_code: str
    lon: float | None
    lat: float | None
    place: str
    org_id: int
    units: tuple[int, ...]
    called: tuple[int, ...]
    component: str
    reports: int
    opened_at: datetime
    closed_at: datetime | None
    merged_into: str
    score: int | None
    figures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which incidents a list and its map show: `state` open, closed or all; `class_code` like `event:01`; opened within `days`."""

    state: str = "open"
    class_code: str = ""
    region: str = ""
    days: int = 0


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One line of a list, with its open steps."""

    incident: IncidentView
    grid_name: str
    region_name: str
    steps: tuple[WorkRow, ...]


@dataclass(frozen=True, slots=True)
class ReportView:
    id: int
    by_id: int | None
    channel: Channel
    words: str
    place: str
    lon: float | None
    lat: float | None
    photos: tuple[int, ...]
    photos_after: tuple[int, ...]
    seen_at: datetime
    received_at: datetime
    is_first: bool


@dataclass(frozen=True, slots=True)
class ArrivalView:
    """Who came when a whistle was blown, and how far from the spot they said so."""

    org_id: int
    account_id: int | None
    distance_m: int | None
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class ComponentView:
    """部件: `mark` is its 16 digits."""

    mark: str
    name: str
    type_key: str
    type_name: str
    region_code: str
    grid_code: str
    owner: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class CensusReport:
    """What taking in a census did; `problems` are lines set aside, each with its reason."""

    created: int
    changed: int
    unchanged: int
    problems: tuple[Place, ...] = ()
