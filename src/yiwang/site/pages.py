"""Addresses that belong to no app: is this process alive, does work get done, and the figures for the operator."""

import hmac
import ipaddress
import os

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from yiwang.kernel.base.http import audience
from yiwang.site.watch import metrics, readiness


@require_safe
@never_cache
@audience("public")
def health(request: HttpRequest) -> HttpResponse:
    """Answer `ok` while this process lives: a restart would mend nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
@audience("public")
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 while work gets done, else 503; figures and hints only for the operator. `?check=` asks for one."""
    only = request.GET.get("check", "")
    if only and only not in readiness.CHECKS:
        raise Http404
    checks = readiness.look(at=timezone.now(), only=only)
    is_fine = all(check.is_fine for check in checks)
    for_operator = _is_operator(request)
    body = {
        "status": "ready" if is_fine else "not ready",
        "checks": [
            {"name": check.name, "is_fine": check.is_fine}
            | ({"value": check.value, "limit": check.limit, "hint": check.hint} if for_operator else {})
            for check in checks
        ],
    }
    return JsonResponse(body, status=200 if is_fine else 503)


@require_safe
@never_cache
@audience("public")
def figures(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus: from this machine, or with the token; to anybody else there is no such address."""
    if not _is_operator(request):
        raise Http404
    return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE)


def _is_operator(request: HttpRequest) -> bool:
    token = os.environ.get("YIWANG_METRICS_TOKEN", "")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    # Behind a proxy everybody comes from its address: then only the token counts.
    is_forwarded = settings.BEHIND_TLS or "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return not is_forwarded and _is_this_machine(request.META.get("REMOTE_ADDR", ""))


def _is_this_machine(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
