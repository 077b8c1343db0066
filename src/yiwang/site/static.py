"""Collects static files with their content's hash in their names, when any of them has changed."""

import hashlib
from pathlib import Path

from yiwang.site import paths


def collect() -> None:
    """Run collectstatic unless nothing changed since the last time; Django must be loaded."""
    stamp = paths.HOME / "static" / ".stamp"
    fingerprint = _fingerprint()
    if stamp.is_file() and stamp.read_text() == fingerprint:
        return
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False, clear=stamp.exists())
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(fingerprint)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted(_sources()):
        found = path.stat()
        digest.update(f"{path}:{found.st_size}:{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _sources() -> list[Path]:
    own = (paths.ROOT / "src" / "yiwang").glob("**/static/**/*")
    vendor = (paths.HOME / "static-vendor").glob("**/*")
    return [path for path in (*own, *vendor, paths.ROOT / "requirements.lock") if path.is_file()]
