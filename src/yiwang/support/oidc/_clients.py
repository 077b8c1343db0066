"""The register of clients: one person writes a system down, another confirms; the secret is told once and kept as a hash."""

import secrets
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind, Place
from yiwang.kernel.people import actions as people
from yiwang.kernel.people.contracts import AccountKind
from yiwang.support.login.contracts import Assurance
from yiwang.support.oidc import _scopes, _visits
from yiwang.support.oidc.contracts import (
    OPENID,
    BadClient,
    CannotChange,
    ClientKind,
    ClientStatus,
    ClientView,
    Credentials,
    Ending,
    Ground,
    NewClient,
    NoSuchClient,
    SecondPersonNeeded,
)
from yiwang.support.oidc.models import Client, ClientEvent, Visit, hashed

URIS_MAX, URI_MAX, GROUNDS_MAX = 10, 400, 500
LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1"}
AUDIENCES = ("person", "firm", "staff")


@transaction.atomic
def ask_client(*, new: NewClient, grounds: str, by: Actor, at: datetime) -> ClientView:
    """Write a system down; it may sign nobody in before a second person confirms. Raises NotPermitted, BadClient."""
    access.require(by, "oidc.register", at_org=new.org_id)
    said = _grounds(grounds)
    places = list(_faults(new))
    if places:
        raise BadClient("登记的内容有误。", places=places)
    is_service = new.kind is ClientKind.SERVICE
    row = Client.objects.create(
        client_id=f"yw-{secrets.token_hex(8)}",
        client_type="public" if new.kind is ClientKind.PUBLIC else "confidential",
        authorization_grant_type="client-credentials" if is_service else "authorization-code",
        algorithm="RS256",
        name=new.title.strip(),
        kind=new.kind.value,
        org_id=new.org_id,
        ground=new.ground.value,
        purpose=new.purpose.strip(),
        authority=new.authority.strip(),
        audiences=[] if is_service else sorted(new.audiences),
        scopes=sorted(set(new.scopes) | (set() if is_service else {OPENID})),
        level=new.level.value,
        redirect_uris=" ".join(new.redirect_uris),
        post_logout_redirect_uris=" ".join(new.post_logout_redirect_uris),
        logout_uri=new.logout_uri,
        status=ClientStatus.PENDING.value,
        asked_by=by.account_id,
        registered_at=at,
    )
    _keep(row, "asked", said, by=by, at=at)
    return view(row)


@transaction.atomic
def confirm_client(*, client_id: int, grounds: str, by: Actor, at: datetime) -> Credentials:
    """Let a system in that another person wrote down; answers its secret, this once.

    Raises NoSuchClient, NotPermitted, SecondPersonNeeded, CannotChange.
    """
    row = _waiting(client_id, by)
    secret = _draw(row)
    row.user_id = _machine(row, by, at)
    row.status = ClientStatus.VALID.value
    row.save()
    _keep(row, "confirmed", _grounds(grounds), by=by, at=at)
    return Credentials(row.client_id, secret)


@transaction.atomic
def decline_client(*, client_id: int, grounds: str, by: Actor, at: datetime) -> ClientView:
    """Do not let a system in. Raises NoSuchClient, NotPermitted, SecondPersonNeeded, CannotChange."""
    row = _waiting(client_id, by)
    row.status = ClientStatus.DECLINED.value
    row.save()
    _keep(row, "declined", _grounds(grounds), by=by, at=at)
    return view(row)


@transaction.atomic
def stop_client(*, client_id: int, grounds: str, by: Actor, at: datetime) -> ClientView:
    """Shut a system out at once, by one person; its visits end. Raises NoSuchClient, NotPermitted, CannotChange."""
    row = _locked(client_id)
    access.require(by, "oidc.register", at_org=row.org_id)
    if row.status != ClientStatus.VALID.value:
        raise CannotChange("这个系统现在不是有效状态。", hint="请刷新后核对。")
    row.status = ClientStatus.STOPPED.value
    row.save()
    _visits.end(Visit.objects.filter(client=row, ended_at=None), Ending.STOPPED, by=by, at=at)
    _keep(row, "stopped", _grounds(grounds), by=by, at=at)
    return view(row)


@transaction.atomic
def new_secret(*, client_id: int, grounds: str, by: Actor, at: datetime) -> Credentials:
    """Draw a new secret; the old one opens nothing from now on. Raises NoSuchClient, NotPermitted, CannotChange."""
    row = _locked(client_id)
    access.require(by, "oidc.confirm", at_org=row.org_id)
    if row.status != ClientStatus.VALID.value or row.kind == ClientKind.PUBLIC.value:
        raise CannotChange("这个系统没有可以更换的密钥。", hint="只有有效的、能保管密钥的系统可以更换。")
    secret = _draw(row)
    row.save()
    _keep(row, "new-secret", _grounds(grounds), by=by, at=at)
    return Credentials(row.client_id, secret)


