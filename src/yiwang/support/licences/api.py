"""Licences as JSON: for anyone who verifies, for holders, for clerks."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema, UploadedFile
from pydantic import Field

from yiwang.kernel.base.http import ApiRouter, actor, answered_in
from yiwang.kernel.files import queries as files
from yiwang.support.licences import actions, queries
from yiwang.support.licences._request import count_lookup, own_key
from yiwang.support.licences.contracts import (
    Change,
    CopyAsk,
    Holder,
    LicenceFace,
    LicenceNotFound,
    LicenceView,
    RegisterFilter,
)
from yiwang.support.seals.contracts import FILE_BYTES_MAX, Format

public = ApiRouter(tags=["证照查验"], audience="public")
holders = ApiRouter(tags=["我的证照"], audience="applicant")
desk = ApiRouter(tags=["证照台账"], audience="staff")
# Departments' own systems too: a machine with a post that may ask.
copies = ApiRouter(tags=["调用证照"], audience="signed-in")

Id = Annotated[int, Field(ge=1, lt=2**62)]


class LineOut(Schema):
    name: str
    label: str
    value: str


class LicenceOut(Schema):
    """Without personal values; `status` is the code of the exchange tables (01 有效 …)."""

    id: int
    identifier: str
    version: int
    number: str
    type_id: str
    title: str
    status: str
    is_valid: bool
    holder_masked: str
    issuer_org_id: int
    issued_on: date
    valid_from: date
    valid_to: date | None
    verify_code: str
    case_number: str


class FaceOut(Schema):
    """A licence as its holder holds it."""

    licence: LicenceOut
    holder_name: str
    issuer_name: str
    lines: list[LineOut]
    statement: str


class VerificationOut(Schema):
    """What anyone may learn from a code, with the ledger's proof once the last act has its number."""

    code: str
    status: str
    is_valid: bool
    sentence: str
    title: str
    identifier: str
    version: int
    number: str
    issuer_name: str
    holder_masked: str
    lines: list[LineOut]
    issued_on: date
    valid_from: date
    valid_to: date | None
    changed_on: date
    proof: dict[str, Any] | None


class EventOut(Schema):
    operation: str
    status: str
    version: int
    grounds: str
    effective_on: date
    at: datetime
    leaf_id: int


class RegisterOut(Schema):
    items: list[LicenceOut]
    next_cursor: str | None
    previous_cursor: str | None


class ChangeIn(Schema):
    """One change of many licences on the same grounds."""

    licences: Annotated[list[Id], Field(min_length=1, max_length=actions.BATCH_MAX)]
    to: Change
    grounds: Annotated[str, Field(min_length=1, max_length=actions.GROUNDS_MAX)]


class ChangeOut(Schema):
    changed: list[int]
    failed: dict[int, str]


Grounds = Annotated[str, Field(min_length=1, max_length=actions.GROUNDS_MAX)]
Fields = Annotated[dict[str, str | int], Field(max_length=60)]


class ChainOut(Schema):
    before: LicenceOut | None
    after: LicenceOut | None


class RenewalIn(Schema):
    """Without `valid_to` by the years of the type."""

    grounds: Grounds
    valid_to: date | None = None


class CorrectionIn(Schema):
    grounds: Grounds
    fields: Fields


class TransferIn(Schema):
    """`id_type` 111 公民身份号码, 001 统一社会信用代码."""

    grounds: Grounds
    name: Annotated[str, Field(min_length=1, max_length=80)]
    id_type: Literal["111", "001"]
    id_number: Annotated[str, Field(min_length=15, max_length=18)]
    fields: Fields = {}


class CheckOut(Schema):
    code: str
    title: str
    passed: bool
    said: str


class FileOut(Schema):
    """What a sealed file proves; `licence_status` is how the licence that it shows stands now."""

    format: str
    is_valid: bool
    checks: list[CheckOut]
    seal_name: str
    signer: str
    signed_at: datetime | None
    licence_status: str | None


