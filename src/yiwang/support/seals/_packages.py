"""Opening what strangers hand in: a zip that cannot blow up, XML that cannot reach out."""

import io
import zipfile
import zlib
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

from yiwang.support.seals.contracts import FILE_BYTES_MAX, NotVerifiable

_ENTRIES_MAX = 500
_UNPACKED_MAX = 60 * 1024 * 1024
_XML_MAX = 4 * 1024 * 1024
_KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (zipfile.BadZipFile, zlib.error, ValueError, EOFError, OSError, NotImplementedError, RuntimeError, IndexError)


def entries(data: bytes) -> dict[str, bytes]:
    """Every file of a zip by its name, in order. Raises NotVerifiable: too large, truncated, encrypted, doubled, escaping."""
    if len(data) > FILE_BYTES_MAX:
        raise NotVerifiable("文件超过20MB。", hint="请取得原件后再试。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            found = package.infolist()
            _refuse_bombs(found)
            return {each.filename: _content(package, each) for each in found if not each.is_dir()}
    except _BROKEN as broken:
        raise NotVerifiable("文件已损坏或不完整，打不开。", hint="请取得原件后再试。") from broken


def xml(content: bytes) -> ET.Element:
    """The root of a document without a document type. Raises NotVerifiable."""
    if len(content) > _XML_MAX:
        raise NotVerifiable("文件里的说明过大。", hint="请取得原件后再试。")
    parser = ET.XMLParser(target=_Builder())  # noqa: S314 — the builder refuses what makes XML dangerous
    try:
        parser.feed(content)
        root: ET.Element = parser.close()
    except (ET.ParseError, ValueError, LookupError) as broken:
        raise NotVerifiable("文件里的说明读不出来。", hint="请取得原件后再试。") from broken
    return root


class _Builder(ET.TreeBuilder):
    """Entities are declared in a document type, so none may be there."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise NotVerifiable("文件里含有不允许的声明（DOCTYPE）。", hint="这不是正常的OFD文件。")


def _refuse_bombs(found: list[zipfile.ZipInfo]) -> None:
    names = [each.filename for each in found]
    if len(found) > _ENTRIES_MAX or sum(each.file_size for each in found) > _UNPACKED_MAX:
        raise NotVerifiable("文件解开后过大。", hint="这不是正常的文件。")
    if len({name.casefold() for name in names}) != len(names):
        raise NotVerifiable("文件里有重名的内容。", hint="文件可能被改动过，请取得原件。")
    for each in found:
        parts = PurePosixPath(each.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts:
            raise NotVerifiable("文件结构异常。", hint="请取得原件后再试。")
        if each.flag_bits & 0x1 or each.compress_type not in _KINDS:
            raise NotVerifiable("文件设有密码或压缩方式不明。", hint="请取得原件后再试。")


def _content(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """No more than the directory promised, whatever the compressed bytes say."""
    with package.open(entry) as stream:
        content = stream.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise NotVerifiable("文件已损坏或不完整，打不开。", hint="请取得原件后再试。")
    return content
