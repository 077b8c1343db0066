"""谁用过我的数据: a sentence per use, one's own only, each with its proof."""

import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from tests.standing import standing
from tests.world import World
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.audit.contracts import DisclosureView
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.ledger import actions as ledger

As = Callable[[str], Client]


@standing
def shown(world: World) -> DisclosureView:
    return disclose(world, "health.clerk")


def disclose(world: World, who: str, case: str = "990102202611230000011") -> DisclosureView:
    return audit.disclose(
        subject_key=world.mother.subject_key,
        elements=["person.name", "person.id-number"],
        purpose="出生医学证明（首次签发）",
        authority="《母婴保健法》第二十三条",
        case_number=case,
        by=SYSTEM if who == "system" else world.actor(who),
        at=timezone.now(),
    )


def test_a_use_reads_as_a_sentence(shown: DisclosureView, client_as: As) -> None:
    page = client_as("mother").get("/my/data-use").content.decode()
    assert "临江区卫生健康局综窗受理员</strong>为“出生医学证明（首次签发）”查看了您的公民身份号码、姓名。" in page
    assert "990102202611230000011" in page


@pytest.mark.parametrize(
    ("who", "said"),
    [("mother", "您本人"), ("system", "系统自动核验"), ("machine", "对接的业务系统"), ("father", "另一位申请人")],
)
def test_who_it_was_is_said_in_words(world: World, client_as: As, who: str, said: str) -> None:
    disclose(world, who)
    assert client_as("mother").get("/api/my/data-use").json()["items"][0]["who"] == said


def test_the_list_is_ones_own(shown: DisclosureView, client_as: As) -> None:
    neighbour = client_as("neighbour")
    assert neighbour.get("/api/my/data-use").json()["items"] == []
    assert neighbour.get(f"/my/data-use/{shown.id}").status_code == 404
    assert neighbour.get(f"/api/my/data-use/{shown.id}").status_code == 404


def test_a_helper_does_not_see_it(world: World, client_as: As, shown: DisclosureView) -> None:
    from yiwang.kernel.base.contracts import Denied
    from yiwang.portal.citizen import _uses

    helper = world.actor("father", world.mandate(world.mother, "father"))
    with pytest.raises(Denied):
        _uses.uses(helper, cursor=None)


def test_the_proof_opens_to_exactly_what_the_page_says(shown: DisclosureView, client_as: As) -> None:
    mother = client_as("mother")
    assert "存证正在编号" in mother.get(f"/my/data-use/{shown.id}").content.decode()
    ledger.sequence(by=SYSTEM, at=timezone.now())
    told = mother.get(f"/api/my/data-use/{shown.id}").json()
    content = json.loads(told["proof"]["opening"]["content"])
    assert {name: content[name] for name in told["expected"]} == told["expected"]
    assert "ledger-proof" in mother.get(f"/my/data-use/{shown.id}").content.decode()


def test_a_page_costs_the_same_for_one_and_twenty(
    world: World, client_as: As, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for number in range(20):
        disclose(world, "health.clerk", case=f"99010220261123{number:07d}")
        disclose(world, "father", case=f"99010220261123{number:07d}")
    mother = client_as("mother")
    mother.get("/my/data-use")
    with django_assert_max_num_queries(8):
        page = mother.get("/my/data-use").content.decode()
    assert "下一页" in page


def test_the_page_is_there_in_english(shown: DisclosureView, client_as: As) -> None:
    mother = client_as("mother")
    mother.cookies["django_language"] = "en"
    page = mother.get("/my/data-use").content.decode()
    assert "Who used my data" in page
    assert "Citizen ID number, Name" in page
