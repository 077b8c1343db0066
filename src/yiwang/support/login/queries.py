"""Reading sittings, tokens and whether a second factor is set up."""

import hmac
from datetime import datetime

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest
from django.utils import timezone

from yiwang.kernel.base.contracts import ANONYMOUS, Actor
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import NoSuchAccount
from yiwang.support.login._agents import firms_led_by as firms_led_by
from yiwang.support.login._agents import invitations_of as invitations_of
from yiwang.support.login._counter import standing_of as standing_of
from yiwang.support.login._counter import to_check as to_check
from yiwang.support.login._held import has_passkey as has_passkey
from yiwang.support.login._held import has_second_factor as has_second_factor
from yiwang.support.login._held import level_reached
from yiwang.support.login._held import ways_of as ways_of
from yiwang.support.login._history import failures as failures
from yiwang.support.login._history import history as history
from yiwang.support.login._history import word_of as word_of
from yiwang.support.login._keys import MARK, sitting_key, token_hash
from yiwang.support.login._passkeys import creation_options as creation_options
from yiwang.support.login._passkeys import passkeys_of as passkeys_of
from yiwang.support.login._passkeys import request_options as request_options
from yiwang.support.login.contracts import Method, Proof, SittingView, TokenView, bearer_readers
from yiwang.support.login.models import Sitting, Token
from yiwang.support.login.sessions import MARK as SITTING_MARK
from yiwang.support.login.sessions import METHODS, OPENED_AT, PASSKEY, PROVED_AT


def sittings_of(account_id: int, *, this: str, at: datetime) -> list[SittingView]:
    """Open sittings of an account, the last used first; `this` is the session key of the asking one."""
    rows = Sitting.objects.filter(account_id=account_id, expire_date__gt=at).order_by("-seen_at")
    return [
        SittingView(
            key=sitting_key(row.session_key),
            device=row.device,
            opened_at=row.opened_at or at,
            seen_at=row.seen_at or at,
            is_this=row.session_key == this,
        )
        for row in rows
    ]


def proof_of(request: HttpRequest, *, at: datetime) -> Proof:
    """How whoever sits at this browser proved who they are."""
    session = request.session
    methods = tuple(Method(each) for each in session.get(METHODS, [Method.PASSWORD.value]))
    since = session.get(PROVED_AT) or session.get(OPENED_AT) or at.isoformat()
    level = level_reached(methods, session.get(PASSKEY), int(session.get(SESSION_KEY) or 0), at=at)
    return Proof(session.get(SITTING_MARK, ""), methods, level, datetime.fromisoformat(since))


def tokens_of(account_id: int) -> list[TokenView]:
    rows = Token.objects.filter(account=account_id).order_by("-pk")
    return [
        TokenView(
            id=row.pk,
            account_id=row.account_id,
            title=row.title,
            prefix=row.prefix,
            created_at=row.created_at,
            expires_on=row.expires_on,
            is_revoked=row.revoked_at is not None,
        )
        for row in rows
    ]


def actor_of_token(text: str, *, at: datetime) -> Actor:
    """The machine behind a bearer token; ANONYMOUS for one that is wrong, revoked or past its day."""
    if not text.startswith(MARK):
        return _machine_elsewhere(text, at)
    prefix, _, secret = text.removeprefix(MARK).partition("_")
    row = Token.objects.filter(prefix=prefix, revoked_at__isnull=True).first()
    if row is None or row.expires_on < timezone.localdate(at):
        return ANONYMOUS
    if not hmac.compare_digest(row.secret_hash, token_hash(secret)):
        return ANONYMOUS
    return _actor(row.account_id, at)


def _machine_elsewhere(text: str, at: datetime) -> Actor:
    found = next(filter(None, (reader(text, at) for reader in bearer_readers)), None)
    return ANONYMOUS if found is None else _actor(found, at)


def _actor(account_id: int, at: datetime) -> Actor:
    try:
        return people.actor_of(account_id, at=at)
    except NoSuchAccount:
        return ANONYMOUS
