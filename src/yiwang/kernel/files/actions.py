"""Take a file in."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import IO
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Count, Sum

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.files import _photo, _store
from yiwang.kernel.files._scan import refuse_malware
from yiwang.kernel.files._sniff import clean_name, media_type_of
from yiwang.kernel.files.contracts import ERASED, SIZE_BYTES_MAX, BadFile, FileRef, TooManyFiles
from yiwang.kernel.files.models import StoredFile
from yiwang.kernel.files.queries import as_ref

LEGAL_DAY = ZoneInfo("Asia/Shanghai")
FILES_A_DAY = 200
BYTES_A_DAY = 400 * 1024 * 1024


def store(
    *, stream: IO[bytes], filename: str, purpose: str, owner_party_id: int | None, by: Actor, at: datetime
) -> FileRef:
    """Keep a file after looking at what it really is.

    Raises BadFile (too large, empty, wrong type, broken, dangerous), TooManyFiles (the account's daily allowance) or
    ScannerAway. The scanner is asked before the transaction: waiting for it holds no lock of ours.
    """
    content = _bounded(stream)
    media_type = media_type_of(content, filename)
    refuse_malware(content)
    return _kept(content, media_type, filename, purpose, owner_party_id, by=by, at=at)


def store_photo(*, stream: IO[bytes], purpose: str, owner_party_id: int | None, by: Actor, at: datetime) -> FileRef:
    """Keep a photo, made anew without place, device and time that a camera wrote into it. Raises as `store`."""
    picture = _photo.cleaned(_bounded(stream))
    return store(stream=picture, filename="photo.jpg", purpose=purpose, owner_party_id=owner_party_id, by=by, at=at)


@transaction.atomic
def _kept(
    content: bytes, media_type: str, filename: str, purpose: str, owner_party_id: int | None, *, by: Actor, at: datetime
) -> FileRef:
    _within_allowance(len(content), by=by, at=at)
    sha256 = hashlib.sha256(content).hexdigest()
    _store.keep(sha256, content)
    row = StoredFile.objects.create(
        sha256=sha256,
        media_type=media_type,
        size_bytes=len(content),
        filename=clean_name(filename, media_type),
        purpose=purpose,
        owner_party_id=owner_party_id,
        account_id=by.account_id,
        stored_at=at,
    )
    audit.record(
        "files.file.stored", target=f"file:{row.pk}", by=by, at=at, detail={"purpose": purpose, "type": media_type}
    )
    return as_ref(row)


@transaction.atomic
def erase(*, file_ids: Iterable[int], by: Actor, at: datetime) -> int:
    """Erase contents and names of files; the rows stay. A content that another file still shows is kept for that one.

    Returns how many were erased. The contents go when the transaction has committed.
    """
    rows = list(StoredFile.objects.select_for_update().filter(pk__in=set(file_ids)).exclude(purpose=ERASED))
    numbers, digests = [row.pk for row in rows], {row.sha256 for row in rows}
    others = StoredFile.objects.filter(sha256__in=digests).exclude(pk__in=numbers).exclude(purpose=ERASED)
    gone = digests - set(others.values_list("sha256", flat=True))
    StoredFile.objects.filter(pk__in=numbers).update(filename="", purpose=ERASED)
    for number in numbers:
        audit.record("files.file.erased", target=f"file:{number}", by=by, at=at)
    transaction.on_commit(partial(_drop, gone))
    return len(numbers)


def _drop(digests: set[str]) -> None:
    for sha256 in digests:
        _store.place(sha256).unlink(missing_ok=True)


def _bounded(stream: IO[bytes]) -> bytes:
    content = stream.read(SIZE_BYTES_MAX + 1)
    if len(content) > SIZE_BYTES_MAX:
        raise BadFile("文件超过20MB。", hint="请压缩图片或拆分文件后再上传。")
    if not content:
        raise BadFile("文件是空的。", hint="请重新选择文件。")
    return content


def _within_allowance(size_bytes: int, *, by: Actor, at: datetime) -> None:
    """Only people have an allowance: what the house itself makes (documents, certificates) is not an upload."""
    if by.account_id is None or by.kind in (ActorKind.SYSTEM, ActorKind.MACHINE):
        return
    # Two uploads at once may not both see the last free place.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('files.allowance'), %s)", [by.account_id % 2**31])
    start = at.astimezone(LEGAL_DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    used = StoredFile.objects.filter(account_id=by.account_id, stored_at__gte=start).aggregate(
        n=Count("id"), size=Sum("size_bytes")
    )
    if used["n"] >= FILES_A_DAY or (used["size"] or 0) + size_bytes > BYTES_A_DAY:
        raise TooManyFiles("今天上传的文件太多了。", hint="请明天再传，或到窗口办理。")
