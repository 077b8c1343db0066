"""A full disk: whoever wants to keep something is told so in their language, nothing is half kept, and it passes."""

import errno
import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test import Client, RequestFactory
from django.utils import translation
from PIL import Image

from yiwang.kernel.base.http import DISK_FULL, outage
from yiwang.kernel.design.middleware import failed, unavailable
from yiwang.kernel.files.models import StoredFile

RAISE = "DO $$ BEGIN RAISE 'could not extend file' USING ERRCODE = '53100'; END $$"


def full(*_: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.django_db
def test_an_upload_says_so_and_keeps_nothing(
    client_as: Callable[[str], Client], settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.YIWANG_FILES = tmp_path
    client, picture = client_as("mother"), BytesIO()
    client.raise_request_exception = False
    Image.new("RGB", (60, 80), "white").save(picture, "PNG")

    def send() -> Any:
        paper = SimpleUploadedFile("p.png", picture.getvalue(), content_type="image/png")
        return client.post("/api/applications/files", {"file": paper})

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        answer = send()
    assert (answer.status_code, answer.json()["code"]) == (503, DISK_FULL)
    assert answer.headers["Retry-After"]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert not StoredFile.objects.exists()
    assert send().status_code == 200


@pytest.mark.django_db
def test_the_database_without_room_is_not_called_away() -> None:
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(RAISE)
    told = outage(refused.value)
    assert told is not None
    assert told.code == DISK_FULL
    with pytest.raises(DatabaseError) as wrong, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    assert outage(wrong.value) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "存储空间不足，暂时不能保存"), ("en", "There is no room to save anything")]
)
def test_the_page_says_it_in_the_readers_language(language: str, words: str) -> None:
    request = RequestFactory().get("/my/", headers={"accept": "text/html"})
    with translation.override(language):
        page = unavailable(request, OSError(errno.ENOSPC, "No space left on device"))
    assert page is not None
    assert page.status_code == 503
    assert words in page.content.decode()


@pytest.mark.django_db
def test_the_last_page_asks_the_database_nothing(django_assert_num_queries: Callable[[int], Any]) -> None:
    """It is shown because the database went away: without one it would be the server's own bare 500."""
    request = RequestFactory().post("/my/", headers={"accept": "text/html"})
    try:
        raise OperationalError("terminating connection due to administrator command")
    except OperationalError:
        with django_assert_num_queries(0):
            assert failed(request).status_code == 503


def test_other_errors_of_files_are_ours() -> None:
    assert outage(FileNotFoundError(errno.ENOENT, "no such file")) is None
