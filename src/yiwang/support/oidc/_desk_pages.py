"""登录接入系统: who may sign people in, asked for by one person and confirmed by another; secrets are shown once."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Conflict, Invalid
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.design.contracts import Moment
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import queries as people
from yiwang.support.login.contracts import Assurance
from yiwang.support.oidc import _scopes, actions, queries
from yiwang.support.oidc.contracts import BadClient, ClientKind, ClientStatus, Ground, NewClient

TONES = {ClientStatus.VALID: "green", ClientStatus.PENDING: "amber", ClientStatus.STOPPED: "red"}
AUDIENCES = [("person", "个人"), ("firm", "企业经办人"), ("staff", "工作人员")]
LEVELS = [("1", "密码"), ("2", "短信验证码或动态口令"), ("3", "通行密钥"), ("4", "窗口核验过本人的通行密钥")]
ACTS = {
    "asked": "登记",
    "confirmed": "复核通过",
    "declined": "未通过",
    "stopped": "停用",
    "new-secret": "更换密钥",
}


@never_cache
@require_http_methods(["GET", "POST"])
@audience("staff")
def clients(request: HttpRequest) -> HttpResponse:
    """The systems of the reader's units, and a form to write one down."""
    by = actor(request)
    if request.method != "POST":
        return _clients(request, {})
    try:
        made = actions.ask_client(new=_new(request), grounds=request.POST.get("grounds", ""), by=by, at=timezone.now())
    except Invalid as wrong:
        return _clients(request, {"wrong": wrong, "given": request.POST}, status=wrong.status)
    messages.success(request, "已登记，请另一人复核。")
    return redirect("desk-client", client_id=made.id)


@never_cache
@require_GET
@audience("staff")
def one(request: HttpRequest, client_id: int) -> HttpResponse:
    """One system: what it may learn, where it answers, what was done to it."""
    return _one(request, client_id, {})


@never_cache
@require_POST
@audience("staff")
def act(request: HttpRequest, client_id: int) -> HttpResponse:
    """Confirm, decline, stop, or draw a new secret; a new secret is on the answer and nowhere else."""
    given: dict[str, Any] = {"grounds": request.POST.get("grounds", ""), "by": actor(request), "at": timezone.now()}
    what = request.POST.get("act", "")
    try:
        if what == "confirm":
            return _told(request, client_id, actions.confirm_client(client_id=client_id, **given))
        if what == "new-secret":
            return _told(request, client_id, actions.new_secret(client_id=client_id, **given))
        if what == "stop":
            actions.stop_client(client_id=client_id, **given)
        elif what == "decline":
            actions.decline_client(client_id=client_id, **given)
        else:
            raise BadClient("请选择要办理的事项。")
    except (Conflict, Invalid) as wrong:
        return _one(request, client_id, {"wrong": wrong}, status=wrong.status)
    messages.success(request, "已办理。")
    return redirect("desk-client", client_id=client_id)


def _told(request: HttpRequest, client_id: int, credentials: Any) -> HttpResponse:
    return _one(request, client_id, {"credentials": credentials})


def _clients(request: HttpRequest, more: dict[str, Any], status: int = 200) -> HttpResponse:
    by = actor(request)
    page = queries.clients(by, cursor=request.GET.get("cursor"))
    units = orgs.named({row.org_id for row in page.items})
    may_ask = access.may_anywhere(by, "oidc.register")
    facts = {
        "page": page,
        "rows": [(row, units[row.org_id].name, TONES.get(row.status, "plain")) for row in page.items],
        "units": [(unit.id, unit.name) for unit in access.orgs_within(by, "oidc.register")] if may_ask else [],
        "kinds": [(kind.value, kind.word) for kind in ClientKind],
        "grounds": [(ground.value, ground.word) for ground in Ground],
        "audiences": AUDIENCES,
        "levels": LEVELS,
        "scopes": queries.scopes(),
        "chosen": {name: request.POST.getlist(name) for name in ("audiences", "scopes")},
    }
    return render(request, "oidc/clients.html", facts | more, status=status)


def _one(request: HttpRequest, client_id: int, more: dict[str, Any], status: int = 200) -> HttpResponse:
    by = actor(request)
    view = queries.client(client_id, by)
    events = queries.history(client_id, by)
    names = people.accounts(account_id for _, _, account_id, _ in events if account_id)
    is_valid, is_waiting = view.status is ClientStatus.VALID, view.status is ClientStatus.PENDING
    may_confirm = access.may(by, "oidc.confirm", view.org_id)
    facts = {
        "client": view,
        "tone": TONES.get(view.status, "plain"),
        "unit": orgs.get(view.org_id),
        "scopes": _scopes.named(view.scopes),
        "audiences": [title for name, title in AUDIENCES if name in view.audiences],
        "level": dict(LEVELS)[str(Assurance(view.level).value)],
        "moments": [
            Moment(ACTS.get(what, what), at=at, note=_note(said, account_id, names), state="done")
            for what, said, account_id, at in events
        ],
        "may_stop": is_valid and access.may(by, "oidc.register", view.org_id),
        "may_confirm": is_waiting and may_confirm and view.asked_by != by.account_id,
        "may_renew": is_valid and may_confirm and view.kind is not ClientKind.PUBLIC,
    }
    return render(request, "oidc/client.html", facts | more, status=status)


def _note(grounds: str, account_id: int | None, names: dict[int, Any]) -> str:
    who = names[account_id].name if account_id in names else "系统"
    return f"{who}：{grounds}"


def _new(request: HttpRequest) -> NewClient:
    given = request.POST
    if not given.get("org", "").isdigit():
        raise BadClient("请选择主管单位。", places=[])
    level = given.get("level", "1")
    return NewClient(
        title=given.get("title", ""),
        kind=ClientKind(given["kind"]) if given.get("kind") in set(ClientKind) else ClientKind.WEB,
        org_id=int(given["org"]),
        ground=Ground(given["ground"]) if given.get("ground") in set(Ground) else Ground.CONSENT,
        purpose=given.get("purpose", ""),
        authority=given.get("authority", ""),
        audiences=tuple(given.getlist("audiences")),
        scopes=tuple(given.getlist("scopes")),
        level=Assurance(int(level)) if level in dict(LEVELS) else Assurance.PASSWORD,
        redirect_uris=tuple(given.get("redirect_uris", "").split()),
        post_logout_redirect_uris=tuple(given.get("post_logout_redirect_uris", "").split()),
        logout_uri=given.get("logout_uri", "").strip(),
    )


urlpatterns = [
    path("desk/clients", clients, name="desk-clients"),
    path("desk/clients/<int:client_id>", one, name="desk-client"),
    path("desk/clients/<int:client_id>/act", act, name="desk-client-act"),
]
