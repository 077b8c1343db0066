"""SM2 by the system's libcrypto 3 through ctypes: the EVP calls that signing takes, everything freed, every error translated."""

import ctypes
import ctypes.util
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

from yiwang.support.seals.contracts import NoSm2

SM2_OID = bytes.fromhex("06082a811ccf5501822d")
EC_PUBLIC_KEY_OID = bytes.fromhex("06072a8648ce3d0201")
DISTINGUISHING_ID = b"1234567812345678"
_OLDEST = 0x30000000
_SIGNATURE_BYTES_MAX = 80
_NAMES = ("libcrypto.so.3", "libcrypto.3.dylib", "libcrypto-3-x64.dll", "libcrypto-3-arm64.dll")
_POINTER, _SIZE = ctypes.c_void_p, ctypes.c_size_t
_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "OpenSSL_version_num": (ctypes.c_ulong, ()),
    "ERR_clear_error": (None, ()),
    "ERR_get_error": (ctypes.c_ulong, ()),
    "ERR_error_string_n": (None, (ctypes.c_ulong, ctypes.c_char_p, _SIZE)),
    "EVP_sm3": (_POINTER, ()),
    "EVP_PKEY_CTX_new_from_name": (_POINTER, (_POINTER, ctypes.c_char_p, ctypes.c_char_p)),
    "EVP_PKEY_CTX_new_from_pkey": (_POINTER, (_POINTER, _POINTER, ctypes.c_char_p)),
    "EVP_PKEY_CTX_set1_id": (ctypes.c_int, (_POINTER, ctypes.c_char_p, ctypes.c_int)),
    "EVP_PKEY_CTX_free": (None, (_POINTER,)),
    "EVP_PKEY_keygen_init": (ctypes.c_int, (_POINTER,)),
    "EVP_PKEY_keygen": (ctypes.c_int, (_POINTER, ctypes.POINTER(_POINTER))),
    "EVP_PKEY_free": (None, (_POINTER,)),
    "EVP_MD_CTX_new": (_POINTER, ()),
    "EVP_MD_CTX_free": (None, (_POINTER,)),
    "EVP_MD_CTX_set_pkey_ctx": (None, (_POINTER, _POINTER)),
    "EVP_DigestSignInit": (ctypes.c_int, (_POINTER, _POINTER, _POINTER, _POINTER, _POINTER)),
    "EVP_DigestSign": (ctypes.c_int, (_POINTER, ctypes.c_char_p, ctypes.POINTER(_SIZE), ctypes.c_char_p, _SIZE)),
    "EVP_DigestVerifyInit": (ctypes.c_int, (_POINTER, _POINTER, _POINTER, _POINTER, _POINTER)),
    "EVP_DigestVerify": (ctypes.c_int, (_POINTER, ctypes.c_char_p, _SIZE, ctypes.c_char_p, _SIZE)),
    "d2i_AutoPrivateKey": (_POINTER, (_POINTER, ctypes.POINTER(ctypes.c_char_p), ctypes.c_long)),
    "d2i_PUBKEY": (_POINTER, (_POINTER, ctypes.POINTER(ctypes.c_char_p), ctypes.c_long)),
    "i2d_PrivateKey": (ctypes.c_int, (_POINTER, _POINTER)),
}


@cache
def library() -> Any:
    """The library with its calls declared. Raises NoSm2 when it is absent, too old or built without SM2."""
    for name in (*_NAMES, ctypes.util.find_library("crypto") or ""):
        try:
            found = ctypes.CDLL(name) if name else None
        except OSError:
            continue
        if found is not None and _is_new_enough(found):
            _declare(found)
            return found
    raise NoSm2(
        "本机没有可用的国密算法库，不能用SM2签名。",
        hint="请管理员安装 OpenSSL 3 的 libcrypto（Debian：libssl3），或 pip install yiwang[sm2]。",
    )


def generate() -> tuple[bytes, bytes]:
    """A new key: private scalar (32 bytes) and public point (64 bytes)."""
    crypto = library()
    key = _POINTER()
    with _freed(crypto.EVP_PKEY_CTX_new_from_name(None, b"SM2", None), crypto.EVP_PKEY_CTX_free) as context:
        _must(crypto.EVP_PKEY_keygen_init(context) == 1)
        _must(crypto.EVP_PKEY_keygen(context, ctypes.byref(key)) == 1)
    with _freed(key.value, crypto.EVP_PKEY_free) as made:
        der = ctypes.create_string_buffer(_must(crypto.i2d_PrivateKey(made, None)))
        place = ctypes.cast(der, _POINTER)
        _must(crypto.i2d_PrivateKey(made, ctypes.byref(place)))
        return _parts(der.raw)


