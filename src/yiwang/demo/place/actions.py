"""Making the demo place; one step at a time, so that a stop in between is taken up again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yiwang.data.registries import actions as registries
from yiwang.data.registries import queries as registered
from yiwang.data.registries.contracts import PersonRecord
from yiwang.demo.place import _bodies as places
from yiwang.demo.place._firms import firms as make_firms
from yiwang.demo.place._population import Batch, Population
from yiwang.demo.place.kinds import NAMES, PLACE, DemoPlace, Names
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Conflict
from yiwang.kernel.packs import queries as packs

_REPRESENTATIVES = 500


class AlreadySeeded(Conflict):
    code = "demo.already-seeded"


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was made."""

    people: int
    households: int
    firms: int
    bodies: int
    staff: int


def seed(
    *,
    residents: int,
    firms: int,
    seed: int,
    by: Actor,
    at: datetime,
    tell: Callable[[str, int, int], None] = lambda what, done, of: None,
) -> Seeded:
    """Make the demo place of the packs in force. Raises AlreadySeeded when residents are there.

    `tell(what, done, of)` is called as it goes on.
    """
    place = packs.all_of(PLACE)[0].as_type(DemoPlace)
    names = packs.all_of(NAMES)[0].as_type(Names)
    if registered.population()["people"]:
        raise AlreadySeeded("演示地已经建好。", hint="要重新生成,请换一个空的 YIWANG_HOME。")
    made = places.divisions(place)
    bodies, staff = _bodies(place, names, made, by=by, at=at)
    tell("单位与账号", bodies, bodies)
    leaders = _people(place, made, names, residents, seed, by=by, at=at, tell=tell)
    rows = make_firms(
        count=firms,
        villages=list(made.villages),
        representatives=leaders,
        names=names,
        seed=seed,
        today=at.date(),
    )
    registries.load(firms=rows, by=by, at=at)
    tell("企业", firms, firms)
    counts = registered.population()
    return Seeded(counts["people"], counts["households"], counts["firms"], bodies, staff)


@transaction.atomic
def _bodies(place: DemoPlace, names: Names, made: places.Divisions, *, by: Actor, at: datetime) -> tuple[int, int]:
    """Bodies, staff and named residents in one transaction; zeros when they stand already."""
    if places.is_created(place):
        return 0, 0
    bodies = places.create_bodies(place=place, made=made, by=by, at=at)
    staff = places.create_staff(place=place, names=names, bodies=bodies, by=by, at=at)
    places.create_residents(place=place, by=by, at=at)
    audit.record("demo.place.created", target=f"place:{place.id}", by=by, at=at)
    return len(bodies), staff


@transaction.atomic
def _people(
    place: DemoPlace,
    made: places.Divisions,
    names: Names,
    residents: int,
    seed: int,
    *,
    by: Actor,
    at: datetime,
    tell: Callable[[str, int, int], None],
) -> list[PersonRecord]:
    """All residents in one transaction, so that a stop leaves none; returns adults to lead firms."""
    named = places.resident_records(place=place, made=made)
    _load(named, by=by, at=at)
    leaders = [person for person in named.people if person.age_on(at.date()) >= 18]
    generator = Population(villages=list(made.villages), names=names, seed=seed, today=at.date())
    done = len(named.people)
    for batch in generator.batches(max(0, residents - done)):
        _load(batch, by=by, at=at)
        done += len(batch.people)
        if len(leaders) < _REPRESENTATIVES:
            leaders += [p for p in batch.people if p.age_on(at.date()) >= 25][:_REPRESENTATIVES]
        tell("人口", done, residents)
    return leaders


def _load(batch: Batch, *, by: Actor, at: datetime) -> None:
    registries.load(
        households=batch.households,
        people=batch.people,
        marriages=batch.marriages,
        kinships=batch.kinships,
        enrolments=batch.enrolments,
        by=by,
        at=at,
    )
