"""Old paper drawn by ourselves: a licence with lines of a printed form, as it comes from a scanner in several qualities."""

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONTS = ("NotoSerifCJK-Regular.ttc", "NotoSansCJK-Regular.ttc", "wqy-zenhei.ttc")
PAPER, INK, RED = (250, 246, 232), (30, 30, 34), (190, 40, 40)


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    found = {path.name: path for path in Path("/usr/share/fonts").rglob("*.ttc")}
    return ImageFont.truetype(str(next(found[name] for name in FONTS if name in found)), size)


def licence(said: Mapping[str, str], *, title: str = "营业执照") -> Image.Image:
    """Labels on the left, values beside them, as printed."""
    page = Image.new("RGB", (1240, 876), PAPER)
    pen = ImageDraw.Draw(page)
    pen.rectangle((30, 30, 1210, 846), outline=RED, width=5)
    pen.text((620, 100), title, font=font(72), fill=INK, anchor="mm")
    for number, (label, value) in enumerate(said.items()):
        top = 190 + number * 72
        pen.text((90, top), label if len(label) > 2 else f"{label[0]}　　{label[-1]}", font=font(28), fill=(90, 60, 50))
        pen.text((400, top - 2), value, font=font(32), fill=INK)
    return page


def as_png(page: Image.Image) -> bytes:
    made = BytesIO()
    page.save(made, "PNG")
    return made.getvalue()


def as_jpeg(page: Image.Image, quality: int = 30) -> bytes:
    made = BytesIO()
    page.save(made, "JPEG", quality=quality)
    return made.getvalue()


def turned(page: Image.Image, degrees: float = 2.0) -> Image.Image:
    return page.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor=PAPER)


def coarse(page: Image.Image) -> Image.Image:
    """Scanned at half the resolution and a little out of focus."""
    small = page.resize((page.width // 2, page.height // 2), Image.Resampling.BILINEAR)
    return small.filter(ImageFilter.GaussianBlur(0.6))
