"""Forms as they are defined, what answers are worth, and how they read."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.elements.contracts import ElementType
from yiwang.kernel.files import queries as files
from yiwang.kernel.forms import _asked, _browser, _engine, _post, _summary
from yiwang.kernel.forms._build import Sources, build
from yiwang.kernel.forms.contracts import (
    Answers,
    AnswersInvalid,
    AskReport,
    Difference,
    DraftSave,
    DraftView,
    FormDef,
    Known,
    NoSuchForm,
    ObjectionView,
    SummaryGroup,
)
from yiwang.kernel.forms.kinds import FORM
from yiwang.kernel.forms.models import Draft, Objection
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import PackNotFound, PackSet


def get(form_id: str, version: int | None = None) -> FormDef:
    """A form in force. Raises NoSuchForm."""
    try:
        pack = packs.get(FORM, form_id, version)
    except PackNotFound as absent:
        raise NoSuchForm(f"没有表单“{form_id}”。", hint="请核对编号，或先装载配置包。") from absent
    return _built(pack.id, pack.hash, packs.current().release)


def by_hash(form_id: str, content_hash: str) -> FormDef:
    """The form that a case was begun with, of whatever release. Raises PackNotFound."""
    packs.by_hash(FORM, form_id, content_hash)
    return _built(form_id, content_hash, packs.current().release)


@lru_cache(maxsize=256)
def _built(form_id: str, content_hash: str, release: int) -> FormDef:
    # The release is in the key because elements and code lists change with it.
    return build(packs.by_hash(FORM, form_id, content_hash), Sources(elements.get, elements.code_list))


def validate(
    form: FormDef,
    answers: Answers,
    *,
    known: Mapping[str, Known] | None = None,
    by: Actor | None = None,
    today: date | None = None,
) -> Answers:
    """Answers as they are stored: only what was asked, each in its element's terms, known values from their registers.

    With `by`, uploads must belong to whom `by` acts for. Raises AnswersInvalid with one place per field.
    """
    out = _engine.examine(form, _engine.bounded(answers), known=known or {}, today=today or timezone.localdate())
    places = out.places + _stray_files(form, out, by)
    if places:
        raise AnswersInvalid(f"有{len(places)}处需要修改。", places=places, hint="请按提示修改后再提交。")
    return out.cleaned


def _stray_files(form: FormDef, out: _engine.Outcome, by: Actor | None) -> list[Place]:
    """Uploads that do not exist, or are somebody else's."""
    named = dict(_summary.uploads(form, out.cleaned))
    found = files.named({each for ids in named.values() for each in ids})
    mine = by.acting_for if by else None
    return [
        Place(path, "没有找到上传的文件，请重新上传。")
        for path, ids in named.items()
        if any(each not in found or (by is not None and found[each].owner_party_id != mine) for each in ids)
    ]


def asked(form: FormDef, answers: Answers, *, known: Mapping[str, Known] | None = None) -> list[str]:
    """Paths of the questions that these answers lead to, known ones left out: what is really asked."""
    out = _engine.examine(form, _engine.bounded(answers), known=known or {}, today=timezone.localdate())
    return [path for path in out.asked if path not in (known or {}) or (known or {})[path].may_change]


def summary(form: FormDef, answers: Answers, *, known: Mapping[str, Known] | None = None) -> list[SummaryGroup]:
    """Answered questions in the order of the form, as people read them; never raises for old answers."""
    return _summary.groups(form, answers, known or {})


def diff(form: FormDef, answers: Answers, known: Mapping[str, Known]) -> list[Difference]:
    """Where answers are not what registers hold."""
    return _summary.differences(form, answers, known)


def uploads(form: FormDef, answers: Answers) -> dict[str, list[int]]:
    """File ids by field path."""
    return dict(_summary.uploads(form, answers))


def condition_types(form: FormDef) -> dict[str, str]:
    """The facts that conditions over a form may use, with their types: the fields outside repeated groups."""
    fields = [field for group in form.groups if group.repeat is None for field in group.fields]
    return {
        field.name: field.element.rule_type
        for field in fields
        if not field.is_multiple and field.type is not ElementType.FILE
    }


def from_post(form: FormDef, data: QueryDict) -> Answers:
    """Answers of a posted page (names are field paths), without looking at what they are worth."""
    return _post.answers(form, data)


def saving(data: QueryDict) -> DraftSave:
    """The saving that a posted page is: the last that it says."""
    return DraftSave(data.get("draft_page", "")[:32], DraftSave.LAST)


def intent(data: QueryDict) -> tuple[str, str]:
    """Which button was pressed: ("add", group), ("remove", "group.2"), ("upload", ""), ("next", "")."""
    return _post.intent(data)


def as_json(form: FormDef, *, language: str = "zh", known: Mapping[str, Known] | None = None) -> dict[str, Any]:
    """What form.js needs: fields, constraints, conditions, sentences, and of known values those that conditions use."""
    return _browser.as_json(form, language, timezone.localdate(), known or {})


def draft(form_id: str, key: str, by: Actor) -> DraftView | None:
    """The actor's own draft for whom they act now; nobody else's."""
    if by.account_id is None:
        return None
    row = Draft.objects.filter(form_id=form_id, key=key, account_id=by.account_id, party_id=by.acting_for or 0).first()
    return DraftView(row.form_id, row.key, row.answers, row.saved_at) if row else None


def drafts_of(by: Actor) -> list[DraftView]:
    """The actor's drafts for whom they act now, latest first, at most 20."""
    if by.account_id is None:
        return []
    rows = Draft.objects.filter(account_id=by.account_id, party_id=by.acting_for or 0).order_by("-saved_at")[:20]
    return [DraftView(row.form_id, row.key, row.answers, row.saved_at) for row in rows]


def objection(objection_id: int) -> ObjectionView:
    """Raises NoSuchForm when there is none; callers above have checked who may read it."""
    row = Objection.objects.filter(pk=objection_id).first()
    if row is None:
        raise NoSuchForm("没有这条异议。")
    return as_objection(row)


def as_objection(row: Objection) -> ObjectionView:
    return ObjectionView(
        row.pk,
        row.form_id,
        row.field,
        row.element,
        row.source,
        row.held,
        row.claimed,
        row.words,
        row.raised_at,
        party_id=row.party_id,
        subject_key=row.subject_key,
    )


def expired(before: datetime) -> int:
    """How many drafts were last saved before an instant."""
    return Draft.objects.filter(saved_at__lt=before).count()


def ask_report(among: PackSet) -> AskReport:
    """Every element and material asked anywhere among packs, its source, and what is saved per matter and one-thing."""
    return _asked.report(among)
