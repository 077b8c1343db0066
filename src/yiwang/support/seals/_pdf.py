"""PAdES (B-B) on PDF with a visible stamp, and its verification, by pyHanko; imported only where a PDF is sealed or checked."""

import binascii
import importlib.util
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from asn1crypto import core, x509

from yiwang.support.seals._x509 import Parsed
from yiwang.support.seals.contracts import (
    FILE_BYTES_MAX,
    BadCertificate,
    Check,
    NoPdf,
    NotVerifiable,
    SealRefused,
    StampPlace,
)

if TYPE_CHECKING:
    from pyhanko.sign.signers.pdf_cms import Signer

FIELD = "YiwangSeal"
POINTS_A_MM = 72 / 25.4
_CONTENTS_BYTES = 8192
Trust = Callable[[Parsed, datetime], str]


@dataclass(frozen=True, slots=True)
class Stamp:
    """The seal that is put on: its signer's certificate with those above it, its key, its picture."""

    signer: bytes
    chain: Sequence[bytes]
    sign: Callable[[bytes], bytes]
    picture: bytes
    width_mm: int
    height_mm: int
    name: str


def sealed(data: bytes, stamp: Stamp, *, place: StampPlace, reason: str, at: datetime) -> bytes:
    """The file with one seal on it. Raises NotVerifiable (no PDF), SealRefused (signed already), NoPdf."""
    _require_pyhanko()
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    reader = _reader(data)
    if reader.embedded_signatures:
        raise SealRefused("这份文件已经盖过章。", hint="请对没有盖章的原件用印。")
    writer = IncrementalPdfFileWriter.from_reader(reader)
    page = min(place.page, int(reader.root["/Pages"]["/Count"])) - 1

    class Signer(signers.PdfSigner):
        """Says the moment that the house says, not the clock's."""

        def init_signing_session(self, *arguments: Any, **options: Any) -> Any:
            session = super().init_signing_session(*arguments, **options)
            session.system_time = at
            return session

    signing = Signer(
        signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            reason=reason,
            name=stamp.name,
        ),
        signer=_signer(stamp),
        stamp_style=_style(stamp.picture),
        new_field_spec=fields.SigFieldSpec(FIELD, on_page=page, box=_box(writer, page, stamp, place)),
    )
    try:
        found: io.BytesIO = signing.sign_pdf(writer, bytes_reserved=_CONTENTS_BYTES * 2)
    except (ValueError, KeyError, TypeError) as broken:
        raise _unreadable() from broken
    return found.getvalue()


@dataclass(frozen=True, slots=True)
class Read:
    """A sealed PDF as far as it could be read."""

    embedded: Any
    signer: Parsed
    at: datetime
    name: str


def opened(data: bytes) -> Read:
    """Raises NotVerifiable, BadCertificate, NoPdf: what cannot be read proves nothing."""
    _require_pyhanko()
    reader = _reader(data)
    try:
        embedded = list(reader.embedded_signatures)
        if len(embedded) != 1:
            raise NotVerifiable("这份PDF上没有电子印章，或不止一个。", hint="请选择盖过章的原件。")
        one = embedded[0]
        name = str(one.sig_object.get("/Name", ""))
        at = one.self_reported_timestamp
        signer = Parsed(one.signer_cert.dump())
        if at is None:
            raise NotVerifiable("签名里没有时间。", hint="请取得原件后再试。")
    except (NotVerifiable, BadCertificate):
        raise
    except Exception as broken:
        raise _unreadable() from broken
    return Read(one, signer, at, name)


def checks(read: Read, data: bytes, *, trust: Trust, roots: Sequence[bytes]) -> list[Check]:
    """Every check in order: structure, signer, signature, the whole file covered, nothing added."""
    status = _status(read, roots)
    said = trust(read.signer, read.at)
    covered = _covers_all(read, data)
    return [
        Check("structure", "文件结构", True, "文件完整，签名符合PAdES。"),
        Check(
            "signer",
            "签章者证书",
            not said,
            said or f"签章者“{read.signer.common_name}”的证书由本地证书机构签发，有效。",
        ),
        _check(
            "signature",
            "签章签名",
            bool(status and status.valid and status.trusted),
            "签名值与签章者的公钥相符。",
            "签名值不对，签章数据被改动或系伪造。",
        ),
        _check(
            "data-hash",
            "文件内容",
            bool(status and status.intact),
            "文件内容与盖章时一致。",
            "文件内容在盖章后被改动过。",
        ),
        _check(
            "coverage",
            "覆盖范围",
            covered,
            "签名覆盖整个文件，盖章后没有添加内容。",
            "文件在盖章后添加过内容，或签名没有覆盖整个文件。",
        ),
    ]


