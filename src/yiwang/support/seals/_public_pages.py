"""What readers of our certificates fetch: revocation lists, authority certificates, online status."""

import base64
import binascii
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse
from django.urls import path, register_converter
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.kernel.base.http import audience
from yiwang.support.seals import queries
from yiwang.support.seals._revocation import REQUEST_BYTES_MAX

ANSWER = "application/ocsp-response"


class Serial:
    """A certificate's serial number in hexadecimal."""

    regex = "[0-9a-f]{1,40}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Serial, "serial")


@require_GET
@audience("public")
def revocations(request: HttpRequest, serial: str) -> HttpResponse:
    """The newest revocation list, DER."""
    return HttpResponse(queries.revocation_list(serial), content_type="application/pkix-crl")


@require_GET
@audience("public")
def certificate(request: HttpRequest, serial: str) -> HttpResponse:
    """A certificate, PEM."""
    return HttpResponse(queries.certificate(serial).pem, content_type="application/x-pem-file")


@csrf_exempt
@require_http_methods(["POST"])
@audience("public")
def status(request: HttpRequest) -> HttpResponse:
    """OCSP over POST; changes nothing."""
    return HttpResponse(
        queries.status_answer(request.read(REQUEST_BYTES_MAX + 1), at=timezone.now()), content_type=ANSWER
    )


@require_GET
@audience("public")
def status_by_address(request: HttpRequest, asked: str) -> HttpResponse:
    """OCSP over GET: the request stands in the address, base64."""
    try:
        body = base64.b64decode(unquote(asked), validate=True)
    except (binascii.Error, ValueError):
        body = b""
    return HttpResponse(queries.status_answer(body, at=timezone.now()), content_type=ANSWER)


urlpatterns = [
    path("pki/<serial:serial>.crl", revocations, name="pki-crl"),
    path("pki/<serial:serial>.cer", certificate, name="pki-certificate"),
    path("pki/ocsp", status, name="pki-ocsp"),
    path("pki/ocsp/<path:asked>", status_by_address, name="pki-ocsp-get"),
]
