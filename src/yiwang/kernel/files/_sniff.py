"""What an upload really is, and whether it is safe to keep. Trusts neither its name nor its declared type."""

import io
import re
import unicodedata
import warnings
import zipfile
from pathlib import PurePosixPath

import filetype
from PIL import Image, UnidentifiedImageError

from yiwang.kernel.files.contracts import BadFile

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OFD = "application/ofd"
ENDINGS = {JPEG: (".jpg", ".jpeg"), PNG: (".png",), PDF: (".pdf",), DOCX: (".docx",), OFD: (".ofd",)}
NAMES = {JPEG: "JPG图片", PNG: "PNG图片", PDF: "PDF文件", DOCX: "Word文件（docx）", OFD: "OFD文件"}
TAKEN = "请上传 JPG、PNG、PDF、DOCX 或 OFD 文件。"

# A 108-megapixel phone photograph passes; what unpacks beyond that is an attack.
PIXELS_MAX = 120_000_000
# Pixels that are decoded wholly; a larger JPEG is decoded at reduced scale, a larger PNG only checked chunk by chunk.
PIXELS_DECODED_MAX = 40_000_000
ZIP_ENTRIES_MAX = 2_000
ZIP_UNPACKED_MAX = 200 * 1024 * 1024
ZIP_RATIO_MAX = 200
PDF_DANGERS = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA)\b")
_UNWANTED = re.compile(r"[\x00-\x1f\x7f<>:\"/\\|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def media_type_of(content: bytes, filename: str) -> str:
    """The true media type of `content`. Raises BadFile when it is not on the list, is broken, dangerous, or lies in its name."""
    kind = _kind(content)
    ending = PurePosixPath(filename.lower()).suffix
    known = {e for endings in ENDINGS.values() for e in endings}
    if ending and ending not in ENDINGS[kind]:
        what = f"扩展名却是 {ending}" if ending in known else f"扩展名 {ending} 不在可以上传的范围内"
        raise BadFile(f"文件内容是{NAMES[kind]}，{what}。", hint="请选择原始文件，不要自己修改扩展名。")
    {JPEG: _check_image, PNG: _check_image, PDF: _check_pdf, DOCX: _check_zip, OFD: _check_zip}[kind](content)
    return kind


def _kind(content: bytes) -> str:
    guessed = filetype.guess_mime(content[:8192])
    if guessed in (JPEG, PNG, PDF):
        return str(guessed)
    if content[:4] == b"PK\x03\x04":
        return _zip_kind(content)
    raise BadFile("这种文件不能上传。", hint=TAKEN)


def _zip_kind(content: bytes) -> str:
    try:
        names = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as broken:
        raise BadFile("文件已损坏，打不开。", hint="请重新保存后再上传。") from broken
    if "OFD.xml" in names:
        return OFD
    if {"[Content_Types].xml", "word/document.xml"} <= names:
        return DOCX
    raise BadFile("压缩包不能上传。", hint=TAKEN)


def _check_image(content: bytes) -> None:
    try:
        with warnings.catch_warnings():
            # Our own limit below decides; Pillow's warning would only be printed.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
                pixels = image.width * image.height
                if pixels > PIXELS_MAX:
                    raise Image.DecompressionBombError
                image.verify()
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
                _decode(image, pixels)
    except Image.DecompressionBombError as bomb:
        raise BadFile("图片尺寸太大。", hint="请用手机重新拍照，或缩小后再上传。") from bomb
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as broken:
        raise BadFile("图片已损坏或不完整。", hint="请重新拍照或重新保存后再上传。") from broken


def _decode(image: Image.Image, pixels: int) -> None:
    """Truncation shows only when the picture is decoded; a large JPEG is decoded at an eighth of its size."""
    if image.format == "JPEG":
        image.draft("RGB", (1000, 1000))
    if image.format == "JPEG" or pixels <= PIXELS_DECODED_MAX:
        image.load()


def _check_pdf(content: bytes) -> None:
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-2048:]:
        raise BadFile("PDF文件已损坏或不完整。", hint="请重新导出后再上传。")
    if PDF_DANGERS.search(content):
        raise BadFile("PDF文件里含有脚本或附件。", hint="请用“打印为PDF”重新生成后再上传。")
    if b"/Encrypt" in content:
        raise BadFile("PDF文件设有密码。", hint="请去掉密码后再上传。")


def _check_zip(content: bytes) -> None:
    entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(len(content), 1)
    if len(entries) > ZIP_ENTRIES_MAX or unpacked > ZIP_UNPACKED_MAX or unpacked / packed > ZIP_RATIO_MAX:
        raise BadFile("文件解开后过大。", hint="请删去多余图片后重新保存。")
    for entry in entries:
        parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
        if entry.filename.startswith("/") or ".." in parts:
            raise BadFile("文件结构异常。", hint="请重新保存后再上传。")
        if entry.flag_bits & 0x1:
            raise BadFile("文件设有密码。", hint="请去掉密码后再上传。")
        if parts and parts[-1].lower().startswith("vbaproject"):
            raise BadFile("文件里含有宏。", hint="请另存为不含宏的文档后再上传。")


def clean_name(filename: str, media_type: str) -> str:
    """A name that is safe to show and to send back: no folders, no control or direction signs, at most 100 signs."""
    name = unicodedata.normalize("NFC", filename.replace("\\", "/").rsplit("/", 1)[-1])
    name = _UNWANTED.sub("", name).strip(" .")
    stem, ending = PurePosixPath(name).stem.strip(" ."), PurePosixPath(name).suffix.lower()
    return f"{stem[:90] or '文件'}{ending or ENDINGS[media_type][0]}"
