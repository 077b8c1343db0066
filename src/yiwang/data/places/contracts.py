"""Grids, duties and addresses as other apps see them. No Django."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from yiwang.kernel.base.contracts import Conflict, Invalid, NotFound, Place


class NoSuchGrid(NotFound):
    code = "places.no-such-grid"


class BadCoordinates(Invalid):
    """Not a pair of numbers on this earth."""

    code = "places.bad-coordinates"


class BadFile(Invalid):
    """A file of grids or addresses that cannot be read at all."""

    code = "places.bad-file"


class AlreadyOnDuty(Conflict):
    code = "places.already-on-duty"


class Precision(StrEnum):
    """How exactly an address was found."""

    DOOR = "door"
    SITE = "site"
    ROAD = "road"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class GridView:
    """A grid; `code` is the village's 12 digits and 3 more, `lon`, `lat` a point inside it."""

    code: str
    name: str
    region_code: str
    lon: float
    lat: float
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class DutyView:
    id: int
    account_id: int
    grid_code: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class NewGrid:
    """A grid to be; `outline` is a GeoJSON Polygon or MultiPolygon in degrees of WGS 84."""

    code: str
    name: str
    outline: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewAddress:
    """A door plate (`road` and `number`) or a named site (`title`), or both; `region_code` is the village's."""

    text: str
    region_code: str
    lon: float
    lat: float
    road: str = ""
    number: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class DoorView:
    """A standard address: what stands on its plate, and where it is."""

    id: int
    text: str
    region_code: str
    title: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Found:
    """One candidate for what somebody called a place."""

    text: str
    precision: Precision
    lon: float | None
    lat: float | None
    region_code: str
    region_name: str
    grid_code: str
    grid_name: str
    entry_id: int | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What taking in a list did; `problems` are lines set aside, each with its reason."""

    created: int
    changed: int
    unchanged: int
    problems: tuple[Place, ...] = ()
