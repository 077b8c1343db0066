"""Pages of matters: finding one, its guide in two languages, and the staff page."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import Client

from tests.unit.services.matters.test_lists import CODE, load, matter
from tests.world import AT, World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import PackSet
from yiwang.kernel.people import actions as people
from yiwang.kernel.people.contracts import NewPost, NewStaff
from yiwang.services import matters
from yiwang.services.matters import actions, queries

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
    world.accounts["editor"] = people.create_staff(staff=[editor], by=SYSTEM, at=BEFORE)[0]
    return code


def test_staff_save_a_new_version(listed: str, client_as: Callable[[str], Client]) -> None:
    client = client_as("editor")
    assert "渔船证" in client.get("/desk/matters").content.decode()
    form = {"promised": "2个工作日", "visits": "0", "effective_on": "2099-01-01"}
    assert client.post(f"/desk/matters/{listed}", form).status_code == 302
    item = queries.by_code(listed, on=date(2099, 1, 1))
    assert (str(item.promised), item.visits) == ("2个工作日", 0)


@pytest.mark.parametrize(
    ("name", "value"), [("promised", "很快"), ("visits", "99"), ("visits", "x"), ("effective_on", "明天")]
)
def test_what_is_wrong_is_said_beside_the_field(
    listed: str, client_as: Callable[[str], Client], name: str, value: str
) -> None:
    form = {"promised": "2个工作日", "visits": "0", "effective_on": "2099-01-01"} | {name: value}
    answer = client_as("editor").post(f"/desk/matters/{listed}", form)
    assert answer.status_code == 422
    assert f'href="#f-{name.replace("_", "-")}"' in answer.content.decode()


def test_others_may_not_edit(listed: str, client_as: Callable[[str], Client]) -> None:
    assert client_as("health.clerk").get(f"/desk/matters/{listed}").status_code == 403
    assert "没有维护实施清单的岗位" in client_as("health.clerk").get("/desk/matters").content.decode()
    assert client_as("mother").get("/desk/matters").status_code == 403
