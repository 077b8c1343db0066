"""Who may call a route, and how errors are answered: pages with `audience`, JSON with `ApiRouter`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from yiwang.kernel.base.contracts import ANONYMOUS, Actor, ActorKind, Denied, Invalid, YiwangError

AUDIENCES: dict[str, frozenset[ActorKind]] = {
    "public": frozenset(ActorKind),
    "signed-in": frozenset(ActorKind) - {ActorKind.ANONYMOUS},
    "applicant": frozenset({ActorKind.RESIDENT, ActorKind.AGENT}),
    "staff": frozenset({ActorKind.STAFF}),
    "machine": frozenset({ActorKind.MACHINE}),
    "outside": frozenset(ActorKind),  # proves itself by a signature inside the view
}


def actor(request: HttpRequest) -> Actor:
    """The actor of this request; set by the login middleware, ANONYMOUS without it."""
    return getattr(request, "actor", ANONYMOUS)


class SignInNeeded(Denied):
    status, code, title = 401, "base.sign-in-needed", "请先登录"


class NotForYou(Denied):
    code = "base.not-for-you"


def enforce(request: HttpRequest, audience: str) -> None:
    """Raises SignInNeeded or NotForYou unless the request's actor belongs to `audience`."""
    who = actor(request)
    if who.kind in AUDIENCES[audience]:
        return
    if not who.is_signed_in:
        raise SignInNeeded("请先登录。", hint="登录后会回到这一页。")
    raise NotForYou("您的身份不能使用这一页。", hint="请换用相应身份登录。")


def audience(name: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Declare and enforce who may call a page view; a visitor is sent to sign in and back."""
    if name not in AUDIENCES:
        raise ValueError(f"unknown audience {name!r}; one of {sorted(AUDIENCES)}")

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                enforce(request, name)
            except SignInNeeded:
                if request.method != "GET":
                    raise
                return redirect_to_login(request.get_full_path())
            return view(request, *args, **kwargs)

        guarded.audience = name  # type: ignore[attr-defined]
        return guarded

    return decorate


class ApiRouter(Router):
    """A ninja router whose every route carries and enforces one audience."""

    def __init__(self, *, tags: list[str], audience: str) -> None:
        if audience not in AUDIENCES:
            raise ValueError(f"unknown audience {audience!r}; one of {sorted(AUDIENCES)}")
        super().__init__(tags=list(tags))
        self.audience = audience

    def add_api_operation(self, path: str, methods: Any, view_func: Callable[..., Any], **kwargs: Any) -> Any:
        who = self.audience

        @wraps(view_func)
        def guarded(request: HttpRequest, *args: Any, **kw: Any) -> Any:
            enforce(request, who)
            return view_func(request, *args, **kw)

        guarded.audience = who  # type: ignore[attr-defined]
        return super().add_api_operation(path, methods, guarded, **kwargs)


def problem(error: YiwangError, *, instance: str = "") -> JsonResponse:
    """An RFC 9457 problem document."""
    body: dict[str, Any] = {
        "type": f"urn:yiwang:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.message,
        "code": error.code,
    }
    if error.hint:
        body["hint"] = error.hint
    if instance:
        body["instance"] = instance
    if isinstance(error, Invalid):
        body["places"] = [{"where": p.where, "message": p.message} for p in error.places]
    return JsonResponse(body, status=error.status, content_type="application/problem+json")
