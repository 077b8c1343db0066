"""Changes, claims, demands and a census as cases, from the unit that asks to what the catalogue then says."""

from dataclasses import replace

import pytest
from django.test import Client

from tests.departments import CODE, FIRMS, Departments, departments, enter
from tests.standing import standing
from tests.world import AT, World
from yiwang.data.catalogue import actions, queries
from yiwang.data.catalogue.contracts import (
    AlreadyAsked,
    BadAnswer,
    BadRequest,
    BadResource,
    Cycle,
    Filter,
    ItemView,
    NewData,
    Origin,
    RequestKind,
    RequestOutcome,
    Sharing,
    State,
    TaskState,
)
from yiwang.data.standards import queries as standards
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import NotYourStep


@standing
def place(world: World) -> Departments:
    return departments(world)


def act(place: Departments, who: str, number: str, step: str, choice: str, grounds: str = "") -> None:
    case = cases.by_number(number, at=AT)
    engine.advance(case_id=case.id, step=step, choice=choice, grounds=grounds, by=place.actor(who), at=AT)


def ask_change(place: Departments, **changed: object):
    content = replace(FIRMS, **changed)  # type: ignore[arg-type]
    return actions.propose(
        code=CODE,
        org_id=place.org("market").id,
        content=content,
        reason="系统升级",
        by=place.actor("market.clerk"),
        at=AT,
    )


def test_a_change_holds_once_the_officer_signed_and_the_authority_passed_it(place: Departments) -> None:
    enter(place)
    asked = ask_change(place, update_cycle=Cycle.REALTIME)
    assert asked.words == ("更新周期由“每日”改为“实时”。",)
    with pytest.raises(AlreadyAsked):
        ask_change(place, update_cycle=Cycle.WEEKLY)
    with pytest.raises(NotYourStep):
        act(place, "market.clerk", asked.case_number, "sign", "sign")
    act(place, "market.officer", asked.case_number, "sign", "sign")
    assert queries.resource(CODE).update_cycle is Cycle.DAILY
    act(place, "data-bureau.keeper", asked.case_number, "review", "pass")
    assert queries.resource(CODE).update_cycle is Cycle.REALTIME
    newest = queries.history(CODE)[0]
    assert (newest.words, newest.case_number) == (asked.words, asked.case_number)
    [closed] = queries.requests(RequestKind.CHANGE, is_open=False).items
    assert closed.outcome is RequestOutcome.TAKEN


def test_what_the_authority_refuses_changes_nothing_and_can_be_asked_again(place: Departments) -> None:
    enter(place)
    asked = ask_change(place, title="企业信息")
    act(place, "market.officer", asked.case_number, "sign", "sign")
    act(place, "data-bureau.keeper", asked.case_number, "review", "refuse", "名称太笼统")
    assert queries.resource(CODE).title == FIRMS.title
    assert ask_change(place, title="企业登记信息").outcome is RequestOutcome.OPEN


def test_a_new_entry_and_a_retirement_go_the_same_way(place: Departments) -> None:
    made = ask_change(place)
    act(place, "market.officer", made.case_number, "sign", "sign")
    act(place, "data-bureau.keeper", made.case_number, "review", "pass")
    assert queries.resource(CODE).state is State.IN_FORCE
    gone = actions.propose(
        code=CODE,
        org_id=place.org("market").id,
        content=None,
        reason="并入省平台",
        by=place.actor("market.clerk"),
        at=AT,
    )
    act(place, "market.officer", gone.case_number, "sign", "sign")
    act(place, "data-bureau.keeper", gone.case_number, "review", "pass")
    assert (queries.resource(CODE).state, queries.resource(CODE).retired_because) == (State.RETIRED, "并入省平台")


def test_what_cannot_be_asked_is_refused_before_a_case_is_opened(place: Departments) -> None:
    enter(place)
    with pytest.raises(BadRequest):
        ask_change(place)
    with pytest.raises(BadResource):
        ask_change(place, sharing=Sharing.REFUSED)
    with pytest.raises(NotPermitted):
        actions.propose(
            code=CODE,
            org_id=place.org("market").id,
            content=FIRMS,
            reason="别人",
            by=place.actor("civil.clerk"),
            at=AT,
        )
    assert queries.requests(RequestKind.CHANGE).items == []


def claim(place: Departments, unit: str, code: str) -> str:
    return actions.claim(
        element_id="firm.name", resource_code=code, reason="三定方案", by=place.actor(f"{unit}.officer"), at=AT
    ).case_number


