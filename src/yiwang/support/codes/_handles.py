"""The handle in a code: who shows whose code, as one block of SM4 under a key of ours; to everybody else 16 random bytes."""

import os

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_ID, _SALT = 5, 6
SIZE = 16


def hidden(party_id: int, account_id: int, *, blind: bytes) -> bytes:
    """Different at every showing: 48 random bits stand beside the two numbers."""
    block = party_id.to_bytes(_ID, "big") + account_id.to_bytes(_ID, "big") + os.urandom(_SALT)
    encryptor = _cipher(blind).encryptor()
    return encryptor.update(block) + encryptor.finalize()


def opened(handle: bytes, *, blind: bytes) -> tuple[int, int]:
    """Party and account."""
    decryptor = _cipher(blind).decryptor()
    block = decryptor.update(handle) + decryptor.finalize()
    return int.from_bytes(block[:_ID], "big"), int.from_bytes(block[_ID : 2 * _ID], "big")


def _cipher(blind: bytes) -> "Cipher[modes.ECB]":
    # One block is all there is; the signature around it says that it is ours.
    return Cipher(algorithms.SM4(blind), modes.ECB())  # noqa: S305
