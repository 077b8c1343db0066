"""A minimal OFD writer (GB/T 33190): pages of text, rules and pictures; a zip whose bytes depend on its content only."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from yiwang.support.seals.contracts import OfdLine, OfdPage, OfdPicture

NAMESPACE = "http://www.ofdspec.org/2016"
DOCUMENT = "Doc_0"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_FONTS = {"song": (1, "宋体", "SimSun"), "kai": (2, "楷体", "KaiTi"), "hei": (3, "黑体", "SimHei")}
_FIRST_ID = 100


@dataclass(slots=True)
class _Ids:
    last: int = _FIRST_ID

    def next(self) -> int:
        self.last += 1
        return self.last


def document(pages: Sequence[OfdPage], *, doc_id: str, title: str, at: datetime) -> bytes:
    """An OFD file without signatures. `doc_id` is 32 hexadecimal digits."""
    ids = _Ids()
    page_ids = [ids.next() for _ in pages]
    pictures = [(ids.next(), index, picture) for index, page in enumerate(pages) for picture in page.pictures]
    files: dict[str, bytes] = {"OFD.xml": _root(doc_id, title, at)}
    for index, page in enumerate(pages):
        own = [(number, picture) for number, on, picture in pictures if on == index]
        files[f"{DOCUMENT}/Pages/Page_{index}/Content.xml"] = _page(page, own, ids)
    for number, _, picture in pictures:
        files[f"{DOCUMENT}/Res/Image_{number}.png"] = picture.png
    files[f"{DOCUMENT}/PublicRes.xml"] = _fonts()
    files[f"{DOCUMENT}/DocumentRes.xml"] = _media([number for number, _, _ in pictures])
    files[f"{DOCUMENT}/Document.xml"] = _document(pages, page_ids, ids.last)
    return packed(files)


def packed(files: dict[str, bytes]) -> bytes:
    """A zip of these files, the root first: same files, same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, date_time=(2000, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_STORED if name.endswith((".png", ".dat")) else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            package.writestr(entry, content)
    return stream.getvalue()


def element(name: str, inside: str = "", **attributes: object) -> str:
    said = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items())
    return f"<ofd:{name}{said}>{inside}</ofd:{name}>" if inside else f"<ofd:{name}{said}/>"


def whole(name: str, inside: str, **attributes: object) -> bytes:
    """A whole XML file whose root is this element."""
    said = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items())
    return f'{_HEAD}<ofd:{name} xmlns:ofd="{NAMESPACE}"{said}>{inside}</ofd:{name}>'.encode()


def _root(doc_id: str, title: str, at: datetime) -> bytes:
    info = (
        element("DocID", doc_id)
        + element("Title", escape(title))
        + element("CreationDate", at.date().isoformat())
        + element("Creator", "Yiwang")
    )
    body = element("DocInfo", info) + element("DocRoot", f"{DOCUMENT}/Document.xml")
    return whole("OFD", element("DocBody", body), Version="1.1", DocType="OFD")


def _document(pages: Sequence[OfdPage], page_ids: list[int], last: int) -> bytes:
    area = element("PhysicalBox", f"0 0 {pages[0].width_mm} {pages[0].height_mm}")
    common = (
        element("MaxUnitID", str(last + 1))
        + element("PageArea", area)
        + element("PublicRes", "PublicRes.xml")
        + element("DocumentRes", "DocumentRes.xml")
    )
    listed = "".join(
        element("Page", ID=number, BaseLoc=f"Pages/Page_{index}/Content.xml") for index, number in enumerate(page_ids)
    )
    return whole("Document", element("CommonData", common) + element("Pages", listed))


def _page(page: OfdPage, pictures: list[tuple[int, OfdPicture]], ids: _Ids) -> bytes:
    area = element("Area", element("PhysicalBox", f"0 0 {page.width_mm} {page.height_mm}"))
    content = "".join(_text(line, ids) for line in page.lines)
    content += "".join(_image(number, picture, ids) for number, picture in pictures)
    layer = element("Layer", content, ID=ids.next())
    return whole("Page", area + element("Content", layer))


def _text(line: OfdLine, ids: _Ids) -> str:
    """One line of text from its upper left corner; each sign is as wide as its own half or whole square."""
    size = line.size_mm
    steps = [size / 2 if ord(sign) < 0x2E80 else size for sign in line.text]
    deltas = " ".join(f"{step:.3f}" for step in steps[:-1])
    more = {"DeltaX": deltas} if deltas else {}
    colour = element("FillColor", Value=f"{line.grey} {line.grey} {line.grey}") if line.grey else ""
    code = colour + element("TextCode", escape(line.text), X=0, Y=f"{size:.3f}", **more)
    box = f"{line.x_mm:.3f} {line.y_mm:.3f} {sum(steps):.3f} {size * 1.4:.3f}"
    return element("TextObject", code, ID=ids.next(), Boundary=box, Font=_FONTS[line.font][0], Size=f"{size:.3f}")


def _image(number: int, picture: OfdPicture, ids: _Ids) -> str:
    box = f"{picture.x_mm:.3f} {picture.y_mm:.3f} {picture.width_mm:.3f} {picture.height_mm:.3f}"
    scale = f"{picture.width_mm:.3f} 0 0 {picture.height_mm:.3f} 0 0"
    return element("ImageObject", ID=ids.next(), Boundary=box, CTM=scale, ResourceID=number)


def _fonts() -> bytes:
    inside = "".join(
        element("Font", ID=number, FontName=name, FamilyName=family) for number, name, family in _FONTS.values()
    )
    return whole("Res", element("Fonts", inside), BaseLoc="Res")


def _media(numbers: list[int]) -> bytes:
    each = "".join(
        element("MultiMedia", element("MediaFile", f"Image_{number}.png"), ID=number, Type="Image", Format="PNG")
        for number in numbers
    )
    return whole("Res", element("MultiMedias", each) if each else "", BaseLoc="Res")
