"""Systems, resources and items as other apps see them. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from yiwang.data.catalogue._terms import Cycle as Cycle
from yiwang.data.catalogue._terms import Grade as Grade
from yiwang.data.catalogue._terms import ListingState as ListingState
from yiwang.data.catalogue._terms import Opening as Opening
from yiwang.data.catalogue._terms import Origin as Origin
from yiwang.data.catalogue._terms import RequestKind as RequestKind
from yiwang.data.catalogue._terms import RequestOutcome as RequestOutcome
from yiwang.data.catalogue._terms import Shape as Shape
from yiwang.data.catalogue._terms import Sharing as Sharing
from yiwang.data.catalogue._terms import State as State
from yiwang.data.catalogue._terms import TaskState as TaskState
from yiwang.data.catalogue._terms import Way as Way
from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound, Place

VIEW, EDIT, GOVERN = "catalogue.view", "catalogue.edit", "catalogue.govern"
PERMISSIONS = {
    VIEW: "查看数据目录",
    EDIT: "编制本单位的数据目录",
    GOVERN: "审核数据目录、组织普查、裁定数源",
}


CASE_KINDS = {
    RequestKind.CHANGE: "catalogue-change",
    RequestKind.CLAIM: "catalogue-claim",
    RequestKind.DEMAND: "catalogue-demand",
}
CENSUS_KIND = "catalogue-census"


class NoSuchResource(NotFound):
    code = "catalogue.no-such-resource"


class NoSuchSystem(NotFound):
    code = "catalogue.no-such-system"


class BadResource(Invalid):
    """What a resource's entry says cannot stand; each place names its field."""

    code = "catalogue.bad-resource"


class NoSuchListing(NotFound):
    code = "catalogue.no-such-listing"


class BadFile(Invalid):
    """A file, or a line of it, that is no catalogue."""

    code = "catalogue.bad-file"


class AlreadyRegistered(Conflict):
    code = "catalogue.already-registered"


class CannotChange(Conflict):
    code = "catalogue.cannot-change"


class NotYours(Denied):
    code = "catalogue.not-yours"


@dataclass(frozen=True, slots=True)
class ItemView:
    """信息项. With an element the type and sensitivity are the element's unless the entry says otherwise."""

    name: str
    title: str
    element_id: str = ""
    type: str = "text"
    length: int | None = None
    is_key: bool = False
    sensitivity: str = "general"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """All that an entry says of a resource; `refusal_basis` is the law and article that refuses sharing."""

    title: str
    summary: str
    items: tuple[ItemView, ...] = ()
    system: str = ""
    shape: Shape = Shape.DATABASE
    sharing: Sharing = Sharing.CONDITIONAL
    sharing_condition: str = ""
    refusal_basis: str = ""
    ways: tuple[Way, ...] = ()
    opening: Opening = Opening.CLOSED
    opening_condition: str = ""
    update_cycle: Cycle = Cycle.IRREGULAR
    grade: Grade = Grade.GENERAL_2
    contact: str = ""  # an office, never a person
    phone: str = ""
    keywords: tuple[str, ...] = ()
    matters: tuple[str, ...] = ()
    lake_table: str = ""


@dataclass(frozen=True, slots=True)
class NewResource:
    """An entry to be made: `code` is dotted, the place first (`anlan.market.enterprises`)."""

    code: str
    org_id: int
    content: Content
    published_on: date | None = None


