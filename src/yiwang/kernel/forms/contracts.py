"""A form as other apps see it, what registers know, and what can be wrong with answers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, Protocol, runtime_checkable

from yiwang.kernel.base.contracts import Actor, Invalid, NotFound, TooMany
from yiwang.kernel.elements.contracts import CodeList, Element, ElementType
from yiwang.kernel.forms._asked import Asked as Asked
from yiwang.kernel.forms._asked import AskReport as AskReport
from yiwang.kernel.forms._asked import Saving as Saving
from yiwang.kernel.forms._asked import register_asking as register_asking
from yiwang.kernel.packs.contracts import Text
from yiwang.kernel.rules.contracts import Expression

Answers = dict[str, Any]


class NoSuchForm(NotFound):
    code = "forms.no-such-form"


class NoSuchField(NotFound):
    code = "forms.no-such-field"


class AnswersInvalid(Invalid):
    """`places` has one sentence per field path (`mother_phone`, `children.0.name`)."""

    code = "forms.answers-invalid"


class NotAForm(Invalid):
    """Answers of a shape that no page of ours sends."""

    code = "forms.not-a-form"


class TooManyDrafts(TooMany):
    code = "forms.too-many-drafts"


@dataclass(frozen=True, slots=True)
class FieldDef:
    """One question: an element, the words around it, and when it is asked."""

    name: str
    element: Element
    label: Text
    help: Text | None = None
    is_required: bool = False
    required_when: Expression | None = None
    when: Expression | None = None
    ask: Text | None = None
    subject: str = ""
    default: str | int | bool | None = None
    codes: CodeList | None = None
    is_multiple: bool = False
    files_max: int = 1
    photo: str = ""

    @property
    def type(self) -> ElementType:
        return self.element.type


@dataclass(frozen=True, slots=True)
class Repeat:
    min: int
    max: int
    noun: Text


@dataclass(frozen=True, slots=True)
class GroupDef:
    """A group of questions; with `repeat` its answers are a list of the same group."""

    id: str
    title: Text
    fields: tuple[FieldDef, ...]
    help: Text | None = None
    when: Expression | None = None
    repeat: Repeat | None = None


@dataclass(frozen=True, slots=True)
class CheckDef:
    """A condition that answers must meet; what lacks an answer is not checked."""

    code: str
    when: Expression
    sentence: Text
    field: str


@dataclass(frozen=True, slots=True)
class FormDef:
    """A form as its pack stands: `hash` is what a case keeps."""

    id: str
    version: int
    hash: str
    title: Text
    groups: tuple[GroupDef, ...]
    checks: tuple[CheckDef, ...] = ()
    purpose: str = ""
    basis: str = ""

    def field(self, name: str) -> FieldDef:
        """Raises NoSuchField."""
        for group in self.groups:
            for each in group.fields:
                if each.name == name:
                    return each
        raise NoSuchField(f"表单里没有“{name}”这一项。")

    def fields(self) -> Iterable[FieldDef]:
        return (each for group in self.groups for each in group.fields)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a form is about; `related` leads to others by their role (`spouse`) as id numbers."""

    party_id: int | None
    id_number: str
    kind: str
    related: Mapping[str, str] = field(default_factory=dict)

    def role(self, name: str) -> "Subject | None":
        """The applicant or somebody related; None when nobody of that role is known."""
        if name == "applicant":
            return self
        number = self.related.get(name)
        return Subject(None, number, "person") if number else None


@dataclass(frozen=True, slots=True)
class Fact:
    """A value that a register holds, in the element's terms, with its source and the day it was right."""

    value: Any
    source: str
    as_of: date


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What registers said of one person, by data element; `silent` are the names of registers that did not answer."""

    facts: Mapping[str, Fact]
    silent: tuple[str, ...] = ()


class FactSource(Protocol):
    """A register that answers for elements; it looks, the form app writes the disclosure.

    A source may also have `lists` (same arguments, answers a list of such mappings, e.g. one per newborn of a mother):
    it fills groups that repeat.
    """

    def facts(
        self, subject: Subject, elements: set[str], *, purpose: str, case_number: str | None, by: Actor, at: datetime
    ) -> Mapping[str, Fact]: ...


@dataclass(frozen=True, slots=True)
class Known:
    """A question that need not be asked: its stored value, how it reads, where it comes from. Kept by field path.

    `subject_key` is whose record it is. With `may_change` it is an offer (no register has the last word on it): it fills
    what was left blank, and what is answered stands.
    """

    value: Any
    shown: str
    source: str
    source_title: str
    as_of: date
    subject_key: str = ""
    may_change: bool = False


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One answered question on a review page; `file_ids` for uploads."""

    path: str
    label: str
    shown: str
    is_known: bool = False
    source_title: str = ""
    file_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SummaryGroup:
    id: str
    title: str
    lines: tuple[SummaryLine, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """An answer that is not what the register says."""

    path: str
    label: str
    answered: str
    held: str
    source_title: str
    as_of: date


@dataclass(frozen=True, slots=True)
class DraftView:
    form_id: str
    key: str
    answers: Answers
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class DraftSave:
    """Which saving of which opened page this is; they may arrive in another order than they were sent in."""

    page: str = ""
    number: int = 0

    # What a page posts is the last that it says.
    LAST: ClassVar[int] = 2**31 - 1


@dataclass(frozen=True, slots=True)
class ObjectionView:
    """Somebody says that a register is wrong about them."""

    id: int
    form_id: str
    field: str
    element: str
    source: str
    held: str
    claimed: str
    words: str
    raised_at: datetime
    party_id: int | None = None
    subject_key: str = ""  # whose record it is about


@runtime_checkable
class ListSource(Protocol):
    """The part of a FactSource that answers with several records of one subject."""

    def lists(
        self, subject: Subject, elements: set[str], *, purpose: str, case_number: str | None, by: Actor, at: datetime
    ) -> Sequence[Mapping[str, Fact]]: ...


@dataclass(frozen=True, slots=True)
class RegisteredSource:
    """A register that answers for elements (`person.*` for all of a family)."""

    name: str
    title: Text
    elements: frozenset[str]
    source: FactSource


_sources: dict[str, RegisteredSource] = {}
_providers: list[Callable[[], Iterable[RegisteredSource]]] = []


def register_fact_source(name: str, elements: Iterable[str], source: FactSource, *, title: Text | str = "") -> None:
    """Let a register answer for elements (`person.*` for all of a family); called from AppConfig.ready()."""
    said = title if isinstance(title, Text) else Text(title or name)
    _sources[name] = RegisteredSource(name, said, frozenset(elements), source)


def register_fact_sources(provider: Callable[[], Iterable[RegisteredSource]]) -> None:
    """Let registers that packs name answer: `provider` says which those in force are; called from AppConfig.ready()."""
    if provider not in _providers:
        _providers.append(provider)


def sources_for(element_id: str) -> list[RegisteredSource]:
    """Registered sources of an element, the most particular first."""
    every = _registered().values()
    exact = [s for s in every if element_id in s.elements]
    family = f"{element_id.partition('.')[0]}.*"
    return exact + [s for s in every if family in s.elements and s not in exact]


def source_title(name: str, *, language: str = "zh", otherwise: str = "") -> str:
    found = _registered().get(name)
    return found.title.in_language(language) if found else otherwise or name


def _registered() -> dict[str, RegisteredSource]:
    return {each.name: each for provider in _providers for each in provider()} | _sources
