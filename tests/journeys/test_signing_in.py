"""People sign in: on a phone, at a window, with a second factor; looked at by axe-core."""

import re
from collections.abc import Callable

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests import world as w
from tests.world import World

Look = Callable[..., None]

PHONE_NUMBER = "13811112222"


@pytest.fixture
def here(live_site: str, world: World) -> World:
    """The small world, committed, in the served site's database."""
    return world


def test_a_resident_registers_signs_out_and_in_again_on_a_phone(look: Look, here: World, phone: Page) -> None:
    phone.goto("/login")
    look(phone, "login-phone")
    phone.get_by_role("link", name="注册账号").click()
    phone.get_by_label("手机号码").fill(PHONE_NUMBER)
    phone.get_by_role("button", name="获取验证码").click()
    code = phone.locator("#demo-code").inner_text()
    look(phone, "register-phone")
    phone.get_by_label("短信验证码").fill(code)
    phone.get_by_label("姓名").fill("王小云")
    phone.get_by_label("身份证号码").fill("990102199501012341")
    phone.get_by_label("设置密码").fill("plum-tree-88")
    phone.get_by_role("button", name="注册并登录").click()
    expect(phone.locator("[data-errors]")).to_contain_text("请核对18位号码")
    look(phone, "register-wrong-phone")
    phone.get_by_label("身份证号码").fill(w.make_id_number("990102199501012", 34))
    phone.get_by_label("设置密码").fill("plum-tree-88")
    phone.get_by_role("button", name="注册并登录").click()
    expect(phone.get_by_role("button", name="退出")).to_be_visible()
    phone.get_by_role("button", name="退出").click()
    phone.get_by_label("手机号码或身份证号码").fill(PHONE_NUMBER)
    phone.get_by_label("密码").fill("plum-tree-88")
    phone.get_by_role("button", name="登录", exact=True).click()
    expect(phone.get_by_role("button", name="退出")).to_be_visible()


def test_a_resident_signs_in_and_looks_at_the_account(look: Look, here: World, phone: Page) -> None:
    phone.goto("/account")
    phone.wait_for_url("**/login?next=/account")
    phone.get_by_label("手机号码或身份证号码").fill("13900000001")
    phone.get_by_label("密码").fill("wrong")
    phone.get_by_role("button", name="登录", exact=True).click()
    expect(phone.locator("[data-errors]")).to_be_focused()
    look(phone, "login-wrong-phone")
    phone.get_by_label("密码").fill(w.PASSWORD)
    phone.get_by_role("button", name="登录", exact=True).click()
    expect(phone.get_by_role("heading", name="我的账号")).to_be_visible()
    look(phone, "account-phone")


def test_a_steward_sets_up_a_second_factor_at_the_desk(look: Look, here: World, desk: Page) -> None:
    desk.goto("/login?as=staff")
    look(desk, "login-desk")
    desk.get_by_label("工号").fill("city.steward")
    desk.get_by_label("密码").fill(w.PASSWORD)
    desk.get_by_role("button", name="登录", exact=True).click()
    expect(desk.get_by_role("button", name="启用动态口令")).to_be_visible()
    look(desk, "enrol-desk")
    secret = desk.locator("main code").inner_text()
    desk.get_by_label("手机验证器上的6位数字").fill(pyotp.TOTP(secret).now())
    desk.get_by_role("button", name="启用动态口令").click()
    expect(desk.locator("main li code")).to_have_count(8)
    look(desk, "recovery-desk")


def test_a_clerk_hands_over_and_records_an_authority(look: Look, here: World, desk: Page) -> None:
    desk.goto("/login?as=staff&next=/desk/handover")
    desk.get_by_label("工号").fill("service-centre.clerk")
    desk.get_by_label("密码").fill(w.PASSWORD)
    desk.get_by_role("button", name="登录", exact=True).click()
    expect(desk.get_by_role("heading", name="AB岗", exact=True)).to_be_visible()
    look(desk, "handover-desk")
    desk.goto("/desk/mandate")
    look(desk, "mandate-desk")


def test_an_agent_chooses_for_whom(look: Look, here: World, open_page: Callable[..., Page], phone: Page) -> None:
    here.mandate(here.mother, "neighbour")
    here.mandate(here.firm, "neighbour")
    phone.goto("/login")
    phone.get_by_label("手机号码或身份证号码").fill("13900000003")
    phone.get_by_label("密码").fill(w.PASSWORD)
    phone.get_by_role("button", name="登录", exact=True).click()
    expect(phone.get_by_role("button", name=re.compile("青禾面馆"))).to_be_visible()
    look(phone, "acting-phone")
    phone.get_by_role("button", name=re.compile("青禾面馆")).click()
    expect(phone.locator(".yw-acting")).to_be_visible()
