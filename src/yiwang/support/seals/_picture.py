"""The picture of a seal: drawn as a round red one without any emblem of state, or taken from an upload after looking at it."""

import io
import math
import warnings
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError

from yiwang.support.seals.contracts import BadPicture

RED = (200, 16, 28, 255)
UPLOAD_BYTES_MAX, UPLOAD_PIXELS_MAX = 1024 * 1024, 1500
_PIXELS_A_MM, _FINER, _SHADES = 12, 2, 24
# Degrees that the name takes on the ring at most, and a sign of it.
_ARC_MAX, _ARC_OF_SIGN = 250.0, 24.0
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/noto-cjk/NotoSerifCJK-Bold.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSerifCJK-Bold.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/Supplemental/Songti.ttc",
)


@lru_cache(maxsize=64)
def drawn(name: str, *, inscription: str, width_mm: int) -> bytes:
    """A PNG with a clear ground: ring, name on the arc, a plain mark in the middle, words below. Raises BadPicture."""
    side = width_mm * _PIXELS_A_MM * _FINER
    image = Image.new("RGBA", (side, side), (255, 255, 255, 0))
    pen = ImageDraw.Draw(image)
    line = side // 36
    pen.ellipse((line // 2, line // 2, side - line // 2 - 1, side - line // 2 - 1), outline=RED, width=line)
    _mark(pen, side)
    _arc(image, name, side)
    if inscription:
        font = _font(min(side // 9, int(side * 0.62 / len(inscription))))
        pen.text((side / 2, side * 0.79), inscription, font=font, fill=RED, anchor="mm")
    smaller = image.resize((side // _FINER, side // _FINER), Image.Resampling.LANCZOS)
    # One colour in shades of clearness: a palette says the same in a sixth of the bytes, and the picture goes into every sealed file.
    return _png(smaller.quantize(_SHADES, method=Image.Quantize.FASTOCTREE))


def taken(upload: bytes) -> bytes:
    """An uploaded picture, decoded and written anew: nothing but its pixels is kept. Raises BadPicture."""
    if len(upload) > UPLOAD_BYTES_MAX:
        raise BadPicture("印模图片超过1MB。", hint="请缩小后再上传。")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(upload), formats=("PNG",)) as image:
                if max(image.size) > UPLOAD_PIXELS_MAX or min(image.size) < 50:
                    raise BadPicture("印模图片的尺寸不对。", hint="请上传边长50至1500像素的PNG图片。")
                image.load()
                return _png(image.convert("RGBA"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise BadPicture("印模图片尺寸太大。", hint="请上传边长50至1500像素的PNG图片。") from bomb
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as broken:
        raise BadPicture("印模图片不是PNG，或已损坏。", hint="请上传底色透明的PNG图片。") from broken


def size_mm(png: bytes, *, width_mm: int) -> tuple[int, int]:
    """Width and height of the stamp on paper: the longer side is what the kind of seal says."""
    with Image.open(io.BytesIO(png)) as image:
        longer = max(image.size)
        return max(1, round(image.width * width_mm / longer)), max(1, round(image.height * width_mm / longer))


def _mark(pen: ImageDraw.ImageDraw, side: int) -> None:
    """Two rings and a lozenge: stands for nothing."""
    middle, inner = side / 2, side * 0.11
    pen.ellipse((middle - inner, middle - inner, middle + inner, middle + inner), outline=RED, width=side // 90)
    half = side * 0.065
    pen.polygon(
        [(middle, middle - half), (middle + half, middle), (middle, middle + half), (middle - half, middle)], fill=RED
    )


def _arc(image: Image.Image, name: str, side: int) -> None:
    spread = min(_ARC_MAX, _ARC_OF_SIGN * max(1, len(name) - 1))
    step = spread / max(1, len(name) - 1)
    radius = side * 0.385
    size = int(min(side * 0.135, 2 * math.pi * radius * step / 360 * 0.98))
    font = _font(size)
    for index, sign in enumerate(name):
        angle = -spread / 2 + index * step
        tile = Image.new("RGBA", (size * 2, size * 2), (255, 255, 255, 0))
        ImageDraw.Draw(tile).text((size, size), sign, font=font, fill=RED, anchor="mm")
        turned = tile.rotate(-angle, resample=Image.Resampling.BICUBIC)
        x = side / 2 + radius * math.sin(math.radians(angle))
        y = side / 2 - radius * math.cos(math.radians(angle))
        image.alpha_composite(turned, (int(x - size), int(y - size)))


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.FreeTypeFont:
    for path in (settings.YIWANG_SEAL_FONT, *_FONTS):
        if path and Path(path).exists():
            return ImageFont.truetype(path, max(8, size))
    raise BadPicture(
        "本机没有中文字体，画不出印章。",
        hint="请管理员安装中文字体（Debian：fonts-noto-cjk）或设置 YIWANG_SEAL_FONT，也可以上传印模图片。",
    )


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()
