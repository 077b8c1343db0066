"""查验: what anyone may ask about a licence they hold in their hand."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yiwang.kernel.base.contracts import Invalid
from yiwang.kernel.base.http import audience
from yiwang.support.licences import queries
from yiwang.support.licences._request import count_lookup
from yiwang.support.licences.contracts import Verification
from yiwang.support.seals.contracts import FILE_BYTES_MAX, NoPdf


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


@never_cache
@require_POST
@audience("public")
def verify_file(request: HttpRequest) -> HttpResponse:
    """Every check of an uploaded sealed file, in words; the file is not kept."""
    count_lookup(request, was_miss=False)
    upload = request.FILES.get("file")
    data = upload.read(FILE_BYTES_MAX + 1) if upload else b""
    try:
        report, found = queries.verify_file(data)
    except (Invalid, NoPdf) as refused:
        count_lookup(request, was_miss=True)
        facts = {"refused": f"{refused.message}{refused.hint}", "is_valid": False}
        return render(request, "licences/file.html", facts, status=422)
    is_valid = report.is_valid and (found is None or found.is_valid)
    return render(request, "licences/file.html", {"report": report, "found": found, "is_valid": is_valid})


def expected(found: Verification) -> dict[str, str | int]:
    """What the opened leaf must say for the proof to be about this very licence."""
    return {"licence": found.identifier, "status": found.recorded.value, "version": found.version}


urlpatterns = [
    path("v/", ask, name="licence-ask"),
    path("v/file", verify_file, name="licence-file"),
    path("v/<str:code>", verify, name="licence-verify"),
]
