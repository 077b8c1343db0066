"""Which systems somebody let know who they are, and taking that back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yiwang.kernel.base.contracts import ActorKind
from yiwang.kernel.base.http import actor, audience
from yiwang.support.oidc import actions, queries


@never_cache
@require_GET
@audience("signed-in")
def connections(request: HttpRequest) -> HttpResponse:
    """The list, with what each system learns."""
    who = actor(request)
    frame = "desk.html" if who.kind is ActorKind.STAFF else "base.html"
    facts = {"connections": queries.connections_of(who.account_id or 0), "frame": frame}
    return render(request, "oidc/connections.html", facts)


@require_POST
@audience("signed-in")
def withdraw(request: HttpRequest, client_id: int) -> HttpResponse:
    actions.withdraw(client_id=client_id, by=actor(request), at=timezone.now())
    messages.success(request, _("授权已取消。这个系统不能再读取您的信息，您在那里的登录也已结束。"))
    return redirect("account-connections")


urlpatterns = [
    path("account/connections", connections, name="account-connections"),
    path("account/connections/<int:client_id>/withdraw", withdraw, name="account-withdraw"),
]
