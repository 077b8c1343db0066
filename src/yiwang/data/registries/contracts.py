"""Registry records as they cross the boundary."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound

TAKE, OPEN, VIEW, FOLLOW = "registries.take", "registries.open", "registries.view", "registries.follow"
PERMISSIONS = {TAKE: "更新基础库", OPEN: "为办事查看档案", VIEW: "查看基础库的更新", FOLLOW: "订阅基础库的变化"}


class NotRegistered(NotFound):
    code = "registries.not-registered"


class AlreadyRegistered(Conflict):
    code = "registries.already-registered"


class CannotCorrect(Conflict):
    """The objection is about something that only the source system can change."""

    code = "registries.cannot-correct"


class NoSuchRegistry(NotFound):
    code = "registries.no-such-registry"


class NoSuchFile(NotFound):
    """Nothing is kept under this key."""

    code = "registries.no-such-file"


class NothingToTake(Conflict):
    """The registry's table in the lake has no snapshot, or the packs name none."""

    code = "registries.nothing-to-take"


class TooMuchGone(Conflict):
    """A snapshot lacks more of what the registry holds than its pack allows."""

    code = "registries.too-much-gone"


class NotForThisPost(Denied):
    code = "registries.not-for-this-post"


class BadSearch(Invalid):
    code = "registries.bad-search"


class Kind(StrEnum):
    """What happened to an entry last."""

    ADDED = "added"
    CHANGED = "changed"
    CORRECTED = "corrected"
    GONE = "gone"
    BACK = "back"

    @property
    def label(self) -> str:
        return {"added": "新增", "changed": "变更", "corrected": "更正", "gone": "不再报送", "back": "恢复报送"}[self]


@dataclass(frozen=True, slots=True)
class RegistryView:
    """A registry with who answers for it: kinds of organisation, the first that a region has; and how objections run.

    `of` says whose files it keeps (`person`, `firm`), that each joins some (`relation`) or is about nobody (`thing`); empty where it
    keeps none. `called` is what one file is called. `table` is what feeds it from the lake, `sources` whose data that are.
    """

    id: str
    title: str
    units: tuple[str, ...]
    flow: str
    of: str = ""
    table: str = ""
    called: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IntakeView:
    """入库: one taking in of a snapshot (`table`, `snapshot`), of what a register handed over, or of a correction (`case_number`).

    read = added + changed + kept + unkeyed + twice; `gone` are entries that the snapshot no longer holds.
    """

    id: int
    registry: str
    table: str
    snapshot: int | None
    case_number: str
    read: int
    added: int
    changed: int
    kept: int
    gone: int
    unkeyed: int
    twice: int
    is_done: bool
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the resource is that a value comes from, by its newest inspection."""

    resource: str
    report_id: int
    score: Decimal | None
    inspected_at: datetime


@dataclass(frozen=True, slots=True)
class FileValue:
    """One value: what it says, where it is from, from which day it holds and when it was taken in."""

    name: str
    title: str
    element_id: str
    value: str
    shown: str
    sensitivity: str
    source: str
    source_title: str
    since: date
    recorded_at: datetime | None
    snapshot: int | None
    quality: Quality | None = None
    is_corrected: bool = False


@dataclass(frozen=True, slots=True)
class FileView:
    """What a registry holds of one subject, as it stands or stood; `is_here` is False when its source reports it no more.

    `subjects` are the keys of those who see that it was opened: who it is kept of, and of a relation those whom it joins.
    """

    registry: str
    key: str
    of: str
    values: tuple[FileValue, ...]
    is_here: bool
    fresh_at: datetime | None
    as_of: date | None = None
    known_at: datetime | None = None
    subjects: tuple[str, ...] = ()

    def value(self, name: str) -> str:
        return next((each.value for each in self.values if each.name == name), "")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that a search found, masked."""

    registry: str
    key: str
    shown: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ChangeView:
    """An entry at its newest change; `columns` are those that changed then. No values: who may read them opens the file."""

    number: int
    key: str
    kind: Kind
    columns: tuple[str, ...]
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One person of the population registry; also the row shape of bulk loading.

    `subject_key` is `sealed_index(id_number)`; `sex` GB/T 2261.1, `ethnicity` GB 3304, `relation`
    GB/T 4761 (to the head of the household); `region_code` 12 digits of the registered village.
    """

    id_number: str
    name: str
    sex: str
    born_on: date
    ethnicity: str
    region_code: str
    address: str
    household_no: str
    relation: str
    phone: str = ""
    died_on: date | None = None
    registered_on: date | None = None
    subject_key: str = ""

    def age_on(self, day: date) -> int:
        """Full years; who is born on 29 February turns a year older on 1 March."""
        before = (day.month, day.day) < (self.born_on.month, self.born_on.day)
        return day.year - self.born_on.year - before


@dataclass(frozen=True, slots=True)
class HouseholdRecord:
    """A household book (户口簿); `kind` is family or collective, or a code of household.kind. `known_on`: when the register was read; None: just now."""

    book_no: str
    kind: str
    region_code: str
    address: str
    head_key: str
    registered_on: date | None = None
    known_on: date | None = None

    @property
    def keys_named(self) -> tuple[str, ...]:
        return (self.head_key,)


@dataclass(frozen=True, slots=True)
class MarriageRecord:
    """`known_on`: when the register was read; None: just now."""

    certificate_no: str
    husband_key: str
    wife_key: str
    registered_on: date
    office: str
    ended_on: date | None = None
    known_on: date | None = None

    def spouse_of(self, subject_key: str) -> str:
        return self.wife_key if subject_key == self.husband_key else self.husband_key

    @property
    def keys_named(self) -> tuple[str, ...]:
        return (self.husband_key, self.wife_key)


@dataclass(frozen=True, slots=True)
class KinshipRecord:
    """A recorded parent and child."""

    parent_key: str
    child_key: str

    @property
    def keys_named(self) -> tuple[str, ...]:
        return (self.parent_key, self.child_key)


@dataclass(frozen=True, slots=True)
class EnrolmentRecord:
    """Participation in a social insurance scheme, such as `medical-employee` or `medical-resident`."""

    subject_key: str
    scheme: str
    region_code: str
    since: date
    until: date | None = None

    @property
    def keys_named(self) -> tuple[str, ...]:
        return (self.subject_key,)


@dataclass(frozen=True, slots=True)
class LegalPersonRecord:
    """One firm; `capital_fen` in fen, `status` one of open, suspended, cancelled, revoked."""

    uscc: str
    name: str
    kind: str
    legal_representative: str
    representative_key: str
    region_code: str
    address: str
    industry: str
    established_on: date
    capital_fen: int
    status: str = "open"


@dataclass(frozen=True, slots=True)
class Household:
    """A household with its living members, head first."""

    record: HouseholdRecord
    members: tuple[PersonRecord, ...] = field(default=())
