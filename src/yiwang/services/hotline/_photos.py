"""Photos of tickets: pictures only, and without what a camera writes into them (place, device, time)."""

import io
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps, UnidentifiedImageError

from yiwang.kernel.files.contracts import SIZE_BYTES_MAX
from yiwang.services.hotline.contracts import BadTicket

SIDE_MAX, QUALITY = 2400, 85
HINT = "请用手机重新拍一张，或选 JPG、PNG 图片。"


def cleaned(upload: "UploadedFile[Any]") -> io.BytesIO:
    """The picture anew, as JPEG of bounded size. Raises BadTicket for what is no picture."""
    if upload.size is None or upload.size > SIZE_BYTES_MAX:
        raise BadTicket("照片太大。", hint=HINT)
    try:
        with Image.open(upload, formats=("JPEG", "PNG")) as image:
            image.draft("RGB", (SIDE_MAX, SIDE_MAX))
            if image.width * image.height > PIXELS_MAX:
                raise BadTicket("照片尺寸太大。", hint=HINT)
            picture = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as broken:
        raise BadTicket("这不是照片，或文件已损坏。", hint=HINT) from broken
    picture.thumbnail((SIDE_MAX, SIDE_MAX))
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=QUALITY)
    kept.seek(0)
    return kept


PIXELS_MAX = 40_000_000