@public.post("/file", response=FileOut, summary="上传文件查验")
def verify_file(request: HttpRequest, file: UploadedFile) -> dict[str, Any]:
    """Every check of a sealed OFD or PDF file (20 MB at most); the file is not kept."""
    count_lookup(request, was_miss=False)
    report, found = queries.verify_file(file.read(FILE_BYTES_MAX + 1))
    told = {name: getattr(report, name) for name in FileOut.model_fields if name not in ("licence_status", "is_valid")}
    is_valid = report.is_valid and (found is None or found.is_valid)
    return {**told, "is_valid": is_valid, "licence_status": found.status.value if found else None}


@public.get("/{code}", response=VerificationOut, summary="按验证码查验")
def verify(request: HttpRequest, code: Annotated[str, Field(max_length=40)]) -> dict[str, Any]:
    """Valid or not and why; rate-limited."""
    found = queries.verify(code)
    count_lookup(request, was_miss=found is None)
    if found is None:
        raise LicenceNotFound("没有这个验证码。", hint="请核对后再试。")
    told = {name: getattr(found, name) for name in VerificationOut.model_fields if name != "proof"}
    return {**told, "proof": queries.proof_of(found.leaf_id)}


@holders.get("", response=list[LicenceOut], summary="我持有和保管的证照")
def mine(request: HttpRequest) -> list[LicenceView]:
    """In force first, newest first."""
    return queries.of_holder(own_key(actor(request)))


@holders.get("/{licence}", response=FaceOut, summary="一份证照")
def face(request: HttpRequest, licence: Id) -> LicenceFace:
    """With its personal values; not found when it is not yours."""
    return queries.face(licence, subject_key=own_key(actor(request)))


@desk.get("", response=RegisterOut, summary="查台账")
def register(
    request: HttpRequest,
    words: Annotated[str, Field(max_length=120)] = "",
    type_id: Annotated[str, Field(max_length=120)] = "",
    status: Annotated[str, Field(max_length=2)] = "",
    cursor: str | None = None,
) -> Any:
    """The register of the reader's units."""
    return queries.register(actor(request), RegisterFilter(words, type_id, status), cursor=cursor)


@desk.get("/{licence}/history", response=list[EventOut], summary="状态记录")
def history(request: HttpRequest, licence: Id) -> Any:
    """Every act, newest first."""
    return queries.history(queries.registered(licence, actor(request)).id)


@desk.get("/{licence}/chain", response=ChainOut, summary="转移前后的证照")
def chain(request: HttpRequest, licence: Id) -> Any:
    """What it came out of, and what took its place."""
    return queries.chain(queries.registered(licence, actor(request)))


@desk.post("/{licence}/renewal", response=LicenceOut, summary="延续")
def renew(request: HttpRequest, licence: Id, body: RenewalIn) -> Any:
    """A new version that holds longer."""
    return actions.renew(
        licence_id=licence, grounds=body.grounds, valid_to=body.valid_to, by=actor(request), at=timezone.now()
    )


@desk.post("/{licence}/correction", response=LicenceOut, summary="变更")
def correct(request: HttpRequest, licence: Id, body: CorrectionIn) -> Any:
    """A new version; lines that are not named stay."""
    return actions.correct(
        licence_id=licence, grounds=body.grounds, fields=body.fields, by=actor(request), at=timezone.now()
    )


@desk.post("/{licence}/transfer", response=LicenceOut, summary="转移")
def transfer(request: HttpRequest, licence: Id, body: TransferIn) -> Any:
    """The licence that takes its place, for another holder."""
    return actions.transfer(
        licence_id=licence,
        holder=Holder(body.name, body.id_type, body.id_number),
        grounds=body.grounds,
        fields=body.fields,
        by=actor(request),
        at=timezone.now(),
    )


class BatchOut(Schema):
    """`state`: read (waits for a confirmation), running, done; `wrong` lines are left out."""

    id: int
    type_id: str
    org_id: int
    filename: str
    state: str
    total: int
    wrong: int
    issued: int
    made_at: datetime
    ended_at: datetime | None


