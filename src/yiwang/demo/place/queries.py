"""Reading the demo place: whether it may be made here, and who can sign in to it."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yiwang.data.registries import queries as registered
from yiwang.demo.place._bodies import divisions
from yiwang.demo.place._double_firms import Firms
from yiwang.demo.place._double_ground import Ground
from yiwang.demo.place._double_people import People
from yiwang.demo.place._doubles_kinds import DOUBLES, Doubles
from yiwang.demo.place.kinds import NAMES, PLACE, DemoPlace, Names
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.people import queries as people

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account anybody may use in the demo place."""

    username: str
    password: str
    who: str


def may_be_made() -> bool:
    """Whether nothing has been entered yet, or only this demo place, unfinished: a real place never gets a made-up one."""
    found = packs.all_of(PLACE)
    if not found or registered.population()["people"]:
        return False
    first = found[0].as_type(DemoPlace).regions[0].code
    return not orgs.has_regions() or bool(orgs.regions([first]))


def accounts() -> list[DemoAccount]:
    """Named residents, and for each post one member of staff where the first resident lives; empty outside the demo place."""
    found = packs.all_of(PLACE)
    if not found or not registered.population()["people"]:
        return []
    place = found[0].as_type(DemoPlace)
    return [*_residents(place), *_staff(place)]


def sign_ins() -> list[DemoAccount]:
    """Those of `accounts` that exist: a place made by an earlier release has no account that came later."""
    named = accounts()
    there = people.named_among([account.username for account in named])
    return [account for account in named if account.username in there]


def paper_form(title: str, said: Mapping[str, str]) -> "Image":
    """A page of old paper, labels on the left and values beside them."""
    from yiwang.demo.place import _paper

    return _paper.form(title, said)


def scan_qualities() -> tuple[str, ...]:
    """What scanners do to a page, by name."""
    from yiwang.demo.place import _paper

    return tuple(_paper.QUALITIES)


def scanned(page: "Image", quality: str, *, seed: int = 1) -> bytes:
    """A picture of a page, spoilt as a scanner does: one of `scan_qualities`."""
    from yiwang.demo.place import _paper

    return _paper.QUALITIES[quality](page, random.Random(seed))


def people_with_doubles(connection: "DuckDBPyConnection", name: str, *, records: int, seed: int = 1) -> None:
    """Fill tables `name` and `name`_truth of a DuckDB with made-up people who stand in several registers, errors included."""
    People(_ground(seed)).fill(connection, name, records)


def firms_with_doubles(connection: "DuckDBPyConnection", name: str, *, records: int, seed: int = 1) -> None:
    """Fill tables `name` and `name`_truth of a DuckDB with made-up firms that stand in several registers, errors included."""
    Firms(_ground(seed)).fill(connection, name, records)


def _ground(seed: int) -> Ground:
    (pack, *_), (names, *_), (place, *_) = (packs.all_of(kind) for kind in (DOUBLES, NAMES, PLACE))
    return Ground.of(pack.as_type(Doubles), names.as_type(Names), place.as_type(DemoPlace), seed)


def _residents(place: DemoPlace) -> Iterator[DemoAccount]:
    for resident in place.residents:
        yield DemoAccount(resident.username, place.password, f"{resident.name}（{resident.note}）")


def _staff(place: DemoPlace) -> Iterator[DemoAccount]:
    home = _home(place)
    names = {region.code: region.name for region in divisions(place).regions}
    seen: set[str] = set()
    # The first resident's county first; a post that no county has is shown where it is.
    for codes in ([home], list(place.aliases)):
        for part in place.organisations:
            for staff in part.staff:
                code = next((code for code in codes if code in part.regions), None)
                key = f"{staff.post} {staff.suffix}" if staff.shown else staff.post
                if code and key not in seen:
                    seen.add(key)
                    region = names[code]
                    yield DemoAccount(
                        f"{place.aliases[code]}.{staff.suffix}",
                        place.password,
                        f"{part.short.format(region=region)} {staff.title}",
                    )


def _home(place: DemoPlace) -> str:
    village = place.residents[0].village
    return next(region.code for region in place.regions for villages in region.towns.values() if village in villages)
