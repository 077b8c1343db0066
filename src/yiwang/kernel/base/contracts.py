"""The words every app shares: who acts, and what can go wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    RESIDENT = "resident"
    AGENT = "agent"  # 帮办代办, or a firm's agent
    STAFF = "staff"
    MACHINE = "machine"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class PostRef:
    """A post (岗位) that an actor holds today; `org_path` is the materialised path of its organisation, `region_code` its region."""

    post_id: int
    org_id: int
    org_path: str
    post_type: str
    title: str
    is_backup: bool = False
    region_code: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for whom, and from which posts. Built once per request and passed as `by`."""

    kind: ActorKind
    name: str
    account_id: int | None = None
    party_id: int | None = None
    principal_id: int | None = None
    mandate_id: int | None = None
    posts: tuple[PostRef, ...] = ()

    @property
    def itself(self) -> "Actor":
        """The actor, also where somebody stands in who finds out only when asked."""
        return self

    @property
    def acting_for(self) -> int | None:
        """The party whose business this is: the principal of an agent, else the actor's own party."""
        return self.principal_id or self.party_id

    @property
    def is_signed_in(self) -> bool:
        return self.account_id is not None


SYSTEM = Actor(kind=ActorKind.SYSTEM, name="系统")
ANONYMOUS = Actor(kind=ActorKind.ANONYMOUS, name="访客")


@dataclass(frozen=True, slots=True)
class Place:
    """One spot that is wrong: a field path such as `mother.phone` and a sentence for the person reading it."""

    where: str
    message: str


class YiwangError(Exception):
    """Something the reader can understand and act on. Never carries personal data."""

    status = 400
    code = "yiwang.error"
    title = "无法完成"
    # Seconds after which asking again makes sense; None where it does not.
    retry_after: int | None = None

    def __init__(self, message: str, *, hint: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or type(self).code


class NotFound(YiwangError):
    status, code, title = 404, "yiwang.not-found", "没有找到"


class Denied(YiwangError):
    status, code, title = 403, "yiwang.denied", "没有权限"


class Conflict(YiwangError):
    status, code, title = 409, "yiwang.conflict", "情况已经变化"


class Unavailable(YiwangError):
    """Safe to retry."""

    status, code, title = 503, "yiwang.unavailable", "暂时不可用"
    retry_after = 10


class TooMany(YiwangError):
    status, code, title = 429, "yiwang.too-many", "过于频繁"
    retry_after = 300


class Invalid(YiwangError):
    """Input that cannot be accepted; `places` lists every spot."""

    status, code, title = 422, "yiwang.invalid", "填写有误"

    def __init__(self, message: str, *, places: Sequence[Place] = (), hint: str = "", code: str = "") -> None:
        super().__init__(message, hint=hint, code=code)
        self.places = tuple(places)


class PackInvalid(YiwangError):
    """A pack file that cannot be used; `message` is `path:line: where: what. What to do.`"""

    status, code, title = 422, "yiwang.pack-invalid", "配置包有误"
