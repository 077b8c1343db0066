"""The desk: lists, one case on one page, actions, and what others must not see."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.template.loader import render_to_string
from django.test import Client

from tests import flows
from tests.standing import standing
from tests.world import World, place_packs
from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView, ClockView, Lamp, PauseView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import PackSet
from yiwang.kernel.people import actions as people
from yiwang.kernel.people.contracts import AccountKind
from yiwang.kernel.workdays.contracts import Limit
from yiwang.portal.staff._clockbar import bar
from yiwang.services.applications import actions as applications
from yiwang.services.applications.contracts import Channel, Wanted

ClientAs = Callable[[str], Client]


@standing
def case(world: World) -> CaseView:
    by = world.actor("mother")
    made = engine.open_case(
        kind="application",
        flow="standard.permit",
        title="公共场所卫生许可",
        org_id=world.org("health").id,
        region_code="990102000000",
        applicant_id=world.mother.id,
        subject="陈晓岚",
        data={"answers": {}},
        limits={"statutory": Limit.parse("20 workdays"), "promised": Limit.parse("5 workdays")},
        by=by,
        at=world.at,
    )
    wanted = [Wanted("plan", "平面图", "main", "applicant")]
    applications.enter(case=made, wanted=wanted, inputs={}, channel=Channel.WEB, by=by, at=world.at)
    return made


@standing
def permit(world: World) -> CaseView:
    return engine.open_case(
        kind="application",
        flow="standard.permit",
        title="公共场所卫生许可",
        org_id=world.org("health").id,
        region_code="990102000000",
        applicant_id=world.mother.id,
        subject="陈晓岚",
        data={"answers": {}},
        limits={},
        by=world.actor("mother"),
        at=world.at,
    )


def test_a_clerk_finds_the_case_in_the_list_masked(case: CaseView, client_as: ClientAs) -> None:
    page = client_as("health.clerk").get("/desk").content.decode()
    assert case.number in page
    assert "陈晓岚" not in page
    assert "陈**" in page or "陈*" in page


def test_opening_shows_all_and_is_told_to_the_applicant_once(world: World, case: CaseView, client_as: ClientAs) -> None:
    client = client_as("health.clerk")
    for _ in range(2):
        page = client.get(f"/desk/cases/{case.number}").content.decode()
    assert "陈晓岚" in page
    assert "flow-picture-horizontal" in page
    assert "flow-picture-vertical" in page
    uses = audit.disclosures_of(world.mother.subject_key).items
    assert len([use for use in uses if use.case_number == case.number]) == 1


@pytest.mark.parametrize("who", ["other-health.clerk", "neighbour"])
def test_nobody_else_opens_it(case: CaseView, client_as: ClientAs, who: str) -> None:
    answer = client_as(who).get(f"/desk/cases/{case.number}")
    assert answer.status_code in {403, 404}
    assert "陈晓岚" not in answer.content.decode()


@pytest.mark.parametrize("words", ["id_number", "phone"])
def test_who_stands_at_the_counter_is_found_by_number_or_phone(
    world: World, case: CaseView, client_as: ClientAs, words: str
) -> None:
    wanted = getattr(world.mother, words)
    page = client_as("health.clerk").post("/desk/search", {"q": wanted})
    assert page.status_code == 200
    said = page.content.decode()
    assert case.number in said
    assert "陈晓岚" not in said
    elsewhere = client_as("other-health.clerk").post("/desk/search", {"q": wanted})
    assert elsewhere.status_code == 404
    assert case.number not in elsewhere.content.decode()


def test_a_missing_material_is_said_on_the_same_page(case: CaseView, client_as: ClientAs) -> None:
    answer = client_as("health.clerk").post(
        f"/desk/cases/{case.number}/steps/intake/accept", {"version": str(case.version)}
    )
    assert answer.status_code == 409
    assert "平面图" in answer.content.decode()
    assert cases.peek(case.id).accepted_at is None


def test_asking_for_correction_needs_a_reason(case: CaseView, client_as: ClientAs) -> None:
    client, address = client_as("health.clerk"), f"/desk/cases/{case.number}/steps/intake/correct"
    assert client.post(address, {"version": str(case.version)}).status_code == 422
    stale = client.post(address, {"version": "99", "grounds": "请补平面图"})
    # Somebody else was faster: what was written stands in its form again, which is the one that is open.
    page = stale.content.decode()
    assert stale.status_code == 409
    assert page.index('name="choice" open>') < page.index(">请补平面图</textarea>") < page.index("不予受理</summary>")
    assert client.post(address, {"grounds": "请补平面图"}).status_code == 302
    assert [task.step for task in cases.peek(case.id).steps_open] == ["correction"]


def test_two_clerks_at_one_step(case: CaseView, client_as: ClientAs) -> None:
    client, address = client_as("health.clerk"), f"/desk/cases/{case.number}/steps/intake/refuse"
    given = {"version": str(case.version), "grounds": "不属于本机关职权范围"}
    assert client.post(address, given).status_code == 302
    assert client.post(address, given).status_code == 409


def at_step(world: World, case: CaseView, *taken: tuple[str, str, str]) -> CaseView:
    for step, choice, who in taken:
        case = engine.advance(case_id=case.id, step=step, choice=choice, by=world.actor(who), at=world.at)
    return case


REVIEWED = (("intake", "accept", "health.clerk"), ("review", "pass", "health.reviewer"))
GRANTED = (*REVIEWED, ("decide", "grant", "health.approver"))


def test_who_took_a_step_takes_it_back_on_the_page(world: World, permit: CaseView, client_as: ClientAs) -> None:
    at_step(world, permit, *REVIEWED)
    client, address = client_as("health.reviewer"), f"/desk/cases/{permit.number}"
    assert "撤回这一步" in client.get(address).content.decode()
    assert client.post(f"{address}/recall", {"step": "review"}).status_code == 302
    assert [task.step for task in cases.peek(permit.id).steps_open] == ["review"]
    assert "撤回这一步" not in client.get(address).content.decode()
    assert client.post(f"{address}/recall", {"step": "review"}).status_code == 409


def test_a_step_is_returned_on_the_page(world: World, permit: CaseView, client_as: ClientAs) -> None:
    at_step(world, permit, *REVIEWED)
    client, address = client_as("health.approver"), f"/desk/cases/{permit.number}"
    page = client.get(address).content.decode()
    assert "退回前面的环节" in page
    given = {"step": "decide", "to": "intake", "version": str(cases.peek(permit.id).version)}
    assert client.post(f"{address}/return", given).status_code == 422
    assert client.post(f"{address}/return", {**given, "grounds": "材料不符"}).status_code == 302
    opened = cases.peek(permit.id).steps_open
    assert [(task.step, task.assignee_id) for task in opened] == [("intake", world.account("health.clerk").id)]


def test_a_supervisor_corrects_and_reopens_on_the_page(world: World, permit: CaseView, client_as: ClientAs) -> None:
    at_step(world, permit, *GRANTED)
    address = f"/desk/cases/{permit.number}"
    assert "更正或撤销决定" not in client_as("health.clerk").get(address).content.decode()
    assert (
        client_as("health.clerk").post(f"{address}/correct", {"correction": "revoke", "reason": "错"}).status_code
        == 403
    )
    supervisor = client_as("city.supervisor")
    assert "更正或撤销决定" in supervisor.get(address).content.decode()
    assert (
        supervisor.post(f"{address}/correct", {"correction": "revoke", "reason": "以欺骗手段取得"}).status_code == 302
    )
    page = supervisor.get(address).content.decode()
    assert "更正记录" in page
    assert "以欺骗手段取得" in page


def test_a_supervisor_reopens_what_was_not_accepted(world: World, permit: CaseView, client_as: ClientAs) -> None:
    by = world.actor("health.clerk")
    engine.advance(case_id=permit.id, step="intake", choice="refuse", grounds="不属于本机关", by=by, at=world.at)
    address, supervisor = f"/desk/cases/{permit.number}", client_as("city.supervisor")
    assert "重新办理" in supervisor.get(address).content.decode()
    assert supervisor.post(f"{address}/reopen", {"step": "intake", "reason": "误判"}).status_code == 302
    assert [task.step for task in cases.peek(permit.id).steps_open] == ["intake"]


def test_a_step_is_handed_to_a_colleague_on_the_page(world: World, permit: CaseView, client_as: ClientAs) -> None:
    task, address = permit.steps_open[0].id, f"/desk/cases/{permit.number}"
    colleague = people.create_account(
        kind=AccountKind.STAFF, username="health.second", name="田小满", by=SYSTEM, at=world.at
    )
    clerk, supervisor = client_as("health.clerk"), client_as("city.supervisor")
    assert clerk.post(f"{address}/hand-over", {"task": task, "reason": "出差"}).status_code == 422
    people.appoint(
        account_id=colleague.id,
        org_id=permit.org_id,
        post_type="window-clerk",
        title="综窗受理员",
        since=world.at.date(),
        by=SYSTEM,
        at=world.at,
    )
    assert "田小满" in clerk.get(address).content.decode()
    assert clerk.post(f"{address}/hand-over", {"task": task, "to": colleague.id, "reason": "出差"}).status_code == 302
    page = clerk.get(address).content.decode()
    assert "区卫健局综窗受理员办理，由田小满签收或接办" in page
    assert "<summary>转办" not in page
    # The one who holds it is away: the supervisor gives it back.
    assert "<summary>转办" in supervisor.get(address).content.decode()
    given = {"task": task, "to": world.account("health.clerk").id, "reason": "请假"}
    assert supervisor.post(f"{address}/hand-over", given).status_code == 302
    assert cases.peek(permit.id).steps_open[0].assignee_id == world.account("health.clerk").id


def test_a_supervisor_ends_a_case_on_the_page(permit: CaseView, client_as: ClientAs) -> None:
    clerk, supervisor, address = client_as("health.clerk"), client_as("city.supervisor"), f"/desk/cases/{permit.number}"
    assert "终止办理" not in clerk.get(address).content.decode()
    assert clerk.post(f"{address}/end", {"reason": "错"}).status_code == 403
    assert "终止办理" in supervisor.get(address).content.decode()
    assert supervisor.post(f"{address}/end", {"reason": " "}).status_code == 422
    assert supervisor.post(f"{address}/end", {"reason": "重复申请"}).status_code == 302
    page = supervisor.get(address).content.decode()
    assert "重复申请" in page
    assert "办理</h2>" in page
    assert not cases.peek(permit.id).is_open
    assert supervisor.post(f"{address}/end", {"reason": "重复申请"}).status_code == 409


def test_a_clerk_answers_for_the_unit_and_the_lead_sees_who_has(world: World, client_as: ClientAs) -> None:
    poll = flows.body(flows.POLL.replace("post: umpire", "post: window-clerk").replace("post: chair", "post: approver"))
    whole = PackSet([*place_packs(), *flows.packs_of(poll).all_of("Flow")])
    with packs.using(whole):
        case = engine.open_case(
            kind="application",
            flow="test.poll",
            title="章程",
            org_id=world.org("health").id,
            region_code="990102000000",
            applicant_id=world.mother.id,
            subject="陈晓岚",
            data={"answers": {}, "clubs": [world.org("health").id, world.org("hospital").id, world.org("clinic").id]},
            limits={},
            by=world.actor("mother"),
            at=world.at,
        )
        engine.advance(case_id=case.id, step="draft", choice="ask", by=world.actor("health.approver"), at=world.at)
        client, address = client_as("hospital.clerk"), f"/desk/cases/{case.number}"
        page = client.get(address).content.decode()
        assert "0 / 3 家已回复" in page
        assert "同意" in page
        instance = str(world.org("hospital").id)
        answered = client.post(f"{address}/steps/poll/object", {"instance": instance, "grounds": "床位不够"})
        assert answered.status_code == 302
        page = client_as("health.approver").get(address).content.decode()
        assert "1 / 3 家已回复" in page
        assert "床位不够" in page


def test_the_list_costs_the_same_however_long(
    world: World, case: CaseView, client_as: ClientAs, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    client = client_as("health.clerk")
    client.get("/desk")
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        client.get("/desk")


AT = datetime.fromisoformat("2026-11-23T09:00:00+08:00")


def clock(**more: object) -> ClockView:
    given: dict[str, object] = {
        "id": 1,
        "name": "promised",
        "title": "承诺时限",
        "task_id": None,
        "limit": Limit.parse("5 workdays"),
        "started_at": AT,
        "due_at": AT + timedelta(days=10),
        "yellow_at": None,
        "stopped_at": None,
        "is_paused": False,
        "is_provisional": False,
        "pauses": (),
        "extensions": (),
        "used_days": 0,
        "uncounted_days": 0,
        "lamp": Lamp.GREEN,
        **more,
    }
    return ClockView(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("limit", "said"), [("5 workdays", "已用3个工作日"), ("2 hours", "已用3小时"), ("4 workhours", "已用3个工作时")]
)
def test_what_is_used_up_is_said_in_the_unit_of_the_limit(limit: str, said: str) -> None:
    shown = bar(clock(limit=Limit.parse(limit), used_days=3), at=AT)
    page = render_to_string("staff/_clock.html", {"found": {"bars": [shown]}})
    assert page.count(said) == 2


def test_a_limit_that_was_kept_does_not_run_out_any_more() -> None:
    page = render_to_string("staff/_clock.html", {"found": {"bars": [bar(clock(stopped_at=AT), at=AT)]}})
    assert '，应于<time datetime="2026-12-03">' in page
    assert "还剩" not in page


def test_the_clock_bar_hatches_what_was_not_counted() -> None:
    pause = PauseView("hearing", "听证", "", AT + timedelta(days=2), AT + timedelta(days=4))
    drawn = bar(clock(pauses=(pause,)), at=AT + timedelta(days=5))
    assert [(s.kind, s.start, s.width) for s in drawn.segments] == [
        ("counted", 0, 200),
        ("paused", 200, 200),
        ("counted", 400, 100),
    ]
    assert drawn.due_mark == 1000


def test_the_clock_bar_reddens_past_the_due_day() -> None:
    drawn = bar(clock(), at=AT + timedelta(days=20))
    assert drawn.segments[-1].kind == "over"
    assert drawn.due_mark == 500


def test_a_clerk_sees_the_document_before_issuing_it(case: CaseView, client_as: ClientAs) -> None:
    client, step = client_as("health.clerk"), f"/desk/cases/{case.number}/steps/intake"
    opened = client.get(f"/desk/cases/{case.number}").content.decode()
    assert f'data-preview="{step}/refuse/preview"' in opened
    given = {"ground": "不属于本机关职权范围", "grounds": "请到城管部门办理", "version": str(case.version)}
    page = client.post(f"{step}/refuse/preview", given).content.decode()
    for said in (
        "不予受理",
        "第 —— 号",
        "不属于本机关职权范围；请到城管部门办理",
        'name="grounds" value="请到城管部门办理"',
    ):
        assert said in page, said
    part = client.post(f"{step}/accept/preview", {"fragment": "1"}).content.decode()
    assert "平面图" in part
    assert "<html" not in part
    assert cases.peek(case.id).version == case.version
    assert client_as("other-health.clerk").post(f"{step}/refuse/preview", given).status_code in {403, 404}


def test_checks_of_promises_have_a_list_of_their_own(case: CaseView, client_as: ClientAs) -> None:
    page = client_as("health.clerk").get("/desk?box=todo&kind=promise-check").content.decode()
    assert "<h1>承诺核查</h1>" in page
    assert case.number not in page
    assert case.number in client_as("health.clerk").get("/desk?box=todo&kind=application").content.decode()


def test_what_one_did_says_when_and_is_not_counted_on(world: World, permit: CaseView, client_as: ClientAs) -> None:
    at_step(world, permit, *REVIEWED[:1])
    page = client_as("health.clerk").get("/desk?box=done").content.decode()
    assert permit.number in page
    assert "办理日期" in page
    # What is done waits for nobody's signature, and its limit runs no more.
    assert "yw-due" not in page.partition("<tbody")[2]
    assert ">待签收</span>" not in page.partition("<tbody")[2]
