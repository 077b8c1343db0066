"""What django-oauth-toolkit asks us about clients, codes and tokens; everything is kept as hashes and rests on visits.

A code or refresh token that comes a second time ends its visit: somebody else holds a copy.
"""

import hmac
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.oauth2.rfc6749 import errors

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.people import queries as people
from yiwang.support.login.contracts import Assurance
from yiwang.support.oidc import _keys, _telling, _visits
from yiwang.support.oidc.contracts import ACR, Ending
from yiwang.support.oidc.models import AccessToken, Code, RefreshToken, Visit, hashed

CODE_LASTS = timedelta(seconds=60)
TOKEN_LASTS = timedelta(minutes=10)
VERIFIER = (43, 128)


class Validator(OAuth2Validator):  # type: ignore[misc]
    """Called by oauthlib inside one transaction of ours."""

    # Clients.

    def _check_secret(self, provided_secret: str, stored_secret: str) -> bool:
        return bool(stored_secret) and hmac.compare_digest(hashed(provided_secret), stored_secret)

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        return True

    def validate_user(self, *args: Any, **more: Any) -> bool:
        return False  # nobody types a password into somebody else's page, and nobody guesses one past the lock-out

    def validate_silent_login(self, request: Any) -> bool:
        return True  # the page that follows knows who sits there

    def validate_silent_authorization(self, request: Any) -> bool:
        return True

    # Codes.

    def _create_authorization_code(self, request: Any, code: dict[str, str], expires: datetime | None = None) -> Code:
        if request.code_challenge_method != "S256":
            raise errors.InvalidRequestError(description="code_challenge_method must be S256", request=request)
        made: Code = Code.objects.create(
            application=request.client,
            visit=request.visit,
            code=code["code"],
            expires=timezone.now() + CODE_LASTS,
            redirect_uri=request.redirect_uri,
            scope=" ".join(request.scopes),
            code_challenge=request.code_challenge or "",
            code_challenge_method=request.code_challenge_method,
            nonce=request.nonce or "",
            claims="",
        )
        return made

    def get_authorization_code_scopes(self, client_id: str, code: str, redirect_uri: str, request: Any) -> list[str]:
        row = _code(code, request)
        return row.scope.split() if row else []

    def get_authorization_code_nonce(self, client_id: str, code: str, redirect_uri: str, request: Any) -> str | None:
        row = _code(code, request)
        return row.nonce or None if row else None

    def validate_code(self, client_id: str, code: str, client: Any, request: Any, *args: Any, **more: Any) -> bool:
        at, row = timezone.now(), _code(code, request)
        if row is None or row.application_id != client.pk:
            return False
        if row.used_at is not None:
            _visits.end([row.visit], Ending.REUSED, by=SYSTEM, at=at)
            return False
        if row.is_expired() or _visits.actor_of(row.visit, at=at) is None:
            return False
        request.visit, request.user, request.scopes = row.visit, row.visit.account_id, row.scope.split()
        request.nonce = row.nonce or None
        return True

    def get_code_challenge(self, code: str, request: Any) -> str | None:
        verifier = request.code_verifier
        if verifier is not None and not VERIFIER[0] <= len(verifier) <= VERIFIER[1]:
            raise errors.InvalidGrantError(request=request)
        return request.code_row.code_challenge or None

    def get_code_challenge_method(self, code: str, request: Any) -> str | None:
        return request.code_row.code_challenge_method or None

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Any, *args: Any, **more: Any
    ) -> bool:
        row = Code.objects.filter(code=code, application=client).first()
        return row is not None and row.redirect_uri == redirect_uri

    def invalidate_authorization_code(self, client_id: str, code: str, request: Any, *args: Any, **more: Any) -> None:
        Code.objects.filter(pk=request.code_row.pk).update(used_at=timezone.now())

    # Tokens.

    def _save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **more: Any) -> None:
        at, visit = timezone.now(), getattr(request, "visit", None)
        spent: RefreshToken | None = getattr(request, "spent", None)
        if spent is not None:
            RefreshToken.objects.filter(pk=spent.pk).update(revoked=at)
            AccessToken.objects.filter(visit=visit).delete()
        access = AccessToken(
            application=request.client,
            user_id=visit.account_id if visit is not None else request.client.user_id,
            visit=visit,
            scope=token["scope"],
            expires=at + TOKEN_LASTS,
            given_at=at,
        )
        self._set_token_value(access, token["access_token"])
        access.save()
        if visit is not None and "refresh_token" in token:
            refresh = RefreshToken(application=request.client, user_id=visit.account_id, visit=visit, given_at=at)
            self._set_token_value(refresh, token["refresh_token"])
            refresh.save()
        by = people.actor_of(access.user_id, at=at)
        detail = {"client": request.client.client_id, "grant": request.grant_type}
        audit.record("oidc.token.given", target=f"client:{request.client.pk}", by=by, at=at, detail=detail)

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Any, *args: Any, **more: Any) -> bool:
        rows = RefreshToken.objects.select_for_update(of=("self",)).select_related("visit", "visit__client")
        row = rows.filter(token_checksum=hashed(refresh_token)).first()
        if row is None or row.application_id != client.pk:
            return False
        at = timezone.now()
        if row.revoked is not None:
            _visits.end([row.visit], Ending.REUSED, by=SYSTEM, at=at)
            return False
        if _visits.actor_of(row.visit, at=at) is None:
            return False
        request.visit, request.user, request.spent = row.visit, row.visit.account_id, row
        return True

    def get_original_scopes(self, refresh_token: str, request: Any, *args: Any, **more: Any) -> list[str]:
        return list(request.visit.scopes)

    def _load_access_token(self, token: str) -> AccessToken | None:
        rows = AccessToken.objects.select_related("application", "visit", "visit__client")
        found: AccessToken | None = rows.filter(token_checksum=hashed(token)).first()
        return found

    def validate_bearer_token(self, token: str, scopes: list[str], request: Any) -> bool:
        at = timezone.now()
        row = self._load_access_token(token) if token else None
        if row is None or row.expires <= at or row.visit is None or not row.application.is_usable(request):
            return False
        if not set(scopes) <= set(row.scope.split()) or _visits.actor_of(row.visit, at=at) is None:
            return False
        request.client, request.user, request.visit = row.application, row.user_id, row.visit
        request.scopes, request.access_token = row.scope.split(), row
        return True

    def revoke_token(self, token: str, token_type_hint: str, request: Any, *args: Any, **more: Any) -> None:
        """A client gives its own back: an access token alone, or with the refresh token the whole visit."""
        mine = {"token_checksum": hashed(token), "application": request.client.pk}
        refresh = RefreshToken.objects.select_related("visit").filter(**mine).first()
        if refresh is not None:
            _visits.end([refresh.visit], Ending.REVOKED, by=SYSTEM, at=timezone.now())
        AccessToken.objects.filter(**mine).delete()

    def introspect_token(self, token: str, token_type_hint: str, request: Any, *args: Any, **more: Any) -> Any:
        """Told to the client itself, and to those with the scope `introspection` (RFC 7662)."""
        at, row = timezone.now(), self._load_access_token(token)
        if row is None or row.expires <= at or not row.application.is_usable(request):
            return None
        if row.application_id != request.client.pk and "introspection" not in request.client.scopes:
            return None
        if row.visit is not None and _visits.actor_of(row.visit, at=at) is None:
            return None
        return _telling.of_token(row)

    # What is told.

    def finalize_id_token(self, id_token: dict[str, Any], token: dict[str, Any], handler: Any, request: Any) -> str:
        visit: Visit = request.visit
        at = timezone.now()
        if request.nonce:
            id_token["nonce"] = request.nonce
        id_token |= {
            "iss": visit.issuer,
            "sub": _visits.subject(request.client, visit.account_id),
            "aud": request.client.client_id,
            "exp": int((at + TOKEN_LASTS).timestamp()),
            "auth_time": int(visit.proved_at.timestamp()),
            "acr": ACR[Assurance(visit.level)],
            "amr": visit.methods,
            "sid": str(visit.sid),
        }
        return _keys.signed(id_token, at=at)

    def get_userinfo_claims(self, request: Any) -> dict[str, Any]:
        return _telling.to_client(request.visit, request.scopes, at=timezone.now())


def _code(code: str, request: Any) -> Code | None:
    """The row of a code, locked until the transaction ends: of two that bring it, the second finds it used."""
    if not hasattr(request, "code_row"):
        rows = Code.objects.select_for_update(of=("self",)).select_related("visit", "visit__client")
        request.code_row = rows.filter(code=code).first() if code else None
    row: Code | None = request.code_row
    return row
