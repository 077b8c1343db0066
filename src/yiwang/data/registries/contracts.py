"""Registry records as they cross the boundary."""

from dataclasses import dataclass, field
from datetime import date

from yiwang.kernel.base.contracts import Conflict, NotFound


class NotRegistered(NotFound):
    code = "registries.not-registered"


class AlreadyRegistered(Conflict):
    code = "registries.already-registered"


class CannotCorrect(Conflict):
    """The objection is about something that only the source system can change."""

    code = "registries.cannot-correct"


@dataclass(frozen=True, slots=True)
class RegistryView:
    """A registry with who answers for it: kinds of organisation, the first that a region has; and how objections run."""

    id: str
    title: str
    units: tuple[str, ...]
    flow: str


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
    """A household book (户口簿); `kind` is family or collective."""

    book_no: str
    kind: str
    region_code: str
    address: str
    head_key: str
    registered_on: date | None = None


@dataclass(frozen=True, slots=True)
class MarriageRecord:
    certificate_no: str
    husband_key: str
    wife_key: str
    registered_on: date
    office: str
    ended_on: date | None = None

    def spouse_of(self, subject_key: str) -> str:
        return self.wife_key if subject_key == self.husband_key else self.husband_key


@dataclass(frozen=True, slots=True)
class KinshipRecord:
    """A recorded parent and child."""

    parent_key: str
    child_key: str


@dataclass(frozen=True, slots=True)
class EnrolmentRecord:
    """Participation in a social insurance scheme, such as `medical-employee` or `medical-resident`."""

    subject_key: str
    scheme: str
    region_code: str
    since: date
    until: date | None = None


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
