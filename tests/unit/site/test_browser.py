"""The test tools themselves: the served site answers from the worker's own database."""

from playwright.sync_api import Page


def test_served_site_answers_in_a_browser(phone: Page) -> None:
    answer = phone.goto("/healthz")
    assert answer is not None
    assert answer.status == 200
    assert phone.inner_text("body").strip() == "ok"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
