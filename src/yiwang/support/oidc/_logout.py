"""Telling a client's server that somebody signed out (OpenID Connect Back-Channel Logout 1.0)."""

import uuid
from datetime import datetime

import httpx

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.support.oidc import _keys, _visits
from yiwang.support.oidc.contracts import CannotTell
from yiwang.support.oidc.models import Visit

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPE = "logout+jwt"
GOOD_FOR = 120
PATIENCE = httpx.Timeout(10.0, connect=3.0)


def tell_client(*, visit_id: int, by: Actor, at: datetime) -> bool:
    """Tell the client of an ended visit; False where there is nothing to tell. Raises CannotTell, to be tried again."""
    visit = Visit.objects.select_related("client").filter(pk=visit_id).first()
    if visit is None or visit.ended_at is None or visit.told_at is not None or not visit.client.logout_uri:
        return False
    try:
        found = httpx.post(
            visit.client.logout_uri,
            data={"logout_token": _token(visit, at)},
            timeout=PATIENCE,
            follow_redirects=False,
        )
    except httpx.HTTPError as wrong:
        raise CannotTell("对方系统没有应答退出通知。", hint="会自动重试。") from wrong
    if found.status_code not in (200, 204):
        raise CannotTell("对方系统没有接受退出通知。", hint="会自动重试。")
    Visit.objects.filter(pk=visit.pk).update(told_at=at)
    audit.record("oidc.client.told", target=f"client:{visit.client_id}", by=by, at=at, detail={"visit": visit.pk})
    return True


def _token(visit: Visit, at: datetime) -> str:
    claims = {
        "iss": visit.issuer,
        "sub": _visits.subject(visit.client, visit.account_id),
        "aud": visit.client.client_id,
        "iat": int(at.timestamp()),
        "exp": int(at.timestamp()) + GOOD_FOR,
        "jti": uuid.uuid4().hex,
        "sid": str(visit.sid),
        "events": {EVENT: {}},
    }
    return _keys.signed(claims, at=at, kind=TYPE)
