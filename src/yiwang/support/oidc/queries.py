"""Reading clients, keys, consents, and who stands behind a token."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Max, QuerySet

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.orgs import queries as orgs
from yiwang.support.oidc import _claims, _keys, _scopes
from yiwang.support.oidc._clients import view
from yiwang.support.oidc._scopes import everything as scopes
from yiwang.support.oidc.contracts import ClientKind, ClientStatus, ClientView, ConnectionView, KeyView, NoSuchClient
from yiwang.support.oidc.models import AccessToken, Client, ClientEvent, Consent, Visit, hashed

__all__ = ["scopes"]

SID_LENGTH = 36


def is_public_page(origin: str) -> bool:
    """Whether a public client in force has a registered address at this origin (RFC 6454)."""
    rows = Client.objects.filter(kind=ClientKind.PUBLIC.value, status=ClientStatus.VALID.value)
    found = rows.filter(redirect_uris__contains=origin).values_list("redirect_uris", flat=True)
    return origin in {"{0.scheme}://{0.netloc}".format(urlsplit(uri)) for uris in found for uri in uris.split()}


def clients(by: Actor, *, cursor: str | None = None) -> Page[ClientView]:
    """The systems of the reader's units, the newest first."""
    rows = access.visible(by, Client.objects.all(), "oidc.view", field="org")
    return keyset(rows, order=("-id",), cursor=cursor).map(view)


def client(client_id: int, by: Actor) -> ClientView:
    """One system. Raises NoSuchClient, also for a reader who may not see it."""
    row = access.visible(by, Client.objects.filter(pk=client_id), "oidc.view", field="org").first()
    if row is None:
        raise NoSuchClient("没有这个系统。", hint="请从列表进入。")
    return view(row)


def history(client_id: int, by: Actor) -> list[tuple[str, str, int | None, datetime]]:
    """What was done to a system: act, grounds, whose account, when. Raises NoSuchClient."""
    rows = ClientEvent.objects.filter(client=client(client_id, by).id).order_by("pk")
    return list(rows.values_list("act", "grounds", "account_id", "at"))


def connections_of(account_id: int) -> list[ConnectionView]:
    """The systems that somebody let know who they are, the latest first."""
    rows = Consent.objects.filter(account=account_id, withdrawn_at=None).select_related("client").order_by("-given_at")
    owners = orgs.named({row.client.org_id for row in rows})
    visits = Visit.objects.filter(account=account_id).values("client").annotate(last=Max("opened_at"))
    last = {each["client"]: each["last"] for each in visits}
    return [
        ConnectionView(
            client_id=row.client_id,
            title=row.client.name,
            owner=owners[row.client.org_id].name,
            scopes=tuple(_scopes.named(row.scopes)),
            given_at=row.given_at,
            last_at=last.get(row.client_id),
        )
        for row in rows
    ]


def consented(client_id: int, by: Actor) -> frozenset[str]:
    """The scopes that somebody, for whom they act now, let a client have."""
    return frozenset(scope for row in _consents(client_id, by) for scope in row.scopes)


def has_consent(client_id: int, by: Actor) -> bool:
    """Whether somebody said yes to a client at all."""
    return _consents(client_id, by).exists()


def _consents(client_id: int, by: Actor) -> QuerySet[Consent]:
    principal = (by.principal_id or 0) if _claims.firm_mandate(by) else 0
    return Consent.objects.filter(account=by.account_id, client=client_id, principal_id=principal, withdrawn_at=None)


def shown(by: Actor, scope_ids: list[str]) -> dict[str, Any]:
    """What these scopes would tell of the reader, for the reader's own eyes."""
    return dict(_claims.read(by, _scopes.claims_of(scope_ids)).values)


def keys(*, at: datetime) -> list[KeyView]:
    now = _keys.signing(at=at).pk
    return [KeyView(row.kid, row.made_at, row.signs_from, row.pk == now) for row in _keys.published(at=at)]


def public_keys(*, at: datetime) -> list[dict[str, str]]:
    """The JSON Web Key Set."""
    return [dict(row.public) for row in _keys.published(at=at)]


def visit_of_hint(text: str, *, at: datetime) -> Visit | None:
    """The visit that an ID token of ours was given for, be the token past its time."""
    claims = _keys.believed(text, at=at) if text else None
    sid = str((claims or {}).get("sid", ""))
    if len(sid) != SID_LENGTH:
        return None
    row = Visit.objects.select_related("client").filter(sid=sid).first()
    return row if row and row.client.client_id == (claims or {}).get("aud") else None


def find_client(client_id: str) -> Client | None:
    return Client.objects.filter(client_id=client_id[:255], status=ClientStatus.VALID.value).first()


def machine_of(token: str, at: datetime) -> int | None:
    """The machine account behind a service client's access token."""
    rows = AccessToken.objects.filter(token_checksum=hashed(token), visit=None, expires__gt=at)
    row = rows.select_related("application").first()
    return row.user_id if row and row.application.status == ClientStatus.VALID.value else None
