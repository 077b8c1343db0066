"""Scans on the desk: batches and how far they are, the page on which doubtful fields are confirmed by keyboard, the second person's check."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yiwang.data.scans import actions, queries
from yiwang.data.scans.contracts import (
    CHECK,
    CONFIRM,
    INSTALL,
    PICTURES,
    CannotSettle,
    FieldView,
    PageView,
    Picture,
    Settling,
    Stand,
)
from yiwang.kernel.base.contracts import Invalid, YiwangError
from yiwang.kernel.base.http import actor, audience

BOX_AROUND = 0.012
LONG = 24


@never_cache
@require_GET
@audience("staff")
def board(request: HttpRequest) -> HttpResponse:
    """What waits, batches, and where pictures are handed in."""
    return _board(request, None)


def _board(request: HttpRequest, wrong: YiwangError | None) -> HttpResponse:
    by = actor(request)
    context = {
        "forms": queries.forms_for(by),
        "page": queries.batches_seen(by, cursor=request.GET.get("cursor")),
        "waiting": queries.waiting(by),
        "can_read": queries.can_read(),
        "install": INSTALL,
        "pictures": PICTURES,
        "wrong": wrong,
        "given": request.POST,
    }
    return render(request, "scans/board.html", context, status=wrong.status if wrong else 200)


@require_POST
@audience("staff")
def hand_in(request: HttpRequest) -> HttpResponse:
    """Pictures as a batch; the same again is the same batch."""
    given = [_picture(each) for each in request.FILES.getlist("pictures")]
    try:
        batch = actions.hand_in(
            form_id=request.POST.get("form", "")[:120], title=request.POST.get("title", "").strip()[:100],
            pictures=given, by=actor(request), at=timezone.now(),
        )  # fmt: skip
    except YiwangError as wrong:
        return _board(request, wrong)
    messages.success(request, f"第{batch.id}批已交接，共{batch.pages}页。")
    return redirect("desk-scan-batch", batch_id=batch.id)


def _picture(upload: object) -> Picture:
    def read() -> bytes:
        upload.seek(0)  # type: ignore[attr-defined]
        return bytes(upload.read())  # type: ignore[attr-defined]

    return Picture(str(getattr(upload, "name", "")), read)


@never_cache
@require_GET
@audience("staff")
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One batch: its figures, which reconcile, and its pages."""
    by = actor(request)
    asked = request.GET.get("stand", "")
    stand = Stand(asked) if asked in list(Stand) else None
    context = {
        "batch": queries.batch_seen(batch_id, by),
        "page": queries.pages(batch_id, by, stand=stand, cursor=request.GET.get("cursor")),
        "stand": stand,
        "may_confirm": queries.may(batch_id, CONFIRM, by),
        "may_check": queries.may(batch_id, CHECK, by),
        "can_read": queries.can_read(),
        "install": INSTALL,
    }
    return render(request, "scans/batch.html", context)


@require_POST
@audience("staff")
def go_on(request: HttpRequest, batch_id: int) -> HttpResponse:
    """To the next page that waits: to be confirmed, or drawn for a check."""
    stand = Stand.CHECKING if request.POST.get("stand") == Stand.CHECKING else Stand.DOUBTFUL
    return _next(request, batch_id, stand)


def _next(request: HttpRequest, batch_id: int, stand: Stand) -> HttpResponse:
    page_id = actions.take_next(batch_id=batch_id, stand=stand, by=actor(request), at=timezone.now())
    if page_id is not None:
        return redirect("desk-scan-page", page_id=page_id)
    messages.success(request, "这一批没有等您抽检的页了。" if stand is Stand.CHECKING else "这一批没有等您确认的页了。")
    return redirect("desk-scan-batch", batch_id=batch_id)


@never_cache
@require_GET
@audience("staff")
def page(request: HttpRequest, page_id: int) -> HttpResponse:
    """The picture beside what was read on it; opening is written down."""
    found = actions.open_page(page_id=page_id, by=actor(request), at=timezone.now())
    return _show(request, found, None)


def _show(request: HttpRequest, found: PageView, wrong: Invalid | None) -> HttpResponse:
    by = actor(request)
    places = {each.where: each.message for each in wrong.places} if wrong else {}
    fields = [_line(request, found, each, places.get(f"f{each.id}", "")) for each in found.fields]
    is_open = found.stand is Stand.DOUBTFUL
    context = {
        "scan": found, "wrong": wrong, "is_open": is_open, "is_check": found.stand is Stand.CHECKING,
        "doubtful": [each for each in fields if is_open and each.field.is_doubtful],
        "sure": [each for each in fields if not (is_open and each.field.is_doubtful)],
        "batch": queries.batch_seen(found.batch_id, by), "reasons": queries.reasons(found.form_id),
        "deeds": queries.deeds(found.id, by),
    }  # fmt: skip
    return render(request, "scans/page.html", context, status=wrong.status if wrong else 200)


@dataclass(frozen=True, slots=True)
class _Line:
    """A field as the page shows it: what was typed where it came back, and its piece of the picture."""

    field: FieldView
    value: str
    wrong: str
    crop: dict[str, int] | None
    is_unreadable: bool
    is_as_written: bool

    @property
    def is_long(self) -> bool:
        return len(self.value) > LONG


