"""Tags, faces and error pages."""

import gzip
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import translation
from django.views.csrf import csrf_failure

from tests.world import place_packs
from yiwang.kernel.base.contracts import Actor, ActorKind, Conflict, Invalid, Place
from yiwang.kernel.base.paging import Page
from yiwang.kernel.design import _present, queries
from yiwang.kernel.design.middleware import ErrorPages
from yiwang.kernel.packs import queries as packs

pytestmark = pytest.mark.django_db

STAFF = Actor(kind=ActorKind.STAFF, name="李四", account_id=1)


@pytest.fixture(autouse=True)
def _chinese() -> Iterator[None]:
    """A request in English leaves its language behind in the thread."""
    with translation.override("zh-hans"):
        yield


def render(text: str, **context: object) -> str:
    return Template("{% load design %}" + text).render(Context(context))


def test_dates_read_as_people_write_them() -> None:
    assert _present.cn_date(date(2026, 11, 3)) == "2026年11月3日"
    assert _present.cn_date(date(2026, 11, 3), "table") == "2026-11-03"
    # 16:30 UTC is already the next legal day.
    assert _present.cn_date(datetime(2026, 11, 3, 16, 30, tzinfo=UTC), "minute") == "2026年11月4日 00:30"
    with translation.override("en"):
        assert _present.cn_date(date(2026, 11, 3)) == "3 Nov 2026"
    assert _present.cn_date(None) == ""


@pytest.mark.parametrize(
    ("colour", "word"),
    [("green", "正常"), ("yellow", "将到期"), ("red", "超期"), ("paused", "暂停计时"), ("mauve", "未计时")],
)
def test_a_lamp_has_a_word_and_a_shape(colour: str, word: str) -> None:
    html = render("{% lamp colour %}", colour=colour)
    assert word in html
    assert "<path" in html or "<circle" in html


def test_errors_lead_to_their_fields() -> None:
    wrong = Invalid("有1处需要修改。", places=[Place("children.0.name", "请填写姓名<b>。")])
    summary = render("{% errors wrong %}", wrong=wrong)
    assert 'href="#f-children-0-name"' in summary
    assert "请填写姓名&lt;b&gt;。" in summary
    field = render('{% field "children.0.name" "姓名" errors=wrong required=True %}', wrong=wrong)
    assert 'id="f-children-0-name"' in field
    assert 'aria-invalid="true"' in field
    assert 'aria-describedby=" f-children-0-name-error"' in field


def test_a_masked_value_is_not_in_the_page() -> None:
    html = render('{% masked value "id" "/reveal" "身份号码" %}', value="11010519491231002X")
    assert "110***********002X" in html
    assert "19491231" not in html
    assert 'method="post" action="/reveal"' in html


def test_pager_keeps_the_other_query_values() -> None:
    request = RequestFactory().get("/list?box=due&cursor=old")
    html = render("{% pager page %}", page=Page([], "n w", None), request=request)
    assert 'href="?box=due&amp;cursor=n+w"' in html
    assert "上一页" not in html


def test_qr_is_a_picture_with_a_name() -> None:
    html = render('{% qr "http://x/v/1" "查<验" %}')
    assert "<svg" in html
    assert "<title>查&lt;验</title>" in html
    assert "style=" not in html