@dataclass(frozen=True, slots=True)
class ResourceView:
    """A resource as the catalogue has it now."""

    id: int
    code: str
    title: str
    org_id: int
    items: tuple[ItemView, ...]
    update_cycle: Cycle
    sharing: Sharing
    opening: Opening
    lake_table: str
    content: Content
    state: State
    revision: int
    origin: Origin
    published_on: date | None
    revised_at: datetime
    retired_at: datetime | None = None
    retired_because: str = ""

    def item(self, name: str) -> ItemView | None:
        return next((each for each in self.items if each.name == name), None)


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """One line of a list."""

    code: str
    title: str
    org_id: int
    org_name: str
    sharing: Sharing
    opening: Opening
    update_cycle: Cycle
    state: State
    items: int
    lake_table: str


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed by; an empty field narrows nothing."""

    text: str = ""
    org_id: int | None = None
    sharing: Sharing | None = None
    opening: Opening | None = None
    update_cycle: Cycle | None = None
    element_id: str = ""
    system: str = ""
    gap: str = ""
    state: State | None = State.IN_FORCE


@dataclass(frozen=True, slots=True)
class RevisionView:
    """What one revision changed, in words."""

    number: int
    origin: Origin
    words: tuple[str, ...]
    recorded_at: datetime
    recorded_by: int | None
    case_number: str


@dataclass(frozen=True, slots=True)
class SystemView:
    """信息系统."""

    id: int
    code: str
    name: str
    org_id: int
    since: date | None
    retired_on: date | None


@dataclass(frozen=True, slots=True)
class Published:
    """What packs brought; `clashes` are codes that somebody has revised since and that stay as they are."""

    created: int
    revised: int
    unchanged: int
    clashes: tuple[str, ...] = ()
    homeless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An entry of a unit's file: on which line it begins, and what would change."""

    line: int
    code: str
    title: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListingView:
    """A unit's file as it was read: what would be asked for, and what cannot be, by line."""

    id: int
    org_id: int
    name: str
    state: ListingState
    entries: tuple[ListedEntry, ...]
    problems: tuple[Place, ...]
    unchanged: int
    read_at: datetime
    asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What taking in a file did; `problems` name sheet line and column."""

    created: int
    revised: int
    unchanged: int
    problems: tuple[Place, ...] = ()
    codes: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuthorityView:
    """Which unit is the source of an element, in which resource."""

    element_id: str
    org_id: int
    resource_code: str
    resource_title: str
    basis: str
    since: date
    until: date | None


class BadRequest(Invalid):
    """What was asked for cannot be asked so."""

    code = "catalogue.bad-request"


class AlreadyAsked(Conflict):
    code = "catalogue.already-asked"


class NoSuchRequest(NotFound):
    code = "catalogue.no-such-request"


class NoSuchCensus(NotFound):
    code = "catalogue.no-such-census"


class BadAnswer(Invalid):
    """A census form that cannot be handed in as it is."""

    code = "catalogue.bad-answer"


@dataclass(frozen=True, slots=True)
class RequestView:
    """Something asked for, whose case runs or has come to an end."""

    id: int
    kind: RequestKind
    org_id: int
    answering_id: int
    resource_code: str
    element_id: str
    title: str
    reason: str
    words: tuple[str, ...]
    outcome: RequestOutcome
    case_number: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class NewData:
    """What a unit has that the catalogue does not know, in a clerk's words."""

    title: str
    summary: str
    update_cycle: Cycle = Cycle.IRREGULAR


@dataclass(frozen=True, slots=True)
class CensusView:
    """A campaign with how far the units are."""

    id: int
    title: str
    words: str
    opened_at: datetime
    case_number: str
    asked: int
    filled: int
    taken: int


@dataclass(frozen=True, slots=True)
class CensusTaskView:
    """One unit's part; `kept` and `gone` are codes of entries, `added` what the catalogue did not know."""

    id: int
    census_id: int
    census_title: str
    words: str
    org_id: int
    case_id: int
    case_number: str
    state: TaskState
    kept: tuple[str, ...]
    gone: tuple[str, ...]
    added: tuple[NewData, ...]
    filled_at: datetime | None


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """一本账: what one unit has, by how it is shared, and what is missing."""

    org_id: int
    org_name: str
    total: int
    unconditional: int
    conditional: int
    refused: int
    items: int
    unlinked: int
    no_contact: int
    no_system: int
    officer: str
