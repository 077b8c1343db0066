"""WebAuthn as we use it: what is asked of a browser, and whether its answer holds. Knows no table.

Always discoverable keys with a check of the person (finger, face, PIN), no attestation: which maker's device it is, is nobody's matter.
"""

import ipaddress
import json
import logging
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from yiwang.support.login._ages import is_younger
from yiwang.support.login.contracts import NoPasskeysHere, PasskeyRefused, PasskeyUse, RelyingParty

OPEN_FOR = timedelta(minutes=10)
ANSWER_BYTES_MAX = 16_000
_UV = UserVerificationRequirement.REQUIRED
_SIGNER = Signer(salt="login.passkey")
# The library tells the identifiers of credentials at INFO.
logging.getLogger("fido2").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser sent: the credential's id, the challenge it answers, and all of it for the library."""

    credential_id: str
    challenge: bytes
    user_handle: bytes | None
    body: RegistrationResponse | AuthenticationResponse


def new_challenge(use: PasskeyUse, account_id: int | None, *, at: datetime, handle: str = "") -> bytes:
    """A signed note instead of a row: whoever only looks at the sign-in page leaves nothing behind."""
    said = f"{use.value}:{account_id or 0}:{int(at.timestamp())}:{secrets.token_urlsafe(16)}:{handle}"
    return _SIGNER.sign(said).encode()


def handle_in(challenge: bytes) -> bytes:
    """The handle that the browser was given with this challenge, which it does not send back."""
    return challenge.split(b":")[4]


def is_ours(challenge: bytes, use: PasskeyUse, account_id: int | None, *, at: datetime) -> bool:
    """Whether we drew the challenge for this use and account, and not long ago."""
    try:
        was_for, account, since, _nonce, _handle = _SIGNER.unsign(challenge.decode("ascii")).split(":")
    except (BadSignature, ValueError):
        return False
    drawn_at = datetime.fromtimestamp(int(since), tz=UTC)
    return (was_for, account) == (use.value, str(account_id or 0)) and is_younger(drawn_at, OPEN_FOR, at=at)


def creation(
    site: RelyingParty, *, handle: bytes, name: str, shown: str, known: Iterable[str], challenge: bytes
) -> dict[str, Any]:
    """What `navigator.credentials.create` is asked, as JSON."""
    user = PublicKeyCredentialUserEntity(id=handle, name=name, display_name=shown)
    options, _state = _server(site).register_begin(
        user,
        _descriptors(known),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=_UV,
        challenge=challenge,
    )
    return {key: _plain(value) for key, value in options.items()}


def request(site: RelyingParty, *, known: Iterable[str], challenge: bytes) -> dict[str, Any]:
    """What `navigator.credentials.get` is asked, as JSON; without `known` the person chooses among all of this site."""
    options, _state = _server(site).authenticate_begin(
        _descriptors(known) or None, user_verification=_UV, challenge=challenge
    )
    return {key: _plain(value) for key, value in options.items()}


def answer_of(text: str, *, is_new: bool) -> Answer:
    """Read what a browser sent. Raises PasskeyRefused."""
    try:
        given = json.loads(text) if len(text) <= ANSWER_BYTES_MAX else None
        if not isinstance(given, dict):
            raise refused()
        if is_new:
            new = RegistrationResponse.from_dict(given)
            return Answer(websafe_encode(new.raw_id), new.response.client_data.challenge, None, new)
        used = AuthenticationResponse.from_dict(given)
    # The library reads CBOR and JSON of strangers with struct, slices and dict access.
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, RecursionError) as wrong:
        raise refused() from wrong
    response = used.response
    return Answer(websafe_encode(used.raw_id), response.client_data.challenge, response.user_handle, used)


def registered(site: RelyingParty, answer: Answer) -> AuthenticatorData:
    """The new key, if the answer is to our origin and the person was checked. Raises PasskeyRefused."""
    if not isinstance(answer.body, RegistrationResponse):
        raise refused()
    try:
        data = _server(site).register_complete(_state(answer), answer.body)
    except (ValueError, TypeError, AssertionError) as wrong:
        raise refused() from wrong
    if data.credential_data is None or websafe_encode(data.credential_data.credential_id) != answer.credential_id:
        raise refused()
    return data


def proved(site: RelyingParty, answer: Answer, *, data: bytes, sign_count: int) -> int:
    """The key's new counter, if its signature, origin and check of the person hold. Raises PasskeyRefused.

    A counter that does not move on means a copy of the key (WebAuthn 6.1.1); keys that keep none stay at 0.
    """
    body = answer.body
    if not isinstance(body, AuthenticationResponse):
        raise refused()
    try:
        _server(site).authenticate_complete(_state(answer), [AttestedCredentialData(data)], body)
    except (ValueError, TypeError, AssertionError) as wrong:
        raise refused() from wrong
    counter = body.response.authenticator_data.counter
    if (counter or sign_count) and counter <= sign_count:
        raise refused()
    return counter


def refused() -> PasskeyRefused:
    return PasskeyRefused(_("通行密钥没有通过验证。"), hint=_("请再试一次，或换一种方式登录。"))


def _plain(said: Any) -> Any:
    """The library's mappings as those that JSON knows, all the way down."""
    if isinstance(said, Mapping):
        return {key: _plain(value) for key, value in said.items()}
    return [_plain(each) for each in said] if isinstance(said, list | tuple) else said


def _state(answer: Answer) -> dict[str, Any]:
    # That the challenge is ours, of this use and answered for the first time, was asked before.
    return {"challenge": websafe_encode(answer.challenge), "user_verification": _UV}


def _server(site: RelyingParty) -> Fido2Server:
    host = urlsplit(site.origin).hostname or ""
    if _is_address(host):
        raise NoPasskeysHere(_("用数字地址打开的网站不能使用通行密钥。"), hint=_("请用网站的域名打开。"))
    party = PublicKeyCredentialRpEntity(name=site.title, id=host)
    return Fido2Server(party, AttestationConveyancePreference.NONE, verify_origin=lambda origin: origin == site.origin)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return not host
    return True


def _descriptors(known: Iterable[str]) -> list[PublicKeyCredentialDescriptor]:
    kind = PublicKeyCredentialType.PUBLIC_KEY
    return [PublicKeyCredentialDescriptor(type=kind, id=websafe_decode(each)) for each in known]
