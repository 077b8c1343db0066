"""Fill a form from registers, keep drafts, take uploads in, hear objections."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Denied, Invalid, Place, Unavailable
from yiwang.kernel.base.events import publish
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.elements.contracts import NotThisElement
from yiwang.kernel.files import actions as files
from yiwang.kernel.files.contracts import BadFile
from yiwang.kernel.forms import _engine, _post, _summary
from yiwang.kernel.forms.contracts import (
    Answers,
    DraftSave,
    DraftView,
    Fact,
    FactSource,
    FieldDef,
    FormDef,
    GroupDef,
    Known,
    ListSource,
    LookedUp,
    ObjectionView,
    Subject,
    TooManyDrafts,
    source_title,
    sources_for,
)
from yiwang.kernel.forms.models import Draft, Objection
from yiwang.kernel.forms.queries import as_objection

DRAFTS_MAX = 100
UNNUMBERED = DraftSave()


class NotYourDraft(Denied):
    code = "forms.not-your-draft"


@transaction.atomic
def prefill(
    *,
    form: FormDef,
    subject: Subject,
    by: Actor,
    at: datetime,
    purpose: str = "",
    authority: str = "",
    case_number: str | None = None,
) -> dict[str, Known]:
    """What registers know of a form's fields, by field name; each person shown gets one disclosure.

    A register that does not answer leaves its fields to be asked: a form never waits for one.
    """
    asking = _Asking(purpose or form.purpose, authority or form.basis, case_number, by, at)
    found: dict[str, Known] = {}
    for role, wanted in _wanted(form).items():
        about = subject.role(role)
        if about is not None:
            found |= _known_of(about, wanted, asking)
    return found


@dataclass(frozen=True, slots=True)
class _Asking:
    """Why, on what authority, for which case and by whom registers are asked."""

    purpose: str
    authority: str
    case_number: str | None
    by: Actor
    at: datetime


@transaction.atomic
def look_up(
    *,
    subject: Subject,
    wanted: Iterable[str],
    purpose: str,
    authority: str,
    case_number: str | None,
    by: Actor,
    at: datetime,
) -> LookedUp:
    """What registers say of one person about some data elements, for a decision and not for a form; disclosed once.

    An element without a register that answers for it stays unknown. `silent` names the registers that did not answer.
    """
    asking = _Asking(purpose, authority, case_number, by, at)
    elements_wanted, silent = set(wanted), list[str]()
    found = _facts(subject, elements_wanted, asking, silent)
    if found:
        _disclose(subject, sorted(found), asking)
    return LookedUp(found, tuple(silent))


def _wanted(form: FormDef) -> dict[str, list[tuple[GroupDef, FieldDef]]]:
    """Questions that a register answers, or a source can offer an answer to, by the role they are about."""
    wanted = defaultdict(list)
    for group in form.groups:
        for each in group.fields:
            if each.subject and not each.ask and (each.element.authority or sources_for(each.element.id)):
                wanted[each.subject].append((group, each))
    return wanted


def _known_of(about: Subject, wanted: list[tuple[GroupDef, FieldDef]], asking: _Asking) -> dict[str, Known]:
    """What registers know about one person, by field path; disclosed once for all of it."""
    facts = _facts(about, {each.element.id for group, each in wanted if not group.repeat}, asking)
    found = {(each.name, each.element.id): facts.get(each.element.id) for group, each in wanted if not group.repeat}
    for group in dict.fromkeys(group for group, _ in wanted if group.repeat):
        own = [each for of, each in wanted if of is group]
        for i, record in enumerate(_lists(about, {each.element.id for each in own}, asking)[: _most(group)]):
            found |= {(f"{group.id}.{i}.{each.name}", each.element.id): record.get(each.element.id) for each in own}
    fields = {each.name: each for _, each in wanted}
    known = {
        path: held for (path, _), fact in found.items() if (held := _known(about, fields[path.split(".")[-1]], fact))
    }
    if known:
        shown = sorted({element for path, element in found if path in known})
        _disclose(about, shown, asking)
    return known


def _most(group: GroupDef) -> int:
    return group.repeat.max if group.repeat else 0


def _disclose(about: Subject, shown: list[str], asking: _Asking) -> None:
    audit.disclose(
        subject_key=sealed_index(about.id_number),
        elements=shown,
        purpose=asking.purpose,
        authority=asking.authority,
        case_number=asking.case_number,
        by=asking.by,
        at=asking.at,
    )


def _facts(subject: Subject, wanted: set[str], asking: _Asking, silent: list[str] | None = None) -> dict[str, Fact]:
    """What the sources say, the first that knows an element first; those that do not answer are named in `silent`."""
    found: dict[str, Fact] = {}
    for name, source in _asked_in_turn(wanted).items():
        missing = wanted - found.keys()
        if not missing:
            break
        try:
            facts = source.facts(
                subject, missing, purpose=asking.purpose, case_number=asking.case_number, by=asking.by, at=asking.at
            )
        except Unavailable:
            if silent is not None:
                silent.append(name)
            continue
        found |= {element: fact for element, fact in facts.items() if element in missing}
    return found


def _lists(subject: Subject, wanted: set[str], asking: _Asking) -> Sequence[Mapping[str, Fact]]:
    """The records of the first source that has any."""
    for source in _asked_in_turn(wanted).values():
        if isinstance(source, ListSource):
            try:
                records = source.lists(
                    subject, wanted, purpose=asking.purpose, case_number=asking.case_number, by=asking.by, at=asking.at
                )
            except Unavailable:
                continue
            if records:
                return records
    return ()


def _asked_in_turn(wanted: set[str]) -> dict[str, FactSource]:
    return {s.name: s.source for element in sorted(wanted) for s in sources_for(element)}


def _known(about: Subject, each: FieldDef, fact: Fact | None) -> Known | None:
    """A register's value in the element's terms; what the element does not admit is asked instead."""
    if fact is None or fact.value in (None, ""):
        return None
    try:
        value = elements.as_json(elements.value_of(each.element, fact.value, codes=each.codes))
    except NotThisElement:
        return None
    return Known(
        value,
        _summary.shown(each, value),
        fact.source,
        source_title(fact.source),
        fact.as_of,
        subject_key=sealed_index(about.id_number),
        may_change=not each.element.authority,
    )


@transaction.atomic
def save_draft(
    *, form_id: str, key: str, answers: Answers, saving: DraftSave = UNNUMBERED, by: Actor, at: datetime
) -> DraftView:
    """Keep answers as they are, right or not, for the actor alone. Raises NotAForm, NotYourDraft, TooManyDrafts.

    A saving that an open page sent before the one that is kept changes nothing: what is kept comes back.
    """
    account_id = _account(by)
    mine = Draft.objects.filter(account_id=account_id, party_id=by.acting_for or 0)
    if not mine.filter(form_id=form_id, key=key).exists() and mine.count() >= DRAFTS_MAX:
        raise TooManyDrafts("草稿太多了。", hint="请先提交或删除一些草稿。")
    said = {"answers": _engine.bounded(answers), "saved_at": at, "page": saving.page[:32], "saving": saving.number}
    row, is_new = mine.select_for_update().get_or_create(
        form_id=form_id[:120], key=key[:120], account_id=account_id, party_id=by.acting_for or 0, defaults=said
    )
    is_late = bool(row.page) and row.page == saving.page and saving.number <= row.saving
    if not is_new and not is_late:
        for name, value in said.items():
            setattr(row, name, value)
        row.save(update_fields=list(said))
    return DraftView(row.form_id, row.key, row.answers, row.saved_at)


@transaction.atomic
def discard_draft(*, form_id: str, key: str, by: Actor, at: datetime) -> None:
    """Forget a draft; one that is not there is forgotten already."""
    Draft.objects.filter(form_id=form_id, key=key, account_id=_account(by), party_id=by.acting_for or 0).delete()


def _account(by: Actor) -> int:
    if by.account_id is None:
        raise NotYourDraft("请先登录再保存草稿。")
    return by.account_id


def receive(
    *, form: FormDef, data: QueryDict, uploads: "MultiValueDict[str, UploadedFile[Any]]", by: Actor, at: datetime
) -> tuple[Answers, Invalid | None]:
    """Answers of a posted page with its uploads stored, and what was wrong with the uploads.

    An upload that is refused costs no other answer: the answers come back without it.
    """
    answers = _post.answers(form, data)
    wrong: list[Place] = []
    for path, each in _post.file_fields(form, answers):
        kept = [one for one in _post.at(answers, path) or () if str(one) not in data.getlist(f"drop.{path}")]
        for upload in uploads.getlist(path)[: each.files_max]:
            try:
                ref = files.store(
                    stream=upload.file or upload,
                    filename=upload.name or "",
                    purpose="form",
                    owner_party_id=by.acting_for,
                    by=by,
                    at=at,
                )
                kept.append(ref.id)
            except BadFile as refused:
                wrong.append(Place(path, f"{refused.message}{refused.hint}"))
        _post.put(answers, path, kept)
    _post.rearrange(form, answers, data)
    return answers, Invalid("有文件没有上传成功。", places=wrong) if wrong else None


@transaction.atomic
def object_to(*, held: Mapping[str, Any], claimed: str, words: str, by: Actor, at: datetime) -> ObjectionView:
    """Write down that a register is said to be wrong; the form goes on meanwhile.

    `held` is what the page showed (form, field, element, source, subject, held). Raises Invalid without a claim.
    """
    if not claimed.strip():
        raise Invalid("请填写正确的内容。", places=[Place("claimed", "请填写正确的内容。")])
    row = Objection.objects.create(
        form_id=held["form"],
        field=held["field"],
        element=held["element"],
        source=held["source"],
        held=held["held"],
        claimed=claimed.strip()[:200],
        words=words.strip()[:500],
        subject_key=held.get("subject", ""),
        party_id=by.acting_for,
        account_id=by.account_id,
        raised_at=at,
    )
    detail = {"element": row.element, "source": row.source}
    audit.record("forms.objection.raised", target=f"objection:{row.pk}", by=by, at=at, detail=detail)
    publish("forms.objection.raised", {"objection_id": row.pk, "source": row.source, "element": row.element}, at=at)
    return as_objection(row)
