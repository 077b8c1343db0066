"""Making the demo place; one step at a time, so that a stop in between is taken up again."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction

from yiwang.data.catalogue import actions as catalogue
from yiwang.data.registries import actions as registries
from yiwang.data.registries import queries as registered
from yiwang.data.registries.contracts import LegalPersonRecord, PersonRecord
from yiwang.demo.place import _bodies as places
from yiwang.demo.place import _credit, _data_walk, _grids, _registers, _scans, _seals, _steward, queries
from yiwang.demo.place._firms import firms as make_firms
from yiwang.demo.place._grid_play import GridPlayer
from yiwang.demo.place._play import Player
from yiwang.demo.place._play_kinds import PLAY, DemoPlay
from yiwang.demo.place._population import Batch, Population
from yiwang.demo.place.kinds import NAMES, PLACE, DemoPlace, Names
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Conflict
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.packs import queries as packs
from yiwang.services.feedback import actions as feedback
from yiwang.services.matters import actions as matters

_REPRESENTATIVES = 500
IN_FORCE_BEFORE = timedelta(days=400)


class AlreadySeeded(Conflict):
    code = "demo.already-seeded"


class NotDemoPlace(Conflict):
    code = "demo.not-demo-place"


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
    # In force long before the place was made, so that past days can be played.
    matters.publish(by=by, at=at - IN_FORCE_BEFORE)
    catalogue.publish(by=by, at=at - IN_FORCE_BEFORE)
    leaders = _people(place, made, names, residents, seed, by=by, at=at, tell=tell)
    known = places.firm_records(place=place, made=made)
    rows = make_firms(
        count=max(0, firms - len(known)),
        villages=list(made.villages),
        representatives=leaders,
        names=names,
        seed=seed,
        today=at.date(),
    )
    others: list[LegalPersonRecord] = []
    registries.load(firms=chain(known, _noted(rows, others)), by=by, at=at)
    tell("企业", firms, firms)
    named = [(firm.uscc, firm.region_code) for firm in known]
    codes = [(firm.uscc, firm.region_code) for firm in others]
    records = _credit.seed(place=place, named=named, others=codes, seed=seed, by=by, at=at)
    tell("信用记录", records, records)
    pages = _scans.seed(firms=others, people=leaders, by=by, at=at)
    tell("扫描件", pages, pages)
    inspected = _registers.inspect(by=by, at=at)
    tell("质量检查", inspected, inspected)
    waiting = _steward.seed(place=place, residents=leaders, at=at)
    tell("等待数源单位的", waiting, waiting)
    counts = registered.population()
    return Seeded(counts["people"], counts["households"], counts["firms"], bodies, staff)


def _noted(rows: Iterable[LegalPersonRecord], kept: list[LegalPersonRecord]) -> Iterator[LegalPersonRecord]:
    """The same firms, the first of them kept."""
    for row in rows:
        if len(kept) < _credit.FIRMS_MOST:
            kept.append(row)
        yield row


@transaction.atomic
def _bodies(place: DemoPlace, names: Names, made: places.Divisions, *, by: Actor, at: datetime) -> tuple[int, int]:
    """Bodies, staff and named residents in one transaction; zeros when they stand already."""
    if places.is_created(place):
        return 0, 0
    bodies = places.create_bodies(place=place, made=made, by=by, at=at)
    staff = places.create_staff(place=place, names=names, bodies=bodies, by=by, at=at)
    places.create_residents(place=place, by=by, at=at)
    _seals.seed(bodies, by=by, at=at)
    # Drawn long before the place was made, so that past days can be played.
    _grids.seed(place=place, made=made, by=by, at=at - IN_FORCE_BEFORE)
    audit.record("demo.place.created", target=f"place:{place.id}", by=by, at=at)
    return len(bodies), staff


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
    """All residents, from departments' files through the lake; returns adults to lead firms.

    Registries are filled in one transaction: a stop leaves them empty, and the next time the files are known already.
    """
    named = places.resident_records(place=place, made=made)
    generator = Population(villages=list(made.villages), names=names, seed=seed, today=at.date())
    leaders = [person for person in named.people if person.age_on(at.date()) >= 18]

    def batches() -> Iterator[Batch]:
        yield named
        done = len(named.people)
        for batch in generator.batches(max(0, residents - done)):
            yield batch
            done += len(batch.people)
            if len(leaders) < _REPRESENTATIVES:
                leaders.extend([p for p in batch.people if p.age_on(at.date()) >= 25][:_REPRESENTATIVES])
            tell("报送的文件", done, residents)

    with TemporaryDirectory() as folder:
        counties = {region.code: region.name for region in place.regions}
        _registers.write(Path(folder), batches(), counties=counties, seed=seed, today=at.date())
        _registers.deliver(Path(folder), by=by, at=at)
    tell("汇聚", residents, residents)
    with transaction.atomic():
        _registers.take_over(by=by, at=at)
    tell("人口", residents, residents)
    return leaders


def walk_data(
    *, folder: Path, given: Path | None, firms: int, seed: int, by: Actor, at: datetime
) -> Iterator[_data_walk.Step]:
    """From departments' files to a registry, an objection and its correction; each step is done when it is asked for."""
    audit.record("demo.data.walked", target="demo:data", by=by, at=at, detail={"firms": firms, "seed": seed})
    return _data_walk.walk(folder=folder, given=given, firms=firms, seed=seed, at=at)


@dataclass(frozen=True, slots=True)
class Played:
    """What was done how often, and what was refused why."""

    done: dict[str, int]
    refused: dict[str, int]


def play(
    *,
    moments: Iterable[datetime],
    turns_a_day: float,
    seed: int,
    answers_outside: bool,
    by: Actor,
    at: datetime,
    goes_on: bool = False,
    sweeps: bool = False,
    tell: Callable[[datetime, Mapping[str, int]], None] = lambda moment, done: None,
) -> Played:
    """Play a turn at each of the moments, which come in order; with `goes_on` only those after the last filing,
    with `sweeps` the clocks are fired at each moment too, as the clock process does for the present.

    Each deed is its own transaction, so a stop in between leaves nothing half done. Raises NotDemoPlace.
    """
    player = _player(seed, answers_outside)
    begun = player.last_filed(at) if goes_on else None
    done: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    try:
        for moment in moments:
            if begun is not None and moment <= begun:
                continue
            turn = player.turn(filings=player.play.a_day / turns_a_day, at=moment)
            done.update(turn.done)
            refused.update(turn.refused)
            if sweeps:
                engine.sweep(by=by, at=moment)
                feedback.record_silence(by=by, at=moment)
            tell(moment, turn.done)
    finally:
        audit.record("demo.place.played", target="demo", by=by, at=at, detail={"deeds": done.total()})
    return Played(dict(done), dict(refused))


def _player(seed: int, answers_outside: bool) -> Player:
    found = packs.all_of(PLAY)
    if not found or not queries.accounts():
        raise NotDemoPlace("这里不是演示地。", hint="先运行 yiwang seed 建立演示地。")
    place = packs.all_of(PLACE)[0].as_type(DemoPlace)
    played = found[0].as_type(DemoPlay)
    return Player(
        play=played,
        grids=GridPlayer(played.grids) if played.grids else None,
        names=packs.all_of(NAMES)[0].as_type(Names),
        password=place.password,
        without=set(places.id_numbers(place).values()),
        seed=seed,
        answers_outside=answers_outside,
    )
