"""A proof before it is opened: what it will say, who signs it, and whether it can be."""

from datetime import date
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext

from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import NobodyHandles
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.people.contracts import PartyKind, PartyView
from yiwang.support.licences import _face, _proving
from yiwang.support.licences.contracts import CannotProve, ListedProof, ProofSheet, WrongFields
from yiwang.support.licences.kinds import LICENCE_TYPE, PROOF_LIST, LicenceTypePack, Proof, ProofListPack
from yiwang.support.licences.models import Licence


def types() -> list[LicenceTypePack]:
    """Types that a person opens for oneself."""
    bodies = [pack.as_type(LicenceTypePack) for pack in packs.all_of(LICENCE_TYPE)]
    return [body for body in bodies if body.proof]


def sheet(type_id: str, holder: PartyView, purpose: str, *, on: date) -> ProofSheet:
    """What the proof will say. Raises CannotProve for what is no proof."""
    pack = packs.find(LICENCE_TYPE, type_id)
    body = pack.as_type(LicenceTypePack) if pack else None
    if body is None or body.proof is None:
        raise CannotProve(gettext("没有这种证明。"), hint=gettext("请从列表里选。"))
    rule, language = body.proof, _face.language()
    known = _proving.Known(holder.subject_key, on)
    fields: dict[str, Any] = {**_proving.said(known, rule.facts), rule.purpose_field: purpose}
    refused = _refused(body, rule, holder, fields, known)
    issuer_id, issuer = _issuer(body, known)
    lines = _face.lines(body, [each.name for each in body.fields], {}, fields)
    return ProofSheet(
        type_id=type_id,
        title=body.title.in_language(language),
        lines=lines,
        fields=fields,
        days=rule.days,
        issuer_org_id=issuer_id,
        issuer_name=issuer,
        why=refused or ("" if issuer_id else gettext("您的户籍地还没有单位出具这种证明。")),
        where=rule.where.in_language(language),
        statement=body.face.statement.in_language(language) if body.face.statement else "",
    )


def _refused(
    body: LicenceTypePack, rule: Proof, holder: PartyView, fields: dict[str, Any], known: _proving.Known
) -> str:
    if holder.kind is not PartyKind.PERSON:
        return gettext("这种证明开给个人。")
    if known.person is None:
        return gettext("人口库里没有您的登记。")
    # What the person has not written yet does not make the facts incomplete.
    purpose = fields.get(rule.purpose_field) or "尚未填写"
    try:
        _face.cleaned(body, {**fields, rule.purpose_field: purpose})
    except WrongFields:
        return rule.lack.in_language(_face.language())
    return ""


def _issuer(body: LicenceTypePack, known: _proving.Known) -> tuple[int, str]:
    if known.person is None:
        return 0, ""
    try:
        unit = orgs.handling(body.issuer_kind, known.person.region_code)
    except NobodyHandles:
        return 0, ""
    return unit.id, unit.name


def listed() -> list[ListedProof]:
    """The place's list of proofs that people are asked for most, each with whether it is opened here and how often it was."""
    found = packs.all_of(PROOF_LIST)
    entries = found[0].as_type(ProofListPack).entries if found else ()
    covered = {entry.type for entry in entries if entry.type}
    counted = Licence.objects.filter(type_id__in=covered).values_list("type_id").annotate(times=Count("pk"))
    times = dict(counted)
    language = _face.language()
    return [
        ListedProof(
            title=entry.title.in_language(language),
            unit=entry.unit,
            type_id=entry.type,
            times=times.get(entry.type, 0) if entry.type else 0,
        )
        for entry in entries
    ]
