"""The form in a real browser: one group per screen on a phone, all at a desk, and all of it without JavaScript."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as NeverCame
from pytest_django.live_server_helper import LiveServer

from tests.browser import DESK, PHONE, hold, new_page
from tests.patience import until
from tests.unit.kernel.forms.sample import place_with_form
from tests.world import World
from yiwang.kernel.forms import queries
from yiwang.kernel.forms.models import Objection
from yiwang.kernel.packs import _store

pytestmark = [pytest.mark.urls("tests.unit.kernel.forms.urls"), pytest.mark.django_db(transaction=True)]
Opener = Callable[..., Page]
Look = Callable[..., None]


@pytest.fixture
def opened(
    live_server: LiveServer,
    world: World,
    client_as: Callable[[str], Client],
    browser: Browser,
    settings: LazySettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Opener]:
    """The sample form, opened by the mother."""
    settings.YIWANG_FILES = tmp_path
    # The server answers in threads of its own, which know nothing of `using` in this one.
    made = place_with_form()  # before: reading packs asks for those in force
    monkeypatch.setattr(_store, "current", lambda: made)
    contexts, wrong = [], []

    def opener(size: dict[str, Any], **options: Any) -> Page:
        page = new_page(browser, live_server.url, size, **options)
        contexts.append(page.context)
        session = client_as("mother").cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto("/sample")
        return page

    yield opener
    for context in contexts:
        context.close()
    assert not wrong


def expect_groups(page: Page, *names: str) -> None:
    """Just these groups are shown, in this order."""
    expect(page.locator("[data-group]:visible")).to_have_count(len(names))
    for name, group in zip(names, page.locator("[data-group]:visible").all(), strict=True):
        expect(group).to_have_attribute("data-group", name)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(out, "PNG")
    return out.getvalue()


def test_on_a_phone_one_group_at_a_time(opened: Opener, look: Look, world: World) -> None:
    page = opened(PHONE)
    expect_groups(page, "mother")
    look(page, "form-first")
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("[data-errors]")).to_contain_text("请填写手机号码。")
    page.fill("[name=mother_id]", "11010519491231002X")
    page.fill("[name=mother_phone]", "13900000001")
    page.check("[name=married][value=false]")
    page.get_by_role("button", name="下一步").click()
    expect_groups(page, "children")
    expect(page.locator("[data-progress]")).to_contain_text("第2步，共3步")
    page.locator("[data-rare]").first.click()
    page.fill("#rare-parts", "王乐")
    page.locator("[data-candidates] button").first.click()
    expect(page.locator("[name='children.0.child_name']")).to_have_value("𬍛")
    page.check("[name='children.0.child_sex'][value='1']")
    page.get_by_role("button", name="再添加一名新生儿").click()
    expect(page.locator("[name='children.1.child_name']")).to_have_count(1)
    page.locator("[data-item='children.1'] [data-remove]").click()
    expect(page.locator("[name='children.1.child_name']")).to_have_count(0)
    page.get_by_role("button", name="下一步").click()
    expect_groups(page, "delivery")
    look(page, "form-last")
    page.check("[name=wanted][value=true]")
    page.get_by_label("寄递地址").fill("江畔路1号")
    page.locator("[data-upload=photo]").first.set_input_files(
        {"name": "照片.png", "mimeType": "image/png", "buffer": picture()}
    )
    page.locator("[data-files] li").wait_for()
    page.get_by_role("button", name="核对并提交").click()
    page.locator("#done").wait_for()
    look(page, "form-review")
    expect(page.locator("main")).to_contain_text("江畔路1号")


def test_characters_typed_before_their_table_arrives_are_found_when_it_does(opened: Opener) -> None:
    page = opened(DESK)
    asked = hold(page, "**/rare*.json")
    page.locator("[data-rare]").first.click()
    page.fill("#rare-parts", "王乐")
    page.get_by_text("正在打开字库…").wait_for()
    asked().abort()
    page.get_by_text("字库暂时打不开").wait_for()
    page.locator("[data-rare-dialog] [data-close]").click()
    page.locator("[data-rare]").first.click()
    page.fill("#rare-parts", "王乐")
    page.get_by_text("正在打开字库…").wait_for()
    asked().continue_()
    page.get_by_role("button", name="𬍛").wait_for()


def test_at_a_desk_conditions_and_errors_follow_the_typing(opened: Opener, look: Look) -> None:
    page = opened(DESK)
    expect_groups(page, "mother", "children", "delivery")
    page.check("[name=married][value=true]")
    expect(page.locator("[data-group=father]")).to_be_visible()
    page.fill("[name=father_id]", "110105194912310020")
    page.keyboard.press("Tab")
    expect(page.locator("#f-father-id-error")).to_contain_text("校验位或出生日期不对")
    look(page, "form-desk")
    page.get_by_role("button", name="核对并提交").click()
    link = page.locator("[data-errors] a").first
    link.click()
    expect(page.locator("#f-mother-id")).to_be_focused()


def test_what_was_typed_is_there_on_coming_back(opened: Opener, world: World) -> None:
    page = opened(DESK)
    page.fill("[name=mother_phone]", "13900000001")
    page.get_by_text("已保存").wait_for()
    found = queries.draft("test.birth", "sample", world.actor("mother"))
    assert found is not None
    assert found.answers["mother_phone"] == "13900000001"
    page.reload()
    expect(page.locator("[name=mother_phone]")).to_have_value("13900000001")


def test_drafts_are_saved_one_at_a_time_and_the_newest_wins(opened: Opener, world: World) -> None:
    page = opened(DESK)
    asked = hold(page, "**/drafts/sample")
    save = page.get_by_role("button", name="保存草稿")
    page.fill("[name=mother_phone]", "13900000001")
    save.click()
    first = asked()
    page.fill("[name=mother_phone]", "13900000002")
    with pytest.raises(NeverCame), page.expect_request("**/drafts/sample", timeout=3000):
        save.click()
    first.continue_()
    asked().continue_()
    page.get_by_text("已保存").wait_for()

    def phone() -> str:
        found = queries.draft("test.birth", "sample", world.actor("mother"))
        return found.answers["mother_phone"] if found else ""

    until(lambda: phone() == "13900000002")


def test_a_wrong_record_is_objected_to_without_stopping(opened: Opener, world: World) -> None:
    page = opened(DESK)
    page.get_by_role("button", name="有误？").click()
    page.fill("#objection-claimed", "陈晓兰")
    page.get_by_role("button", name="提交异议").click()
    page.get_by_text("您可以继续填写，结果会通知您").wait_for()
    until(Objection.objects.exists)
    assert Objection.objects.get().claimed == "陈晓兰"


def filled(page: Page) -> None:
    """Everything that the form wants of a desk but the photo."""
    page.fill("[name=mother_id]", "11010519491231002X")
    page.fill("[name=mother_phone]", "13900000001")
    page.check("[name=married][value=false]")
    page.fill("[name='children.0.child_name']", "陈小宝")
    page.check("[name='children.0.child_sex'][value='2']")
    page.check("[name=wanted][value=false]")


def test_a_form_waits_for_the_upload_that_runs(opened: Opener) -> None:
    page = opened(DESK)
    asked = hold(page, "**/forms/test.birth/files")
    filled(page)
    photo = {"name": "照片.png", "mimeType": "image/png", "buffer": picture()}
    page.locator("[data-upload=photo]").first.set_input_files(photo)
    upload = asked()
    page.get_by_role("button", name="核对并提交").click()
    page.get_by_role("button", name="正在上传，传完自动继续").wait_for()
    upload.continue_()
    page.locator("#done").wait_for()
    expect(page.locator("main")).to_contain_text("照片.png")


def test_who_gives_an_upload_up_decides_anew_whether_the_form_goes(opened: Opener) -> None:
    page = opened(DESK)
    asked = hold(page, "**/forms/test.birth/files")
    filled(page)
    photo = {"name": "照片.png", "mimeType": "image/png", "buffer": picture()}
    page.locator("[data-upload=photo]").first.set_input_files(photo)
    asked()
    page.get_by_role("button", name="核对并提交").click()
    page.get_by_role("button", name="取消上传").click()
    page.get_by_role("button", name="核对并提交").click()
    page.locator("#done").wait_for()
    expect(page.locator("main")).not_to_contain_text("照片.png")


def test_a_lying_upload_is_refused_in_place(opened: Opener) -> None:
    page = opened(DESK)
    page.locator("[data-upload=photo]").first.set_input_files(
        {"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    page.get_by_text("文件内容是PNG图片，扩展名却是 .jpg").wait_for()


def test_the_whole_form_works_without_javascript(opened: Opener, look: Look) -> None:
    page = opened(DESK, java_script_enabled=False)
    expect(page.locator("[name=father_id]")).to_be_visible()
    page.get_by_role("button", name="再添加一名新生儿").click()
    page.fill("[name='children.1.child_name']", "二宝")
    page.locator("[name=remove][value='children.0']").click()
    expect(page.locator("[name='children.0.child_name']")).to_have_value("二宝")
    page.get_by_role("button", name="核对并提交").click()
    expect(page.locator("#errors")).to_contain_text("请填写手机号码。")
    page.fill("[name=mother_id]", "11010519491231002X")
    page.fill("[name=mother_phone]", "13900000001")
    page.check("[name=married][value=false]")
    page.check("[name='children.0.child_sex'][value='2']")
    page.check("[name=wanted][value=false]")
    page.set_input_files("[type=file][name=photo]", {"name": "a.png", "mimeType": "image/png", "buffer": picture()})
    page.get_by_role("button", name="核对并提交").click()
    expect(page.locator("#done")).to_have_count(1)
    expect(page.locator("main")).to_contain_text("a.png")
