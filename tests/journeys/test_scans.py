"""In a real browser: a records clerk confirms doubtful fields by keyboard alone, at a desk and on a phone."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE
from tests.departments import Departments, departments, enter
from tests.patience import until
from tests.unit.data.scans import drawn
from tests.unit.data.scans.conftest import LICENCE, RESOURCE, USCC
from tests.world import AT, OPENED_ON, World
from yiwang.data.scans import actions, queries
from yiwang.data.scans.contracts import Picture, Reading, Stand, Word
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.people import actions as people
from yiwang.kernel.people.contracts import AccountKind
from yiwang.support.login.sessions import OPENED_AT, SEEN_AT

SAID = {
    "统一社会信用代码": USCC, "名称": "安澜市青禾面馆有限公司", "类型": "有限责任公司", "法定代表人": "周敏",
    "注册资本": "伍佰万元整", "成立日期": "2019年08月15日", "住所": "安澜市临江区江滨路16号", "经营范围": "餐饮服务；食品零售",
}  # fmt: skip


def as_read(said: dict[str, str], unsure: str) -> Reading:
    """Where `drawn.licence` puts them, one field of it with little confidence."""

    def word(text: str, x: float, y: float, size: float, sure: float) -> Word:
        corners = ((x, y), (x + size * len(text), y), (x + size * len(text), y + 44), (x, y + 44))
        return Word(text, (sure,) * len(text), corners)

    words = [word("营业执照", 476, 60, 72, 1.0)]
    for number, (label, value) in enumerate(said.items()):
        top = 190 + number * 72
        words.append(word(label, 90, top, 28, 1.0))
        words.append(word(value, 400, top, 18 if value.isascii() else 32, 0.8 if label == unsure else 1.0))
    return Reading(1240, 876, words)


@pytest.fixture
def office(transactional_db: None, world: World, settings: LazySettings) -> Departments:
    made = departments(world)
    enter(made, code=RESOURCE)
    account = people.create_account(kind=AccountKind.STAFF, username="records", name="档案员", by=SYSTEM, at=AT)
    people.appoint(
        account_id=account.id, org_id=made.org("market").id, post_type="records-clerk", title="档案数字化员",
        since=OPENED_ON, by=SYSTEM, at=AT,
    )  # fmt: skip
    made.accounts["clerk"] = account.id
    return made


@pytest.fixture
def batch(office: Departments) -> int:
    pages = [SAID | {"统一社会信用代码": "91110000600037341M"}, SAID | {"名称": "安澜市乙记商行"}]
    known = {drawn.as_png(drawn.licence(SAID | {"名称": page["名称"]})): page for page in pages}
    pictures = [Picture(f"{n}.png", lambda each=each: each) for n, each in enumerate(known)]  # type: ignore[misc]
    made = actions.hand_in(form_id=LICENCE, title="1998年第3盒", pictures=pictures, by=SYSTEM, at=timezone.now())

    class Reader:
        def __enter__(self) -> Callable[[bytes], Reading]:
            return lambda content: as_read(known[content], "法定代表人")

        def __exit__(self, *gone: object) -> None: ...

    actions.read(batch_id=made.id, most=9, opened=Reader, by=SYSTEM, at=timezone.now())
    return made.id


def signed_in(page: Page, site: str, office: Departments) -> Page:
    client = Client()
    client.force_login(get_user_model().objects.get(pk=office.accounts["clerk"]))
    now = timezone.now().isoformat()
    session = client.session
    session.update({OPENED_AT: now, SEEN_AT: now})
    session.save()
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    return page


def picture_is_there(page: Page) -> None:
    """The picture is asked for by the page: answered, decoded and drawn before one looks."""
    came = "performance.getEntriesByType('resource').some((each) => each.name.endsWith('/picture') && each.responseEnd > 0)"
    until(lambda: bool(page.evaluate(came)), "the picture", pause=lambda seconds: page.wait_for_timeout(1000 * seconds))
    page.evaluate(
        "async () => { const shown = new Image(); shown.src = document.querySelector('#scan-picture').href.baseVal; await shown.decode(); }"
    )


def test_a_batch_is_confirmed_by_keyboard_alone(
    open_page: Callable[..., Page], look: Callable[..., None], office: Departments, batch: int, live_site: str
) -> None:
    page = signed_in(open_page(DESK), live_site, office)
    page.goto(f"/desk/scans/batches/{batch}")
    look(page, "scans-batch")
    page.get_by_role("button", name="开始确认").press("Enter")
    code = page.get_by_role("textbox", name="统一社会信用代码")
    expect(code).to_be_focused()
    expect(page.locator("[data-box]")).to_have_attribute("x", "385")
    picture_is_there(page)
    look(page, "scans-confirm")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="法定代表人")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".has-error")).to_contain_text("校验位")
    expect(code).to_be_focused()
    page.keyboard.type(USCC)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("第2页")
    page.keyboard.press("F2")
    expect(page.locator(".yw-deskmain")).to_contain_text("没有等您确认的页了")
    # The served site draws a page for a second person now and then.
    assert sum(queries.batch(batch).count(stand) for stand in (Stand.READY, Stand.CHECKING)) == 2


def test_on_a_phone(
    open_page: Callable[..., Page], look: Callable[..., None], office: Departments, batch: int, live_site: str
) -> None:
    page = signed_in(open_page(PHONE), live_site, office)
    page.goto("/desk/scans")
    look(page, "scans")
    page.goto(f"/desk/scans/batches/{batch}")
    look(page, "scans-batch")
    page.get_by_role("button", name="开始确认").click()
    expect(page.get_by_role("textbox", name="法定代表人")).to_be_visible()
    picture_is_there(page)
    look(page, "scans-confirm")
    page.get_by_label("搁置本页的原因").fill("几页粘连")
    # The click that takes the focus from a field must hit, so nothing moves when the focus goes.
    page.get_by_role("textbox", name="法定代表人").focus()
    page.get_by_role("button", name="搁置", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("第2页")
    assert queries.batch(batch).count(Stand.ASIDE) == 1
