"""The secrets of an installation as one file: a tar archive, or, with a passphrase, that archive sealed (scrypt, AES-256-GCM)."""

import io
import os
import tarfile
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from yiwang.site import secrets
from yiwang.site.backup.manifest import SECRETS, SECRETS_SEALED, BackupBad
from yiwang.site.failures import Failed

PASSPHRASE_SIGNS_LEAST = 12
_MAGIC, _SALT, _NONCE = b"yiwang secrets 1\n", 16, 12
# 128 MB and a third of a second each try: a stolen backup must be dear to guess at.
_WORK = 2**17
_SIZE_MAX = 16 * 1024 * 1024


class WrongPassphrase(Failed):
    """The sealed secrets do not open."""


def packed(folder: Path, passphrase: str | None) -> tuple[str, bytes]:
    """Name and content of the file that keeps all secrets of `folder`, retired keys included."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path in sorted(folder.iterdir()):
            if secrets.is_kept(path):
                entry = tarfile.TarInfo(path.name)
                entry.size, entry.mode, entry.mtime = path.stat().st_size, 0o600, int(path.stat().st_mtime)
                with open(path, "rb") as stream:
                    tar.addfile(entry, stream)
    return (SECRETS_SEALED, _sealed(archive.getvalue(), passphrase)) if passphrase else (SECRETS, archive.getvalue())


def unpack(source: Path, passphrase: str | None, folder: Path) -> None:
    """Lay the secrets of a backup into `folder`, 0600 each. Raises WrongPassphrase, BackupBad."""
    plain = source / SECRETS
    archive = plain.read_bytes() if plain.exists() else _opened(source / SECRETS_SEALED, passphrase)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for entry in tar:
            content = tar.extractfile(entry) if entry.isfile() and "/" not in entry.name else None
            if content is None or entry.size > _SIZE_MAX:
                raise BackupBad(f"{source}: the archive of secrets holds what is no secret ({entry.name}).")
            descriptor = os.open(folder / entry.name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content.read())


def _sealed(plain: bytes, passphrase: str) -> bytes:
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    return _MAGIC + salt + nonce + AESGCM(_key(passphrase, salt)).encrypt(nonce, plain, _MAGIC)


def _opened(path: Path, passphrase: str | None) -> bytes:
    if not passphrase:
        raise WrongPassphrase("the secrets of this backup are sealed: give --passphrase-file.")
    blob = path.read_bytes()
    body = blob.removeprefix(_MAGIC)
    if body == blob:
        raise BackupBad(f"{path} is no file of sealed secrets.")
    salt, nonce, rest = body[:_SALT], body[_SALT : _SALT + _NONCE], body[_SALT + _NONCE :]
    try:
        return AESGCM(_key(passphrase, salt)).decrypt(nonce, rest, _MAGIC)
    except InvalidTag:
        raise WrongPassphrase("the passphrase does not open the secrets of this backup.") from None


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_WORK, r=8, p=1).derive(passphrase.encode())
