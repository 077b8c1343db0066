"""What waits for the stewards of data from the first day: a census that runs, and values that people who use them call wrong."""

from collections.abc import Iterable
from datetime import datetime

from yiwang.data.catalogue import actions as catalogue
from yiwang.data.catalogue import queries as entries
from yiwang.data.quality import actions as quality
from yiwang.data.quality.contracts import NewObjection
from yiwang.data.registries.contracts import PersonRecord
from yiwang.demo.place import _bodies as places
from yiwang.demo.place.kinds import CensusPart, DemoPlace, ObjectionPart
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.people import queries as people


def seed(*, place: DemoPlace, residents: Iterable[PersonRecord], at: datetime) -> int:
    """Open the census and raise the objections of the pack, each by the account it names. Returns how many answers are waited for."""
    held = {person.id_number: person for person in residents}
    numbers = places.id_numbers(place)
    for part in place.objections:
        _object(part, held[numbers[part.resident]], at)
    return len(place.objections) + sum(_ask(part, at) for part in place.censuses)


def _object(part: ObjectionPart, person: PersonRecord, at: datetime) -> None:
    held = getattr(person, part.field)
    new = NewObjection(part.resource, part.item, person.id_number, held, part.claimed, part.words)
    quality.object_to(new=new, by=_actor(part.by, at), at=at)


def _ask(part: CensusPart, at: datetime) -> int:
    by = _actor(part.by, at)
    units = [org_id for org_id, _ in entries.providers(by)]
    opened = catalogue.open_census(
        title=part.title, words=part.words, org_ids=units, org_id=by.posts[0].org_id, by=by, at=at
    )
    return opened.asked


def _actor(username: str, at: datetime) -> Actor:
    (account,) = people.accounts_named(username)
    return people.actor_of(account.id, at=at)
