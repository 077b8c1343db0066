"""Pages of matters: finding one, its guide in two languages, and the staff page."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.unit.services.matters.test_lists import CODE, load, matter
from tests.world import AT, OPENED_ON, OTHER_DISTRICT, World, make_uscc
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.orgs import actions as orgs
from yiwang.kernel.orgs.contracts import NewOrganisation
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import PackSet
from yiwang.kernel.people import actions as people
from yiwang.kernel.people.contracts import NewPost, NewStaff
from yiwang.services import matters
from yiwang.services.matters import actions

TODAY = date(2026, 11, 23)
APP = Path(matters.__file__).parent
BEFORE = AT - timedelta(days=300)  # pages know only today, whatever day a test runs


@pytest.fixture
def published(world: World) -> Iterator[World]:
    shipped = packs.current()
    with packs.using(PackSet([*shipped, matter()], place=shipped.place)):
        actions.publish(by=SYSTEM, at=BEFORE)
        yield world


@pytest.fixture
def listed(world: World, tmp_path: Path) -> str:
    code = CODE.format(uscc=world.org("health").uscc)
    load(tmp_path, f"区卫健局,未分类,渔船证,{code},20,公共服务,990102000000,1", at=BEFORE)
    post = NewPost(world.org("district").id, "list-editor", "事项管理员")
    editor = NewStaff(username="editor", name="事项管理员", posts=(post,), password_hash="!")
    world.accounts["editor"] = people.create_staff(staff=[editor], by=SYSTEM, at=AT)[0]
    return code


def test_the_list_finds_and_narrows(published: World, client: Client) -> None:
    page = client.get("/matters", {"q": "渔船"}).content.decode()
    assert page.count("渔船证") == 2
    assert "承诺5个工作日" in page
    assert "没有找到这样的事项" in client.get("/matters", {"q": "渔船", "theme": "health"}).content.decode()
    assert client.get("/matters", {"type": "77", "org": "x", "cursor": ""}).status_code == 200
    assert client.get("/matters", {"cursor": "?"}).status_code == 422


def test_the_guide_answers_first_and_says_what_is_not_asked(published: World, client: Client) -> None:
    code = f"{published.org('health').uscc}4992023001001"
    page = client.get(f"/matters/{code}").content.decode()
    assert page.index("5个工作日") < page.index("渔船照片")
    assert "请到窗口办理" in page  # no app offers a way in for this one
    assert published.org("health").phone in page
    assert client.get("/matters/nothing").status_code == 404


def test_the_guide_in_english_has_no_chinese_of_ours(published: World, client: Client) -> None:
    code = f"{published.org('health').uscc}4992023001001"
    page = client.get(f"/matters/{code}", headers={"accept-language": "en"}).content.decode()
    assert "Boat licence" in page
    assert "5 work days" in page
    body = re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main")])
    ours = {"办结", "材料</", "立即办理", "咨询电话", "法律依据", "不用您提供"}
    assert not {word for word in ours if word in body}


def test_an_imported_item_says_what_its_list_leaves_open(listed: str, client: Client) -> None:
    page = client.get(f"/matters/{listed}").content.decode()
    assert page.count("清单未载明") == 4
    assert "请到窗口办理" in page


def test_pages_cost_the_same_however_much_there_is(published: World, client: Client) -> None:
    for path, most in (("/matters", 6), (f"/matters/{published.org('health').uscc}4992023001001", 4)):
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        assert len(captured) <= most, path


def test_every_phrase_of_citizens_pages_has_its_english() -> None:
    with (APP / "locale/en/LC_MESSAGES/django.po").open("rb") as stream:
        known = {message.id[0] if isinstance(message.id, tuple) else message.id for message in read_po(stream)}
    text = "".join((APP / f"templates/matters/{name}.html").read_text() for name in ("index", "guide"))
    phrases = re.findall(r"""(?:translate |_\()["']([^"']+)["']""", text)
    assert not {phrase for phrase in phrases if phrase not in known}


def test_the_guide_draws_where_one_can_go_and_lists_the_same(world: World, client: Client) -> None:
    """A second office of the kind, with a known place, in the other district."""
    near = orgs.create_organisation(
        organisation=NewOrganisation(
            uscc=make_uscc("11990103MB", 900),
            name="望湖区公安分局",
            short_name="望湖公安",
            kind="police-household",
            region_code=OTHER_DISTRICT,
            opened_on=OPENED_ON,
            address="望湖路1号",
            lon=0.2,
            lat=0.35,
        ),
        by=SYSTEM,
        at=AT,
    )
    actions.publish(by=SYSTEM, at=BEFORE)
    here = client.get(f"/matters/{world.org('police-household').uscc}4992009001002").content.decode()
    assert f'href="/matters/{near.uscc}4992009001002"' in here
    data = json.loads(here.split('id="sketch-map" type="application/json">')[1].split("</script>")[0])
    assert [(pin["name"], pin["is_here"]) for pin in data["pins"]] == [("望湖公安", False)]
    assert len(data["outlines"]["features"]) == 2
    assert "望湖路1号" in here


def test_without_coordinates_there_is_no_map_and_nothing_of_it_is_fetched(published: World, client: Client) -> None:
    page = client.get(f"/matters/{published.org('health').uscc}4992023001004").content.decode()
    assert "sketch-map" not in page
    assert "maplibre" not in page
    assert published.org("other-health").name in page
