"""Regions and organisations as other apps see them."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from yiwang.kernel.base.contracts import Conflict, Invalid, NotFound


class Level(IntEnum):
    """省 市 县 乡 村."""

    PROVINCE = 1
    CITY = 2
    COUNTY = 3
    TOWN = 4
    VILLAGE = 5


class NoSuchRegion(NotFound):
    code = "orgs.no-such-region"


class NoSuchOrganisation(NotFound):
    code = "orgs.no-such-organisation"


class NobodyHandles(NotFound):
    """No organisation of this kind stands at the region or above it."""

    code = "orgs.nobody-handles"


class BadRegion(Invalid):
    code = "orgs.bad-region"


class BadOrganisation(Invalid):
    code = "orgs.bad-organisation"


class BadList(Invalid):
    """A file of regions or organisations with lines that cannot be read."""

    code = "orgs.bad-list"


class AlreadyExists(Conflict):
    code = "orgs.already-exists"


class CannotMove(Conflict):
    code = "orgs.cannot-move"


class CannotClose(Conflict):
    code = "orgs.cannot-close"


@dataclass(frozen=True, slots=True)
class RegionView:
    id: int
    code: str
    name: str
    level: Level
    parent_id: int | None


@dataclass(frozen=True, slots=True)
class OrgView:
    """An organisation; `path` (`/1/5/`) starts with the path of everything above it."""

    id: int
    uscc: str
    name: str
    short_name: str
    doc_mark: str
    kind: str
    region_code: str
    path: str
    parent_id: int | None
    phone: str
    supervision_phone: str
    address: str
    closed_on: date | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class OrgAsOf:
    """What an organisation was called and where it stood on a day."""

    org_id: int
    name: str
    short_name: str
    region_code: str
    parent_id: int | None
    since: date


@dataclass(frozen=True, slots=True)
class NewRegion:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """`parent_uscc` names an organisation that exists or stands earlier in the same batch."""

    uscc: str
    name: str
    kind: str
    region_code: str
    opened_on: date
    parent_uscc: str | None = None
    short_name: str = ""
    doc_mark: str = ""
    phone: str = ""
    supervision_phone: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    is_demo: bool = False


@dataclass(frozen=True, slots=True)
class Boundary:
    """The outline of a region for a sketch map: rings of (longitude, latitude); no line of law."""

    region_code: str
    rings: tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True, slots=True)
class ListReport:
    """What importing a list did; who was there already is left as it is."""

    regions: int
    organisations: int
    known: int
