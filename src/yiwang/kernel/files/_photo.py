"""Photos: pictures only, of bounded size, and without what a camera writes into them (place, device, time)."""

import io
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError

from yiwang.kernel.files.contracts import BadFile

SIDE_MAX, QUALITY = 2400, 85
PIXELS_MAX = 40_000_000
HINT = "请用手机重新拍一张，或选 JPG、PNG 图片。"


def cleaned(content: bytes) -> IO[bytes]:
    """The picture anew, as JPEG. Raises BadFile for what is no picture, broken or too large."""
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
            image.draft("RGB", (SIDE_MAX, SIDE_MAX))
            if image.width * image.height > PIXELS_MAX:
                raise BadFile("照片尺寸太大。", hint=HINT)
            picture = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError) as broken:
        raise BadFile("这不是照片，或文件已损坏。", hint=HINT) from broken
    picture.thumbnail((SIDE_MAX, SIDE_MAX))
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=QUALITY)
    kept.seek(0)
    return kept
