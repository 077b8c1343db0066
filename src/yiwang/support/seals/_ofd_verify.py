"""Checking a sealed OFD file, in the order of GB/T 38540: structure, maker, dates, signer, signature, digest, parts."""

import base64
import binascii
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from yiwang.support.seals import _packages, _ses, _signing
from yiwang.support.seals._ofd import NAMESPACE
from yiwang.support.seals._ofd_seal import SIGNATURE, SIGNATURES, STRUCTURE, VALUE
from yiwang.support.seals._ses import SignatureRead
from yiwang.support.seals._x509 import SM3_OID, Parsed
from yiwang.support.seals.contracts import Check, NotVerifiable

# Whether a certificate leads to our roots and held at a moment: empty, or why not, as a sentence.
Trust = Callable[[Parsed, datetime], str]


@dataclass(frozen=True, slots=True)
class Opened:
    """A sealed file as far as it could be read."""

    files: dict[str, bytes]
    signature: SignatureRead


def opened(data: bytes) -> Opened:
    """Raises NotVerifiable, BadCertificate: what cannot be read proves nothing."""
    files = _packages.entries(data)
    if "OFD.xml" not in files:
        raise NotVerifiable("这不是OFD文件。", hint="请选择盖过章的OFD或PDF原件。")
    missing = [name for name in (SIGNATURES, SIGNATURE, VALUE, STRUCTURE) if name not in files]
    if missing:
        raise NotVerifiable("这份OFD文件上没有电子印章。", hint="请选择盖过章的原件，不要用转换或打印过的文件。")
    listed = _packages.xml(files[SIGNATURES]).findall(f"{{{NAMESPACE}}}Signature")
    if [each.get("BaseLoc") for each in listed] != [f"/{SIGNATURE}"]:
        raise NotVerifiable("签名清单不对。", hint="文件可能被改动过，请取得原件。")
    return Opened(files, _ses.read(files[VALUE]))


def checks(found: Opened, *, trust: Trust) -> list[Check]:
    """Every check in order; each stands for itself. Raises NoSm2."""
    signature = found.signature
    seal = signature.seal
    return [
        Check("structure", "文件结构", True, "文件完整，签章数据符合 GB/T 38540。"),
        _maker(signature, trust),
        _check(
            "seal-dates",
            "印章有效期",
            seal.valid_from <= signature.at <= seal.valid_until,
            f"印章在用印时有效（{seal.valid_from:%Y-%m-%d} 至 {seal.valid_until:%Y-%m-%d}）。",
            "用印时间不在印章有效期内。",
        ),
        _signer(signature, trust),
        _check(
            "signature",
            "签章签名",
            _ses.is_signed_by(signature),
            "签名值与签章者的公钥相符。",
            "签名值不对，签章数据被改动或系伪造。",
        ),
        _check(
            "data-hash",
            "签名信息",
            hmac.compare_digest(signature.data_hash, _signing.sm3(found.files[SIGNATURE]))
            and signature.property_info == f"/{SIGNATURE}"
            and found.files[STRUCTURE] in found.files[VALUE],
            "签名信息与签章时一致。",
            "签名信息被改动过。",
        ),
        _parts(found),
    ]


def _maker(signature: SignatureRead, trust: Trust) -> Check:
    maker = signature.seal.maker
    said = "" if _ses.is_made_by(signature.seal) else "印章数据上的制章者签名不对，印章被改动或系伪造。"
    said = said or trust(maker, signature.at)
    return Check("maker", "制章者签名", not said, said or f"印章由“{maker.common_name}”制作，没有改动。")


def _signer(signature: SignatureRead, trust: Trust) -> Check:
    signer = signature.signer
    said = "" if signer.der in signature.seal.signers else "签章者的证书不在印章的证书列表里。"
    said = said or trust(signer, signature.at)
    return Check(
        "signer", "签章者证书", not said, said or f"签章者“{signer.common_name}”的证书在印章的证书列表里，有效。"
    )


def _parts(found: Opened) -> Check:
    root = _packages.xml(found.files[SIGNATURE])
    listed = root.find(f"{{{NAMESPACE}}}SignedInfo/{{{NAMESPACE}}}References")
    if listed is None or listed.get("CheckMethod") != SM3_OID:
        return Check("references", "文件内容", False, "签名信息里没有文件各部分的摘要。")
    said = {
        (each.get("FileRef") or "").lstrip("/"): each.findtext(f"{{{NAMESPACE}}}CheckValue") or "" for each in listed
    }
    protected = set(found.files) - {SIGNATURE, VALUE}
    if set(said) != protected:
        return Check("references", "文件内容", False, "文件里多了或少了签章时没有的内容。")
    changed = [name for name, digest in said.items() if not _is_digest(found.files[name], digest)]
    if changed:
        return Check("references", "文件内容", False, f"文件内容在盖章后被改动过（{_named(changed)}）。")
    return Check("references", "文件内容", True, f"文件的{len(said)}个部分都与盖章时一致。")


def _named(names: Sequence[str]) -> str:
    more = f"等{len(names)}处" if len(names) > 2 else ""
    return "、".join(names[:2]) + more


def _is_digest(content: bytes, digest: str) -> bool:
    try:
        return hmac.compare_digest(base64.b64decode(digest, validate=True), _signing.sm3(content))
    except (binascii.Error, ValueError):
        return False


def _check(code: str, title: str, passed: bool, good: str, bad: str) -> Check:
    return Check(code, title, passed, good if passed else bad)
