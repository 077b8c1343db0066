"""A place with two forms of its own, drawn pages of which a stand-in reader knows what they say, and clerks who may confirm."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from PIL import Image

from tests.departments import FIRMS, Departments, departments, enter
from tests.world import AT, OPENED_ON, World, make_id_number
from yiwang.data.scans import actions
from yiwang.data.scans._typed import typed_page
from yiwang.data.scans.contracts import BatchView, NoReader, Picture, Read, Reading
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.people import actions as people
from yiwang.kernel.people.contracts import AccountKind

LICENCE, REGISTER = "anlan.scan.paper-licence", "anlan.scan.senior-card-register"
RESOURCE, REGISTER_RESOURCE = "anlan.market.paper-licences", "anlan.civil.paper-senior-cards"
USCC = "91110000600037341L"
NUMBERS = (make_id_number("990102193003156", 1), make_id_number("990102194107204", 2))


def licence(uscc: str = USCC, name: str = "安澜市青禾面馆有限公司", **more: str) -> str:
    said = {"类型": "有限责任公司", "法定代表人": "周敏", "注册资本": "伍佰万元整", "成立日期": "2019年08月15日"}
    said |= {"住所": "安澜市江滨路16号", "经营范围": "餐饮服务"} | more
    lines = [f"{label}  {value}" for label, value in {"统一社会信用代码": uscc, "名称": name, **said}.items() if value]
    return "\n".join(["营业执照", *lines])


class Drawer:
    """Pictures of their own, and a reader that knows what it is to find on each."""

    def __init__(self) -> None:
        self.known: dict[bytes, Reading] = {}
        self.reads: list[bytes] = []
        self.fails: set[bytes] = set()

    def picture(self, text: str, *, sure: float = 1.0, name: str = "") -> Picture:
        number = len(self.known) + 1
        made = BytesIO()
        Image.new("RGB", (600, 400), (number % 256, number // 256, 200)).save(made, "PNG")
        content = made.getvalue()
        self.known[content] = typed_page(text, sure=sure)
        return Picture(name or f"{number:03d}.png", lambda: content)

    @contextmanager
    def opened(self) -> Iterator[Read]:
        yield self.read

    def read(self, content: bytes) -> Reading:
        self.reads.append(content)
        if content in self.fails:
            raise NoReader("试。")
        return self.known[content]


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture
def office(world: World, settings: LazySettings, tmp_path: Path) -> Departments:
    settings.YIWANG_LAKE, settings.YIWANG_HOME, settings.YIWANG_FILES = tmp_path / "lake", tmp_path, tmp_path / "files"
    made = departments(world)
    enter(made, code=RESOURCE)
    enter(made, code=REGISTER_RESOURCE, content=replace(FIRMS, lake_table=""), unit="civil")
    for unit, name in (("market", "a"), ("market", "b"), ("civil", "a")):
        key = f"{unit}.records-{name}"
        account = people.create_account(kind=AccountKind.STAFF, username=key, name=f"档案员{name}", by=SYSTEM, at=AT)
        people.appoint(
            account_id=account.id, org_id=made.org(unit).id, post_type="records-clerk", title="档案数字化员",
            since=OPENED_ON, by=SYSTEM, at=AT,
        )  # fmt: skip
        made.accounts[key] = account.id
    return made


@pytest.fixture
def no_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page is drawn for a second person."""
    monkeypatch.setattr("yiwang.data.scans._machine.drawn", lambda share: False)


Hand = Callable[..., BatchView]


@pytest.fixture
def hand(office: Departments, drawer: Drawer) -> Hand:
    """Hand pages in and have them read."""

    def handed(*pictures: Picture, form: str = LICENCE) -> BatchView:
        batch = actions.hand_in(form_id=form, title="一盒", pictures=pictures, by=SYSTEM, at=AT)
        actions.read(batch_id=batch.id, most=100, opened=drawer.opened, by=SYSTEM, at=AT)
        return batch

    return handed
