"""Changing what is scanned: handing pictures in, reading them, people's word on them, handing rows on to ingest, erasing."""

import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone

from yiwang.data.ingest import actions as ingest
from yiwang.data.ingest.contracts import State
from yiwang.data.scans import (
    _dropped,
    _forms,
    _handing,
    _intake,
    _machine,
    _opening,
    _reader,
    _seen,
    _settling,
    queries,
)
from yiwang.data.scans.contracts import (
    CHECK,
    CONFIRM,
    HAND_IN,
    Act,
    BatchView,
    CannotSettle,
    NoReader,
    NotAsAsked,
    PageView,
    Picture,
    Read,
    Reading,
    Settling,
    Stand,
)
from yiwang.data.scans.models import Batch, Page, Part
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import events
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.files import queries as files

ATTEMPTS_MAX = 3
TAKEN_FOR = timedelta(minutes=10)
REASON_MAX = 60
_LOCK = 0x7363


@transaction.atomic
def hand_in(*, form_id: str, title: str, pictures: Sequence[Picture], by: Actor, at: datetime) -> BatchView:
    """交接: keep pictures as a batch of a form; the same pictures again are the same batch.

    Raises NoSuchForm, NotForThisPost, BadPictures, ScannerAway.
    """
    form = _forms.get(form_id)
    _seen.require(form.resource, HAND_IN, by)
    found = _intake.digest(pictures)
    _one_after_another(found)
    batch = Batch.objects.filter(form_id=form.id, digest=found).first()
    if batch is None:
        batch = _intake.opened(form, title, found, pictures, by, at)
        detail = {"form": form.id, "pages": batch.pages}
        audit.record("scans.batch.handed-in", target=f"scan-batch:{batch.pk}", by=by, at=at, detail=detail)
        events.publish("scans.batch.handed-in", {"batch_id": batch.pk}, at=at)
        _moved(batch.pk, by=by, at=at)
    return queries.as_view(batch)


def hand_in_folder(*, form_id: str, folder: Path, by: Actor, at: datetime) -> BatchView:
    """As `hand_in`, every picture of a folder in the order of their names."""
    return hand_in(form_id=form_id, title=folder.name, pictures=_dropped.pictures(folder), by=by, at=at)


def take_dropped(*, place: _dropped.Place, by: Actor, at: datetime) -> BatchView:
    """As `hand_in`, for a folder of the drop folder; what is kept sealed then leaves it."""
    found = _dropped.pictures(place.folder)
    batch = hand_in(form_id=place.form_id, title=place.folder.name, pictures=found, by=by, at=at)
    _dropped.forget(place, found)
    return batch


def read(*, batch_id: int, most: int, opened: _reader.Open = _reader.opened, by: Actor, at: datetime) -> int:
    """识别: read up to `most` pages that wait, one by one; each is kept as soon as it is read. For jobs and commands.

    Two at once do not disturb one another; whoever is killed loses one page's reading. Returns how many were read. Raises NoReader where
    nothing that reads is installed.
    """
    with _alone(batch_id) as is_alone:
        waiting = list(
            Page.objects.filter(batch=batch_id, stand=Stand.WAITING).order_by("attempts", "number")[:most]
            if is_alone
            else ()
        )
        if not waiting:
            return 0
        with opened() as reader:
            for count, page in enumerate(waiting, start=1):
                if not _read_one(page.pk, reader, by=by, at=at):
                    return count
    return len(waiting)


def _read_one(page_id: int, reader: Read, *, by: Actor, at: datetime) -> bool:
    """Whether the reader can go on."""
    Page.objects.filter(pk=page_id).update(attempts=_attempts(page_id) + 1)
    page = Page.objects.select_related("batch").get(pk=page_id)
    try:
        reading = reader(files.open(page.file_id).read())
    except NoReader:
        if page.attempts >= ATTEMPTS_MAX:
            _give_up(page_id, by=by, at=at)
        return False
    _keep(page_id, reading, by=by, at=at)
    return True


def _attempts(page_id: int) -> int:
    return Page.objects.values_list("attempts", flat=True).get(pk=page_id)


@transaction.atomic
def _keep(page_id: int, reading: Reading, *, by: Actor, at: datetime) -> None:
    page = _settling.locked(page_id, Stand.WAITING)
    form = _forms.of(page.batch)
    _machine.write_down(page, form, reading, timezone.localdate(at), by=by, at=at)
    page.save()
    audit.record("scans.page.read", target=f"scan-page:{page_id}", by=by, at=at, detail={"stand": page.stand})
    _moved(page.batch_id, by=by, at=at)


@transaction.atomic
def _give_up(page_id: int, *, by: Actor, at: datetime) -> None:
    page = _settling.locked(page_id, Stand.WAITING)
    page.stand, page.reason = Stand.UNREADABLE, f"识别{ATTEMPTS_MAX}次都没有完成"
    page.save(update_fields=["stand", "reason"])
    audit.record("scans.page.given-up", target=f"scan-page:{page_id}", by=by, at=at)
    _moved(page.batch_id, by=by, at=at)


