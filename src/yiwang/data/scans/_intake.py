"""Taking pictures in: known by their content, each kept sealed, one that came before put aside."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO

from yiwang.data.scans import _pictures
from yiwang.data.scans._forms import Form
from yiwang.data.scans.contracts import BadPictures, Picture, Stand
from yiwang.data.scans.models import Batch, Page
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.files import actions as files
from yiwang.kernel.files.contracts import BadFile

FILES_MAX, PAGES_MAX = 5000, 5000
PURPOSE = "scan"


def digest(pictures: Sequence[Picture]) -> str:
    """Of all contents in their order. Raises BadPictures for none or too many."""
    if not pictures:
        raise BadPictures("没有图片。", hint="请选择 PNG、JPEG、TIFF 图片或 PDF。")
    if len(pictures) > FILES_MAX:
        raise BadPictures(f"一批最多{FILES_MAX}个文件。", hint="请分成几批。")
    whole = hashlib.sha256()
    for each in pictures:
        whole.update(hashlib.sha256(each.read()).digest())
    return whole.hexdigest()


def opened(form: Form, title: str, found: str, pictures: Sequence[Picture], by: Actor, at: datetime) -> Batch:
    """A new batch with its pages. Raises BadPictures, BadFile, ScannerAway."""
    batch = Batch.objects.create(
        form_id=form.id, form_hash=form.hash, resource=form.resource, digest=found, title=title[:100], pages=0,
        account_id=by.account_id, handed_at=at,
    )  # fmt: skip
    for number, (name, content) in enumerate(_each(pictures), start=1):
        if number > PAGES_MAX:
            raise BadPictures(f"一批最多{PAGES_MAX}页。", hint="请分成几批。")
        _page(batch, number, name, content, at)
        batch.pages = number
    batch.save(update_fields=["pages"])
    return batch


def _each(pictures: Sequence[Picture]) -> Iterator[tuple[str, bytes]]:
    for picture in pictures:
        yield from _pictures.pages(picture.name, picture.read())


def _page(batch: Batch, number: int, name: str, content: bytes, at: datetime) -> None:
    try:
        # What a batch holds is bounded here; the house's allowance is for what one account uploads for itself.
        kept = files.store(
            stream=BytesIO(content), filename=name, purpose=PURPOSE, owner_party_id=None, by=SYSTEM, at=at
        )
    except BadFile as wrong:
        raise BadPictures(f"“{name}”：{wrong.message}", hint=wrong.hint) from wrong
    same = Page.objects.filter(sha256=kept.sha256, batch__form_id=batch.form_id).order_by("pk").first()
    Page.objects.create(
        batch=batch, number=number, origin=name[:200], file_id=kept.id, sha256=kept.sha256,
        stand=Stand.ASIDE if same else Stand.WAITING,
        reason=f"与第{same.batch_id}批第{same.number}页是同一张图" if same else "",
    )  # fmt: skip
