"""The entrance script and the command line: what is missing is said in one line, with what to do."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from yiwang.site import paths


def run(*arguments: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", ""),
        "YIWANG_HOME": str(paths.HOME),
    } | changes
    return subprocess.run(
        [paths.ROOT / "yiwang", *arguments], env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A PATH with nothing on it but what every system has."""
    for name in ("dirname", "cmp", "cat", "mkdir", "sh", "flock", "pwd"):
        program = shutil.which(name)
        if program:
            (tmp_path / name).symlink_to(program)
    return tmp_path


def test_missing_python_is_said(tools: Path, tmp_path: Path) -> None:
    said = run("up", PATH=str(tools), YIWANG_HOME=str(tmp_path / "home"))
    assert said.returncode == 1
    assert "Python 3.11 or newer was not found. Install it" in said.stderr.splitlines()[-1]


def test_folder_that_cannot_be_written_is_said() -> None:
    said = run("up", YIWANG_HOME="/proc/yiwang")
    assert (said.returncode, said.stderr) == (
        1,
        "yiwang: /proc/yiwang cannot be written. Set YIWANG_HOME to a folder that can.\n",
    )


def test_empty_home_is_no_hindrance() -> None:
    assert run("--help", HOME="").returncode == 0


def test_unknown_command_points_to_help() -> None:
    said = run("fly")
    assert said.returncode == 2
    assert "yiwang --help" in said.stderr
    assert "No such command 'fly'" in said.stderr


def test_expected_failure_is_one_line_without_traceback() -> None:
    said = run("doctor", YIWANG_POSTGRES_BIN="/nowhere")
    assert said.returncode == 1
    assert "Traceback" not in said.stderr + said.stdout
    assert "FAIL postgresql programs: none runs here; apt-get install postgresql" in said.stdout


def test_lost_secrets_are_not_made_anew_over_data(tmp_path: Path) -> None:
    (tmp_path / "pg" / "data").mkdir(parents=True)
    (tmp_path / "pg" / "data" / "PG_VERSION").write_text("18\n")
    (tmp_path / "env").symlink_to(paths.HOME / "env")
    said = run("openapi", YIWANG_HOME=str(tmp_path), PYTHONPYCACHEPREFIX=str(paths.HOME / "compiled"))
    assert said.returncode == 1
    assert said.stderr.count("\n") == 1
    assert "Restore var/secrets from the backup" in said.stderr


def test_uv_alone_is_taken_out_of_the_lock_file_for_pip() -> None:
    script = (paths.ROOT / "yiwang").read_text()
    taking = next(line for line in script.splitlines() if "uv.lock" in line and "sed" in line).split('"$lock"')[0]
    lock = paths.ROOT / "requirements.lock"
    taken = subprocess.run(
        ["sh", "-c", f'{taking} "{lock}"'], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert [line.split("==")[0] for line in taken if not line.startswith(" ")] == ["uv"]
    assert not taken[-1].endswith("\\")
    assert any("--hash=" in line for line in taken)
