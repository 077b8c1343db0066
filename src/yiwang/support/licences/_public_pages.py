"""查验: what anyone may ask about a licence they hold in their hand."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from yiwang.kernel.base.http import audience
from yiwang.support.licences import queries
from yiwang.support.licences._request import count_lookup
from yiwang.support.licences.contracts import Verification


@require_GET
@audience("public")
def ask(request: HttpRequest) -> HttpResponse:
    """Where a code is typed or scanned."""
    code = queries.normalised(request.GET.get("code", ""))
    return redirect("licence-verify", code=code) if code else render(request, "licences/ask.html")


@never_cache
@require_GET
@audience("public")
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Valid or not and why, with the ledger's proof."""
    found = queries.verify(code)
    count_lookup(request, was_miss=found is None)
    if found is None:
        return render(request, "licences/ask.html", {"code": code, "is_unknown": True}, status=404)
    facts = {"found": found, "proof": queries.proof_of(found.leaf_id), "expected": expected(found)}
    response = render(request, "licences/verify.html", {**facts, "asked_at": timezone.now()})
    # A code in an address is a key to what the page shows: it goes into no search index and no referrer.
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def expected(found: Verification) -> dict[str, str | int]:
    """What the opened leaf must say for the proof to be about this very licence."""
    stored = "01" if found.status.value == "05" else found.status.value
    return {"licence": found.identifier, "status": stored, "version": found.version}


urlpatterns = [
    path("v/", ask, name="licence-ask"),
    path("v/<str:code>", verify, name="licence-verify"),
]
