"""Making the row of a new licence: number, identifier, code, content."""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.base.numbering import next_number
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.kernel.packs.contracts import Pack
from yiwang.support.licences import _face, _numbers, _standing
from yiwang.support.licences._identifier import Identifier
from yiwang.support.licences.contracts import Holder, Medium, NoTypeCode, Status, StaysPaper, WrongFields
from yiwang.support.licences.kinds import LicenceTypePack
from yiwang.support.licences.models import Licence

# Without signs that are taken for one another when read aloud or off paper.
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def refuse_paper(pack: Pack) -> None:
    body = pack.as_type(LicenceTypePack)
    if body.medium is Medium.PAPER:
        raise StaysPaper(f"{body.title}仍以纸质发放。", hint=str(body.paper_note or ""))
    if body.type_code is None:
        raise NoTypeCode(f"{body.title}还没有证照类型代码，不能签发。", hint="请在本地配置包中填写 type_code。")


def new_row(
    pack: Pack,
    holder: Holder,
    issuer: OrgView,
    fields: Mapping[str, Any],
    valid_from: date,
    valid_to: date | None,
    number: str,
    today: date,
    count: int | None = None,
) -> Licence:
    """A row that is not saved; `count` is the number in its series, where the caller has drawn many."""
    body = pack.as_type(LicenceTypePack)
    count = next_number(series(pack, issuer, today)) if count is None else count
    validity = body.validity
    row = Licence(
        type_id=pack.id,
        type_hash=pack.hash,
        type_code=str(body.type_code),
        serial=f"{today:%Y}{count:08d}",
        number=number or _made_number(body, issuer, today, count, fields),
        issuer_id=issuer.id,
        status=Status.VALID.value,
        issued_on=today,
        valid_from=valid_from,
        valid_to=valid_to or _standing.valid_until(validity.kind, validity.years, valid_from),
        fields=_face.cleaned(body, fields),
        verify_code="".join(secrets.choice(CODE_SIGNS) for _ in range(12)),
    )
    hand_to(row, holder)
    row.identifier = str(identifier(row, issuer.uscc))
    return row


def series(pack: Pack, issuer: OrgView, today: date) -> str:
    """The series that the numbers of a type are drawn from."""
    own = issuer.id if pack.as_type(LicenceTypePack).number.per == "issuer" else "*"
    return f"licences:{pack.id}:{own}:{today.year}"


def _made_number(body: LicenceTypePack, issuer: OrgView, today: date, count: int, fields: Mapping[str, Any]) -> str:
    if body.number.field and fields.get(body.number.field):
        return str(fields[body.number.field])
    if body.number.given or not body.number.pattern:
        raise WrongFields(f"{body.title}的编号由来源系统给出，这次没有给。", hint="请连同编号一起签发。")
    return _numbers.number(body.number.pattern, on=today, region=issuer.region_code, mark=issuer.doc_mark, serial=count)


def identifier(row: Licence, issuer_uscc: str) -> Identifier:
    return Identifier(row.type_code, issuer_uscc, row.serial, row.version)


def hand_to(row: Licence, holder: Holder) -> None:
    if not holder.name.strip():
        raise WrongFields("没有写持证主体的名称。", hint="请补上姓名或名称。")
    row.holder_name, row.holder_id_type, row.holder_id_number = holder.name, holder.id_type, holder.id_number
    row.holder_name_index = sealed_index(holder.name)
    if holder.id_number or not row.subject_key:
        # Who has no number yet is nobody else: a random key, until `identify_holder`.
        row.subject_key = sealed_index(holder.id_number or secrets.token_hex(16))