@transaction.atomic
def open_page(*, page_id: int, by: Actor, at: datetime) -> PageView:
    """A page with everything read on it, for who confirms or checks: whose data it is sees who looked and why.

    Raises NoSuchPage, NotForThisPost.
    """
    page = _seen.page(page_id, by, _opening.wanted(page_id))
    _opening.disclose(page, by=by, at=at)
    audit.record("scans.page.opened", target=f"scan-page:{page_id}", by=by, at=at)
    return queries.as_page(page)


@transaction.atomic
def show_picture(*, page_id: int, by: Actor, at: datetime) -> HttpResponse:
    """The picture of a page as an answer; written down as opening the page is. Raises NoSuchPage, NotForThisPost."""
    page = _seen.page(page_id, by, _opening.wanted(page_id))
    _opening.disclose(page, by=by, at=at)
    audit.record("scans.picture.shown", target=f"scan-page:{page_id}", by=by, at=at)
    return files.response(page.file_id, inline=True)


@transaction.atomic
def take_next(*, batch_id: int, stand: Stand = Stand.DOUBTFUL, by: Actor, at: datetime) -> int | None:
    """The next page that waits for this person, held for ten minutes so that no other gets it; None when none is left.

    Raises NoSuchBatch, NotForThisPost.
    """
    batch = _seen.batch(batch_id, by)
    _seen.require(batch.resource, CHECK if stand is Stand.CHECKING else CONFIRM, by)
    is_free = Q(taken_until=None) | Q(taken_until__lte=at) | Q(taken_by=by.account_id)
    free = Page.objects.filter(is_free, batch=batch, stand=stand, part=None)
    if stand is Stand.CHECKING:
        free = free.exclude(settled_by=by.account_id, settled_by__isnull=False)
    page = free.select_for_update(skip_locked=True, of=("self",)).order_by("number").first()
    if page is None:
        return None
    page.taken_by, page.taken_until = by.account_id, at + TAKEN_FOR
    page.save(update_fields=["taken_by", "taken_until"])
    audit.record("scans.page.taken", target=f"scan-page:{page.pk}", by=by, at=at)
    return page.pk


@transaction.atomic
def confirm(*, page_id: int, words: Sequence[Settling], by: Actor, at: datetime) -> PageView:
    """确认: a person's word on every doubtful field of a page, and on others where they were wrong.

    Raises NoSuchPage, NotForThisPost, CannotSettle, NotAsAsked with each place.
    """
    _seen.page(page_id, by, CONFIRM)
    page = _settling.locked(page_id, Stand.DOUBTFUL)
    form = _forms.of(page.batch)
    _settling.settle(page, form, words, timezone.localdate(at), by=by, at=at)
    return _settled(page, "scans.page.confirmed", by=by, at=at)


@transaction.atomic
def add_row(*, page_id: int, by: Actor, at: datetime) -> PageView:
    """加一行: a row of a table that the reader missed, to be filled in as the paper has it. Raises NoSuchPage, NotForThisPost, CannotSettle."""
    _seen.page(page_id, by, CONFIRM)
    page = _settling.locked(page_id, Stand.DOUBTFUL)
    row = _settling.add_row(page, _forms.of(page.batch))
    return _with_rows(page, Act.ADDED, row, "scans.row.added", by=by, at=at)


@transaction.atomic
def drop_row(*, page_id: int, row: int, by: Actor, at: datetime) -> PageView:
    """去掉加的一行; what the reader found stays. Raises NoSuchPage, NotForThisPost, CannotSettle."""
    _seen.page(page_id, by, CONFIRM)
    page = _settling.locked(page_id, Stand.DOUBTFUL)
    _settling.drop_row(page, row)
    return _with_rows(page, Act.DROPPED, row, "scans.row.dropped", by=by, at=at)


@transaction.atomic
def put_aside(*, page_id: int, reason: str, by: Actor, at: datetime) -> PageView:
    """搁置: a page that is not what the form says, with why. Raises NoSuchPage, NotForThisPost, CannotSettle, NotAsAsked without a reason."""
    _seen.page(page_id, by, CONFIRM)
    page = _settling.locked(page_id, Stand.DOUBTFUL, Stand.CHECKING)
    page.reason, page.stand, page.settled_by = _reason(reason), Stand.ASIDE, by.account_id
    _settling.note(page, Act.ASIDE, page.reason, by=by, at=at)
    return _settled(page, "scans.page.put-aside", by=by, at=at)


@transaction.atomic
def take_back(*, page_id: int, by: Actor, at: datetime) -> PageView:
    """放回: a page put aside, unreadable, or ready and not gone on, is to be confirmed after all; one that was never read waits for the reader.

    Raises NoSuchPage, NotForThisPost, CannotSettle.
    """
    _seen.page(page_id, by, CONFIRM)
    page = _settling.locked(page_id, Stand.ASIDE, Stand.UNREADABLE, Stand.READY)
    page.stand = Stand.DOUBTFUL if page.cells.exists() else Stand.WAITING
    page.reason, page.attempts, page.is_checked = "", 0, False
    _settling.doubt_all(page)
    _settling.note(page, Act.RETURNED, by=by, at=at)
    return _settled(page, "scans.page.taken-back", by=by, at=at)