class ProblemOut(Schema):
    line: int
    problem: str


@desk.post("/batches", response=BatchOut, summary="上传一批")
def read_batch(
    request: HttpRequest,
    file: UploadedFile,
    type_id: Annotated[str, Field(max_length=120)],
    org_id: Id,
    grounds: Grounds,
) -> Any:
    """A CSV file or workbook of 100,000 lines and 20 MB at most; nothing is issued before `start`."""
    return actions.read_batch(
        type_id=type_id,
        org_id=org_id,
        filename=str(file.name),
        content=file.read(FILE_BYTES_MAX),
        grounds=grounds,
        by=actor(request),
        at=timezone.now(),
    )


@desk.get("/batches/{number}", response=BatchOut, summary="一批的进度")
def batch(request: HttpRequest, number: Id) -> Any:
    """How far it is."""
    return queries.batch(number, actor(request))


@desk.get("/batches/{number}/problems", response=list[ProblemOut], summary="不签发的行")
def batch_problems(request: HttpRequest, number: Id, after: Annotated[int, Field(ge=0)] = 0) -> Any:
    """200 at a time."""
    return queries.batch_problems(queries.batch(number, actor(request)).id, after=after)


@desk.post("/batches/{number}/start", response=BatchOut, summary="开始签发")
def start_batch(request: HttpRequest, number: Id) -> Any:
    """In the job worker."""
    return actions.start_batch(batch_id=number, by=actor(request), at=timezone.now())


class CopyIn(Schema):
    """`ground` is a code of the place's policy; without it the holder is asked."""

    type_id: Annotated[str, Field(max_length=120)]
    id_number: Annotated[str, Field(min_length=15, max_length=18)]
    org_id: Id
    purpose: Annotated[str, Field(min_length=1, max_length=60)]
    until: date
    ground: Annotated[str, Field(max_length=40)] = ""
    case_number: Annotated[str, Field(max_length=40)] = ""


class CopyOut(Schema):
    """`code` verifies the copy at `/v/<code>` once it is given."""

    id: int
    code: str
    licence: LicenceOut
    org_id: int
    org_name: str
    purpose: str
    authority: str
    case_number: str
    state: str
    answer_by: date
    until: date
    answered_at: datetime | None


class CopiesOut(Schema):
    items: list[CopyOut]
    next_cursor: str | None
    previous_cursor: str | None


@copies.post("", response=CopyOut, summary="申请加注件")
def ask_copy(request: HttpRequest, body: CopyIn) -> Any:
    """One licence of one holder for one purpose; the event `licences.copy.given` follows the holder's leave."""
    return actions.ask_copy(wanted=CopyAsk(**body.dict()), by=actor(request), at=timezone.now())


@copies.get("", response=CopiesOut, summary="本单位的加注件")
def asked(request: HttpRequest, cursor: str | None = None) -> Any:
    """Newest first."""
    return queries.copies_asked(actor(request), cursor=cursor)


@copies.get("/{number}", response=CopyOut, summary="一份加注件")
def one_copy(request: HttpRequest, number: Id) -> Any:
    """How it stands."""
    return queries.copy_asked(number, actor(request))


@copies.get("/{number}/file", summary="取加注件文件", openapi_extra=answered_in("application/ofd", "application/pdf"))
def copy_file(request: HttpRequest, number: Id, kind: Format = Format.OFD) -> Any:
    """The sealed file; the holder sees that it was fetched."""
    base = request.build_absolute_uri("/").rstrip("/")
    return files.response(
        actions.copy_file(copy_id=number, format_=kind, base=base, by=actor(request), at=timezone.now())
    )


@desk.post("/changes", response=ChangeOut, summary="批量改变状态")
def change(request: HttpRequest, body: ChangeIn) -> Any:
    """Each stands for itself; `failed` says why one stayed as it was."""
    return actions.change_many(
        licence_ids=body.licences, to=body.to, grounds=body.grounds, by=actor(request), at=timezone.now()
    )
