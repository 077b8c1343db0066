"""Letting people through to clients, giving tokens, ending visits, keys; the register of clients stands in _clients."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from oauthlib.oauth2.rfc6749.errors import OAuth2Error

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import NotYours
from yiwang.support.login.contracts import Proof
from yiwang.support.oidc import _claims, _keys, _server, _visits
from yiwang.support.oidc._clients import ask_client as ask_client
from yiwang.support.oidc._clients import confirm_client as confirm_client
from yiwang.support.oidc._clients import decline_client as decline_client
from yiwang.support.oidc._clients import new_secret as new_secret
from yiwang.support.oidc._clients import stop_client as stop_client
from yiwang.support.oidc._logout import tell_client as tell_client
from yiwang.support.oidc._server import Asked
from yiwang.support.oidc.contracts import Ending, KeyView, NoSuchConsent
from yiwang.support.oidc.models import AccessToken, Code, Consent, RefreshToken, Visit

# What is over is kept a while, so that a second use is still recognised.
KEPT = timedelta(days=7)


@transaction.atomic
def consent(*, client_id: int, scopes: Sequence[str], by: Actor, at: datetime) -> None:
    """Let a client know what these scopes tell, as oneself or for the firm that one acts for."""
    if by.account_id is None:
        raise NotYours("请先登录。")
    row, _ = Consent.objects.select_for_update().get_or_create(
        account_id=by.account_id,
        client_id=client_id,
        principal_id=_principal(by),
        defaults={"scopes": [], "given_at": at},
    )
    kept = set(row.scopes) if row.withdrawn_at is None else set()
    row.scopes, row.given_at, row.withdrawn_at = sorted(kept | set(scopes)), at, None
    row.save()
    detail = {"client": client_id, "scopes": row.scopes}
    audit.record("oidc.consent.given", target=f"account:{by.account_id}", by=by, at=at, detail=detail)


@transaction.atomic
def withdraw(*, client_id: int, by: Actor, at: datetime) -> None:
    """Take one's consents for a client back; open visits end at once. Raises NoSuchConsent."""
    rows = Consent.objects.filter(account=by.account_id, client=client_id, withdrawn_at=None)
    if by.account_id is None or not rows.update(withdrawn_at=at):
        raise NoSuchConsent("没有这项授权，可能已经取消。", hint="请刷新后再看。")
    _visits.end(Visit.objects.filter(account=by.account_id, client=client_id), Ending.WITHDRAWN, by=by, at=at)
    audit.record(
        "oidc.consent.withdrawn", target=f"account:{by.account_id}", by=by, at=at, detail={"client": client_id}
    )


@transaction.atomic
def let_through(*, asked: Asked, scopes: list[str], proof: Proof, issuer: str, by: Actor, at: datetime) -> str:
    """Open a visit and draw its code; answers the code."""
    visit = _visits.open_visit(asked.client, scopes, proof, issuer, by=by, at=at)
    headers, _, _ = _server.server().create_authorization_response(
        asked.uri, scopes=scopes, credentials={"visit": visit, "user": visit.account_id}
    )
    detail = {"client": asked.client.client_id, "scopes": scopes, "level": proof.level.value}
    audit.record("oidc.let-through", target=f"account:{by.account_id}", by=by, at=at, detail=detail)
    return str(headers["Location"])


@transaction.atomic
def give_tokens(*, uri: str, body: str, headers: dict[str, str], by: Actor, at: datetime) -> Any:
    """Change a code or refresh token for tokens, or give a service client one; answers headers, body, status.

    In one transaction with what a second use brings about: a refusal is an answer, not an error, and stays.
    """
    return _server.server().create_token_response(uri, "POST", body, headers)


@transaction.atomic
def take_back(*, uri: str, body: str, headers: dict[str, str], by: Actor, at: datetime) -> Any:
    """A client gives a token back (RFC 7009)."""
    audit.record("oidc.token.taken-back", target="client", by=by, at=at)
    return _server.server().create_revocation_response(uri, "POST", body, headers)


@transaction.atomic
def tell_claims(*, uri: str, method: str, headers: dict[str, str], by: Actor, at: datetime) -> Any:
    """Tell a client about its visitor what the token's scopes say; written down for the person to see."""
    try:
        return _server.server().create_userinfo_response(uri, method, None, headers)
    except OAuth2Error as wrong:
        return wrong.headers, wrong.json, wrong.status_code


@transaction.atomic
def end_visits(
    *, account_id: int, marks: Sequence[str] | None, keep: str, ending: Ending, by: Actor, at: datetime
) -> int:
    """End the visits that came from an account's sittings: those marked, or all but `keep`."""
    rows = Visit.objects.filter(account=account_id, ended_at=None)
    rows = rows.exclude(mark=keep) if marks is None else rows.filter(mark__in=marks)
    return _visits.end(rows, ending, by=by, at=at)


@transaction.atomic
def roll_keys(*, by: Actor, at: datetime, at_once: bool = False) -> KeyView:
    """Draw a new signing key: published now, it signs once clients have seen it; at once where the old one leaked."""
    _keys.signing(at=at)
    row = _keys.make(signs_from=at if at_once else at + _keys.SEEN_AFTER, at=at)
    audit.record("oidc.key.rolled", target=f"key:{row.kid[:16]}", by=by, at=at, detail={"at_once": at_once})
    return KeyView(row.kid, row.made_at, row.signs_from, at_once)


@transaction.atomic
def forget(*, by: Actor, at: datetime) -> int:
    """Forget codes and tokens that are long over; returns how many."""
    if by.kind is not ActorKind.SYSTEM:
        raise NotYours("只由系统定时清理。")
    before = at - KEPT
    gone: int = Code.objects.filter(expires__lt=before).delete()[0]
    gone += AccessToken.objects.filter(expires__lt=before).delete()[0]
    gone += RefreshToken.objects.filter(visit__expires_at__lt=before).delete()[0]
    audit.record("oidc.tokens.forgotten", target="oidc", by=by, at=at, detail={"count": gone})
    return gone


def _principal(by: Actor) -> int:
    mandate_id = _claims.firm_mandate(by)
    return people.mandate(mandate_id).principal_id if mandate_id else 0
