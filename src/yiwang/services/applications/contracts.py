"""Applications as other apps see them: materials, documents, what may go wrong. No Django."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.forms.contracts import FormDef
from yiwang.kernel.people.contracts import PartyView
from yiwang.kernel.rules.contracts import Answer
from yiwang.kernel.workdays.contracts import Limit
from yiwang.services.applications._assurance import AssuranceNeeded
from yiwang.services.applications._paper_shapes import PaperCheck, PaperGround, SaidField
from yiwang.services.applications._promise_shapes import (
    CannotCheckPromise,
    CannotPromise,
    Found,
    NothingPromised,
    PromiseOffer,
    PromiseTerms,
    PromiseView,
)
from yiwang.services.matters.contracts import ImplementationView

__all__ = [
    "AssuranceNeeded",
    "CannotCheckPromise",
    "CannotPromise",
    "Found",
    "NothingPromised",
    "PaperCheck",
    "PaperGround",
    "PromiseOffer",
    "PromiseTerms",
    "PromiseView",
    "SaidField",
]
KIND, PROMISE_CHECK = "application", "promise-check"
# In the form of a choice that the system takes by rule; anybody else's form means nothing by it.
INSTANT_FORM = "instant"


class Channel(StrEnum):
    """How an application came in; codes of 办理形式, GB/T 39046 A.5."""

    WINDOW = "1"
    WEB = "2"
    MOBILE = "3"
    POST = "4"
    OTHER = "9"


class MaterialStatus(StrEnum):
    """How one material stands."""

    VERIFIED = "verified"  # found in a register or certificate store: asked of nobody
    GENERATED = "generated"  # made by the system from the form
    PENDING = "pending"  # the unit asks the register itself: asked of nobody
    PROVIDED = "provided"
    FAULTY = "faulty"  # provided, and sent back with what is wrong
    LACKING = "lacking"
    GAP = "gap"  # 容缺: to be made up for by a day
    PROMISED = "promised"  # 告知承诺
    NOT_NEEDED = "not-needed"

    @property
    def is_settled(self) -> bool:
        return self not in {MaterialStatus.FAULTY, MaterialStatus.LACKING}


class NotFiled(NotFound):
    code = "applications.not-filed"


class NoSuchDocument(NotFound):
    code = "applications.no-such-document"


class NoSuchMaterial(NotFound):
    code = "applications.no-such-material"


class NotOpenOnline(Conflict):
    """The matter cannot be applied for here yet."""

    code = "applications.not-open-online"


class NotForThisApplicant(Denied):
    """The matter is for firms and a person asks, or the other way round."""

    code = "applications.not-for-this-applicant"


class CannotIssue(Conflict):
    """The result cannot be made from what the case holds."""

    code = "applications.cannot-issue"


class MaterialsLacking(Conflict):
    """A main material (主件) is missing or faulty: nothing may be accepted."""

    code = "applications.materials-lacking"


class NothingCorrected(Conflict):
    code = "applications.nothing-corrected"


class CannotSupply(Conflict):
    code = "applications.cannot-supply"


class NotYourMaterial(Denied):
    code = "applications.not-your-material"


class BadMaterials(Invalid):
    code = "applications.bad-materials"


class MaterialsMissing(Invalid):
    """Papers that have to be handed in before a filing; `places` are `file.<key>`."""

    code = "applications.materials-missing"


class CannotTrack(NotFound):
    """Number and phone tail do not belong together; says no more than that."""

    code = "applications.cannot-track"


@dataclass(frozen=True, slots=True)
class MaterialInput:
    """What came with the form for one material: a file, a promise, or nothing; `said` is what was read off the paper."""

    file_id: int | None = None
    is_promised: bool = False
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One material that a filing has to settle; `matters` are the ids that need it."""

    key: str
    name: str
    kind: str
    source: str
    reference: str = ""
    holder: str = "applicant"
    requirement: str = ""
    why: str = ""
    make_up: str = ""
    may_promise: bool = False
    matters: tuple[str, ...] = ()
    proves: str = ""
    proves_en: str = ""
    proof_basis: str = ""
    check_within: str = ""
    name_en: str = ""
    requirement_en: str = ""
    why_en: str = ""

    @property
    def is_asked(self) -> bool:
        return self.source == "applicant"

    @property
    def may_lack(self) -> bool:
        return self.kind == "gap-allowed"


@dataclass(frozen=True, slots=True)
class MaterialView:
    """One material of a filing as it stands."""

    id: int
    key: str
    name: str
    kind: str
    source: str
    reference: str
    requirement: str
    why: str
    status: MaterialStatus
    evidence: str
    problem: str
    file_id: int | None
    file_name: str
    media_type: str
    make_up_on: date | None
    checked_at: datetime | None
    may_promise: bool
    matters: tuple[str, ...]
    promise: PromiseView | None = None
    precheck: PaperCheck | None = None

    @property
    def is_asked(self) -> bool:
        return self.source == "applicant"


