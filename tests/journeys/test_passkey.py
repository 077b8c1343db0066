"""A passkey in Chromium, by its virtual authenticator: added at the desk's width, signing in on a page that knows nobody."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests import world as w
from tests.world import World


def test_a_passkey_is_added_and_signs_in(
    look: Callable[..., None], live_site: str, world: World, open_page: Callable[..., Page]
) -> None:
    page, site = open_page(), live_site.replace("127.0.0.1", "localhost")
    control = page.context.new_cdp_session(page)
    control.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True}
    checks = {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    control.send("WebAuthn.addVirtualAuthenticator", {"options": device | checks})
    page.goto(f"{site}/login?next=/account/passkeys")
    page.get_by_label("手机号码或身份证号码").fill("13900000001")
    page.get_by_label("密码").fill(w.PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_role("link", name="去确认").click()
    page.get_by_role("button", name="获取验证码").click()
    page.get_by_label("短信验证码").fill(page.locator("#demo-code").inner_text())
    page.get_by_role("button", name="确认", exact=True).click()
    page.get_by_label("给它起个名称").fill("我的电脑")
    page.get_by_role("button", name="在这台设备上添加").click()
    expect(page.get_by_role("cell", name="我的电脑")).to_be_visible()
    look(page, "passkeys")
    page.set_viewport_size({"width": 390, "height": 844})
    look(page, "passkeys")
    page.get_by_role("button", name="退出").click()
    # On the sign-in page the virtual device stands in for a finger on the browser's own list.
    page.wait_for_url(f"{site}/my")
    page.goto(f"{site}/login/confirm?level=3&next=/account/history")
    page.get_by_role("button", name="用通行密钥确认").click()
    expect(page.get_by_role("cell", name="再次确认本人").first).to_be_visible()
