"""Who may call a route, and how errors are answered: pages with `audience`, JSON with `ApiRouter`."""

import errno
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Router, Schema
from psycopg.errors import DiskFull
from pydantic_core import to_json

from yiwang.kernel.base import answers, throttle
from yiwang.kernel.base.contracts import ANONYMOUS, Actor, ActorKind, Denied, Invalid, Unavailable, YiwangError
from yiwang.kernel.base.paging import Page

Answer = TypeVar("Answer", bound=HttpResponse)
DISK_FULL = "base.disk-full"
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
    who: Actor = getattr(request, "actor", ANONYMOUS)
    return who.itself


def assurance(request: HttpRequest) -> int:
    """How sure it is who sits there, 1 (password) to 4 (checked at a counter); told by the login middleware, 1 without it."""
    told = getattr(request, "find_assurance", None)
    return int(told()) if told else 1


def public_url(request: HttpRequest) -> str:
    """Where we answer, without a slash at the end: as settings have it, else as we were called."""
    return settings.YIWANG_PUBLIC_URL.rstrip("/") or f"{request.scheme}://{request.get_host()}"


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


def _count_stranger(request: HttpRequest, audience: str) -> None:
    """Signing in, asking for codes, registering, looking up: guessing is slow from one address, whatever it guesses."""
    if audience == "public" and request.method == "POST" and not actor(request).is_signed_in:
        address = request.META.get("REMOTE_ADDR", "")
        throttle.count("stranger", address, at=timezone.now(), most=throttle.STRANGERS_AN_ADDRESS)


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
            _count_stranger(request, name)
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

        def admitted(request: HttpRequest) -> bool:
            visitor = actor(request).account_id or request.META.get("REMOTE_ADDR", "")
            throttle.pace("api", str(visitor), at=timezone.now(), most=settings.YIWANG_API_PER_MINUTE)
            enforce(request, who)
            _count_stranger(request, who)
            return True

        @wraps(view_func)
        def declared(request: HttpRequest, *args: Any, **kw: Any) -> Any:
            return view_func(request, *args, **kw)

        declared.audience = who  # type: ignore[attr-defined]
        # As ninja's `auth`, so that it is asked before the body is read: a stranger learns nothing of its shape.
        return super().add_api_operation(path, methods, declared, **{**kwargs, "auth": admitted})


def answered_in(*media_types: str, status: int = 200) -> dict[str, Any]:
    """For a route's `openapi_extra`: it answers a file of these media types, whose inside another standard describes."""
    content: dict[str, Any] = {name: {"schema": {}} for name in media_types}
    return {"responses": {status: {"description": "文件", "content": content}}}


def page_as(row: type[Schema], page: Page[Any]) -> HttpResponse:
    """A page of contracts as the JSON that a schema of rows describes."""
    items = [answers.shaped(row, item) for item in page.items]
    return _json({"items": items, "next_cursor": page.next_cursor, "previous_cursor": page.previous_cursor})


def contract_as(schema: type[Schema], contract: Any, *, status: int = 200) -> HttpResponse:
    """One contract as the JSON that a schema describes."""
    return _json(answers.shaped(schema, contract), status=status)


def _json(content: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return HttpResponse(to_json(content), status=status, content_type="application/json; charset=utf-8")


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
    return patient(JsonResponse(body, status=error.status, content_type="application/problem+json"), error)


def patient(answer: Answer, error: YiwangError) -> Answer:
    """The answer with Retry-After where asking again makes sense."""
    if error.retry_after is not None:
        answer["Retry-After"] = str(error.retry_after)
    return answer


def outage(error: BaseException | None) -> Unavailable | None:
    """What to tell when the database did not answer or a disk is full; None for any other error."""
    if _is_full_disk(error):
        return Unavailable(
            "存储空间不足，暂时不能保存。",
            hint="这一次没有保存，以前提交的不受影响。管理员腾出空间后即可恢复，请过几分钟再提交一次，不会重复受理。",
            code=DISK_FULL,
        )
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    return Unavailable(
        "系统正在恢复，暂时办不了。",
        hint="已保存的内容不会丢失。请过十秒再试；提交过的请再提交一次，不会重复受理。",
        code="base.database-away",
    )


def _is_full_disk(error: BaseException | None) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, OperationalError) and isinstance(error.__cause__, DiskFull)
