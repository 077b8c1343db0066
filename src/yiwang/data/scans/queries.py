"""Reading forms, batches, pages and who did what to them; what was read on a page only through `actions.open_page`."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date

from django.db.models import Count, Q, Sum

from yiwang.data.catalogue import queries as catalogue
from yiwang.data.scans import _forms, _machine, _reader, _seen, _settling
from yiwang.data.scans.contracts import (
    CHECK,
    CONFIRM,
    HAND_IN,
    SETTLED,
    VIEW,
    Act,
    ActView,
    BatchView,
    Doubt,
    FieldView,
    FormView,
    Held,
    NoSuchBatch,
    PageRow,
    PageView,
    Read,
    Reading,
    Stand,
)
from yiwang.data.scans.models import Batch, Cell, Deed, Page, Part
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page as Paged
from yiwang.kernel.base.paging import keyset
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import queries as people


def can_read() -> bool:
    """Whether what reads pictures is installed."""
    return _reader.is_installed()


def reader() -> AbstractContextManager[Read]:
    """What reads pictures, for as long as the block lasts. Raises NoReader."""
    return _reader.opened()


def judged(form_id: str, reading: Reading, *, today: date) -> list[FieldView]:
    """The fields that a form makes of a reading, as a page would hold them; nothing is kept. Raises NoSuchForm."""
    form = _forms.get(form_id)
    return [_field(cell, form) for cell in _machine.cells_of(Page(), form, reading, today)]


def forms() -> list[FormView]:
    """Every form of the packs in force, by id."""
    return [each.view for each in _forms.every()]


def forms_for(by: Actor, permission: str = HAND_IN) -> list[FormView]:
    """Forms of the units at which `by` may do this, with the unit."""
    seen = _seen.resources(by, permission)
    found = [each.view for each in _forms.every() if each.resource in seen]
    owners = catalogue.org_ids({each.resource for each in found})
    names = orgs.named(set(owners.values()))
    return [
        replace(each, org_id=owners.get(each.resource), org_name=names[owners[each.resource]].short_name)
        if owners.get(each.resource) in names
        else each
        for each in found
    ]


def reasons(form_id: str) -> Sequence[str]:
    """Why pages of a form are put aside, as its pack suggests. Raises NoSuchForm."""
    return _forms.get(form_id).body.asides


def batch(batch_id: int) -> BatchView:
    """Raises NoSuchBatch."""
    found = Batch.objects.filter(pk=batch_id).first()
    if found is None:
        raise NoSuchBatch("没有这一批扫描件。", hint="请核对批次号。")
    return as_view(found)


def batch_seen(batch_id: int, by: Actor) -> BatchView:
    """A batch that `by` sees. Raises NoSuchBatch."""
    return as_view(_seen.batch(batch_id, by))


def batches_seen(by: Actor, *, cursor: str | None = None, size: int = 20) -> Paged[BatchView]:
    """Batches of units that `by` sees, the newest first."""
    found = keyset(_seen.batches(by), order=("-handed_at", "-id"), cursor=cursor, size=size)
    views = {view.id: view for view in _views(found.items)}
    return found.map(lambda row: views[row.pk])


def pages(
    batch_id: int, by: Actor, *, stand: Stand | None = None, cursor: str | None = None, size: int = 50
) -> Paged[PageRow]:
    """Pages of a batch in their order; nothing of what was read. Raises NoSuchBatch."""
    rows = Page.objects.filter(batch=_seen.batch(batch_id, by))
    rows = rows.filter(stand=stand) if stand else rows
    counted = rows.annotate(doubtful=Count("cells", filter=Q(cells__held=Held.DOUBTFUL)))
    return keyset(counted, order=("number", "id"), cursor=cursor, size=size).map(_row)


def may(batch_id: int, permission: str, by: Actor) -> bool:
    return _seen.may(_seen.batch(batch_id, by).resource, permission, by)


def batch_of(page_id: int, by: Actor) -> int:
    """The batch of a page that `by` sees. Raises NoSuchPage."""
    return _seen.page(page_id, by, VIEW).batch_id


def page_of_row(reference: str, by: Actor) -> int:
    """The page that a row of the lake came from, by the row's `batch-page-row`. Raises NoSuchPage."""
    parts = reference.split("-")
    found = None
    if len(parts) in (2, 3) and all(part.isdecimal() and len(part) < 10 for part in parts):
        found = Page.objects.filter(batch=int(parts[0]), number=int(parts[1])).values_list("pk", flat=True).first()
    return _seen.page(found or 0, by, VIEW).pk


