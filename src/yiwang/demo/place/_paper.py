"""Old paper as an office has it in its boxes, drawn and spoilt as scanners do: licences, cards, a page of a register."""

import io
import random
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

_PAPER, _INK, _RED, _LABEL = (250, 246, 232), (30, 30, 34), (190, 40, 40), (90, 60, 50)
_FONTS = ("NotoSerifCJK-Regular.ttc", "NotoSansCJK-Regular.ttc", "wqy-zenhei.ttc")
_SIZE = (1240, 876)  # A5 across at 150 dpi
Spoil = Callable[[Image.Image, random.Random], bytes]


def may_be_drawn() -> bool:
    """Whether this machine has letters to draw with."""
    return _font_file() is not None


def form(title: str, said: Mapping[str, str]) -> Image.Image:
    """Labels on the left, values beside them."""
    page, pen = _sheet(title)
    for number, (label, value) in enumerate(said.items()):
        top = 190 + number * 72
        pen.text((90, top), label, font=_font(28), fill=_LABEL)
        pen.text((400, top - 2), value, font=_font(32), fill=_INK)
    return page


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Image.Image:
    """A line of headings and a line for each row."""
    page, pen = _sheet(title)
    width = (_SIZE[0] - 160) // len(heads)
    for column, head in enumerate(heads):
        pen.text((90 + column * width, 190), head, font=_font(28), fill=_LABEL)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            pen.text((90 + column * width, 190 + number * 72), value, font=_font(30), fill=_INK)
    return page


def _sheet(title: str) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    page = Image.new("RGB", _SIZE, _PAPER)
    pen = ImageDraw.Draw(page)
    pen.rectangle((30, 30, _SIZE[0] - 30, _SIZE[1] - 30), outline=_RED, width=5)
    pen.text((_SIZE[0] // 2, 100), title, font=_font(72 if len(title) < 8 else 48), fill=_INK, anchor="mm")
    return page, pen


@cache
def _font_file() -> Path | None:
    found = {path.name: path for path in Path("/usr/share/fonts").rglob("*.ttc")}
    return next((found[name] for name in _FONTS if name in found), None)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_font_file()), size)


def _clean(page: Image.Image, chance: random.Random) -> bytes:
    return _kept(page)


def _coarse(page: Image.Image, chance: random.Random) -> bytes:
    """Half of the resolution and a little out of focus."""
    small = page.resize((page.width // 2, page.height // 2), Image.Resampling.BILINEAR)
    return _kept(small.filter(ImageFilter.GaussianBlur(0.6)))


def _turned(page: Image.Image, chance: random.Random) -> bytes:
    return _kept(page.rotate(chance.choice((-2, 2)), resample=Image.Resampling.BICUBIC, fillcolor=_PAPER))


def _noisy(page: Image.Image, chance: random.Random) -> bytes:
    grain = Image.effect_noise(page.size, 60).convert("RGB")
    return _kept(Image.blend(page, grain, 0.35).filter(ImageFilter.GaussianBlur(0.5)), "JPEG", quality=30)


def _stamped(page: Image.Image, chance: random.Random) -> bytes:
    """A red seal lies over part of the fields."""
    seal = Image.new("RGB", page.size, (255, 255, 255))
    pen = ImageDraw.Draw(seal)
    x, y = chance.randrange(520, 760), chance.randrange(380, 640)
    pen.ellipse((x - 150, y - 150, x + 150, y + 150), outline=(215, 60, 60), width=12)
    pen.text((x, y), "★", font=_font(120), fill=(215, 60, 60), anchor="mm")
    pen.text((x, y + 90), "市场监督管理局", font=_font(30), fill=(215, 60, 60), anchor="mm")
    return _kept(ImageChops.multiply(page, seal))


QUALITIES: Mapping[str, Spoil] = {
    "clean": _clean, "75 dpi, out of focus": _coarse, "turned by 2 degrees": _turned, "noise and JPEG 30": _noisy,
    "stamped": _stamped,
}  # fmt: skip


def _kept(page: Image.Image, form: str = "PNG", **more: Any) -> bytes:
    made = io.BytesIO()
    page.save(made, form, **more)
    return made.getvalue()