def _line(request: HttpRequest, found: PageView, field: FieldView, wrong: str) -> _Line:
    given = request.POST
    return _Line(
        field, given.get(f"f{field.id}", field.value), wrong, _crop(found, field.box), f"u{field.id}" in given,
        f"w{field.id}" in given,
    )  # fmt: skip


def _crop(found: PageView, box: Sequence[float] | None) -> dict[str, int] | None:
    """The part of the picture in which a field stands, with a little around it, in pixels."""
    if box is None or not found.width:
        return None
    around = BOX_AROUND * found.width
    left, top = max(0.0, box[0] * found.width - around), max(0.0, box[1] * found.height - around)
    right, bottom = min(found.width, box[2] * found.width + around), min(found.height, box[3] * found.height + around)
    return {"x": int(left), "y": int(top), "width": int(right - left), "height": int(bottom - top)}


@require_POST
@audience("staff")
def confirm(request: HttpRequest, page_id: int) -> HttpResponse:
    """A person's word on the fields; the next page opens."""
    by, at = actor(request), timezone.now()
    found = actions.open_page(page_id=page_id, by=by, at=at)
    try:
        actions.confirm(page_id=page_id, words=_words(request, found), by=by, at=at)
    except Invalid as wrong:
        return _show(request, found, wrong)
    except CannotSettle as late:
        messages.error(request, late.message)
    return _next(request, found.batch_id, Stand.DOUBTFUL)


def _words(request: HttpRequest, found: PageView) -> list[Settling]:
    return [
        Settling(
            each.id, request.POST.get(f"f{each.id}", ""), f"u{each.id}" in request.POST, f"w{each.id}" in request.POST
        )
        for each in found.fields
        if f"f{each.id}" in request.POST
    ]


@require_POST
@audience("staff")
def add_row(request: HttpRequest, page_id: int) -> HttpResponse:
    """A row that the reader missed; what was typed so far stays in the page."""
    return _show(request, actions.add_row(page_id=page_id, by=actor(request), at=timezone.now()), None)


@require_POST
@audience("staff")
def drop_row(request: HttpRequest, page_id: int, row: int) -> HttpResponse:
    """An added row goes again."""
    return _show(request, actions.drop_row(page_id=page_id, row=row, by=actor(request), at=timezone.now()), None)


@require_POST
@audience("staff")
def aside(request: HttpRequest, page_id: int) -> HttpResponse:
    """Put a page aside, or take it back."""
    by, at = actor(request), timezone.now()
    found = actions.open_page(page_id=page_id, by=by, at=at)
    stand = found.stand if found.stand is Stand.CHECKING else Stand.DOUBTFUL
    try:
        if request.POST.get("back"):
            actions.take_back(page_id=page_id, by=by, at=at)
            return redirect("desk-scan-page", page_id=page_id)
        actions.put_aside(page_id=page_id, reason=request.POST.get("reason", ""), by=by, at=at)
    except (Invalid, CannotSettle) as wrong:
        messages.error(request, wrong.message)
        return redirect("desk-scan-page", page_id=page_id)
    return _next(request, found.batch_id, stand)


@require_POST
@audience("staff")
def check(request: HttpRequest, page_id: int) -> HttpResponse:
    """A second person's word on a page that was drawn."""
    by, at = actor(request), timezone.now()
    batch_id = queries.batch_of(page_id, by)
    try:
        actions.check(
            page_id=page_id,
            is_right=request.POST.get("right") == "yes",
            reason=request.POST.get("reason", ""),
            by=by,
            at=at,
        )
    except (Invalid, CannotSettle) as wrong:
        messages.error(request, wrong.message)
        return redirect("desk-scan-page", page_id=page_id)
    return _next(request, batch_id, Stand.CHECKING)


@never_cache
@require_GET
@audience("staff")
def picture(request: HttpRequest, page_id: int) -> HttpResponse:
    """The picture itself; as opening the page, it is written down."""
    return actions.show_picture(page_id=page_id, by=actor(request), at=timezone.now())


@never_cache
@require_GET
@audience("staff")
def of_row(request: HttpRequest, reference: str) -> HttpResponse:
    """From a row of the lake back to its picture: `12-3-1` is the first row of page 3 of batch 12."""
    return redirect("desk-scan-page", page_id=queries.page_of_row(reference, actor(request)))


urlpatterns = [
    path("desk/scans", board, name="desk-scans"),
    path("desk/scans/hand-in", hand_in, name="desk-scans-hand-in"),
    path("desk/scans/batches/<int:batch_id>", batch, name="desk-scan-batch"),
    path("desk/scans/batches/<int:batch_id>/next", go_on, name="desk-scan-next"),
    path("desk/scans/pages/<int:page_id>", page, name="desk-scan-page"),
    path("desk/scans/pages/<int:page_id>/picture", picture, name="desk-scan-picture"),
    path("desk/scans/pages/<int:page_id>/confirmation", confirm, name="desk-scan-confirm"),
    path("desk/scans/pages/<int:page_id>/rows", add_row, name="desk-scan-add-row"),
    path("desk/scans/pages/<int:page_id>/rows/<int:row>/removal", drop_row, name="desk-scan-drop-row"),
    path("desk/scans/pages/<int:page_id>/aside", aside, name="desk-scan-aside"),
    path("desk/scans/pages/<int:page_id>/check", check, name="desk-scan-check"),
    path("desk/scans/rows/<slug:reference>", of_row, name="desk-scan-row"),
]