def waiting(by: Actor) -> dict[Stand, int]:
    """How many pages wait for this person's posts, to be confirmed and to be checked; one query while none does."""
    counts = {Stand.DOUBTFUL: 0, Stand.CHECKING: 0}
    open_ = Page.objects.filter(stand__in=list(counts))
    if not open_.exists():
        return counts
    for stand, permission in ((Stand.DOUBTFUL, CONFIRM), (Stand.CHECKING, CHECK)):
        counts[stand] = open_.filter(stand=stand, batch__resource__in=_seen.resources(by, permission)).count()
    return counts


def to_read() -> list[int]:
    """Batches with pages that no reader has seen, the oldest first."""
    rows = Page.objects.filter(stand=Stand.WAITING).values_list("batch_id", flat=True)
    return list(rows.distinct().order_by("batch_id"))


def to_hand_over() -> list[int]:
    """Batches of which a part was begun and has not been taken in."""
    rows = Part.objects.filter(ingest_batch=None).values_list("batch_id", flat=True)
    return list(rows.distinct().order_by("batch_id"))


def deeds(page_id: int, by: Actor) -> list[ActView]:
    """Who did what to a page, oldest first; values are not told. Raises NoSuchPage, NotForThisPost."""
    from yiwang.data.scans import _opening

    page = _seen.page(page_id, by, _opening.wanted(page_id))
    rows = list(Deed.objects.filter(page=page).order_by("pk")[:500])
    names = people.accounts({row.account_id for row in rows if row.account_id})
    return [
        ActView(
            Act(row.act), row.column, names[row.account_id].name if row.account_id in names else "系统", row.at, row.row
        )
        for row in rows
    ]


def as_view(row: Batch) -> BatchView:
    return _views([row])[0]


def _views(rows: Sequence[Batch]) -> list[BatchView]:
    """Three queries, however many batches."""
    keys = [row.pk for row in rows]
    stands: dict[int, dict[Stand, int]] = {key: {} for key in keys}
    for key, stand, count in (
        Page.objects.filter(batch__in=keys).values_list("batch", "stand").annotate(n=Count("id")).order_by()
    ):
        stands[key][Stand(stand)] = count
    parts = Part.objects.filter(batch__in=keys).order_by("number")
    sums = {
        key: (rows_, left)
        for key, rows_, left in parts.order_by().values_list("batch").annotate(Sum("rows"), Sum("left_out"))
    }
    taken: dict[int, list[int]] = {}
    for key, number in parts.filter(ingest_batch__gt=0).values_list("batch", "ingest_batch"):
        taken.setdefault(key, []).append(int(number or 0))
    titles = {form.id: form.title for form in forms()}
    return [
        BatchView(
            id=row.pk, form_id=row.form_id, form_title=titles.get(row.form_id, row.form_id), resource=row.resource,
            title=row.title, pages=row.pages, stands=stands[row.pk], rows=sums.get(row.pk, (0, 0))[0],
            left_out=sums.get(row.pk, (0, 0))[1], handed_at=row.handed_at, settled_at=row.settled_at,
            kept_until=row.kept_until.isoformat() if row.kept_until else "", parts=tuple(taken.get(row.pk, ())),
        )
        for row in rows
    ]  # fmt: skip


def as_page(page: Page) -> PageView:
    """With everything that stands on it: for actions, which say that it was shown."""
    form, added = _forms.of(page.batch), _settling.added(page)
    cells = Cell.objects.filter(page=page).order_by("row", "place")
    return PageView(
        id=page.pk, batch_id=page.batch_id, number=page.number, reference=page.reference, form_id=form.id,
        form_title=str(form.body.title), stand=Stand(page.stand), reason=page.reason, width=page.width,
        height=page.height,
        fields=tuple(_field(cell, form, is_added=cell.row in added) for cell in cells), is_table=form.body.is_table,
        may_be_taken_back=page.stand in SETTLED and page.part_id is None,
    )  # fmt: skip


def _field(cell: Cell, form: _forms.Form, *, is_added: bool = False) -> FieldView:
    return FieldView(
        id=cell.pk or 0, row=cell.row, column=cell.column, value=cell.value, found=cell.found,
        confidence=cell.confidence, box=tuple(cell.box) if cell.box else None, held=Held(cell.held),
        doubt=Doubt(cell.doubt), words=cell.words, is_corrected=cell.is_corrected,
        is_demanded=form.column(cell.column).is_demanded, is_added=is_added,
    )  # fmt: skip


def _row(page: Page) -> PageRow:
    doubtful = getattr(page, "doubtful", 0)
    return PageRow(page.pk, page.number, page.reference, Stand(page.stand), page.reason, doubtful)