@transaction.atomic
def check(*, page_id: int, is_right: bool, reason: str = "", by: Actor, at: datetime) -> PageView:
    """抽检: a second person's word on a page that was drawn. Raises NoSuchPage, NotForThisPost, CannotSettle (own work), NotAsAsked."""
    _seen.page(page_id, by, CHECK)
    page = _settling.locked(page_id, Stand.CHECKING)
    if page.settled_by is not None and page.settled_by == by.account_id:
        raise CannotSettle("自己确认的页要由另一个人抽检。", hint="请打开下一页。")
    if is_right:
        page.stand, page.is_checked = Stand.READY, True
        _settling.note(page, Act.PASSED, by=by, at=at)
    else:
        page.stand, page.reason = Stand.DOUBTFUL, _reason(reason)
        _settling.doubt_all(page)
        _settling.note(page, Act.SENT_BACK, page.reason, by=by, at=at)
    return _settled(page, "scans.page.checked", by=by, at=at)


def hand_over(*, batch_id: int, by: Actor, at: datetime) -> BatchView:
    """入库: what is ready goes on to ingest, once; what was cut off goes on. For jobs and commands. Raises NoSuchBatch."""
    batch = _begin_part(batch_id, by=by, at=at)
    form = _forms.of(batch)
    for part in Part.objects.filter(batch=batch, ingest_batch=None).order_by("number"):
        path = _handing.write(part, form)
        taken = ingest.run(source_id=form.body.source, path=path, by=by, at=at) if part.rows else None
        if taken is not None and taken.state in (State.READING, State.FAILED):
            return queries.as_view(batch)
        _part_taken(part, taken.id if taken else 0, by=by, at=at)
        if taken is None or taken.state is State.TAKEN:
            path.unlink()
    return queries.batch(batch_id)


@transaction.atomic
def _begin_part(batch_id: int, *, by: Actor, at: datetime) -> Batch:
    queries.batch(batch_id)
    batch = Batch.objects.select_for_update().get(pk=batch_id)
    if _handing.due(batch, _forms.of(batch)):
        part = _handing.begun(batch)
        audit.record("scans.part.begun", target=f"scan-batch:{batch_id}", by=by, at=at, detail={"part": part.number})
    return batch


@transaction.atomic
def _part_taken(part: Part, ingest_batch: int, *, by: Actor, at: datetime) -> None:
    part.ingest_batch = ingest_batch
    part.save(update_fields=["ingest_batch", "rows", "left_out"])
    detail = {"part": part.number, "rows": part.rows, "left_out": part.left_out, "ingest": ingest_batch}
    audit.record("scans.part.taken", target=f"scan-batch:{part.batch_id}", by=by, at=at, detail=detail)


def _with_rows(page: Page, act: Act, row: int, event: str, *, by: Actor, at: datetime) -> PageView:
    """Write down which row came or went, and show the page again."""
    _settling.note(page, act, row=row, by=by, at=at)
    audit.record(event, target=f"scan-page:{page.pk}", by=by, at=at, detail={"row": row})
    _opening.disclose(page, by=by, at=at)
    return queries.as_page(page)


def _settled(page: Page, event: str, *, by: Actor, at: datetime) -> PageView:
    page.taken_by = page.taken_until = None
    page.save()
    audit.record(event, target=f"scan-page:{page.pk}", by=by, at=at, detail={"stand": page.stand})
    _opening.disclose(page, by=by, at=at)
    _moved(page.batch_id, by=by, at=at)
    return queries.as_page(page)


def _moved(batch_id: int, *, by: Actor, at: datetime) -> None:
    """What follows when a page's stand has changed: the batch may be done, ready pages may go on.

    Under the batch's row, so that of two who settle the last two pages at once the second sees the first.
    """
    batch = Batch.objects.select_for_update().get(pk=batch_id)
    form = _forms.of(batch)
    is_done = not _handing.open_pages(batch)
    if is_done != (batch.settled_at is not None):
        batch.settled_at = at if is_done else None
        batch.kept_until = timezone.localdate(at) + timedelta(days=form.body.keep_days) if is_done else None
        batch.save(update_fields=["settled_at", "kept_until"])
        event = "scans.batch.settled" if is_done else "scans.batch.reopened"
        audit.record(event, target=f"scan-batch:{batch_id}", by=by, at=at)
    if _handing.due(batch, form):
        events.publish("scans.pages.ready", {"batch_id": batch_id}, at=at)


def _reason(text: str) -> str:
    said = " ".join(text.split())
    if not 2 <= len(said) <= REASON_MAX:
        raise NotAsAsked(f"请写明原因，2至{REASON_MAX}个字。", hint="原因会留在这一页的记录里。")
    return said


def _one_after_another(found: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, found])


@contextlib.contextmanager
def _alone(batch_id: int) -> Iterator[bool]:
    """One reader of a batch at a time, by a lock that ends with its process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, batch_id])
        is_alone = bool(cursor.fetchone()[0])
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, batch_id])
