"""A take-over stands whole or not at all: what it brings in piece by piece is not there for readers until one transaction says that it is.

New entries lie in the table under numbers after `Register.held`; what becomes of those that were there lies in `Coming`.
"""

from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Subquery, Value, When

from yiwang.data.registries import _cells
from yiwang.data.registries.contracts import Kind
from yiwang.data.registries.models import Coming, Entry, Intake, Register

# Of entry e and its register r.
STANDS = "(r.coming_id IS NULL OR e.intake_id <> r.coming_id OR e.number <= r.held)"
_UNSEEN = "register_id = %s AND intake_id = %s AND number > %s"
_COLUMNS = "register_id, key, name_key, digest, content, is_here, is_direct, kind, columns, region_code, links"
_PIECE = 5000
_LAST = 2**63 - 1
# No entry has this number: what was set aside is always compared with what took its place.
_NEVER = -1
_SET_ASIDE = f"""WITH moved AS (DELETE FROM registries_entry WHERE {_UNSEEN} AND key = ANY(%s) RETURNING {_COLUMNS})
INSERT INTO registries_coming ({_COLUMNS}, base, base_digest) SELECT {_COLUMNS}, {_NEVER}, digest FROM moved"""
_OUTDATED = """SELECT c.id, e.id FROM registries_coming c JOIN registries_entry e ON e.register_id = c.register_id AND e.key = c.key
WHERE c.register_id = %s AND c.id > %s AND (e.number <> c.base OR e.digest <> c.base_digest) ORDER BY c.id LIMIT %s"""
_REPLACED = """INSERT INTO registries_past (entry_id, content, intake_id)
SELECT e.id, c.past, %s FROM registries_coming c JOIN registries_entry e ON e.register_id = c.register_id AND e.key = c.key
WHERE c.register_id = %s AND c.past IS NOT NULL ORDER BY c.id"""
_CHANGED = """UPDATE registries_entry e SET name_key = c.name_key, digest = c.digest, content = c.content, is_here = c.is_here,
  is_direct = c.is_direct, region_code = c.region_code, links = c.links
FROM registries_coming c WHERE c.register_id = %s AND c.past IS NULL AND e.register_id = c.register_id AND e.key = c.key"""
_RENEWED = """UPDATE registries_entry e SET name_key = c.name_key, digest = c.digest, content = c.content, is_here = c.is_here,
  is_direct = c.is_direct, region_code = c.region_code, links = c.links, kind = c.kind, columns = c.columns, number = c.number, intake_id = %s
FROM (SELECT *, %s + row_number() OVER (ORDER BY id) AS number FROM registries_coming WHERE register_id = %s AND past IS NOT NULL) c
WHERE e.register_id = c.register_id AND e.key = c.key"""


def entries() -> Q:
    """Entries that are there for readers."""
    return Q(register__coming=None) | ~Q(intake=F("register__coming")) | Q(number__lte=F("register__held"))


def last() -> Case:
    """Of a register: the number of the last change that followers are told."""
    return Case(When(coming=None, then=F("last")), default=F("held"), output_field=BigIntegerField())


def told(registry: str) -> Subquery:
    """The last number that followers are told of a registry; while a take-over is on its way, none that comes after its beginning."""
    rows = Register.objects.filter(registry=registry).annotate(
        told=Case(When(coming=None, then=Value(_LAST)), default=F("held"), output_field=BigIntegerField())
    )
    return Subquery(rows.values("told"))


@transaction.atomic
def begin(intake: Intake) -> None:
    """From here on the intake is on its way. One that was cut off goes on; another one's beginnings are thrown away."""
    register = _locked(intake)
    if register.coming_id == intake.pk:
        return
    if register.coming_id is not None:
        _discard(register, register.coming_id)
    register.coming, register.held = intake, register.last
    register.save(update_fields=["coming", "held"])


def set_aside(register: Register, keys: Sequence[str]) -> None:
    """Make room for what is handed over under keys that a take-over on its way has brought in: its rows become changes of those entries."""
    if register.coming_id is not None:
        with connection.cursor() as cursor:
            cursor.execute(_SET_ASIDE, [register.pk, register.coming_id, register.held, list(keys)])


def stand(intake: Intake) -> None:
    """All that the intake brought is there from now on; inside the transaction that says so. Sums go into the intake."""
    register = _locked(intake)
    _compare_again(register, intake)
    coming = Coming.objects.filter(register=register)
    gone = coming.filter(kind=Kind.GONE, past__isnull=False).count()
    with connection.cursor() as cursor:
        cursor.execute(_REPLACED, [intake.pk, register.pk])
        changed = cursor.rowcount
        cursor.execute(_CHANGED, [register.pk])
        cursor.execute(_RENEWED, [intake.pk, register.last, register.pk])
    _delete(coming)
    intake.changed, intake.gone = intake.changed + changed - gone, intake.gone + gone
    register.last, register.coming = register.last + changed, None
    register.save(update_fields=["last", "coming"])


def _locked(intake: Intake) -> Register:
    return Register.objects.select_for_update().get(pk=intake.register_id)


def _discard(register: Register, begun: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM registries_entry WHERE {_UNSEEN}", [register.pk, begun, register.held])
    _delete(Coming.objects.filter(register=register))
    Intake.objects.filter(pk=begun).update(added=0, changed=0, gone=0)


def _compare_again(register: Register, intake: Intake) -> None:
    """Entries that were handed over or put right since they were compared: what the intake says of them goes over what they hold now."""
    after = 0
    while pairs := _outdated(register, after):
        after = pairs[-1][0]
        staged, held = Coming.objects.in_bulk([pk for pk, _ in pairs]), Entry.objects.in_bulk([pk for _, pk in pairs])
        for coming_id, entry_id in pairs:
            _renew(staged[coming_id], held[entry_id], intake)


def _outdated(register: Register, after: int) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_OUTDATED, [register.pk, after, _PIECE])
        return list(cursor.fetchall())


def _renew(staged: Coming, entry: Entry, intake: Intake) -> None:
    brought = {name: cell for name, cell in _cells.unpacked(staged.content).items() if cell.intake == intake.pk}
    now, past = _cells.renewed(_cells.unpacked(entry.content), brought)
    staged.content, staged.past, staged.columns = _cells.packed(now), _cells.packed(past) if past else None, list(past)
    staged.kind = Kind.CHANGED if staged.kind == Kind.ADDED else staged.kind
    staged.save(update_fields=["content", "past", "columns", "kind"])


def _delete(rows: QuerySet[Coming]) -> None:
    """In one statement: nothing hangs on them."""
    rows._raw_delete(rows.db)
