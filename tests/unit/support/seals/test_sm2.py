"""SM2, SM3 and SM4 give what the standards' examples say, through every library we may find."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from yiwang.support.seals import _libcrypto, _signing, _sm2
from yiwang.support.seals.contracts import Algorithm, NoSm2

# GB/T 32918.5-2017, annex A: the recommended curve, identity 1234567812345678.
PRIVATE = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
PUBLIC = bytes.fromhex(
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
MESSAGE = b"message digest"
SIGNATURE = bytes.fromhex(
    "3046022100F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "022100B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)
VECTORS = Path(__file__).parent / "vectors"


@pytest.fixture(params=["libcrypto", "gmssl-pyx"])
def sm2(request: pytest.FixtureRequest) -> _sm2.Sm2:
    return _libcrypto if request.param == "libcrypto" else _sm2.fallback()  # type: ignore[return-value]


def test_the_standards_signature_is_right(sm2: _sm2.Sm2) -> None:
    assert sm2.verify(PUBLIC, MESSAGE, SIGNATURE)


@pytest.mark.parametrize("place", range(0, len(SIGNATURE), 3))
def test_a_changed_signature_is_wrong(place: int) -> None:
    changed = bytearray(SIGNATURE)
    changed[place] ^= 1
    assert not _libcrypto.verify(PUBLIC, MESSAGE, bytes(changed))


@pytest.mark.parametrize("signature", [b"", b"\x30", b"\x30\x00", SIGNATURE[:-1], SIGNATURE + b"\x00", b"\xff" * 72])
def test_what_is_no_signature_is_wrong_and_breaks_nothing(sm2: _sm2.Sm2, signature: bytes) -> None:
    assert not sm2.verify(PUBLIC, MESSAGE, signature)
    assert sm2.verify(PUBLIC, MESSAGE, SIGNATURE)


def test_what_one_library_signs_the_other_verifies() -> None:
    other = _sm2.fallback()
    private, public = _libcrypto.generate()
    assert other.verify(public, MESSAGE, _libcrypto.sign(private, public, MESSAGE))
    private, public = other.generate()
    assert _libcrypto.verify(public, MESSAGE, other.sign(private, public, MESSAGE))
    assert not _libcrypto.verify(public, MESSAGE + b".", other.sign(private, public, MESSAGE))


def test_the_standards_key_signs() -> None:
    assert _libcrypto.verify(PUBLIC, MESSAGE, _libcrypto.sign(PRIVATE, PUBLIC, MESSAGE))


def test_a_point_off_the_curve_verifies_nothing() -> None:
    assert not _libcrypto.verify(b"\x01" * 64, MESSAGE, SIGNATURE)
    assert not _signing.verify(Algorithm.P256, b"\x01" * 64, MESSAGE, SIGNATURE)
    assert not _signing.verify(Algorithm.SM2, PUBLIC[:-1], MESSAGE, SIGNATURE)


def test_without_a_library_the_refusal_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    _libcrypto.library.cache_clear()
    _sm2.port.cache_clear()
    monkeypatch.setattr(_libcrypto, "_NAMES", ("libcrypto.so.none",))
    monkeypatch.setattr(_libcrypto.ctypes.util, "find_library", lambda name: None)
    try:
        assert type(_sm2.port()).__name__ == "_Gmssl"
        monkeypatch.setattr(_sm2.importlib, "import_module", _absent)
        _sm2.port.cache_clear()
        with pytest.raises(NoSm2) as refused:
            _sm2.port()
        assert "libcrypto" in refused.value.hint
    finally:
        _libcrypto.library.cache_clear()
        _sm2.port.cache_clear()


def test_a_library_that_is_too_old_is_passed_over() -> None:
    class Old:
        class OpenSSL_version_num:  # noqa: N801 — the library's name
            restype = None

            def __new__(cls) -> int:  # type: ignore[misc]
                return 0x1010117F

        EVP_sm3 = object()

    assert not _libcrypto._is_new_enough(Old)
    assert not _libcrypto._is_new_enough(object())


def test_an_error_of_the_library_is_told_in_its_words() -> None:
    with pytest.raises(NoSm2) as told:
        _libcrypto.sign(b"\x00" * 32, b"\x01" * 64, MESSAGE)
    assert "error:" in told.value.hint
    assert _libcrypto.library().ERR_get_error() == 0


def test_sm3_vectors() -> None:
    for one in _blocks(VECTORS / "sm3-oscca.txt", "Len"):
        length = int(one["Len"]) // 8
        assert _signing.sm3(bytes.fromhex(one["Msg"])[:length]).hex() == one["MD"]


def test_sm4_vectors() -> None:
    for one in _blocks(VECTORS / "sm4-ecb.txt", "COUNT"):
        cipher = Cipher(algorithms.SM4(bytes.fromhex(one["KEY"])), modes.ECB())
        encryptor = cipher.encryptor()
        assert (encryptor.update(bytes.fromhex(one["PLAINTEXT"])) + encryptor.finalize()).hex() == one["CIPHERTEXT"]
    for one in _blocks(VECTORS / "sm4-gcm-rfc8998.txt", "COUNT"):
        encryptor = Cipher(algorithms.SM4(bytes.fromhex(one["KEY"])), modes.GCM(bytes.fromhex(one["IV"]))).encryptor()
        encryptor.authenticate_additional_data(bytes.fromhex(one["AAD"]))
        assert (encryptor.update(bytes.fromhex(one["PLAINTEXT"])) + encryptor.finalize()).hex() == one["CIPHERTEXT"]
        assert encryptor.tag.hex() == one["TAG"]


def _absent(name: str) -> None:
    raise ImportError(name)


def _blocks(path: Path, first: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for line in path.read_text(encoding="ascii").splitlines():
        name, equals, value = line.partition(" = ")
        if equals and name == first:
            found.append({})
        if equals:
            found[-1][name] = value
    assert found
    return found
