"""Where somebody goes after signing in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.people import queries as people

_LEADERS, _STAFF, _OTHERS = ("board", "desk", "account"), ("desk", "account"), ("space", "home", "account")


def enter(request: HttpRequest, who: Actor) -> HttpResponse:
    """To where they wanted to go, else to their first page; by way of the choice for whom, if there is one."""
    may_choose = who.account_id and who.mandate_id is None
    if may_choose and people.mandates_of(who.account_id or 0, at=timezone.now()):
        return redirect(with_next("login-acting", request))
    return redirect(next_of(request) or first_page(who))


def first_page(who: Actor) -> str:
    """The address of the first of their pages that this installation has."""
    for name in _first_pages(who):
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return "/"


def _first_pages(who: Actor) -> tuple[str, ...]:
    if who.kind is not ActorKind.STAFF:
        return _OTHERS
    leads = access.may_anywhere(who, "board.view") and not access.may_anywhere(who, "cases.act")
    return _LEADERS if leads else _STAFF


def next_of(request: HttpRequest) -> str:
    """The wanted address, if it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if is_ours else ""


def with_next(name: str, request: HttpRequest) -> str:
    wanted = next_of(request)
    return reverse(name) + (f"?{urlencode({'next': wanted})}" if wanted else "")