def test_a_wide_face_is_remembered_and_never_leads_elsewhere(db: None, client: Client) -> None:
    answer = client.post("/face", {"face": "elder", "next": "//evil.example/"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/")
    assert not answer["Location"].startswith("//")
    assert 'is-elder"' in client.get("/nowhere").content.decode()
    client.post("/face", {"face": "standard"})
    assert 'is-elder"' not in client.get("/nowhere").content.decode()


def test_a_missing_page_says_what_to_do(db: None, client: Client) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    html = answer.content.decode()
    assert "没有找到这一页" in html
    assert 'href="tel:12345"' in html


def _middleware(request: HttpRequest, error: Exception) -> HttpResponse:
    answer = ErrorPages(lambda _: HttpResponse()).process_exception(request, error)
    assert answer is not None
    return answer


def test_an_error_that_people_can_act_on_becomes_a_page_or_a_problem(rf: RequestFactory) -> None:
    told = Conflict("这一步已经办完。", hint="请刷新后再看。")
    page = _middleware(rf.get("/x", HTTP_ACCEPT="text/html"), told)
    assert page.status_code == 409
    assert "请刷新后再看。" in page.content.decode()
    assert _middleware(rf.get("/x", HTTP_ACCEPT="application/json"), told)["Content-Type"] == "application/problem+json"


def test_an_unexpected_error_shows_a_reference_and_no_detail(rf: RequestFactory) -> None:
    page = _middleware(rf.get("/x", HTTP_ACCEPT="text/html"), ValueError("secret detail"))
    assert page.status_code == 500
    assert "错误编号" in page.content.decode()
    assert "secret detail" not in page.content.decode()


def test_no_template_carries_inline_script_or_style(rf: RequestFactory) -> None:
    from yiwang.kernel.design.pages import style_guide

    request = rf.get("/design")
    request.actor = STAFF
    html = style_guide(request).content.decode()
    assert " style=" not in html
    assert "<style" not in html
    assert html.count("<script") == html.count('<script type="module" src=')


def test_the_portal_of_the_place_stands_on_every_page(client: Client) -> None:
    with packs.using(place_packs()):
        html = client.get("/nowhere", headers={"accept-language": "zh"}).content.decode()
        assert "安澜政务服务网" in html
        assert "演示数据" in html
        english = client.get("/nowhere", headers={"accept-language": "en"}).content.decode()
        assert "Anlan Government Services" in english


def test_the_error_page_needs_no_database(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    def down() -> None:
        raise OperationalError("down")

    monkeypatch.setattr("yiwang.kernel.design.queries.portal", down)
    page = _middleware(rf.get("/x", HTTP_ACCEPT="text/html"), OperationalError("down"))
    assert page.status_code == 503
    assert "暂时办不了" in page.content.decode()
    assert "错误编号" in _middleware(rf.get("/x", HTTP_ACCEPT="text/html"), ValueError("ours")).content.decode()


@pytest.mark.parametrize(
    ("today", "due", "says"),
    [
        (date(2026, 9, 24), date(2026, 10, 9), "还剩5个工作日"),
        (date(2026, 11, 23), date(2026, 11, 23), "今天到期"),
        (date(2026, 11, 25), date(2026, 11, 23), "已超期2个工作日"),
        (date(2026, 11, 28), date(2026, 11, 27), "已超期1天"),
    ],
)
def test_a_due_day_says_how_long_is_left(monkeypatch: pytest.MonkeyPatch, today: date, due: date, says: str) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: today)
    with packs.using(place_packs()), translation.override("zh-hans"):
        assert says in render("{% due day %}", day=due)


def test_the_first_load_is_light(client: Client) -> None:
    """What a citizen's page loads before anything else, packed: 150 KB at most, without charts and maps."""
    html = client.get("/help").content.decode()
    wanted = set(re.findall(r'(?:href|src)="(/static/[^"#]+)"', html))
    wanted |= {f"/static/design/js/{name}.js" for name in ("masked", "once")} | {"/static/design/icons.svg"}
    sizes = {url: len(gzip.compress(_static(url))) for url in wanted}
    assert any("tabler" in url for url in sizes)
    assert sum(sizes.values()) + len(gzip.compress(html.encode())) <= 150 * 1024, sizes


def _static(url: str) -> bytes:
    found = finders.find(url.removeprefix("/static/"))
    assert isinstance(found, str), url
    return Path(found).read_bytes()


def test_a_page_that_was_open_too_long_says_so(rf: RequestFactory) -> None:
    page = csrf_failure(rf.post("/x"))
    assert page.status_code == 403
    assert "这一页放得太久了" in page.content.decode()


def test_the_plain_colours_are_readable() -> None:
    """Every text colour of the tokens on every ground it stands on: 4.5 to 1 at least."""
    css = (Path(queries.__file__).parent / "static/design/tokens.css").read_text()
    colour = dict(re.findall(r"--yw-([a-z-]+): (#[0-9a-f]{3,6});", css))
    grounds = ("paper", "ground", "grey-tint")
    pairs = [(text, ground) for text in ("ink", "ink-soft", "red", "amber", "green", "brand") for ground in grounds]
    pairs += [("red", "red-tint"), ("amber", "amber-tint"), ("green", "green-tint"), ("brand-deep", "brand-tint")]
    poor = {f"{a} on {b}": round(r, 2) for a, b in pairs if (r := _contrast(colour[a], colour[b])) < 4.5}
    assert not poor


def _contrast(one: str, other: str) -> float:
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(sign * 2 for sign in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
