"""A browser's sitting: opened after sign-in, checked on every request, ended by rest or age."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils.crypto import constant_time_compare

from yiwang.kernel.base.contracts import ANONYMOUS, Actor, ActorKind
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import MandateOver, NoSuchAccount, Seat
from yiwang.support.login import _notes
from yiwang.support.login._ages import is_younger
from yiwang.support.login._devices import describe
from yiwang.support.login.contracts import Admission, Method
from yiwang.support.login.sessions import DEVICE, MARK, METHODS, OPENED_AT, PASSKEY, PROVED_AT, SEEN_AT

MANDATE, PENDING, SECRET = "mandate_id", "pending", "enrolment"
# GB/T 22239 (level 3) asks for an end by rest; staff screens stand in public halls.
REST = {ActorKind.STAFF: timedelta(minutes=30), ActorKind.RESIDENT: timedelta(hours=1)}
AGE = {ActorKind.STAFF: timedelta(hours=10), ActorKind.RESIDENT: timedelta(hours=24)}
PENDING_FOR = timedelta(minutes=10)
_SEEN_EVERY = timedelta(minutes=1)


def wait(request: HttpRequest, admission: Admission, *, at: datetime) -> None:
    """Remember a right password until the second factor follows; nobody is signed in by that."""
    request.session.cycle_key()
    request.session[PENDING] = [admission.account_id, admission.mandate_id, at.isoformat()]
    request.session[METHODS] = [admission.method.value]


def waiting(request: HttpRequest, *, at: datetime) -> tuple[int, int | None] | None:
    """Account and mandate that wait for a second factor in this browser."""
    account_id, mandate_id, since = request.session.get(PENDING, (None, None, None))
    if account_id is None or not is_younger(datetime.fromisoformat(since), PENDING_FOR, at=at):
        return None
    return account_id, mandate_id


def start(
    request: HttpRequest,
    account_id: int,
    mandate_id: int | None,
    *,
    by_way_of: Iterable[Method],
    at: datetime,
    passkey_id: int | None = None,
) -> Actor:
    """Open a sitting under a new session key. Raises NoSuchAccount, MandateOver."""
    seat = people.seat_of(account_id, mandate_id, at=at)
    methods = sorted({method.value for method in by_way_of})
    _notes.note_sitting(account_id=account_id, mandate_id=mandate_id, by=seat.actor, at=at)
    request.session.flush()
    request.session.update(
        {
            SESSION_KEY: str(account_id),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: seat.auth_hash,
            OPENED_AT: at.isoformat(),
            SEEN_AT: at.isoformat(),
            DEVICE: describe(request.headers.get("User-Agent", "")),
            MANDATE: mandate_id,
            MARK: secrets.token_hex(8),
            METHODS: methods,
            PASSKEY: passkey_id,
            PROVED_AT: at.isoformat(),
        }
    )
    return _seated(request, seat.actor)


def change_principal(request: HttpRequest, mandate_id: int | None, *, at: datetime) -> Actor:
    """Act for somebody else, or for oneself again. Raises MandateOver."""
    actor = _notes.note_acting(mandate_id=mandate_id, by=request.actor, at=at)  # type: ignore[attr-defined]
    request.session.cycle_key()
    request.session[MANDATE] = mandate_id
    return _seated(request, actor)


def renew_mark(request: HttpRequest, *, at: datetime) -> None:
    """Keep this sitting after its own password changed; the others end by their old mark."""
    account_id = int(request.session[SESSION_KEY])
    request.session.cycle_key()
    request.session[HASH_SESSION_KEY] = people.seat_of(account_id, at=at).auth_hash


def proved_again(request: HttpRequest, method: Method, *, at: datetime, passkey_id: int | None = None) -> None:
    """Remember one more way by which this sitting was proved."""
    request.session.cycle_key()
    request.session[METHODS] = sorted({*request.session.get(METHODS, [Method.PASSWORD.value]), method.value})
    request.session[PROVED_AT] = at.isoformat()
    if passkey_id is not None:
        request.session[PASSKEY] = passkey_id


def waiting_methods(request: HttpRequest) -> list[Method]:
    """By what the sitting that waits for a second factor was begun."""
    return [Method(each) for each in request.session.get(METHODS, [Method.PASSWORD.value])]


def end(request: HttpRequest, *, at: datetime) -> None:
    """End the sitting of this browser."""
    _notes.close_sitting(request=request, by=request.actor, at=at)  # type: ignore[attr-defined]
    _seated(request, ANONYMOUS)


def actor_of(request: HttpRequest, *, at: datetime) -> Actor:
    """Who sits at this browser: one query, and one more for who acts under a mandate; ANONYMOUS when it is over."""
    session = request.session
    account_id = session.get(SESSION_KEY)
    if account_id is None:
        return ANONYMOUS
    seat = _seat(request, int(account_id), at)
    if seat is None or not _is_fresh(request, seat, at):
        session.flush()
        return ANONYMOUS
    if at - datetime.fromisoformat(session[SEEN_AT]) >= _SEEN_EVERY:
        session[SEEN_AT] = at.isoformat()
    return seat.actor


def _seat(request: HttpRequest, account_id: int, at: datetime) -> Seat | None:
    mandate_id, beside = request.session.get(MANDATE), request.session.seat  # type: ignore[attr-defined]
    # What the sitting holds is signed, the column that led to the seat beside it is not.
    if mandate_id is None and beside is not None and beside.actor.account_id == account_id:
        return cast(Seat, beside)
    try:
        return people.seat_of(account_id, mandate_id, at=at)
    except MandateOver:
        # The authority ended while the agent sat here: from now on they act for themselves.
        request.session[MANDATE] = None
        return people.seat_of(account_id, at=at)
    except NoSuchAccount:
        return None


def _is_fresh(request: HttpRequest, seat: Seat, at: datetime) -> bool:
    session, kind = request.session, _rule(seat.actor)
    if not constant_time_compare(session.get(HASH_SESSION_KEY, ""), seat.auth_hash):
        return False
    opened, seen = session.get(OPENED_AT), session.get(SEEN_AT)
    if opened is None or seen is None:
        return False
    is_awake = is_younger(datetime.fromisoformat(seen), REST[kind], at=at)
    return is_awake and is_younger(datetime.fromisoformat(opened), AGE[kind], at=at)


def _rule(actor: Actor) -> ActorKind:
    return ActorKind.RESIDENT if actor.party_id is not None else ActorKind.STAFF


def _seated(request: HttpRequest, actor: Actor) -> Actor:
    request.actor = actor  # type: ignore[attr-defined]
    rotate_token(request)
    return actor
