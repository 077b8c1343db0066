"""Reading the registries. Reading writes no disclosure: the caller does, with its purpose (`kernel.audit`)."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from yiwang.data.engine import queries as lake
from yiwang.data.registries import _cells, _files, _own, models
from yiwang.data.registries.contracts import (
    BadSearch,
    ChangeView,
    EnrolmentRecord,
    FileValue,
    FileView,
    FoundFile,
    Household,
    HouseholdRecord,
    IntakeView,
    Kind,
    LegalPersonRecord,
    MarriageRecord,
    NoSuchFile,
    NoSuchRegistry,
    NotRegistered,
    PersonRecord,
    RegistryView,
)
from yiwang.data.registries.kinds import REGISTRY, RegistryPack
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack

FEMALE = "2"
FOUND_MAX = 50
CHANGES_MAX = 1000


def registry(name: str) -> RegistryView | None:
    """Who answers for a registry; None for a source that is none."""
    pack = packs.find(REGISTRY, name)
    if pack is None:
        return None
    return _registry(pack)


def registries() -> list[RegistryView]:
    """Every registry of the packs in force."""
    return [_registry(pack) for pack in packs.all_of(REGISTRY)]


def pack_of(name: str) -> Pack:
    """A registry's pack. Raises NoSuchRegistry."""
    pack = packs.find(REGISTRY, name)
    if pack is None:
        raise NoSuchRegistry("没有这个基础库。", hint="yiwang registries list 列出所有的基础库。")
    return pack


def file(
    registry: str, key: str, *, as_of: date | None = None, known_at: datetime | None = None, language: str = "zh"
) -> FileView:
    """What a registry holds of one subject (`key` is the sealed index of the number), values as they are; at most three queries.

    `as_of`: what held on that day; `known_at`: as it was known at that moment; one query more. Who asks writes the disclosure.
    Raises NoSuchRegistry, NoSuchFile.
    """
    pack = pack_of(registry)
    return _files.view(pack, _entry(registry, key), as_of=as_of, known_at=known_at, language=language)


def find_file(registry: str, key: str, *, language: str = "zh") -> FileView | None:
    """As `file`, as it stands; None where nothing is kept."""
    try:
        return file(registry, key, language=language)
    except NoSuchFile:
        return None


def values_of(registry: str, key: str) -> tuple[dict[str, str], datetime | None]:
    """The values by column, and when they were right (None: now); one query. What the house's own tables hold until `actions.fill` has run."""
    row = _entries(registry).filter(key=key).first()
    if row is None:
        return _own_values(registry, key), None
    cells = _cells.unpacked(row.content)
    fresh_at = None if row.is_direct else row.register.fresh_at
    return {name: cell.value for name, cell in cells.items() if cell.value}, fresh_at


def find_value(registry: str, key: str, column: str) -> str:
    return values_of(registry, key)[0].get(column, "")


def history(registry: str, key: str, column: str, *, language: str = "zh") -> list[FileValue]:
    """What one value was, the newest first. Raises NoSuchRegistry, NoSuchFile."""
    return _files.history(pack_of(registry), _entry(registry, key), column, language=language)


def search(registry: str, *, number: str = "", name: str = "", narrow: str = "") -> list[FoundFile]:
    """Files by their exact number, or by exact name together with the registry's narrowing column; masked.

    Raises NoSuchRegistry, BadSearch where less is given.
    """
    pack = pack_of(registry)
    body = pack.as_type(RegistryPack)
    if number.strip():
        rows = list(_entries(registry).filter(key=sealed_index(number)))
    elif name.strip() and narrow.strip() and body.narrow:
        rows = list(_entries(registry).filter(name_key=sealed_index(name))[:FOUND_MAX])
        rows = [row for row in rows if _said(row, body.narrow) == narrow.strip()]
    else:
        raise BadSearch("请写完整的号码，或名称和另一项。", hint="不支持只凭姓名或部分号码查询。")
    return [_found(pack, row) for row in rows]


def changes(registry: str, after: int = 0, *, limit: int = 200) -> list[ChangeView]:
    """Entries that changed after number `after`, in the order of their newest change, each once. Raises NoSuchRegistry.

    Who follows asks on from the last number that it got; numbers appear in their order, so nothing is passed over.
    """
    pack_of(registry)
    rows = models.Entry.objects.filter(register__registry=registry, number__gt=after).order_by("number")
    found = rows.defer("content").select_related("intake")[: max(1, min(limit, CHANGES_MAX))]
    return [
        ChangeView(
            row.number,
            row.key,
            Kind(row.kind),
            tuple(name for name in row.columns if name != _cells.HERE),
            row.intake.taken_at,
        )
        for row in found
    ]