@dataclass(frozen=True, slots=True)
class DocumentView:
    """An official document (文书) with its number; `paragraphs` are personal."""

    id: int
    case_id: int
    event: str
    title: str
    document_no: str
    org_id: int
    org_name: str
    issued_at: datetime
    addressee: str
    paragraphs: tuple[str, ...]
    remedies: str
    signed_by: str = ""


@dataclass(frozen=True, slots=True)
class Basics:
    """What an application case carries in its sealed data beside the answers.

    A case of one matter names its implementation; a root of several matters has none.
    """

    matter_id: str = ""
    implementation_id: int | None = None
    on: date | None = None
    form_id: str = ""
    form_hash: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_data(self) -> dict[str, Any]:
        """The `data` of `cases.actions.open_case`."""
        return {
            "matter": {
                "id": self.matter_id,
                "implementation": self.implementation_id,
                "on": self.on.isoformat() if self.on else None,
            },
            "form": {"id": self.form_id, "hash": self.form_hash},
            "answers": dict(self.answers),
            **self.extra,
        }

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> "Basics":
        matter, form = data.get("matter") or {}, data.get("form") or {}
        day = matter.get("on")
        return Basics(
            matter_id=matter.get("id", ""),
            implementation_id=matter.get("implementation"),
            on=date.fromisoformat(day) if day else None,
            form_id=form.get("id", ""),
            form_hash=form.get("hash", ""),
            answers=data.get("answers") or {},
            extra={k: v for k, v in data.items() if k not in {"matter", "form", "answers"}},
        )


@dataclass(frozen=True, slots=True)
class KeptMaterial:
    """A file in somebody's materials centre (材料中心), for use again."""

    id: int
    file_id: int
    key: str
    name: str
    file_name: str
    media_type: str
    size_bytes: int
    kept_at: datetime
    last_used_at: datetime
    used_times: int


@dataclass(frozen=True, slots=True)
class Sent:
    """Files chosen and promises made so far for a filing, by material; kept as a draft beside that of the form."""

    file_ids: Mapping[str, int] = field(default_factory=dict)
    promised: frozenset[str] = frozenset()
    said: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # what was read off each paper

    @property
    def inputs(self) -> dict[str, MaterialInput]:
        files = {
            key: MaterialInput(file_id=file_id, said=self.said.get(key, {})) for key, file_id in self.file_ids.items()
        }
        return {key: MaterialInput(is_promised=True) for key in self.promised} | files


@dataclass(frozen=True, slots=True)
class MaterialRow:
    """One material before filing: whether it is asked here and now, and what was handed in."""

    wanted: Wanted
    is_asked: bool
    is_missing: bool  # a register should hold it and does not
    file_name: str
    reusable: tuple[KeptMaterial, ...]
    terms: PromiseTerms | None = None  # where a promise is offered in its place
    barred_until: date | None = None  # where it would be, but for an earlier broken one
    is_promised: bool = False
    fields: tuple[SaidField, ...] = ()  # what is asked to be read off the paper
    precheck: PaperCheck | None = None  # what a rule says of the paper that was chosen


@dataclass(frozen=True, slots=True)
class ConditionView:
    """One 受理条件 over what was filled in; `answer` is met, not-met or unknown (no rule, or not enough answers)."""

    code: str
    sentence: str
    sentence_en: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Checked:
    """A filing of one matter that has been looked through: its answers as they are kept, its materials, its conditions."""

    implementation: ImplementationView
    form: FormDef
    party: PartyView
    answers: dict[str, Any]
    wanted: tuple[Wanted, ...]
    held: dict[str, str]
    conditions: tuple[ConditionView, ...]

    @property
    def unmet(self) -> tuple[ConditionView, ...]:
        return tuple(each for each in self.conditions if each.answer is Answer.NOT_MET)


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A matter on a receipt; `subject` is personal."""

    title: str
    subject: str = ""
    title_en: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptParts:
    """What only the kind of case knows of its receipt: which matters were filed, within which limit, names in English."""

    lines: tuple[ReceiptLine, ...]
    promised: Limit | None
    title_en: str = ""
    names_en: Mapping[str, str] = field(default_factory=dict)  # of materials, by key


@dataclass(frozen=True, slots=True)
class Receipt:
    """回执: what was filed and when, until when it is promised, whom to call."""

    number: str
    query_code: str
    title: str
    opened_at: datetime
    due_at: datetime | None
    promised: Limit | None
    lines: tuple[ReceiptLine, ...]
    materials: tuple[str, ...]  # names of what was handed in
    lead: str
    lead_phone: str
    supervision_phone: str
    title_en: str = ""
    materials_en: tuple[str, ...] = ()


ReceiptSource = Callable[[CaseView], ReceiptParts]
_receipts: dict[str, ReceiptSource] = {}


def register_receipt(kind: str, source: ReceiptSource) -> None:
    """Let an app above say what stands on the receipts of its kind of case; called in AppConfig.ready()."""
    _receipts[kind] = source


def receipt_source(kind: str) -> ReceiptSource | None:
    return _receipts.get(kind)
