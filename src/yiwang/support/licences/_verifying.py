"""What anyone may learn about a licence from a code or a file: valid or not, and why."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from yiwang.kernel.orgs import queries as orgs
from yiwang.support.licences import _credential_keys, _face, _purpose_rows, _rows
from yiwang.support.licences._standing import status_on
from yiwang.support.licences._verdict import sentence
from yiwang.support.licences.contracts import CopyState, Status, Verification
from yiwang.support.licences.models import Licence, LicenceEvent, LicenceVersion, PurposeCopy
from yiwang.support.seals import queries as seals
from yiwang.support.seals.contracts import FILE_BYTES_MAX, Check, VerifyReport


def verify(code: str, *, on: date | None = None) -> Verification | None:
    """What anyone may learn from a verification code, a licence's or a copy's; None when there is no such code."""
    word, day = normalised(code), on or timezone.localdate()
    row = Licence.objects.filter(verify_code=word).first()
    if row:
        return _verification(row, day)
    copy = PurposeCopy.objects.select_related("licence").filter(code=word).exclude(version=None).first()
    return _copy_verification(copy, day) if copy else None


def verify_file(data: bytes, *, on: date | None = None) -> tuple[VerifyReport, Verification | None]:
    """What a sealed file proves, and how the licence that it shows stands now (None for other files of ours).

    Raises NotVerifiable, BadCertificate, NoPdf.
    """
    day = on or timezone.localdate()
    document = _credential_keys.read(data[:FILE_BYTES_MAX]) if data.lstrip()[:1] == b"{" else None
    if document is not None:
        return _credential_report(document, day)
    report = seals.verify(data)
    word, _, number = report.subject.partition(":")
    if word == "licence-copy" and number.isdigit():
        copy = PurposeCopy.objects.select_related("licence").filter(pk=int(number)).first()
        return report, _copy_verification(copy, day) if copy else None
    number, _, version = number.partition(":")
    row = Licence.objects.filter(pk=int(number)).first() if word == "licence" and number.isdigit() else None
    found = _verification(row, day) if row else None
    return report, _of_version(found, int(version)) if found and version.isdigit() else found


def normalised(code: str) -> str:
    """As typed off paper: blanks and dashes do not count, nor does the case."""
    return "".join(sign for sign in code.upper() if sign.isalnum())[:40]


def _copy_verification(copy: PurposeCopy, on: date) -> Verification:
    """As the licence stands, and besides whether the copy does: given, not taken back, not past its day, of the same version."""
    found, use = _verification(copy.licence, on), _purpose_rows.use_of(copy, on=on)
    found = _of_version(replace(found, code=copy.code, use=use), use.version or 0)
    if use.state is CopyState.GIVEN or not found.is_valid:
        return found
    facts = {"purpose": use.purpose, "until": _face.day(use.until)}
    said = {
        CopyState.OVER: gettext("这份加注件只能用到%(until)s，已过使用期限。") % facts,
        CopyState.WITHDRAWN: gettext("持证人已经撤回同意，这份加注件不能再使用。"),
    }
    return replace(found, is_valid=False, sentence=said.get(use.state, gettext("这份加注件没有得到同意。")))


def _of_version(found: Verification, version: int) -> Verification:
    """A paper of an earlier version says what is no longer so."""
    if version == found.version or not found.is_valid:
        return found
    return replace(found, is_valid=False, sentence=gettext("证照在这份文件之后有过变更，请出示新的版本。"))


def _credential_report(document: dict[str, Any], on: date) -> tuple[VerifyReport, Verification | None]:
    """A credential from a wallet: its key, its proof, and how the licence that it shows stands."""
    is_known, is_sound = _credential_keys.is_ours(document)
    checks = (
        Check("key", "签名密钥", is_known, "是本地公布的密钥。" if is_known else "不是本地公布的密钥，或已停用。"),
        Check("proof", "签名", is_sound, "内容与签名相符。" if is_sound else "内容被改动，或签名不对。"),
    )
    said = document.get("credentialSubject")
    identifier = str(said.get("licenceIdentifier", "")) if is_sound and isinstance(said, dict) else ""
    version = LicenceVersion.objects.select_related("licence").filter(identifier=identifier).first()
    found = _of_version(_verification(version.licence, on), version.version) if version else None
    report = VerifyReport(
        "vc", is_known and is_sound, checks, signer=str(document["proof"].get("verificationMethod", ""))
    )
    return report, found


def _verification(row: Licence, on: date) -> Verification:
    body, issuer = _rows.type_of(row), orgs.get(row.issuer_id)
    last = LicenceEvent.objects.filter(licence=row).order_by("-id").only("leaf_id", "effective_on", "status")[0]
    status = status_on(row.status, row.valid_to, on)
    return Verification(
        code=row.verify_code,
        status=status,
        is_valid=status is Status.VALID and row.valid_from <= on,
        sentence=sentence(status, row.valid_from, row.valid_to, last.effective_on, issuer.name, on),
        title=body.title.in_language(_face.language()),
        identifier=row.identifier,
        number=_face.shown_number(body, row.number),
        version=row.version,
        issuer_name=issuer.name,
        holder_masked=_rows.masked_holder(row, body),
        lines=_face.public_lines(body, row.fields),
        issued_on=row.issued_on,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        changed_on=last.effective_on,
        leaf_id=last.leaf_id,
        recorded=Status(last.status),
    )
