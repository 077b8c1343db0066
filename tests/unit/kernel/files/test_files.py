"""Hostile and honest uploads."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from PIL import Image

from yiwang.kernel.base.contracts import SYSTEM, Actor, ActorKind
from yiwang.kernel.files import _sniff, _store, actions, queries
from yiwang.kernel.files.contracts import SIZE_BYTES_MAX, BadFile, FileRef, TooManyFiles

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
RESIDENT = Actor(kind=ActorKind.RESIDENT, name="张三", account_id=7)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.YIWANG_FILES = tmp_path / "files"


def picture(form: str = "JPEG", size: tuple[int, int] = (60, 40)) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(out, form)
    return out.getvalue()


def pdf(body: bytes = b"") -> bytes:
    return b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n" + body + b"\ntrailer\n<<>>\n%%EOF\n"


def archive(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as bundle:
        for name, content in entries.items():
            bundle.writestr(name, content)
    return out.getvalue()


DOCX = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"}


def store(content: bytes, filename: str, by: Actor = SYSTEM) -> FileRef:
    return actions.store(
        stream=io.BytesIO(content), filename=filename, purpose="test", owner_party_id=None, by=by, at=AT
    )


@pytest.mark.parametrize(
    ("content", "filename", "media_type"),
    [
        (picture(), "照片.JPG", "image/jpeg"),
        (picture("PNG"), "a.png", "image/png"),
        (pdf(), "证明.pdf", "application/pdf"),
        (archive(DOCX), "说明.docx", _sniff.DOCX),
        (archive({"OFD.xml": b"<OFD/>"}), "证照.ofd", "application/ofd"),
        (picture(), "无扩展名", "image/jpeg"),
    ],
)
def test_what_is_on_the_list_is_kept_and_read_back(content: bytes, filename: str, media_type: str) -> None:
    ref = store(content, filename)
    assert ref.media_type == media_type
    assert queries.open(ref.id).read() == content
    assert queries.get(ref.id) == ref


def png_of(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "filename", "says"),
    [
        (b"", "a.jpg", "空的"),
        (b"\xff\xd8\xff" + b"0" * SIZE_BYTES_MAX, "a.jpg", "超过20MB"),
        (picture("PNG"), "照片.jpg", "文件内容是PNG图片，扩展名却是 .jpg"),
        (picture(), "照片.exe", "不在可以上传的范围内"),
        (pdf(), "照片.png", "文件内容是PDF文件"),
        (b"MZ\x90\x00" + b"\0" * 200, "照片.jpg", "不能上传"),
        (b"<html><script>alert(1)</script>", "a.pdf", "不能上传"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "a.png", "不能上传"),
        (picture()[:-200], "a.jpg", "已损坏"),
        (picture("PNG")[:-30], "a.png", "已损坏"),
        (b"\xff\xd8\xff\xe0" + b"rubbish" * 50, "a.jpg", "已损坏"),
        (png_of(60_000, 60_000), "bomb.png", "尺寸太大"),
        (b"%PDF-1.7\nno end", "a.pdf", "不完整"),
        (pdf(b"<< /S /JavaScript /JS (app.alert(1)) >>"), "a.pdf", "脚本或附件"),
        (pdf(b"<< /Encrypt 3 0 R >>"), "a.pdf", "密码"),
        (archive({"a.txt": b"x"}), "a.docx", "压缩包不能上传"),
        (archive({**DOCX, "word/vbaProject.bin": b"x"}), "a.docx", "含有宏"),
        (archive({**DOCX, "../../etc/passwd": b"x"}), "a.docx", "结构异常"),
        (archive({**DOCX, "word/media/bomb": b"\0" * 30_000_000}), "a.docx", "解开后过大"),
        (b"PK\x03\x04 not a zip", "a.docx", "已损坏"),
    ],
)
def test_what_lies_or_harms_is_refused_with_a_sentence(content: bytes, filename: str, says: str) -> None:
    with pytest.raises(BadFile) as refused:
        store(content, filename)
    assert says in refused.value.message
    assert refused.value.hint


def test_a_lying_zip_header_does_not_break_out() -> None:
    broken = archive(DOCX).replace(b"word/document.xml", b"word/document.xm\xff")
    with pytest.raises(BadFile):
        store(broken, "a.docx")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/身份证.jpg", "身份证.jpg"),
        ("C:\\Users\\李\\照片.JPG", "照片.jpg"),
        ("照片\u202egpj.jpg", "照片gpj.jpg"),
        ('a"b<c>\n.jpg', "abc.jpg"),
        ("...", "文件.jpg"),
        ("字" * 300 + ".jpg", "字" * 90 + ".jpg"),
    ],
)
def test_names_are_cleaned(given: str, kept: str) -> None:
    assert _sniff.clean_name(given, "image/jpeg") == kept


def test_equal_contents_stand_once_and_sealed(settings: LazySettings) -> None:
    content = picture()
    first, second = store(content, "a.jpg"), store(content, "b.jpg")
    assert first.id != second.id
    assert first.sha256 == second.sha256
    files = [p for p in Path(settings.YIWANG_FILES).rglob("*") if p.is_file()]
    assert files == [_store.place(first.sha256)]
    assert content[:100] not in files[0].read_bytes()


def test_the_daily_allowance_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "FILES_A_DAY", 2)
    for _ in range(2):
        store(picture(), "a.jpg", RESIDENT)
    with pytest.raises(TooManyFiles):
        store(picture(), "a.jpg", RESIDENT)
    store(picture(), "a.jpg", SYSTEM)


@pytest.mark.parametrize(
    ("make", "name", "shown"),
    [(picture, "照 片.jpg", "inline"), (pdf, "a.pdf", "inline"), (lambda: archive(DOCX), "a.docx", "attachment")],
)
def test_answers_can_run_nothing(make: Callable[[], bytes], name: str, shown: str) -> None:
    answer = queries.response(store(make(), name).id, inline=True)
    assert answer["Content-Disposition"].startswith(shown)
    assert "\n" not in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert queries.response(store(make(), name).id)["Content-Disposition"].startswith("attachment")


def test_a_photo_is_kept_without_what_the_camera_wrote_and_no_larger_than_needed() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    out = io.BytesIO()
    Image.new("RGB", (3000, 40), "gray").save(out, "JPEG", exif=exif)
    assert b"SecretCamera" in out.getvalue()
    out.seek(0)
    kept = actions.store_photo(stream=out, purpose="test", owner_party_id=None, by=SYSTEM, at=AT)
    with queries.open(kept.id) as stored:
        content = stored.read()
    assert b"SecretCamera" not in content
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.width, dict(image.getexif())) == ("JPEG", 2400, {})


@pytest.mark.parametrize(
    "content", [b"GIF89a", pdf(), picture()[:200], b"\x89PNG\r\n\x1a\n", b"<svg xmlns='http://www.w3.org/2000/svg'/>"]
)
def test_what_is_no_photo_is_not_kept_as_one(content: bytes) -> None:
    with pytest.raises(BadFile):
        actions.store_photo(stream=io.BytesIO(content), purpose="test", owner_party_id=None, by=SYSTEM, at=AT)
