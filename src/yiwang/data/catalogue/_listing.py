"""编目: a unit's file is read and shown with what is wrong by line; then all of it is asked for at once, each entry on the way of any change."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from yiwang.data.catalogue import _content, _import, _requests
from yiwang.data.catalogue.contracts import (
    EDIT,
    BadFile,
    BadRequest,
    ListedEntry,
    ListingState,
    ListingView,
    NoSuchListing,
    RequestKind,
    RequestOutcome,
    RequestView,
    State,
)
from yiwang.data.catalogue.models import Listing, Request, Resource
from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Conflict, Invalid, NotFound, Place
from yiwang.kernel.orgs import queries as orgs

ENTRIES_MAX, PROBLEMS_MAX = 300, 500


@transaction.atomic
def read_listing(*, org_id: int, path: Path, name: str, by: Actor, at: datetime) -> ListingView:
    """Keep what a file says, compared with the catalogue; nothing is asked for yet. Raises NotPermitted, BadFile."""
    access.require(by, EDIT, at_org=org_id)
    unit = orgs.get(org_id)
    entries: list[dict[str, Any]] = []
    problems: list[list[Any]] = []
    seen: dict[str, int] = {}
    unchanged = 0
    for entry in _import.entries_of(path):
        code = entry.first["资源代码"]
        try:
            if entry.first["提供单位代码"] not in ("", unit.uscc):
                raise BadFile("提供单位代码不是本单位的。", hint="只能编制本单位的目录。")
            if code in seen:
                raise BadFile(f"资源代码在第{seen[code]}行已有。", hint="一项资源的各行要连在一起。")
            seen[code] = entry.line
            found = _compared(code, org_id, entry)
            unchanged += found is None
            entries += [found] if found else []
        except (Conflict, Invalid, NotFound) as wrong:
            places = getattr(wrong, "places", None) or [Place("", wrong.message)]
            problems += [[entry.line, each.message] for each in places]
        if len(entries) > ENTRIES_MAX:
            raise BadFile(f"一次最多{ENTRIES_MAX}项要办的资源。", hint="请分成几个文件。")
    row = Listing.objects.create(
        org_id=org_id, name=Path(name).name[:120], entries=entries, problems=problems[:PROBLEMS_MAX],
        unchanged=unchanged, read_at=at,
    )  # fmt: skip
    detail = {"entries": len(entries), "problems": len(problems)}
    audit.record("catalogue.listing.read", target=f"listing:{row.pk}", by=by, at=at, detail=detail)
    return view(row)


@transaction.atomic
def ask_listing(*, listing_id: int, reason: str, by: Actor, at: datetime) -> list[RequestView]:
    """Ask for every entry of a listing that can be, all or none. Raises NoSuchListing, NotPermitted, BadRequest, AlreadyAsked."""
    row = Listing.objects.select_for_update().filter(pk=listing_id).first()
    if row is None:
        raise NoSuchListing("没有这份清单。", hint="请重新上传。")
    access.require(by, EDIT, at_org=row.org_id)
    if row.state != ListingState.READ or not row.entries:
        raise BadRequest("这份清单没有可以提交的。", hint="已提交过，或都有问题。")
    asked = []
    for entry in row.entries:
        content = _content.from_json(entry["content"])
        try:
            asked.append(
                _requests.propose(code=entry["code"], org_id=row.org_id, content=content, reason=reason, by=by, at=at)
            )
        except (Conflict, Invalid) as wrong:
            raise BadRequest(
                f"第{entry['line']}行：{wrong.message}",
                places=getattr(wrong, "places", ()),
                hint="全部没有提交；请改正后重新上传。",
            ) from wrong
    row.state, row.asked_at = ListingState.ASKED, at
    row.save(update_fields=["state", "asked_at"])
    audit.record("catalogue.listing.asked", target=f"listing:{row.pk}", by=by, at=at, detail={"entries": len(asked)})
    return asked


def find_listing(listing_id: int, by: Actor) -> ListingView:
    """For the unit that sent it. Raises NoSuchListing."""
    row = Listing.objects.filter(pk=listing_id).first()
    if row is None or not access.may(by, EDIT, row.org_id):
        raise NoSuchListing("没有这份清单。", hint="请重新上传。")
    return view(row)


def _compared(code: str, org_id: int, entry: _import.Entry) -> dict[str, Any] | None:
    """The entry with what would change; None where nothing would. Raises what asking for it would."""
    content = _import.content_of(entry)
    row = Resource.objects.filter(code=code).first()
    if row is not None and (row.org_id != org_id or row.state == State.RETIRED):
        raise BadRequest("这个代码是别的单位的，或已停用。", hint="请换一个代码。")
    if Request.objects.filter(code=code, kind=RequestKind.CHANGE, outcome=RequestOutcome.OPEN).exists():
        raise BadRequest("已有一件同样的申请正在办理。", hint="请等它办结后再提出。")
    told = _requests.told(code, row, content, may_be_same=True)
    if not told:
        return None
    return {"line": entry.line, "code": code, "content": _content.as_json(content), "words": told}


def view(row: Listing) -> ListingView:
    entries = tuple(
        ListedEntry(each["line"], each["code"], each["content"]["title"], tuple(each["words"])) for each in row.entries
    )
    problems = tuple(Place(f"第{line}行", words) for line, words in row.problems)
    state = ListingState(row.state)
    return ListingView(row.pk, row.org_id, row.name, state, entries, problems, row.unchanged, row.read_at, row.asked_at)