def intakes(registry: str, cursor: str | None = None, *, size: int = 20) -> Page[IntakeView]:
    """What was taken in, the newest first. Raises NoSuchRegistry."""
    pack_of(registry)
    rows = models.Intake.objects.filter(register__registry=registry)
    return keyset(rows, order=("-id",), cursor=cursor, size=size).map(lambda row: as_intake(row, registry))


def behind() -> list[str]:
    """Registries whose table has a snapshot that was not taken in yet, as their packs read it now."""
    found = []
    for pack in packs.all_of(REGISTRY):
        feed = pack.as_type(RegistryPack).feed
        newest = lake.current(feed.table) if feed and lake.find_table(feed.table) else None
        if newest is None:
            continue
        taken = models.Intake.objects.filter(register__registry=pack.id, table=newest.table, snapshot=newest.number)
        if not taken.filter(hash=pack.hash, is_done=True).exists():
            found.append(pack.id)
    return found


def sizes() -> dict[str, int]:
    """How many changes each registry has seen: one query."""
    return dict(models.Register.objects.values_list("registry", "last"))


def as_intake(row: models.Intake, registry: str) -> IntakeView:
    return IntakeView(
        row.pk, registry, row.table, row.snapshot, row.case_number, row.read, row.added, row.changed, row.kept, row.gone,
        row.unkeyed, row.twice, row.is_done, row.taken_at,
    )  # fmt: skip


def _registry(pack: Pack) -> RegistryView:
    body = pack.as_type(RegistryPack)
    table = body.feed.table if body.feed else ""
    return RegistryView(pack.id, str(body.title), body.units, body.flow, body.of or "", table)


def _entries(registry: str) -> Any:
    return models.Entry.objects.filter(register__registry=registry).select_related("register")


def _entry(registry: str, key: str) -> models.Entry:
    row: models.Entry | None = _entries(registry).filter(key=key).first()
    if row is None:
        raise NoSuchFile("库里没有这份档案。", hint="请核对号码，或到登记机关核实。")
    return row


def _own_values(registry: str, key: str) -> dict[str, str]:
    held = find_person(key) if registry == _own.POPULATION else None
    return _own.values(_own.PERSON, held) if held else {}


def _said(row: models.Entry, column: str) -> str:
    cell = _cells.unpacked(row.content).get(column)
    return (cell.value or "") if cell else ""


def _found(pack: Pack, row: models.Entry) -> FoundFile:
    body = pack.as_type(RegistryPack)
    cells, elements = _cells.unpacked(row.content), {each.name: each.element for each in body.columns}
    shown = {
        name: _files.masked(elements[name], cells[name].value or "")
        for name in (body.name, body.key, body.narrow)
        if name and name in cells
    }
    return FoundFile(pack.id, row.key, shown)


def person(subject_key: str) -> PersonRecord:
    """Raises NotRegistered."""
    found = find_person(subject_key)
    if found is None:
        raise NotRegistered("人口库中没有这个人。", hint="请核对证件号码,或到户籍派出所核实。")
    return found


def find_person(subject_key: str) -> PersonRecord | None:
    return people([subject_key]).get(subject_key)


def people(subject_keys: Collection[str]) -> dict[str, PersonRecord]:
    """The registered persons among `subject_keys`, in one query."""
    rows = models.Person.objects.filter(subject_key__in=subject_keys)
    return {row.subject_key: _person(row) for row in rows}


def household_of(subject_key: str) -> Household:
    """The household book that a person stands in. Raises NotRegistered; two queries more."""
    return household(person(subject_key).household_no)


def household(book_no: str) -> Household:
    row = models.Household.objects.filter(book_no=book_no).first()
    if row is None:
        raise NotRegistered("户籍库中没有这本户口簿。", hint="请核对户号。")
    members = models.Person.objects.filter(household_no=book_no, died_on=None)
    record = HouseholdRecord(**_columns(row, HouseholdRecord))
    ordered = sorted((_person(m) for m in members), key=lambda m: m.subject_key != record.head_key)
    return Household(record, tuple(ordered))


