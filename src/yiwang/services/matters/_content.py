"""The content of an implementation list: written as JSON and read back, made from a pack, hashed, and made searchable."""

import hashlib
import json
from typing import Any

from pydantic import TypeAdapter

from yiwang.kernel.base.text import bigrams
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.kernel.packs.contracts import LegalBasis, Pack
from yiwang.services.matters.contracts import Basis, Content, Fee, Material, MatterDefinition, Office, Question, Who
from yiwang.services.matters.kinds import LEVELS, MaterialPart, MatterPack

_adapter = TypeAdapter(Content)


def write(content: Content) -> dict[str, Any]:
    """As JSON, without what is at its default for want of anything to say."""
    dumped: dict[str, Any] = _adapter.dump_python(content, mode="json", exclude_defaults=True)
    return dumped


def read(stored: dict[str, Any]) -> Content:
    return _adapter.validate_python(stored)


def fingerprint(stored: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(stored, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def words(content: Content, *, code: str, body_name: str) -> list[str]:
    """Two-character pieces of everything somebody may look for, and single Chinese signs for one-sign searches."""
    texts = (content.name, content.name_en, content.main_item, body_name, code, *content.keywords)
    pieces = {piece for text in texts for piece in bigrams(text)}
    pieces |= {sign for text in (content.name, *content.keywords) for sign in text if "一" <= sign <= "鿿"}
    return sorted(piece for piece in pieces if len(piece) <= 60)


def from_pack(pack: Pack, org: OrgView) -> Content:
    """What a matter's definition says when `org` carries it out; its places and telephones are the organisation's."""
    body = pack.as_type(MatterPack)
    return Content(
        name=str(body.title),
        name_en=body.title.en,
        type=body.type,
        main_item=body.main_item,
        level=LEVELS[body.level],
        body_nature="1",
        handling_type=body.handling,
        statutory=body.promise.statutory,
        statutory_note=body.promise.statutory_note,
        promised=body.promise.promised,
        promised_note=body.promise.promised_note,
        audience=tuple(body.audience),
        themes=body.themes,
        keywords=body.keywords,
        channels=tuple(body.channels),
        reach=body.reach,
        visits=body.visits,
        conditions=tuple(Who(c.code, str(c.sentence), c.sentence.en, c.when or "") for c in body.conditions),
        materials=tuple(material(part) for part in body.materials),
        fees=tuple(Fee(str(fee.name), fee.amount, fee.basis, fee.item or "", dict(fee.facts)) for fee in body.fees),
        offices=(Office(org.name, org.address, "", org.phone),) if org.address else (),
        questions=tuple(Question(str(q.question), str(q.answer), q.question.en, q.answer.en) for q in body.questions),
        legal_basis=tuple(Basis(basis.title, basis.article) for basis in body.legal_basis),
        result=body.result,
        result_fields=dict(body.result_fields),
        form_id=body.form,
        flow_id=body.flow,
        stands_alone=body.stands_alone,
        assurance=body.assurance,
        assurance_why=str(body.assurance_why) if body.assurance_why else "",
        assurance_why_en=body.assurance_why.en if body.assurance_why else "",
    )


def definition(pack: Pack) -> MatterDefinition:
    body = pack.as_type(MatterPack)
    return MatterDefinition(
        id=pack.id,
        version=pack.version,
        hash=pack.hash,
        title=str(body.title),
        title_en=body.title.en,
        type=body.type,
        handled_by=body.handled_by,
        level=LEVELS[body.level],
        statutory=body.promise.statutory,
        promised=body.promise.promised,
        visits=body.visits,
        materials=tuple(material(part) for part in body.materials),
        result=body.result,
        form_id=body.form,
        flow_id=body.flow,
        themes=body.themes,
    )


def material(part: MaterialPart) -> Material:
    return Material(
        key=part.key,
        name=str(part.name),
        name_en=part.name.en,
        kind=part.kind,
        source=part.source_kind,
        reference=part.reference,
        holder=part.holder,
        form=part.form,
        copies=part.copies,
        requirement=str(part.requirement or ""),
        requirement_en=part.requirement.en if part.requirement else "",
        why=str(part.why),
        why_en=part.why.en,
        when=part.when or "",
        where_it_exists=part.where_it_exists,
        issued_by=part.issued_by,
        make_up=part.make_up,
        may_promise=part.may_promise,
        proves=str(part.proves or ""),
        proves_en=part.proves.en if part.proves else "",
        proof_basis=_basis(part.proof_basis) if part.proof_basis else "",
        check_within=part.check_within,
    )


def _basis(basis: LegalBasis) -> str:
    """《某法》第九条 or 《某文件》（某号）."""
    article = f"第{basis.article}条" if basis.article else ""
    return f"《{basis.title}》{article}" + (f"（{basis.document_no}）" if basis.document_no else "")
