"""The restore drill: an installation with data in it is backed up, lost, and comes back in another place, proved."""

import hashlib
import io
import resource
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from django.conf import LazySettings
from django.db import connection

from tests.patience import until
from tests.world import World
from yiwang.data.engine import actions as lake
from yiwang.data.engine.models import LakeFile
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.files import actions as files
from yiwang.kernel.files import queries as stored
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.ledger import queries as ledger_queries
from yiwang.kernel.ledger.models import Leaf
from yiwang.kernel.retention.contracts import ERASING
from yiwang.site import database, paths, rotation, secrets
from yiwang.site.backup import dump, make, manifest, restore, revive, vault
from yiwang.site.cli.backup import command
from yiwang.site.postgres import Cluster

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PASSPHRASE = "安澜 correct horse battery"
PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
EMPTY_DUMP = b"PGDMP"


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> Iterator[Path]:
    """A home of its own with this run's keys; its database is the test's."""
    # Short, because a socket's address may have 107 bytes.
    made = Path(tempfile.mkdtemp(prefix="yw-"))
    shutil.copytree(paths.HOME / "secrets", made / "home" / "secrets")
    server = database.cluster()
    monkeypatch.setattr(database, "cluster", lambda: server)
    monkeypatch.setattr(paths, "HOME", made / "home")
    monkeypatch.setenv("YIWANG_DATABASE_NAME", str(settings.DATABASES["default"]["NAME"]))
    settings.YIWANG_FILES = made / "home" / "files"
    settings.YIWANG_LAKE = made / "home" / "lake"
    yield made
    shutil.rmtree(made)


def keep_a_file() -> str:
    ref = files.store(stream=io.BytesIO(PDF), filename="a.pdf", purpose="drill", owner_party_id=None, by=SYSTEM, at=AT)
    return ref.sha256


def keep_a_table() -> str:
    lake.declare(name="raw.firms", layer="raw", by=SYSTEM, at=AT)
    lake.commit(table="raw.firms", source="SELECT 1 AS n", mode="append", key="1", by=SYSTEM, at=AT)
    return LakeFile.objects.get().path


def backup(target: Path, passphrase: str | None = None) -> manifest.Manifest:
    return make.make(target, passphrase=passphrase, with_secrets=True, at=AT)[0]


@pytest.mark.django_db(transaction=True)
def test_a_lost_installation_comes_back_with_every_proof(
    world: World, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256, table = keep_a_file(), keep_a_table()
    leaf = ledger.append(kind="test.drill", subject="drill:1", content={"number": 1}, by=SYSTEM, at=AT)
    ledger.sequence(by=SYSTEM, at=AT)
    ledger.append(kind="test.drill", subject="drill:2", content={"waits": True}, by=SYSTEM, at=AT)
    head = ledger_queries.checkpoint()
    assert head is not None

    made = backup(home / "kept", PASSPHRASE)
    assert (made.secrets, made.tree_size) == ("sealed", head.tree_size)
    assert not (home / "kept" / manifest.SECRETS).exists()
    assert manifest.check(home / "kept") > 100

    monkeypatch.setattr(paths, "HOME", home / "other")
    (home / "other" / "files").mkdir(parents=True)
    (home / "other" / "files" / "theirs").write_text("data of somebody else")
    with pytest.raises(restore.RestoreFailed, match="holds data already"):
        restore.restore(home / "kept", passphrase=PASSPHRASE, force=False, at=AT)
    with pytest.raises(vault.WrongPassphrase):
        restore.restore(home / "kept", passphrase="something else", force=True, at=AT)
    assert (home / "other" / "files" / "theirs").exists()

    said = restore.restore(home / "kept", passphrase=PASSPHRASE, force=True, at=AT)
    assert said.startswith(f"{head.tree_size} leaves")
    (aside,) = (home / "other").glob("replaced-*/files/theirs")
    assert aside.read_text() == "data of somebody else"
    assert not (home / "other" / ".restoring").exists()
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in (home / "other" / "secrets").iterdir())
    assert (home / "other" / "secrets" / "ledger-key").read_text() == (
        home / "home" / "secrets" / "ledger-key"
    ).read_text()
    there = home / "other" / "files" / sha256[:2] / sha256[2:4] / sha256
    assert there.read_bytes() == (home / "home" / "files" / sha256[:2] / sha256[2:4] / sha256).read_bytes()
    in_the_lake = home / "other" / "lake" / "tables" / table
    assert in_the_lake.read_bytes() == (home / "home" / "lake" / "tables" / table).read_bytes()

    cluster = Cluster(home / "other" / "pg")
    with cluster.running(), cluster.connect("yiwang") as inside:
        tables = {name: inside.execute(f"SELECT count(*) FROM {name}").fetchone() for name in made.tables}
        grown = {name for name, count in tables.items() if count != (made.tables[name],)}
        assert grown == {"ledger_leaf", "ledger_leafcontent", "ledger_pendingleaf", "audit_auditrecord"}
        kept = inside.execute("SELECT commitment FROM ledger_leaf WHERE id = %s", [leaf.id]).fetchone()
        newest = inside.execute("SELECT kind FROM ledger_leaf ORDER BY id DESC LIMIT 1").fetchone()
        rights = inside.execute("SELECT has_table_privilege('yiwang_app', 'ledger_leaf', 'UPDATE')").fetchone()
    _role_gets_another_password(cluster, monkeypatch)
    assert kept == (Leaf.objects.get(pk=leaf.id).commitment,)
    assert newest == ("site.backup.restored",)
    assert rights == (False,)