def view(row: Client) -> ClientView:
    return ClientView(
        id=row.pk,
        client_id=row.client_id,
        title=row.name,
        kind=ClientKind(row.kind),
        org_id=row.org_id,
        ground=Ground(row.ground),
        purpose=row.purpose,
        authority=row.authority,
        audiences=tuple(row.audiences),
        scopes=tuple(row.scopes),
        level=Assurance(row.level),
        redirect_uris=tuple(row.redirect_uris.split()),
        post_logout_redirect_uris=tuple(row.post_logout_redirect_uris.split()),
        logout_uri=row.logout_uri,
        status=ClientStatus(row.status),
        asked_by=row.asked_by,
        registered_at=row.registered_at,
    )


def _draw(row: Client) -> str:
    if row.kind == ClientKind.PUBLIC.value:
        return ""
    secret = secrets.token_urlsafe(32)
    row.client_secret = hashed(secret)
    return secret


def _machine(row: Client, by: Actor, at: datetime) -> int:
    account = people.create_account(kind=AccountKind.MACHINE, username=row.client_id, name=row.name, by=by, at=at)
    return account.id


def _locked(client_id: int) -> Client:
    row = Client.objects.select_for_update().filter(pk=client_id).first()
    if row is None:
        raise NoSuchClient("没有这个系统。", hint="请从列表进入。")
    return row


def _waiting(client_id: int, by: Actor) -> Client:
    row = _locked(client_id)
    access.require(by, "oidc.confirm", at_org=row.org_id)
    if row.status != ClientStatus.PENDING.value:
        raise CannotChange("这个系统没有等待复核的登记。", hint="请刷新后再试。")
    # The operator at the machine stands for both, as with seals.
    if by.kind is not ActorKind.SYSTEM and by.account_id == row.asked_by:
        raise SecondPersonNeeded("登记人自己不能复核。", hint="请由另一人复核。")
    return row


def _keep(row: Client, act: str, grounds: str, *, by: Actor, at: datetime) -> None:
    ClientEvent.objects.create(client=row, act=act, grounds=grounds, account_id=by.account_id, at=at)
    audit.record(f"oidc.client.{act}", target=f"client:{row.pk}", by=by, at=at, detail={"client": row.client_id})


def _grounds(text: str) -> str:
    said = text.strip()
    if not said or len(said) > GROUNDS_MAX:
        raise BadClient("请写明理由。", places=[Place("grounds", f"请写明理由（{GROUNDS_MAX}字以内）。")])
    return said


def _faults(new: NewClient) -> list[Place]:
    places = []
    if not 2 <= len(new.title.strip()) <= 60:
        places.append(Place("title", "请填写系统名称（2至60字）。"))
    if not 4 <= len(new.purpose.strip()) <= 120:
        places.append(Place("purpose", "请写明登录后用来做什么（4至120字），本人会看到。"))
    if not 4 <= len(new.authority.strip()) <= 200:
        places.append(Place("authority", "请写明处理个人信息的依据（4至200字）。"))
    if unknown := sorted(set(new.scopes) - {scope.id for scope in _scopes.everything()}):
        places.append(Place("scopes", f"没有授权范围：{'、'.join(unknown)}。"))
    if new.kind is not ClientKind.SERVICE:
        places += _faults_of_addresses(new)
    elif new.redirect_uris:
        places.append(Place("redirect_uris", "后台系统没有人登录，不填回调地址。"))
    return places


def _faults_of_addresses(new: NewClient) -> list[Place]:
    places = []
    if not new.audiences or set(new.audiences) - set(AUDIENCES):
        places.append(Place("audiences", "请选择谁可以登录。"))
    if not new.redirect_uris:
        places.append(Place("redirect_uris", "请填写回调地址。"))
    addresses = {"redirect_uris": new.redirect_uris, "post_logout_redirect_uris": new.post_logout_redirect_uris}
    for name, uris in {**addresses, "logout_uri": tuple(filter(None, [new.logout_uri]))}.items():
        if len(uris) > URIS_MAX or not all(map(_is_good, uris)):
            places.append(Place(name, "地址要用 https（本机调试可用 http://127.0.0.1），不带 # 和账号，不用通配符。"))
    return places


def _is_good(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
    is_plain = "#" not in uri and "*" not in uri and "@" not in parts.netloc and not any(map(str.isspace, uri))
    return is_safe and is_plain and bool(host) and len(uri) <= URI_MAX and uri.isascii()
