"""While the database is away every address says so, when to come back, and needs nothing of it."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse

from tests.world import AT, World
from yiwang.kernel.base import throttle
from yiwang.kernel.base.http import problem
from yiwang.kernel.design.middleware import ErrorPages
from yiwang.site.api import api

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def away() -> Iterator[Callable[[], None]]:
    """Take the database away, as a killed server does: whoever asks gets no connection."""
    host = connection.settings_dict["HOST"]

    def take() -> None:
        connection.close()
        connection.settings_dict["HOST"] = "/nowhere"

    yield take
    connection.settings_dict["HOST"] = host


@pytest.mark.parametrize(
    ("key", "name"), [("health.clerk", "desk"), ("mother", "space"), ("mother", "inbox"), ("mother", "home")]
)
def test_a_page_says_what_to_do(
    client_as: Callable[[str], Client], away: Callable[[], None], key: str, name: str
) -> None:
    client, path = client_as(key), reverse(name)
    client.raise_request_exception = False
    assert client.get(path, follow=True).status_code == 200
    away()
    answer = client.get(path)
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "10")
    html = answer.content.decode()
    assert "暂时办不了" in html
    assert "您已提交的申请不受影响" in html
    assert "错误编号" not in html


@pytest.mark.parametrize("method", ["get", "post"])
def test_json_says_it_as_a_problem(client: Client, away: Callable[[], None], method: str) -> None:
    client.raise_request_exception = False
    away()
    path = "/api/ledger/checkpoint" if method == "get" else "/api/login/session"
    body = {} if method == "get" else {"identifier": "13900000001", "password": "y"}
    answer = getattr(client, method)(path, body, content_type="application/json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert answer.json()["code"] == "base.database-away"
    assert answer.headers["Retry-After"] == "10"


def _intakes() -> Iterator[str]:
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                is_open = operation.view_func.audience in ("public", "outside")
                if not is_open and {"POST", "PUT", "PATCH"} & set(operation.methods):
                    filled = re.sub(
                        r"{(int:)?[^}]+}", "1", "/".join(filter(None, (prefix.strip("/"), path.strip("/"))))
                    )
                    yield f"{operation.methods[0]} /api/{filled}"


def test_a_stranger_is_turned_away_before_the_body_is_read(client: Client) -> None:
    intakes = list(_intakes())
    assert len(intakes) > 10
    for intake in intakes:
        method, path = intake.split()
        for body in ("{}", "{", "[1]"):
            answer = client.generic(method, path, body, content_type="application/json")
            assert answer.status_code == 401, f"{intake} {body} {answer.status_code}"
            assert answer.json()["code"] == "base.sign-in-needed"


def test_too_often_says_when_it_is_over(world: World) -> None:
    for _ in range(2):
        throttle.count("test", "visitor", at=AT, most=2)
    with pytest.raises(throttle.TooOften) as told:
        throttle.count("test", "visitor", at=AT, most=2)
    answer = problem(told.value)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
    request = RequestFactory().get("/x", headers={"accept": "text/html"})
    page = ErrorPages(lambda _: answer).process_exception(request, told.value)
    assert page is not None
    assert (page.status_code, page.headers["Retry-After"]) == (429, "300")
    assert "请过5分钟再试" in page.content.decode()
