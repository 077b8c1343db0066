"""Three small boxes of old paper that wait for the records clerks, drawn from what the registers of the demo place hold.

What is wrong on the paper is put there: each page shows one thing for which a person is needed.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime

from PIL.Image import Image

from yiwang.data.registries.contracts import LegalPersonRecord, PersonRecord
from yiwang.data.scans import actions
from yiwang.data.scans.contracts import Picture
from yiwang.demo.place import _paper
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.elements import queries as elements

LICENCES, CARDS, REGISTER = "anlan.scan.paper-licence", "anlan.scan.resident-card", "anlan.scan.senior-card-register"
FIRMS_WANTED, OLD = 4, 60
_DAY = "{0.year}年{0.month:02d}月{0.day:02d}日"
Box = tuple[str, str, list[bytes]]


def seed(*, firms: Sequence[LegalPersonRecord], people: Sequence[PersonRecord], by: Actor, at: datetime) -> int:
    """Hand in a box for each form; the worker reads them where a reader is installed. Returns how many pages: none without letters to draw with."""
    if not _paper.may_be_drawn():
        return 0
    pages = 0
    for form, title, contents in _boxes(firms, people, at):
        pictures = [_picture(number, content) for number, content in enumerate(contents, start=1)]
        if pictures:
            pages += actions.hand_in(form_id=form, title=title, pictures=pictures, by=by, at=at).pages
    return pages


def _picture(number: int, content: bytes) -> Picture:
    return Picture(f"{number:03d}.png", lambda: content)


def _boxes(firms: Sequence[LegalPersonRecord], people: Sequence[PersonRecord], at: datetime) -> Iterator[Box]:
    # From the end: the first are the residents of the shown journeys, whose pages say who looked at their data.
    made = people[::-1]
    old = [each for each in made if each.age_on(at.date()) >= OLD]
    yield LICENCES, "2008年第1盒", list(_licences(firms[:FIRMS_WANTED]))
    yield CARDS, "2012年第3盒", list(_cards(made[:2]))
    yield REGISTER, "2011年登记簿", [_register(old[:6])] if old else []


def _licences(firms: Sequence[LegalPersonRecord]) -> Iterator[bytes]:
    """As it is; with a name that is not the registered one; out of focus; under a seal, with a wrong last sign of the code."""
    spoilt = ("clean", "clean", "75 dpi, out of focus", "stamped")
    for number, (firm, quality) in enumerate(zip(firms, spoilt, strict=False)):
        said = _licence(firm)
        if number == 1:
            said["名称"] = firm.name.replace("安澜", "安阑")
        if number == 3:
            said["统一社会信用代码"] = _other_last(firm.uscc)
        yield _scanned(_paper.form("营业执照", said), quality)


def _licence(firm: LegalPersonRecord) -> dict[str, str]:
    return {
        "统一社会信用代码": firm.uscc, "名称": firm.name, "类型": firm.kind, "法定代表人": firm.legal_representative,
        "注册资本": f"{firm.capital_fen // 1_000_000}万元整", "成立日期": _DAY.format(firm.established_on),
        "住所": firm.address, "经营范围": firm.industry,
    }  # fmt: skip


def _cards(people: Sequence[PersonRecord]) -> Iterator[bytes]:
    """As it is; with a day of birth that is not that of the number."""
    for number, person in enumerate(people):
        born = person.born_on if number == 0 else person.born_on.replace(day=person.born_on.day % 28 + 1)
        said = {
            "姓名": person.name, "性别": elements.label("sex", person.sex).removesuffix("性"),
            "民族": elements.label("ethnicity", person.ethnicity).removesuffix("族"), "出生": _DAY.format(born),
            "住址": person.address, "公民身份号码": person.id_number,
        }  # fmt: skip
        yield _scanned(_paper.form("居民身份证", said), "clean")


def _register(people: Sequence[PersonRecord]) -> bytes:
    """In the last row the number has a wrong last sign."""
    rows = [[each.name, each.id_number, f"2011-03-{number:02d}"] for number, each in enumerate(people, start=2)]
    rows[-1][1] = _other_last(rows[-1][1])
    return _scanned(_paper.table("老年人优待证发放登记簿", ("姓名", "公民身份号码", "发证日期"), rows), "clean")


def _other_last(code: str) -> str:
    return code[:-1] + ("0" if code[-1] != "0" else "1")


def _scanned(page: Image, quality: str) -> bytes:
    return _paper.QUALITIES[quality](page, random.Random(1))