def _role_gets_another_password(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "cluster", lambda: cluster)
    old = secrets.read("database-app")
    with cluster.running():
        assert "Restart" in rotation.rotate("database-app", at=AT)
        new = secrets.read("database-app")
        assert new != old
        psycopg.connect(host=str(cluster.socket), user="yiwang_app", dbname="yiwang", password=new).close()
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=str(cluster.socket), user="yiwang_app", dbname="yiwang", password=old)


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_is_told_and_leaves_nothing(home: Path) -> None:
    # A limit on the size of files refuses the write as a full disk does, at the same call.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(make.BackupFailed, match="nothing was kept") as told:
            backup(home / "kept")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "Make room" in str(told.value)
    assert not list(home.glob("kept*"))
    with pytest.raises(make.BackupFailed, match="cannot be written"):
        backup(Path("/proc/kept"))


@pytest.mark.django_db(transaction=True)
def test_an_interrupted_backup_goes_on_and_no_backup_is_overwritten(home: Path, world: World) -> None:
    sha256 = keep_a_file()
    inner = Path(manifest.FILES, sha256[:2], sha256[2:4], sha256)
    copied = home / "kept.partial" / inner
    copied.parent.mkdir(parents=True)
    shutil.copy(home / "home" / inner, copied)
    (home / "kept.partial" / manifest.DUMP).write_bytes(EMPTY_DUMP)
    (home / "kept.partial" / "of another day").write_text("…")
    inode = copied.stat().st_ino

    backup(home / "kept")
    assert (home / "kept" / inner).stat().st_ino == inode
    assert not (home / "kept" / "of another day").exists()
    assert manifest.check(home / "kept")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (home / "kept").rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert stat.S_IMODE((home / "kept").stat().st_mode) == 0o700
    with pytest.raises(make.BackupFailed, match="exists already"):
        backup(home / "kept")


def test_a_short_passphrase_is_refused_before_anything_is_written(home: Path) -> None:
    (home / "phrase").write_text("short\n")
    said = CliRunner().invoke(command, [str(home / "kept"), "--passphrase-file", str(home / "phrase")])
    assert (said.exit_code, "too short" in said.output) == (1, True)
    assert not (home / "kept").exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_erased_while_a_backup_holds_its_moment(home: Path) -> None:
    def try_lock() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ERASING])
            return bool(cursor.fetchone()[0])

    with dump.snapshot():
        assert not try_lock()
        with dump.snapshot():
            pass
    # The server gives the lock back when it has seen the connection end, a moment after we ended it.
    until(try_lock)


def small_backup(folder: Path) -> manifest.Manifest:
    """What a backup looks like from outside, without a database behind it."""
    content = {manifest.DUMP: EMPTY_DUMP, "files/ab/cd/abcd": b"sealed", manifest.CHECKPOINT: b""}
    for name, data in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    lines = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in content.items())
    (folder / manifest.SUMS).write_text(lines)
    sums = hashlib.sha256(lines.encode()).hexdigest()
    made = manifest.Manifest(1, AT.isoformat(), "0.1.0", "18", [], {}, "", 0, "absent", sums)
    made.write(folder)
    return made


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda folder: (folder / "files/ab/cd/abcd").write_bytes(b"Sealed"), "files/ab/cd/abcd is damaged"),
        (lambda folder: (folder / manifest.DUMP).unlink(), "database.dump is missing"),
        (lambda folder: (folder / manifest.SUMS).write_text("0  x\n"), "not the one that manifest.json"),
        (lambda folder: (folder / manifest.MANIFEST).write_text("{}"), "cannot be read"),
        (lambda folder: (folder / manifest.MANIFEST).unlink(), "is no backup"),
    ],
)
def test_a_damaged_backup_is_named_and_changes_nothing(home: Path, harm: object, said: str) -> None:
    small_backup(home / "kept")
    harm(home / "kept")  # type: ignore[operator]
    before = sorted(path.name for path in paths.HOME.rglob("*"))
    with pytest.raises(manifest.BackupBad, match=said):
        manifest.check(home / "kept")
    with pytest.raises(manifest.BackupBad, match=said):
        restore.restore(home / "kept", passphrase=None, force=True, at=AT)
    assert sorted({path.name for path in paths.HOME.rglob("*")} - {"up"}) == before


def test_a_path_that_leads_out_of_the_backup_is_refused(home: Path) -> None:
    made = small_backup(home / "kept")
    line = f"{hashlib.sha256(b'').hexdigest()}  files/../../secrets/ledger-key\n"
    (home / "kept" / manifest.SUMS).write_text(line)
    replace(made, sums=hashlib.sha256(line.encode()).hexdigest()).write(home / "kept")
    with pytest.raises(manifest.BackupBad, match="no backup holds"):
        restore.restore(home / "kept", passphrase=None, force=True, at=AT)


def test_a_backup_of_a_later_version_is_refused(home: Path) -> None:
    made = replace(small_backup(home / "kept"), migrations=["cases.0001_initial", "cases.9999_later"])
    with pytest.raises(revive.CannotRevive, match=r"cases\.9999_later"):
        revive.load(home / "kept", made)


@pytest.mark.django_db
def test_a_lost_file_is_found(home: Path) -> None:
    sha256 = keep_a_file()
    assert stored.lost() == []
    (paths.HOME / "files" / sha256[:2] / sha256[2:4] / sha256).unlink()
    assert len(stored.lost()) == 1
