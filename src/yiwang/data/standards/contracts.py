"""Elements, items of standards and code lists as other apps see them. No Django."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from yiwang.kernel.base.contracts import Invalid, NotFound, Place
from yiwang.kernel.elements.contracts import Element

VIEW, EDIT = "standards.view", "standards.edit"
PERMISSIONS = {VIEW: "查看数据标准", EDIT: "导入标准、对应数据元"}


class Origin(StrEnum):
    """Where a code list comes from: packs stand in force by release, imported ones are records."""

    PACK = "pack"
    IMPORT = "import"


class Relation(StrEnum):
    """How an element stands to an item of a standard."""

    SAME = "same"
    NARROWER = "narrower"
    BROADER = "broader"


RELATIONS = {Relation.SAME: "等同", Relation.NARROWER: "比标准窄", Relation.BROADER: "比标准宽"}


class NoSuchItem(NotFound):
    code = "standards.no-such-item"


class NoSuchList(NotFound):
    code = "standards.no-such-list"


class BadDocument(Invalid):
    """A file that is no standard we can read; each place says where."""

    code = "standards.bad-document"


class BadMapping(Invalid):
    code = "standards.bad-mapping"


@dataclass(frozen=True, slots=True)
class Report:
    """What importing a document did, by items and by code lists."""

    standard: str
    created: int
    changed: int
    unchanged: int
    ended: int
    lists_created: int
    lists_changed: int
    lists_unchanged: int
    problems: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item of a standard, as it reads from a day on; `format` is the standard's own (an..200)."""

    identifier: str
    standard: str
    group: str
    name: str
    format: str
    type: str
    length: int | None
    is_fixed: bool
    note: str
    code_list: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class ListedCode:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class CodeListView:
    """A version of a code list; it holds from `since` until the day before `until`."""

    id: str
    title: str
    number: int
    origin: Origin
    source: str
    since: date
    until: date | None
    items: tuple[ListedCode, ...]

    def name(self, code: str) -> str | None:
        return next((item.name for item in self.items if item.code == code), None)


@dataclass(frozen=True, slots=True)
class ListRow:
    """One line of the list of code lists."""

    id: str
    title: str
    number: int
    origin: Origin
    source: str
    since: date
    count: int


@dataclass(frozen=True, slots=True)
class MappingView:
    """An element set beside an item of a standard."""

    item: ItemView
    relation: Relation
    note: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Something that names an element: a form, a rule, an entry of the catalogue."""

    kind: str
    id: str
    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Which unit answers for an element, and where."""

    unit: str
    where: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class ElementRow:
    """One line of the list of elements."""

    id: str
    title: str
    type: str
    length: int | None
    unit: str
    code_list: str
    sensitivity: str
    authority: str
    gb_identifier: str

    @staticmethod
    def of(element: Element, authority: str) -> "ElementRow":
        return ElementRow(
            element.id,
            str(element.title),
            element.type.value,
            element.max_length,
            element.unit,
            element.code_list or "",
            element.sensitivity.value,
            authority,
            element.gb_identifier,
        )


@dataclass(frozen=True, slots=True)
class StandardView:
    """A document that was imported: which edition, from where, when."""

    identifier: str
    title: str
    source: str
    sha256: str
    imported_at: datetime
    items: int


UsageSource = Callable[[str], Iterable[Usage]]
AnswerSource = Callable[[str], Answer | None]
usage_sources: list[UsageSource] = []
answer_sources: list[AnswerSource] = []


def register_usage(source: UsageSource) -> None:
    """Let an app above say which of its records name an element; packs are looked through anyway."""
    if source not in usage_sources:
        usage_sources.append(source)


def register_answer(source: AnswerSource) -> None:
    """Let an app above say which unit answers for an element."""
    if source not in answer_sources:
        answer_sources.append(source)
