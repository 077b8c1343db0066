"""Made-up licences, drawn and spoilt as scanners do, read through data.scans beside RapidOCR alone: pages a CPU second, and which wrong fields are flagged."""

import random
import resource
import time
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from stdnum.cn import uscc

from yiwang.data.scans import queries as scans
from yiwang.data.scans.contracts import Doubt, Reading
from yiwang.demo.bench.contracts import Figures, Tell
from yiwang.demo.place import queries as places

FORM = "anlan.scan.paper-licence"
# 3,666 usual signs (GB 2312, level 1), drawn without sense: harder than names are, for a reader that has learnt which follow one another.
_SIGNS = [bytes((high, low)).decode("gb2312") for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFF)]
_SAMPLES = 20
_COUNTED = (
    "fields", "signs", "sign_errors", "wrong", "wrong_and_flagged", "wrong_not_flagged", "right_but_flagged", "corrected",
)  # fmt: skip


def run(*, pages: int, tell: Tell) -> Figures:
    """Needs no database; the same pages each time."""
    chance = random.Random(1)
    said = [_said(chance) for _ in range(pages)]
    drawn = [places.paper_form("营业执照", each) for each in said]
    found: Figures = {"pages_of_each_quality": pages, "qualities": {}}
    for name in places.scan_qualities():
        tell(f"{pages} pages, {name}")
        contents = [places.scanned(page, name, seed=number) for number, page in enumerate(drawn)]
        found["qualities"][name] = _read(said, contents)
    tell("RapidOCR alone")
    contents = [places.scanned(page, "clean") for page in drawn]
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
