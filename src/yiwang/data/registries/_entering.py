"""Bringing rows into a registry's entries, some thousands in one transaction: new ones by COPY, of changed ones the changed values only.

What is handed over counts at once. What a take-over brings counts when all of it stands (`_standing`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from pydantic_core import to_json

from yiwang.data.registries import _cells, _standing
from yiwang.data.registries._cells import Cell, Cells, Groups
from yiwang.data.registries.contracts import Kind
from yiwang.data.registries.models import Entry, Intake, Register
from yiwang.kernel.base.sealing import seal

CHUNK = 5000
_NEW = (
    "COPY registries_entry (register_id, key, name_key, digest, content, is_here, is_direct, number, kind, columns, intake_id, region_code,"
    " links) FROM STDIN"
)
_REPLACED = "COPY registries_past (entry_id, content, intake_id) FROM STDIN"
_CHANGED = """
UPDATE registries_entry e SET name_key = n.name_key, digest = n.digest, content = n.content, is_here = n.is_here,
  is_direct = n.is_direct, number = n.number, kind = n.kind, columns = string_to_array(n.columns, ','), intake_id = n.intake, region_code = n.region_code,
  links = string_to_array(n.links, ',')
FROM unnest(%s::bigint[], %s::text[], %s::bytea[], %s::bytea[], %s::bool[], %s::bool[], %s::bigint[], %s::text[], %s::text[], %s::bigint[],
  %s::text[], %s::text[]) AS n (id, name_key, digest, content, is_here, is_direct, number, kind, columns, intake, region_code, links)
WHERE e.id = n.id
"""
_HELD = """SELECT e.key, e.id, coalesce(c.digest, e.digest), coalesce(c.is_here, e.is_here), coalesce(c.is_direct, e.is_direct)
FROM registries_entry e LEFT JOIN registries_coming c ON c.register_id = e.register_id AND c.key = e.key
WHERE e.register_id = %s AND e.key = ANY(%s)"""
_COMING = (
    "COPY registries_coming (register_id, key, name_key, digest, content, is_here, is_direct, kind, columns, region_code, links, past, base,"
    " base_digest) FROM STDIN"
)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A row on its way in; `groups` are its values as an entry keeps them, `links` the keys of those whom it names."""

    key: str
    name_key: str
    digest: bytes
    groups: Groups
    region_code: str = ""
    links: tuple[str, ...] | None = None


@dataclass(slots=True)
class Tally:
    added: int = 0
    changed: int = 0


@dataclass(slots=True)
class _Change:
    """An entry on its way to what it becomes; `past` is empty where only the reading changed."""

    row: Entry
    now: Cells
    past: Cells
    name_key: str
    digest: bytes
    is_here: bool
    is_direct: bool
    region_code: str
    links: Sequence[str] | None
    kind: Kind = Kind.CHANGED


@dataclass(slots=True)
class _Work:
    """One transaction's work under the registry's lock."""

    register: Register
    intake: Intake
    tally: Tally = field(default_factory=Tally)

    def number(self) -> int:
        self.register.last += 1
        return self.register.last


def register_of(registry: str) -> Register:
    row, _ = Register.objects.get_or_create(registry=registry)
    return row


def keys_there(registry: str, keys: Sequence[str]) -> set[str]:
    """Those of some keys under which an entry is kept, reported or not."""
    rows = Entry.objects.filter(_standing.entries(), register__registry=registry, key__in=keys)
    return set(rows.values_list("key", flat=True))


@transaction.atomic
def enter(intake: Intake, rows: Sequence[Incoming], *, is_direct: bool) -> Tally:
    """Bring rows in, each key once; what is there as it was read before costs a comparison.

    `is_direct`: handed over, so that it counts at once; else part of the take-over that has begun (`_standing.begin`).
    """
    work = _begun(intake)
    if is_direct:
        _standing.set_aside(work.register, [row.key for row in rows])
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [intake.register_id, [row.key for row in rows]])
        held = {key: (pk, bytes(digest), here, direct) for key, pk, digest, here, direct in cursor.fetchall()}
    _add(work, [row for row in rows if row.key not in held], is_direct)
    other = [row for row in rows if row.key in held and held[row.key][1:] != (row.digest, True, is_direct)]
    if other:
        found = Entry.objects.in_bulk([held[row.key][0] for row in other])
        changes = [_renewed(found[held[row.key][0]], row, intake, is_direct) for row in other]
        _change(work, changes) if is_direct else _stage(work, changes)
    return _ended(work)


@transaction.atomic
def let_go(intake: Intake, entry_ids: Sequence[int], since: str) -> None:
    """Have entries marked, once the take-over stands, that their source reports no more."""
    work = _begun(intake)
    mark = {_cells.HERE: _cells.absent(since, intake.pk)}
    changes = []
    for row in Entry.objects.filter(pk__in=entry_ids):
        now, past = _cells.renewed(_cells.unpacked(row.content), mark)
        changes.append(_kept(row, now, past, row.name_key, Kind.GONE))
    _stage(work, changes)


