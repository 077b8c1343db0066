"""What matters (事项) are to other apps: definitions, implementation lists, codes, import reports. No Django."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date

from yiwang.kernel.base.contracts import Conflict, Invalid, NotFound
from yiwang.kernel.workdays.contracts import Limit
from yiwang.services.matters._terms import HandlingType as HandlingType
from yiwang.services.matters._terms import MatterType as MatterType
from yiwang.services.matters._terms import OrgMarkKind as OrgMarkKind
from yiwang.services.matters._terms import Origin as Origin
from yiwang.services.matters._terms import SourceKind as SourceKind


class CodeUnreadable(Invalid):
    """An item code that fits no known form."""

    code = "matters.code-unreadable"


class NoSuchImplementation(NotFound):
    code = "matters.no-such-implementation"


class ImplementationClash(Conflict):
    """A pack and a list from elsewhere both claim the same item of the same organisation."""

    code = "matters.implementation-clash"


class CannotPublish(Conflict):
    code = "matters.cannot-publish"


class ListUnreadable(Invalid):
    """An import file that is not an item list at all."""

    code = "matters.list-unreadable"


@dataclass(frozen=True, slots=True)
class Component:
    """One named part of a code."""

    name: str
    title: str
    value: str


@dataclass(frozen=True, slots=True)
class Material:
    """One material; `key` is the same wherever the same paper is meant, so a union has it once."""

    key: str
    name: str
    name_en: str = ""
    kind: str = "main"  # main 主件 | gap-allowed 可容缺
    source: SourceKind = SourceKind.APPLICANT
    reference: str = ""  # licence type or data element that `source` names
    holder: str = "applicant"
    form: str = ""
    copies: int = 0
    requirement: str = ""
    requirement_en: str = ""
    why: str = ""
    why_en: str = ""
    when: str = ""
    where_it_exists: bool = False
    issued_by: str = ""
    make_up: Limit | None = None
    may_promise: bool = False
    proves: str = ""  # what a promise in its place says (告知承诺)
    proves_en: str = ""
    proof_basis: str = ""
    check_within: Limit | None = None

    @property
    def is_asked(self) -> bool:
        return self.source is SourceKind.APPLICANT

    @property
    def may_lack(self) -> bool:
        return self.kind == "gap-allowed"


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee; with `item` it is charged here, its tariff's facts taken from these answers (`=` and a constant)."""

    name: str
    amount: str
    basis: str = ""
    item: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    question: str
    answer: str
    question_en: str = ""
    answer_en: str = ""


@dataclass(frozen=True, slots=True)
class Office:
    """办理地点 with its hours and telephone."""

    name: str
    address: str
    hours: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    title: str
    article: str = ""


@dataclass(frozen=True, slots=True)
class Who:
    """One 受理条件: its sentence, and the rule that decides it where there is one."""

    code: str
    sentence: str
    sentence_en: str = ""
    when: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """A period of a procedural law: its length, its article, and what silence means."""

    code: str
    title: str
    limit: Limit
    article: str
    silence: str = ""


