"""What apps hand to the page chrome: navigation, rail entries, and the place whose portal this is."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from yiwang.kernel.base.contracts import Actor, Unavailable

Tone = Literal["plain", "brand", "green", "amber", "red"]


class NoPdf(Unavailable):
    """The library that sets pages, or what it needs, is not installed here."""

    code = "design.no-pdf"
    retry_after = 3600


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the citizen navigation; an entry whose address does not exist is left out."""

    title: str
    url_name: str
    order: int = 50


@dataclass(frozen=True, slots=True)
class RailItem:
    """One entry of the staff rail: what waits, how many, and where to deal with it."""

    title: str
    url: str
    count: int | None = None
    tone: Tone = "plain"
    icon: str = ""


@dataclass(frozen=True, slots=True)
class RailGroup:
    title: str
    items: tuple[RailItem, ...]
    order: int = 50


RailSource = Callable[[Actor], Iterable[RailGroup]]


@dataclass(frozen=True, slots=True)
class Portal:
    """Whose portal this is; comes from a pack of kind `Portal`, else stays nameless."""

    title: str = "政务服务"
    subtitle: str = ""
    organiser: str = ""
    operator: str = ""
    telephone: str = "12345"
    telephone_note: str = ""
    notes: tuple[str, ...] = ()
    is_demo: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of a timeline; `state` is done, now, wrong or empty for what has not come yet."""

    title: str
    at: object = None
    who: str = ""
    note: str = ""
    state: str = ""


UnreadSource = Callable[[Actor], int]

_unread: list[UnreadSource] = []
_navigation: dict[str, NavItem] = {}
_rail: list[RailSource] = []


def register_nav(item: NavItem) -> None:
    """Put an entry into the citizen navigation; called from AppConfig.ready()."""
    _navigation[item.url_name] = item


def register_rail(source: RailSource) -> None:
    """Put a group of entries into the staff rail; `source(actor)` runs once per desk page."""
    if source not in _rail:
        _rail.append(source)


def register_unread(source: UnreadSource) -> None:
    """Have the header show how many messages `source(actor)` says are unread; runs once per page of who is signed in."""
    if source not in _unread:
        _unread.append(source)


def registered_unread() -> tuple[UnreadSource, ...]:
    return tuple(_unread)


def registered_nav() -> list[NavItem]:
    return sorted(_navigation.values(), key=lambda item: item.order)


def registered_rail() -> tuple[RailSource, ...]:
    return tuple(_rail)


@dataclass(frozen=True, slots=True)
class Pin:
    """A place on a sketch map; `is_here` is the one that the page is about."""

    name: str
    lon: float
    lat: float
    note: str = ""
    url: str = ""
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class SketchMap:
    """Places over outlines (each with its rings of longitude and latitude), for `{% sketch_map %}`; no tiles behind it."""

    pins: tuple[Pin, ...]
    outlines: tuple[tuple[tuple[tuple[float, float], ...], ...], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """GeoJSON of the outlines, and the pins."""
        shapes = [
            {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": rings}}
            for rings in self.outlines
        ]
        return {
            "outlines": {"type": "FeatureCollection", "features": shapes},
            "pins": [asdict(pin) for pin in self.pins],
        }