def test_an_element_has_one_source_and_who_is_it_answers_a_claim_first(place: Departments) -> None:
    enter(place)
    other = "anlan.civil.organisations"
    enter(place, other, replace(FIRMS, title="社会组织登记信息", lake_table=""), "civil")
    act(place, "data-bureau.keeper", claim(place, "market", CODE), "decide", "award")
    source = queries.source_of("firm.name")
    assert source is not None
    assert source.resource_code == CODE
    with pytest.raises(BadRequest):
        claim(place, "market", CODE)

    number = claim(place, "civil", other)
    act(place, "market.officer", number, "answer", "object", "登记在本局")
    act(place, "data-bureau.keeper", number, "decide", "keep", "以登记机关为准")
    kept = queries.source_of("firm.name")
    assert kept == source

    number = claim(place, "civil", other)
    act(place, "market.officer", number, "answer", "agree")
    act(place, "data-bureau.keeper", number, "decide", "award")
    moved = queries.source_of("firm.name")
    assert moved is not None
    assert moved.resource_code == other
    answer = standards.answer("firm.name")
    assert answer is not None
    assert answer.unit == "市民政局"
    assert {usage.id for usage in standards.used_by("firm.name") if usage.kind == "数据目录"} == {CODE, other}


def test_a_demand_is_refused_only_with_its_law_and_after_mediation(place: Departments) -> None:
    enter(place)
    asked = actions.demand(
        org_id=place.org("civil").id,
        provider_id=place.org("market").id,
        title="企业股东信息",
        reason="核对救助家庭财产",
        resource_code=CODE,
        by=place.actor("civil.clerk"),
        at=AT,
    )
    act(place, "market.officer", asked.case_number, "answer", "refuse", "某条例第八条")
    act(place, "data-bureau.keeper", asked.case_number, "mediate", "order", "条例没有这样规定")
    act(place, "market.officer", asked.case_number, "answer", "provide", "每月推送")
    [listed] = queries.requests(RequestKind.DEMAND).items
    assert (listed.outcome, listed.resource_code) == (RequestOutcome.TAKEN, CODE)


def test_a_census_asks_each_unit_and_brings_its_answers_into_the_catalogue(place: Departments) -> None:
    enter(place)
    keeper = place.actor("data-bureau.keeper")
    units = [place.org("market").id, place.org("civil").id]
    with pytest.raises(NotPermitted):
        actions.open_census(
            title="某",
            words="",
            org_ids=units,
            org_id=place.org("data-bureau").id,
            by=place.actor("market.clerk"),
            at=AT,
        )
    opened = actions.open_census(
        title="2026年普查", words="逐项核对", org_ids=units, org_id=place.org("data-bureau").id, by=keeper, at=AT
    )
    assert (opened.asked, opened.filled) == (2, 0)
    assert queries.count_owed(place.actor("market.clerk")) == 1
    task = next(each for each in queries.census_tasks(opened.id) if each.org_id == units[0])
    clerk = place.actor("market.clerk")
    with pytest.raises(BadAnswer):
        actions.answer(task_id=task.id, gone=[], added=[NewData("只有名称", "")], by=clerk, at=AT)
    with pytest.raises(NotPermitted):
        actions.answer(task_id=task.id, gone=[], added=[], by=place.actor("civil.clerk"), at=AT)

    new = NewData("广告监测记录", "每月抽查的广告和结论。", Cycle.MONTHLY)
    actions.answer(task_id=task.id, gone=[], added=[new], by=clerk, at=AT)
    act(place, "data-bureau.keeper", task.case_number, "check", "back", "请再核对一项")
    assert queries.census_task(task.id).state is TaskState.WAITING
    actions.answer(task_id=task.id, gone=[CODE, "别人的"], added=[new], by=clerk, at=AT)
    act(place, "data-bureau.keeper", task.case_number, "check", "pass")
    assert queries.resource(CODE).state is State.RETIRED
    [draft] = queries.listed(clerk, Filter(state=State.DRAFT)).items
    found = queries.resource(draft.code)
    assert (found.title, found.origin, found.update_cycle) == ("广告监测记录", Origin.CENSUS, Cycle.MONTHLY)
    progress = queries.census(opened.id)
    assert (progress.asked, progress.filled, progress.taken) == (2, 1, 1)

    items = (ItemView("checked_on", "抽查日期", type="date"),)
    done = actions.propose(
        code=draft.code,
        org_id=units[0],
        content=replace(FIRMS, title="广告监测记录", items=items, lake_table=""),
        reason="补全",
        by=clerk,
        at=AT,
    )
    act(place, "market.officer", done.case_number, "sign", "sign")
    act(place, "data-bureau.keeper", done.case_number, "review", "pass")
    assert queries.resource(draft.code).state is State.IN_FORCE


