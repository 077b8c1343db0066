"""Sealed copies of licences: the sheet as OFD, always, and as PDF where the extra is installed."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import segno
from django.template.loader import render_to_string

from yiwang.kernel.design import queries as design
from yiwang.support.licences.contracts import LicenceFace
from yiwang.support.seals import queries as seals
from yiwang.support.seals.contracts import OfdLine, OfdPage, OfdPicture, StampPlace

KIND_OF_SEAL = "licence"
# The middle of the stamp lies over the issuer's name and date.
STAMP = StampPlace(x_mm=155, y_mm=246)
_LEFT, _VALUE, _RIGHT, _SIZE = 28.0, 72.0, 182.0, 4.2
_FIRST_Y, _LAST_Y, _STEP_MAX = 72.0, 205.0, 10.5

# The issuer stands where the stamp goes, as on OFD.
_SHEET = """
@page { size: 210mm 297mm; margin: 28mm 28mm 20mm }
body { font-family: "Noto Serif CJK SC", "SimSun", serif; font-size: 11.5pt; line-height: 1.6 }
h1 { text-align: center; font-size: 24pt; margin: 0 0 12mm } table { width: 100% }
th { text-align: left; font-weight: normal; width: 46mm; vertical-align: top }
.issuer { position: absolute; left: 87mm; width: 80mm; top: 208mm; text-align: center }
.code { position: absolute; left: 0; top: 190mm; width: 85mm; font-size: 8pt; overflow-wrap: anywhere } img { width: 30mm }
.mark { text-align: center; font-weight: bold } .water { position: fixed; left: 0; width: 154mm; z-index: -1; color: #dedede; font-size: 17pt;
  text-align: center; transform: rotate(-24deg) } .water-0 { top: 30mm } .water-1 { top: 100mm } .water-2 { top: 170mm }
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a purpose-bound copy says of itself, under the text and in it; `code` is its own."""

    code: str
    text: str
    detail: str

    @property
    def code_spaced(self) -> str:
        return " ".join(self.code[i : i + 4] for i in range(0, len(self.code), 4))


def ofd(face: LicenceFace, *, url: str, at: datetime, mark: Mark | None = None) -> bytes:
    """The licence as a page of OFD, without a seal."""
    title = face.licence.title
    lines = [OfdLine(title, 105 - len(title) * 4.5, 36, 9, "hei"), *_rows(face)]
    if mark:
        lines = [*_water(mark), *lines, OfdLine(f"{mark.text}。{mark.detail}", _LEFT, 52, 3.8, "hei")]
    lines += [
        OfdLine(face.issuer_name, 155 - len(face.issuer_name) * _SIZE / 2, 240),
        OfdLine(f"{face.licence.issued_on:%Y-%m-%d}", 144, 248),
        OfdLine(f"验证码 {(mark or face.licence).code_spaced}", _LEFT, 258, 3.6),
        OfdLine(f"电子证照标识 {face.licence.identifier}", _LEFT, 266, 3),
    ]
    picture = io.BytesIO()
    segno.make(url, error="m").save(picture, kind="png", scale=6, border=1)
    page = OfdPage(tuple(lines), (OfdPicture(picture.getvalue(), _LEFT, 222, 33, 33),))
    return seals.ofd([page], doc_id=uuid4().hex, title=title, at=at)


def can_pdf() -> bool:
    """Whether what makes and what seals a PDF is installed."""
    return design.can_pdf() and seals.can_seal_pdf()


def pdf(face: LicenceFace, *, url: str, mark: Mark | None = None) -> bytes:
    """The licence as PDF, without a seal. Raises NoPdf."""
    code = segno.make(url, error="m").svg_data_uri(scale=4, border=1)
    text = render_to_string("licences/paper.html", {"face": face, "licence": face.licence, "code": code, "mark": mark})
    return design.pdf(text, style=_SHEET)


def _water(mark: Mark) -> Iterator[OfdLine]:
    """Grey, under everything, over the whole page: a picture of the page says what it was for too."""
    for row, y in enumerate(range(24, 290, 34)):
        yield OfdLine(mark.text, 12 + row % 2 * 30, y, 6, "hei", grey=222)
        yield OfdLine(mark.detail, 12 + row % 2 * 30, y + 8, 4, "hei", grey=222)


def _rows(face: LicenceFace) -> Iterator[OfdLine]:
    rows = [(line.label if first else "", part) for line in face.lines for first, part in _parts(line.value)]
    rows += [("", part) for _, part in _parts(face.statement, wide=True)] if face.statement else []
    step = min(_STEP_MAX, (_LAST_Y - _FIRST_Y) / max(1, len(rows)))
    size, statement_from = min(_SIZE, step * 0.7), sum(len(list(_parts(line.value))) for line in face.lines)
    for number, (label, part) in enumerate(rows):
        y = _FIRST_Y + number * step
        if label:
            yield OfdLine(label, _LEFT, y, size, "kai")
        yield OfdLine(part, _VALUE if number < statement_from else _LEFT, y, size)


def _parts(text: str, *, wide: bool = False) -> Iterator[tuple[bool, str]]:
    """A value cut into lines that fit; whether it is the first."""
    width = int((_RIGHT - (_LEFT if wide else _VALUE)) / _SIZE)
    for start in range(0, max(1, len(text)), width):
        yield start == 0, text[start : start + width]
