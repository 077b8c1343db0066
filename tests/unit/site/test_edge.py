"""What surrounds every answer: said by Django's own layers and the policy, once, and read again only where a page wants otherwise."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from yiwang.site.edge import Edge, Visit


def _answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def test_a_page_and_a_file_say_what_each_has_to() -> None:
    edge = Edge(_answer)
    for _ in range(2):
        page, file = (edge(RequestFactory().get(path)).headers for path in ("/desk", "/static/site.css"))
        assert page["X-Content-Type-Options"] == file["X-Content-Type-Options"] == "nosniff"
        assert page["X-Frame-Options"] == "DENY"
        assert "default-src 'self'" in page["Content-Security-Policy"]
        assert "Content-Security-Policy" not in file
        assert page["Content-Type"] == "text/html; charset=utf-8"


def test_what_a_page_says_itself_stays() -> None:
    def own(request: HttpRequest) -> HttpResponse:
        answer = HttpResponse(headers={"x-frame-options": "SAMEORIGIN", "referrer-policy": "no-referrer"})
        answer._csp_update = {"form-action": ["https://other.example"]}  # type: ignore[attr-defined]
        return answer

    said = Edge(own)(RequestFactory().get("/")).headers
    assert (said["X-Frame-Options"], said["Referrer-Policy"]) == ("SAMEORIGIN", "no-referrer")
    assert "https://other.example" in said["Content-Security-Policy"]
    assert "https://other.example" not in Edge(_answer)(RequestFactory().get("/")).headers["Content-Security-Policy"]


def test_only_what_came_by_tls_is_told_to_stay_with_it(settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 60, True
    edge = Edge(_answer)
    assert "Strict-Transport-Security" not in edge(RequestFactory().get("/")).headers
    secure = edge(RequestFactory().get("/", secure=True)).headers
    assert secure["Strict-Transport-Security"] == "max-age=60; includeSubDomains"


@pytest.mark.django_db
def test_messages_are_kept_until_somebody_looks() -> None:
    def asked(view: Callable[[HttpRequest], None], cookies: dict[str, str]) -> HttpResponse:
        def answer(request: HttpRequest) -> HttpResponse:
            view(request)
            return HttpResponse()

        request = RequestFactory().get("/")
        request.COOKIES.update(cookies)
        return Visit(answer)(request)

    told: list[str] = []
    kept = asked(lambda request: messages.success(request, "已保存"), {}).cookies["messages"].value
    assert "messages" not in asked(lambda request: None, {"messages": kept}).cookies
    gone = asked(lambda request: told.extend(map(str, messages.get_messages(request))), {"messages": kept})
    assert (told, gone.cookies["messages"].value) == (["已保存"], "")


@pytest.mark.django_db
def test_an_answer_says_on_what_it_depends(client_as: Callable[[str], Client]) -> None:
    said = client_as("mother").get("/api/cases/mine", headers={"Accept-Language": "en"}).headers
    assert (said["Vary"], said["Content-Language"]) == ("Accept-Language, Cookie", "en")
