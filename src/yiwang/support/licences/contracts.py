"""Licences as other apps see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from yiwang.support.licences._batch_contracts import BatchState as BatchState
from yiwang.support.licences._batch_contracts import BatchView as BatchView
from yiwang.support.licences._batch_contracts import LineProblem as LineProblem
from yiwang.support.licences._errors import BadBatch as BadBatch
from yiwang.support.licences._errors import BatchNotFound as BatchNotFound
from yiwang.support.licences._errors import CannotAnswer as CannotAnswer
from yiwang.support.licences._errors import CannotAsk as CannotAsk
from yiwang.support.licences._errors import CannotChange as CannotChange
from yiwang.support.licences._errors import CannotProve as CannotProve
from yiwang.support.licences._errors import CannotRenew as CannotRenew
from yiwang.support.licences._errors import CannotTransfer as CannotTransfer
from yiwang.support.licences._errors import CopyNotGiven as CopyNotGiven
from yiwang.support.licences._errors import GroundsNeeded as GroundsNeeded
from yiwang.support.licences._errors import LicenceNotFound as LicenceNotFound
from yiwang.support.licences._errors import NoCopy as NoCopy
from yiwang.support.licences._errors import NotYourOwn as NotYourOwn
from yiwang.support.licences._errors import NoTypeCode as NoTypeCode
from yiwang.support.licences._errors import StaysPaper as StaysPaper
from yiwang.support.licences._errors import TooManyLookups as TooManyLookups
from yiwang.support.licences._errors import WrongFields as WrongFields


class Status(StrEnum):
    """证照状态, with the codes that exchanges between agencies use."""

    VALID = "01"
    SUSPENDED = "02"
    REVOKED = "03"  # 撤销: should never have been given
    CANCELLED = "04"  # 注销
    LAPSED = "05"  # 失效: its time is over; told from the dates at once, stored by the nightly job
    MOVING = "06"  # 办理转出: on its way to another holder
    WITHDRAWN = "07"  # 吊销: taken away as a penalty

    @property
    def word(self) -> str:
        return _STATUS_WORDS[self]


class Operation(StrEnum):
    """业务操作 of the same exchanges."""

    ISSUE = "01"
    RENEW = "02"
    SUSPEND = "03"
    LAPSE = "04"
    CANCEL = "05"
    RESUME = "06"
    OTHER = "07"
    MOVE_IN = "08"
    CORRECT = "09"
    STAY = "10"

    @property
    def word(self) -> str:
        return _OPERATION_WORDS[self]


class Change(StrEnum):
    """What may be done to the standing of a licence."""

    SUSPEND = "suspend"
    RESUME = "resume"
    CANCEL = "cancel"
    REVOKE = "revoke"
    WITHDRAW = "withdraw"
    MOVE_OUT = "move-out"
    STAY = "stay"


class Medium(StrEnum):
    ELECTRONIC = "electronic"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose licence it is. A newborn has no ID number yet: `id_number` is empty and `id_type` 999."""

    name: str
    id_type: str
    id_number: str


@dataclass(frozen=True, slots=True)
class LicenceView:
    """A licence without personal values; `status` is as of the day it was asked for."""

    id: int
    identifier: str
    version: int
    number: str
    type_id: str
    title: str
    status: Status
    holder_masked: str
    issuer_org_id: int
    issued_on: date
    valid_from: date
    valid_to: date | None
    verify_code: str
    case_number: str

    @property
    def is_valid(self) -> bool:
        return self.status is Status.VALID

    @property
    def status_word(self) -> str:
        return self.status.word

    @property
    def code_spaced(self) -> str:
        """The verification code in groups of four, to be read aloud."""
        return " ".join(self.verify_code[i : i + 4] for i in range(0, len(self.verify_code), 4))


