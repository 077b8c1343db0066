"""The front page, 长辈版, search, halls, notices."""

import re
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from tests.world import World
from yiwang.kernel.cases.contracts import OrgSummary
from yiwang.kernel.packs.contracts import PackSet
from yiwang.portal.citizen import _home
from yiwang.portal.citizen.kinds import HomePagePack, themes_exist


@pytest.fixture(autouse=True)
def _chinese() -> Iterator[None]:
    cache.clear()
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def visitor(world: World) -> Client:
    return Client(headers={"accept-language": "zh-CN"})


def text(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_front_page_leads_to_what_people_need(visitor: Client) -> None:
    html = text(visitor, "/")
    assert "您要办什么事？" in html
    assert 'href="/matters?for=person&amp;theme=birth"' in html
    assert 'href="tel:12345"' in html
    assert "新生儿出生“一件事”可以手机申报" in html
    assert html.count('role="search"') == 1


def test_a_one_thing_says_what_it_saves(visitor: Client) -> None:
    html = text(visitor, "/")
    assert "新生儿出生一件事" in html
    assert re.search(r"\d+件事 1张表 \d+次跑动 \d+个工作日", html)
    assert "新生儿出生一件事" in text(visitor, "/search?q=出生")


def test_firms_have_a_page_of_their_own(visitor: Client) -> None:
    html = text(visitor, "/?for=firm")
    assert 'href="/matters?for=firm&amp;theme=founding"' in html
    assert "theme=birth" not in html


def test_the_front_page_costs_the_same_however_much_there_is(
    visitor: Client, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    visitor.get("/")
    with django_assert_max_num_queries(6):  # type: ignore[attr-defined]
        visitor.get("/")


def test_nothing_counted_is_not_nought(visitor: Client) -> None:
    assert "暂无" in text(visitor, "/")


def test_figures_are_of_all_units_together(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [OrgSummary(1, 10, 8, 7, 1, 2, 0, 10, 5, 3.0), OrgSummary(2, 5, 2, 2, 0, 3, 1, None, None, None)]
    monkeypatch.setattr("yiwang.kernel.cases.queries.summary_by_org", lambda since, until: rows)
    found = _home.figures(date(2026, 11, 23))
    assert (found.closed, found.on_time_percent, found.days) == (10, 90.0, 3.0)
    assert found.satisfied_percent is None


def test_who_chose_large_print_gets_it_on_the_front_page(visitor: Client) -> None:
    visitor.post("/face", {"face": "elder"})
    html = text(visitor, "/")
    assert 'class="is-citizen is-elder"' in html
    assert html.count('class="yw-big"') == 1
    assert "养老和社保" in html
    visitor.post("/face", {"face": "standard"})
    assert "is-elder" not in text(visitor, "/")


def test_large_print_shows_a_telephone_on_every_page(visitor: Client) -> None:
    visitor.post("/face", {"face": "elder"})
    for url in ("/", "/halls", "/help", "/search", "/ask"):
        assert "yw-elder-call" in text(visitor, url), url


def test_search_tells_what_it_found_and_what_to_do_otherwise(visitor: Client) -> None:
    assert "换一个说法试试" in text(visitor, "/search?q=不存在的事情")
    assert "两个字也可以" in text(visitor, "/search")
    assert "/matters?for=person&amp;theme=social-security" in text(visitor, "/search?q=社保")
    assert "<script>alert" not in text(visitor, "/search?q=<script>alert(1)</script>")


def test_halls_are_found_by_district_and_word(visitor: Client) -> None:
    html = text(visitor, "/halls")
    assert "临江区政务服务中心" in html
    assert "江畔街道便民服务中心" in html
    assert 'href="tel:0990-12345000"' in html
    assert "江畔街道便民服务中心" not in text(visitor, "/halls?q=政务服务")
    assert "没有找到大厅" in text(visitor, "/halls?region=990103000000")
    assert "江畔街道便民服务中心" in text(visitor, "/halls?region=990102000000")
    assert "临江区政务服务中心" in text(visitor, "/halls?region=nonsense")


def test_notices_are_read_and_absent_ones_are_said_so(visitor: Client) -> None:
    assert "自己验证记录没有被改动" in text(visitor, "/notices/anlan.notice.data-use")
    assert visitor.get("/notices/none").status_code == 404


def test_the_pages_speak_english(world: World) -> None:
    html = text(Client(headers={"accept-language": "en"}), "/")
    assert "What do you need to do?" in html
    assert "Having a child" in html


def test_a_tile_to_nowhere_is_told() -> None:
    from tests.world import place_packs
    from yiwang.kernel.packs.contracts import Pack

    shipped = place_packs().all_of("HomePage")[0]
    raw = shipped.as_type(HomePagePack).model_dump() | {"person": [{"theme": "nowhere", "icon": "home"}]}
    body = HomePagePack.model_validate(raw)
    pack = Pack("HomePage", "test", 1, body.title, "h", "anlan", "t.yaml", body, raw)
    [problem] = themes_exist(pack, PackSet([*place_packs(), pack], place="anlan"))
    assert "没有主题“nowhere”。" in problem.what
