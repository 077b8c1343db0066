"""Read files back, and send them so that a browser can do nothing with them but show them."""

import io
from collections.abc import Iterable
from itertools import islice
from typing import BinaryIO
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse

from yiwang.kernel.files import _scan, _store
from yiwang.kernel.files.contracts import ERASED, FileRef, NoSuchFile
from yiwang.kernel.files.models import StoredFile

SHOWN_INLINE = frozenset({"image/jpeg", "image/png", "application/pdf"})


def get(file_id: int) -> FileRef:
    """Raises NoSuchFile."""
    row = StoredFile.objects.filter(pk=file_id).first()
    if row is None:
        raise NoSuchFile("没有这个文件。")
    return as_ref(row)


def named(file_ids: Iterable[int]) -> dict[int, FileRef]:
    """References by id, in one query or, for no ids, none; unknown ids are left out."""
    wanted = set(file_ids)
    return {row.pk: as_ref(row) for row in StoredFile.objects.filter(pk__in=wanted)} if wanted else {}


def lost(*, most: int = 100) -> list[int]:
    """Numbers of files whose content is not in the store, the first `most` of them."""
    rows = (
        StoredFile.objects.exclude(purpose=ERASED).order_by("id").values_list("id", "sha256").iterator(chunk_size=2000)
    )
    return list(islice((number for number, sha256 in rows if not _store.place(sha256).exists()), most))


def scanner() -> str:
    """What the virus scanner calls itself; empty when none is set. Raises ScannerAway."""
    return _scan.version() if settings.YIWANG_CLAMD else ""


def open(file_id: int) -> BinaryIO:  # noqa: A001 — the door's name
    return io.BytesIO(_store.read(get(file_id).sha256))


def response(file_id: int, *, inline: bool = False) -> HttpResponse:
    """The file as an answer; the page that calls this has checked who may see it.

    Only pictures and PDF are shown in place, in a sandbox; all else is handed over as a download.
    """
    ref = get(file_id)
    shown = inline and ref.media_type in SHOWN_INLINE
    answer = HttpResponse(_store.read(ref.sha256), content_type=ref.media_type)
    answer["Content-Disposition"] = f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(ref.filename)}"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    answer["X-Frame-Options"] = "SAMEORIGIN"
    # A browser's PDF viewer does not run inside a sandbox.
    box = "" if ref.media_type == "application/pdf" else "sandbox; "
    answer["Content-Security-Policy"] = (
        f"{box}default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'"
    )
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


def as_ref(row: StoredFile) -> FileRef:
    return FileRef(row.pk, row.sha256, row.media_type, row.size_bytes, row.filename, row.owner_party_id)
