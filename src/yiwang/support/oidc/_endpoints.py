"""What clients' servers call: tokens, claims, introspection, revocation, keys, and where all of it is."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.kernel.base.contracts import ANONYMOUS
from yiwang.kernel.base.http import audience, public_url
from yiwang.support.oidc import _claims, _keys, actions, queries
from yiwang.support.oidc._server import BODY_MAX, FORM, answer, parts_of, server
from yiwang.support.oidc.contracts import ACR


@csrf_exempt
@require_POST
@audience("outside")
def token(request: HttpRequest) -> HttpResponse:
    """A code, a refresh token or a service client's own name, for tokens."""
    if (wrong := _misshapen(request)) is not None:
        return wrong
    uri, _, body, headers = parts_of(request)
    given = answer(actions.give_tokens(uri=uri, body=body, headers=headers, by=ANONYMOUS, at=timezone.now()))
    return _to_own_pages(request, given)


@csrf_exempt
@require_POST
@audience("outside")
def revoke(request: HttpRequest) -> HttpResponse:
    """A client gives a token back (RFC 7009)."""
    if (wrong := _misshapen(request)) is not None:
        return wrong
    uri, _, body, headers = parts_of(request)
    taken = answer(actions.take_back(uri=uri, body=body, headers=headers, by=ANONYMOUS, at=timezone.now()))
    return _to_own_pages(request, taken)


@csrf_exempt
@require_POST
@audience("outside")
def introspect(request: HttpRequest) -> HttpResponse:
    """Is this token good, and for what (RFC 7662)."""
    if (wrong := _misshapen(request)) is not None:
        return wrong
    uri, _, body, headers = parts_of(request)
    return answer(server().create_introspect_response(uri, "POST", body, headers))


@csrf_exempt
@require_http_methods(["GET", "OPTIONS", "POST"])
@audience("outside")
def userinfo(request: HttpRequest) -> HttpResponse:
    """What the token's scopes tell of whoever signed in; a browser's question before it, too."""
    if request.method == "OPTIONS":
        asked = HttpResponse(status=204, headers={"Allow": "GET, OPTIONS, POST"})
        asked["Access-Control-Allow-Methods"], asked["Access-Control-Allow-Headers"] = "GET, POST", "Authorization"
        return _to_own_pages(request, asked)
    _, method, _, headers = parts_of(request)
    # Without the query: a token in an address ends up in logs (RFC 9700, 4.3.2).
    found = actions.tell_claims(uri=request.path, method=method, headers=headers, by=ANONYMOUS, at=timezone.now())
    return _to_own_pages(request, answer(found))


@require_GET
@audience("outside")
def keys(request: HttpRequest) -> HttpResponse:
    """The keys that ID tokens are signed with."""
    return _open(JsonResponse({"keys": queries.public_keys(at=timezone.now())}))


@require_GET
@audience("outside")
def configuration(request: HttpRequest) -> HttpResponse:
    """Everything a client has to know (OpenID Connect Discovery 1.0)."""
    issuer = public_url(request)
    names = {
        "authorization_endpoint": "oidc-authorize",
        "token_endpoint": "oidc-token",
        "userinfo_endpoint": "oidc-userinfo",
        "introspection_endpoint": "oidc-introspect",
        "revocation_endpoint": "oidc-revoke",
        "end_session_endpoint": "oidc-logout",
        "jwks_uri": "oidc-keys",
        "service_documentation": "developers",
    }
    ways = ["client_secret_basic", "client_secret_post"]
    told = {
        "issuer": issuer,
        **{name: f"{issuer}{reverse(page)}" for name, page in names.items()},
        "scopes_supported": [scope.id for scope in queries.scopes()],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [_keys.ALGORITHM],
        "token_endpoint_auth_methods_supported": [*ways, "none"],
        "introspection_endpoint_auth_methods_supported": ways,
        "revocation_endpoint_auth_methods_supported": [*ways, "none"],
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": list(ACR.values()),
        "claims_supported": ["sub", "acr", "amr", "auth_time", "sid", *_claims.CLAIMS],
        "ui_locales_supported": ["zh-Hans", "en"],
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }
    return _open(JsonResponse(told))


def _open(response: HttpResponse) -> HttpResponse:
    """For everybody, pages of other places too."""
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _to_own_pages(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Readable by pages of public clients' own addresses only: they have no server that could ask. Never with cookies."""
    patch_vary_headers(response, ["Origin"])
    origin = request.headers.get("Origin", "")
    if origin and queries.is_public_page(origin):
        response["Access-Control-Allow-Origin"] = origin
    return response


def _misshapen(request: HttpRequest) -> HttpResponse | None:
    is_form = request.content_type == FORM
    if is_form and int(request.META.get("CONTENT_LENGTH") or 0) <= BODY_MAX and request.body.isascii():
        return None
    said = f"send {FORM}, at most {BODY_MAX} bytes"
    return JsonResponse({"error": "invalid_request", "error_description": said}, status=400)


urlpatterns = [
    path(".well-known/openid-configuration", configuration, name="oidc-configuration"),
    path(".well-known/oauth-authorization-server", configuration, name="oauth-configuration"),
    path("oidc/keys", keys, name="oidc-keys"),
    path("oidc/token", token, name="oidc-token"),
    path("oidc/userinfo", userinfo, name="oidc-userinfo"),
    path("oidc/introspect", introspect, name="oidc-introspect"),
    path("oidc/revoke", revoke, name="oidc-revoke"),
]
