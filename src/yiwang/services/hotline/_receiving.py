"""Taking down and deciding in one go, letters with photos, photos of after: what pages ask for beyond `take`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import SYSTEM, Actor, Place
from yiwang.kernel.base.rows import action
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.files import actions as files
from yiwang.services.hotline import _intake, queries
from yiwang.services.hotline._taking import PHOTO, repeated, take
from yiwang.services.hotline._work import answer_at_once, decline, dispatch
from yiwang.services.hotline.contracts import BadTicket, NotForThisPost, TicketView

KEEP = "keep"


@action
def receive(
    *,
    decision: str,
    org_id: int | None = None,
    reason: str = "",
    words: str = "",
    by: Actor,
    at: datetime,
    **taken: Any,
) -> TicketView:
    """Take a call down and decide it in one go: `dispatch`, `answer`, `decline`, `police`, or `keep` for later.

    A repeat of the same call changes nothing. Raises as `take` and the choices do.
    """
    ticket = take(**taken, by=by, at=at)
    if decision == KEEP or [task.step for task in cases.peek(ticket.case_id).steps_open] != ["desk"]:
        return ticket
    which: dict[str, Any] = {"number": ticket.number, "by": by, "at": at}
    match decision:
        case "dispatch":
            dispatch(**which, org_id=org_id, words=words)
        case "answer":
            answer_at_once(**which, answer=words)
        case "decline":
            decline(**which, reason=reason, words=words)
        case "police":
            said = words or "转110处置"
            engine.advance(case_id=ticket.case_id, step="desk", choice="to-police", grounds=said, by=by, at=at)
        case _:
            return ticket
    return queries.view(ticket.number)


@transaction.atomic
def write(*, uploads: Sequence["UploadedFile[Any]"], by: Actor, at: datetime, **taken: Any) -> TicketView:
    """What somebody wrote themselves, with photos. Raises as `take`, BadTicket for too many photos, BadFile for what is none.

    Photos of a 举报, and of who is not signed in, are stored under no account.
    """
    if len(uploads) > _intake.PHOTOS_MAX:
        raise BadTicket(f"照片最多{_intake.PHOTOS_MAX}张。", places=[Place("photos", "请去掉几张。")])
    if (known := repeated(by=by, at=at, **taken)) is not None:
        return known
    photos = [_stored(upload, at) for upload in uploads]
    return take(**taken, photos=photos, by=by, at=at)


@transaction.atomic
def add_photo(*, number: str, upload: "UploadedFile[Any]", by: Actor, at: datetime) -> None:
    """A photo of after, by the unit that leads. Raises NotForThisPost, BadTicket, NoSuchTicket."""
    ticket = queries.get(number, by)
    if ticket.lead_org_id is None or not access.may(by, "cases.act", ticket.lead_org_id):
        raise NotForThisPost("只有承办单位可以加处置后照片。", hint="请由承办单位的联络员办理。")
    engine.attach(case_id=ticket.case_id, file_id=_stored(upload, at), role=PHOTO, title="处置后", by=by, at=at)
    audit.record("hotline.photo.added", target=f"case:{ticket.number}", by=by, at=at)


def _stored(upload: "UploadedFile[Any]", at: datetime) -> int:
    return files.store_photo(stream=upload, purpose="热线照片", owner_party_id=None, by=SYSTEM, at=at).id
