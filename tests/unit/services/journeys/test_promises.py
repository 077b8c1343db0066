"""告知承诺 in a one-thing: a family in a collective household promises where it lives; kept, or broken and revoked."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from tests.families import Family
from tests.journeys.outside_world import as_json
from tests.unit.services.journeys.births import CHILD_ID, accepted, certify, filed, member, reported, uploaded
from tests.unit.services.journeys.test_pages import HERE, past, photo, posted
from tests.world import AT
from yiwang.kernel.base.events import Event
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.services.applications import actions as applications
from yiwang.services.applications import queries
from yiwang.services.applications.contracts import CannotPromise, MaterialInput, MaterialView
from yiwang.support.licences import queries as licences
from yiwang.support.notify import listeners
from yiwang.support.notify import queries as messages

KEY = "residence-proof"
COLLECTIVE = {"household_kind": "2", "unit_consents": True}
PROMISED = {KEY: MaterialInput(is_promised=True)}
ClientAs = Callable[[str], Client]


def enrolled(family: Family) -> CaseView:
    """Filed with a promise, and enrolled in the insurance by its system."""
    case = filed(family, materials={**PROMISED, **uploaded(family, "child-photo")}, **COLLECTIVE)
    accepted(family, case)
    certify(family, case)
    reported(case, "registration", "granted", child_id_number=CHILD_ID)
    reported(case, "insurance", "granted", insured_no="YB0000000001", enrolled_on="2026-11-24")
    return case


def material(case: CaseView) -> MaterialView:
    return next(item for item in queries.materials(case) if item.key == KEY)


def check_of(case: CaseView) -> CaseView:
    promise = material(case).promise
    assert promise is not None
    return cases.by_number(promise.check_number)


def say(family: Family, case: CaseView, who: str, *, is_kept: bool, words: str) -> None:
    applications.check_promise(
        case_id=member(case, "insurance").id,
        key=KEY,
        is_kept=is_kept,
        words=words,
        by=family.world.actor(f"medical-insurance.{who}"),
        at=AT,
    )


def found_broken(family: Family, case: CaseView) -> None:
    say(family, case, "reviewer", is_kept=False, words="社区登记的住址不在本区")
    mother = family.world.actor("mother")
    engine.advance(case_id=check_of(case).id, step="heard", choice="explained", grounds="已经搬走", by=mother, at=AT)
    say(family, case, "approver", is_kept=False, words="父母均不在本区居住")


def test_a_promise_is_asked_of_a_collective_household_and_issued_by_who_asks_for_the_proof(family: Family) -> None:
    case = enrolled(family)
    mine = [d for d in queries.documents(case.id) if d.event.startswith("promise")]
    assert [d.document_no for d in mine] == ["临医保告〔2026〕第1号", "临医保诺〔2026〕第1号"]
    assert "新生儿的父亲或者母亲现在本区实际居住，以上情况属实" in "".join(mine[1].paragraphs)
    assert mine[1].signed_by == family.world.mother.name
    reviewer = family.world.actor("medical-insurance.reviewer")
    assert queries.document(mine[0].id, reviewer).id == mine[0].id
    (row,) = cases.work_list(reviewer, kind="promise-check", at=AT).items
    assert row.title == "承诺核查：居民医保参保登记"
    found = queries.promise_of_check(check_of(case))
    assert cases.may_see(cases.by_number(found.case_number).id, reviewer)
    assert str(row.due_at)[:10] == "2026-12-14"


def test_kept_the_certificate_stands(family: Family) -> None:
    case = enrolled(family)
    say(family, case, "reviewer", is_kept=True, words="与社区登记一致")
    (licence,) = licences.of_case(member(case, "insurance").number)
    assert licence.is_valid
    assert material(case).status.value == "verified"
    assert any(
        "承诺属实" in event.sentence + event.grounds or "属实" in event.grounds for event in cases.history(case.id)
    )


def test_broken_the_certificate_is_revoked_and_anyone_can_see_it(family: Family, client: Client) -> None:
    case = enrolled(family)
    (licence,) = licences.of_case(member(case, "insurance").number)
    assert "有效" in client.get(f"/v/{licence.verify_code}").content.decode()
    # A clerk who reads English still writes a decision in Chinese.
    with override("en"):
        found_broken(family, case)
    page = client.get(f"/v/{licence.verify_code}").content.decode()
    assert "撤销这份证照" in page
    assert member(case, "insurance").outcome == "terminated"
    assert member(case, "card").is_open, "what does not rest on the promise goes on"
    decision = queries.documents(case.id)[-1]
    assert f"撤销医疗保险参保凭证（编号{licence.number}），终止办理“居民医保参保登记”" in "".join(decision.paragraphs)
    assert "所依据的承诺经核查不实" in licences.history(licence.id)[0].grounds
    listeners.case_happened(events=[Event("cases.case.closed", {"case_id": check_of(case).id}, AT)])
    told = messages.about(check_of(case).number)
    assert any("不实，并作出处理决定" in message.zh.text for message in told)


def test_a_broken_promise_bars_from_another_but_not_from_the_matter(family: Family, client_as: ClientAs) -> None:
    found_broken(family, enrolled(family))
    with pytest.raises(CannotPromise):
        filed(family, once="k2", materials=PROMISED, **COLLECTIVE)
    again = filed(family, once="k3", materials=uploaded(family, KEY), **COLLECTIVE)
    assert material(again).status.value == "provided"
    mother = client_as("mother")
    mother.post(f"{HERE}/form", posted(family.answers(**past(**COLLECTIVE))))
    page = mother.get(f"{HERE}/materials").content.decode()
    assert "2027年11月23日以前须提供材料" in page
    assert f"promise.{KEY}" not in page
    # A tick that was never offered counts for nothing.
    assert mother.post(f"{HERE}/materials", {f"promise.{KEY}": "1", "next": "1"}).status_code == 422


def test_the_promise_is_read_and_ticked_on_the_page(family: Family, client_as: ClientAs) -> None:
    mother = client_as("mother")
    mother.post(f"{HERE}/form", posted(family.answers(**past(**COLLECTIVE))))
    page = mother.get(f"{HERE}/materials").content.decode()
    for said in (
        "可以承诺代替",
        "设定依据：《安河省城乡居民基本医疗保险参保登记办法（演示）》第九条",
        "15个工作日",
        "以上承诺是我真实意思的表示",
    ):
        assert said in page, said
    assert mother.post(f"{HERE}/materials", {"next": "1"}).status_code == 422
    ticked = mother.post(f"{HERE}/materials", {f"promise.{KEY}": "1", "file.child-photo": photo(), "next": "1"})
    assert ticked.url == f"{HERE}/review"
    assert "以承诺代替" in mother.get(f"{HERE}/review").content.decode()
    assert "您已选择承诺" in mother.get(f"{HERE}/materials").content.decode()
    mother.post(f"{HERE}/materials", {f"drop.{KEY}": "1", "save": "1"})
    assert mother.post(f"{HERE}/materials", {"next": "1"}).status_code == 422


def test_the_same_in_json(family: Family, client_as: ClientAs) -> None:
    mother, base = client_as("mother"), "/api/journeys/anlan.birth.one-thing"
    body: dict[str, Any] = {"region": family.region, "answers": family.answers(**past(**COLLECTIVE))}
    checked = mother.post(f"{base}/check", **as_json(body)).json()
    offered = {item["key"]: item["promise"] for item in checked["materials"]}
    assert offered["child-photo"] is None
    assert offered[KEY]["check_within"] == "15个工作日"
    assert any("设定依据" in paragraph for paragraph in offered[KEY]["notice"])
    filing = {**body, "materials": {KEY: {"is_promised": True}}}
    done = mother.post(f"{base}/filings", headers={"Idempotency-Key": "promise-1"}, **as_json(filing))
    assert done.status_code == 201, done.content.decode()
    number = done.json()["number"]
    shown = {item["key"]: item for item in mother.get(f"/api/applications/{number}/materials").json()}
    assert (shown[KEY]["status"], shown[KEY]["promise"]["found"]) == ("promised", "")
    wrong = {**body, "materials": {"child-photo": {"is_promised": True}}}
    refused = mother.post(f"{base}/filings", headers={"Idempotency-Key": "promise-2"}, **as_json(wrong))
    assert refused.status_code == 422


def test_a_clerk_says_in_json_what_the_check_found(family: Family, client_as: ClientAs) -> None:
    case = enrolled(family)
    address = f"/api/desk/applications/{member(case, 'insurance').number}/materials/{KEY}/promise"
    body = {"is_kept": True, "words": "与社区登记一致"}
    assert client_as("police-household.reviewer").post(address, **as_json(body)).status_code in (403, 404)
    answer = client_as("medical-insurance.reviewer").post(address, **as_json(body))
    assert answer.status_code == 200, answer.content.decode()
    assert (answer.json()["status"], answer.json()["promise"]["found"]) == ("verified", "kept")


def test_both_sides_read_the_check_on_their_pages(family: Family, client_as: ClientAs) -> None:
    case = enrolled(family)
    mine = member(case, "insurance").number
    check = check_of(case).number
    reviewer, mother = client_as("medical-insurance.reviewer"), client_as("mother")
    assert f"/desk/cases/{check}" in reviewer.get(f"/desk/cases/{mine}").content.decode()
    page = reviewer.get(f"/desk/cases/{check}").content.decode()
    for said in (
        "要核查的承诺",
        "新生儿的父亲或者母亲现在本区实际居住",
        f"/desk/cases/{mine}",
        "查出不实，听取申请人说明",
    ):
        assert said in page, said
    own = mother.get(f"/my/cases/{check}").content.decode()
    assert "核查的承诺" in own
    assert "去评价" not in own
    found_broken(family, case)
    decision = queries.documents(case.id)[-1]
    assert f"/documents/{decision.id}" in mother.get(f"/my/cases/{check}").content.decode()
    assert "承诺不实" in mother.get(f"/my/cases/{case.number}").content.decode()
    paper = mother.get(f"/documents/{decision.id}?download")
    assert "attachment" in paper["Content-Disposition"]
    assert "不实承诺处理决定书" in paper.content.decode()
