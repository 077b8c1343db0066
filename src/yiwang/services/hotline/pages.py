"""The hotline for people: write, see where it stands, rate. The desk's pages stand in `_desk_pages`."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.kernel.base.contracts import Invalid, Place, YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.people import queries as people
from yiwang.services.hotline import _forms, _policy, actions, queries
from yiwang.services.hotline._desk_pages import urlpatterns as of_desk
from yiwang.services.hotline._intake import PHOTOS_MAX
from yiwang.services.hotline._topic_pages import urlpatterns as of_topics
from yiwang.services.hotline.contracts import (
    BadTicket,
    Caller,
    Channel,
    Standing,
    TicketKind,
    TicketView,
)

SENT = "hotline.sent"


@never_cache
@require_http_methods(["GET", "POST"])
@audience("public")
def write(request: HttpRequest) -> HttpResponse:
    """我要写信: signed in or not, with photos; a 举报 keeps its writer secret."""
    by, now = actor(request), timezone.now()
    wrong: YiwangError | None = None
    if request.method == "POST":
        try:
            ticket = actions.write(**_written(request), uploads=request.FILES.getlist("photo"), by=by, at=now)
            request.session[SENT] = ticket.number
            return redirect("hotline-sent")
        except YiwangError as refused:
            wrong = refused
    policy, own = _policy.policy(), people.party(by.acting_for) if by.acting_for else None
    context = {
        "wrong": wrong,
        # A door plate leads here with its address.
        "given": request.POST if request.method == "POST" else _place_of(request),
        "kinds": [kind.value for kind in TicketKind],
        "chosen": request.POST.get("kind", "help"),
        "secret": [kind.value for kind in policy.confidential],
        "regions": _forms.regions(),
        "own": own,
        "photos_max": PHOTOS_MAX,
        "key": request.POST.get("once", ""),
    }
    return render(request, "hotline/write.html", context, status=wrong.status if wrong else 200)


@never_cache
@require_GET
@audience("public")
def sent(request: HttpRequest) -> HttpResponse:
    """The number, once, to who just wrote."""
    number = request.session.get(SENT)
    if not number:
        return redirect("hotline-write")
    return render(request, "hotline/sent.html", {"ticket": queries.view(number)})


@never_cache
@require_http_methods(["GET", "POST"])
@audience("public")
def track(request: HttpRequest) -> HttpResponse:
    """Progress by number and the end of the telephone; both by POST, they are not for addresses."""
    if request.method == "GET":
        return render(request, "hotline/track.html", {})
    return _shown(request, None)


@never_cache
@require_http_methods(["POST"])
@audience("public")
def rate(request: HttpRequest) -> HttpResponse:
    """The caller says whether it was solved and how satisfied they are."""
    grade = request.POST.get("satisfaction", "")
    try:
        if request.POST.get("solved") not in ("1", "0") or not grade.isdecimal():
            raise BadTicket("还没有选。", places=[Place("satisfaction", "请选是否解决和满意度。")])
        actions.rate(
            number=request.POST.get("number", "")[:24],
            phone_tail=request.POST.get("tail", "")[:4],
            solved=request.POST["solved"] == "1",
            satisfaction=int(grade[:2]),
            words=request.POST.get("words", "")[:500],
            by=actor(request),
            at=timezone.now(),
        )
    except YiwangError as refused:
        return _shown(request, refused)
    return _shown(request, None, is_rated=True)


@never_cache
@require_GET
@audience("signed-in")
def mine(request: HttpRequest) -> HttpResponse:
    """What one sent while signed in."""
    page = queries.mine(actor(request), cursor=request.GET.get("cursor"))
    return render(request, "hotline/mine.html", {"page": page, "topics": _topics(page.items)})


def _place_of(request: HttpRequest) -> dict[str, str]:
    return {"place": request.GET.get("place", "")[:200], "region": request.GET.get("region", "")[:12]}


def _shown(request: HttpRequest, wrong: YiwangError | None, *, is_rated: bool = False) -> HttpResponse:
    number, tail = request.POST.get("number", "")[:24], request.POST.get("tail", "")[:4]
    standing: Standing | None = None
    try:
        standing = queries.standing(number, actor(request), tail)
    except YiwangError as refused:
        wrong = wrong or refused
    topic = _topics([standing.ticket])[standing.ticket.number] if standing else ""
    context = {
        "standing": standing, "wrong": wrong, "number": number, "tail": tail, "is_rated": is_rated, "topic": topic,
        "given": request.POST, "grades": _grades(),
    }  # fmt: skip
    return render(request, "hotline/track.html", context, status=wrong.status if wrong else 200)


def _grades() -> list[tuple[int, str]]:
    return [
        (1, gettext("非常满意")),
        (2, gettext("满意")),
        (3, gettext("基本满意")),
        (4, gettext("不满意")),
        (5, gettext("非常不满意")),
    ]


def _topics(tickets: list[TicketView]) -> dict[str, str]:
    """What each is about, in the reader's language."""
    language, tree = get_language(), _policy.tree()
    names = {one.number: tree.nodes[one.category].name for one in tickets if one.category in tree.nodes}
    return {one.number: names[one.number].in_language(language) if one.number in names else "" for one in tickets}


def _written(request: HttpRequest) -> dict[str, Any]:
    data, by = request.POST, actor(request)
    own = people.party(by.acting_for) if by.acting_for else None
    phone = data.get("phone", "").strip()[:20]
    if not phone and own is None:
        raise Invalid(
            "请留一个电话。", places=[Place("phone", "承办单位要联系您，请留电话。")], code="hotline.no-phone"
        )
    return {
        "kind": _forms.kind(data.get("kind", "")),
        "channel": Channel.PHONE_APP if "Mobi" in request.META.get("HTTP_USER_AGENT", "") else Channel.WEB,
        "content": data.get("content", ""),
        "caller": Caller(
            name=data.get("name", "").strip()[:60] or (own.name if own else ""),
            phone=phone or (own.phone if own else "") or "",
            party_id=by.acting_for,
            account_id=by.account_id,
            private=data.get("private", "").strip(),
        ),
        "spot": _forms.spot(request),
        "key": data.get("once", "")[: _forms.KEY_MAX],
        "confidential": True if data.get("confidential") == "1" else None,
    }


urlpatterns = [
    *of_desk,
    *of_topics,
    path("hotline", write, name="hotline-write"),
    path("hotline/sent", sent, name="hotline-sent"),
    path("hotline/track", track, name="hotline-track"),
    path("hotline/rate", rate, name="hotline-rate"),
    path("hotline/mine", mine, name="hotline-mine"),
]
