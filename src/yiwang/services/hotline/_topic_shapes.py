"""What classification, hot topics, reports and imports hand out; part of `contracts`."""

from dataclasses import dataclass, field
from datetime import date, datetime

from yiwang.kernel.base.contracts import Conflict, Invalid, NotFound


class BadTrainingFile(Invalid):
    code = "hotline.bad-training-file"


class TooLittleToLearn(Conflict):
    code = "hotline.too-little-to-learn"


class NoSuchTopic(NotFound):
    code = "hotline.no-such-topic"


class BadQuestion(Invalid):
    """A 每月一题 is filled in wrongly; each place says how."""

    code = "hotline.bad-question"


class BadImportFile(Invalid):
    code = "hotline.bad-import-file"


@dataclass(frozen=True, slots=True)
class Worth:
    """What a model does on messages it never saw. `shown` is the share that gets a suggestion, `shown_right` how many of these are right."""

    macro_f1: float
    accuracy: float
    f1: dict[str, float]
    shown: float
    shown_right: float
    calibration_error: float
    messages_per_second: int


@dataclass(frozen=True, slots=True)
class Training:
    """A model that was trained: from how many messages, judged by how many others, and what it is worth.

    `unplaced` are labels that mean no category of this place: nothing is suggested where the model finds one of them.
    """

    digest: str
    path: str
    labels: tuple[str, ...]
    unplaced: tuple[str, ...]
    left_out: dict[str, int]
    seed: int
    learned: int
    adjusted: int
    judged: int
    worth: Worth


@dataclass(frozen=True, slots=True)
class Rising:
    """So many in the last days, so many expected by the weeks before, and how likely that is by chance."""

    recent: int
    expected: float
    chance: float
    is_rising: bool


@dataclass(frozen=True, slots=True)
class TopicView:
    """A hot topic: what it is called, how many messages and callers, whether it grows. `weeks` are counts, the oldest first."""

    id: int
    name: str
    category: str
    category_name: str
    region_code: str
    region_name: str
    tickets: int
    callers: int
    weeks: tuple[int, ...]
    rising: Rising
    first_at: datetime
    last_at: datetime
    middle_number: str


@dataclass(frozen=True, slots=True)
class TopicRunView:
    """One search for topics."""

    at: datetime
    since: datetime
    tickets: int
    signed: int
    topics: int
    rising: int
    took_ms: int


@dataclass(frozen=True, slots=True)
class RepeatedCaller:
    """Somebody who came again and again, masked; `numbers` are the last tickets."""

    phone_masked: str
    name_masked: str
    tickets: int
    open: int
    categories: tuple[str, ...]
    last_at: datetime
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the operator chose what was suggested. `none` are tickets for which nothing was suggested."""

    since: date
    until: date
    decided: int
    none: int
    same: int
    same_branch: int

    @property
    def percent(self) -> int | None:
        """Of those with a suggestion, how many of the same branch; None where there is nothing to count."""
        shown = self.decided - self.none
        return round(100 * self.same_branch / shown) if shown else None


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A 每月一题: what is to be solved at its root, who leads, and how many messages it brought month by month."""

    id: int
    month: date
    title: str
    plan: str
    topic_id: int | None
    category_name: str
    lead_org_id: int
    lead_name: str
    before: int
    since: int
    months: tuple[tuple[date, int], ...] = ()
    """How many messages came in each month from three before, as far as months have begun."""


@dataclass(frozen=True, slots=True)
class ImportProblem:
    file: str
    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Every row is in one of the three: taken in, known already, or wrong."""

    read: int
    created: int
    known: int
    problems: tuple[ImportProblem, ...] = field(default_factory=tuple)

    @property
    def is_reconciled(self) -> bool:
        return self.read == self.created + self.known + len({(one.file, one.line) for one in self.problems})
