"""Where parties can be reached and what they chose: for one message, or for thousands in two queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time

from yiwang.kernel.base import rows
from yiwang.kernel.people import queries as people
from yiwang.support.notify.contracts import Channel
from yiwang.support.notify.models import Preference

_CHOSEN = f"SELECT {rows.columns(Preference)} FROM notify_preference WHERE party_id = ANY(%s::bigint[])"


@dataclass(frozen=True, slots=True)
class Reach:
    """A party's addresses; an e-mail address that its owner has not confirmed is none."""

    party_id: int
    phone: str = ""
    email: str = ""
    language: str = "zh"
    off: frozenset[str] = frozenset()
    quiet: tuple[time, time] | None = None
    site: str = ""

    def address(self, channel: Channel) -> str:
        return self.phone if channel is Channel.SMS else self.email

    def wants(self, category: str, channel: str, kept: Iterable[str]) -> bool:
        return channel in kept or mark(category, channel) not in self.off


def mark(category: str, channel: str) -> str:
    """How `Preference.off` says a pair."""
    return f"{category}:{channel}"


def of(party_ids: Iterable[int]) -> dict[int, Reach]:
    """How each of them is reached, in two questions; unknown ids are absent."""
    phones = people.phones_of(party_ids)
    chosen = {row.pk: row for row in rows.read(Preference, rows.fetch(_CHOSEN, [list(phones)]))}
    return {number: _reach(number, phone, chosen.get(number)) for number, phone in phones.items()}


def choices_of(party_ids: Iterable[int]) -> dict[int, Reach]:
    """What each of them chose, without addresses: for what stays in the site."""
    numbers = list(party_ids)
    chosen = Preference.objects.filter(party__in=numbers).values_list("pk", "off")
    off = {number: frozenset(marks) for number, marks in chosen}
    return {number: Reach(number, off=off.get(number, frozenset())) for number in numbers}


def of_one(party_id: int) -> Reach:
    return of([party_id])[party_id]


def _reach(party_id: int, phone: str, row: Preference | None) -> Reach:
    if row is None:
        return Reach(party_id, phone=phone)
    return Reach(
        party_id,
        phone=phone,
        email=str(row.email or "") if row.confirmed_at else "",
        language=row.language,
        off=frozenset(row.off),
        quiet=(row.quiet_from, row.quiet_until) if row.quiet_from and row.quiet_until else None,
        site=row.site,
    )
