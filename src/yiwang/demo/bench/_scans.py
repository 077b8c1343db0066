"""Made-up licences, drawn and spoilt as scanners do, read through data.scans beside RapidOCR alone: pages a CPU second, and which wrong fields are flagged."""

import io
import random
import resource
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import timezone
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont
from stdnum.cn import uscc

from yiwang.data.scans import queries as scans
from yiwang.data.scans.contracts import Doubt, Reading
from yiwang.demo.bench.contracts import Figures, Tell

FORM = "anlan.scan.paper-licence"
_PAPER, _INK, _RED = (250, 246, 232), (30, 30, 34), (190, 40, 40)
_FONTS = ("NotoSerifCJK-Regular.ttc", "NotoSansCJK-Regular.ttc", "wqy-zenhei.ttc")
# 3,666 usual signs (GB 2312, level 1), drawn without sense: harder than names are, for a reader that has learnt which follow one another.
_SIGNS = [bytes((high, low)).decode("gb2312") for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFF)]
_SAMPLES = 20
_COUNTED = (
    "fields", "signs", "sign_errors", "wrong", "wrong_and_flagged", "wrong_not_flagged", "right_but_flagged", "corrected",
)  # fmt: skip
Spoil = Callable[[Image.Image, random.Random], bytes]


def run(*, pages: int, tell: Tell) -> Figures:
    """Needs no database; the same pages each time."""
    chance = random.Random(1)
    said = [_said(chance) for _ in range(pages)]
    drawn = [_drawn(each) for each in said]
    found: Figures = {"pages_of_each_quality": pages, "qualities": {}}
    for name, spoil in _QUALITIES.items():
        tell(f"{pages} pages, {name}")
        contents = [spoil(page, random.Random(number)) for number, page in enumerate(drawn)]
        found["qualities"][name] = _read(said, contents)
    tell("RapidOCR alone")
    contents = [_clean(page, chance) for page in drawn]
    found["bare_pages_per_cpu_s"] = _bare(contents)
    ours = found["qualities"]["clean"]["pages_per_cpu_s"]
    found["beside_bare"] = round(ours / found["bare_pages_per_cpu_s"], 3)
    sums = ("fields", "wrong", "wrong_and_flagged", "wrong_not_flagged", "right_but_flagged")
    found["all"] = {key: sum(each[key] for each in found["qualities"].values()) for key in sums}
    return found


def _read(said: Sequence[Mapping[str, str]], contents: Sequence[bytes]) -> Figures:
    with scans.reader() as reader:
        reader(contents[0])  # models are loaded
    before = _cpu()
    with scans.reader() as reader:
        readings = [reader(content) for content in contents]
    spent = _cpu() - before
    began = time.process_time()
    counts = _judged(said, readings)
    return {"pages_per_cpu_s": round(len(contents) / (spent + time.process_time() - began), 3), **counts}


def _judged(said: Sequence[Mapping[str, str]], readings: Sequence[Reading]) -> Figures:
    """Right is what says the same, whatever the width of its signs and the gaps between them."""
    counts = dict.fromkeys(_COUNTED, 0)
    passed: list[str] = []
    for wanted, reading in zip(said, readings, strict=True):
        judged = {each.column: each for each in scans.judged(FORM, reading, today=timezone.localdate())}
        for column, right in wanted.items():
            one = judged[column]
            is_right, is_flagged = _same(one.value) == _same(right), one.doubt is not Doubt.NONE
            counts["fields"] += 1
            counts["signs"] += len(_same(right))
            counts["sign_errors"] += _distance(_same(one.found), _same(right))
            counts["wrong"] += not is_right
            counts["wrong_and_flagged"] += not is_right and is_flagged
            counts["wrong_not_flagged"] += not is_right and not is_flagged
            counts["right_but_flagged"] += is_right and is_flagged
            counts["corrected"] += one.is_corrected
            if not is_right and not is_flagged:
                passed.append(f"{column}: {right} → {one.value} ({one.confidence}%)")
    return {**counts, "passed_unseen": passed[:_SAMPLES]}


def _bare(contents: Sequence[bytes]) -> float:
    """The engine in this process as its own manual shows, one thread as ours."""
    from rapidocr import RapidOCR

    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    reader: Any = RapidOCR(params={"Global.log_level": "critical", **threads})
    reader(contents[0])
    began = time.process_time()
    for content in contents:
        reader(content)
    return round(len(contents) / (time.process_time() - began), 3)


def _cpu() -> float:
    """Of this process and of those that it started and that have ended."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in spent)


def _said(chance: random.Random) -> dict[str, str]:
    def signs(count: int) -> str:
        return "".join(chance.choices(_SIGNS, k=count))

    body = f"9199010{chance.randrange(1, 4)}MA" + "".join(chance.choices("0123456789ABCDEFGHJKLMNPQRTUWXY", k=7))
    return {
        "统一社会信用代码": body + uscc.calc_check_digit(body),
        "名称": f"安澜市{signs(chance.randrange(2, 6))}有限公司",
        "类型": chance.choice(("有限责任公司", "有限责任公司（自然人独资）", "股份有限公司")),
        "法定代表人": signs(chance.choice((2, 3, 3))),
        "注册资本": f"{chance.choice('壹贰叁肆伍陆柒捌玖')}{chance.choice('拾佰仟')}万元整",
        "成立日期": f"{chance.randrange(1990, 2016)}年{chance.randrange(1, 13):02d}月{chance.randrange(1, 29):02d}日",
        "住所": f"安澜市临江区{signs(2)}路{chance.randrange(1, 999)}号",
        "经营范围": f"{signs(4)}服务；{signs(3)}零售",
    }


def _drawn(said: Mapping[str, str]) -> Image.Image:
    """A page of A5 across at 150 dpi of the printed form, as 8 lines."""
    page = Image.new("RGB", (1240, 876), _PAPER)
    pen = ImageDraw.Draw(page)
    pen.rectangle((30, 30, 1210, 846), outline=_RED, width=5)
    pen.text((620, 100), "营业执照", font=_font(72), fill=_INK, anchor="mm")
    for number, (label, value) in enumerate(said.items()):
        top = 190 + number * 72
        pen.text((90, top), label, font=_font(28), fill=(90, 60, 50))
        pen.text((400, top - 2), value, font=_font(32), fill=_INK)
    return page


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    found = {path.name: path for path in Path("/usr/share/fonts").rglob("*.ttc")}
    return ImageFont.truetype(str(next(found[name] for name in _FONTS if name in found)), size)


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


_QUALITIES: Mapping[str, Spoil] = {
    "clean": _clean, "75 dpi, out of focus": _coarse, "turned by 2 degrees": _turned, "noise and JPEG 30": _noisy,
    "stamped": _stamped,
}  # fmt: skip


def _kept(page: Image.Image, form: str = "PNG", **more: Any) -> bytes:
    made = io.BytesIO()
    page.save(made, form, **more)
    return made.getvalue()


def _same(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _distance(one: str, other: str) -> int:
    """How many signs are to be put in, taken out or replaced."""
    last = list(range(len(other) + 1))
    for i, sign in enumerate(one, start=1):
        row = [i]
        for j, wanted in enumerate(other, start=1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (sign != wanted)))
        last = row
    return last[-1]
