"""Files of scans as single pictures: what is no picture, is broken or unfolds too far is refused; a TIFF or a PDF is taken apart, page by page."""

import io
import struct
import subprocess
import sys
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from tempfile import TemporaryFile

from PIL import Image, UnidentifiedImageError

from yiwang.data.scans import _pdf
from yiwang.data.scans.contracts import BadPictures
from yiwang.kernel.files.contracts import SIZE_BYTES_MAX

MANY_PAGES_BYTES_MAX = 200 * 1024 * 1024
FRAMES_MAX = 1000
# A page of A3 at 600 dpi.
PIXELS_MAX = 75_000_000
_PNG = b"\x89PNG"
_TIFF = (b"II*\x00", b"MM\x00*")
_JPEG_QUALITY = 92
_PDF = b"%PDF-"


def pages(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of each picture, as PNG or JPEG. Raises BadPictures."""
    if content[:4] in _TIFF:
        yield from _frames(name, content)
        return
    if content.startswith(_PDF):
        yield from _drawn(name, content)
        return
    if len(content) > SIZE_BYTES_MAX:
        raise BadPictures(f"“{name}”超过20MB。", hint="请降低分辨率（300 dpi 足够识别）或改存 JPEG。")
    yield _named(name, content), content


def _named(name: str, content: bytes) -> str:
    return f"{_stem(name)}{'.png' if content.startswith(_PNG) else '.jpg'}"


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name


def _frames(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    if len(content) > MANY_PAGES_BYTES_MAX:
        raise BadPictures(f"“{name}”超过200MB。", hint="请分成几个文件。")
    try:
        with warnings.catch_warnings():
            # Our own limit decides.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("TIFF",)) as image:
                count = getattr(image, "n_frames", 1)
                if count > FRAMES_MAX:
                    raise BadPictures(f"“{name}”超过{FRAMES_MAX}页。", hint="请分成几个文件。")
                for number in range(count):
                    image.seek(number)
                    yield f"{_stem(name)}-{number + 1}.png", _frame(name, image)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        KeyError,
    ) as broken:
        raise BadPictures(f"“{name}”已损坏或不完整。", hint="请重新扫描后再交。") from broken


def _frame(name: str, image: Image.Image) -> bytes:
    """Pixel by pixel as PNG; as JPEG where that would be larger than a file may be."""
    if image.width * image.height > PIXELS_MAX:
        raise BadPictures(f"“{name}”有一页尺寸太大。", hint="请用300 dpi 重新扫描。")
    picture = image if image.mode in ("1", "L", "RGB") else image.convert("RGB")
    made = io.BytesIO()
    picture.save(made, "PNG")
    if made.tell() > SIZE_BYTES_MAX:
        made = io.BytesIO()
        picture.convert("RGB").save(made, "JPEG", quality=_JPEG_QUALITY)
    return made.getvalue()


def _drawn(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The pages of a PDF: drawn by a program of its own, which a hostile file can end and nothing else."""
    if len(content) > MANY_PAGES_BYTES_MAX:
        raise BadPictures(f"“{name}”超过200MB。", hint="请分成几个文件。")
    if find_spec("pypdfium2") is None:
        raise BadPictures(
            "这里没有安装读PDF的组件。", hint="请管理员运行 pip install 'yiwang[ocr]'，或另存为 TIFF 再交。"
        )
    with TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        command = [sys.executable, "-m", _pdf.__name__, str(FRAMES_MAX)]
        with subprocess.Popen(command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as program:
            assert program.stdout is not None  # it is piped
            number = 0
            while len(head := program.stdout.read(4)) == 4:
                number += 1
                yield f"{_stem(name)}-{number}.jpg", program.stdout.read(struct.unpack("!I", head)[0])
    if program.returncode == _pdf.TOO_MANY:
        raise BadPictures(f"“{name}”超过{FRAMES_MAX}页。", hint="请分成几个文件。")
    if program.returncode or not number:
        raise BadPictures(
            f"“{name}”打不开，可能已损坏或有密码。", hint="请去掉密码或重新扫描后再交，也可以另存为 TIFF。"
        )
