"""A sealed OFD file opens elsewhere, proves what it says, and stops proving it when any byte is changed."""

import io
import struct
import zipfile
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import ofdkit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.standing import standing
from tests.unit.support.seals.conftest import PLACE
from tests.world import AT
from yiwang.kernel.base.contracts import SYSTEM, Invalid
from yiwang.support.seals import _ofd, _ofd_seal, _ofd_verify, _packages, _ses, _signing, _x509, actions, queries
from yiwang.support.seals.contracts import Algorithm, BadCertificate, NotVerifiable, Role, SealRefused, SealView

ORDER = ["structure", "maker", "seal-dates", "signer", "signature", "data-hash", "references"]


@standing
def sealed(seal: SealView, paper: bytes) -> bytes:
    return actions.seal_ofd(
        seal_id=seal.id,
        data=paper,
        place=PLACE,
        thing="licence:x",
        subject="licence:1",
        purpose="签发",
        by=SYSTEM,
        at=AT,
    ).data


def test_another_reader_reads_it(sealed: bytes, paper: bytes) -> None:
    for data in (paper, sealed):
        with ofdkit.open(io.BytesIO(data)) as document:
            text = document.text()
        assert "出生医学证明" in text
        assert "<Q260000128> & 签发" in text
        assert "第二页" in text


def test_report_says_each_check_in_the_standards_order(sealed: bytes, seal: SealView) -> None:
    report = queries.verify_ofd(sealed)
    assert [check.code for check in report.checks] == [*ORDER, "register"]
    assert report.is_valid, report.checks
    assert (report.seal_name, report.subject, report.signed_at) == (seal.name, "licence:1", AT)
    assert all("\u4e00" <= check.said[0] <= "\u9fff" or check.said[0] == "“" for check in report.checks)


def test_openssl_agrees_with_the_seal_and_the_signature(sealed: bytes, tmp_path: Any) -> None:
    import subprocess

    read = _ofd_verify.opened(sealed).signature
    for by, body, value in (
        (read.seal.maker, read.seal.signed, read.seal.signature),
        (read.signer, read.signed, read.signature),
    ):
        for name, content in (("cert", _x509.as_pem(by.der).encode()), ("body", body), ("value", value)):
            (tmp_path / name).write_bytes(content)
        run = partial(subprocess.run, cwd=tmp_path, capture_output=True, text=True, check=False)
        run(["openssl", "x509", "-in", "cert", "-noout", "-pubkey", "-out", "key"])
        identity = ["-pkeyopt", "distid:1234567812345678"]
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key", "-rawin", "-digest", "sm3", *identity]
        assert "Success" in run([*command, "-sigfile", "value", "-in", "body"]).stdout


def test_a_file_is_sealed_once(sealed: bytes, seal: SealView) -> None:
    with pytest.raises(SealRefused):
        actions.seal_ofd(
            seal_id=seal.id, data=sealed, place=PLACE, thing="licence", subject="l:1", purpose="签发", by=SYSTEM, at=AT
        )


