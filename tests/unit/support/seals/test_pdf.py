"""A sealed PDF is believed by pyHanko and poppler, and by nobody once a byte is changed."""

import io
import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import pem, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tests.standing import standing
from tests.unit.support.seals.conftest import PLACE, Authority
from tests.world import AT
from yiwang.kernel.base.contracts import SYSTEM, Invalid
from yiwang.support.seals import _pdf, actions, queries
from yiwang.support.seals.contracts import (
    Algorithm,
    Format,
    NoPdf,
    NotVerifiable,
    RevocationReason,
    Role,
    SealRefused,
    SealView,
    Signed,
    StampPlace,
)
from yiwang.support.seals.models import Seal

pytestmark = pytest.mark.django_db


def sheets(count: int = 2) -> bytes:
    writer = PdfFileWriter()
    for _ in range(count):
        content = writer.add_object(generic.StreamObject(stream_data=b"BT ET"))
        writer.insert_page(PageObject(contents=content, media_box=(0, 0, 595, 842)))
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def put(seal: SealView, data: bytes, place: StampPlace = PLACE) -> Signed:
    return actions.seal_pdf(
        seal_id=seal.id,
        data=data,
        place=place,
        thing="licence:x",
        subject="licence:7",
        purpose="签发证照",
        by=SYSTEM,
        at=AT,
    )


@standing
def sealed(seal: SealView) -> bytes:
    return put(seal, sheets()).data


def test_report_says_each_check(sealed: bytes, seal: SealView) -> None:
    report = queries.verify(sealed)
    codes = ["structure", "signer", "signature", "data-hash", "coverage", "register"]
    assert [check.code for check in report.checks] == codes
    assert report.is_valid, report.checks
    assert (report.format, report.seal_name, report.subject) == (Format.PDF, seal.name, "licence:7")


def test_pyhanko_believes_it_from_the_root_alone(sealed: bytes, authority: Authority) -> None:
    root = x509.Certificate.load(pem.unarmor(authority[Role.ROOT, Algorithm.P256].pem.encode())[2])
    (one,) = PdfFileReader(io.BytesIO(sealed)).embedded_signatures
    context = ValidationContext(trust_roots=[root], moment=AT, allow_fetching=False)
    status = validate_pdf_signature(one, signer_validation_context=context)
    assert status.bottom_line, status.pretty_print_details()
    assert str(one.sig_object["/SubFilter"]) == "/ETSI.CAdES.detached"
    other = ValidationContext(trust_roots=[], moment=AT, allow_fetching=False)
    assert not validate_pdf_signature(one, signer_validation_context=other).trusted


def test_poppler_finds_signature_and_stamp(sealed: bytes, tmp_path: Path) -> None:
    assert shutil.which("pdfsig"), "install poppler-utils (.ci/run does)"
    (tmp_path / "sealed.pdf").write_bytes(sealed)
    run = partial(subprocess.run, cwd=tmp_path, capture_output=True, text=True, check=False)
    said = run(["pdfsig", "-nocert", "sealed.pdf"]).stdout
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    (tmp_path / "changed.pdf").write_bytes(sealed.replace(b"BT ET", b"BT  T", 1))
    assert "Signature is Valid" not in run(["pdfsig", "-nocert", "changed.pdf"]).stdout
    run(["pdftoppm", "-r", "40", "-png", "-f", "1", "-l", "1", "sealed.pdf", "page"])
    from PIL import Image

    (picture,) = tmp_path.glob("page*.png")
    with Image.open(picture) as page:
        red, green, _ = page.convert("RGB").crop((200, 340, 275, 420)).split()
    # Somewhere in the stamp's place it is red and not white.
    assert red.getextrema()[1] > 150
    assert green.getextrema()[0] < 120


def test_one_changed_byte_anywhere_is_caught(sealed: bytes) -> None:
    start, end = sealed.index(b"/Contents <"), sealed.index(b">", sealed.index(b"/Contents <"))
    # Spread over the file, and closer where the signature itself stands, which no digest covers.
    places = {
        *range(0, len(sealed), len(sealed) // 20),
        *range(start, end, (end - start) // 20),
        end - 1,
        len(sealed) - 1,
    }
    for place in sorted(places):
        changed = bytearray(sealed)
        changed[place] ^= 1 << place % 8
        assert not _holds(bytes(changed)), f"byte {place} of {len(sealed)}"


def test_the_signature_alone_catches_what_is_added(sealed: bytes) -> None:
    for more in (b"\n", b"\n%more\n", sealed[-200:]):
        report = _report(sealed + more)
        assert report is None or "coverage" in [check.code for check in report.checks if not check.passed]


def test_lower_case_digits_are_a_change(sealed: bytes) -> None:
    start = sealed.index(b"/Contents <") + 11
    lower = sealed[:start] + sealed[start : start + 40].lower() + sealed[start + 40 :]
    assert lower != sealed
    report = queries.verify(lower)
    assert [check.code for check in report.checks if not check.passed] == ["coverage", "register"]


def test_cut_short_it_proves_nothing(sealed: bytes) -> None:
    for cut in (0, 5, 100, len(sealed) // 2, len(sealed) - 30):
        assert not _holds(sealed[:cut])


def test_sealed_once_and_only_what_is_a_pdf(seal: SealView, sealed: bytes) -> None:
    with pytest.raises(SealRefused):
        put(seal, sealed)
    for junk in (b"", b"%PDF-1.7\n", b"%PDF-1.7\n" + b"\0" * 500, sheets()[:300], b"PK\x03\x04"):
        with pytest.raises(NotVerifiable):
            put(seal, junk)
    with pytest.raises(NotVerifiable):
        queries.verify(sheets())
    with pytest.raises(NotVerifiable):
        queries.verify(b"plain text")


def test_a_page_beyond_the_last_is_the_last(seal: SealView) -> None:
    assert queries.verify(put(seal, sheets(1), StampPlace(100, 100, page=9)).data).is_valid


def test_a_certificate_revoked_before_use_is_refused(sealed: bytes, seal: SealView) -> None:
    row = Seal.objects.select_related("p256").get(pk=seal.id)
    assert row.p256 is not None
    actions.revoke_certificate(serial=row.p256.serial, reason=RevocationReason.KEY_COMPROMISE, by=SYSTEM, at=AT)
    assert [check.code for check in queries.verify(sealed).checks if not check.passed] == ["signer"]


def test_without_pyhanko_the_refusal_says_what_to_install(seal: SealView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_pdf, "is_there", lambda: False)
    with pytest.raises(NoPdf) as refused:
        put(seal, sheets())
    assert "yiwang[pdf]" in refused.value.hint


def _report(data: bytes) -> Any:
    try:
        return queries.verify(data)
    except Invalid:
        return None


def _holds(data: bytes) -> bool:
    report = _report(data)
    return bool(report and report.is_valid)
