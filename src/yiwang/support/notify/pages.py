"""/my/messages for people, /desk/messages for staff."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from yiwang.kernel.base.contracts import ActorKind
from yiwang.kernel.base.http import actor, audience
from yiwang.support.notify import _campaign_pages, _choosing_pages, _report_pages, actions, queries


@audience("applicant")
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """A resident's or agent's messages; opening the page reads nothing by itself."""
    return render(request, "notify/inbox.html", _context(request))


@audience("staff")
@require_GET
def desk_inbox(request: HttpRequest) -> HttpResponse:
    """A clerk's messages."""
    return render(request, "notify/desk_inbox.html", _context(request))


@audience("signed-in")
@require_POST
def mark_read(request: HttpRequest, message_id: int) -> HttpResponse:
    """One message read."""
    actions.mark_read(message_id=message_id, by=actor(request), at=timezone.now())
    return _back(request)


@audience("signed-in")
@require_POST
def mark_all_read(request: HttpRequest) -> HttpResponse:
    """All of one's own read."""
    actions.mark_all_read(by=actor(request), at=timezone.now())
    return _back(request)


def _context(request: HttpRequest) -> dict[str, object]:
    page = queries.inbox_of(actor(request), request.GET.get("cursor"))
    language = get_language() or "zh-hans"
    return {"page": page, "messages_shown": [(each, each.wording(language)) for each in page.items]}


def _back(request: HttpRequest) -> HttpResponse:
    return redirect("desk-messages" if actor(request).kind is ActorKind.STAFF else "inbox")


urlpatterns = [
    *_campaign_pages.urlpatterns,
    *_choosing_pages.urlpatterns,
    *_report_pages.urlpatterns,
    path("my/messages", inbox, name="inbox"),
    path("my/messages/read", mark_all_read, name="messages-read"),
    path("my/messages/<int:message_id>/read", mark_read, name="message-read"),
    path("desk/messages", desk_inbox, name="desk-messages"),
]
