"""Parties, accounts, posts and mandates as other apps see them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from yiwang.kernel.base.contracts import Actor, Conflict, Denied, Invalid, NotFound


class PartyKind(StrEnum):
    PERSON = "person"
    FIRM = "firm"


class IdType(StrEnum):
    """Codes of holder types as certificates use them."""

    CITIZEN_ID = "111"  # 公民身份号码
    USCC = "001"  # 统一社会信用代码
    PASSPORT = "414"
    OTHER = "999"


class AccountKind(StrEnum):
    RESIDENT = "resident"
    AGENT = "agent"
    STAFF = "staff"
    MACHINE = "machine"


class MandateKind(StrEnum):
    HELPER = "helper"  # 帮办代办
    FIRM_AGENT = "firm-agent"  # 企业经办人


ANYTHING = "*"


class NoSuchParty(NotFound):
    code = "people.no-such-party"


class NoSuchAccount(NotFound):
    code = "people.no-such-account"


class NoSuchPost(NotFound):
    code = "people.no-such-post"


class NoSuchMandate(NotFound):
    code = "people.no-such-mandate"


class BadParty(Invalid):
    code = "people.bad-party"


class BadAccount(Invalid):
    code = "people.bad-account"


class BadMandate(Invalid):
    code = "people.bad-mandate"


class BadPeriod(Invalid):
    code = "people.bad-period"


class AlreadyExists(Conflict):
    code = "people.already-exists"


class AlreadyHeld(Conflict):
    code = "people.already-held"


class MandateOver(Conflict):
    """The mandate has ended, was revoked, or has not begun."""

    code = "people.mandate-over"


class NotYours(Denied):
    code = "people.not-yours"


class OutOfScope(Denied):
    """The mandate does not reach what the agent wants to do."""

    code = "people.out-of-scope"


@dataclass(frozen=True, slots=True)
class PartyView:
    """A person or firm with plain values; `subject_key` stands for it where no personal data may."""

    id: int
    kind: PartyKind
    name: str
    id_type: str
    id_number: str
    phone: str
    subject_key: str

    @property
    def uscc(self) -> str | None:
        return self.id_number if self.kind is PartyKind.FIRM else None


@dataclass(frozen=True, slots=True)
class AccountView:
    id: int
    username: str
    kind: AccountKind
    name: str
    party_id: int | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class Seat:
    """An actor with the mark that a session must carry; a changed password changes the mark."""

    actor: Actor
    auth_hash: str


@dataclass(frozen=True, slots=True)
class PostView:
    id: int
    org_id: int
    post_type: str
    title: str


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post to be appointed to; made if the organisation has none of this type and title."""

    org_id: int
    post_type: str
    title: str
    is_backup: bool = False


@dataclass(frozen=True, slots=True)
class NewStaff:
    """A staff account to be; `password_hash` is Django's encoded form, none means no password sign-in."""

    username: str
    name: str
    posts: tuple[NewPost, ...] = ()
    password_hash: str | None = None


@dataclass(frozen=True, slots=True)
class HoldingView:
    """Who holds a post in a period, and whether as its backup (B岗)."""

    id: int
    post: PostView
    account_id: int
    since: date
    until: date | None
    is_backup: bool


@dataclass(frozen=True, slots=True)
class AbsenceView:
    id: int
    holding_id: int
    starts_on: date
    ends_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class MandateView:
    """Recorded authority of an account to act for a party; `scope` lists subjects or `*`."""

    id: int
    kind: MandateKind
    principal_id: int
    principal_name: str
    agent_id: int
    scope: tuple[str, ...]
    starts_on: date
    ends_on: date
    document_no: str
    revoked_on: date | None

    def is_live(self, on: date) -> bool:
        """Revoking counts from its day on; the last day still counts."""
        return self.starts_on <= on <= self.ends_on and not (self.revoked_on and self.revoked_on <= on)

    def covers(self, subject: str) -> bool:
        """Whether a matter or journey id lies in the scope: `*`, the id, or a dotted prefix of it."""
        return any(part == ANYTHING or subject == part or subject.startswith(f"{part}.") for part in self.scope)
