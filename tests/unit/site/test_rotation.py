"""Secrets change, and everything that they opened stays open."""

import io
import shutil
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.apps import apps
from django.conf import LazySettings
from django.core import signing
from django.db import connection

from tests.unit.kernel.files.test_files import pdf
from tests.unit.kernel.retention.test_retention import as_owner
from tests.world import AT, World
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.audit import queries as audit_read
from yiwang.kernel.base import sealing
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.fields import SealedJSONField, SealedTextField
from yiwang.kernel.files import actions as files
from yiwang.kernel.files import queries as files_read
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.ledger import queries as ledger_read
from yiwang.kernel.people import queries as people
from yiwang.site import database, paths, rotation, secrets
from yiwang.site.cli.secrets import list_all

__all__ = ["as_owner"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> Iterator[Path]:
    """A home of its own with copies of this run's keys."""
    shutil.copytree(paths.HOME / "secrets", tmp_path / "secrets", ignore=shutil.ignore_patterns("*.[0-9]*"))
    server = database.cluster()
    monkeypatch.setattr(database, "cluster", lambda: server)
    monkeypatch.setattr(paths, "HOME", tmp_path)
    settings.YIWANG_SEALING_KEY_FILE = str(tmp_path / "secrets" / "sealing-key")
    settings.YIWANG_LEDGER_KEY_FILE = str(tmp_path / "secrets" / "ledger-key")
    settings.YIWANG_FILES = tmp_path / "files"
    sealing.forget_keys()
    yield tmp_path
    monkeypatch.undo()
    sealing.forget_keys()


def under_other_keys() -> dict[str, int]:
    """How many values of each column another key than the one in use sealed."""
    found = {}
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, SealedTextField | SealedJSONField):
                with connection.cursor() as cursor:
                    cursor.execute(
                        f'SELECT count(*) FROM "{model._meta.db_table}" WHERE substring("{field.column}" FROM 1 FOR 5) <> %s',
                        [sealing.current_head()],
                    )
                    found[f"{model._meta.db_table}.{field.column}"] = int(cursor.fetchone()[0])
    return {name: count for name, count in found.items() if count}


def sealed_before_keys_had_numbers(plain: bytes, home: Path) -> bytes:
    """As the first version did: no number, the key derived from the file."""
    master = bytes.fromhex((home / "secrets" / "sealing-key").read_text())
    encryptor = Cipher(algorithms.SM4(sealing._derived(master, "seal")[:16]), modes.GCM(b"n" * 12)).encryptor()
    body = encryptor.update(plain) + encryptor.finalize()
    return b"\x01" + b"n" * 12 + encryptor.tag + body


@pytest.mark.django_db(transaction=True)
def test_after_a_new_sealing_key_everything_is_read_found_and_sealed_anew(
    home: Path, world: World, as_owner: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = files.store(stream=io.BytesIO(pdf()), filename="a.pdf", purpose="t", owner_party_id=None, by=SYSTEM, at=AT)
    ledger.append(kind="t", subject="t:1", content={"n": 1}, by=SYSTEM, at=AT)
    ledger.sequence(by=SYSTEM, at=AT)
    audit.record("t.done", target="t:1", by=SYSTEM, at=AT, detail={"n": 1})
    old = sealed_before_keys_had_numbers("旧".encode(), home)
    index, head = sealing.sealed_index(world.mother.id_number), sealing.current_head()

    assert "reseal" in rotation.rotate("sealing-key", at=datetime.now(UTC))
    assert sealing.current_head() != head
    assert sealing.unseal(old) == "旧".encode()
    assert sealing.sealed_index(world.mother.id_number) == index
    found = people.find_party(world.mother.id_number)
    assert found is not None
    assert found.name == world.mother.name
    assert "audit_auditrecord.detail" in under_other_keys()

    as_owner()
    monkeypatch.setattr(rotation, "BATCH", 3)
    interrupted = rotation.reseal()
    next(interrupted)
    interrupted.close()
    done = {progress.where: progress.resealed for progress in rotation.reseal()}
    assert done["files"] == 1
    assert done["people_party.name"] >= 4 or done["people_party.id_number"] >= 4
    assert under_other_keys() == {}
    assert list(rotation.reseal()) == []

    (retired,) = (home / "secrets").glob("sealing-key.retired-*")
    retired.unlink()
    sealing.forget_keys()
    again = people.find_party(world.mother.id_number)
    assert again == found
    assert files_read.open(ref.id).read() == pdf()
    assert audit_read.trail("t:1").items[0].detail == {"n": 1}
    report = ledger_read.verify()
    assert report.is_sound, report.findings
    with pytest.raises(sealing.CannotUnseal):
        sealing.unseal(old)


def test_a_process_that_ran_on_reads_what_was_sealed_under_the_new_key(home: Path) -> None:
    before = sealing.seal(b"before")
    secrets.write(home / "secrets" / "sealing-key.new", "ab" * 32)
    (home / "secrets" / "sealing-key").rename(home / "secrets" / "sealing-key.retired-20260101T000000Z")
    (home / "secrets" / "sealing-key.new").rename(home / "secrets" / "sealing-key")
    sealing.forget_keys()
    after = sealing.seal(b"after")
    (home / "secrets" / "sealing-key").rename(home / "secrets" / "aside")
    (home / "secrets" / "sealing-key.retired-20260101T000000Z").rename(home / "secrets" / "sealing-key")
    sealing.forget_keys()
    assert sealing.unseal(before) == b"before"
    (home / "secrets" / "sealing-key").rename(home / "secrets" / "sealing-key.retired-20260101T000000Z")
    (home / "secrets" / "aside").rename(home / "secrets" / "sealing-key")
    assert sealing.unseal(after) == b"after"


def test_a_new_django_key_still_believes_the_old_one(home: Path, settings: LazySettings) -> None:
    settings.SECRET_KEY = secrets.read("django-key")
    signed = signing.dumps({"sitting": 1})
    rotation.rotate("django-key", at=datetime.now(UTC))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = secrets.read("django-key"), secrets.retired("django-key")[:2]
    assert signing.loads(signed) == {"sitting": 1}
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(signing.BadSignature):
        signing.loads(signed)


@pytest.mark.parametrize("name", ["ledger-key", "index-key", "nothing"])
def test_what_cannot_be_changed_here_says_which_way(home: Path, name: str) -> None:
    with pytest.raises(rotation.CannotRotate, match="rotate"):
        rotation.rotate(name, at=datetime.now(UTC))


def test_the_list_shows_rights_and_never_a_value(home: Path) -> None:
    rotation.rotate("django-key", at=datetime.now(UTC))
    said = CliRunner().invoke(list_all).output
    assert said.count("0600") == len(secrets.kept()) == len(secrets.NAMES) + 1
    assert not [path for path in secrets.kept() if path.read_text() in said]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in secrets.kept())