def _status(read: Read, roots: Sequence[bytes]) -> Any:
    """What pyHanko says at the moment of signing; None for what it cannot even check."""
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    context = ValidationContext(
        trust_roots=[x509.Certificate.load(each) for each in roots],
        moment=read.at,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )
    try:
        return validate_pdf_signature(read.embedded, signer_validation_context=context)
    except Exception:  # noqa: BLE001 — a hostile file may make any part of a large library stumble: then it proves nothing
        return None


def _covers_all(read: Read, data: bytes) -> bool:
    """The byte range leaves out the signature's digits only, and these are a DER value and zeros, written one way."""
    try:
        first, before, second, after = (int(each) for each in read.embedded.byte_range)
    except (TypeError, ValueError):
        return False
    digits = data[before + 1 : second - 1]
    is_whole = first == 0 and second + after == len(data) and before < second
    is_framed = data[before : before + 1] == b"<" and data[second - 1 : second] == b">"
    if not is_whole or not is_framed or len(digits) % 2 or not re.fullmatch(rb"[0-9A-F]+", digits):
        return False
    der = core.Sequence.load(read.embedded.pkcs7_content).dump()
    return bool(binascii.unhexlify(digits) == der.ljust(len(digits) // 2, b"\0"))


def _signer(stamp: Stamp) -> "Signer":
    from pyhanko.sign.signers.pdf_cms import Signer
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    store: Any = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple([x509.Certificate.load(each) for each in stamp.chain])

    class KeyStoreSigner(Signer):
        """Signs by the house's key store, so that a key in a device can sign too."""

        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            return bytes(72) if dry_run else stamp.sign(data)

    return KeyStoreSigner(signing_cert=x509.Certificate.load(stamp.signer), cert_registry=store, embed_roots=False)


def _style(picture: bytes) -> Any:
    from PIL import Image
    from pyhanko.pdf_utils.images import PdfImage
    from pyhanko.pdf_utils.layout import AxisAlignment, Margins, SimpleBoxLayoutRule
    from pyhanko.stamp import StaticStampStyle

    whole = SimpleBoxLayoutRule(AxisAlignment.ALIGN_MID, AxisAlignment.ALIGN_MID, margins=Margins(0, 0, 0, 0))
    image = PdfImage(Image.open(io.BytesIO(picture)).convert("RGBA"))
    return StaticStampStyle(background=image, background_opacity=1, border_width=0, background_layout=whole)


def _box(writer: Any, page: int, stamp: Stamp, place: StampPlace) -> tuple[int, int, int, int]:
    """From millimetres and the upper left corner to points and the lower left."""
    found = writer.find_page_for_modification(page)[0].get_object()
    while "/MediaBox" not in found and "/Parent" in found:
        found = found["/Parent"]
    left, bottom, _, top = (float(each) for each in found.get("/MediaBox", (0, 0, 595, 842)))
    x, y = left + place.x_mm * POINTS_A_MM, top - place.y_mm * POINTS_A_MM
    half, tall = stamp.width_mm * POINTS_A_MM / 2, stamp.height_mm * POINTS_A_MM / 2
    return int(x - half), int(max(y - tall, bottom)), int(x + half), int(max(y - tall, bottom) + 2 * tall)


def _reader(data: bytes) -> Any:
    from pyhanko.pdf_utils.reader import PdfFileReader

    if len(data) > FILE_BYTES_MAX or not data.startswith(b"%PDF-"):
        raise NotVerifiable("这不是PDF文件，或超过20MB。", hint="请选择PDF原件。")
    try:
        reader = PdfFileReader(io.BytesIO(data))
        is_locked = reader.encrypted
    except Exception as broken:
        raise _unreadable() from broken
    if is_locked:
        raise NotVerifiable("PDF文件设有密码。", hint="请选择没有密码的原件。")
    return reader


def _unreadable() -> NotVerifiable:
    return NotVerifiable("PDF文件已损坏或不完整，打不开。", hint="请取得原件后再试。")


def is_there() -> bool:
    """Whether pyHanko is installed; looks, imports nothing (pyHanko takes over a second)."""
    return importlib.util.find_spec("pyhanko") is not None


def _require_pyhanko() -> None:
    if not is_there():
        raise NoPdf("这里没有安装处理PDF签名的组件。", hint="请改用OFD文件，或请管理员 pip install yiwang[pdf]。")


def _check(code: str, title: str, passed: bool, good: str, bad: str) -> Check:
    return Check(code, title, passed, good if passed else bad)
