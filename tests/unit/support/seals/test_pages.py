"""The desk's pages of seals: one asks, another confirms, everybody else learns nothing."""

import io
from collections.abc import Callable

import pytest
from django.test import Client
from PIL import Image

from tests.unit.support.seals.conftest import PLACE, Authority
from tests.world import AT, MADE_AT, World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.people import actions as people
from yiwang.kernel.people.contracts import NewPost, NewStaff
from yiwang.support.seals import actions
from yiwang.support.seals.contracts import SealView
from yiwang.support.seals.models import Seal

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]


@pytest.fixture
def keeper(world: World, client_as: As) -> Client:
    post = NewPost(world.org("city").id, "seal-keeper", "印章管理员")
    (account,) = people.create_staff(
        staff=[NewStaff(username="city.keeper", name="管理员", posts=(post,))], by=SYSTEM, at=MADE_AT
    )
    world.accounts["city.keeper"] = account
    return client_as("city.keeper")


def test_one_asks_another_confirms(world: World, authority: Authority, keeper: Client, client_as: As) -> None:
    org = world.org("health")
    asked = {"org": org.id, "kind": "licence", "name": org.name, "grounds": "新设机构"}
    answer = keeper.post("/desk/seals/make", {**asked, "picture": _picture()})
    seal = Seal.objects.get()
    assert answer["Location"] == f"/desk/seals/{seal.pk}"
    assert keeper.get(f"/desk/seals/{seal.pk}/picture.png").content == bytes(seal.picture)
    own, leaders = keeper.get(answer["Location"]).content.decode(), client_as("city.leader")
    assert "等待另一人复核：制作" in own
    assert 'value="confirm"' not in own
    assert 'value="confirm"' in leaders.get(answer["Location"]).content.decode()
    leaders.post(f"/desk/seals/{seal.pk}/act", {"act": "confirm", "grounds": "同意"})
    page = keeper.get(f"/desk/seals/{seal.pk}").content.decode()
    assert all(words in page for words in ("有效", "首席代表、出件员、系统自动", "电子证照", "SM2", "P256"))
    assert org.name in keeper.get("/desk/seals").content.decode()
    assert "根证书" in keeper.get("/desk/certificates").content.decode()


def test_mistakes_are_told_and_change_nothing(world: World, authority: Authority, keeper: Client) -> None:
    org = world.org("health").id
    wrong: list[tuple[str, object, str]] = [
        ("org", "", "请选择用章单位"),
        ("kind", "crown", "请选择印章种类"),
        ("grounds", "", "请写明理由"),
        ("picture", io.BytesIO(b"no picture"), "不是PNG"),
    ]
    for name, value, said in wrong:
        asked = {"org": org, "kind": "licence", "name": "某某局", "grounds": "新设", name: value}
        assert said in keeper.post("/desk/seals/make", asked, follow=True).content.decode()
    assert Seal.objects.count() == 0


def test_stopping_and_destroying_by_page(seal: SealView, keeper: Client, client_as: As, paper: bytes) -> None:
    actions.seal_ofd(
        seal_id=seal.id, data=paper, place=PLACE, thing="licence", subject="licence:5", purpose="签发", by=SYSTEM, at=AT
    )
    address = f"/desk/seals/{seal.id}"
    assert "licence:5" in keeper.get(address).content.decode()
    keeper.post(f"{address}/act", {"act": "stop", "grounds": "疑似泄露"})
    assert Seal.objects.get().status == "stopped"
    keeper.post(f"{address}/act", {"act": "destroy", "grounds": "机构撤并"})
    client_as("city.leader").post(f"{address}/act", {"act": "decline", "grounds": "再议"})
    assert Seal.objects.get().status == "stopped"
    keeper.post(f"{address}/act", {"act": "nonsense", "grounds": "理由"})
    keeper.post(f"{address}/act", {"act": "resume", "grounds": ""})
    assert (Seal.objects.get().status, Seal.objects.get().asked) == ("stopped", "")


def test_strangers_and_other_units_see_nothing(seal: SealView, client_as: As) -> None:
    for address in (f"/desk/seals/{seal.id}", f"/desk/seals/{seal.id}/picture.png"):
        assert client_as("other-health.approver").get(address).status_code == 404
        assert client_as("mother").get(address).status_code == 403
    assert (
        client_as("health.clerk").post(f"/desk/seals/{seal.id}/act", {"act": "stop", "grounds": "x"}).status_code == 403
    )
    assert "还没有印章" in client_as("other-health.approver").get("/desk/seals").content.decode()


def test_the_register_costs_the_same_however_long(
    seal: SealView, world: World, keeper: Client, django_assert_max_num_queries: Callable[[int], Callable[..., object]]
) -> None:
    org = world.org("health")
    for _ in range(3):
        actions.make_seal(org_id=org.id, kind="service", name=org.name, grounds="启用", by=SYSTEM, at=AT)
    with django_assert_max_num_queries(24):  # type: ignore[attr-defined]
        keeper.get("/desk/seals")


def _picture() -> io.BytesIO:
    stream = io.BytesIO()
    Image.new("RGBA", (300, 300), (200, 0, 0, 90)).save(stream, "PNG")
    stream.seek(0)
    stream.name = "seal.png"
    return stream
