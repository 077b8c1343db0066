"""Handing materials in before filing: what is asked here and now, what was chosen so far, what still lacks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yiwang.kernel.base.contracts import Actor, Invalid, Place
from yiwang.kernel.files import actions as files
from yiwang.kernel.files import queries as known_files
from yiwang.kernel.files.contracts import BadFile, FileRef
from yiwang.kernel.forms import queries as form_queries
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import PartyView
from yiwang.kernel.workdays import queries as workdays
from yiwang.services.applications import _precheck, _promises
from yiwang.services.applications.contracts import (
    KeptMaterial,
    MaterialRow,
    MaterialsMissing,
    PaperCheck,
    PromiseOffer,
    Sent,
    Wanted,
)

_SUFFIX, _PROMISED, _SAID = "-materials", "promised", "said:"


def draft_key(key: str) -> str:
    """Beside the draft of the form, under the same form id."""
    return key + _SUFFIX


def load(form_id: str, key: str, by: Actor) -> Sent:
    draft = form_queries.draft(form_id, draft_key(key), by)
    found = draft.answers if draft else {}
    files_chosen = {name: value for name, value in found.items() if isinstance(value, int)}
    said = {name.removeprefix(_SAID): value for name, value in found.items() if name.startswith(_SAID)}
    return Sent(files_chosen, frozenset(name for name, value in found.items() if value == _PROMISED), said)


def stored(sent: Sent) -> dict[str, Any]:
    """As the draft keeps it; `load` reads it back."""
    said = {_SAID + key: dict(values) for key, values in sent.said.items() if values}
    return {**dict.fromkeys(sent.promised, _PROMISED), **sent.file_ids, **said}


def rows(
    wanted: Iterable[Wanted],
    held: Mapping[str, str],
    sent: Sent,
    kept: Sequence[KeptMaterial],
    offer: PromiseOffer | None,
) -> list[MaterialRow]:
    wanted = list(wanted)
    refs = known_files.named(sent.file_ids.values())
    offered = _promises.offered(wanted, offer) if offer else {}
    barred = _promises.barred_until(offer.party_id, on=workdays.legal_day(offer.at)) if offer and offered else None
    judged = [item for item in wanted if offer and _precheck.part_of(item)]
    party = people.party(offer.party_id) if offer and judged else None
    found = []
    for item in wanted:
        missing = item.source == "licence" and item.key not in held
        ref = refs.get(sent.file_ids.get(item.key, 0))
        found.append(
            MaterialRow(
                item,
                is_asked=item.is_asked or missing,
                is_missing=missing,
                file_name=ref.filename if ref else "",
                reusable=tuple(each for each in kept if each.key == item.key),
                terms=None if barred else offered.get(item.key),
                barred_until=barred if item.key in offered else None,
                is_promised=item.key in sent.promised and not ref and not barred,
                fields=_precheck.fields(item, sent.said.get(item.key, {})) if item.is_asked or missing else (),
                precheck=_judged(item, ref, sent, party, offer) if party and offer and item in judged else None,
            )
        )
    return found


def _judged(item: Wanted, ref: FileRef | None, sent: Sent, party: PartyView, offer: PromiseOffer) -> PaperCheck | None:
    on = workdays.legal_day(offer.at)
    if ref is None and item.source == "licence":
        return _precheck.judge_held(item, party, on=on)
    if ref is not None and ref.owner_party_id != party.id:
        return None  # filing will refuse it; nothing is said of somebody else's file
    return _precheck.judge(item, ref, sent.said.get(item.key, {}), party, on=on)


def receive(
    asked: Sequence[MaterialRow],
    sent: Sent,
    *,
    data: QueryDict,
    uploads: "MultiValueDict[str, UploadedFile[Any]]",
    by: Actor,
    at: datetime,
) -> tuple[Sent, Invalid | None]:
    """Take in the files of a posted page. A file that is refused costs no other."""
    chosen, promised, said = dict(sent.file_ids), set(sent.promised), dict(sent.said)
    wrong: list[Place] = []
    for row in (row for row in asked if row.is_asked):
        key = row.wanted.key
        if f"drop.{key}" in data:
            chosen.pop(key, None)
            said.pop(key, None)
            promised.discard(key)
        elif f"promise.{key}" in data and row.terms is not None:
            promised.add(key)
        if row.fields and f"drop.{key}" not in data:
            said[key] = _said(row, data)
        kept = data.get(f"kept.{key}", "")
        if kept.isdecimal() and len(kept) < 19:
            chosen[key] = int(kept)
        upload = uploads.get(f"file.{key}")
        if upload is not None:
            try:
                chosen[key] = _store(upload, by=by, at=at)
            except BadFile as refused:
                wrong.append(Place(f"file.{key}", f"{refused.message}{refused.hint}"))
    known = {row.wanted.key for row in asked}
    chosen = {key: file_id for key, file_id in chosen.items() if key in known}
    said = {key: values for key, values in said.items() if key in known}
    sent = Sent(chosen, frozenset(promised & known - set(chosen)), said)
    return sent, Invalid(_("有文件没有上传成功。"), places=wrong) if wrong else None


def _said(row: MaterialRow, data: QueryDict) -> dict[str, str]:
    """What was read off a paper, as it was typed: a wrong date is unknown to the rule, and refuses nothing."""
    given = {each.name: data.get(f"said.{row.wanted.key}.{each.name}", each.value) for each in row.fields}
    return {name: value.strip()[: _precheck.SAID_MAX] for name, value in given.items() if value.strip()}


def _store(upload: "UploadedFile[Any]", *, by: Actor, at: datetime) -> int:
    ref = files.store(
        stream=upload,
        filename=upload.name or "",
        purpose="application-material",
        owner_party_id=by.acting_for,
        by=by,
        at=at,
    )
    return ref.id


def missing(asked: Iterable[MaterialRow]) -> MaterialsMissing | None:
    """What still has to be handed in before this can be filed."""
    places = [
        Place(f"file.{row.wanted.key}", _("请上传%(name)s。") % {"name": _named(row.wanted)})
        for row in asked
        if row.is_asked and not row.file_name and not row.is_promised and not row.wanted.may_lack
    ]
    return MaterialsMissing(_("还有材料没有上传。"), places=places) if places else None


def _named(wanted: Wanted) -> str:
    is_english = (get_language() or "").startswith("en")
    return wanted.name_en if is_english and wanted.name_en else wanted.name
