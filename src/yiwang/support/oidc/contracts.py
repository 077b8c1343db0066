"""Signing in to other systems as other apps and pages see it: clients, scopes, visits, errors."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound, Unavailable
from yiwang.support.login.contracts import Assurance

# How the levels of login are called in `acr`.
ACR = {level: f"urn:yiwang:acr:{level.value}" for level in Assurance if level}
LEVELS = {name: level for level, name in ACR.items()}
OPENID = "openid"


class ClientKind(StrEnum):
    """What kind of system asks."""

    WEB = "web"  # a server that keeps a secret
    PUBLIC = "public"  # an app or a page in the browser, which cannot
    SERVICE = "service"  # a machine by itself; nobody signs in

    @property
    def word(self) -> str:
        return {"web": "网站（能保管密钥）", "public": "手机应用或纯前端页面", "service": "后台系统（无人登录）"}[
            self.value
        ]


class Ground(StrEnum):
    """Why the system may learn who somebody is (个人信息保护法第十三条)."""

    CONSENT = "consent"
    DUTY = "duty"

    @property
    def word(self) -> str:
        return {"consent": "取得本人同意", "duty": "履行法定职责"}[self.value]


class ClientStatus(StrEnum):
    PENDING = "pending"
    VALID = "valid"
    STOPPED = "stopped"
    DECLINED = "declined"

    @property
    def word(self) -> str:
        return {"pending": "待复核", "valid": "有效", "stopped": "已停用", "declined": "未通过"}[self.value]


class Ending(StrEnum):
    """Why a visit is over."""

    SIGNED_OUT = "signed-out"
    WITHDRAWN = "withdrawn"  # the person took the consent back
    REVOKED = "revoked"  # the client gave its refresh token back
    REUSED = "reused"  # a code or refresh token came a second time
    STOPPED = "stopped"  # the client was stopped
    OVER = "over"  # the account or the mandate ended


class NoSuchClient(NotFound):
    code = "oidc.no-such-client"


class BadClient(Invalid):
    code = "oidc.bad-client"


class CannotChange(Conflict):
    code = "oidc.cannot-change"


class SecondPersonNeeded(Denied):
    code = "oidc.second-person-needed"


class NoSuchConsent(NotFound):
    code = "oidc.no-such-consent"


class NotForThisAccount(Denied):
    """The client is for other people: firms, staff …"""

    code = "oidc.not-for-this-account"


class CannotTell(Unavailable):
    """A client did not take the message that somebody signed out."""

    code = "oidc.cannot-tell"


@dataclass(frozen=True, slots=True)
class ScopeView:
    """A scope as people read it; `claims` are names and titles of what it tells."""

    id: str
    title: str
    says: str
    claims: tuple[tuple[str, str], ...]
    level: Assurance


@dataclass(frozen=True, slots=True)
class ClientView:
    id: int
    client_id: str
    title: str
    kind: ClientKind
    org_id: int
    ground: Ground
    purpose: str
    authority: str
    audiences: tuple[str, ...]
    scopes: tuple[str, ...]
    level: Assurance
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    logout_uri: str
    status: ClientStatus
    asked_by: int | None
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class NewClient:
    """What a steward writes down of a system that is to be connected."""

    title: str
    kind: ClientKind
    org_id: int
    ground: Ground
    purpose: str
    authority: str
    audiences: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    level: Assurance = Assurance.PASSWORD
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    logout_uri: str = ""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client proves itself with; the secret is told this once."""

    client_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """A system that somebody let know who they are."""

    client_id: int
    title: str
    owner: str
    scopes: tuple[ScopeView, ...]
    given_at: datetime
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeyView:
    kid: str
    made_at: datetime
    signs_from: datetime
    is_signing: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """Something a scope can tell: its data element, and how it is masked where only shown."""

    name: str
    title: str
    element: str = ""
    mask: str = ""
