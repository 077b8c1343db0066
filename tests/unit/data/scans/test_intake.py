"""Pictures on their way in: known by content, TIFFs taken apart, hostile ones refused, each unit for itself."""

import os
from io import BytesIO
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image

from tests.departments import Departments
from tests.unit.data.scans.conftest import LICENCE, Drawer, licence
from tests.world import AT
from yiwang.data.scans import _pictures, actions, jobs, queries
from yiwang.data.scans.contracts import BadPictures, NoSuchBatch, NotForThisPost, Picture, Stand
from yiwang.data.scans.models import Batch, Page
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.files import queries as files


def tiff(pages: int, size: tuple[int, int] = (60, 40)) -> bytes:
    made = BytesIO()
    first, *more = [Image.new("L", size, number) for number in range(pages)]
    first.save(made, "TIFF", save_all=True, append_images=more)
    return made.getvalue()


def handed(*contents: bytes, names: str = "a.tif") -> int:
    pictures = [Picture(names, lambda content=content: content) for content in contents]  # type: ignore[misc]
    return actions.hand_in(form_id=LICENCE, title="一盒", pictures=pictures, by=SYSTEM, at=AT).id


def test_the_same_pictures_are_the_same_batch_and_one_that_came_before_is_put_aside(
    office: Departments, drawer: Drawer
) -> None:
    one, two = drawer.picture(licence()), drawer.picture(licence(name="乙"))
    first = actions.hand_in(form_id=LICENCE, title="一盒", pictures=[one, one], by=SYSTEM, at=AT)
    again = actions.hand_in(form_id=LICENCE, title="又一盒", pictures=[one, one], by=SYSTEM, at=AT)
    assert (first.id, first.pages, first.stands) == (again.id, 2, {Stand.WAITING: 1, Stand.ASIDE: 1})
    later = actions.hand_in(form_id=LICENCE, title="二盒", pictures=[one, two], by=SYSTEM, at=AT)
    assert later.stands == {Stand.WAITING: 1, Stand.ASIDE: 1}
    assert Page.objects.get(batch=later.id, number=1).reason == f"与第{first.id}批第1页是同一张图"


def test_a_tiff_is_as_many_pages_as_it_holds(office: Departments) -> None:
    batch = handed(tiff(3))
    rows = list(Page.objects.filter(batch=batch).order_by("number"))
    assert [row.origin for row in rows] == ["a-1.png", "a-2.png", "a-3.png"]
    kept = [Image.open(files.open(row.file_id)).getpixel((0, 0)) for row in rows]
    assert kept == [0, 1, 2]


def test_a_pdf_is_as_many_pages_as_it_has_and_no_more_than_may_be(
    office: Departments, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = BytesIO()
    Image.new("L", (60, 40), 0).save(made, "PDF", save_all=True, append_images=[Image.new("L", (60, 40), 255)])
    batch = handed(made.getvalue(), names="a.pdf")
    rows = list(Page.objects.filter(batch=batch).order_by("number"))
    assert [row.origin for row in rows] == ["a-1.jpg", "a-2.jpg"]
    assert [Image.open(files.open(row.file_id)).getpixel((9, 9)) for row in rows] == [(0, 0, 0), (255, 255, 255)]
    monkeypatch.setattr(_pictures, "FRAMES_MAX", 1)
    with pytest.raises(BadPictures, match="超过1页"):
        handed(made.getvalue() + b" ", names="b.pdf")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7\n%%EOF", "打不开"),
        (b"GIF89a" + bytes(40), "不能上传"),
        (tiff(2)[:90], "损坏"),
        (b"\x89PNG\r\n\x1a\n" + bytes(60), "损坏"),
        (b"", "空"),
    ],
    ids=["pdf", "gif", "cut-off", "broken", "empty"],
)
def test_what_is_no_picture_is_refused_and_nothing_is_kept(office: Departments, content: bytes, words: str) -> None:
    with pytest.raises(BadPictures) as refused:
        handed(tiff(1), content)
    assert words in refused.value.message
    assert not Batch.objects.exists()


def test_pictures_that_unfold_too_far_are_refused(office: Departments, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_pictures, "PIXELS_MAX", 2000)
    with pytest.raises(BadPictures, match="尺寸太大"):
        handed(tiff(1))
    monkeypatch.setattr(_pictures, "FRAMES_MAX", 2)
    with pytest.raises(BadPictures, match="超过2页"):
        handed(tiff(3, (10, 10)))


def test_each_unit_hands_in_and_sees_its_own(office: Departments, drawer: Drawer) -> None:
    picture = drawer.picture(licence())
    with pytest.raises(NotForThisPost):
        actions.hand_in(form_id=LICENCE, title="", pictures=[picture], by=office.actor("civil.records-a"), at=AT)
    batch = actions.hand_in(form_id=LICENCE, title="", pictures=[picture], by=office.actor("market.records-a"), at=AT)
    assert queries.batch_seen(batch.id, office.actor("market.records-b")).pages == 1
    with pytest.raises(NoSuchBatch):
        queries.batch_seen(batch.id, office.actor("civil.records-a"))
    assert [form.id for form in queries.forms_for(office.actor("market.records-a"))] == [LICENCE]


def test_a_dropped_folder_is_handed_in_once_nobody_writes_there_and_is_empty_then(
    office: Departments, drawer: Drawer, tmp_path: Path
) -> None:
    folder = tmp_path / "drop" / "scans" / LICENCE / "1998年第3盒"
    folder.mkdir(parents=True)
    (folder / "1.png").write_bytes(drawer.picture(licence()).read())
    jobs.look(0)
    assert not Batch.objects.exists(), "somebody may be writing still"
    long_ago = timezone.now().timestamp() - 3600
    for path in (folder / "1.png", folder):
        os.utime(path, (long_ago, long_ago))
    jobs.look(0)
    batch = Batch.objects.get()
    assert (batch.title, batch.pages) == ("1998年第3盒", 1)
    assert not folder.exists()