@dataclass(frozen=True, slots=True)
class ProcedureView:
    """What a procedural law adds to matters of its types: periods, documents, days not counted."""

    id: str
    title: str
    types: tuple[MatterType, ...]
    periods: dict[str, Period]
    documents: dict[str, str]
    uncounted: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What an implementation list (实施清单, GB/T 39046 and the national exchange tables) says of one item.

    None means that the list does not say; an empty tuple means that there is none.
    """

    name: str
    name_en: str = ""
    type: MatterType
    main_item: str = ""
    level: str = ""  # 行使层级, GB/T 39046 A.2
    body_nature: str = ""  # 实施主体性质, A.3
    handling_type: HandlingType | None = None
    statutory: Limit | None = None
    statutory_note: str = ""
    promised: Limit | None = None
    promised_note: str = ""
    audience: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()  # 办理形式
    reach: str = ""  # 通办范围
    visits: int | None = None  # 到现场次数
    conditions: tuple[Who, ...] | None = None
    materials: tuple[Material, ...] | None = None
    fees: tuple[Fee, ...] | None = None
    offices: tuple[Office, ...] = ()
    phone: str = ""
    supervision_phone: str = ""
    questions: tuple[Question, ...] = ()
    legal_basis: tuple[Basis, ...] = ()
    result: str = ""  # licence:<type> | paper:<name> | record:<name>
    result_fields: dict[str, str] = field(
        default_factory=dict
    )  # of the certificate: an answer's name, or = and a constant
    form_id: str = ""
    flow_id: str = ""
    stands_alone: bool = False  # its form and flow can be used without a one-thing around them
    assurance: int = 1  # 认证等级 1–4 that an online filing needs
    assurance_why: str = ""
    assurance_why_en: str = ""
    doubts: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[Material, ...]:
        return tuple(m for m in self.materials or () if m.is_asked)

    @property
    def spared(self) -> tuple[Material, ...]:
        return tuple(m for m in self.materials or () if not m.is_asked)


@dataclass(frozen=True, slots=True)
class MatterDefinition:
    """A matter as its pack defines it, wherever it is carried out."""

    id: str
    version: int
    hash: str
    title: str
    title_en: str
    type: MatterType
    handled_by: str  # kind of organisation
    level: str
    statutory: Limit
    promised: Limit
    visits: int
    materials: tuple[Material, ...]
    result: str
    form_id: str
    flow_id: str
    themes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImplementationView(Content):
    """A version of one organisation's implementation list for one matter, as in force on a day."""

    id: int
    version_id: int
    version: int
    matter_id: str
    code: str
    org_id: int | None  # None where a list names a body that could not be identified
    org_name: str
    region_code: str
    origin: Origin
    effective_from: date
    effective_to: date | None
    org_phone: str = ""
    org_supervision_phone: str = ""
    org_short_name: str = ""
    org_address: str = ""
    lon: float | None = None
    lat: float | None = None

    @property
    def content(self) -> Content:
        """What the list itself says, without the organisation's own details."""
        return Content(**{field.name: getattr(self, field.name) for field in fields(Content)})

    @property
    def consult_phone(self) -> str:
        """咨询电话: the list's, else the organisation's."""
        return self.phone or self.org_phone

    @property
    def complaint_phone(self) -> str:
        """监督电话: the list's, else the organisation's."""
        return self.supervision_phone or self.org_supervision_phone

    @property
    def may_apply_online(self) -> bool:
        return bool(self.form_id and self.flow_id and self.org_id)


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A line of an implementation's history; `effective_from` is None for a version replaced before it took effect."""

    version: int
    origin: Origin
    effective_from: date | None
    effective_to: date | None
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImplementationRow:
    """A line of a list of matters."""

    id: int
    code: str
    name: str
    name_en: str
    type: MatterType
    org_id: int | None
    org_name: str
    region_code: str
    promised: Limit | None
    visits: int | None
    may_apply_online: bool


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """What is wrong on a line of a list: `is_refusal` when the line was set aside for it."""

    line: int
    code: str
    what: str
    remedy: str
    is_refusal: bool = False


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. Always read = created + updated + unchanged + set aside."""

    file: str
    read: int
    created: int
    updated: int
    unchanged: int
    set_aside: int
    organisations_created: int
    problems: tuple[ImportProblem, ...] = field(default=())

    @property
    def is_reconciled(self) -> bool:
        return self.read == self.created + self.updated + self.unchanged + self.set_aside

    def lines(self) -> tuple[str, ...]:
        """Every problem as `file:line: what. what to do`."""
        return tuple(f"{self.file}:{p.line}: {p.what}{p.remedy}" for p in self.problems)


@dataclass(frozen=True, slots=True)
class WayIn:
    """Where a matter can be applied for online; `note` says what speaks for this way."""

    url: str
    title: str
    note: str = ""


WayInSource = Callable[[ImplementationView], list[WayIn]]
_ways_in: list[WayInSource] = []


def register_way_in(source: WayInSource) -> None:
    """Let an app above offer its pages on the guides of matters; called in AppConfig.ready()."""
    if source not in _ways_in:
        _ways_in.append(source)


def ways_in(matter: ImplementationView) -> list[WayIn]:
    """Every way to apply for a matter online; none for one that nobody can apply for here."""
    if not matter.may_apply_online:
        return []
    return [way for source in _ways_in for way in source(matter)]


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What publishing the packs' matters to their organisations did."""

    created: int
    updated: int
    unchanged: int
    ended: int
