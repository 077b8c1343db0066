"""Telling a client about somebody: only what the scopes say, and written down for the person to see."""

from datetime import datetime
from typing import Any

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.people import queries as people
from yiwang.support.login.contracts import Assurance
from yiwang.support.oidc import _claims, _scopes, _visits
from yiwang.support.oidc.contracts import ACR
from yiwang.support.oidc.models import AccessToken, Client, Visit


def to_client(visit: Visit, scopes: list[str], *, at: datetime) -> dict[str, Any]:
    """The values that these scopes tell of the visitor. Each time something new is told, the person's page gets a line."""
    client, visitor = visit.client, people.actor_of(visit.account_id, visit.mandate_id, at=at)
    told = _claims.read(visitor, _scopes.claims_of(scopes))
    reader = people.actor_of(client.user_id, at=at)
    for subject_key, elements in told.elements.items():
        audit.disclose(
            subject_key=subject_key,
            elements=sorted(elements),
            purpose=purpose_of(client),
            authority=client.authority,
            case_number=None,
            by=reader,
            at=at,
        )
    audit.record("oidc.claims.told", target=f"account:{visit.account_id}", by=reader, at=at, detail={"scopes": scopes})
    return {"sub": _visits.subject(client, visit.account_id), **told.values}


def purpose_of(client: Client) -> str:
    return f"登录“{client.name}”：{client.purpose}"


def of_token(row: AccessToken) -> dict[str, Any]:
    """What RFC 7662 tells of a token in force: no personal data."""
    found: dict[str, Any] = {
        "client_id": row.application.client_id,
        "scope": row.scope,
        "token_type": "Bearer",
        "exp": int(row.expires.timestamp()),
        "iat": int(row.given_at.timestamp()),
    }
    if row.visit is not None:
        found |= {
            "iss": row.visit.issuer,
            "sub": _visits.subject(row.visit.client, row.visit.account_id),
            "sid": str(row.visit.sid),
            "acr": ACR[Assurance(row.visit.level)],
            "auth_time": int(row.visit.proved_at.timestamp()),
        }
    return found