@transaction.atomic
def put_right(intake: Intake, entry_id: int, name: str, cell: Cell, *, name_key: str | None) -> bool:
    """Write what a person found to be right into one entry; whether it changed anything."""
    work = _begun(intake)
    row = Entry.objects.get(pk=entry_id)
    old = _cells.unpacked(row.content)
    now, past = _cells.renewed(old, {name: _cells.corrected(old, name, cell)})
    if past:
        kept = name_key if name_key is not None else row.name_key
        _change(work, [_kept(row, now, past, kept, Kind.CORRECTED)])
    _ended(work)
    return bool(past)


def _kept(row: Entry, now: Cells, past: Cells, name_key: str, kind: Kind) -> _Change:
    """An entry that changes without a row of its source."""
    is_here = row.is_here and kind is not Kind.GONE
    return _Change(
        row, now, past, name_key, bytes(row.digest), is_here, row.is_direct, row.region_code, row.links, kind
    )


def _begun(intake: Intake) -> _Work:
    return _Work(Register.objects.select_for_update().get(pk=intake.register_id), intake)


def _ended(work: _Work) -> Tally:
    work.register.save(update_fields=["last"])
    intake, tally = work.intake, work.tally
    intake.added, intake.changed = intake.added + tally.added, intake.changed + tally.changed
    intake.save(update_fields=["added", "changed"])
    return tally


def _add(work: _Work, rows: Iterable[Incoming], is_direct: bool) -> None:
    with connection.cursor() as cursor, cursor.copy(_NEW) as copy:
        for row in rows:
            copy.write_row(
                (
                    work.register.pk, row.key, row.name_key, row.digest, seal(to_json(_filled(row.groups))), True, is_direct,
                    work.number(), "added", "{}", work.intake.pk, row.region_code, list(row.links) if row.links else None,
                )
            )  # fmt: skip
            work.tally.added += 1


def _filled(groups: Groups) -> Groups:
    """Without what is empty: nothing was there before."""
    return [[*head, {name: value for name, value in values.items() if value is not None}] for *head, values in groups]


def _renewed(row: Entry, given: Incoming, intake: Intake, is_direct: bool) -> _Change:
    new = _cells.unpacked(given.groups)
    if not row.is_here:
        new[_cells.HERE] = _cells.present(next(iter(new.values())).since, intake.pk)
    now, past = _cells.renewed(_cells.unpacked(row.content), new)
    kind = Kind.CHANGED if row.is_here else Kind.BACK
    return _Change(row, now, past, given.name_key, given.digest, True, is_direct, given.region_code, given.links, kind)


def _change(work: _Work, changes: Sequence[_Change]) -> None:
    if not changes:
        return
    replaced = [each for each in changes if each.past]
    with connection.cursor() as cursor:
        with cursor.copy(_REPLACED) as copy:
            for each in replaced:
                copy.write_row((each.row.pk, seal(to_json(_cells.packed(each.past))), work.intake.pk))
        columns = zip(*(_changed(work, each) for each in changes), strict=True)
        cursor.execute(_CHANGED, [list(column) for column in columns])
    work.tally.changed += len(replaced)


def _stage(work: _Work, changes: Iterable[_Change]) -> None:
    with connection.cursor() as cursor, cursor.copy(_COMING) as copy:
        for each in changes:
            row, past = each.row, seal(to_json(_cells.packed(each.past))) if each.past else None
            copy.write_row(
                (
                    work.register.pk, row.key, each.name_key, each.digest, seal(to_json(_cells.packed(each.now))), each.is_here,
                    each.is_direct, str(each.kind), list(each.past), each.region_code, list(each.links) if each.links else None,
                    past, row.number, bytes(row.digest),
                )
            )  # fmt: skip


def _changed(work: _Work, each: _Change) -> tuple[object, ...]:
    """A changed entry's columns; where nothing that it says changed, its number and kind stay as they were."""
    row, is_new = each.row, bool(each.past)
    return (
        row.pk, each.name_key, each.digest, seal(to_json(_cells.packed(each.now))), each.is_here, each.is_direct,
        work.number() if is_new else row.number, str(each.kind) if is_new else row.kind,
        ",".join(each.past) if is_new else ",".join(row.columns), work.intake.pk if is_new else row.intake_id,
        each.region_code, ",".join(each.links) if each.links else None,
    )  # fmt: skip


def handed_over(register: Register, *, case_number: str = "", at: datetime) -> Intake:
    """The intake of what comes without the lake."""
    Register.objects.filter(pk=register.pk).update(fresh_at=at)
    return Intake.objects.create(register=register, case_number=case_number, is_done=True, taken_at=at)
