"""Scans as JSON: forms, handing in, how batches are, one page's fields (its opening is written down), and the word on them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import File, Form, Schema
from ninja.files import UploadedFile
from pydantic import Field

from yiwang.data.scans import actions, queries
from yiwang.data.scans.contracts import BatchView, FieldView, Picture, Settling, Stand
from yiwang.kernel.base.http import ApiRouter, actor, answered_in

router = ApiRouter(tags=["扫描件数字化"], audience="staff")

Id = Annotated[int, Field(ge=1, le=2**53)]
Cursor = Annotated[str, Field(max_length=400)]


class FormOut(Schema):
    id: str
    title: str
    source: str
    resource: str
    is_table: bool
    org_id: int | None
    org_name: str


class BatchOut(Schema):
    """`pages` is the sum of `stands`."""

    id: int
    form_id: str
    resource: str
    title: str
    pages: int
    stands: Mapping[str, int]
    rows: int
    left_out: int
    handed_at: datetime
    settled_at: datetime | None
    kept_until: str
    parts: Sequence[int]


class BatchPage(Schema):
    items: list[BatchOut]
    next_cursor: str | None


class RowOut(Schema):
    id: int
    number: int
    reference: str
    stand: Stand
    reason: str
    doubtful: int


class RowPage(Schema):
    items: list[RowOut]
    next_cursor: str | None


class NextIn(Schema):
    """`checking` for a page that was drawn for a second person."""

    stand: Literal["doubtful", "checking"] = "doubtful"


class NextOut(Schema):
    page_id: int | None


class PageOut(Schema):
    id: int
    batch_id: int
    number: int
    reference: str
    form_id: str
    stand: Stand
    reason: str
    width: int
    height: int
    is_table: bool
    may_be_taken_back: bool
    fields: Sequence[FieldView]


class WordIn(Schema):
    field_id: Id
    value: Annotated[str, Field(max_length=4000)] = ""
    is_unreadable: bool = False
    is_as_written: bool = False


class WordsIn(Schema):
    words: Annotated[list[WordIn], Field(max_length=2000)]


class ReasonIn(Schema):
    reason: Annotated[str, Field(min_length=2, max_length=60)]


class CheckIn(Schema):
    is_right: bool
    reason: Annotated[str, Field(max_length=60)] = ""


@router.get("/forms", response=list[FormOut], url_name="scans-forms", summary="可以交接的扫描件版式")
def forms(request: HttpRequest) -> Any:
    return queries.forms_for(actor(request))


@router.post("/batches", response=BatchOut, url_name="scans-hand-in", summary="交接一批图片；相同的图片是同一批")
def hand_in(
    request: HttpRequest,
    pictures: File[list[UploadedFile]],
    form_id: Form[Annotated[str, Field(max_length=120)]],
    title: Form[Annotated[str, Field(max_length=100)]] = "",
) -> Any:
    given = [_picture(each) for each in pictures]
    by = actor(request)
    return actions.hand_in(form_id=form_id, title=title, pictures=given, by=by, at=timezone.now())


@router.get("/batches", response=BatchPage, url_name="scans-batches", summary="扫描件批次，最近的在前")
def batches(request: HttpRequest, cursor: Cursor | None = None) -> dict[str, Any]:
    page = queries.batches_seen(actor(request), cursor=cursor)
    return {"items": page.items, "next_cursor": page.next_cursor}


@router.get("/batches/{batch_id}", response=BatchOut, url_name="scans-batch", summary="一批扫描件的进度和数目")
def batch(request: HttpRequest, batch_id: Id) -> BatchView:
    return queries.batch_seen(batch_id, actor(request))


@router.get("/batches/{batch_id}/pages", response=RowPage, url_name="scans-pages", summary="一批的各页，不含识别内容")
def pages(
    request: HttpRequest, batch_id: Id, stand: Stand | None = None, cursor: Cursor | None = None
) -> dict[str, Any]:
    page = queries.pages(batch_id, actor(request), stand=stand, cursor=cursor)
    return {"items": page.items, "next_cursor": page.next_cursor}


@router.post(
    "/batches/{batch_id}/next", response=NextOut, url_name="scans-next", summary="取下一页来确认或抽检，占用10分钟"
)
def take_next(request: HttpRequest, batch_id: Id, body: NextIn) -> Any:
    page_id = actions.take_next(batch_id=batch_id, stand=Stand(body.stand), by=actor(request), at=timezone.now())
    return {"page_id": page_id}


@router.post("/pages/{page_id}/opening", response=PageOut, url_name="scans-open", summary="打开一页的识别结果，留痕")
def open_page(request: HttpRequest, page_id: Id) -> Any:
    return actions.open_page(page_id=page_id, by=actor(request), at=timezone.now())


@router.get(
    "/pages/{page_id}/picture",
    url_name="scans-picture",
    summary="一页的图片，留痕",
    openapi_extra=answered_in("image/jpeg", "image/png"),
)
def picture(request: HttpRequest, page_id: Id) -> HttpResponse:
    return actions.show_picture(page_id=page_id, by=actor(request), at=timezone.now())


@router.post("/pages/{page_id}/rows", response=PageOut, url_name="scans-add-row", summary="表格里加一行识别漏了的")
def add_row(request: HttpRequest, page_id: Id) -> Any:
    return actions.add_row(page_id=page_id, by=actor(request), at=timezone.now())


@router.delete("/pages/{page_id}/rows/{row}", response=PageOut, url_name="scans-drop-row", summary="去掉人工加的一行")
def drop_row(request: HttpRequest, page_id: Id, row: Annotated[int, Field(ge=1, le=1000)]) -> Any:
    return actions.drop_row(page_id=page_id, row=row, by=actor(request), at=timezone.now())


@router.post(
    "/pages/{page_id}/confirmation", response=PageOut, url_name="scans-confirm", summary="确认或改正一页的栏目"
)
def confirm(request: HttpRequest, page_id: Id, body: WordsIn) -> Any:
    words = [Settling(each.field_id, each.value, each.is_unreadable, each.is_as_written) for each in body.words]
    return actions.confirm(page_id=page_id, words=words, by=actor(request), at=timezone.now())


@router.post("/pages/{page_id}/aside", response=PageOut, url_name="scans-aside", summary="搁置一页")
def aside(request: HttpRequest, page_id: Id, body: ReasonIn) -> Any:
    return actions.put_aside(page_id=page_id, reason=body.reason, by=actor(request), at=timezone.now())


@router.post("/pages/{page_id}/return", response=PageOut, url_name="scans-return", summary="放回待确认")
def take_back(request: HttpRequest, page_id: Id) -> Any:
    return actions.take_back(page_id=page_id, by=actor(request), at=timezone.now())


@router.post("/pages/{page_id}/check", response=PageOut, url_name="scans-check", summary="抽检一页：通过或退回")
def check(request: HttpRequest, page_id: Id, body: CheckIn) -> Any:
    by, at = actor(request), timezone.now()
    return actions.check(page_id=page_id, is_right=body.is_right, reason=body.reason, by=by, at=at)


def _picture(upload: UploadedFile) -> Picture:
    def read() -> bytes:
        upload.seek(0)
        return bytes(upload.read())

    return Picture(upload.name or "", read)
