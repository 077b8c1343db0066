"""Pages of signing in and of one's own account; each POST leads to one action."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.support.login import (
    _account_pages,
    _agent_pages,
    _counter_pages,
    _passkey_pages,
    _sitting,
    _staff_pages,
    actions,
    queries,
)
from yiwang.support.login._asking import passkey_question, site_of
from yiwang.support.login._ways import enter, next_of, with_next
from yiwang.support.login.contracts import Admission, Door, Method, PasskeyUse, Purpose, Step


@never_cache
@sensitive_post_parameters()
@audience("public")
def login(request: HttpRequest) -> HttpResponse:
    """The three tabs; a right password leads on to the code, to setting one up, or in."""
    given = request.POST or request.GET
    door = Door(given["as"]) if given.get("as") in set(Door) else Door.PERSON
    facts: dict[str, Any] = {"door": door, "doors": _doors(), "next": next_of(request), "given": request.POST}
    facts["asked"] = passkey_question(request, PasskeyUse.SIGN_IN)
    if request.method != "POST":
        return render(request, "login/login.html", facts)
    try:
        admission = actions.sign_in(
            door=door,
            identifier=request.POST.get("identifier", ""),
            password=request.POST.get("password", ""),
            uscc=request.POST.get("uscc", ""),
            by=actor(request),
            at=timezone.now(),
        )
    except YiwangError as wrong:
        return render(request, "login/login.html", facts | {"wrong": wrong}, status=wrong.status)
    return _proceed(request, admission)


@require_POST
@sensitive_post_parameters()
@audience("public")
def login_by_passkey(request: HttpRequest) -> HttpResponse:
    """The answer of a passkey, from the sign-in page."""
    answer, at = request.POST.get("answer", ""), timezone.now()
    try:
        admission = actions.sign_in_by_passkey(answer=answer, site=site_of(request), by=actor(request), at=at)
    except YiwangError as wrong:
        door = Door(request.POST["as"]) if request.POST.get("as") in set(Door) else Door.PERSON
        facts = {
            "door": door,
            "doors": _doors(),
            "next": next_of(request),
            "asked": passkey_question(request, PasskeyUse.SIGN_IN),
        }
        return render(request, "login/login.html", facts | {"wrong": wrong}, status=wrong.status)
    return _proceed(request, admission)


@never_cache
@sensitive_post_parameters()
@audience("public")
def login_by_code(request: HttpRequest) -> HttpResponse:
    """Sign in by a code sent to the phone: first the phone, then the code."""
    facts: dict[str, Any] = {"next": next_of(request), "given": request.POST, "purpose": Purpose.SIGN_IN}
    if request.method != "POST":
        return render(request, "login/by_code.html", facts)
    if "code" not in request.POST:
        return _send(request, "login/by_code.html", facts)
    try:
        phone, code = request.POST.get("phone", ""), request.POST["code"]
        admission = actions.sign_in_by_code(phone=phone, code=code, by=actor(request), at=timezone.now())
    except YiwangError as wrong:
        return render(request, "login/by_code.html", facts | {"sent": True, "wrong": wrong}, status=wrong.status)
    return _proceed(request, admission)


@never_cache
@sensitive_post_parameters()
@audience("public")
def register(request: HttpRequest) -> HttpResponse:
    """Open a resident's account: the phone, then the code with name, ID number and password."""
    facts: dict[str, Any] = {"next": next_of(request), "given": request.POST, "purpose": Purpose.REGISTER}
    if request.method != "POST":
        return render(request, "login/register.html", facts)
    if "code" not in request.POST:
        return _send(request, "login/register.html", facts)
    given = {key: request.POST.get(key, "") for key in ("name", "id_number", "phone", "code", "password")}
    try:
        account = actions.register(**given, by=actor(request), at=timezone.now())
    except YiwangError as wrong:
        return render(request, "login/register.html", facts | {"sent": True, "wrong": wrong}, status=wrong.status)
    ways = (Method.TEXT_MESSAGE, Method.PASSWORD)
    return enter(request, _sitting.start(request, account.id, None, by_way_of=ways, at=timezone.now()))