def test_the_ledger_counts_what_is_there_and_what_is_missing(place: Departments, django_assert_max_num_queries) -> None:
    enter(place)
    refused = replace(
        FIRMS,
        title="秘密",
        sharing=Sharing.REFUSED,
        refusal_basis="某法",
        ways=(),
        lake_table="",
        contact="科",
        phone="1",
    )
    enter(place, "anlan.market.secret", refused)
    enter(place, "anlan.civil.a", replace(FIRMS, lake_table=""), "civil")
    keeper = place.actor("data-bureau.keeper")
    with django_assert_max_num_queries(5):
        rows = queries.ledger(keeper)
    assert [(row.org_name, row.total, row.unconditional, row.refused, row.no_contact) for row in rows] == [
        ("市市场监管局", 2, 1, 1, 1),
        ("市民政局", 1, 1, 0, 1),
    ]
    assert [row.total for row in queries.ledger(place.actor("civil.clerk"))] == [1, 1]
    assert {code: n for code, _, n in queries.split(keeper)["sharing"]} == {
        "unconditional": 2,
        "conditional": 0,
        "refused": 1,
    }
    assert [row.code for row, _ in queries.negative(keeper).items] == ["anlan.market.secret"]


def signed_in(place: Departments, who: str, client_as) -> Client:
    place.world.accounts[who] = type("Known", (), {"id": place.accounts[who]})()  # type: ignore[assignment]
    return client_as(who)


def test_a_clerk_finds_proposes_and_fills_in_on_pages(place: Departments, client_as) -> None:
    enter(place)
    clerk = signed_in(place, "market.clerk", client_as)
    for page in ("", "?q=企业&sharing=unconditional", "/mine", "/ledger", "/census", "/new", f"/resources/{CODE}"):
        assert clerk.get(f"/desk/catalogue{page}").status_code == 200, page
    for which in ("demand", "responsibility", "negative"):
        assert clerk.get(f"/desk/catalogue/lists/{which}").status_code == 200
    form = {
        "title": FIRMS.title,
        "summary": "改过的摘要。",
        "sharing": "unconditional",
        "ways": ["service"],
        "update_cycle": "daily",
        "item-0-name": "uscc",
        "item-0-title": "代码",
        "item-0-element": "firm.uscc",
        "item-0-key": "1",
    }
    for page in ("/desk/catalogue", f"/desk/catalogue/resources/{CODE}/edit"):
        assert 'value="unconditional"' in clerk.get(page).content.decode()
    refused = clerk.post(f"/desk/catalogue/resources/{CODE}/edit", form)
    assert refused.status_code == 422
    assert "改过的摘要" in refused.content.decode(), "what was typed is kept"
    sent = clerk.post(f"/desk/catalogue/resources/{CODE}/edit", form | {"reason": "订正"})
    assert sent.status_code == 302
    [asked] = queries.requests(RequestKind.CHANGE).items
    assert "摘要由“企业的名称、代码和状态。”改为“改过的摘要。”。" in asked.words
    assert asked.case_number in clerk.get("/desk/catalogue/mine").content.decode()

    keeper = signed_in(place, "data-bureau.keeper", client_as)
    opened = keeper.post("/desk/catalogue/census", {"title": "普查", "unit": [str(place.org("market").id)]})
    assert opened.status_code == 302
    [task] = queries.census_tasks(queries.censuses()[0].id)
    page = f"/desk/catalogue/census/tasks/{task.id}"
    assert "哪些不再有了" in clerk.get(page).content.decode()
    assert clerk.post(page, {"title-1": "只写了名称"}).status_code == 422
    assert clerk.post(page, {"title-1": "新数据", "summary-1": "里面是什么"}).status_code == 302
    assert queries.census_task(task.id).state is TaskState.FILLED
    assert signed_in(place, "civil.clerk", client_as).get(page).status_code == 404
    assert client_as("health.clerk").get("/desk/catalogue").status_code == 403
