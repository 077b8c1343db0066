"""The materials page: what is to be handed in for a filing, what was, and what stands against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.http import HttpRequest

from yiwang.kernel.base.contracts import Actor, Invalid, Place
from yiwang.kernel.files import actions as files
from yiwang.kernel.files import queries as stored
from yiwang.kernel.files.contracts import BadFile
from yiwang.kernel.forms import actions as forms
from yiwang.kernel.forms import queries as form_queries
from yiwang.services.applications.contracts import KeptMaterial, MaterialInput, Wanted
from yiwang.services.journeys.actions import Checked

_SUFFIX = "-materials"


@dataclass(frozen=True, slots=True)
class Sent:
    """Files chosen so far, by material; kept as a draft beside that of the form."""

    file_ids: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def load(cls, form_id: str, region: str, by: Actor) -> "Sent":
        draft = form_queries.draft(form_id, region + _SUFFIX, by)
        found = draft.answers if draft else {}
        return cls({key: value for key, value in found.items() if isinstance(value, int)})

    def save(self, form_id: str, region: str, *, by: Actor, at: datetime) -> None:
        forms.save_draft(form_id=form_id, key=region + _SUFFIX, answers=dict(self.file_ids), by=by, at=at)

    def discard(self, form_id: str, region: str, *, by: Actor, at: datetime) -> None:
        forms.discard_draft(form_id=form_id, key=region + _SUFFIX, by=by, at=at)

    @property
    def inputs(self) -> dict[str, MaterialInput]:
        return {key: MaterialInput(file_id=file_id) for key, file_id in self.file_ids.items()}


@dataclass(frozen=True, slots=True)
class MaterialRow:
    """One material on the page: whether it is asked here and now, and what was handed in."""

    wanted: Wanted
    is_asked: bool
    is_missing: bool  # a register should hold it and does not
    file_name: str
    reusable: tuple[KeptMaterial, ...]


def rows(checked: Checked, sent: Sent, kept: Sequence[KeptMaterial]) -> list[MaterialRow]:
    refs = stored.named(sent.file_ids.values())
    found = []
    for wanted in checked.wanted:
        missing = wanted.source == "licence" and wanted.key not in checked.held
        ref = refs.get(sent.file_ids.get(wanted.key, 0))
        found.append(
            MaterialRow(
                wanted,
                is_asked=wanted.is_asked or missing,
                is_missing=missing,
                file_name=ref.filename if ref else "",
                reusable=tuple(each for each in kept if each.key == wanted.key),
            )
        )
    return found


def receive(
    request: HttpRequest, checked: Checked, sent: Sent, *, by: Actor, at: datetime
) -> tuple[Sent, Invalid | None]:
    """Take in the files of a posted page. A file that is refused costs no other."""
    chosen = dict(sent.file_ids)
    wrong: list[Place] = []
    for row in rows(checked, sent, ()):
        key = row.wanted.key
        if not row.is_asked:
            continue
        if f"drop.{key}" in request.POST:
            chosen.pop(key, None)
        kept = request.POST.get(f"kept.{key}", "")
        if kept.isdecimal() and len(kept) < 19:
            chosen[key] = int(kept)
        upload = request.FILES.get(f"file.{key}")
        if upload is not None:
            try:
                ref = files.store(
                    stream=upload,
                    filename=upload.name or "",
                    purpose="application-material",
                    owner_party_id=by.acting_for,
                    by=by,
                    at=at,
                )
                chosen[key] = ref.id
            except BadFile as refused:
                wrong.append(Place(f"file.{key}", f"{refused.message}{refused.hint}"))
    known = {wanted.key for wanted in checked.wanted}
    sent = Sent({key: file_id for key, file_id in chosen.items() if key in known})
    return sent, Invalid("有文件没有上传成功。", places=wrong) if wrong else None


def lacking(checked: Checked, sent: Sent) -> Invalid | None:
    """What still has to be handed in before this can be filed."""
    places = [
        Place(f"file.{row.wanted.key}", f"请上传{row.wanted.name}。")
        for row in rows(checked, sent, ())
        if row.is_asked and not row.file_name and not row.wanted.may_lack
    ]
    return Invalid("还有材料没有上传。", places=places, code="journeys.materials-lacking") if places else None
