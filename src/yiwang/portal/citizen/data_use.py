"""谁用过我的数据: the list and one use with its proof."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from yiwang.kernel.base.http import actor, audience
from yiwang.portal.citizen import _uses


@never_cache
@require_GET
@audience("applicant")
def uses(request: HttpRequest) -> HttpResponse:
    """A sentence per use, newest first."""
    page = _uses.uses(actor(request), cursor=request.GET.get("cursor"))
    return render(request, "citizen/data_use.html", {"page": page})


@never_cache
@require_GET
@audience("applicant")
def use(request: HttpRequest, use_id: int) -> HttpResponse:
    """One use, and the proof of it being checked."""
    found, proof, expected = _uses.use(actor(request), use_id)
    facts = {"use": found, "proof": proof, "expected": expected, "is_open": True}
    return render(request, "citizen/data_use_one.html", facts)


urlpatterns = [
    path("my/data-use", uses, name="data-use"),
    path("my/data-use/<int:use_id>", use, name="data-use-one"),
]
