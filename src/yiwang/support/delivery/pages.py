"""/desk/parcels: what was lost or could not be sent, and sending it again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yiwang.kernel.base.http import actor, audience
from yiwang.support.delivery import actions, queries


@audience("staff")
@require_GET
def lost(request: HttpRequest) -> HttpResponse:
    """Parcels of one's own units that nobody has sent again yet."""
    page = queries.to_make_good(actor(request), cursor=request.GET.get("cursor"))
    return render(request, "delivery/lost.html", {"page": page})


@audience("staff")
@require_POST
def again(request: HttpRequest, order_id: int) -> HttpResponse:
    """Send one again."""
    actions.reorder(order_id=order_id, by=actor(request), at=timezone.now())
    messages.success(request, "已重新下单寄送。")
    return redirect("lost-parcels")


urlpatterns = [
    path("desk/parcels", lost, name="lost-parcels"),
    path("desk/parcels/<int:order_id>/again", again, name="parcel-again"),
]
