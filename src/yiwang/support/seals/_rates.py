"""How fast sealing and verifying are on this machine, in CPU time and beside the bare calls; needs no records."""

import importlib.util
import io
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from yiwang.support.seals import _libcrypto, _ofd, _ofd_seal, _ofd_verify, _pdf, _picture, _ses, _signing, _x509
from yiwang.support.seals.contracts import Algorithm, OfdLine, OfdPage, Role, StampPlace

MOMENT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PLACE = StampPlace(150, 240)
# Pieces of work by name, and how often each is done beside the others.
Works = dict[str, tuple[Callable[[], object], float]]
MESSAGE = b"one hundred bytes of a message that somebody wants to have sealed, no more and no less, as it is.  ."


def measured(*, each: int, rounds: int) -> dict[str, float | None]:
    """Operations per CPU second, the best of several rounds; None for a library that is not installed."""
    best: dict[str, float | None] = {}
    works = _works()
    for _ in range(rounds):
        for name, (work, share) in works.items():
            rate = _rate(work, max(1, int(each * share)))
            best[name] = max(best.get(name) or 0.0, rate)
    for name in ("gmssl_sign", "gmssl_verify", "pdf_seal", "pdf_verify"):
        best.setdefault(name, None)
    return {name: round(rate, 1) if rate else None for name, rate in best.items()} | _ratios(best)


def _ratios(best: dict[str, float | None]) -> dict[str, float | None]:
    pairs = {
        "sm2_sign_of_gmssl": ("sm2_sign", "gmssl_sign"),
        "sm2_verify_of_gmssl": ("sm2_verify", "gmssl_verify"),
        "ofd_seal_of_bare_sign": ("ofd_seal", "sm2_sign"),
        # Two signatures and two links of each of two chains stand behind one verification.
        "ofd_verify_of_bare_verify": ("ofd_verify", "sm2_verify"),
        "pdf_seal_of_bare_sign": ("pdf_seal", "p256_sign"),
        "pdf_verify_of_bare_verify": ("pdf_verify", "p256_verify"),
    }
    found: dict[str, float | None] = {}
    for name, (ours, other) in pairs.items():
        above, below = best.get(ours), best.get(other)
        found[name] = round(above / below, 3) if above and below else None
    return found


def _rate(work: Callable[[], object], times: int) -> float:
    begun = time.process_time()
    for _ in range(times):
        work()
    return times / max(time.process_time() - begun, 1e-9)


def _works() -> Works:
    """Every piece of work, and how often it is done beside `each`."""
    private, public, own = _certified(Algorithm.SM2)
    signature = _libcrypto.sign(private, public, MESSAGE)
    sign = partial(_signing.sign, Algorithm.SM2, private, public)
    picture = _picture.drawn("临江区卫生健康局", inscription="电子证照专用章", width_mm=38)
    until = MOMENT + timedelta(days=300)
    structure = _ses.seal(
        _ses.NewSeal("BENCH", "临江区卫生健康局", own, picture, 38, 38, MOMENT, until), maker=own, sign=sign
    )
    lines = tuple(OfdLine(f"第{number}项 出生医学证明的一行内容", 30, 40 + number * 8) for number in range(20))
    plain = _ofd.document([OfdPage(lines)], doc_id="0" * 32, title="样张", at=MOMENT)
    stamp = _ofd_seal.Stamp(structure, own, sign, 38, 38)
    sealed = _ofd_seal.sealed(plain, stamp, place=PLACE, at=MOMENT)
    return {
        "sm2_sign": (partial(_libcrypto.sign, private, public, MESSAGE), 1),
        "sm2_verify": (partial(_libcrypto.verify, public, MESSAGE, signature), 1),
        "ofd_seal": (partial(_ofd_seal.sealed, plain, stamp, place=PLACE, at=MOMENT), 0.1),
        "ofd_verify": (partial(_verify_ofd, sealed), 0.1),
        **_gmssl(private, public, signature),
        **_pdf_works(picture),
    }


def _gmssl(private: bytes, public: bytes, signature: bytes) -> Works:
    """The same in pure Python (the extra `bench`)."""
    if importlib.util.find_spec("gmssl") is None:
        return {}
    from gmssl import sm2

    peer = sm2.CryptSM2(private_key=private.hex(), public_key=public.hex(), asn1=True)
    return {
        "gmssl_sign": (partial(peer.sign_with_sm3, MESSAGE), 0.01),
        "gmssl_verify": (partial(peer.verify_with_sm3, signature.hex(), MESSAGE), 0.01),
    }


def _pdf_works(picture: bytes) -> Works:
    private, public, own = _certified(Algorithm.P256)
    sign = partial(_signing.sign, Algorithm.P256, private, public)
    bare: Works = {
        "p256_sign": (partial(sign, MESSAGE), 1.0),
        "p256_verify": (partial(_signing.verify, Algorithm.P256, public, MESSAGE, sign(MESSAGE)), 1.0),
    }
    if not _pdf.is_there():
        return bare
    stamp = _pdf.Stamp(own, [], sign, picture, 38, 38, "临江区卫生健康局")
    plain = _sheet()
    put = partial(_pdf.sealed, plain, stamp, place=PLACE, reason="样张", at=MOMENT)
    return {**bare, "pdf_seal": (put, 0.01), "pdf_verify": (partial(_verify_pdf, put(), own), 0.01)}


def _verify_ofd(sealed: bytes) -> None:
    """As a whole, chain left to the certificate itself: it is its own root here."""
    found = _ofd_verify.checks(
        _ofd_verify.opened(sealed), trust=lambda read, at: "" if read.is_signed_by(read) else "不是"
    )
    assert all(check.passed for check in found)


def _verify_pdf(sealed: bytes, root: bytes) -> None:
    found = _pdf.checks(_pdf.opened(sealed), sealed, trust=lambda read, at: "", roots=[root])
    assert all(check.passed for check in found)


def _certified(algorithm: Algorithm) -> tuple[bytes, bytes, bytes]:
    private, public = _signing.generate(algorithm)
    plan = _x509.Plan(
        Role.ORGANISATION,
        algorithm,
        _x509.name("样张"),
        public,
        MOMENT - timedelta(days=1),
        MOMENT + timedelta(days=999),
    )
    sign = partial(_signing.sign, algorithm, private, public)
    return private, public, _x509.certificate(plan, issuer=None, sign=sign)


def _sheet() -> bytes:
    from pyhanko.pdf_utils import generic, writer

    pages: Any = writer
    made = pages.PdfFileWriter()
    content = made.add_object(generic.StreamObject(stream_data=b"BT ET"))
    made.insert_page(pages.PageObject(contents=content, media_box=(0, 0, 595, 842)))
    stream = io.BytesIO()
    made.write(stream)
    return stream.getvalue()
