"""Reading the data standard: elements, items of standards, code lists as of a day, and who names what."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from yiwang.data.standards import _usage
from yiwang.data.standards.contracts import (
    CodeListView,
    ElementRow,
    ItemView,
    ListedCode,
    ListRow,
    MappingView,
    NoSuchItem,
    NoSuchList,
    Origin,
    Relation,
    StandardView,
)
from yiwang.data.standards.models import CodeListVersion, ElementMapping, Standard, StandardItem
from yiwang.kernel.base.paging import Page, keyset, seek
from yiwang.kernel.base.text import bigrams
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.elements.contracts import Element
from yiwang.kernel.packs import queries as packs

used_by = _usage.used_by
answer = _usage.answer
QUERY_MAX = 60


def element(element_id: str) -> Element:
    """A data element as the packs in force define it. Raises NoSuchElement."""
    return elements.get(element_id)


def search(text: str, cursor: str | None = None, *, size: int = 20) -> Page[ElementRow]:
    """Elements by name, identifier or standard number, in order of identifier; no query beyond the packs in force."""
    wanted = text.strip().lower()[:QUERY_MAX].split()
    rows = [row for row in map(row_of, elements.all()) if all(_has(row, word) for word in wanted)]

    def fetch(values: list[Any] | None, backwards: bool, most: int) -> list[ElementRow]:
        beyond = [row for row in rows if values is None or (row.id < values[0] if backwards else row.id > values[0])]
        return sorted(beyond, key=lambda row: row.id, reverse=backwards)[:most]

    return seek(fetch, names=["id"], cursor=cursor, size=size)


def items(text: str = "", *, group: str = "", cursor: str | None = None, size: int = 50) -> Page[ItemView]:
    """Items of imported standards in force, in the standard's order; one query."""
    rows = StandardItem.objects.filter(until=None).select_related("standard")
    if pieces := bigrams(text[:QUERY_MAX]):
        rows = rows.filter(words__contains=pieces)
    if group:
        rows = rows.filter(group=group)
    page = keyset(rows, order=("standard", "position", "id"), cursor=cursor, size=size)
    return page.map(_item)


def groups() -> list[tuple[str, int]]:
    """The tables that items stand in, with how many."""
    rows = StandardItem.objects.filter(until=None).values_list("group").annotate(n=Count("id"))
    return [(str(group), int(n)) for group, n in rows.order_by("group")]


def item(identifier: str, *, on: date | None = None) -> ItemView:
    """An item as it read on a day (today). Raises NoSuchItem."""
    row = _on(StandardItem.objects.select_related("standard"), on).filter(identifier=identifier).first()
    if row is None:
        raise NoSuchItem("没有这个标准条目，或当天没有生效。", hint="请用名称重新查找。")
    return _item(row)


def standards() -> list[StandardView]:
    """The documents that were imported."""
    rows = Standard.objects.annotate(n=Count("items", filter=Q(items__until=None))).order_by("identifier")
    return [StandardView(r.identifier, r.title, r.source, r.sha256, r.imported_at, r.n) for r in rows]


def code_lists(text: str = "") -> list[ListRow]:
    """The code lists in force whose name or identifier has the words, by identifier; at most five hundred."""
    rows = CodeListVersion.objects.filter(until=None).order_by("list_id")
    for word in text.strip()[:QUERY_MAX].split():
        rows = rows.filter(Q(title__icontains=word) | Q(list_id__icontains=word))
    return [
        ListRow(r.list_id, r.title, r.number, Origin(r.origin), r.source, r.since, len(r.items)) for r in rows[:500]
    ]


def code_list(list_id: str, *, on: date | None = None) -> CodeListView:
    """A code list as it held on a day (today). Raises NoSuchList."""
    row = _on(CodeListVersion.objects.all(), on).filter(list_id=list_id).order_by("-number").first()
    if row is None:
        raise NoSuchList("没有这个代码集，或当天没有生效的版本。", hint="请核对编号和日期。")
    return _list(row)


def code_list_versions(list_id: str) -> list[CodeListView]:
    """Every version, the newest first. Raises NoSuchList."""
    rows = list(CodeListVersion.objects.filter(list_id=list_id).order_by("-number")[:100])
    if not rows:
        raise NoSuchList("没有这个代码集。", hint="请核对编号。")
    return [_list(row) for row in rows]


def code_name(list_id: str, code: str, *, on: date | None = None) -> str | None:
    """What a code meant on a day; None where it was no code then. Raises NoSuchList."""
    return code_list(list_id, on=on).name(code)


def mappings(element_id: str) -> list[MappingView]:
    """The items of standards that an element is set beside; two queries."""
    rows = list(ElementMapping.objects.filter(element_id=element_id, ended_at=None).order_by("identifier"))
    known = _items_named(row.identifier for row in rows)
    return [
        MappingView(known[row.identifier], Relation(row.relation), row.note) for row in rows if row.identifier in known
    ]


def mapped_to(identifier: str) -> list[str]:
    """The elements set beside an item."""
    rows = ElementMapping.objects.filter(identifier=identifier, ended_at=None).order_by("element_id")
    return list(rows.values_list("element_id", flat=True))


def suggestions(element_id: str, *, size: int = 5) -> list[ItemView]:
    """Items whose name has the element's in it and that it is not set beside yet, the shortest first."""
    title = str(elements.get(element_id).title)
    mapped = ElementMapping.objects.filter(element_id=element_id, ended_at=None).values("identifier")
    rows = StandardItem.objects.filter(until=None, words__contains=bigrams(title)).exclude(identifier__in=mapped)
    found = sorted(rows.select_related("standard")[:100], key=lambda row: (len(row.name), row.identifier))
    return [_item(row) for row in found[:size]]


def authority_title(element: Element) -> str:
    """The register that answers for an element, by its title."""
    if not element.authority:
        return ""
    pack = packs.find("Registry", element.authority)
    return str(pack.title) if pack else element.authority


def row_of(element: Element) -> ElementRow:
    """An element as a line of the list."""
    return ElementRow.of(element, authority_title(element))


def _has(row: ElementRow, word: str) -> bool:
    return any(word in text.lower() for text in (row.id, row.title, row.gb_identifier, row.authority, row.code_list))


def _items_named(identifiers: Iterable[str]) -> dict[str, ItemView]:
    rows = StandardItem.objects.select_related("standard").filter(identifier__in=list(identifiers), until=None)
    return {row.identifier: _item(row) for row in rows}


def _on(rows: QuerySet[Any], on: date | None) -> QuerySet[Any]:
    day = on or timezone.localdate()
    return rows.filter(Q(until=None) | Q(until__gt=day), since__lte=day)


def _item(row: StandardItem) -> ItemView:
    return ItemView(
        row.identifier,
        row.standard.identifier,
        row.group,
        row.name,
        row.format,
        row.type,
        row.length,
        row.is_fixed,
        row.note,
        row.code_list,
        row.since,
        row.until,
    )


def _list(row: CodeListVersion) -> CodeListView:
    listed = tuple(ListedCode(each["code"], each["name"]) for each in row.items)
    return CodeListView(
        row.list_id, row.title, row.number, Origin(row.origin), row.source, row.since, row.until, listed
    )
