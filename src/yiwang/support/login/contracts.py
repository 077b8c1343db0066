"""Signing in as other apps and pages see it: steps, errors, sittings, tokens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound, TooMany, Unavailable
from yiwang.kernel.people.contracts import MandateView


class Door(StrEnum):
    """The three tabs of the sign-in page."""

    PERSON = "person"
    FIRM = "firm"
    STAFF = "staff"


class Step(StrEnum):
    """What remains to be done after a right password."""

    DONE = "done"
    CODE = "code"  # the second factor's code
    ENROL = "enrol"  # the post asks for a second factor and none is set up


class Method(StrEnum):
    """A way to prove who one is, as RFC 8176 calls it."""

    PASSWORD = "pwd"  # noqa: S105 (a name of the protocol)
    TEXT_MESSAGE = "sms"
    TIME_CODE = "otp"
    PASSKEY = "hwk"


class Assurance(IntEnum):
    """How sure we are of who sits there; each level holds what is below it."""

    NONE = 0
    PASSWORD = 1
    CODE = 2  # a text message or a time-based code
    PASSKEY = 3
    COUNTER = 4  # a passkey of somebody whose identity was checked at a counter


# Who else knows bearer tokens: each answers the machine account behind one, or None.
BearerReader = Callable[[str, datetime], int | None]
bearer_readers: list[BearerReader] = []


def register_bearer(reader: BearerReader) -> None:
    """Let an app above open the JSON API to machines by its own tokens."""
    if reader not in bearer_readers:
        bearer_readers.append(reader)


SITTINGS_ENDED = "login.sittings.ended"


class Purpose(StrEnum):
    """What a code sent to a phone is good for."""

    SIGN_IN = "sign-in"
    REGISTER = "register"
    FORGOTTEN = "forgotten"
    CONFIRM = "confirm"


class PasskeyUse(StrEnum):
    """What a challenge to a passkey is good for."""

    REGISTER = "register"
    SIGN_IN = "sign-in"
    SECOND = "second"  # after a right password
    CONFIRM = "confirm"


class SignInRefused(Invalid):
    code = "login.refused"


class SignInLocked(TooMany):
    code = "login.locked"


class CodeWrong(Invalid):
    code = "login.code-wrong"


class CodeNeeded(Denied):
    """The password was right; the second factor is still to come."""

    status, code = 401, "login.code-needed"


class CodeTooSoon(TooMany):
    code = "login.code-too-soon"


class CannotSend(Unavailable):
    code = "login.cannot-send"


class CannotRegister(Conflict):
    code = "login.cannot-register"


class SecondFactorNeeded(Conflict):
    """The post asks for a second factor, so it cannot be taken off; or none is being set up."""

    code = "login.second-factor-needed"


class CannotConfirm(Conflict):
    """The account has no way to prove itself to the level that is asked for."""

    code = "login.cannot-confirm"


class PasskeyRefused(Invalid):
    """What the device answered proves nothing here; never says why to whoever tries."""

    code = "login.passkey-refused"


class NoPasskeysHere(Conflict):
    """Browsers bind passkeys to a name; the site was reached by a bare address."""

    code = "login.no-passkeys-here"


class TooManyPasskeys(Conflict):
    code = "login.too-many-passkeys"


class NotSureEnough(Conflict):
    """What is to be done asks for a fresher or stronger proof; `level` says which."""

    code = "login.not-sure-enough"

    def __init__(self, message: str, *, level: Assurance, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.level = level


class CannotCheck(Invalid):
    """Nobody is checked at the counter by what was given."""

    code = "login.cannot-check"


class NoSuchAppointment(NotFound):
    code = "login.no-such-appointment"


class NoSuchCheck(NotFound):
    code = "login.no-such-check"


class NoSuchPasskey(NotFound):
    code = "login.no-such-passkey"


class NoSuchToken(NotFound):
    code = "login.no-such-token"


@dataclass(frozen=True, slots=True)
class Admission:
    """Somebody who gave a right password, and what remains before a sitting opens."""

    account_id: int
    mandate_id: int | None
    step: Step
    method: Method = Method.PASSWORD
    passkey_id: int | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """How and when whoever sits at a browser proved who they are; `mark` names the sitting."""

    mark: str
    methods: tuple[Method, ...]
    level: Assurance
    proved_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A second factor being set up: the secret to type and the address for the QR code."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The site as passkeys know it: the address in the browser, and the name shown beside the key."""

    origin: str
    title: str


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """A passkey of an account; `is_synced` says that its maker keeps copies for the owner's other devices."""

    id: int
    name: str
    added_at: datetime
    used_at: datetime | None
    is_synced: bool


@dataclass(frozen=True, slots=True)
class CounterCheckView:
    """That somebody was checked at a counter: by which document, where and when, and until when that stands."""

    id: int
    document: str
    org_id: int
    checked_at: datetime
    until: date


@dataclass(frozen=True, slots=True)
class ToCheck:
    """What a clerk sees of the account of the person in front: keys to be pointed out, and a check that stands."""

    account_id: int
    passkeys: tuple[PasskeyView, ...]
    standing: CounterCheckView | None


@dataclass(frozen=True, slots=True)
class AppointmentView:
    """An invitation to act for a firm that waits for its answer."""

    id: int
    firm_name: str
    uscc: str
    agent_id: int
    scope: tuple[str, ...]
    ends_on: date
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class LedFirm:
    """A firm as its legal representative sees it; `names` of accounts by their id."""

    uscc: str
    name: str
    is_open: bool
    agents: tuple[MandateView, ...]
    invitations: tuple[AppointmentView, ...]
    names: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class SittingView:
    """One signed-in device; `key` names it without opening it."""

    key: str
    device: str
    opened_at: datetime
    seen_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to an account; `what` is a sentence to translate."""

    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TokenView:
    id: int
    account_id: int
    title: str
    prefix: str
    created_at: datetime
    expires_on: date
    is_revoked: bool
