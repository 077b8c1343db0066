"""亮码办事: a clerk fills in what somebody says at the counter; it waits as that person's own draft, which they look through and file."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.elements.contracts import ElementType
from yiwang.kernel.forms import actions as forms
from yiwang.kernel.forms import queries as form_queries
from yiwang.kernel.forms.contracts import FieldDef, FormDef, sources_for
from yiwang.kernel.people import queries as people
from yiwang.kernel.workdays import queries as workdays
from yiwang.services.applications import _single, queries
from yiwang.services.matters import queries as matters
from yiwang.services.matters.contracts import ImplementationView
from yiwang.support.codes import queries as codes
from yiwang.support.codes.contracts import BearerView

_SUFFIX = "-counter"
# Whoever files says so themselves.
_OWN_WORD = "general.consent"


@dataclass(frozen=True, slots=True)
class AtCounter:
    """A form at the counter: who stands there, what is asked there, and what their code said already."""

    matter: ImplementationView
    form: FormDef
    bearer: BearerView
    answers: Mapping[str, Any]


def draft_key(code: str) -> str:
    """Beside the draft of the form, under the same form id."""
    return code + _SUFFIX


def offered(*, at: datetime) -> list[ImplementationView]:
    """Every matter that can be filed by itself, of every office that carries it out."""
    on = workdays.legal_day(at)
    return [each for matter_id in matters.standing_alone() for each in queries.places(matter_id, on=on)]


def opened(code: str, scan_id: int, by: Actor, *, at: datetime) -> AtCounter:
    """Raises NoSuchScan, HolderGone, NoSuchImplementation, NotOpenOnline, NotForThisApplicant, OutOfScope."""
    bearer, matter = codes.bearer_of(scan_id, by, at=at), _single.implementation(code, on=workdays.legal_day(at))
    _single.applicant(matter, _holder(bearer, at))
    form = _asked_here(_single.form(matter))
    said = {each.name: each.value for each in bearer.values}
    answers = {each.name: said[each.element.id] for each in form.fields() if said.get(each.element.id)}
    return AtCounter(matter, form, bearer, answers)


def prepare(code: str, scan_id: int, answers: Mapping[str, Any], by: Actor, *, at: datetime) -> AtCounter:
    """See actions.prepare_at_counter."""
    found = opened(code, scan_id, by, at=at)
    holder, asked = _holder(found.bearer, at), {each.name for each in found.form.fields()}
    before = form_queries.draft(found.form.id, code, holder)
    given = {name: value for name, value in answers.items() if name in asked or name in _repeated(found.form)}
    kept = {**(before.answers if before else {}), **given}
    forms.save_draft(form_id=found.form.id, key=code, answers=kept, by=holder, at=at)
    note = {"org": found.bearer.org_id, "scan": scan_id}
    forms.save_draft(form_id=found.form.id, key=draft_key(code), answers=note, by=holder, at=at)
    audit.record("applications.prepared", target=f"scan:{scan_id}", by=by, at=at, detail={"code": code})
    return replace(found, answers=kept)


def unit_of(form_id: str, code: str, by: Actor) -> int | None:
    """The unit at whose counter somebody's draft was filled in."""
    draft = form_queries.draft(form_id, draft_key(code), by)
    return int(draft.answers["org"]) if draft else None


def _holder(bearer: BearerView, at: datetime) -> Actor:
    return people.actor_of(bearer.account_id, bearer.mandate_id, at=at)


def _asked_here(form: FormDef) -> FormDef:
    """Without what registers fill in for the person alone, without papers, and without the person's own word."""
    groups = (replace(group, fields=tuple(filter(_is_asked_here, group.fields))) for group in form.groups)
    return replace(form, groups=tuple(group for group in groups if group.fields), checks=())


def _is_asked_here(each: FieldDef) -> bool:
    is_held = each.subject and not each.ask and (each.element.authority or sources_for(each.element.id))
    is_offered = is_held and not each.element.authority
    return (not is_held or bool(is_offered)) and each.type is not ElementType.FILE and each.element.id != _OWN_WORD


def _repeated(form: FormDef) -> set[str]:
    return {group.id for group in form.groups if group.repeat}
