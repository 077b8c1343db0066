"""开证明: the list, what one will say, and opening it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.people import queries as people
from yiwang.support.licences import actions, queries
from yiwang.support.licences._request import own_key
from yiwang.support.licences.contracts import CannotProve


@require_GET
@audience("public")
def proofs(request: HttpRequest) -> HttpResponse:
    """The proofs that people are asked for most: which are opened here at once, and how often that was done."""
    listed = queries.listed_proofs()
    open_here = [each for each in listed if each.type_id]
    return render(request, "licences/proofs.html", {"listed": listed, "open_here": open_here})


@never_cache
@audience("applicant")
def proof(request: HttpRequest, type_id: str) -> HttpResponse:
    """What it will say, and why it cannot be opened; POST opens it."""
    by = actor(request)
    own_key(by)
    holder = people.party(by.acting_for or 0)
    purpose = (request.POST if request.method == "POST" else request.GET).get("purpose", "").strip()[:200]
    if request.method == "POST":
        try:
            made = actions.open_proof(type_id=type_id, purpose=purpose, holder=holder, by=by, at=timezone.now())
        except CannotProve as wrong:
            messages.error(request, f"{wrong.message}{wrong.hint}")
        else:
            return redirect("my-licence", licence_id=made.id)
    sheet = queries.proof_sheet(type_id, holder, purpose, on=timezone.localdate())
    return render(request, "licences/proof.html", {"sheet": sheet, "purpose": purpose})


urlpatterns = [
    path("proofs", proofs, name="proofs"),
    path("my/proofs/<str:type_id>", proof, name="my-proof"),
]