def sign(private: bytes, public: bytes, message: bytes) -> bytes:
    """DER of (r, s) over SM3(ZA ‖ message), ZA by the default identity. Raises NoSm2."""
    crypto = library()
    length = _SIZE(_SIGNATURE_BYTES_MAX)
    signature = ctypes.create_string_buffer(_SIGNATURE_BYTES_MAX)
    key = _own(private, public)
    with _context(key.value) as context:
        _must(crypto.EVP_DigestSignInit(context, None, crypto.EVP_sm3(), None, key.value) == 1)
        _must(crypto.EVP_DigestSign(context, signature, ctypes.byref(length), message, len(message)) == 1)
    return signature.raw[: length.value]


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is right; a malformed one or a point that is not on the curve is simply wrong. Raises NoSm2."""
    crypto = library()
    try:
        key = _known(public)
    except NoSm2:
        return False
    with _context(key.value) as context:
        _must(crypto.EVP_DigestVerifyInit(context, None, crypto.EVP_sm3(), None, key.value) == 1)
        answer = crypto.EVP_DigestVerify(context, signature, len(signature), message, len(message))
        crypto.ERR_clear_error()
        return int(answer) == 1


class _Key:
    """A parsed key, freed with the object. Parsing costs more than signing, and the few keys of a place sign again and again."""

    def __init__(self, value: int) -> None:
        self.value = value
        self._free = library().EVP_PKEY_free

    def __del__(self) -> None:
        self._free(self.value)


@lru_cache(maxsize=256)
def _known(public: bytes) -> _Key:
    algorithm = EC_PUBLIC_KEY_OID + SM2_OID
    body = b"\x30" + bytes([len(algorithm)]) + algorithm + b"\x03\x42\x00\x04" + public
    return _Key(_must(_read(library().d2i_PUBKEY, b"\x30" + bytes([len(body)]) + body)))


@lru_cache(maxsize=64)
def _own(private: bytes, public: bytes) -> _Key:
    body = b"\x02\x01\x01\x04\x20" + private + b"\xa0\x0a" + SM2_OID + b"\xa1\x44\x03\x42\x00\x04" + public
    der = b"\x30" + bytes([len(body)]) + body
    return _Key(_must(_read(library().d2i_AutoPrivateKey, der)))


@contextmanager
def _context(key: int) -> Iterator[int]:
    """A digest context that knows the key and the identity that goes into ZA."""
    crypto = library()
    with _freed(crypto.EVP_PKEY_CTX_new_from_pkey(None, key, None), crypto.EVP_PKEY_CTX_free) as of_key:
        _must(crypto.EVP_PKEY_CTX_set1_id(of_key, DISTINGUISHING_ID, len(DISTINGUISHING_ID)) == 1)
        with _freed(crypto.EVP_MD_CTX_new(), crypto.EVP_MD_CTX_free) as context:
            crypto.EVP_MD_CTX_set_pkey_ctx(context, of_key)
            yield context


@contextmanager
def _freed(pointer: int | None, free: Any) -> Iterator[int]:
    value = _must(pointer)
    try:
        yield value
    finally:
        free(value)


def _read(function: Any, der: bytes) -> int | None:
    place = ctypes.c_char_p(der)
    found: int | None = function(None, ctypes.byref(place), len(der))
    return found


def _parts(der: bytes) -> tuple[bytes, bytes]:
    """The scalar and the point of an ECPrivateKey with its public key in it."""
    private = der.index(b"\x04\x20") + 2
    point = der.index(b"\x03\x42\x00\x04") + 4
    return der[private : private + 32], der[point : point + 64]


def _must(answer: Any) -> Any:
    """What the library answered. Raises NoSm2 in its words, and leaves no old error for the next caller."""
    if answer:
        return answer
    crypto = library()
    said = ctypes.create_string_buffer(256)
    crypto.ERR_error_string_n(crypto.ERR_get_error(), said, len(said))
    crypto.ERR_clear_error()
    raise NoSm2(
        "国密算法库没有完成运算。",
        hint=f"请重试；仍然不行时把这句话告诉管理员：{said.value.decode('ascii', 'replace')}",
    )


def _is_new_enough(found: Any) -> bool:
    if not hasattr(found, "OpenSSL_version_num") or not hasattr(found, "EVP_sm3"):
        return False
    found.OpenSSL_version_num.restype = ctypes.c_ulong
    return int(found.OpenSSL_version_num()) >= _OLDEST


def _declare(found: Any) -> None:
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(found, name)
        function.restype, function.argtypes = result, arguments