def test_one_changed_byte_anywhere_is_caught(sealed: bytes) -> None:
    # Spread over the whole file, and every byte of the ends, where a zip has what no digest covers.
    places = {*range(0, len(sealed), max(1, len(sealed) // 150)), *range(40), *range(len(sealed) - 60, len(sealed))}
    for place in sorted(places):
        changed = bytearray(sealed)
        changed[place] ^= 1 << place % 8
        assert not _holds(bytes(changed)), f"byte {place} of {len(sealed)}"


def test_cut_short_or_drawn_out_it_proves_nothing(sealed: bytes) -> None:
    for cut in (0, 1, 3, 30, len(sealed) // 2, len(sealed) - 22, len(sealed) - 1):
        with pytest.raises(NotVerifiable):
            queries.verify_ofd(sealed[:cut])
    assert not _holds(sealed + b"\x00")


def test_a_changed_part_is_named(sealed: bytes) -> None:
    page = "Doc_0/Pages/Page_0/Content.xml"
    report = _changed(sealed, {page: _packages.entries(sealed)[page].replace("出生".encode(), "死亡".encode())})
    assert _failed(report) == ["references", "register"]
    assert page in next(check.said for check in report.checks if check.code == "references")


def test_parts_that_come_or_go_are_caught(sealed: bytes) -> None:
    assert _failed(_changed(sealed, {"Doc_0/Attachs/more.xml": b"<a/>"})) == ["references", "register"]
    assert _failed(_changed(sealed, {"Doc_0/PublicRes.xml": None})) == ["references", "register"]
    assert _failed(_changed(sealed, {_ofd_seal.STRUCTURE: b"other"})) == ["data-hash", "references", "register"]
    for gone in (_ofd_seal.VALUE, _ofd_seal.SIGNATURE, _ofd_seal.SIGNATURES, "OFD.xml"):
        with pytest.raises(NotVerifiable):
            _changed(sealed, {gone: None})


def test_digests_made_anew_by_a_forger_do_not_match_the_signature(sealed: bytes) -> None:
    files = _packages.entries(sealed)
    page = "Doc_0/Pages/Page_1/Content.xml"
    old = _ofd_seal._digest(files[page])
    forged = files[page].replace("第二页".encode(), "第三页".encode())
    signature = files[_ofd_seal.SIGNATURE].replace(old.encode(), _ofd_seal._digest(forged).encode())
    assert _failed(_changed(sealed, {page: forged, _ofd_seal.SIGNATURE: signature})) == ["data-hash", "register"]


def test_a_strangers_seal_is_not_believed(sealed: bytes, paper: bytes) -> None:
    forged = _forged(paper)
    report = queries.verify_ofd(forged)
    assert _failed(report) == ["maker", "signer", "register"]
    assert "本地证书机构" in next(check.said for check in report.checks if check.code == "maker")


def test_a_certificate_outside_the_seals_list_is_refused(sealed: bytes, seal: SealView) -> None:
    from yiwang.support.seals import _authority, _keys
    from yiwang.support.seals.models import Certificate

    other = Certificate.objects.select_related("key").get(role=Role.MAKER.value)
    files = _packages.entries(sealed)
    files[_ofd_seal.VALUE] = _ses.signature(
        files[_ofd_seal.STRUCTURE],
        signer=_authority.der(other),
        data_hash=_signing.sm3(files[_ofd_seal.SIGNATURE]),
        property_info=f"/{_ofd_seal.SIGNATURE}",
        at=AT,
        sign=lambda message: _keys.sign(other.key, message),
    )
    assert _failed(queries.verify_ofd(_ofd.packed(files))) == ["signer", "register"]


def test_dates_of_the_seal_count_at_the_moment_of_use(sealed: bytes) -> None:
    found = _ofd_verify.opened(sealed)
    late = replace(found.signature, at=AT + timedelta(days=365 * 9))
    failed = [
        check.code
        for check in _ofd_verify.checks(replace(found, signature=late), trust=lambda *_: "")
        if not check.passed
    ]
    assert failed == ["seal-dates"]


def test_a_certificate_revoked_before_use_is_refused(sealed: bytes, seal: SealView) -> None:
    from yiwang.support.seals.contracts import RevocationReason
    from yiwang.support.seals.models import Seal

    row = Seal.objects.select_related("sm2").get(pk=seal.id)
    assert row.sm2 is not None
    gone = partial(actions.revoke_certificate, serial=row.sm2.serial, reason=RevocationReason.KEY_COMPROMISE, by=SYSTEM)
    gone(at=AT - timedelta(minutes=1))
    assert _failed(queries.verify_ofd(sealed)) == ["signer"]


@pytest.mark.parametrize("version", [1, 5])
def test_other_versions_are_refused_by_name(sealed: bytes, version: int) -> None:
    value = _packages.entries(sealed)[_ofd_seal.VALUE]
    read = _ses._Signature.load(value)
    read["to_sign"]["version"] = version
    with pytest.raises(NotVerifiable) as refused:
        _ses.read(read.dump(force=True))
    assert "第4版" in refused.value.message


@settings(max_examples=60)
@given(data=st.data())
def test_asn1_that_is_none_gives_a_clear_refusal(data: st.DataObject) -> None:
    whole = _value()
    kind = data.draw(st.sampled_from(["cut", "change", "junk", "nested"]))
    if kind == "cut":
        broken = whole[: data.draw(st.integers(0, len(whole) - 1))]
    elif kind == "change":
        place = data.draw(st.integers(0, 400))
        broken = whole[:place] + bytes([whole[place] ^ data.draw(st.integers(1, 255))]) + whole[place + 1 :]
    elif kind == "junk":
        broken = data.draw(st.binary(max_size=300))
    else:
        broken = b"\x30\x80" * data.draw(st.integers(1, 5000))
    read = _read_or_refused(broken)
    if read is not None and broken != whole:
        own = _ses.read(whole).signer.der
        is_ours = read.signer.der == own and read.seal.maker.der == own
        assert not (is_ours and _ses.is_signed_by(read) and _ses.is_made_by(read.seal))


def test_zip_bombs_escapes_and_doubles_are_refused() -> None:
    bomb = _zip({"OFD.xml": b"\0" * 70_000_000})
    assert len(bomb) < 100_000
    many = _zip({f"f{number}": b"" for number in range(600)})
    lying = bytearray(_zip({"OFD.xml": b"x" * 1000}))
    struct.pack_into("<I", lying, lying.rindex(b"PK\x01\x02") + 24, 10)
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as package:
        package.writestr("OFD.xml", "1")
        package.writestr("ofd.xml", "2")
    for hostile in (
        bomb,
        many,
        bytes(lying),
        twice.getvalue(),
        _zip({"../OFD.xml": b"1"}),
        b"PK\x03\x04",
        b"\x00" * 21_000_000,
    ):
        with pytest.raises(NotVerifiable) as refused:
            queries.verify_ofd(hostile)
        assert refused.value.hint


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(encoding: str) -> None:
    laughs = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    outside = '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'
    for text in (laughs, outside):
        with pytest.raises(NotVerifiable) as refused:
            _packages.xml(f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding))
        assert "DOCTYPE" in refused.value.message
    for broken in (b"", b"<a>", b"<a></b>", b'<?xml version="1.0" encoding="nonsense"?><a/>'):
        with pytest.raises(NotVerifiable):
            _packages.xml(broken)


def test_same_pages_same_bytes(paper: bytes) -> None:
    assert _ofd.packed(_packages.entries(paper)) == paper


def _read_or_refused(value: bytes) -> _ses.SignatureRead | None:
    try:
        return _ses.read(value)
    except (NotVerifiable, BadCertificate):
        return None


def _holds(data: bytes) -> bool:
    try:
        return queries.verify_ofd(data).is_valid
    except Invalid:
        return False


def _changed(sealed: bytes, parts: dict[str, bytes | None]) -> Any:
    files: dict[str, Any] = {**_packages.entries(sealed), **parts}
    return queries.verify_ofd(_ofd.packed({name: content for name, content in files.items() if content is not None}))


def _failed(report: Any) -> list[str]:
    return [check.code for check in report.checks if not check.passed]


def _zip(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return stream.getvalue()


def _own_certificate() -> tuple[bytes, bytes, bytes]:
    private, public = _signing.generate(Algorithm.SM2)
    plan = _x509.Plan(Role.ROOT, Algorithm.SM2, _x509.name("某人"), public, AT, AT + timedelta(days=9))
    sign = partial(_signing.sign, Algorithm.SM2, private, public)
    return private, public, _x509.certificate(plan, issuer=None, sign=sign)


def _structure(private: bytes, public: bytes, own: bytes) -> bytes:
    plan = _ses.NewSeal("FORGED", "某某局", own, b"\x89PNG", 40, 40, AT, AT + timedelta(days=5))
    return _ses.seal(plan, maker=own, sign=partial(_signing.sign, Algorithm.SM2, private, public))


def _forged(paper: bytes) -> bytes:
    private, public, own = _own_certificate()
    sign = partial(_signing.sign, Algorithm.SM2, private, public)
    stamp = _ofd_seal.Stamp(_structure(private, public, own), own, sign, 40, 40)
    return _ofd_seal.sealed(paper, stamp, place=PLACE, at=AT)


_values: list[bytes] = []


def _value() -> bytes:
    if not _values:
        private, public, own = _own_certificate()
        sign = partial(_signing.sign, Algorithm.SM2, private, public)
        structure = _structure(private, public, own)
        _values.append(_ses.signature(structure, signer=own, data_hash=b"h" * 32, property_info="/x", at=AT, sign=sign))
    return _values[0]
