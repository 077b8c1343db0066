"""能力开放: how another system is connected, with the samples that our tests run."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_GET

from yiwang.kernel.base.http import audience, public_url
from yiwang.support.oidc import queries
from yiwang.support.oidc.contracts import ACR

_SAMPLES = Path(__file__).parent / "samples"
SAMPLES = (
    ("web.py", gettext_noop("Python（authlib）：网站登录")),
    ("web.mjs", gettext_noop("Node.js（openid-client）：网站登录")),
    ("apache.conf", gettext_noop("Apache（mod_auth_openidc）：不改程序，挡在前面")),
    ("service.py", gettext_noop("Python：后台系统调用接口")),
)


@require_GET
@audience("public")
def developers(request: HttpRequest) -> HttpResponse:
    """Steps, addresses, scopes, levels, samples."""
    issuer = public_url(request)
    facts = {
        "issuer": issuer,
        "configuration": issuer + reverse("oidc-configuration"),
        "openapi": reverse("api:openapi-json"),
        "scopes": queries.scopes(),
        "levels": list(ACR.values()),
        "samples": [(name, gettext(title), sample(name).replace("ISSUER", issuer)) for name, title in SAMPLES],
    }
    return render(request, "oidc/developers.html", facts)


def sample(name: str) -> str:
    return (_SAMPLES / name).read_text(encoding="utf-8")


urlpatterns = [path("developers", developers, name="developers")]
