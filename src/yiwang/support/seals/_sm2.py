"""The port of SM2: the system's libcrypto, else gmssl-pyx where it is installed, else a refusal that says what is missing."""

import importlib
from functools import cache
from typing import Any, Protocol

from yiwang.support.seals import _libcrypto
from yiwang.support.seals.contracts import NoSm2


class Sm2(Protocol):
    """What the house needs of SM2 with SM3 and the default identity; keys are 32 bytes (private) and 64 bytes (public)."""

    def generate(self) -> tuple[bytes, bytes]: ...

    def sign(self, private: bytes, public: bytes, message: bytes) -> bytes: ...

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool: ...


class _Gmssl:
    """The fall-back: GmSSL's own library inside the wheel gmssl-pyx."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def generate(self) -> tuple[bytes, bytes]:
        public, private = self._module.sm2_key_generate()
        return bytes(private), bytes(public)

    def sign(self, private: bytes, public: bytes, message: bytes) -> bytes:
        return bytes(self._module.sm2_sign(private, public, message))

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        try:
            return bool(self._module.sm2_verify(public, message, signature))
        except self._module.GmsslInnerError:
            return False


@cache
def port() -> Sm2:
    """The one that this machine has. Raises NoSm2."""
    try:
        _libcrypto.library()
    except NoSm2:
        return fallback()
    return _libcrypto


def fallback() -> Sm2:
    """gmssl-pyx. Raises NoSm2 where it is not installed."""
    try:
        return _Gmssl(importlib.import_module("gmssl_pyx"))
    except ImportError:
        _libcrypto.library()
        raise
