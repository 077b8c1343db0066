"""/desk/outside: how every line stands, what both sides do not agree on, and the acts that settle it."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yiwang.kernel.base.http import actor, audience
from yiwang.support.connectors import _permits, actions, queries
from yiwang.support.connectors.contracts import BadNote


@audience("staff")
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """All lines on one page."""
    by = actor(request)
    _permits.require(by, _permits.VIEW)
    context = {
        "lines": queries.lines(),
        "differences": queries.differences(cursor=request.GET.get("differences")),
        "stuck": queries.stuck(cursor=request.GET.get("stuck")),
        "may_settle": _permits.may(by, _permits.SETTLE),
        "today": timezone.localdate(),
    }
    return render(request, "connectors/overview.html", context)


@audience("staff")
@require_POST
def try_now(request: HttpRequest, system: str) -> HttpResponse:
    """Try a system that is down without waiting."""
    actions.try_now(system=system, by=actor(request), at=timezone.now())
    messages.success(request, "已安排立即重试，稍后刷新查看。")
    return redirect("outside")


@audience("staff")
@require_POST
def reconcile(request: HttpRequest, system: str) -> HttpResponse:
    """Have a day compared by the worker."""
    day = _day(request.POST.get("day", ""))
    actions.reconcile_soon(system=system, day=day, by=actor(request), at=timezone.now())
    messages.success(request, f"已安排核对{day:%-m月%-d日}的往来，稍后刷新查看。")
    return redirect("outside")


@audience("staff")
@require_POST
def settle(request: HttpRequest, difference_id: int) -> HttpResponse:
    """Write down how a difference was dealt with."""
    try:
        note = request.POST.get("note", "")
        actions.settle(difference_id=difference_id, note=note, by=actor(request), at=timezone.now())
        messages.success(request, "差异已记为处理完毕。")
    except BadNote as error:
        messages.error(request, f"{error.message}{error.hint}")
    return redirect("outside")


@audience("staff")
@require_POST
def retry(request: HttpRequest, push_id: int) -> HttpResponse:
    """Send a message again that was refused or given up."""
    actions.retry(push_id=push_id, by=actor(request), at=timezone.now())
    messages.success(request, "已重新排队发送。")
    return redirect("outside")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return timezone.localdate()


urlpatterns = [
    path("desk/outside", overview, name="outside"),
    path("desk/outside/<slug:system>/try", try_now, name="outside-try"),
    path("desk/outside/<slug:system>/reconcile", reconcile, name="outside-reconcile"),
    path("desk/outside/differences/<int:difference_id>/settle", settle, name="outside-settle"),
    path("desk/outside/messages/<int:push_id>/retry", retry, name="outside-retry"),
]
