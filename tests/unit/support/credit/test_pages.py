"""Credit over HTTP: the public page, the firm's own, the desk, the report, the JSON of deliveries and checks."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.support.credit.models import CreditRecord
from yiwang.support.seals import actions as sealing
from yiwang.support.seals import queries as seals

ClientAs = Callable[[str], Client]


def today(**more: Any) -> dict[str, Any]:
    """A penalty of today, so that it is public on whatever day the test runs."""
    return {"decided_on": timezone.localdate(), **more}


@pytest.fixture
def firm_client(world: World, agent: Actor, client_as: ClientAs) -> Client:
    client = client_as("mother")
    client.post("/login/acting", {"mandate": agent.mandate_id})
    return client


def test_anybody_looks_a_firm_up(deliver: Any, agent: Actor, world: World) -> None:
    deliver(today(), at=timezone.now())
    page = Client().get(f"/credit?uscc={world.firm.id_number}").content.decode()
    assert "公共场所卫生不合格" in page
    assert "罚款2000元" not in page
    assert "有一条一般失信记录" not in page, "the grade is not public"
    assert Client().get("/credit?uscc=91110000600037341L").status_code == 404
    assert Client().get("/credit").status_code == 200
    told = Client().get(f"/api/credit/subjects/{world.firm.id_number}").json()
    assert [each["standing"] for each in told["records"]] == ["public"]
    assert "grade" not in told


def test_the_firm_sees_its_grade_and_asks(deliver: Any, firm_client: Client, world: World, client_as: ClientAs) -> None:
    deliver(today(), at=timezone.now())
    page = firm_client.get("/my/credit").content.decode()
    assert "有一条一般失信记录" in page
    assert "可以申请修复的日期" in page
    record = CreditRecord.objects.get()
    firm_client.post(f"/my/credit/{record.pk}/repair", {"words": "已缴", "promised": "1"})
    assert CreditRecord.objects.get().case_id is None, "too early"
    answer = firm_client.post(f"/my/credit/{record.pk}/object", {"words": "决定已撤销"})
    assert answer.status_code == 302
    assert CreditRecord.objects.get().case_id is not None
    assert "正在办理" in firm_client.get("/my/credit").content.decode()
    english = firm_client.get("/my/credit", headers={"Accept-Language": "en"}).content.decode()
    assert "Penalty" in english
    assert client_as("father").get("/my/credit").status_code == 403


def test_the_desk_checks_for_a_purpose(deliver: Any, agent: Actor, world: World, client_as: ClientAs) -> None:
    deliver(today(), at=timezone.now())
    desk = client_as("health.reviewer")
    form = {"uscc": world.firm.id_number, "purpose": "办理公共场所卫生许可"}
    assert "有一条一般失信记录" in desk.post("/desk/credit", form).content.decode()
    assert desk.post("/desk/credit", {**form, "purpose": ""}).status_code == 422
    assert client_as("health.clerk").get("/desk/credit").status_code == 403


def test_the_report_is_a_pdf_with_the_keepers_seal(deliver: Any, firm_client: Client, keeper: OrgView) -> None:
    now = timezone.now()
    deliver(today(), at=now)
    sealing.found_authority(by=SYSTEM, at=now)
    sealing.make_seal(org_id=keeper.id, kind="service", name=keeper.name, grounds="启用", by=SYSTEM, at=now)
    answer = firm_client.get("/my/credit/report.pdf")
    assert answer["Content-Type"] == "application/pdf"
    report = seals.verify_pdf(answer.content)
    assert report.is_valid, report.checks


def test_deliveries_and_checks_over_json(agent: Actor, officer: Actor, world: World, client_as: ClientAs) -> None:
    steward = client_as("city.steward")
    record = {
        "number": "1", "kind": "penalty", "uscc": world.firm.id_number, "title": "公共场所卫生不合格", "severity": "general",
        "decided_on": timezone.localdate().isoformat(), "authority": "安澜市市场监管局",
    }  # fmt: skip
    body = {"source": "market.penalties", "records": [record, {**record, "number": "2", "uscc": "1" * 18}]}
    told = steward.post("/api/credit/records", body, content_type="application/json").json()
    assert (told["created"], list(told["problems"])) == (1, ["2"])
    asked = {"purpose": "补贴发放", "subjects": [world.firm.id_number]}
    [found] = steward.post("/api/credit/checks", asked, content_type="application/json").json()
    assert (found["grade"], found["public_records"]) == ("B", 1)
    refused = client_as("health.clerk").post("/api/credit/checks", asked, content_type="application/json")
    assert refused.status_code == 403
    too_many = {**asked, "subjects": [world.firm.id_number] * 1001}
    assert steward.post("/api/credit/checks", too_many, content_type="application/json").status_code == 422


@pytest.mark.slow
def test_a_million_checks_a_day(
    deliver: Any, agent: Actor, officer: Actor, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    import time

    from tests.world import AT
    from yiwang.support.credit import actions

    deliver()
    usccs = [world.firm.id_number, *(f"91990102MA0{number:07d}" for number in range(999))]
    actions.check_many(usccs=usccs, purpose="预热", by=officer, at=AT)
    began = time.process_time()
    for _ in range(10):
        actions.check_many(usccs=usccs, purpose="测", by=officer, at=AT)
    batch = 10_000 / (time.process_time() - began)
    began = time.process_time()
    for _ in range(300):
        actions.check_many(usccs=usccs[:1], purpose="测", by=officer, at=AT)
    single = 300 / (time.process_time() - began)
    with capsys.disabled():
        print(f"\n{batch:.0f} checks a CPU second in batches of 1000, {single:.0f} one by one (site process)")  # noqa: T201
    assert min(batch, single) * 2 * 86_400 > 1_000_000