def women_born(first: date, last: date, *, after: int = 0, size: int = 200) -> list[tuple[int, PersonRecord]]:
    """Row and record of living women born within two days, in the order of rows."""
    rows = models.Person.objects.filter(pk__gt=after, sex=FEMALE, born_on__range=(first, last), died_on=None)
    return [(row.pk, _person(row)) for row in rows.order_by("pk")[:size]]


def books(*, after: int = 0, size: int = 5000) -> list[tuple[int, str, str]]:
    """Row, citizen number and household book of living persons in the order of rows: for handing the register on."""
    rows = models.Person.objects.filter(pk__gt=after, died_on=None).order_by("pk")
    found = rows.values_list("pk", "id_number", "household_no")[:size]
    return [(pk, str(number), book) for pk, number, book in found]


def marriage_of(subject_key: str) -> MarriageRecord | None:
    """The marriage in force, if any is registered."""
    row = models.Marriage.objects.filter(Q(husband_key=subject_key) | Q(wife_key=subject_key), ended_on=None).first()
    return MarriageRecord(**_columns(row, MarriageRecord)) if row else None


def parents_of(subject_key: str) -> list[str]:
    rows = models.Kinship.objects.filter(child_key=subject_key)
    return list(rows.order_by("id").values_list("parent_key", flat=True))


def relatives_of(subject_key: str) -> dict[str, str]:
    """ID numbers of those whom a form about this person's family may be about, by role.

    `spouse`; `mother` and `father` as the parents of a child of this person would be; `household-head`.
    """
    found: dict[str, str] = {}
    own = find_person(subject_key)
    if own is None:
        return found
    marriage = marriage_of(subject_key)
    spouse = find_person(marriage.spouse_of(subject_key)) if marriage else None
    for someone in filter(None, (spouse, own)):
        found["mother" if someone.sex == FEMALE else "father"] = someone.id_number
    if spouse is not None:
        found["spouse"] = spouse.id_number
    head = next(iter(household(own.household_no).members), None)
    if head is not None:
        found["household-head"] = head.id_number
    return found


def enrolments_of(subject_key: str) -> list[EnrolmentRecord]:
    """Insurance schemes in force."""
    rows = models.Enrolment.objects.filter(subject_key=subject_key, until=None).order_by("scheme")
    return [EnrolmentRecord(**_columns(row, EnrolmentRecord)) for row in rows]


def find_legal_person(uscc: str) -> LegalPersonRecord | None:
    row = models.LegalPerson.objects.filter(uscc=uscc).first()
    return LegalPersonRecord(**_columns(row, LegalPersonRecord)) if row else None


def registered_firms(usccs: Collection[str]) -> set[str]:
    """Those of these unified social credit codes that are registered, in one query."""
    return set(models.LegalPerson.objects.filter(uscc__in=usccs).values_list("uscc", flat=True))


def firms_of(representative_key: str) -> list[LegalPersonRecord]:
    rows = models.LegalPerson.objects.filter(representative_key=representative_key).order_by("uscc")
    return [LegalPersonRecord(**_columns(row, LegalPersonRecord)) for row in rows[:200]]


def people_after(after: int = 0, *, size: int = 5000) -> list[tuple[int, PersonRecord]]:
    """Row and record of the persons in the house's own table, in the order of rows."""
    return [(row.pk, _person(row)) for row in models.Person.objects.filter(pk__gt=after).order_by("pk")[:size]]


def firms_after(after: int = 0, *, size: int = 5000) -> list[tuple[int, LegalPersonRecord]]:
    rows = models.LegalPerson.objects.filter(pk__gt=after).order_by("pk")[:size]
    return [(row.pk, LegalPersonRecord(**_columns(row, LegalPersonRecord))) for row in rows]


def population() -> dict[str, int]:
    """How many living persons, households and firms are registered."""
    return {
        "people": models.Person.objects.filter(died_on=None).count(),
        "households": models.Household.objects.count(),
        "firms": models.LegalPerson.objects.count(),
    }


def _person(row: models.Person) -> PersonRecord:
    return PersonRecord(**{**_columns(row, PersonRecord), "phone": row.phone or ""})


def _columns(row: Any, record: Any) -> dict[str, Any]:
    names: Iterable[str] = record.__dataclass_fields__
    return {name: getattr(row, name) for name in names}
