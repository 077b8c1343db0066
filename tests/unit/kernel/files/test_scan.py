"""Uploads and a virus scanner that speaks clamd's protocol: what it knows is refused, and silence is no permission."""

import io
import socket
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from django.conf import LazySettings

from tests.unit.kernel.files.test_files import pdf
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.files import _scan, actions, queries
from yiwang.kernel.files.contracts import BadFile, FileRef, ScannerAway
from yiwang.kernel.files.models import StoredFile

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
# The harmless text that every scanner reports, in two parts so that none reports this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """Plays clamd: VERSION and INSTREAM with length-prefixed chunks, or a line that it hangs up on."""

    def __init__(self, folder: Path) -> None:
        self.place, self.mood, self.scanned = str(folder / "clamd.sock"), "", b""
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(self.place)
        self._door.listen()
        Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._door.close()
        Path(self.place).unlink()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._door.accept()
            except OSError:
                return
            with line, line.makefile("rb") as reader:
                self._answer(line, reader)

    def _answer(self, line: socket.socket, reader: io.BufferedReader) -> None:
        command = b""
        while not command.endswith(b"\0"):
            command += reader.read(1)
        if command == b"zVERSION\0":
            line.sendall(b"ClamAV 1.4.3/27500\0")
            return
        assert command == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!I", reader.read(4))[0]:
            assert size <= 64 * 1024
            content += reader.read(size)
        self.scanned = content
        if self.mood == "hang up":
            return
        if self.mood:
            line.sendall(self.mood.encode() + b"\0")
        else:
            line.sendall(b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0")


@pytest.fixture
def clamd(tmp_path: Path, settings: LazySettings) -> Iterator[Clamd]:
    played = Clamd(tmp_path)
    settings.YIWANG_CLAMD = played.place
    settings.YIWANG_FILES = tmp_path / "files"
    yield played
    played.close()


def store(content: bytes) -> FileRef:
    return actions.store(
        stream=io.BytesIO(content), filename="a.pdf", purpose="test", owner_party_id=None, by=SYSTEM, at=AT
    )


def test_a_clean_file_is_read_whole_and_kept(clamd: Clamd) -> None:
    content = pdf(b"x" * 200_000)
    assert queries.open(store(content).id).read() == content
    assert clamd.scanned == content
    assert queries.scanner() == "ClamAV 1.4.3/27500"


def test_a_known_virus_is_refused_and_not_kept(clamd: Clamd, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="病毒") as told:
        store(pdf(EICAR))
    assert told.value.hint
    assert not StoredFile.objects.exists()
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


@pytest.mark.parametrize("mood", ["hang up", "INSTREAM size limit exceeded. ERROR", "stream: OK FOUND? maybe"])
def test_no_clear_answer_is_no_permission(clamd: Clamd, mood: str) -> None:
    clamd.mood = mood
    with pytest.raises(ScannerAway):
        store(pdf())
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("place", ["/nowhere/clamd.sock", "127.0.0.1:9"])
def test_a_scanner_that_is_away_is_told(settings: LazySettings, place: str) -> None:
    settings.YIWANG_CLAMD = place
    for ask in (lambda: store(pdf()), queries.scanner):
        with pytest.raises(ScannerAway) as told:
            ask()
        assert told.value.status == 503


def test_a_scanner_that_never_answers_is_given_up(
    tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / "deaf.sock"))
        deaf.listen()
        settings.YIWANG_CLAMD = str(tmp_path / "deaf.sock")
        monkeypatch.setattr(_scan, "_PATIENCE_SECONDS", 0.2)
        with pytest.raises(ScannerAway):
            store(pdf())


def test_without_a_scanner_files_are_kept(tmp_path: Path, settings: LazySettings) -> None:
    settings.YIWANG_FILES = tmp_path
    assert store(pdf()).id
    assert queries.scanner() == ""