@never_cache
@sensitive_post_parameters()
@audience("public")
def new_password(request: HttpRequest) -> HttpResponse:
    """A new password for whoever forgot it, by a code to the phone on record."""
    facts: dict[str, Any] = {"given": request.POST, "purpose": Purpose.FORGOTTEN}
    if request.method != "POST":
        return render(request, "login/new_password.html", facts)
    if "code" not in request.POST:
        return _send(request, "login/new_password.html", facts)
    given = {key: request.POST.get(key, "") for key in ("id_number", "phone", "code", "password")}
    try:
        actions.set_new_password(**given, by=actor(request), at=timezone.now())
    except YiwangError as wrong:
        return render(request, "login/new_password.html", facts | {"sent": True, "wrong": wrong}, status=wrong.status)
    messages.success(request, _("新密码已经生效，请重新登录。"))
    return redirect("login")


@never_cache
@sensitive_post_parameters()
@audience("public")
def second_factor(request: HttpRequest) -> HttpResponse:
    """The six digits, or a passkey, after a right password."""
    at = timezone.now()
    waiting = _sitting.waiting(request, at=at)
    if waiting is None:
        return redirect("login")
    by_passkey, passkey_id = "answer" in request.POST, None
    try:
        if request.method != "POST":
            return _second_factor(request, waiting[0], None)
        if by_passkey:
            answer, site = request.POST["answer"], site_of(request)
            passkey_id = actions.pass_by_passkey(
                account_id=waiting[0], answer=answer, site=site, by=actor(request), at=at
            )
        else:
            code = request.POST.get("code", "")
            actions.pass_second_factor(account_id=waiting[0], code=code, by=actor(request), at=at)
    except YiwangError as wrong:
        return _second_factor(request, waiting[0], wrong)
    ways = (*_sitting.waiting_methods(request), Method.PASSKEY if by_passkey else Method.TIME_CODE)
    return enter(request, _sitting.start(request, *waiting, by_way_of=ways, at=at, passkey_id=passkey_id))


@never_cache
@audience("signed-in")
def logout(request: HttpRequest) -> HttpResponse:
    """End this sitting; only by POST, so that no foreign page can do it."""
    if request.method == "POST":
        _sitting.end(request, at=timezone.now())
        messages.success(request, _("您已退出登录。"))
    return redirect(settings.LOGIN_URL)


def _second_factor(request: HttpRequest, account_id: int, wrong: YiwangError | None) -> HttpResponse:
    facts = {
        "next": next_of(request),
        "wrong": wrong,
        "has_codes": queries.has_second_factor(account_id),
        "asked": passkey_question(request, PasskeyUse.SECOND, account_id) if queries.has_passkey(account_id) else None,
    }
    return render(request, "login/second_factor.html", facts, status=wrong.status if wrong else 200)


def _doors() -> list[tuple[Door, str]]:
    return [(Door.PERSON, _("个人")), (Door.FIRM, _("企业")), (Door.STAFF, _("工作人员"))]


def _send(request: HttpRequest, template: str, facts: dict[str, Any]) -> HttpResponse:
    """Send a code and show the next part of the form; the demo place shows the code itself."""
    try:
        phone = request.POST.get("phone", "")
        code = actions.send_code(phone=phone, purpose=facts["purpose"], by=actor(request), at=timezone.now())
    except YiwangError as wrong:
        return render(request, template, facts | {"wrong": wrong}, status=wrong.status)
    return render(request, template, facts | {"sent": True, "demo_code": code})


def _proceed(request: HttpRequest, admission: Admission) -> HttpResponse:
    at = timezone.now()
    if admission.step is Step.DONE:
        ways, who, passkey_id = (admission.method,), admission.account_id, admission.passkey_id
        return enter(
            request,
            _sitting.start(request, who, admission.mandate_id, by_way_of=ways, at=at, passkey_id=passkey_id),
        )
    _sitting.wait(request, admission, at=at)
    target = "login-second-factor" if admission.step is Step.CODE else "login-enrol"
    return redirect(with_next(target, request))


urlpatterns = [
    path("login", login, name="login"),
    path("login/by-passkey", login_by_passkey, name="login-by-passkey"),
    path("login/by-code", login_by_code, name="login-by-code"),
    path("login/register", register, name="login-register"),
    path("login/new-password", new_password, name="login-new-password"),
    path("login/second-factor", second_factor, name="login-second-factor"),
    path("logout", logout, name="logout"),
    *_account_pages.urlpatterns,
    *_agent_pages.urlpatterns,
    *_counter_pages.urlpatterns,
    *_passkey_pages.urlpatterns,
    *_staff_pages.urlpatterns,
]
