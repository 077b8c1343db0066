"""Putting a seal on an OFD file: digests of every part, the stamp's place, and the signature over both."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from yiwang.support.seals import _ofd, _packages, _ses, _signing
from yiwang.support.seals._ofd import element, whole
from yiwang.support.seals._x509 import SM3_OID
from yiwang.support.seals.contracts import NotVerifiable, SealRefused, StampPlace

SIGNS = f"{_ofd.DOCUMENT}/Signs"
SIGNATURES = f"{SIGNS}/Signatures.xml"
SIGNATURE = f"{SIGNS}/Sign_0/Signature.xml"
VALUE = f"{SIGNS}/Sign_0/SignedValue.dat"
STRUCTURE = f"{SIGNS}/Sign_0/Seal.esl"


@dataclass(frozen=True, slots=True)
class Stamp:
    """The seal that is put on: its structure, its signer's certificate and key, its size."""

    structure: bytes
    signer: bytes
    sign: Callable[[bytes], bytes]
    width_mm: int
    height_mm: int


def sealed(data: bytes, stamp: Stamp, *, place: StampPlace, at: datetime) -> bytes:
    """The file with one seal on it. Raises NotVerifiable (no OFD), SealRefused (it has a seal already), NoSm2."""
    files = _packages.entries(data)
    pages = _pages(files)
    if any("/Signs/" in name for name in files):
        raise SealRefused("这份文件已经盖过章。", hint="请对没有盖章的原件用印。")
    root = files["OFD.xml"].decode()
    files["OFD.xml"] = root.replace("</ofd:DocBody>", element("Signatures", SIGNATURES) + "</ofd:DocBody>").encode()
    files[STRUCTURE] = stamp.structure
    files[SIGNATURES] = whole(
        "Signatures", element("MaxSignId", "1") + element("Signature", ID="s1", Type="Seal", BaseLoc=f"/{SIGNATURE}")
    )
    files[SIGNATURE] = _signature(files, stamp, pages[min(place.page, len(pages)) - 1], place, at)
    files[VALUE] = _ses.signature(
        stamp.structure,
        signer=stamp.signer,
        data_hash=_signing.sm3(files[SIGNATURE]),
        property_info=f"/{SIGNATURE}",
        at=at,
        sign=stamp.sign,
    )
    return _ofd.packed(files)


def _pages(files: dict[str, bytes]) -> list[str]:
    """Numbers of the pages of the one document. Raises NotVerifiable."""
    document = files.get(f"{_ofd.DOCUMENT}/Document.xml")
    if document is None or "OFD.xml" not in files:
        raise NotVerifiable("这不是OFD文件，或不是一份文档。", hint="请换一份文件。")
    found = _packages.xml(document).iter(f"{{{_ofd.NAMESPACE}}}Page")
    numbers = [page.get("ID", "") for page in found]
    if not numbers:
        raise NotVerifiable("OFD文件里没有页。", hint="请换一份文件。")
    return numbers


def _signature(files: dict[str, bytes], stamp: Stamp, page: str, place: StampPlace, at: datetime) -> bytes:
    box = f"{place.x_mm - stamp.width_mm / 2:.3f} {place.y_mm - stamp.height_mm / 2:.3f} {stamp.width_mm} {stamp.height_mm}"
    references = "".join(
        element("Reference", element("CheckValue", _digest(content)), FileRef=f"/{name}")
        for name, content in files.items()
    )
    info = (
        element("Provider", ProviderName="Yiwang", Version="1.0", Company="Yiwang")
        + element("SignatureMethod", "1.2.156.10197.1.501")
        + element("SignatureDateTime", f"{at:%Y%m%d%H%M%S}")
        + element("References", references, CheckMethod=SM3_OID)
        + element("StampAnnot", ID="a1", PageRef=page, Boundary=box)
        + element("Seal", element("BaseLoc", f"/{STRUCTURE}"))
    )
    return whole("Signature", element("SignedInfo", info) + element("SignedValue", f"/{VALUE}"))


def _digest(content: bytes) -> str:
    return base64.b64encode(_signing.sm3(content)).decode()