@dataclass(frozen=True, slots=True)
class FaceLine:
    """One line of the face: a label and what it says."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class MaskedLine:
    """One line as a clerk first sees it; a masked one can be opened, which is recorded."""

    name: str
    label: str
    value: str
    is_masked: bool


@dataclass(frozen=True, slots=True)
class LicenceFace:
    """A licence as its holder holds it, with personal values."""

    licence: LicenceView
    holder_name: str
    holder_id_number: str
    issuer_name: str
    lines: Sequence[FaceLine]
    statement: str
    shape: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Chain:
    """转移 as a chain: what a licence came out of, and what took its place."""

    before: LicenceView | None = None
    after: LicenceView | None = None


@dataclass(frozen=True, slots=True)
class EventView:
    """One act in the life of a licence."""

    operation: Operation
    status: Status
    version: int
    grounds: str
    effective_on: date
    at: datetime
    org_id: int | None
    leaf_id: int


class CopyState(StrEnum):
    """How a copy for one purpose stands; what is past its day is told from the dates."""

    ASKED = "asked"
    GIVEN = "given"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    UNANSWERED = "unanswered"
    OVER = "over"

    @property
    def word(self) -> str:
        return _COPY_WORDS[self]


@dataclass(frozen=True, slots=True)
class CopyUse:
    """For what, for whom and until when a copy was given."""

    purpose: str
    org_name: str
    until: date
    state: CopyState
    version: int | None


@dataclass(frozen=True, slots=True)
class CopyView:
    """加注件: one licence for one unit and one purpose, as its unit and its holder see it."""

    id: int
    code: str
    licence: LicenceView
    org_id: int
    org_name: str
    purpose: str
    authority: str
    rests_on_law: bool
    case_number: str
    state: CopyState
    asked_at: datetime
    answer_by: date
    until: date
    answered_at: datetime | None
    leaf_id: int | None

    @property
    def is_in_force(self) -> bool:
        return self.state is CopyState.GIVEN

    @property
    def is_asked(self) -> bool:
        return self.state is CopyState.ASKED

    @property
    def state_word(self) -> str:
        return self.state.word

    @property
    def code_spaced(self) -> str:
        return " ".join(self.code[i : i + 4] for i in range(0, len(self.code), 4))


@dataclass(frozen=True, slots=True)
class CopyAsk:
    """What a unit asks for: a holder's licence of a type, for a purpose, until a day; on a ground of law or by the holder's leave."""

    type_id: str
    id_number: str
    org_id: int
    purpose: str
    until: date
    ground: str = ""
    case_number: str = ""


@dataclass(frozen=True, slots=True)
class ProofSheet:
    """电子证明 before it is opened: what it will say; `why` it cannot be opened and `where` to go."""

    type_id: str
    title: str
    lines: Sequence[FaceLine]
    fields: Mapping[str, Any]
    days: int
    issuer_org_id: int
    issuer_name: str
    why: str
    where: str
    statement: str

    @property
    def stands(self) -> bool:
        return not self.why


@dataclass(frozen=True, slots=True)
class ListedProof:
    """One entry of the place's list; `times` counts what was opened here."""

    title: str
    unit: str
    type_id: str
    times: int


@dataclass(frozen=True, slots=True)
class Verification:
    """What anyone may learn from a verification code: no more than the paper shows, and that masked.

    `use` says for what a copy was given, where the code is a copy's (加注件).
    `recorded` is the standing that the newest leaf of the ledger tells: 失效 follows from the dates before it is written down.
    """

    code: str
    status: Status
    is_valid: bool
    sentence: str
    title: str
    identifier: str
    number: str
    version: int
    issuer_name: str
    holder_masked: str
    lines: Sequence[FaceLine]
    issued_on: date
    valid_from: date
    valid_to: date | None
    changed_on: date
    leaf_id: int
    recorded: Status
    use: "CopyUse | None" = None


@dataclass(frozen=True, slots=True)
class RegisterFilter:
    """What a clerk looks for: `words` is a number, identifier, verification code, holder's name or ID number."""

    words: str = ""
    type_id: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What a change of many licences did; `failed` says why for each that stayed as it was."""

    changed: Sequence[int] = ()
    failed: Mapping[int, str] = field(default_factory=dict)


_STATUS_WORDS = {
    Status.VALID: "有效",
    Status.SUSPENDED: "暂扣",
    Status.REVOKED: "撤销",
    Status.CANCELLED: "注销",
    Status.LAPSED: "失效",
    Status.MOVING: "办理转出",
    Status.WITHDRAWN: "吊销",
}
_OPERATION_WORDS = {
    Operation.ISSUE: "新发",
    Operation.RENEW: "延续",
    Operation.SUSPEND: "暂扣",
    Operation.LAPSE: "过期失效",
    Operation.CANCEL: "注销",
    Operation.RESUME: "暂扣发还",
    Operation.OTHER: "其他处理",
    Operation.MOVE_IN: "转入",
    Operation.CORRECT: "变更",
    Operation.STAY: "取消转出",
}
_COPY_WORDS = {
    CopyState.ASKED: "等持证人同意",
    CopyState.GIVEN: "可以使用",
    CopyState.DECLINED: "持证人不同意",
    CopyState.WITHDRAWN: "持证人已撤回",
    CopyState.UNANSWERED: "逾期未答复",
    CopyState.OVER: "已过使用期限",
}
